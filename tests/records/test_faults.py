"""What can go wrong with a file on a disk: nothing is lost, and the reader is told."""

from __future__ import annotations

import os
import pickle
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

from landzicht.errors import LandzichtError
from landzicht.errors.files import DiskFailed
from landzicht.errors.records import (
    CatalogueBusy,
    DamagedCatalogue,
    DamagedRecord,
    NewerCatalogue,
    SameSource,
)
from landzicht.kinds import Query
from landzicht.records import SqliteCatalog, schema
from landzicht.testing.scenes import make_collection, make_scene

WRITER = """
    import os, sys, threading
    from landzicht.records import SqliteCatalog
    from landzicht.testing.scenes import make_collection, make_scene
    catalog = SqliteCatalog(__import__("pathlib").Path(sys.argv[1]))
    name, number, threads = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    catalog.put([make_collection()], [])
    os.write(1, b"ready\\n")
    def write(thread):
        for n in range(number):
            names = [f"{name}-{thread}-{n}-{part}" for part in "abc"]
            catalog.put([], [make_scene(each) for each in names])
            os.write(1, f"{thread} {n}\\n".encode())
    running = [threading.Thread(target=write, args=(n,)) for n in range(threads)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    catalog.close()
"""
SOAK = bool(os.environ.get("LANDZICHT_SOAK"))


def start(code, *arguments, **options):
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)


def healthy(path) -> int:
    """Check the file in every way we know; return the number of scenes."""
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT rtreecheck('box')").fetchone() == ("ok",)
        counts = [
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("scene", "body", "box", "fact")
        ]
        (told,) = db.execute("SELECT coalesce(sum(count), 0) FROM collection").fetchone()
    db.close()
    assert set(counts) == {told}
    return told


@pytest.mark.parametrize("seed", range(20) if SOAK else [3])
def test_kill_at_any_moment_leaves_whole_transactions(tmp_path, seed):
    """SIGKILL to several writers: what was acknowledged is there, nothing is there by half.

    Two processes of three threads each, so that commits are shared and queues are cut off too;
    10 rounds, 200 in the long tier.
    """
    path, chance, acknowledged = tmp_path / "c.sqlite", random.Random(seed), set()
    for round_ in range(10):
        names = [f"r{round_}{side}" for side in "LR"]
        writers = [start(WRITER, path, name, 100_000, 3) for name in names]
        for writer in writers:
            assert writer.stdout.readline() == "ready\n"
        time.sleep(0.05 + chance.random() * 0.3)
        for name, writer in zip(names, writers, strict=True):
            writer.send_signal(signal.SIGKILL)
            told = writer.stdout.read().split("\n")[:-1]  # the last line may be cut off
            acknowledged |= {f"{name}-{line.replace(' ', '-')}" for line in told}
            writer.wait()
            writer.stdout.close()
        scenes = healthy(path)
        with sqlite3.connect(path) as db:
            there = {name for (name,) in db.execute("SELECT id FROM scene")}
        db.close()
        assert len(there) == scenes
        whole = {name[:-2] for name in there}
        assert there == {f"{name}-{part}" for name in whole for part in "abc"}
        assert acknowledged <= whole
        assert len(whole - acknowledged) <= 6 * (round_ + 1)
    assert acknowledged
    with SqliteCatalog(path) as catalog:  # and life goes on
        catalog.put([], [make_scene("after")])
        assert len(catalog.search(Query(limit=10_000)).bodies) == min(10_000, scenes + 1)


def test_two_processes_make_and_fill_one_catalogue(tmp_path):
    path = tmp_path / "c.sqlite"
    writers = [start(WRITER, path, name, 15, 2) for name in ("left", "right")]
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    assert healthy(path) == 2 * 30 * 3


def test_a_source_that_came_in_meanwhile_is_refused(tmp_path):
    """Two programs ask, both hear “unknown”, both put: the second learns what the first did."""
    path, scene = tmp_path / "c.sqlite", make_scene("first")
    with SqliteCatalog(path) as one, SqliteCatalog(path) as other:
        assert one.sources([scene.source]) == other.sources([scene.source]) == {}
        one.put([make_collection()], [scene])
        with pytest.raises(SameSource) as failure:
            other.put([make_collection()], [replace(scene, id="second")])
        assert failure.value.facts["known"] == "first"
    assert healthy(path) == 1


FULL = """
    import os, resource, sys
    from pathlib import Path
    from landzicht.errors.files import DiskFailed
    from landzicht.kinds import Query
    from landzicht.records import SqliteCatalog
    from landzicht.testing.scenes import make_collection, make_scene
    catalog = SqliteCatalog(Path(sys.argv[1]))
    catalog.put([make_collection()], [make_scene("first")])
    limit = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    many = [make_scene(f"s{n}", properties={"x": os.urandom(900).hex()}) for n in range(600)]
    try:
        catalog.put([], many)
    except DiskFailed as error:
        print(error.code, "|", error.say("nl"), "|", error.say("en"))
    print(len(catalog.search(Query(limit=10_000)).bodies))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    catalog.put([], many)  # space again: the same catalogue goes on
    print(len(catalog.search(Query(limit=10_000)).bodies))
    catalog.close()
"""


