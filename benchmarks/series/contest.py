"""Compare with exactextract, xvec, rasterstats and odc-stac: `contest.py [--quick] [--write]`.

All in processor seconds of one thread, each contestant in turn, several rounds, the best of each.
Answers are held against each other too. What was measured is kept step by step, so a run that was
stopped goes on where it was (`--fresh`: begin anew); `--write` makes the page of what there is
after each step. A quick run never replaces the page.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import shapely
from data import (
    COLLECTION,
    EXPRESSION,
    FILES,
    GRID,
    QUESTION,
    STORED,
    Memory,
    fill,
    parcels,
    pixels,
    scene,
    scenes_of,
    shapes,
    write,
    write_parcels,
)
from peers import (
    SLOW,
    exactextract_loop,
    exactextract_rows,
    frame_of,
    held_against,
    index_of,
    near_enough,
    odc_loop,
    rasterstats_rows,
    xvec_rows,
)

from landzicht.blocks.heap import keep_freed_memory
from landzicht.formats import CogReader
from landzicht.grid import Window
from landzicht.runners import Inline
from landzicht.series.plan import overpasses
from landzicht.series.run import Land, measure
from landzicht.series.statistics import parse_statistics
from page import page

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "series.json"
PAGE = ROOT / "docs" / "benchmarks" / "series.md"
KEPT = ROOT / ".bench" / "series"
STATS = ["mean", "std", "min", "max", "count"]
WANTED = parse_statistics(STATS)
CELL, BLOCK = 1024, 512
PEERS = ("exactextract", "xvec", "rasterstats", "odc-stac", "xarray", "geopandas", "shapely")
OURS = ("rasterio", "numba", "numpy", "pyarrow")
FULL = {
    "count": 10_000,
    "dates": 12,
    "rounds": 3,
    "counts": (1_000, 3_000, 10_000, 30_000, 100_000),
    "growth_dates": 10,
    "most": 100_000,
    "series": (1, 10, 50),
}
QUICK = {
    "count": 2_000,
    "dates": 2,
    "rounds": 2,
    "counts": (1_000, 2_000, 4_000),
    "growth_dates": 3,
    "most": 4_000,
    "series": (1, 3),
}
_COMMAND = """
import re, sys
from pathlib import Path
from landzicht.cli.main import group
group.main(sys.argv[1:], standalone_mode=False)
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def spent(work) -> tuple[float, object]:
    """Return processor seconds and what the work returned."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def in_turn(contestants, rounds) -> dict[str, float]:
    """Return the best of some rounds of each."""
    best = dict.fromkeys(contestants, np.inf)
    for _ in range(rounds):
        for name, work in contestants.items():
            best[name] = min(best[name], spent(work)[0])
    return best


def ours(land, scenes, reader) -> list:
    """Return our tables."""
    passes = overpasses(scenes, QUESTION)
    return list(measure(land, passes, QUESTION, WANTED, (reader, Inline())))


def one_date(told) -> dict:
    """Return seconds for one date in memory, and how far answers lie apart."""
    count = told["count"]
    images = pixels(0)
    reader, land, scenes = Memory(images), Land(parcels(count)), [scene(0)]
    frame, values = frame_of(shapes(count)), index_of(images)
    (table,) = ours(land, scenes, reader)
    mine = WANTED.pick(table.table)
    agree = {
        "exactextract": held_against(mine, exactextract_rows(values, frame)),
        "xvec": held_against(mine, xvec_rows(values, frame)),
        "rasterstats": near_enough(mine, rasterstats_rows(values, frame)),
    }
    contestants = {
        "landzicht": lambda: ours(land, scenes, reader),
        "exactextract": lambda: exactextract_rows(values, frame),
        "xvec": lambda: xvec_rows(values, frame),
        "rasterstats": lambda: rasterstats_rows(values, frame),
    }
    best = in_turn(contestants, told["rounds"])
    best["rasterstats"] *= count / min(SLOW, count)
    weights = spent(lambda: ours(Land(parcels(count, seed=6)), scenes, reader))[0]
    best["landzicht with weights"] = weights
    return best | {"agree": agree}


def decode(folder: Path, scenes) -> None:
    """Unpack every block of every band, by the same way as ours, and look at nothing."""
    reader = CogReader(folder, 0)
    for each in scenes:
        for asset in each.assets.values():
            for row in range(0, GRID.height, CELL):
                for column in range(0, GRID.width, CELL):
                    window = Window(row, column, CELL, CELL)
                    parts = reader.direct.parts(asset, 0, window, BLOCK)
                    assert parts is not None
                    for _ in parts:
                        pass


def gdal_decode(folder: Path, scenes) -> None:
    """Read every band as a whole by rasterio, and look at nothing."""
    import rasterio

    for each in scenes:
        for asset in each.assets.values():
            with rasterio.open(folder / asset.href) as file:
                file.read(1)


def files(told) -> dict[str, float]:
    """Return seconds for dates from COGs, and for unpacking alone: by GDAL, and by our reader."""
    scenes, land = write(KEPT, told["dates"]), Land(parcels(told["count"]))
    contestants = {
        "landzicht": lambda: ours(land, scenes, CogReader(KEPT, 0)),
        "decode alone": lambda: gdal_decode(KEPT, scenes),
        "our decode alone": lambda: decode(KEPT, scenes),
    }
    ours(land, scenes[:1], CogReader(KEPT, 0))  # compiles, and works out the weights
    return in_turn(contestants, told["rounds"])


def peer_loop(loop, told) -> dict:
    """Return seconds of a loop of others over the same files, and how far its answers lie off."""
    scenes, count = write(KEPT, told["dates"]), told["count"]
    frame, land = frame_of(shapes(count)), Land(parcels(count))
    mine = [WANTED.pick(table.table) for table in ours(land, scenes, CogReader(KEPT, 0))]
    seconds, found = spent(lambda: loop(KEPT, scenes, frame))
    apart = [held_against(one, other) for one, other in zip(mine, found, strict=True)]
    agree = {name: max(each[name] for each in apart) for name in apart[0]}
    return {"seconds": seconds, "agree": agree}


def alone(count: int, dates: int, *, from_files: bool) -> dict[str, float]:
    """Return seconds and memory of some parcels and dates, in a process of their own."""
    command = [sys.executable, __file__, "--one", str(count), str(dates), str(int(from_files))]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return json.loads(told)


def more_parcels(count: int, told) -> dict[str, float]:
    """Return seconds and memory of so many parcels: the best of rounds."""
    rounds = told["rounds"] if count < told["most"] else min(2, told["rounds"])
    found = [alone(count, told["growth_dates"], from_files=False) for _ in range(rounds)]
    return min(found, key=lambda row: row["seconds"])


def one(count: int, dates: int, *, from_files: bool) -> None:
    """Measure `count` parcels on `dates` dates and print what it takes.

    The files of two dates take turns; no block is kept, so each date unpacks all of it.
    """
    reader = CogReader(KEPT, 0) if from_files else Memory(pixels(0))
    scenes = scenes_of(dates) if from_files else [scene(date) for date in range(dates)]
    land = Land(parcels(count))
    passes = overpasses(scenes, QUESTION)
    list(measure(Land(parcels(10)), passes[:1], QUESTION, WANTED, (reader, Inline())))  # compiles
    start, rows = time.process_time(), 0
    for table in measure(land, passes, QUESTION, WANTED, (reader, Inline())):
        rows += len(table.areas)
    seconds = time.process_time() - start
    print(json.dumps({"seconds": seconds, "memory_mb": most_memory() / 1e6, "rows": rows}))


def more_dates(dates: int, told) -> dict[str, float]:
    """Return seconds and memory of so many dates from COGs."""
    write(KEPT, STORED)
    return alone(told["most"], dates, from_files=True)


def as_command(told) -> dict:
    """Return what `landzicht series` takes, from a file with parcels to a file with rows."""
    write(KEPT, STORED)
    dates = told["series"][-1]
    fill(KEPT, dates)
    source, out = KEPT / f"parcels-{told['most']}.parquet", KEPT / "out.parquet"
    write_parcels(source, told["most"])
    shutil.rmtree(KEPT / "cache" / "series", ignore_errors=True)
    words = ["series", source, "--data", KEPT, "--collection", COLLECTION, "--yes", "--out", out]
    words += ["--expression", EXPRESSION, "--stats", ",".join(STATS)]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2_000:])
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    import pyarrow.parquet as pq

    return {
        "wall": wall,
        "seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "memory_mb": int(done.stdout.split()[-1]) * 1024 / 1e6,
        "rows": pq.read_metadata(out).num_rows,
        "out_mb": out.stat().st_size / 1e6,
        "dates": dates,
        "stats": STATS,
        "threads": max(1, min(8, os.cpu_count() or 1)),
    }


def most_memory() -> int:
    """Return the most bytes that this program held; `ru_maxrss` would count its parent's too."""
    text = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", text)[1]) * 1024


