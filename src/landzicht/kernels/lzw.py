"""Unpacking LZW as TIFF uses it (TIFF 6.0, section 13), safe on any bytes.

Our own, because the usual C decoder writes beyond its memory on damaged input, found by trying. A
string of the table is kept as the place in the output where it was last written, so that the table
needs no text of its own, and every read and write lies in the two arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAMAGED = -1
"""What `unpack_lzw` returns for codes that mean nothing."""
_CLEAR, _END, _FIRST, _MOST, _WIDEST = 256, 257, 258, 4096, 12


@njit(nogil=True, cache=True)
def unpack_lzw(stored: NDArray[np.uint8], out: NDArray[np.uint8]) -> int:
    """Fill `out` from packed bytes; returns how many bytes were written, or `DAMAGED`.

    Args:
        stored: packed bytes, codes of 9 to 12 bits, highest bit first.
        out: gets the bytes; what the codes hold beyond its end is left out.
    """
    begins, lengths = np.empty(_MOST, np.int64), np.empty(_MOST, np.int64)
    held, bits, at, written = np.int64(0), 0, 0, 0
    width, fresh, before, before_length = 9, _FIRST, np.int64(0), np.int64(0)
    while written < out.size:
        while bits < width and at < stored.size:
            held = ((held & 0xFFFFF) << 8) | np.int64(stored[at])
            at += 1
            bits += 8
        if bits < width:
            break
        bits -= width
        code = (held >> bits) & ((1 << width) - 1)
        if code == _END:
            break
        if code == _CLEAR:
            width, fresh, before_length = 9, _FIRST, np.int64(0)
            continue
        begin, length = before, before_length + 1
        if code < _CLEAR:
            length = np.int64(1)
        elif code < fresh:
            begin, length = begins[code], lengths[code]
        elif code > fresh or before_length == 0:
            return DAMAGED
        if before_length and fresh < _MOST:
            begins[fresh], lengths[fresh] = before, before_length + 1
            fresh += 1
            if fresh >= (1 << width) - 1 and width < _WIDEST:
                width += 1
        before, before_length = np.int64(written), min(length, np.int64(out.size - written))
        if code < _CLEAR:
            out[written] = code
        else:  # may reach into what it writes itself, so byte by byte
            for k in range(before_length):
                out[written + k] = out[begin + k]
        written += int(before_length)
    return written
