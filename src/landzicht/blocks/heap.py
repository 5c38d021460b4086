"""Telling the C library to keep freed memory for the next block.

A decoded block takes 0.5 to 2 MB. glibc gives so much back to the system when it is freed, and
the next block then costs a page fault for every 4 kB of it: a fifth of the time of a tile whose
blocks must be decoded.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

KEPT = 24 * 2**20
"""Bytes of freed memory at the end of a heap that are not given back."""
_MAPPED_FROM = 4 * 2**20
_HEAPS = 2
_TRIM, _MAP, _ARENAS = -1, -3, -8  # names of these settings in <malloc.h>


def keep_freed_memory() -> bool:
    """Set the allocator of this process; for servers, whose blocks come and go.

    Few heaps, so that a hole which one thread left serves the next, whichever thread that is.

    Returns:
        Whether the C library has such settings (glibc has, musl and others do not).
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    done = [
        set_option(name, value)
        for name, value in ((_ARENAS, _HEAPS), (_MAP, _MAPPED_FROM), (_TRIM, KEPT))
    ]
    return all(done)


class _Told(ctypes.Structure):
    """What the allocator tells of itself, in bytes (`struct mallinfo2` of <malloc.h>)."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in ("all", "n", "n_fast", "n_map", "map", "x", "fast", "used", "free", "end")
    )


SPARE = 24 * 2**20
"""Bytes of freed memory, wherever it lies, that are always kept."""


@cache
def _trimming() -> tuple[Any, Any] | None:
    """Return the functions that look and trim, or None where the C library lacks them."""
    try:
        library = ctypes.CDLL(None)
        look, trim = library.mallinfo2, library.malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    look.restype = _Told
    return look, trim


def give_back(spare: int = SPARE) -> bool:
    """Give freed memory back to the system when there is much of it.

    Work on large blocks leaves holes that small things keep apart; nothing else ever closes them.
    Looking costs about 0.1 ms, giving back some 10 ms.

    Returns:
        Whether anything was given back.
    """
    found = _trimming()
    if found is None:
        return False
    look, trim = found
    return look().free > spare and bool(trim(0))
