"""Taking the pixels under parcels out of an image that comes in pieces, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROW, COLUMN, LENGTH, AT = range(4)
"""Columns of runs."""
_AT_ONCE = 8
"""Numbers that are moved together: runs are short, a row of a parcel."""


@njit(nogil=True, cache=True, error_model="numpy")
def runs_by_box(
    index: NDArray[np.int32], width: int, top: int, left: int, side: int, boxes: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pixels that follow each other in a row as runs, box after box.

    Boxes are squares of `side` pixels, counted row by row; a run lies in one of them.

    Args:
        index: `(n,)`, flat pixels of a window, not negative.
        width: columns of the window.
        top: rows of its first row of boxes that lie above it …
        left: … and columns of its first column of boxes that lie left of it.
        side: pixels, at least 1.
        boxes: how many boxes the window touches.

    Returns:
        `(box + 1,)`, where the runs of each box begin, and `(run, 4)`: row and column of the first
        pixel in the window, number of pixels, and place of the first in `index`.
    """
    across = (left + width + side - 1) // side
    begins = np.zeros(boxes + 1, np.int64)
    for fill in (False, True):
        if fill:
            for box in range(boxes):
                begins[box + 1] += begins[box]
            out, free = np.empty((begins[boxes], 4), np.int64), begins[:-1].copy()
        i = 0
        while i < index.size:
            row = index[i] // width
            column = index[i] - row * width
            end = min(width, ((column + left) // side + 1) * side - left)
            most, length = min(end - column, index.size - i), 1
            while length < most and index[i + length] == index[i] + length:
                length += 1
            box = (row + top) // side * across + (column + left) // side
            if fill:
                place = free[box]
                out[place, ROW], out[place, COLUMN] = row, column
                out[place, LENGTH], out[place, AT] = length, i
                free[box] += 1
            else:
                begins[box + 1] += 1
            i += length
    return begins, out


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _take_eight(
    values: NDArray[Any], first: np.uintp, out: NDArray[Any], at: np.uintp, one: np.uintp
) -> None:
    """Take eight numbers: all are read before the first is written, so they move as one."""
    two = one + one
    four = two + two
    a, b = values[first], values[first + one]
    c, d = values[first + two], values[first + two + one]
    first += four
    e, f = values[first], values[first + one]
    g, h = values[first + two], values[first + two + one]
    out[at], out[at + one] = a, b
    out[at + two], out[at + two + one] = c, d
    at += four
    out[at], out[at + one] = e, f
    out[at + two], out[at + two + one] = g, h


@njit(nogil=True, cache=True, error_model="numpy")
def take(
    runs: NDArray[np.int64],
    values: NDArray[Any],
    base: int,
    stride: int,
    out: NDArray[Any],
) -> None:
    """Take the numbers of some runs.

    Args:
        runs: `(run, 4)`, as of `runs_by_box`.
        values: `(m,)`, a piece of the window as its rows lie in memory.
        base: place in `values` of the first pixel of the window; negative when it is not in it.
        stride: from a pixel to the one below it.
        out: `(n,)`, of the same dtype; written at the places of the runs.
    """
    one, eight = np.uintp(1), np.uintp(_AT_ONCE)
    for run in range(runs.shape[0]):
        # Unsigned, so that no step asks whether it is negative.
        first = np.uintp(base + runs[run, ROW] * stride + runs[run, COLUMN])
        at, length = np.uintp(runs[run, AT]), np.uintp(runs[run, LENGTH])
        if length < eight:
            for k in range(length):
                out[at + k] = values[first + k]
            continue
        end = at + length
        while at + eight <= end:
            _take_eight(values, first, out, at, one)
            first, at = first + eight, at + eight
        if at < end:  # the last eight, some of them once more
            back = at + eight - end
            _take_eight(values, first - back, out, at - back, one)


@njit(nogil=True, cache=True, error_model="numpy")
def keep_valid(
    runs: NDArray[np.int64],
    valid: NDArray[np.bool_],
    width: int,
    usable: NDArray[np.bool_],
) -> None:
    """Drop from `usable` the pixels that hold no number.

    Args:
        runs: as for `take`.
        valid: `(y * x,)` of the whole window, True = a number.
        width: columns of the window.
        usable: `(n,)`, changed in place.
    """
    for run in range(runs.shape[0]):
        first = np.uintp(runs[run, ROW] * width + runs[run, COLUMN])
        at = np.uintp(runs[run, AT])
        for k in range(np.uintp(runs[run, LENGTH])):
            usable[at + k] &= valid[first + k]


@njit(nogil=True, cache=True, error_model="numpy")
def keep_listed(
    codes: NDArray[np.uint8], listed: NDArray[np.bool_], usable: NDArray[np.bool_]
) -> None:
    """Drop from `usable` the pixels whose code of eight bits is not wanted.

    Args:
        codes: `(n,)`.
        listed: `(256,)`, True = a code to keep.
        usable: `(n,)`, changed in place.
    """
    for i in range(np.uintp(codes.size)):
        usable[i] &= listed[np.uintp(codes[i])]


@njit(nogil=True, cache=True, error_model="numpy")
def physical(values: NDArray[Any], scale: float, offset: float, out: NDArray[np.float64]) -> None:
    """Write the physical values of stored numbers.

    Args:
        values: `(n,)`, of any dtype.
        scale: physical value of one step …
        offset: … and of zero.
        out: `(n,)`, written.
    """
    for i in range(np.uintp(values.size)):
        out[i] = values[i] * scale + offset
