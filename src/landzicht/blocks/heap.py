"""Telling the C library to keep freed memory for the next block.

A decoded block takes 0.5 to 2 MB. glibc gives so much back to the system when it is freed, and
the next block then costs a page fault for every 4 kB of it: a fifth of the time of a tile whose
blocks must be decoded.
"""

from __future__ import annotations

import ctypes

KEPT = 64 * 2**20
"""Bytes of freed memory at the end of a heap that are not given back."""
_MAPPED_FROM = 32 * 2**20
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
