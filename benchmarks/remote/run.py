"""Cold tiles of COGs on another computer: requests and wall time, ours and rio-tiler's.

A server on this computer waits before each answer, as a far one does. Each contestant is a process
of its own, and every tile is of files that it never saw. Run it where rio-tiler is installed:

    PYTHONPATH=src python benchmarks/remote/run.py [milliseconds] [bytes a second]
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

CLEAN = dict(os.environ)  # before our own limits on GDAL, which forbid it the network
SIDE = 4_096
TILES = (
    (13, 4200, 2729),
    (13, 4206, 2733),
    (14, 8406, 5472),
    (12, 2100, 1365),
    (14, 8409, 5469),
    (13, 4206, 2738),
)
BANDS = (1, 3)
RIO = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_MERGE_CONSECUTIVE_RANGES": "YES",
    "GDAL_INGESTED_BYTES_AT_OPEN": "32768",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".tif",
    "VSI_CACHE": "TRUE",
}


def grid_and_band():
    from affine import Affine

    from landzicht.grid import Grid
    from landzicht.kinds import Band

    transform = Affine(10, 0, 6e5, 0, -10, 5.7e6)
    grid = Grid(crs="EPSG:32631", transform=transform, height=SIDE, width=SIDE)
    return grid, Band(name="b0", dtype="uint16", nodata=0)


def write(path):
    import numpy as np

    from landzicht.formats import CogWriter

    grid, band = grid_and_band()
    rows, columns = np.mgrid[:SIDE, :SIDE]
    noise = np.random.default_rng(1).integers(1, 60, (SIDE, SIDE))
    CogWriter().write(((rows + columns) // 7 + noise).astype(np.uint16), grid, band, path, {})


def ours(folder):
    """Return a function that makes a tile of some files."""
    from landzicht.formats.cog import CogReader
    from landzicht.formats.places import Places
    from landzicht.formats.remote import Permissions, RemoteFiles, RemoteOptions
    from landzicht.grid.matrix import matrix_set
    from landzicht.kinds import Asset
    from landzicht.mosaic.fill import Want, fill
    from landzicht.testing.scenes import make_scene

    grid, band = grid_and_band()
    matrix = matrix_set("WebMercatorQuad", {})

    def tile(addresses, where):
        host = addresses[0].rpartition("/")[0]
        if not hasattr(tile, "reader"):
            permissions = Permissions.read(host, "127.0.0.1")
            options = RemoteOptions(permissions=permissions, cache_bytes=10**9)
            places = Places(folder, remote=RemoteFiles(options, folder / "cache"))
            tile.reader = CogReader(folder, places=places)
        assets = {
            f"b{n}": Asset(
                key=f"b{n}", href=href, band=replace(band, name=f"b{n}"), grid=grid, size=0,
                sha256="",
            )
            for n, href in enumerate(addresses)
        }  # fmt: skip
        want = Want(keys=tuple(assets), target=matrix.tile(*where, 256))
        found = fill([make_scene("s", assets=assets)], want, tile.reader)
        return [found.bands[key][0] for key in assets]

    return tile


def rio(_folder):
    """Return the same of rio-tiler, with a thread for each file."""
    os.environ.update(RIO)
    from rio_tiler.io import Reader

    def one(address, where):
        with Reader(address) as image:
            return image.tile(where[1], where[2], where[0], tilesize=256).data[0]

    def tile(addresses, where):
        with ThreadPoolExecutor(len(addresses)) as pool:
            return list(pool.map(lambda address: one(address, where), addresses))

    return tile


def contest(name, base, folder):
    """Make all tiles; tells on each line how long one took, and its pixels as a checksum."""
    tile = {"landzicht": ours, "rio-tiler": rio}[name](folder)
    tile([f"{base}/warm.tif"], TILES[0])  # compiling and importing do not count
    number = 0
    for bands in BANDS:
        for where in TILES:
            addresses = [f"{base}/{name}-{number + n}.tif" for n in range(bands)]
            number += bands
            print("count", flush=True)
            before = int(sys.stdin.readline())
            begin = time.perf_counter()
            found = tile(addresses, where)
            spent = time.perf_counter() - begin
            print("count", flush=True)
            requests = int(sys.stdin.readline()) - before
            values = found[0].astype("uint16")[::8, ::8].tolist()
            told = {"bands": bands, "ms": 1e3 * spent, "requests": requests, "values": values}
            print(json.dumps(told), flush=True)


def take_part(name, server, folder):
    command = [sys.executable, __file__, "--contest", name, server.base, str(folder)]
    told = []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=CLEAN
    ) as process:
        for line in process.stdout:
            if line == "count\n":
                process.stdin.write(f"{server.count()}\n")
                process.stdin.flush()
            else:
                told.append(json.loads(line))
    return told


def main(delay, rate):
    import numpy as np

    from landzicht.testing.ranges import range_server

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "a.tif")
        with range_server(folder, delay=delay, rate=rate, modified=False) as server:
            one = server.content(folder / "a.tif")
            server.content = lambda _: one  # any name is this file
            server.exists = lambda _: True
            found = {each: take_part(each, server, folder) for each in ("landzicht", "rio-tiler")}
        shutil.rmtree(folder / "cache", ignore_errors=True)
    for mine, theirs in zip(*found.values(), strict=True):
        equal = np.mean(np.array(mine["values"]) == np.array(theirs["values"]))
        assert equal > 0.9, f"only {equal:.0%} of the pixels are equal"
    print(f"load {os.getloadavg()[0]:.1f}, {1e3 * delay:.0f} ms, {rate or 'any number of'} bytes/s")
    for each, told in found.items():
        for bands in BANDS:
            chosen = [one for one in told if one["bands"] == bands]
            middle = statistics.median(one["ms"] for one in chosen)
            requests = sorted(one["requests"] for one in chosen)
            print(f"{each:10} {bands} bands: {middle:4.0f} ms, requests {requests}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--contest"]:
        contest(*sys.argv[2:4], Path(sys.argv[4]))
    else:
        numbers = [float(text) for text in sys.argv[1:]]
        main(*[numbers[0] / 1e3 if numbers else 0.05, numbers[1] if numbers[1:] else 0.0])
