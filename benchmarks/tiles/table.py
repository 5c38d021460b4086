"""Write the table of the documentation from what pytest-benchmark measured: `table.py FILE`.

Keeps the numbers in `benchmarks/results/tiles.json`, without the name of the machine; called
without a file it writes the table from these.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "tiles.json"
PAGE = ROOT / "docs" / "benchmarks" / "tiles.md"
PEERS = ("titiler", "rio_tiler", "gdal")
PACKAGES = ("titiler.core", "rio-tiler", "rasterio", "imagecodecs", "numba", "uvicorn")
FORMS = {"foreign": "deflate, 1024", "own": "zstd, 512"}
FLOORS = {
    ("foreign", "cold", "png"): 6,
    ("foreign", "cold", "jpg"): 3,
    ("foreign", "cold", "webp"): 3,
    ("foreign", "warm", "png"): 50,
    ("foreign", "warm", "jpg"): 25,
    ("foreign", "view"): 12,
    ("own", "warm", "png"): 50,
    ("own", "warm", "jpg"): 25,
    ("own", "view"): 12,
    ("own", "cold", "png"): 8,
    ("own", "cold", "jpg"): 6,
}
"""What issue 4 asks of the ratio to TiTiler over HTTP; GDAL's are 2 cold and 8 warm."""
GDAL_FLOORS = {"cold": 2, "warm": 8}
HEAD = """# Tiles: how fast

Made by `make bench` (`benchmarks/tiles`); do not edit. All contestants read the same files and were
timed in turn, round by round, after their tiles had been compared: at most 7 % of the pixels
differ, which is what GDAL's transformer allows itself (an eighth of a pixel; ours is held to 0.2 %
of pyproj).

A cell holds **processor time, all threads, of the whole process: milliseconds a tile, and how many
times Landzicht's that is**. Times depend on how busy the machine was; ratios hardly do. *Cold*: no
decoded block is in memory (the files themselves are). *Warm*: the blocks are. *View*: 16
neighbouring tiles from cold. Nowhere a finished tile is kept, for that would measure only a
dictionary. `files` tells the compression and block size of the images: deflate in blocks of 1024 is
what the Sentinel-2 archives publish, zstd in blocks of 512 is what Landzicht writes itself.
"""
NOTES = """
## What was compared

- **titiler**: its `MultiBaseTilerFactory` in a FastAPI application, no further options, over HTTP
  (uvicorn, one process). **Landzicht** over HTTP is the whole application: routing, validation,
  access rules, catalogue, etags.
- **rio-tiler** in process: what titiler calls, without the web.
- **GDAL, tuned**: files kept open, the overview chosen by hand, one bare `WarpedVRT` a band, tables
  for stretching, and the same encoders as ours but for the packer of PNG. For *cold* the files were
  opened anew before the clock ran. This is the fair yardstick of an engine: the large warm figures
  against titiler and rio-tiler are those of a portal that keeps decoded blocks against a server
  that opens every file for every tile.

## Limits

- How far from what is possible: unpacking the same blocks with libdeflate or libzstd and coding one
  JPEG, with nothing in between, took 1 / 1.5 of our time for cold RGB tiles of deflate files at
  zoom 13, and 1 / 2.3 for our own form (measured apart, once). So for deflate files only smaller
  blocks and a quicker codec help much, hence the form that Landzicht writes.
- Over HTTP a warm tile pays 0.7 ms for the web alone (parsing, routing, a thread), as much as for
  its pixels. That, and tiles that are cheap for everybody (zoom 14), keep some warm rows below the
  goal of 50.
- At zoom 10 the image does not fill every tile, and see-through pixels make a tile of four
  channels.
- WebP is coded with method 1 of libwebp, GDAL's default is 4: quicker, and the file is up to twice
  as large. The images are synthetic, with little contrast, so JPEG and WebP files are small.
- One scene a tile; no mosaics, no remote files, one area in one UTM zone.
"""


def main() -> None:
    if len(sys.argv) > 1:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        RESULTS.write_text(json.dumps(kept(Path(sys.argv[1])), indent=1) + "\n")
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(json.loads(RESULTS.read_text())))


def kept(path: Path) -> dict:
    """Return the numbers of one run, and what they were measured with."""
    told = json.loads(path.read_text())
    machine = told["machine_info"].get("cpu", {})
    name = machine.get("brand_raw", platform.machine())
    return {
        "date": told["datetime"][:10],
        "processor": f"{name}, {machine.get('count')} cores",
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "cases": [each["extra_info"] for each in told["benchmarks"]],
    }


def ratio(case: dict, peer: str) -> float:
    """Return the median over the rounds of how many times ours a peer takes."""
    rounds = zip(case["cpu_ms"][peer], case["cpu_ms"]["landzicht"], strict=True)
    return statistics.median(theirs / ours for theirs, ours in rounds)


def floor_of(case: dict, peer: str) -> float | None:
    if peer == "titiler":
        state = (case["form"], case["state"])
        return FLOORS.get(state) or FLOORS.get((*state, case["ending"]))
    return GDAL_FLOORS.get(case["state"]) if peer == "gdal" else None


def cell(case: dict, peer: str) -> str:
    if peer not in case["cpu_ms"]:
        return "-"
    times, floor = ratio(case, peer), floor_of(case, peer)
    missed = f" (goal {floor})" if floor and times < floor else ""
    return f"{statistics.median(case['cpu_ms'][peer]):.1f}, **x{times:.1f}**{missed}"


def page(told: dict) -> str:
    lines = [HEAD]
    for way in ("HTTP", "in process"):
        cases = [case for case in told["cases"] if case["way"] == way]
        peers = [peer for peer in PEERS if any(peer in case["cpu_ms"] for case in cases)]
        lines.append(f"## {'Over HTTP' if way == 'HTTP' else 'In process'}\n")
        lines.append(f"| files | tile | zoom | state | Landzicht | {' | '.join(peers)} |")
        lines.append("| --- | --- | --- | --- | --- |" + " --- |" * len(peers))
        for case in cases:
            ours = statistics.median(case["cpu_ms"]["landzicht"])
            tile = f"{case['product'].upper()} {case['ending'].upper()}"
            cells = " | ".join(cell(case, peer) for peer in peers)
            where = f"{FORMS[case['form']]} | {tile} | {case['z']} | {case['state']}"
            lines.append(f"| {where} | {ours:.1f} | {cells} |")
        lines.append("")
        lines += [worst(cases, peer) for peer in peers]
        lines.append("")
    loads = [case["load"] for case in told["cases"]]
    routes: dict[str, int] = {}
    for case in told["cases"]:
        for route, count in case["told"].get("routes", {}).items():
            routes[route] = max(routes.get(route, 0), count)
    packages = ", ".join(f"{name} {version}" for name, version in told["packages"].items())
    lines.append(NOTES.strip("\n"))
    lines.append(
        f"\nMeasured on {told['date']}: {told['processor']}, load {min(loads):.0f} to "
        f"{max(loads):.0f}; Python {told['python']}, {packages}. Windows read by our own path: "
        f"{routes.get('own', 0)}, through GDAL: {routes.get('gdal', 0)}."
    )
    return "\n".join(lines) + "\n"


def worst(cases: list[dict], peer: str) -> str:
    """Return the worst case of each state against one peer."""
    found = []
    for state in ("cold", "warm", "view"):
        all_of = [ratio(case, peer) for case in cases if case["state"] == state]
        if all_of:
            found.append(f"{state} x{min(all_of):.1f} (median x{statistics.median(all_of):.1f})")
    return f"Worst case against {peer}: {', '.join(found)}.  "


if __name__ == "__main__":
    main()
