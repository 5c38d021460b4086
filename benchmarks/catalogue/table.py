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
FASTER, GET_FASTER, SLOWEST_MS, MORE_ANSWERS = 10, 5, 20, 10
"""Goals: p50 and `get item` against the peer, p99, answers a second against the peer."""
FILLED, MEMORY_MB, GROWN = 1.5, 700, 1.3
"""Goals: filling against the peer, memory, p50 from the smallest catalogue to the largest."""
HEAD = f"""# The catalogue: how fast

Made by `benchmarks/catalogue/run.py`; do not edit. Two servers, the same items: `landzicht up` with
its embedded catalogue, and stac-fastapi-pgstac on PostgreSQL with PostGIS, one web process each, on
one machine of two cores. They were asked in turn, over HTTP, with pages of 100 items; for each kind
of question ten answers were compared first: the same items, in the same order of time. Times are
those of the client, so they depend on how busy the machine was; ratios hardly do. Ours was asked
five times as many questions, so that its p99 is not simply the worst of few.

Goals, at a million items: p50 at least {FASTER}× below the peer (`get item` {GET_FASTER}×), p99 at
most {SLOWEST_MS} ms, {MORE_ANSWERS}× the answers with eight clients, filling at least {FILLED}× as
fast, at most {MEMORY_MB} MB, and a p50 that grows at most {GROWN}× from 100,000 items. A goal that
is missed is marked.
"""
NOTES = """
*Tiny box*: 2 km, a year, at most 20 % cloud. *Country*: the Netherlands, a year, at most 20 %
cloud. *Europe*: everything until a day. *One day*: Europe, one day. *Ten years*: a tiny box.
*Rare hit*: a tiny box in ten years with next to no cloud. PostgreSQL had 1 GB of shared buffers;
pgSTAC's partitions are years. Items are simulated: three collections over Europe, ten years
(`benchmarks/catalogue/items.py`). Both catalogues are filled from the same file of lines of JSON,
each by its own command (`benchmarks/catalogue/load.py`): `landzicht catalogue import`, which checks
every field of every item, and `pypgstac load items --method insert`, which checks none.
"""


def page(results: list[dict]) -> str:
    results = sorted(results, key=lambda each: each["items"])
    parts = [HEAD]
    for result in results:
        parts.append(f"\n## {result['items']:,} items\n\n")
        parts.append(
            "| question | hits | Landzicht p50 / p99 ms | pgSTAC p50 / p99 ms | p50 ratio |\n"
        )
        parts.append("| --- | ---: | ---: | ---: | ---: |\n")
        parts += [row(name, told) for name, told in result["kinds"].items()]
        parts.append(summary(result))
        parts.append(reader(result))
    parts.append(growth(results))
    parts.append(NOTES)
    parts.append("\n" + versions() + "\n")
    return "".join(parts)


def row(name: str, told: dict) -> str:
    us, them = told["landzicht"], told["pgstac"]
    ratio = them["p50"] / us["p50"]
    least = GET_FASTER if name == "get item" else FASTER
    cells = [
        name,
        f"{told['hits']:.0f}",
        f"{us['p50']:.1f} / {us['p99']:.1f}{missed(us['p99'] <= SLOWEST_MS, SLOWEST_MS)}",
        f"{them['p50']:.1f} / {them['p99']:.1f}",
        f"{ratio:.0f}×{missed(ratio >= least, least)}",
    ]
    return f"| {' | '.join(cells)} |\n"


def missed(is_met: bool, goal: float) -> str:
    return "" if is_met else f" (goal {goal})"


def summary(result: dict) -> str:
    speed, memory = result["throughput"], result["memory_mb"]
    ratio = speed["landzicht"] / speed["pgstac"]
    told = (
        f"\nEight clients, all kinds in turn: {speed['landzicht']:.0f} answers a second, "
        f"against {speed['pgstac']:.1f}: {ratio:.0f}×{missed(ratio >= MORE_ANSWERS, MORE_ANSWERS)}."
        f" Most memory of `landzicht up`: {memory['landzicht']:.0f} MB"
        f"{missed(memory['landzicht'] <= MEMORY_MB, MEMORY_MB)}.\n"
    )
    load = result.get("load")
    if load is None:
        return (
            f"{told}An earlier run: {result['rounds']} questions a kind for each of both, memory "
            "as it was afterwards, filling not measured.\n"
        )
    us, them = (result["items"] / load[who]["seconds"] for who in ("landzicht", "pgstac"))
    return (
        f"{told}Filling from a file, all indices included: {us:.0f} items a second against "
        f"{them:.0f}: {us / them:.2f}×{missed(us / them >= FILLED, FILLED)}.\n"
    )


def reader(result: dict) -> str:
    """The server on GeoParquet files, where it was measured."""
    told = result.get("geoparquet")
    if told is None:
        return ""
    head = (
        "\nstac-fastapi-geoparquet 0.0.7, a reader of files "
        f"(`benchmarks/catalogue/geoparquet.py`; {told['rounds']} questions a kind about one "
        f"collection, every answer compared; its most memory {told['memory_mb']:.0f} MB):\n\n"
        "| question | Landzicht p50 ms | stac-fastapi-geoparquet p50 ms | ratio |\n"
        "| --- | ---: | ---: | ---: |\n"
    )
    parts = [head]
    for name, each in told["kinds"].items():
        us, them = each["landzicht"]["p50"], each["geoparquet"]["p50"]
        parts.append(f"| {name} | {us:.1f} | {them:.1f} | {them / us:.0f}× |\n")
    return "".join(parts)


def growth(results: list[dict]) -> str:
    """How much longer the same question takes in a larger catalogue."""
    whole = [each for each in results if "first hit p50" in each["kinds"]["country"]]
    if len(whole) < 2:
        return ""
    small, large = whole[0], whole[-1]
    parts = [
        f"\n## From {small['items']:,} to {large['items']:,} items\n\n",
        (
            "A larger catalogue has more items for the same question, and a longer page takes "
            "longer to send. So the search itself is asked for its first item only; beside it the "
            "whole pages, with how many items they held.\n\n"
        ),
        (
            "| question | first item, ms | growth | whole page: items | growth |\n"
            "| --- | ---: | ---: | ---: | ---: |\n"
        ),
    ]
    for name, after in large["kinds"].items():
        before = small["kinds"][name]
        old, new = (told.get("first hit p50", told["landzicht"]["p50"]) for told in (before, after))
        page_growth = after["landzicht"]["p50"] / before["landzicht"]["p50"]
        cells = [
            name,
            f"{old:.1f} → {new:.1f}",
            f"×{new / old:.2f}{missed(new / old <= GROWN, GROWN)}",
            f"{before['hits']:.0f} → {after['hits']:.0f}",
            f"×{page_growth:.2f}",
        ]
        parts.append(f"| {' | '.join(cells)} |\n")
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
