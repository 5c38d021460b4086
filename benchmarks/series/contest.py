"""Compare with exactextract, xvec, rasterstats and odc-stac: `contest.py [--quick] [--write]`.

All in processor seconds of one thread, each contestant in turn, several rounds, the best of each.
First the answers are held against each other. `--write` keeps the numbers and makes the table.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import shapely
from data import BANDS, CLEAR, CRS, GRID, QUESTION, Memory, parcels, pixels, scene, shapes, write

from landzicht.blocks.heap import keep_freed_memory
from landzicht.formats import CogReader
from landzicht.grid import Window
from landzicht.runners import Inline
from landzicht.series.plan import overpasses
from landzicht.series.run import Land, measure
from landzicht.series.statistics import parse_statistics

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "series.json"
PAGE = ROOT / "docs" / "benchmarks" / "series.md"
WANTED = parse_statistics(["mean", "std", "min", "max", "count"])
OPS = ["mean", "stdev", "min", "max", "count"]
SLOW = 500
"""Parcels that rasterstats gets; its time is scaled."""
CELL = 512
STORED = 2
"""Dates whose files take turns where there are many."""


def spent(work) -> tuple[float, object]:
    """Return processor seconds and what the work returned."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def index_of(images) -> np.ndarray:
    """Return the masked vegetation index `(y, x)`: the peers get it ready."""
    red, near = (images[key].astype(np.float64) for key in ("B04", "B08"))
    return np.where(images["SCL"] == CLEAR, (near - red) / (near + red), np.nan)


def ours(land, scenes, reader) -> list:
    """Return our tables."""
    passes = overpasses(scenes, QUESTION)
    return list(measure(land, passes, QUESTION, WANTED, (reader, Inline())))


def exactextract_rows(values, frame) -> np.ndarray:
    """Return what exactextract says."""
    import exactextract

    bounds = GRID.bounds
    raster = exactextract.raster.NumPyRasterSource(
        values, bounds.west, bounds.south, bounds.east, bounds.north
    )
    return exactextract.exact_extract(raster, frame, OPS, output="pandas").to_numpy(float)


def xvec_rows(values, frame):
    """Return what xvec says with its exactextract engine."""
    import xarray as xr
    import xvec  # noqa: F401 - registers itself

    x = GRID.bounds.west + 5 + 10 * np.arange(GRID.width)
    y = GRID.bounds.north - 5 - 10 * np.arange(GRID.height)
    array = xr.DataArray(values, coords={"y": y, "x": x}, dims=("y", "x"))
    return array.xvec.zonal_stats(
        frame.geometry, x_coords="x", y_coords="y", stats=OPS, method="exactextract"
    )


def rasterstats_rows(values, frame):
    """Return what rasterstats says of the first parcels, by pixel centres."""
    import rasterstats

    return rasterstats.zonal_stats(
        frame.geometry[:SLOW], values, affine=GRID.transform, stats=["mean", "std"], nodata=np.nan
    )


def one_date(count: int, rounds: int) -> dict[str, float]:
    """Return seconds for one date in memory."""
    import geopandas

    images = pixels(0)
    reader, land, scenes = Memory(images), Land(parcels(count)), [scene(0)]
    frame = geopandas.GeoDataFrame(geometry=shapes(count), crs=CRS)
    values = index_of(images)
    (table,) = ours(land, scenes, reader)
    peer = exactextract_rows(values, frame)
    mine = WANTED.pick(table.table)
    sums = [OPS.index(name) for name in ("mean", "stdev", "count")]
    np.testing.assert_allclose(mine[:, sums], peer[:, sums], rtol=1e-6, atol=1e-6)
    # A pixel of which less than 1e-9 lies in a parcel gives it no minimum or maximum with us.
    ends = np.isclose(mine, peer, rtol=1e-6, atol=1e-6, equal_nan=True).all(axis=1)
    assert (~ends).sum() <= count / 1_000
    contestants = {
        "landzicht": lambda: ours(land, scenes, reader),
        "exactextract": lambda: exactextract_rows(values, frame),
        "xvec": lambda: xvec_rows(values, frame),
        "rasterstats": lambda: rasterstats_rows(values, frame),
    }
    best = dict.fromkeys(contestants, np.inf)
    for _ in range(rounds):
        for name, work in contestants.items():
            best[name] = min(best[name], spent(work)[0])
    best["rasterstats"] *= count / min(SLOW, count)
    best["landzicht with weights"] = (
        best["landzicht"] + spent(lambda: Land(parcels(count)).division((GRID,)))[0]
    )
    return best


def decode(folder: Path, scenes) -> None:
    """Unpack every block of every band."""
    reader = CogReader(folder, 0)
    for each in scenes:
        for asset in each.assets.values():
            for row in range(0, GRID.height, CELL):
                for column in range(0, GRID.width, CELL):
                    reader.read(asset, 0, Window(row, column, CELL, CELL))


def exactextract_loop(folder: Path, scenes, frame) -> None:
    """Read with rasterio, and let exactextract measure, date by date."""
    import rasterio

    for each in scenes:
        images = {}
        for key in BANDS:
            with rasterio.open(folder / each.assets[key].href) as file:
                images[key] = file.read(1)
        exactextract_rows(index_of(images), frame)


def odc_loop(folder: Path, scenes, frame) -> None:
    """Load with odc-stac, and let xvec measure, date by date."""
    import odc.stac
    import pystac

    for each in scenes:
        box = [3.0, 50.0, 7.0, 54.0]
        item = pystac.Item(
            each.id, shapely.geometry.mapping(shapely.box(*box)), box, each.moment, {}
        )
        for key, asset in each.assets.items():
            item.add_asset(key, pystac.Asset(str(folder / asset.href), roles=["data"]))
        geobox = odc.geo.geobox.GeoBox(GRID.shape, GRID.transform, CRS)
        told = odc.stac.load([item], bands=list(BANDS), geobox=geobox)
        images = {key: told[key].values[0] for key in BANDS}
        xvec_rows(index_of(images), frame)


