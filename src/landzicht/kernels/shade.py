"""From stored whole numbers to shades in one pass: gathering, stretching and transparency fused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def shade_three(
    index: NDArray[np.int32],
    red: NDArray[Any],
    green: NDArray[Any],
    blue: NDArray[Any],
    valid: tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]],
    tables: NDArray[np.uint8],
    out: NDArray[np.uint8],
    usable: NDArray[np.bool_],
) -> int:
    """Write three bands as red, green and blue.

    Args:
        index: `(n,)` flat source index, -1 = outside.
        red: `(m,)` unsigned whole numbers, and so are green and blue.
        green: second channel.
        blue: third channel.
        valid: three of `(m,)` bool; True = usable.
        tables: `(3, 2 ** bits)` uint8, shade of each number in each channel.
        out: `(n, 3)` uint8; 0 where not usable.
        usable: `(n,)` bool.

    Returns:
        How many pixels are usable.
    """
    seen = 0
    first, second, third = valid
    for k in range(index.size):
        at = index[k]
        shown = at >= 0 and first[at] and second[at] and third[at]
        usable[k] = shown
        if shown:
            out[k, 0] = tables[0, red[at]]
            out[k, 1] = tables[1, green[at]]
            out[k, 2] = tables[2, blue[at]]
            seen += 1
        else:
            out[k, 0], out[k, 1], out[k, 2] = 0, 0, 0
    return seen


@njit(nogil=True, cache=True, error_model="numpy")
def shade_ratio(
    index: NDArray[np.int32],
    plus: NDArray[Any],
    minus: NDArray[Any],
    valid: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    scales: NDArray[np.float32],
    stretch: NDArray[np.float32],
    out: NDArray[np.uint8],
    usable: NDArray[np.bool_],
) -> tuple[int, int]:
    """Write a normalised difference `(plus - minus) / (plus + minus)` as palette index.

    Each step is rounded to float32, as numpy does it, so that both give the same picture.

    Args:
        index: `(n,)` flat source index, -1 = outside.
        plus: `(m,)` whole numbers of at most 16 bits.
        minus: the same.
        valid: two of `(m,)` bool; True = usable.
        scales: `(2, 2)` float32: factor and addend that make each band physical.
        stretch: `(4,)` float32: gain, addend with half a step, lowest and highest index.
        out: `(n,)` uint8; 0 where not usable.
        usable: `(n,)` bool; False too where the formula has no value.

    Returns:
        How many pixels lie on usable ones, and how many have a value.
    """
    inside, seen = 0, 0
    first, second = valid
    gain, added, low, high = stretch
    for k in range(index.size):
        at = index[k]
        usable[k], out[k] = False, 0
        if at < 0 or not first[at] or not second[at]:
            continue
        inside += 1
        a = np.float32(np.float32(plus[at]) * scales[0, 0]) + scales[0, 1]
        b = np.float32(np.float32(minus[at]) * scales[1, 0]) + scales[1, 1]
        value = np.float32(a - b) / np.float32(a + b)
        if np.isfinite(value):
            shade = np.float32(np.float32(value * gain) + added)
            out[k] = np.uint8(min(max(shade, low), high))
            usable[k] = True
            seen += 1
    return inside, seen
