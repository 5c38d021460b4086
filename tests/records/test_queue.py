"""Changes that wait together are committed together, and each hears of its own fate."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from landzicht.errors import Broken
from landzicht.errors.catalogue import UnknownCollection
from landzicht.errors.records import SameSource
from landzicht.records import SqliteCatalog, writing
from landzicht.records import queue as queue_of
from landzicht.records.connections import Connections
from landzicht.records.queue import WriterQueue
from landzicht.testing.scenes import make_collection, make_scene


def test_one_refused_change_does_not_spoil_the_others(tmp_path):
    """Many threads; each third change is refused, and nothing of it is there."""
    with SqliteCatalog(tmp_path / "c") as catalog:
        catalog.put([make_collection()], [make_scene("first")])
        twin = make_scene("first").source

        def change(n):
            if n % 3:
                return catalog.put([], [make_scene(f"s{n}")])
            from dataclasses import replace

            with pytest.raises(SameSource):
                catalog.put([], [make_scene(f"x{n}"), replace(make_scene(f"s{n}"), source=twin)])
            return None

        with ThreadPoolExecutor(12) as threads:
            list(threads.map(change, range(90)))
        names = {stored.id for stored in catalog.stored("polder")}
        assert names == {"first"} | {f"s{n}" for n in range(90) if n % 3}
        assert catalog.collection("polder").count == len(names)


def test_those_who_wait_share_a_commit(tmp_path):
    """While one writes others queue up; one transaction then takes them all."""
    connections = Connections(tmp_path / "c")
    queue, commits = WriterQueue(connections), []
    inside, release = threading.Event(), threading.Event()

    def slow(db):
        commits.append(db.total_changes)
        inside.set()
        assert release.wait(60)

    def quick(db):
        db.execute("UPDATE meta SET value = value + 1 WHERE name = 'counter'")
        (value,) = db.execute("SELECT value FROM meta WHERE name = 'counter'").fetchone()
        commits.append(value)

    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(queue.run, slow)
        assert inside.wait(60)
        others = [threads.submit(queue.run, quick) for _ in range(8)]
        while len(queue._waiting) < 8:
            threading.Event().wait(0.01)
        begun = []
        with connections.lend() as db:
            db.set_trace_callback(begun.append)
        release.set()
        for each in (first, *others):
            each.result(60)
    assert sum("BEGIN" in each for each in begun) <= 1
    assert commits[1:] == list(range(1, 9))
    connections.close()


def test_a_mistake_is_told_to_all_and_nothing_is_there(tmp_path):
    connections = Connections(tmp_path / "c")
    queue = WriterQueue(connections)

    def mistake(db):
        db.execute("UPDATE meta SET value = 99 WHERE name = 'counter'")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        queue.run(mistake)
    with connections.lend() as db:
        assert db.execute("SELECT value FROM meta WHERE name = 'counter'").fetchone() == (0,)
    queue.run(lambda db: db.execute("UPDATE meta SET value = 1 WHERE name = 'counter'"))
    connections.close()


def test_whoever_waited_for_an_interrupted_writer_is_told(tmp_path):
    connections = Connections(tmp_path / "c")
    queue = WriterQueue(connections)
    inside, release = threading.Event(), threading.Event()

    def hold(_):
        inside.set()
        assert release.wait(60)

    def interrupted(_):
        raise KeyboardInterrupt

    def late(_):
        raise UnknownCollection(collection="never reached")

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(queue.run, hold)
        assert inside.wait(60)
        second = threads.submit(queue.run, interrupted)
        while len(queue._waiting) < 1:
            threading.Event().wait(0.01)
        third = threads.submit(queue.run, late)
        while len(queue._waiting) < 2:
            threading.Event().wait(0.01)
        release.set()
        first.result(60)
        errors = [second.exception(60), third.exception(60)]
        assert sum(isinstance(error, KeyboardInterrupt) for error in errors) == 1
        assert sum(isinstance(error, Broken | UnknownCollection) for error in errors) == 1
    connections.close()


class SlowDisk:
    """A connection whose writing transactions take until somebody lets them."""

    def __init__(self, db, committing, release):
        self.db, self.committing, self.release = db, committing, release
        self.writes = False

    def __getattr__(self, name):
        return getattr(self.db, name)

    def execute(self, sql, *facts):
        self.writes |= sql == "BEGIN IMMEDIATE"
        if sql == "COMMIT" and self.writes:
            self.committing.set()
            assert self.release.wait(60)
        return self.db.execute(sql, *facts)


def test_the_next_batch_is_made_ready_while_one_goes_to_disk(tmp_path, monkeypatch):
    committing, release, made = (threading.Event() for _ in range(3))
    with SqliteCatalog(tmp_path / "c.sqlite") as catalog:
        catalog.put([make_collection()], [])
        lend, pack_rows = catalog._connections.lend, writing.pack_rows

        @contextmanager
        def slowly():
            with lend() as db:
                yield SlowDisk(db, committing, release)

        def pack(rows, dictionary):
            if committing.is_set():
                made.set()
            return pack_rows(rows, dictionary)

        monkeypatch.setattr(catalog._connections, "lend", slowly)
        monkeypatch.setattr(writing, "pack_rows", pack)
        with ThreadPoolExecutor(2) as threads:
            one = threads.submit(catalog.put, [], [make_scene("one")])
            assert committing.wait(60)
            other = threads.submit(catalog.put, [], [make_scene("other")])
            assert made.wait(60)
            assert not one.done()
            release.set()
            one.result(60)
            other.result(60)
        assert catalog.collection("polder").count == 2


def test_the_log_of_a_vast_change_is_bounded_and_its_room_is_given_back(tmp_path, monkeypatch):
    """Filling works the log into the file more seldom; those after it find all as it was."""
    names = ("cache_size", "wal_autocheckpoint", "journal_size_limit")

    def settings(db):
        return {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    def fill(db):
        told.append(settings(db))
        db.execute("CREATE TABLE IF NOT EXISTS filled(body)")
        db.execute("INSERT INTO filled VALUES(zeroblob(400000))")

    monkeypatch.setattr(queue_of, "_VAST_LOG_PAGES", 300)
    connections, told = Connections(tmp_path / "c"), []
    queue, log = WriterQueue(connections), tmp_path / "c-wal"
    with connections.lend() as db:
        usual = settings(db)
    sizes = []
    for _ in range(12):
        queue.run(fill, queue_of._VAST)
        sizes.append(log.stat().st_size)
    assert max(sizes) < (300 + 2 * 110) * 4200, "the log starts anew when it was worked in"
    assert told[0]["wal_autocheckpoint"] == 300
    assert told[0]["cache_size"] == -queue_of._ROOM_KIB
    queue.run(lambda db: told.append(settings(db)))
    assert told[-1] == usual
    connections.close()
