"""From stored whole numbers to shades in one pass: gathering, stretching and transparency fused.

Pixels go in pieces that fit in the processor's nearest cache, and each step over a piece is a loop
without branches, so that the compiler makes it work on many pixels at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PIECE = 2048


@njit(nogil=True, cache=True)
def shade_three(
    index: NDArray[np.int32],
    red: NDArray[Any],
    green: NDArray[Any],
    blue: NDArray[Any],
    valid: NDArray[np.bool_],
    holes: tuple[int, int, int],
    tables: NDArray[np.uint8],
    out: NDArray[np.uint8],
    usable: NDArray[np.bool_],
) -> int:
    """Write three bands as red, green and blue.

    Looking whether a pixel is nodata would nearly double the time, so shades are looked at first,
    many at once: a piece without the shade of nodata holds none.

    Args:
        index: `(n,)` flat source index, -1 = outside.
        red: `(m,)` unsigned whole numbers, m at least 1, and so are green and blue.
        green: second channel.
        blue: third channel.
        valid: `(m,)` bool; True = usable in all channels; or `(0,)` when all are.
        holes: of each channel, the number that is not usable; -1 = there is none.
        tables: `(3, 2 ** bits)` uint8, shade of each number in each channel.
        out: `(n, 3)` uint8; 0 where not usable.
        usable: `(n,)` bool.

    Returns:
        How many pixels are usable.
    """
    seen, flat = 0, out.reshape(-1)
    some = holes[0] >= 0 or holes[1] >= 0 or holes[2] >= 0
    dark = tables[0, max(holes[0], 0)], tables[1, max(holes[1], 0)], tables[2, max(holes[2], 0)]
    for begin in range(0, index.size, _PIECE):
        end = min(begin + _PIECE, index.size)
        piece, shown = index[begin:end], usable[begin:end]
        here = _usable(piece, valid, shown)
        _look_up(piece, red, green, blue, tables[0], tables[1], tables[2], out[begin:end])
        if some and _holds(flat[3 * begin : 3 * end], dark):
            here = _leave_out(piece, red, green, blue, holes, shown)
        if here < end - begin:
            _blank(shown, out[begin:end])
        seen += here
    return seen


@njit(nogil=True, cache=True, error_model="numpy")
def shade_ratio(
    index: NDArray[np.int32],
    plus: NDArray[Any],
    minus: NDArray[Any],
    valid: NDArray[np.bool_],
    holes: tuple[int, int],
    scales: NDArray[np.float32],
    stretch: NDArray[np.float32],
    out: NDArray[np.uint8],
    usable: NDArray[np.bool_],
) -> int:
    """Write a normalised difference `(plus - minus) / (plus + minus)` as palette index.

    Each step is rounded to float32, as numpy does it, so that both give the same picture.

    Args:
        index: `(n,)` flat source index, -1 = outside.
        plus: `(m,)` whole numbers of at most 16 bits, m at least 1.
        minus: the same.
        valid: `(m,)` bool; True = usable in both; or `(0,)` when all are.
        holes: of each band, the number that is not usable; -1 = there is none.
        scales: `(2, 2)` float32: factor and addend that make each band physical.
        stretch: `(4,)` float32: gain, addend with half a step, lowest and highest index.
        out: `(n,)` uint8; 0 where not usable.
        usable: `(n,)` bool; False too where the formula has no value.

    Returns:
        How many pixels lie on usable ones, whether or not the formula has a value there.
    """
    first, second = np.empty(_PIECE, plus.dtype), np.empty(_PIECE, minus.dtype)
    inside = np.empty(_PIECE, np.bool_)
    seen = 0
    for begin in range(0, index.size, _PIECE):
        end = min(begin + _PIECE, index.size)
        size, piece = end - begin, index[begin:end]
        here = _usable(piece, valid, inside[:size])
        _pick(piece, plus, minus, first[:size], second[:size])
        if holes[0] >= 0:
            here = _without(first[:size], holes[0], inside[:size])
        if holes[1] >= 0:
            here = _without(second[:size], holes[1], inside[:size])
        seen += here
        _divide(
            first[:size],
            second[:size],
            inside[:size],
            scales,
            stretch,
            out[begin:end],
            usable[begin:end],
        )
    return seen


@njit(nogil=True, cache=True)
def _usable(index: NDArray[np.int32], valid: NDArray[np.bool_], out: NDArray[np.bool_]) -> int:
    """Write which pixels lie on usable ones; returns how many."""
    seen = 0
    if valid.size == 0:
        for k in range(index.size):
            out[k] = index[k] >= 0
            seen += out[k]
        return seen
    for k in range(index.size):
        at = index[k]
        # Unsigned, as numba would look whether a signed index counts from the end.
        out[k] = (at >= 0) & valid[np.uint32(max(at, np.int32(0)))]
        seen += out[k]
    return seen


@njit(nogil=True, cache=True)
def _pick(
    index: NDArray[np.int32],
    plus: NDArray[Any],
    minus: NDArray[Any],
    first: NDArray[Any],
    second: NDArray[Any],
) -> None:
    """Copy both values of each pixel; of the first source pixel when it lies outside."""
    for k in range(index.size):
        at = np.uint32(max(index[k], np.int32(0)))
        first[k] = plus[at]
        second[k] = minus[at]


@njit(nogil=True, cache=True)
def _look_up(
    index: NDArray[np.int32],
    red: NDArray[Any],
    green: NDArray[Any],
    blue: NDArray[Any],
    reds: NDArray[np.uint8],
    greens: NDArray[np.uint8],
    blues: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    """Write the shade of each channel; of the first source pixel for those outside."""
    for k in range(index.size):
        at = np.uint32(max(index[k], np.int32(0)))
        out[k, 0] = reds[np.uint32(red[at])]
        out[k, 1] = greens[np.uint32(green[at])]
        out[k, 2] = blues[np.uint32(blue[at])]


@njit(nogil=True, cache=True)
def _holds(shades: NDArray[np.uint8], wanted: tuple[np.uint8, np.uint8, np.uint8]) -> bool:
    """Return whether one of three shades occurs."""
    found, (one, two, three) = False, wanted
    for k in range(shades.size):  # without a way out, so that many are compared at once
        found |= (shades[k] == one) | (shades[k] == two) | (shades[k] == three)
    return found


@njit(nogil=True, cache=True)
def _leave_out(
    index: NDArray[np.int32],
    red: NDArray[Any],
    green: NDArray[Any],
    blue: NDArray[Any],
    holes: tuple[int, int, int],
    shown: NDArray[np.bool_],
) -> int:
    """Clear `shown` where a channel holds its nodata; returns how many are left."""
    one, two, three = np.int32(holes[0]), np.int32(holes[1]), np.int32(holes[2])
    seen = 0
    for k in range(index.size):
        at = np.uint32(max(index[k], np.int32(0)))
        known = (np.int32(red[at]) != one) & (np.int32(green[at]) != two)
        shown[k] &= known & (np.int32(blue[at]) != three)
        seen += shown[k]
    return seen


@njit(nogil=True, cache=True)
def _without(values: NDArray[Any], hole: int, shown: NDArray[np.bool_]) -> int:
    """Clear `shown` where values are nodata; returns how many are left."""
    nodata, seen = values.dtype.type(hole), 0
    for k in range(values.size):
        shown[k] &= values[k] != nodata
        seen += shown[k]
    return seen


@njit(nogil=True, cache=True)
def _blank(shown: NDArray[np.bool_], out: NDArray[np.uint8]) -> None:
    """Write 0 where nothing is shown."""
    for k in range(shown.size):
        if not shown[k]:
            out[k, 0], out[k, 1], out[k, 2] = 0, 0, 0


@njit(nogil=True, cache=True, error_model="numpy")
def _divide(
    plus: NDArray[Any],
    minus: NDArray[Any],
    inside: NDArray[np.bool_],
    scales: NDArray[np.float32],
    stretch: NDArray[np.float32],
    out: NDArray[np.uint8],
    usable: NDArray[np.bool_],
) -> None:
    gain, added, low, high = stretch
    one, more, other, less = scales[0, 0], scales[0, 1], scales[1, 0], scales[1, 1]
    for k in range(plus.size):
        a = np.float32(np.float32(plus[k]) * one) + more
        b = np.float32(np.float32(minus[k]) * other) + less
        value = np.float32(a - b) / np.float32(a + b)
        shown = (np.abs(value) < np.float32(np.inf)) & inside[k]
        shade = np.float32(np.float32(value * gain) + added)
        usable[k] = shown
        out[k] = np.uint8(np.int32(min(max(shade, low), high))) if shown else np.uint8(0)