@pytest.mark.parametrize("limit", [40_000, 500_000])
def test_a_full_disk_changes_nothing(tmp_path, limit):
    path = tmp_path / "c.sqlite"
    writer = start(FULL, path, limit)
    said, before, after = writer.communicate(timeout=120)[0].splitlines()
    assert writer.returncode == 0
    code, dutch, english = said.split(" | ")
    assert code == "disk-failed"
    assert "Schrijven naar" in dutch
    assert "Cannot write to" in english
    assert (before, after) == ("1", "601")
    assert healthy(path) == 601


FULL_AGAIN_AND_AGAIN = """
    import os, random, resource, sys, threading
    from pathlib import Path
    from landzicht.errors.files import DiskFailed
    from landzicht.records import SqliteCatalog
    from landzicht.testing.scenes import make_collection, make_scene
    path, rounds, chance = Path(sys.argv[1]), int(sys.argv[2]), random.Random(sys.argv[3])
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    catalog = SqliteCatalog(path)
    catalog.put([make_collection()], [])
    acknowledged, refused, gate = set(), 0, threading.Lock()
    def write(round_, thread):
        global refused
        for n in range(200):
            names = [f"{round_}-{thread}-{n}-{part}" for part in "abc"]
            scenes = [make_scene(each, properties={"x": os.urandom(400).hex()}) for each in names]
            try:
                catalog.put([], scenes)
            except DiskFailed:
                with gate:
                    refused += 1
                return
            with gate:
                acknowledged.update(names)
    for round_ in range(rounds):
        log = path.with_name(path.name + "-wal")
        size = max(path.stat().st_size, log.stat().st_size if log.exists() else 0)
        room = size + chance.randrange(2_000, 150_000)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        running = [threading.Thread(target=write, args=(round_, n)) for n in range(3)]
        for each in running: each.start()
        for each in running: each.join()
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        there = set()
        after = ""
        while page := catalog.stored("polder", after):
            there |= {each.id for each in page}
            after = page[-1].id
        assert acknowledged == there, (acknowledged ^ there)
    catalog.close()
    print(len(acknowledged), refused)
"""


