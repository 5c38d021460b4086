"""Giving back the memory of code that rests.

Most of a library's code runs once, when it is loaded, or never: loading the kernels alone pulls
70 MB of their compiler into memory, GDAL another 30, where it stays although nothing uses it any
more. The pages of a library's code are a copy of its file: the system brings them back, unseen,
when they are needed after all.
"""

from __future__ import annotations

import ctypes
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPILER = "libllvmlite"
"""The library that makes machine code of the kernels."""
_MAPS = Path("/proc/self/smaps")
_AREA = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (r[w-][x-]p) \S+ \S+ \S+ +(/.*)")
_FACT = re.compile(r"(Rss|Anonymous|Private_Dirty): +(\d+) kB")
_NOT_NEEDED = 4  # MADV_DONTNEED of <sys/mman.h>


class _Area(NamedTuple):
    """A part of a file in memory."""

    begin: int
    end: int
    access: str
    path: str
    facts: dict[str, int]
    """Bytes that are there, and that were changed, by the names of `_FACT`."""


def let_rest(library: str = "") -> int:
    """Give back the unchanged pages of the code and constants of libraries.

    Only memory that cannot be written and in which nothing was changed, so that what comes back
    is what was there. Takes some 10 ms.

    Args:
        library: how the name of its file begins; nothing = all that are loaded.

    Returns:
        Bytes given back; 0 where the system is no Linux, or the library is not loaded.
    """
    try:
        told = _MAPS.read_text(encoding="utf-8", errors="replace")
        advise = ctypes.CDLL(None).madvise
    except (AttributeError, OSError, TypeError):
        return 0
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return sum(
        held
        for begin, end, held in _resting(told, library)
        if advise(begin, end - begin, _NOT_NEEDED) == 0
    )


def _resting(told: str, library: str) -> Iterator[tuple[int, int, int]]:
    """Yield begin, end and resident bytes of the areas that may be given back.

    A library that another thread is loading lies there as one area for a moment, its variables
    included. Their own area, which can be written, comes last: without it nothing is touched.
    """
    areas = [area for area in _areas(told) if ".so" in Path(area.path).name]
    variables = {area.path: area.begin for area in areas if "w" in area.access}
    for area in areas:
        facts = area.facts
        unchanged = facts.get("Anonymous") == 0 and facts.get("Private_Dirty") == 0
        if "w" in area.access or not unchanged or variables.get(area.path, 0) < area.end:
            continue
        if Path(area.path).name.startswith(library):
            yield area.begin, area.end, facts.get("Rss", 0)


def _areas(told: str) -> Iterator[_Area]:
    """Yield the parts of files that the system tells of."""
    facts = dict[str, int]()
    for line in told.splitlines():
        if fact := _FACT.match(line):
            facts[fact[1]] = 1024 * int(fact[2])
        elif "-" in line.split(" ", 1)[0]:
            facts = {}
            if area := _AREA.fullmatch(line):
                yield _Area(int(area[1], 16), int(area[2], 16), area[3], area[4], facts)
