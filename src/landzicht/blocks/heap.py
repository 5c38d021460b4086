"""Telling the C library to keep freed memory for the next block.

A decoded block takes 0.5 to 2 MB. glibc gives so much back to the system when it is freed, and
the next block then costs a page fault for every 4 kB of it: a fifth of the time of a tile whose
blocks must be decoded.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache, lru_cache
from mmap import PAGESIZE
from pathlib import Path
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


SPARE = 16 * 2**20
"""Bytes by which the process may grow before freed memory is given back."""
_HELD = Path("/proc/self/statm")


class _Floor:
    """What the process held at least since memory was given back; shared by all threads.

    These may overwrite each other's number, which does no harm: it is measured again.
    """

    held = 0


@cache
def _trimming() -> Any | None:  # noqa: ANN401 - a function of the C library
    """Return what gives free memory back, or None where the C library or system lacks it."""
    if not _HELD.exists():
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back(spare: int = SPARE) -> bool:
    """Give freed memory back to the system when the process grew.

    Work on large blocks leaves holes that small things keep apart; nothing else ever closes them.
    What the allocator tells of its free memory does not help: it counts what was given back too.
    Looking costs 2 µs, giving back about 1 ms.

    Args:
        spare: bytes that the process may hold beside those it held after the last time.

    Returns:
        Whether anything was given back.
    """
    trim = _trimming()
    if trim is None:
        return False
    held = _held()
    _Floor.held = min(_Floor.held, held)
    if held - _Floor.held <= spare:
        return False
    given = bool(trim(0))
    _Floor.held = _held()
    return given


def _held() -> int:
    """Return the bytes of memory that this process holds now."""
    return int(os.pread(_opened(os.getpid()), 128, 0).split()[1]) * PAGESIZE


@lru_cache(maxsize=1)
def _opened(_process: int) -> int:
    """Return what tells about a process, kept open: opening takes ten times as long as reading.

    What a parent process opened would tell a forked one about the parent.
    """
    return os.open(_HELD, os.O_RDONLY | os.O_CLOEXEC)