def test_a_disk_that_fills_up_again_and_again_loses_nothing(tmp_path):
    """At a random byte, under three writers: exactly what was acknowledged is there."""
    path = tmp_path / "c.sqlite"
    writer = start(FULL_AGAIN_AND_AGAIN, path, 200 if SOAK else 10, "7")
    told = writer.communicate(timeout=3_600 if SOAK else 280)[0]
    assert writer.returncode == 0
    acknowledged, refused = map(int, told.split())
    assert healthy(path) == acknowledged > 0
    assert refused >= 10


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_small_disk_that_is_really_full(tmp_path):
    """A disk of 4 MB in memory: ENOSPC from the kernel, also for the log and its index."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        kept = []
        with SqliteCatalog(disk / "c.sqlite") as catalog:
            catalog.put([make_collection()], [])

            def fill():
                for n in range(10_000):
                    catalog.put([], [make_scene(f"s{n}", properties={"x": os.urandom(900).hex()})])
                    kept.append(f"s{n}")

            with pytest.raises(DiskFailed) as failure:
                fill()
            assert "ruimte" in failure.value.say("nl") or "vol" in failure.value.say("nl")
            assert {each.id for each in catalog.stored("polder", "", 10_000)} == set(kept)
        assert kept
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_file_that_is_not_a_database(tmp_path):
    path = tmp_path / "c.sqlite"
    path.write_bytes(b"this is no database, but it is long enough to look at" * 100)
    with SqliteCatalog(path) as catalog, pytest.raises(DamagedCatalogue) as failure:
        catalog.collections()
    assert str(path) in failure.value.say("nl")
    assert path.read_bytes().startswith(b"this is no database")


def test_a_database_of_another_program_is_left_alone(tmp_path):
    path = tmp_path / "c.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE theirs(x)")
    db.close()
    before = path.read_bytes()
    with SqliteCatalog(path) as catalog, pytest.raises(DamagedCatalogue):
        catalog.put([make_collection()], [])
    assert path.read_bytes() == before


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_file_never_gives_a_traceback(tmp_path, seed):
    """Pages overwritten with rubbish: right answers or a clear error, and no crash."""
    path, chance = tmp_path / "c.sqlite", random.Random(seed)
    scenes = [make_scene(f"s{n}", properties={"x": "y" * n}) for n in range(300)]
    with SqliteCatalog(path) as catalog:
        catalog.put([make_collection()], scenes)
    body = bytearray(path.read_bytes())
    for _ in range(8):
        at = chance.randrange(100, len(body) - 600)
        body[at : at + 500] = chance.randbytes(500)
    if seed % 3 == 0:
        del body[chance.randrange(1000, len(body)) :]
    path.write_bytes(body)
    names, told = {scene.id for scene in scenes}, []
    with SqliteCatalog(path) as catalog:
        for ask in (
            catalog.collections,
            lambda: catalog.search(Query(limit=1000)),
            lambda: catalog.search(Query(limit=1000, bounds=make_scene().bounds)),
            lambda: catalog.entries(Query()),
            lambda: catalog.put([], [make_scene("new")]),
        ):
            try:
                ask()
            except (DamagedCatalogue, DamagedRecord) as error:
                told.append(error.code)
        assert names
    assert all(code.startswith("damaged-") for code in told)


def test_a_damaged_body_is_told(tmp_path):
    path = tmp_path / "c.sqlite"
    with SqliteCatalog(path) as catalog:
        catalog.put([make_collection()], [make_scene()])
        with sqlite3.connect(path) as db:
            db.execute("UPDATE body SET packed = substr(packed, 1, 100)")
        db.close()
        with pytest.raises(DamagedRecord):
            catalog.body("polder", "scene-1")


def test_a_later_form_is_not_touched(tmp_path):
    path = tmp_path / "c.sqlite"
    with SqliteCatalog(path) as catalog:
        catalog.put([make_collection()], [])
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    with SqliteCatalog(path) as catalog, pytest.raises(NewerCatalogue) as failure:
        catalog.collections()
    assert "999" in failure.value.say("en")


def test_an_older_form_is_brought_up_to_date(tmp_path, monkeypatch):
    """The next version adds a step: the scenes stay, the step runs once, a failing step undoes."""
    path = tmp_path / "c.sqlite"
    with SqliteCatalog(path) as catalog:
        catalog.put([make_collection()], [make_scene()])

    def step(db):
        db.execute("ALTER TABLE scene ADD COLUMN extra TEXT DEFAULT 'new'")

    def failing(db):
        step(db)
        raise sqlite3.OperationalError

    known = schema.STEPS
    monkeypatch.setattr(schema, "STEPS", (*known, failing))
    with SqliteCatalog(path) as catalog, pytest.raises(LandzichtError):
        catalog.collections()
    monkeypatch.setattr(schema, "STEPS", (*known, step))
    for _ in range(2):
        with SqliteCatalog(path) as catalog:
            assert len(catalog.search(Query()).bodies) == 1
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT extra FROM scene").fetchone() == ("new",)
        assert db.execute("PRAGMA user_version").fetchone() == (len(known) + 1,)
    db.close()


def test_a_catalogue_that_stays_locked_is_told(tmp_path):
    path = tmp_path / "c.sqlite"
    with SqliteCatalog(path, busy_seconds=0.05) as catalog:
        catalog.put([make_collection()], [])
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CatalogueBusy):
            catalog.put([], [make_scene()])
        assert catalog.search(Query()).bodies == ()  # readers do not wait
        other.execute("ROLLBACK")
        other.close()
        catalog.put([], [make_scene()])


READ_ONLY = """
    import os, sys, tempfile
    from pathlib import Path
    from landzicht.errors.files import DiskFailed
    from landzicht.kinds import Query
    from landzicht.records import SqliteCatalog
    from landzicht.testing.scenes import make_collection, make_scene
    old, new = map(Path, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder, SqliteCatalog(Path(folder, "c")) as catalog:
        catalog.put([make_collection()], [make_scene()])  # imports what it needs
        catalog.search(Query(bounds=make_scene().bounds))
    os.setuid(65534)
    for path in (old, new):
        with SqliteCatalog(path) as catalog:
            try:
                catalog.put([make_collection()], [make_scene("more")])
            except DiskFailed as error:
                print(error.code, "|", error.say("nl"))
    with SqliteCatalog(old) as catalog:
        print(len(catalog.search(Query()).bodies))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("log_left", [False, True])
def test_a_read_only_folder_can_be_read_and_refuses_writes(log_left):
    """Root may write everywhere, so the test becomes nobody."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with SqliteCatalog(folder / "c.sqlite") as catalog:
            catalog.put([make_collection()], [make_scene()])
            if not log_left:
                catalog.close()
            reader = start(READ_ONLY, folder / "c.sqlite", folder / "new.sqlite")
            told = reader.communicate(timeout=60)[0].splitlines()
    assert reader.returncode == 0
    first, second, count = told
    for line in (first, second):
        assert line.startswith("disk-failed | Schrijven naar")
    assert count == "1"


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with (
        SqliteCatalog(tmp_path / "file" / "c.sqlite") as catalog,
        pytest.raises(DiskFailed),
    ):
        catalog.collections()


def test_nothing_is_opened_before_it_is_needed(tmp_path):
    with SqliteCatalog(tmp_path / "c.sqlite"):
        assert list(tmp_path.iterdir()) == []


def test_it_travels_to_another_process_as_a_path(tmp_path):
    with SqliteCatalog(tmp_path / "c.sqlite") as catalog:
        catalog.put([make_collection()], [])
        with pickle.loads(pickle.dumps(catalog)) as copy:
            assert copy.collections() == catalog.collections()


def test_acknowledged_means_on_disk(tmp_path):
    """FULL makes SQLite wait for the disk at each commit."""
    with SqliteCatalog(tmp_path / "c.sqlite") as catalog, catalog._connections.lend() as db:
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
