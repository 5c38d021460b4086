"""The cache on disk: bounded, checked, shared by processes, and never needed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from landzicht.formats.remote.disk import DiskCache


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file() and path.name != ".cleaning"]


def test_what_is_kept_comes_back_also_in_another_process(tmp_path):
    DiskCache(tmp_path, 1_000_000).put("a", b"content")
    again = DiskCache(tmp_path, 1_000_000)
    assert again.get("a") == b"content"
    assert again.get("b") is None
    again.drop("a")
    assert again.get("a") is None


def test_nothing_is_kept_when_switched_off(tmp_path):
    cache = DiskCache(tmp_path / "cache", 0)
    cache.put("a", b"content")
    assert cache.get("a") is None
    assert not (tmp_path / "cache").exists()


DAMAGE = {
    "cut": lambda content: content[:-1],
    "longer": lambda content: content + b"\0",
    "one bit": lambda content: content[:-5] + bytes([content[-5] ^ 1]) + content[-4:],
    "empty": lambda _: b"",
    "only a head": lambda _: b"lzr1",
    "zeros": lambda content: bytes(len(content)),
    "checksum": lambda content: content[:6] + bytes([content[6] ^ 1]) + content[7:],
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_piece_is_noticed_and_removed(tmp_path, name):
    cache = DiskCache(tmp_path, 1_000_000)
    cache.put("a", bytes(range(200)))
    (path,) = files(tmp_path)
    path.write_bytes(DAMAGE[name](path.read_bytes()))
    assert cache.get("a") is None
    assert not path.exists()
    cache.put("a", b"anew")
    assert cache.get("a") == b"anew"


def test_a_piece_under_the_name_of_another_is_noticed(tmp_path):
    cache = DiskCache(tmp_path, 1_000_000)
    cache.put("a", b"of a")
    cache.put("b", b"of b")
    first, second = cache._path("a"), cache._path("b")
    second.write_bytes(first.read_bytes())
    assert cache.get("b") is None


def test_it_stays_within_its_bytes_and_the_last_used_stay(tmp_path):
    most = 2_000_000
    cache = DiskCache(tmp_path, most)
    random = np.random.default_rng(1)
    for number in range(60):
        cache.put(f"old {number}", random.bytes(20_000))
    for path in files(tmp_path):
        os.utime(path, (time.time() - 1_000, time.time() - 1_000))
    assert cache.get("old 7") is not None  # used again, so it is not old any more
    for number in range(200):
        cache.put(f"new {number}", random.bytes(20_000))
        assert cache.usage()[0] <= most * 1.06
    assert cache.get("new 199") is not None
    assert cache.get("old 8") is None


def test_what_is_larger_than_a_quarter_is_not_kept(tmp_path):
    cache = DiskCache(tmp_path, 100_000)
    cache.put("a", bytes(30_000))
    assert cache.get("a") is None


def test_a_file_where_the_folder_should_be_is_no_fault(tmp_path):
    (tmp_path / "cache").write_text("in the way")
    cache = DiskCache(tmp_path / "cache", 1_000_000)
    cache.put("a", b"content")
    assert cache.get("a") is None
    assert cache.usage() == (0, 0)


def test_whole_files_are_checked_and_fetched_again(tmp_path):
    cache, fetched = DiskCache(tmp_path, 1_000_000), []

    def fetch():
        fetched.append(1)
        yield b"first "
        yield b"second"

    path = cache.whole("a", fetch)
    assert path.read_bytes() == b"first second"
    assert cache.whole("a", fetch) == path
    assert len(fetched) == 1
    path.write_bytes(b"first secONd")
    fresh = DiskCache(tmp_path, 1_000_000)
    assert fresh.whole("a", fetch).read_bytes() == b"first second"
    assert len(fetched) == 2


def test_a_whole_file_that_breaks_off_leaves_nothing(tmp_path):
    cache = DiskCache(tmp_path, 1_000_000)

    def breaks():
        yield b"first "
        raise ConnectionError

    with pytest.raises(ConnectionError):
        cache.whole("a", breaks)
    assert files(tmp_path) == []


WRITER = """
import itertools, sys
from pathlib import Path
from landzicht.formats.remote.disk import DiskCache
cache = DiskCache(Path(sys.argv[1]), 3_000_000)
for number in itertools.count():
    name = f"{sys.argv[2]} {number % 100}"
    cache.put(name, (name.encode() * 3_000)[: 20_000 + number % 7])
    found = cache.get(f"{sys.argv[2]} {(number * 7) % 100}")
    if number == 20:
        print("at work", flush=True)
"""


def test_processes_that_are_killed_leave_only_whole_pieces(tmp_path):
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), name], stdout=subprocess.PIPE
        )
        for name in ("a", "b")
    ]
    for process in started:
        with process:
            assert process.stdout.readline() == b"at work\n"
            time.sleep(0.3)
            process.send_signal(signal.SIGKILL)
    cache = DiskCache(tmp_path, 3_000_000)
    found = 0
    for name in (f"{who} {number}" for who in "ab" for number in range(100)):
        content = cache.get(name)
        if content is not None:
            assert content == (name.encode() * 3_000)[: len(content)]
            found += 1
    assert found > 10
    assert cache.usage()[0] <= 3_000_000 * 1.2
    old = time.time() - 4_000  # what was half-written goes after an hour
    for path in files(tmp_path):
        if path.name.endswith(".new"):
            os.utime(path, (old, old))
    cache.usage()
    assert not [path for path in files(tmp_path) if path.name.endswith(".new")]


def test_many_threads_at_once(tmp_path):
    cache = DiskCache(tmp_path, 500_000)

    def work(number):
        name = f"{number % 20}"
        found = cache.get(name)
        assert found in (None, name.encode() * 5_000)
        cache.put(name, name.encode() * 5_000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(400)))
