"""Whatever a single file does to us or to a library, the others come in and it is told."""

from __future__ import annotations

import json
import logging
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from landzicht.errors.files import UnreadableFile
from landzicht.ingest import Options, land, sniff
from landzicht.ingest.recipe import parse_recipe
from landzicht.kinds import Outcome, RasterInfo
from landzicht.testing.products import make_landsat, make_safe

RECIPE = "[collection]\nid = 'x'\n[files]\npattern = '(?P<scene>\\w+)-(?P<date>\\d{8})'\n"


class Odd:
    """An inspector whose library does what nobody thought of with files called `odd`."""

    def __init__(self, inspector, error: Exception) -> None:
        self.inspector = inspector
        self.error = error

    def inspect(self, path: Path, subdataset: str | None = None) -> RasterInfo:
        if "odd" in path.as_posix():
            raise self.error
        return self.inspector.inspect(path, subdataset)


def told(port, inspector, *paths: Path, **options: object):
    return list(land(sniff(paths, inspector, Options(**options)), port.harbour))


def logged(caplog) -> list[logging.LogRecord]:
    """Ours alone: rasterio has words of its own when it starts."""
    return [each for each in caplog.records if each.name == "landzicht.ingest"]


@pytest.mark.parametrize(
    ("way", "error", "code"),
    [
        ("files", ZeroDivisionError("in a library"), "unforeseen"),
        ("folder", RecursionError("too deep"), "unforeseen"),
        ("folder", MemoryError(), "unforeseen"),
        ("recipe", UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"), "unforeseen"),
        ("together", KeyError("crs"), "unforeseen"),
        ("folder", PermissionError(13, "no"), "unreadable-file"),
    ],
)
def test_the_others_come_in(port, make_tiff, caplog, error, code: str, way: str) -> None:
    paths = [make_tiff(f"in/{name}-20200101.tif") for name in ("a", "odd", "z")]
    for number, path in enumerate(paths):  # of other bytes
        path.write_bytes(path.read_bytes() + bytes(number))
    options = {
        "files": {},
        "folder": {},
        "recipe": {"recipe": parse_recipe(RECIPE)},
        "together": {"together": True},
    }[way]
    given = [paths[0].parent] if way in ("folder", "recipe") else paths
    receipts = told(port, Odd(port.inspector, error), *given, **options)
    (refused,) = (each for each in receipts if each.outcome is Outcome.REFUSED)
    (found,) = refused.findings
    assert found.code == code
    assert found.path == refused.path == str(paths[1])
    assert found.message.nl != found.message.en
    if code == "unforeseen":
        assert type(error).__name__ in found.message.nl
        (record,) = logged(caplog)
        assert record.levelno == logging.ERROR
        assert str(paths[1]) in record.message
        assert "test_guard.py" in record.message  # where it happened
    assert Outcome.ADDED in {each.outcome for each in receipts}


def test_of_products_and_items_too(port, make_tiff, tmp_path, monkeypatch) -> None:
    """Whatever goes wrong in our own code about one of them, the other kinds come in."""
    make_safe(tmp_path / "in" / "s2")
    make_landsat(tmp_path / "in" / "landsat")
    make_tiff("in/a-20200101.tif")
    item = {"type": "Feature", "stac_version": "1.1.0", "id": "x", "assets": {}}
    (tmp_path / "in" / "item.json").write_text(json.dumps(item))

    def fails(*_: object, **__: object) -> None:
        raise AttributeError("a mistake of ours")

    for name in ("draft_of_safe", "draft_of_landsat", "draft_of_item"):
        monkeypatch.setattr(import_module("landzicht.ingest.sniff"), name, fails)
    receipts = told(port, port.inspector, tmp_path / "in")
    outcomes = Counter(each.outcome for each in receipts)
    assert outcomes == {Outcome.REFUSED: 3, Outcome.ADDED: 1}
    names = {Path(each.path).name for each in receipts if each.outcome is Outcome.REFUSED}
    assert "item.json" in names
    assert any(name.endswith(".SAFE") for name in names)
    codes = {found.code for each in receipts for found in each.findings}
    assert codes == {"unforeseen"}


@pytest.mark.parametrize("place", ["check", "identify"])
def test_after_sniffing_too(port, make_tiff, monkeypatch, place: str) -> None:
    paths = [make_tiff(f"in/{name}-20200101.tif") for name in ("odd", "z")]
    paths[1].write_bytes(paths[1].read_bytes() + b"x")
    module = import_module("landzicht.ingest.land")
    real = getattr(module, place)

    def odd(draft, *others: object):
        if "odd" in draft.path:
            raise FloatingPointError(draft.path)
        return real(draft, *others)

    monkeypatch.setattr(module, place, odd)
    receipts = told(port, port.inspector, *paths)
    assert [each.outcome for each in receipts] == [Outcome.REFUSED, Outcome.ADDED]
    assert [found.code for found in receipts[0].findings] == ["unforeseen"]


def test_what_we_know_keeps_its_own_words(port, make_tiff, caplog) -> None:
    path = make_tiff("odd-20200101.tif")
    error = UnreadableFile(path=path, reason="damaged")
    (receipt,) = told(port, Odd(port.inspector, error), path)
    assert [found.code for found in receipt.findings] == ["unreadable-file"]
    assert not logged(caplog)


def test_the_way_there_is_logged_when_somebody_wants_it(
    port, make_tiff, caplog, monkeypatch
) -> None:
    path = make_tiff("odd-20200101.tif")
    inspector = Odd(port.inspector, ZeroDivisionError("x"))
    told(port, inspector, path)
    monkeypatch.setenv("LANDZICHT_DEBUG", "1")
    told(port, inspector, path)
    assert [bool(record.exc_info) for record in logged(caplog)] == [False, True]
