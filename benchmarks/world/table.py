"""Write the tables in `docs/zonderland.md` from `benchmarks/results/world.json`: `table.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "zonderland.md"
START, END = "<!-- made by benchmarks/world/table.py -->\n", "<!-- end -->\n"
HEAD = """
Measured by `make bench-world`: the command that a user types, each time in a process of its own on
{processors} processors with Python {python}, imports included, the middle of three runs. Memory is
that of all processes together at its highest; what they share counts in each.

| what | time | memory | on disk | promised |
| --- | ---: | ---: | ---: | ---: |
"""
ROWS = (
    ("small", "256 × 256 pixels, 6 dates", 3.0),
    ("usual", "1024 × 1024 pixels, 24 dates", 60.0),
    ("usual, few", "1024 × 1024 pixels, 6 dates", None),
    ("zones", "1024 × 1024 pixels, 24 dates, both zones", None),
    ("large", "2048 × 2048 pixels, 6 dates", None),
)
MORE = """
One image more of the other instruments, of 1024 × 1024 pixels of 10 m of ground (the town: 1 km² in
pixels of half a metre), in one process:

| instrument | time | memory of the process | promised |
| --- | ---: | ---: | ---: |
"""
SENSORS = (("s1", "radar", 8, 2.0), ("thermal", "heat", 8, 2.0), ("vhr", "half a metre", 4, 6.0))


def page(told: dict[str, Any]) -> str:
    """Return what stands in the documentation."""
    cases, lines = told["cases"], [HEAD.format(**told)]
    for name, title, goal in ROWS:
        if name in cases:
            one = cases[name]
            cells = [title, f"{one['wall_s']:.1f} s"]
            cells += [f"{one['peak_mb']:.0f} MB", f"{one['disk_mb']:.0f} MB"]
            lines.append(f"| {' | '.join([*cells, promised(one['wall_s'], goal)])} |\n")
    lines.append(MORE)
    for name, title, more, goal in SENSORS:
        few, many = (cases.get(f"{name} x {count}") for count in (1, more + 1))
        if few and many:
            each = (many["wall_s"] - few["wall_s"]) / more
            cells = [title, f"{each:.2f} s", f"{many['peak_mb']:.0f} MB", promised(each, goal)]
            lines.append(f"| {' | '.join(cells)} |\n")
    busy = max(one["load"] for one in cases.values())
    lines.append(f"\nThe load of the machine was {busy:.1f} at most, these runs included.\n")
    return "".join(lines)


def promised(seconds: float, goal: float | None) -> str:
    """Return what was promised, and whether it holds."""
    if goal is None:
        return ""
    return f"{goal:.0f} s: {'yes' if seconds <= goal else '**no**'}"


def write(told: dict[str, Any]) -> None:
    """Put the tables in their place in the page."""
    before, _, rest = PAGE.read_text().partition(START)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{START}{page(told)}\n{END}{after}")


if __name__ == "__main__":
    write(json.loads((ROOT / "benchmarks" / "results" / "world.json").read_text()))
