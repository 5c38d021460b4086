"""Giving back the memory of code that rests.

Compiling the kernels, or loading compiled ones, pulls 70 MB of the compiler's own code into memory,
where it stays although nothing uses it any more. The pages of a library's code are a copy of its
file: the system brings them back, unseen, when they are needed after all.
"""

from __future__ import annotations

import ctypes
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPILER = "libllvmlite"
"""The library that makes machine code of the kernels."""
_MAPS = Path("/proc/self/smaps")
_AREA = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (r-[x-]p) \S+ \S+ \S+ +(/.*)")
_FACT = re.compile(r"(Rss|Anonymous|Private_Dirty): +(\d+) kB")
_NOT_NEEDED = 4  # MADV_DONTNEED of <sys/mman.h>


def let_rest(library: str = COMPILER) -> int:
    """Give back the unchanged pages of a library's code and constants.

    Only memory that cannot be written and in which nothing was changed, so that what comes back
    is what was there. Takes some 10 ms.

    Args:
        library: how the name of its file begins.

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
    """Yield begin, end and resident bytes of the areas that may be given back."""
    area, facts = None, dict[str, int]()
    for line in [*told.splitlines(), "0-0 end"]:
        if fact := _FACT.match(line):
            facts[fact[1]] = 1024 * int(fact[2])
        elif "-" in line.split(" ", 1)[0]:
            unchanged = facts.get("Anonymous") == 0 and facts.get("Private_Dirty") == 0
            if area and unchanged and Path(area[4]).name.startswith(library):
                yield int(area[1], 16), int(area[2], 16), facts.get("Rss", 0)
            area, facts = _AREA.fullmatch(line), {}
