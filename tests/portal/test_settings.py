from __future__ import annotations

from pathlib import Path

import pytest

from landzicht.errors.portal import BadSettings
from landzicht.portal.progress import (
    Progress,
    at_work,
    is_at_work,
    read_progress,
    write_progress,
)
from landzicht.portal.settings import load_settings
from landzicht.text import Text


def test_flags_over_environment_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "landzicht.toml").write_text("threads = 2\nblock_cache_mb = 2\nmax_items = 2\n")
    monkeypatch.setenv("LANDZICHT_BLOCK_CACHE_MB", "3")
    monkeypatch.setenv("LANDZICHT_MAX_ITEMS", "3")
    settings = load_settings(tmp_path, max_items=4, threads=None)
    assert (settings.threads, settings.block_cache_mb, settings.max_items) == (2, 3, 4)


def test_data_folder_comes_from_flag_environment_or_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDZICHT_DATA", str(tmp_path / "env"))
    assert load_settings().data == tmp_path / "env"
    assert load_settings(tmp_path / "flag").data == tmp_path / "flag"
    monkeypatch.delenv("LANDZICHT_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert load_settings().data == tmp_path / "landzicht"


@pytest.mark.parametrize("text", ["threads = ", "colour = 3", "threads = 'many'", "threads = -1"])
def test_a_wrong_file_is_told_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "landzicht.toml").write_text(text)
    with pytest.raises(BadSettings) as caught:
        load_settings(tmp_path)
    assert "{" not in caught.value.say("nl")


def test_progress_survives_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run" / "work.json"
    assert read_progress(path) is None
    told = Progress(name="w", title=Text(nl="Werk", en="Work"), done=1, total=3)
    write_progress(path, told)
    assert read_progress(path) == told
    path.write_text("{")
    assert read_progress(path) is None


def test_only_who_holds_the_lock_is_at_work(tmp_path: Path) -> None:
    path = tmp_path / "run" / "work.json"
    assert not is_at_work(path)
    with at_work(path) as first, at_work(path) as second:
        assert first
        assert not second
        assert is_at_work(path)
    assert not is_at_work(path)


def test_base_maps_are_those_that_the_page_knows(tmp_path: Path) -> None:
    assert load_settings(tmp_path).allowed_base_maps == ()
    assert load_settings(tmp_path, base_maps=" brt ").allowed_base_maps == ("brt",)
    with pytest.raises(BadSettings, match="brt"):
        load_settings(tmp_path, base_maps="https://maps.example")
