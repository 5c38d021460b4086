"""`landzicht up` as it is installed: how soon the first tile comes, and what a second worker adds.

These are times on a clock, so they mean something on a quiet machine only; how much of the machine
others took meanwhile is told beside them.
"""

from __future__ import annotations

import http.client
import json
import math
import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from client import ask_for
from contest import HALF_M, HERE, PATIENCE_S, Server, our_path, tiles_at

ROOT = HERE.parents[1]
INSTALLED = ROOT / ".venv" / "bin" / "python"
START = "from landzicht.cli.main import main; main()"
CONNECTIONS, BURST_S = 16, 3.0
WORKED = 0.1
"""Share of a burst in which a worker must have been at work to be warm: a hundred tiles."""


class Running(Server):
    """The installed portal on its own port."""

    def __init__(self, data: Path, *options: str, **settings: str) -> None:
        self._ours, self._port = True, free_port()
        self.began = time.perf_counter()
        command = [str(INSTALLED), "-c", START, "up", "--data", str(data), *options]
        self._process = subprocess.Popen(
            [*command, "--port", str(self._port)],
            env={**os.environ, "LANDZICHT_PICTURE_CACHE_MB": "0", **settings},
            stdout=subprocess.DEVNULL,
            stderr=sys.stderr,
        )
        self._clock = ((~self._process.pid) << 3) | 2

    @property
    def process(self) -> int:
        return self._process.pid

    @property
    def port(self) -> int:
        return self._port

    def soon(self, path: str) -> tuple[int, bytes, str]:
        """Ask as soon as somebody listens: status, body and scenes."""
        end = time.monotonic() + PATIENCE_S
        while True:
            link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
            try:
                link.request("GET", path)
                answer = link.getresponse()
                return answer.status, answer.read(), answer.getheader("x-landzicht-scenes") or ""
            except ConnectionError:
                assert time.monotonic() < end, "the portal does not start"
                time.sleep(0.01)
            finally:
                link.close()

    def spent(self) -> dict[str, float]:
        return {
            "wall": time.perf_counter() - self.began,
            "cpu": time.clock_gettime(self._clock),
        }


@contextmanager
def running(data, *options, **settings):
    server = Running(data, *options, **settings)
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def busy() -> float:
    """Return seconds that all processors together were at work since the machine started."""
    ticks = [int(part) for part in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def members(process: int) -> dict[int, float]:
    """Return seconds of processor of a process and of each of its children."""
    found = {}
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = each.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(each.parent.name) == process or int(fields[1]) == process:
            spent = int(fields[11]) + int(fields[12])
            found[int(each.parent.name)] = spent / os.sysconf("SC_CLK_TCK")
    return found


def family(process: int) -> float:
    """Return seconds of processor of a process and its children."""
    return sum(members(process).values())


def warm_up(server: Running, paths: list[str], workers: int) -> None:
    """Ask until every worker has made tiles: who gets a connection is up to the system."""
    end, worked = time.monotonic() + PATIENCE_S, 0
    while worked < 2:  # in the first burst a worker may have been busy with its own start
        before = members(server.process)
        ask_for(server.port, paths, CONNECTIONS, BURST_S)
        after = members(server.process)
        gains = sorted((after[each] - before.get(each, 0.0) for each in after), reverse=True)
        worked += len(gains) >= workers and gains[workers - 1] > WORKED * BURST_S
        assert time.monotonic() < end, f"not every worker works: {gains}"


pytestmark = pytest.mark.skipif(not INSTALLED.exists(), reason="needs `make setup`")


@pytest.mark.parametrize("state", ["kernels compiled before", "first start after installing"])
def test_first_tile_of_a_portal_with_data(benchmark, folder, tmp_path, state):
    path = our_path("foreign", "rgb", "png", tiles_at(13, 1)[0])
    found = []

    def start() -> None:
        fresh = {"NUMBA_CACHE_DIR": str(tmp_path / f"kernels-{len(found)}")}
        with running(folder, "--no-demo", **(fresh if "first" in state else {})) as server:
            status, _, _ = server.soon(path)
            told = server.spent()
            assert status == 200
            found.append(told)

    start()  # so that files are in memory, and kernels compiled
    found.clear()
    benchmark.pedantic(start, rounds=3)
    tell(benchmark, "start", f"a portal with data, {state}", found)


@pytest.mark.full
def test_first_tile_of_an_empty_folder(benchmark, tmp_path):
    """From nothing to a tile of Zonderland, which is made meanwhile."""
    found = []

    def start() -> None:
        with running(tmp_path / f"data-{len(found)}") as server:
            end = time.monotonic() + PATIENCE_S
            while not has_tile(server):
                assert time.monotonic() < end, "no tile of Zonderland"
                time.sleep(0.05)
            found.append(server.spent())

    benchmark.pedantic(start, rounds=2)
    tell(benchmark, "start", "an empty folder, with Zonderland made meanwhile", found)


def has_tile(server: Running) -> bool:
    """Whether the tile in the middle of a first collection shows a scene."""
    status, body, _ = server.soon("/stac/collections")
    known = [each["id"] for each in json.loads(body)["collections"]] if status == 200 else []
    for name in known:
        status, body, _ = server.soon(f"/tiles/{name}/WebMercatorQuad/tilejson.json")
        if status != 200 or "center" not in (told := json.loads(body)):
            continue
        lon, lat, z = told["center"]
        x = int((lon + 180) / 360 * (1 << z))
        north = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) * HALF_M / math.pi
        y = int((HALF_M - north) / (2 * HALF_M) * (1 << z))
        status, _, scenes = server.soon(f"/tiles/{name}/WebMercatorQuad/{z}/{x}/{y}.png")
        if status == 200 and scenes:
            return True
    return False


def tell(benchmark, way: str, what: str, found: list[dict]) -> None:
    middle = {key: statistics.median(each[key] for each in found) for key in found[0]}
    benchmark.extra_info.update(way=way, what=what, load=os.getloadavg()[0], **middle)


def test_two_workers_serve_more_than_one(benchmark, folder):
    """Warm tiles, asked for by a light client; one and two workers in turn."""
    paths = [our_path("foreign", "rgb", "png", tile) for tile in tiles_at(13, 5)]
    rounds: list[dict] = []
    with running(folder, "--no-demo") as one, running(folder, "--no-demo", "--workers", "2") as two:
        for server in (one, two):
            server.soon("/health")
        warm_up(one, paths, 1)
        warm_up(two, paths, 2)

        def in_turn() -> None:
            told = {}
            for name, server in (("one", one), ("two", two)):
                before, ours = busy(), family(server.process)
                mine = time.process_time()
                done, seconds = ask_for(server.port, paths, CONNECTIONS, BURST_S)
                client = time.process_time() - mine
                used = family(server.process) - ours
                others = max(0.0, busy() - before - used - client)
                told[name] = done / seconds
                told[f"{name}_client"] = client / seconds
                told[f"{name}_others"] = others / seconds / os.cpu_count()
            rounds.append(told)

        benchmark.pedantic(in_turn, rounds=5)
    benchmark.extra_info.update(way="workers", load=os.getloadavg()[0], rounds=rounds)
