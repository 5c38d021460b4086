"""`landzicht world` counts what it made, in the language of whoever asks."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from landzicht.cli import world

SMALL = ("--size", "128", "--dates", "1", "--workers", "1")


def make(folder: Path, *options: str):
    return CliRunner().invoke(world.command, [str(folder), *SMALL, *options])


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("nl_NL.UTF-8", ("GESIMULEERD", "3 beelden", "Om ernaar te kijken: landzicht ingest")),
        ("en_GB.UTF-8", ("SIMULATED", "3 images", "To look at it: landzicht ingest")),
    ],
)
def test_it_counts_images_and_not_dates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locale: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    told = make(tmp_path / "w", "--sensors", "s2,s1", "--zones", "2")
    assert told.exit_code == 0, told.output
    for word in words:
        assert word in told.stdout
    assert len(list((tmp_path / "w" / "images").glob("*/*.json"))) == 3


@pytest.mark.parametrize(("locale", "word"), [("nl_NL.UTF-8", "1 beeld "), ("C", "1 image ")])
def test_one_image_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locale: str, word: str
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    assert word in make(tmp_path / "w").stdout


def test_the_bar_is_one_piece_of_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar whose name changes begins anew, and could never tell how long it still takes."""
    steps: list[tuple[str, int, int]] = []

    @contextmanager
    def bar(*, quiet: bool = False):
        assert not quiet
        yield lambda *step: steps.append(step)

    monkeypatch.setattr(world, "progress_bar", bar)
    assert make(tmp_path / "w", "--years", "2").exit_code == 0
    assert steps == [("Zonderland", 1, 2), ("Zonderland", 2, 2)]


def test_another_land_has_collections_of_its_own(tmp_path: Path) -> None:
    assert make(tmp_path / "w", "--seed", "8", "--sensors", "s1").exit_code == 0
    (described,) = (tmp_path / "w" / "images").glob("*.json")
    assert described.name == "zonderland-s1-8-128.json"
    (item,) = (tmp_path / "w" / "images").glob("*/*.json")
    assert '"collection": "zonderland-s1-8-128"' in item.read_text()
