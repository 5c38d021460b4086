"""Write the table of the documentation from `result-NUMBER.json` files: `table.py FILE...`.

Keeps the numbers in `benchmarks/results/catalogue.json`; called without a file it writes the page
from these.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "catalogue.json"
PAGE = ROOT / "docs" / "benchmarks" / "catalogue.md"
HEAD = """# The catalogue: how fast

Made by `benchmarks/catalogue/run.py`; do not edit. Two servers, the same items: `landzicht up` with
its embedded catalogue, and stac-fastapi-pgstac on PostgreSQL with PostGIS, one web process each, on
one machine. They were asked in turn, over HTTP, with pages of 100 items; for each kind of question
ten answers were compared item by item first. Times are those of the client, so they depend on how
busy the machine was; ratios hardly do.
"""
NOTES = """
*Tiny box*: 2 km, a year, at most 20 % cloud. *Country*: the Netherlands, a year, at most 20 %
cloud. *Europe*: everything until a day. *One day*: Europe, one day. *Ten years*: a tiny box.
*Rare hit*: a tiny box in ten years with next to no cloud. PostgreSQL had 1 GB of shared buffers;
pgSTAC's partitions are years. Items are simulated: three collections over Europe, ten years
(`benchmarks/catalogue/items.py`).
"""


def page(results: list[dict]) -> str:
    parts = [HEAD]
    for result in sorted(results, key=lambda each: each["items"]):
        parts.append(f"\n## {result['items']:,} items\n\n")
        parts.append(
            "| question | hits | Landzicht p50 / p99 ms | pgSTAC p50 / p99 ms | p50 ratio |\n"
        )
        parts.append("| --- | ---: | ---: | ---: | ---: |\n")
        for name, told in result["kinds"].items():
            us, them = told["landzicht"], told["pgstac"]
            cells = [
                name,
                f"{told['hits']:.0f}",
                f"{us['p50']:.1f} / {us['p99']:.1f}",
                f"{them['p50']:.1f} / {them['p99']:.1f}",
                f"{them['p50'] / us['p50']:.0f}×",
            ]
            parts.append(f"| {' | '.join(cells)} |\n")
        speed, memory = result["throughput"], result["memory_mb"]
        ratio = speed["landzicht"] / speed["pgstac"]
        parts.append(
            f"\nEight clients, all kinds in turn: {speed['landzicht']:.0f} answers a second, "
            f"against {speed['pgstac']:.1f} ({ratio:.0f}×). Memory of `landzicht up` afterwards: "
            f"{memory['landzicht']:.0f} MB.\n"
        )
        if load := result.get("load"):
            us, them = (
                load[who]["items"] / load[who]["seconds"] for who in ("landzicht", "pgstac")
            )
            parts.append(
                f"Filling, all indices included: {us:.0f} items a second against {them:.0f} "
                f"({us / them:.1f}×).{processors(load)}\n"
            )
    parts.append(growth(sorted(results, key=lambda each: each["items"])))
    parts.append(NOTES)
    parts.append("\n" + versions() + "\n")
    return "".join(parts)


def processors(load: dict) -> str:
    """What filling costs in processor time, of client and server together."""
    if not all("cpu" in told for told in load.values()):
        return ""
    us, them = (1e6 * load[who]["cpu"] / load[who]["items"] for who in ("landzicht", "pgstac"))
    return f" Processor time of an item: {us:.0f} µs against {them:.0f} µs."


def growth(results: list[dict]) -> str:
    """How much longer the same question takes in a larger catalogue."""
    if len(results) < 2:
        return ""
    small, large = results[0], results[-1]
    parts = [
        f"\n## From {small['items']:,} to {large['items']:,} items\n\n",
        (
            "Where a page holds more items the answer is longer too; only with equal hits does the "
            "growth tell how the search itself grows.\n\n"
        ),
        "| question | hits | Landzicht p50 | pgSTAC p50 |\n| --- | ---: | ---: | ---: |\n",
    ]
    for name, after in large["kinds"].items():
        before = small["kinds"][name]
        ratios = (after[who]["p50"] / before[who]["p50"] for who in ("landzicht", "pgstac"))
        cells = [name, f"{before['hits']:.0f} → {after['hits']:.0f}"]
        parts.append(f"| {' | '.join(cells + [f'×{each:.2f}' for each in ratios])} |\n")
    return "".join(parts)


def versions() -> str:
    told = []
    for name in ("stac-fastapi-pgstac", "pypgstac", "uvicorn", "orjson"):
        try:
            told.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return f"Python {platform.python_version()}, " + ", ".join(told) + "."


def main() -> None:
    if sys.argv[1:]:
        results = [json.loads(Path(name).read_text()) for name in sys.argv[1:]]
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    else:
        results = json.loads(RESULTS.read_text())
    PAGE.write_text(page(results))


if __name__ == "__main__":
    main()
