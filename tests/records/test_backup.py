"""A backup is one moment of the catalogue, made while others write; acknowledged is on disk."""

from __future__ import annotations

import os
import sqlite3
import threading

import pytest

from landzicht.errors.files import DiskFailed
from landzicht.errors.records import BackupInTheWay
from landzicht.kinds import Query
from landzicht.records import SqliteCatalog
from landzicht.testing.scenes import make_collection, make_scene


def counts(path):
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (scenes,) = db.execute("SELECT count(*) FROM scene").fetchone()
        (told,) = db.execute("SELECT sum(count) FROM collection").fetchone()
    db.close()
    return scenes, told


def test_a_backup_under_writes_is_whole(tmp_path):
    """Pairs of scenes go in together, before and behind the page that is being copied."""
    stop, written = threading.Event(), []
    with SqliteCatalog(tmp_path / "c.sqlite") as catalog:
        catalog.put(
            [make_collection()],
            [make_scene(f"s{n}", properties={"x": "y" * 900}) for n in range(4000)],
        )

        def write():
            while not stop.is_set():
                n = len(written)
                catalog.put([], [make_scene(f"{n:06}-a"), make_scene(f"{n:06}-b")])
                written.append(n)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for number in range(4):
                before = len(written)
                told = []
                copy = tmp_path / f"copy-{number}.sqlite"
                catalog.backup(copy, lambda *facts: told.append(facts))  # noqa: B023 - used at once
                after = len(written) + 1
                scenes, summed = counts(copy)
                assert scenes == summed
                assert scenes % 2 == 0
                assert before <= (scenes - 4000) // 2 <= after
                assert told[-1][0] == told[-1][1]
        finally:
            stop.set()
            writer.join()
    assert written
    assert sorted(path.name for path in tmp_path.glob(".*")) == []
    with SqliteCatalog(copy) as restored:  # it works, and writes as the first did
        restored.put([], [make_scene("after")])
        assert len(restored.search(Query(limit=10_000)).bodies) == scenes + 1
        with restored._connections.lend() as db:
            assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_backup_takes_no_catalogue_in_use_away(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    with SqliteCatalog(tmp_path / "c.sqlite") as catalog, SqliteCatalog(tmp_path / "d") as other:
        other.put([make_collection()], [make_scene("theirs")])
        for name in ("c.sqlite", "c.sqlite-wal", "link/c.sqlite", "d"):
            with pytest.raises(BackupInTheWay):
                catalog.backup(tmp_path / name)
        catalog.put([make_collection()], [make_scene("ours")])
    with SqliteCatalog(tmp_path / "c.sqlite") as catalog, SqliteCatalog(tmp_path / "d") as other:
        assert b'"ours"' in catalog.body("polder", "ours")
        assert b'"theirs"' in other.body("polder", "theirs")
        catalog.backup(tmp_path / "e")
        catalog.backup(tmp_path / "e")  # an older copy makes room


def test_a_backup_that_fails_leaves_the_old_one(tmp_path):
    with SqliteCatalog(tmp_path / "c.sqlite") as catalog:
        catalog.put([make_collection()], [make_scene()])
        target = tmp_path / "backup.sqlite"
        catalog.backup(target)
        before = target.read_bytes()
        (tmp_path / "file").write_text("in the way")
        os.mkfifo(tmp_path / "pipe")
        for name in ("file/backup.sqlite", "pipe", "."):
            with pytest.raises(DiskFailed):
                catalog.backup(tmp_path / name)
        assert (tmp_path / "pipe").is_fifo()
        catalog.put([], [make_scene("more")])
        assert target.read_bytes() == before
        catalog.backup(target)
    assert counts(target) == (2, 2)
