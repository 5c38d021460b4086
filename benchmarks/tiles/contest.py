"""Processes that make tiles, and what they cost."""

from __future__ import annotations

import base64
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from data import CORNER, SIDE
from products import HALF_M, PIXEL_M, file_of

HERE = Path(__file__).parent
PATIENCE_S = 90
CONNECTIONS = 4
ORIGIN = {"asked": {"Origin": "https://example.org"}}
"""What a browser sends when a page of another site asks."""


def environment(folder: Path) -> dict[str, str]:
    """The peers get GDAL's advised setting for files without side-cars."""
    paths = [str(HERE.parents[1] / "src"), str(HERE)]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "BENCH_DATA": str(folder),
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    }


class Engine:
    """A maker of tiles behind a pipe."""

    def __init__(self, name: str, folder: Path) -> None:
        command = [sys.executable, str(HERE / "engines.py"), name, str(folder)]
        self._process = subprocess.Popen(
            command,
            env=environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _ask(self, **asked) -> dict:
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def bytes(self, form, product, ending, tiles) -> list[bytes]:
        jobs = [(form, product, ending, *tile) for tile in tiles]
        return [base64.b64decode(each) for each in self._ask(do="bytes", jobs=jobs)["bytes"]]

    def spend(self, state, form, product, ending, tiles) -> list[float]:
        """Return seconds of processor for each tile."""
        jobs = [(form, product, ending, *tile) for tile in tiles]
        return self._ask(do="tiles", state=state, jobs=jobs)["cpu"]

    def told(self) -> dict:
        return self._ask(do="told")

    def stop(self) -> None:
        self._process.stdin.close()
        self._process.wait(PATIENCE_S)


class Server:
    """An application behind uvicorn, one process."""

    def __init__(self, name: str, folder: Path) -> None:
        self._ours = name == "landzicht"
        self._files = folder / "files"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", f"apps:{name}", "--factory"]
        options = ["--port", str(self._port), "--log-level", "warning", "--no-access-log"]
        self._process = subprocess.Popen([*command, *options], env=environment(folder))
        self._clock = ((~self._process.pid) << 3) | 2  # clock_getcpuclockid(3): the whole process
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.2)
        raise TimeoutError("the server does not start")

    def _path(self, form, product, ending, tile) -> str:
        if self._ours:
            return our_path(form, product, ending, tile)
        z, x, y = tile
        query = {
            "ndvi": "assets=B08&assets=B04&asset_as_band=true&rescale=-1,1"
            "&expression=(b1*1.0-b2)/(b1*1.0%2Bb2)&colormap_name=viridis",
            "tci": "",
        }.get(product, "assets=B04&assets=B03&assets=B02&rescale=0,3000")
        url = file_of(self._files, form, "TCI") if product == "tci" else "bands"
        how = {"large": "&tilesize=512", "bilinear": "&resampling=bilinear&reproject=bilinear"}.get(
            product, ""
        )
        return f"/{form}/tiles/WebMercatorQuad/{z}/{x}/{y}.{ending}?url={url}&{query}{how}"

    def _get(self, paths: list[str], headers: dict[str, str] | None = None) -> list[bytes]:
        found = []
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE_S)
        for path in paths:
            link.request("GET", path, headers=headers or {})
            answer = link.getresponse()
            body = answer.read()
            assert answer.status == 200, (path, answer.status, body[:300])
            found.append(body)
        link.close()
        return found

    def bytes(self, form, product, ending, tiles) -> list[bytes]:
        paths = [self._path(form, product, ending, tile) for tile in tiles]
        return self._get(paths, ORIGIN.get(product))

    def cool(self) -> dict:
        return json.loads(self._get(["/bench/cool"])[0]) if self._ours else {}

    def spend(self, state, form, product, ending, tiles) -> list[float]:
        """Return seconds of processor of the server for each tile; of a view, for all together."""
        paths = [self._path(form, product, ending, tile) for tile in tiles]
        headers = ORIGIN.get(product)
        if state == "view":
            self.cool()
            begin = time.clock_gettime(self._clock)
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                shares = [paths[n::CONNECTIONS] for n in range(CONNECTIONS)]
                list(pool.map(partial(self._get, headers=headers), shares))
            return [(time.clock_gettime(self._clock) - begin) / len(paths)] * len(paths)
        if state == "warm":
            begin = time.clock_gettime(self._clock)
            self._get(paths, headers)
            return [(time.clock_gettime(self._clock) - begin) / len(paths)] * len(paths)
        spent = []
        for path in paths:
            self.cool()
            begin = time.clock_gettime(self._clock)
            self._get([path], headers)
            spent.append(time.clock_gettime(self._clock) - begin)
        return spent

    def told(self) -> dict:
        return self.cool()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE_S)


def our_path(form, product, ending, tile) -> str:
    """Return the address of one of our tiles."""
    z, x, y = tile
    query = {
        "ndvi": "expression=(B08-B04)/(B08%2BB04)&rescale=-1,1&colormap_name=viridis",
        "tci": "assets=red,green,blue&rescale=0,255",
    }.get(product, "assets=B04,B03,B02&rescale=0,3000")
    how = {"large": "&size=512", "bilinear": "&resampling=bilinear"}.get(product, "")
    return f"/tiles/{form}/WebMercatorQuad/{z}/{x}/{y}.{ending}?{query}{how}&raw=true"


def tiles_at(
    z: int, count: int, *, side: int = 1, seed: int = 0, pixels: int = SIDE
) -> list[tuple[int, int, int]]:
    """Return tiles inside the image (from zoom 11 on), or square views of `side` by `side`.

    Of an image of so many `pixels` from its upper left corner.
    """
    from pyproj import Transformer

    to_mercator = Transformer.from_crs(32631, 3857, always_xy=True)
    chance, ground = random.Random(100 * seed + z), pixels * PIXEL_M
    width = 2 * HALF_M / (1 << z)
    edge = min(0.45, (width / 1.5) * side / ground)
    found = []
    for _ in range(count):
        right, down = (chance.uniform(edge, 1 - edge) * ground for _ in range(2))
        x, y = to_mercator.transform(CORNER[0] + right, CORNER[1] - down)
        column, row = int((x + HALF_M) / width), int((HALF_M - y) / width)
        half = side // 2
        found += [(z, column + i - half, row + j - half) for j in range(side) for i in range(side)]
    return found
