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

from floors import BUSY, START_S, WORKERS, asked_of, ratio
from products import FORMS, TITLES

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "tiles.json"
WALK = RESULTS.with_name("walk.json")
"""What `python -m landzicht.testing.walk FOLDER 10000 4096` printed."""
PAGE = ROOT / "docs" / "benchmarks" / "tiles.md"
PEERS = ("titiler", "limit", "rio_tiler", "gdal")
PACKAGES = ("titiler.core", "rio-tiler", "rasterio", "imagecodecs", "isal", "numba")
PACKAGES += ("uvicorn", "uvloop", "httptools")
HEAD = """# Tiles: how fast

Made by `make bench` (`benchmarks/tiles`); do not edit. All contestants read the same files and were
timed in turn, round by round, after their tiles had been compared: at most 7 % of the pixels
differ, which is what GDAL's transformer allows itself (an eighth of a pixel; ours is held to 0.2 %
of pyproj).

A cell holds **processor time, all threads, of the whole process: milliseconds a tile, and how many
times Landzicht's that is**. Times depend on how busy the machine was; ratios hardly do. *Cold*: no
decoded block is in memory (the files themselves are). *Warm*: the blocks are, and where the pixels
of a tile lie is known, as when the dates or colours of a view change. *View*: 16 neighbouring tiles
from cold. Nowhere a finished tile is kept, for that would measure only a dictionary. `files` tells
the compression and block size of the images: deflate in blocks of 1024 is what the Sentinel-2
archives publish, zstd in blocks of 512 is what Landzicht writes itself.
"""
NOTES = """
## What was compared

- **titiler**: its `MultiBaseTilerFactory` in a FastAPI application, no further options, over HTTP
  (uvicorn, one process). **Landzicht** over HTTP is the whole application: routing, validation,
  access rules, catalogue, etags.
- **rio-tiler** in process: what titiler calls, without the web.
- **GDAL, tuned**: files kept open, the overview chosen by hand, one bare `WarpedVRT` a file, tables
  for stretching, and the very encoders of our side, the packer of PNG included. For *cold* the
  files were opened anew before the clock ran. This is the fair yardstick of an engine: the large
  warm figures against titiler and rio-tiler are those of a portal that keeps decoded blocks against
  a server that opens every file for every tile. Goals against it are of bands in files of their
  own, the nearest pixel, in tiles of 256.

## Limits

- *limit* is what no tile server can do without: unpacking the rows that are needed of the same
  blocks, from bytes in memory, and encoding the finished pixels, both with the quickest codecs we
  know; no catalogue, plan, warp or paint. Cold tiles of deflate files are nearly all unpacking, so
  there only smaller blocks and a quicker codec help much, hence the form that Landzicht writes.
- Blocks of deflate files are unpacked from the top down to the last row that a tile needs, and go
  on from there when a neighbour needs more; the others unpack whole blocks. At zoom 10 a tile needs
  nearly all rows of the one block that the overview has, and this helps little: these are the rows
  nearest to tuned GDAL.
- Over HTTP a warm tile pays 0.4 ms for the web alone (parsing, a thread, sockets), half of what it
  pays for pixels. That, and tiles that are cheap for everybody (zoom 14), make the worst warm rows.
- At zoom 10 the image does not fill every tile, and see-through pixels make a tile of four
  channels.
- WebP is coded at quality 75, as TiTiler does, with method 0 of libwebp (GDAL's default is 4): five
  times quicker, and the file is half as large again. The images are synthetic, with little
  contrast, so JPEG and WebP files are small.
- rio-tiler reads the bands of a tile in threads, as TiTiler lets it (`RIO_TILER_MAX_THREADS` is not
  set, so five for each processor); what they cost together is counted.
- Browsers tell which site asks only when a page of another site does. Such requests pass the layers
  that every other address has (routing, errors, sharing across origins): the rows *for another
  site*. All other rows over HTTP are of requests without that.
- *Without clouds* is a mosaic of four scenes with swath edges and clouds, newest first, each
  without what its classification (20 m) calls cloud; rio-tiler does it by its `mosaic_reader`,
  tuned GDAL scene by scene until the tile is full. *Three in one* is one file of three bands of
  8 bits, as the TCI of Sentinel-2.
- *Bilinear* weighs nine pixels of the file for each pixel of the tile and band, which keeping
  blocks does not spare: its warm tile is nearly all weighing, and the limit here is that of the
  nearest pixel.
- A run fails when a row falls below half of its goal, or of what the limit leaves of it.
- No remote files; one area in one UTM zone.
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
        "packages": {name: version(name) for name in PACKAGES},
        "cases": [each["extra_info"] for each in told["benchmarks"]],
    }


def version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def cell(case: dict, peer: str) -> str:
    if peer not in case["cpu_ms"]:
        return "-"
    times, asked = ratio(case, peer), asked_of(case, peer)
    missed = f" (goal {asked[0]})" if asked and times < asked[0] else ""
    if peer == "limit":
        return f"{statistics.median(case['cpu_ms'][peer]):.1f}, {1 / times:.1f} of it"
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
            cells = " | ".join(cell(case, peer) for peer in peers)
            lines.append(f"| {row_of(case)} | {ours:.1f} | {cells} |")
        lines.append("")
        lines += [worst(cases, peer) for peer in peers]
        lines += [reached(cases, peer) for peer in peers if peer in ("titiler", "gdal")]
        lines += [sizes(cases, peer) for peer in peers if peer in ("titiler", "gdal")]
        lines.append("")
        lines += below(cases)
    lines += running(told["cases"])
    lines += walked(json.loads(WALK.read_text())) if WALK.exists() else []
    loads = [case["load"] for case in told["cases"]]
    packages = ", ".join(f"{name} {version}" for name, version in told["packages"].items())
    lines.append(NOTES.strip("\n"))
    lines.append(
        f"\nMeasured on {told['date']}: {told['processor']}, load {min(loads):.0f} to "
        f"{max(loads):.0f}; Python {told['python']}, {packages}."
    )
    return "\n".join(lines) + "\n"


def row_of(case: dict) -> str:
    """Return the first cells of a row: which files, what is made of them, where and when."""
    name, _, rest = TITLES.get(case["product"], case["product"].upper()).partition(" ")
    tile = f"{name} {case['ending'].upper()} {rest}".strip()
    return f"{FORMS[case['form']]} | {tile} | {case['z']} | {case['state']}"


def sizes(cases: list[dict], peer: str) -> str:
    """Return how large our files are, of those of a peer."""
    found: dict[str, list[float]] = {}
    for case in cases:
        if case["state"] != "view" and peer in case["size"]:
            share = case["size"]["landzicht"] / case["size"][peer]
            found.setdefault(case["ending"].upper(), []).append(share)
    told = [f"{name} x{min(each):.2f} to x{max(each):.2f}" for name, each in found.items()]
    return f"Our files are, next to those of {peer}: {', '.join(told)} as large.  "


def reached(cases: list[dict], peer: str) -> str:
    """Return in how many rows the goals were reached, and in how many the aims beyond them."""
    asked = [(ratio(case, peer), asked_of(case, peer)) for case in cases if asked_of(case, peer)]
    goals = sum(times >= each[0] for times, each in asked)
    aims = sum(times >= each[1] for times, each in asked)
    return (
        f"Against {peer} the goal is reached in {goals} of {len(asked)} rows, "
        f"the aim beyond it in {aims}.  "
    )


def below(cases: list[dict]) -> list[str]:
    """Return the rows that miss their goal against tuned GDAL, and how far the limit would get."""
    lines = []
    for case in cases:
        asked = asked_of(case, "gdal")
        known = asked and {"gdal", "limit"} <= case["cpu_ms"].keys()
        if not known or ratio(case, "gdal") >= asked[0]:
            continue
        best = ratio(case, "gdal", "limit")
        allowed = statistics.median(case["cpu_ms"]["gdal"]) / asked[0]
        alone = statistics.median(case["cpu_ms"]["limit"])
        ours = statistics.median(case["cpu_ms"]["landzicht"])
        left = allowed - alone
        verdict = f"{left:.1f} ms are left for all else" if left > 0 else "**out of reach**"
        figures = f"x{ratio(case, 'gdal'):.1f}, {ours:.1f} ms | x{asked[0]:g}, {allowed:.1f} ms"
        lines.append(f"| {row_of(case)} | {figures} | x{best:.1f}, {alone:.1f} ms | {verdict} |")
    if not lines:
        return []
    head = "| files | tile | zoom | state | Landzicht | goal | limit | so |"
    told = (
        "What the goal against tuned GDAL allows in the rows that miss it, and what unpacking and "
        "encoding alone take, which is no engine's to save:"
    )
    return ["### Below the goal\n", told, "", head, "|" + " --- |" * 8, *lines, ""]


def running(cases: list[dict]) -> list[str]:
    """Return what was measured of the portal as a whole."""
    lines = ["## Start, and two workers\n"]
    lines.append("| `landzicht up` on | first tile after | processor time of the server | load |")
    lines.append("| --- | --- | --- | --- |")
    for case in cases:
        if case["way"] == "start":
            late = f" (goal {START_S:g})" if case["wall"] > START_S else ""
            told = f"{case['wall']:.1f} s{late} | {case['cpu']:.1f} s | {case['load']:.0f}"
            lines.append(f"| {case['what']} | {told} |")
    for case in cases:
        if case["way"] == "workers":
            lines += ["", two_workers(case["rounds"])]
    return [*lines, ""] if len(lines) > 3 else []


def walked(told: dict) -> list[str]:
    """Tell of the long random walk: memory, and which way its pixels came."""
    own, gdal = told["routes"]["own"], told["routes"]["gdal"]
    kinds = ", ".join(f"{name} {count}" for name, count in told["kinds"].items())
    caches, most = told["caches_mb"], told["caches_mb"] + told["allowed_mb"]
    peak, instant = told["peak_mb"], told["highest_mb"]
    missed = f" (**{instant - most:.0f} MB too many**)" if instant > most else ""
    memory = (
        f"{told['tiles']} answers at random places, zooms and dates, from as many threads as a "
        f"server uses, over images of {told['side']} px in six formats ({kinds}, "
        f"the latter of up to {told['window_px']} px; {told['masked']} without clouds). "
        f"The process held {told['start_mb']:.0f} MB at the start, "
        f"at most {peak:.0f} MB at fifty moments on the way, and {instant:.0f} MB "
        f"for an instant{missed}; caches of {caches} MB are set, and {most} MB is the goal.\n"
    )
    ways = (
        f"Of {own + gdal} windows that were read (the part of one band that an answer needs, in "
        f"one block or several) **{own / (own + gdal):.1%} came by our own path** and "
        f"{gdal / (own + gdal):.1%} through GDAL: JPEG 2000, which is one of the six.\n"
    )
    return ["## A long walk: memory, and which way pixels come\n", memory, ways]


def two_workers(rounds: list[dict]) -> str:
    """Tell what a second worker adds, or that others kept the machine too busy to tell."""
    middle = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
    times = statistics.median(each["two"] / each["one"] for each in rounds)
    others = max(middle["one_others"], middle["two_others"])
    told = (
        f"Warm RGB PNG tiles a second, asked for by a light client on the same machine (it took "
        f"{middle['two_client']:.0%} of one processor): one worker {middle['one']:.0f}, "
        f"two {middle['two']:.0f}, "
    )
    if others > BUSY:
        return (
            f"{told}x{times:.2f}. Other work took {others:.0%} of the machine meanwhile, so this "
            "says nothing about workers: **to be measured again on a quiet machine**."
        )
    missed = f" (goal {WORKERS})" if times < WORKERS else ""
    return f"{told}**x{times:.2f}**{missed}; other work took {others:.0%} of the machine."


def worst(cases: list[dict], peer: str) -> str:
    """Return the worst case of each state against one peer."""
    found = []
    for state in ("cold", "warm", "view"):
        all_of = [ratio(case, peer) for case in cases if case["state"] == state]
        if all_of and peer == "limit":
            far = [1 / each for each in all_of]
            found.append(f"{state} {max(far):.1f} (median {statistics.median(far):.1f})")
        elif all_of:
            found.append(f"{state} x{min(all_of):.1f} (median x{statistics.median(all_of):.1f})")
    if peer == "limit":
        return f"Times the limit that Landzicht takes, at worst: {', '.join(found)}.  "
    return f"Worst case against {peer}: {', '.join(found)}.  "


if __name__ == "__main__":
    main()
