"""Cleaning removes what no scene points to, and nothing else, ever."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import pytest

from landzicht.errors.records import NothingToKeep
from landzicht.ingest.store import keep
from landzicht.portal.keeping import cleaning
from landzicht.portal.keeping.cleaning import clean
from landzicht.records import SqliteCatalog
from landzicht.testing.scenes import make_collection, make_scene


def make_file(data, content: bytes):
    digest = hashlib.sha256(content).hexdigest()
    part = data / f"part-{digest}"
    part.parent.mkdir(parents=True, exist_ok=True)
    (data / "files").mkdir(exist_ok=True)
    part.write_bytes(content)
    return keep(part, digest, data)


@pytest.fixture
def portal(tmp_path):
    """A catalogue with one scene whose file is there, one file that was left, and other things."""
    used, left = (make_file(tmp_path, text) for text in (b"used", b"left behind"))
    (tmp_path / "files" / "notes.txt").write_text("of the operator")
    scene = make_scene()
    asset = replace(scene.assets["B04"], href=used)
    with SqliteCatalog(tmp_path / "c") as catalog:
        catalog.put([make_collection()], [replace(scene, assets={"B04": asset})])
        yield catalog, tmp_path, tmp_path / used, tmp_path / left


def test_young_files_stay(portal):
    """They may be registered any moment."""
    catalog, data, used, left = portal
    found = clean(catalog, data, remove=True)
    assert (found.files, found.removed, found.kept) == (0, 0, 2)
    assert used.exists()
    assert left.exists()


def test_looking_removes_nothing(portal, monkeypatch):
    catalog, data, used, left = portal
    monkeypatch.setattr(cleaning, "AGE_SECONDS", -1.0)
    found = clean(catalog, data)
    assert (found.files, found.size, found.removed, found.kept) == (1, len(b"left behind"), 0, 1)
    assert used.exists()
    assert left.exists()


def test_what_no_scene_points_to_is_removed(portal, monkeypatch):
    catalog, data, used, left = portal
    monkeypatch.setattr(cleaning, "AGE_SECONDS", -1.0)
    assert clean(catalog, data, remove=True).removed == 1
    assert used.exists()
    assert not left.exists()
    assert (data / "files" / "notes.txt").exists()
    assert clean(catalog, data, remove=True).removed == 0
    catalog.delete("polder", "scene-1")
    catalog.put([], [make_scene("other")])
    assert clean(catalog, data, remove=True).removed == 1
    assert not used.exists()


def test_the_wrong_catalogue_removes_nothing(portal, tmp_path, monkeypatch):
    _, data, _, left = portal
    monkeypatch.setattr(cleaning, "AGE_SECONDS", -1.0)
    with SqliteCatalog(tmp_path / "empty") as empty, pytest.raises(NothingToKeep):
        clean(empty, data, remove=True)
    assert left.exists()


def test_a_file_that_is_stored_anew_meanwhile_stays(portal, monkeypatch):
    """An old file that nobody needed comes in again while cleaning: it is young now."""
    catalog, data, _, left = portal
    monkeypatch.setattr(cleaning, "AGE_SECONDS", 0.3)
    time.sleep(0.4)
    make_file(data, b"used")  # so that only `left` is old
    looked = cleaning._leave_out_known

    def meanwhile(*arguments):
        number = looked(*arguments)
        make_file(data, b"left behind")
        return number

    monkeypatch.setattr(cleaning, "_leave_out_known", meanwhile)
    found = clean(catalog, data, remove=True)
    assert (found.files, found.removed) == (1, 0)
    assert left.exists()


KILLED = """
    import sys
    from pathlib import Path
    from landzicht.portal.keeping import cleaning
    from landzicht.records import SqliteCatalog
    cleaning.AGE_SECONDS = -1.0
    data = Path(sys.argv[1])
    with SqliteCatalog(data / "c") as catalog:
        print("ready", flush=True)
        cleaning.clean(catalog, data, remove=True)
"""


def test_killed_half_way_it_goes_on_the_next_time(portal, monkeypatch):
    catalog, data, used, _ = portal
    files = [data / make_file(data, f"junk {n}".encode()) for n in range(3000)]
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(data)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "ready\n"
    while sum(path.exists() for path in files) > 2900 and child.poll() is None:
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert used.exists()
    monkeypatch.setattr(cleaning, "AGE_SECONDS", -1.0)
    clean(catalog, data, remove=True)
    assert used.exists()
    assert not any(path.exists() for path in files)
    assert list((data / "files").iterdir())