def from_files(count: int, dates: int, rounds: int) -> dict[str, float]:
    """Return seconds for dates from COGs."""
    import geopandas

    frame = geopandas.GeoDataFrame(geometry=shapes(count), crs=CRS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scenes, land = write(folder, dates), Land(parcels(count))

        contestants = {
            "landzicht": lambda: ours(land, scenes, CogReader(folder, 0)),
            "decode alone": lambda: decode(folder, scenes),
            "exactextract loop": lambda: exactextract_loop(folder, scenes, frame),
            "odc-stac and xvec": lambda: odc_loop(folder, scenes, frame),
        }
        best = dict.fromkeys(contestants, np.inf)
        for _ in range(rounds):
            for name_, work in contestants.items():
                best[name_] = min(best[name_], spent(work)[0])
    return best


def growth(counts: tuple[int, ...], dates: int) -> dict[str, dict[str, float]]:
    """Return seconds and memory of many parcels, each in a process of its own."""
    found = {}
    for count in counts:
        command = [sys.executable, __file__, "--one", str(count), str(dates)]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found[str(count)] = json.loads(told)
    return found


def one(count: int, dates: int, folder: str | None = None) -> None:
    """Measure `count` parcels on `dates` dates and print what it takes."""
    if folder is None:
        reader, scenes = Memory(pixels(0)), [scene(date) for date in range(dates)]
    else:
        reader = CogReader(Path(folder), 0)
        scenes = [scene(date, f"{date % STORED}-{{key}}.tif") for date in range(dates)]
    land = Land(parcels(count))
    passes = overpasses(scenes, QUESTION)
    list(measure(Land(parcels(10)), passes[:1], QUESTION, WANTED, (reader, Inline())))  # compiles
    start, rows = time.process_time(), 0
    for table in measure(land, passes, QUESTION, WANTED, (reader, Inline())):
        rows += len(table.areas)
    seconds = time.process_time() - start
    print(json.dumps({"seconds": seconds, "memory_mb": most_memory() / 1e6, "rows": rows}))


def dates_from_files(count: int, dates: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """Return seconds and memory of more and more dates from COGs, each in a process of its own.

    The files of two dates take turns; no block is kept, so each date unpacks all of it.
    """
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), STORED)
        for many in dates:
            command = [sys.executable, __file__, "--one", str(count), str(many), folder]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            found[str(many)] = json.loads(told)
    return found


def most_memory() -> int:
    """Return the most bytes that this program held; `ru_maxrss` would count its parent's too."""
    text = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", text)[1]) * 1024


def table(told) -> str:
    """Return the page of the documentation."""
    date, files, many = told["one date"], told["files"], told["growth"]
    lines = [
        "# Measuring parcels: how quick",
        "",
        "Made by `benchmarks/series/contest.py`: processor seconds of one thread, best of rounds",
        f"in turn ({told['rounds']}), {told['count']} parcels of 2.2 ha on 4096 × 4096 pixels.",
        "All give equal numbers to 1e-6 first (rasterstats, by pixel centres, does not).",
        "",
        "| one date in memory | seconds | × ours |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {k} | {v:.3f} | {v / date['landzicht']:.1f} |" for k, v in date.items()]
    lines += ["", f"| {told['dates']} dates from COG | seconds | × ours |", "| --- | --- | --- |"]
    lines += [f"| {k} | {v:.2f} | {v / files['landzicht']:.2f} |" for k, v in files.items()]
    lines += [
        "",
        f"| parcels × {told['growth dates']} dates | seconds | per 1,000 parcels | memory, MB |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {k} | {v['seconds']:.2f} | {1000 * v['seconds'] / int(k):.3f} | {v['memory_mb']:.0f} |"
        for k, v in many.items()
    ]
    most = told["most"]
    lines += [
        "",
        f"| dates × {most['count']} parcels, from COG | seconds | per date | memory, MB |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {k} | {v['seconds']:.1f} | {v['seconds'] / int(k):.2f} | {v['memory_mb']:.0f} |"
        for k, v in most["dates"].items()
    ]
    versions = ", ".join(f"{name} {number}" for name, number in told["versions"].items())
    lines += ["", f"Python {told['python']}; {versions}.", ""]
    return "\n".join(lines)


def main() -> None:
    """Run the contest."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--one", nargs="+")
    asked = parser.parse_args()
    keep_freed_memory()  # as `landzicht series` does; it serves all contestants alike
    if asked.one:
        count, dates, *folder = asked.one
        one(int(count), int(dates), *folder)
        return
    count, dates, rounds = (2_000, 2, 2) if asked.quick else (10_000, 12, 3)
    counts, many = ((1_000, 4_000), 3) if asked.quick else ((1_000, 10_000, 100_000), 50)
    most, series = (4_000, (1, 3)) if asked.quick else (100_000, (1, 5, 25, 50))
    assert shapely.is_valid(shapes(100)).all()
    peers = ("exactextract", "xvec", "rasterstats", "rasterio", "numba")
    told = {
        "count": count,
        "dates": dates,
        "rounds": rounds,
        "one date": one_date(count, rounds),
        "files": from_files(count, dates, rounds),
        "growth dates": many,
        "growth": growth(counts, many),
        "most": {"count": most, "dates": dates_from_files(most, series)},
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in peers},
    }
    if asked.write:
        RESULTS.write_text(json.dumps(told, indent=1) + "\n")
        PAGE.write_text(table(told))
    print(table(told))


if __name__ == "__main__":
    main()