def steps_of(told) -> dict:
    """Return what is measured, in order, by name."""
    return {
        "one date": one_date,
        "files": files,
        "exactextract loop": partial(peer_loop, exactextract_loop),
        "odc-stac and xvec": partial(peer_loop, odc_loop),
        **{f"parcels {count}": partial(more_parcels, count) for count in told["counts"]},
        **{f"dates {dates}": partial(more_dates, dates) for dates in told["series"]},
        "command": as_command,
    }


def code() -> str:
    """Return what changes when our code does: rows of other code are not kept."""
    digest = hashlib.sha256()
    folders = [
        ROOT / "src" / "landzicht" / name for name in ("series", "kernels", "formats", "portal")
    ]
    for path in sorted(each for folder in folders for each in folder.rglob("*.py")):
        digest.update(path.read_bytes())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.name != "page.py":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def kept_rows(told, path: Path) -> dict:
    """Return what an earlier run of the same question, code and programs measured."""
    try:
        before = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    same = {key: value for key, value in before.items() if key != "rows"}
    return before["rows"] if same == json.loads(json.dumps(told)) else {}


def main() -> None:
    """Run the contest."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--one", nargs=3, type=int)
    asked = parser.parse_args()
    keep_freed_memory()  # as `landzicht series` does; it serves all contestants alike
    if asked.one:
        count, dates, from_files = asked.one
        one(count, dates, from_files=bool(from_files))
        return
    assert shapely.is_valid(shapes(100)).all()
    told = (QUICK if asked.quick else FULL) | {
        "slow": SLOW,
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "versions": {name: importlib.metadata.version(name) for name in PEERS + OURS},
        "code": code(),
    }
    state = KEPT / ("quick.json" if asked.quick else "full.json")
    (KEPT / FILES).mkdir(parents=True, exist_ok=True)
    rows = {} if asked.fresh else kept_rows(told, state)
    for name, step in steps_of(told).items():
        if name not in rows:
            start = time.perf_counter()
            rows[name] = step(told)
            print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
            state.write_text(json.dumps(told | {"rows": rows}, indent=1))
        if asked.write and not asked.quick:
            RESULTS.write_text(json.dumps(told | {"rows": rows}, indent=1) + "\n")
            PAGE.write_text(page(told | {"rows": rows}))
    print(page(told | {"rows": rows}))
    if asked.write and asked.quick:
        print("A quick run does not replace the page.", file=sys.stderr)


if __name__ == "__main__":
    main()
