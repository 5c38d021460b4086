"""`landzicht up` stops in order, whoever asks, and leaves nobody behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from landzicht.testing.serving import portal_in, run


def family(pid: int) -> set[int]:
    """Processes of the group that a server starts, by their parent."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found = {pid}
    while more := {child for child, parent in pairs if parent in found} - found:
        found |= more
    return found - {pid}


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("word", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_stops_with_all_its_children(tmp_path: Path, word: signal.Signals, workers: str) -> None:
    with portal_in(tmp_path, "--workers", workers) as running:
        running.wait_for(lambda: family(running.process.pid))
        children = family(running.process.pid)
        os.kill(running.process.pid, word)
        assert running.process.wait(timeout=60) == 0
        end = time.monotonic() + 60
        while any(map(alive, children)) and time.monotonic() < end:
            time.sleep(0.1)
        assert not [pid for pid in children if alive(pid)]


def test_an_address_that_is_not_ours(tmp_path: Path) -> None:
    told = run("up", "--host", "192.0.2.1", "--no-demo", data=tmp_path, LC_ALL="C.UTF-8")
    assert told.returncode == 2
    assert "cannot-listen" in told.stderr


def test_head_is_get_without_a_body(tmp_path: Path) -> None:
    import urllib.request

    with portal_in(tmp_path, "--no-demo") as running:
        for path in ("/health", "/docs", "/stac", "/tiles/tileMatrixSets", "/api/v1/collections"):
            request = urllib.request.Request(running.base + path, method="HEAD")
            with urllib.request.urlopen(request, timeout=30) as answer:
                assert answer.status == 200, path
                assert answer.read() == b""
                length = int(answer.headers["content-length"])
            assert length == len(running.get(path).body), path
