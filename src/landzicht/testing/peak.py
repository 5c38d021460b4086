"""How much memory something took at its highest, the C libraries included; Linux only."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MINE = Path("/proc/self")
_FORGET = "5"  # of proc(5), clear_refs: the highest so far becomes what is held now
CAN_WATCH = (_MINE / "clear_refs").exists()
"""Whether this system tells."""


@dataclass(slots=True)
class Peak:
    """What a piece of work took."""

    mb: float = 0.0
    """Above what the process held before, in MB; known when the work is done."""


@contextmanager
def watch() -> Iterator[Peak]:
    """Measure what the work inside takes of this process at its highest.

    Memory that was freed before and is still held by the process can be used again unseen; the
    environment `MALLOC_MMAP_THRESHOLD_=131072` makes the C library give it back at once.
    """
    found = Peak()
    (_MINE / "clear_refs").write_text(_FORGET)
    before = held(_MINE, "VmRSS")
    try:
        yield found
    finally:
        found.mb = held(_MINE, "VmHWM") - before


def children() -> dict[int, float]:
    """Return the MB that each child process of this one held at its highest."""
    found = {}
    for listed in _MINE.glob("task/*/children"):
        for child in listed.read_text().split():
            try:
                found[int(child)] = held(Path("/proc", child), "VmHWM")
            except (OSError, StopIteration):  # it has ended meanwhile
                continue
    return found


def highest_since(known: dict[int, float]) -> float:
    """Return the MB that a child held at its highest, of those that are new or rose since then.

    Args:
        known: what `children` told before; those of other tests have not risen.
    """
    return max((mb for child, mb in children().items() if mb > known.get(child, 0)), default=0)


def held(process: Path, what: str) -> float:
    """Return `VmRSS` (now) or `VmHWM` (at the highest) of a process in MB."""
    lines = (process / "status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) / 1_000
