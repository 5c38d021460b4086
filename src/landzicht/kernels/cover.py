"""Exact share of each pixel that lies in a polygon, by signed areas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALLEST = 1e-9
"""Shares below this are rounding, not land (a float64 sum of a row of 10,000 pixels)."""


@njit(nogil=True, cache=True, error_model="numpy")
def cover(
    xs: NDArray[np.float64],
    ys: NDArray[np.float64],
    rings: NDArray[np.int64],
    parcels: NDArray[np.int64],
    height: int,
    width: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Return which pixels each parcel touches, and which share of them is in it.

    Every edge adds, to the pixels of its rows, the signed area between itself and the right side
    of the pixel; the running sum along a row is then the exact area in each pixel. That is the way
    anti-aliased glyphs are filled (R. Levien, font-rs, 2016), and costs only the edges and the
    pixels of the box around a parcel. Exact for valid polygons whose holes turn the other way
    round than their shells; parts outside the grid are left out.

    Args:
        xs: columns of the corners, (0, 0) = upper-left corner of the grid; rings are closed.
        ys: rows of the corners.
        rings: `(ring + 1,)`; ring `k` is corners `rings[k]` up to `rings[k + 1]`.
        parcels: `(parcel + 1,)`; parcel `p` is rings `parcels[p]` up to `parcels[p + 1]`.
        height: rows of the grid.
        width: columns of the grid; `height * width` stays below 2³¹.

    Returns:
        `(starts, index, share)`: parcel `p` has the flat row-major pixels
        `index[starts[p]:starts[p + 1]]`, each with its share 0 < share <= 1.
    """
    count = parcels.size - 1
    starts = np.zeros(count + 1, np.int64)
    index = np.empty(max(1024, 256 * count), np.int32)
    share = np.empty(index.size, np.float32)
    found = 0
    for parcel in range(count):
        left, right, top, bottom = _box(xs, ys, rings, parcels, parcel, height, width)
        if right > left and bottom > top:
            sums = np.zeros((bottom - top, right - left + 1))
            for ring in range(parcels[parcel], parcels[parcel + 1]):
                for corner in range(rings[ring], rings[ring + 1] - 1):
                    _add_edge(
                        sums,
                        xs[corner] - left,
                        ys[corner] - top,
                        xs[corner + 1] - left,
                        ys[corner + 1] - top,
                    )
            room = found + (bottom - top) * (right - left)
            if room > index.size:
                index = _grown(index, found, 2 * room)
                share = _grown(share, found, 2 * room)
            for row in range(bottom - top):
                total = 0.0
                first = (row + top) * width + left
                for column in range(right - left):
                    total += sums[row, column]
                    area = abs(total)
                    if area > SMALLEST:
                        index[found] = first + column
                        share[found] = min(1.0, area)
                        found += 1
        starts[parcel + 1] = found
    return starts, index[:found].copy(), share[:found].copy()


@njit(nogil=True, cache=True, error_model="numpy")
def _box(
    xs: NDArray[np.float64],
    ys: NDArray[np.float64],
    rings: NDArray[np.int64],
    parcels: NDArray[np.int64],
    parcel: int,
    height: int,
    width: int,
) -> tuple[int, int, int, int]:
    """Return the columns and rows around a parcel that lie in the grid."""
    west, east, north, south = math.inf, -math.inf, math.inf, -math.inf
    for corner in range(rings[parcels[parcel]], rings[parcels[parcel + 1]]):
        west, east = min(west, xs[corner]), max(east, xs[corner])
        north, south = min(north, ys[corner]), max(south, ys[corner])
    if not (east > 0.0 and south > 0.0 and west < width and north < height):
        return 0, 0, 0, 0  # elsewhere, empty, or not a number
    return (
        math.floor(max(west, 0.0)),
        math.ceil(min(east, float(width))),
        math.floor(max(north, 0.0)),
        math.ceil(min(south, float(height))),
    )


@njit(nogil=True, cache=True, error_model="numpy")
def _grown(array: NDArray[Any], used: int, size: int) -> NDArray[Any]:
    larger = np.empty(size, array.dtype)
    larger[:used] = array[:used]
    return larger


@njit(nogil=True, cache=True, error_model="numpy")
def _add_edge(sums: NDArray[np.float64], x0: float, y0: float, x1: float, y1: float) -> None:
    """Add one edge; what lies left of the box counts in its first column, right of it nowhere."""
    if y0 == y1:
        return
    turn = 1.0
    if y0 > y1:
        x0, x1, y0, y1, turn = x1, x0, y1, y0, -1.0
    height, width = sums.shape[0], sums.shape[1] - 1
    slope = (x1 - x0) / (y1 - y0)
    for row in range(max(0, math.floor(y0)), min(height, math.ceil(y1))):
        upper, lower = max(y0, float(row)), min(y1, row + 1.0)
        tall = lower - upper
        if tall <= 0.0:
            continue
        start, stop = x0 + (upper - y0) * slope, x0 + (lower - y0) * slope
        if start > stop:
            start, stop = stop, start
        if stop <= 0.0:
            sums[row, 0] += turn * tall
            continue
        if start >= width:
            continue
        across = stop - start
        if start < 0.0:  # the piece left of the box
            part = tall * (-start / across)
            sums[row, 0] += turn * part
            tall, start = tall - part, 0.0
        if stop > width:  # the piece right of it
            tall -= (lower - upper) * ((stop - width) / across)
            stop = float(width)
        _add_piece(sums, row, start, stop, turn * tall)


@njit(nogil=True, cache=True, error_model="numpy")
def _add_piece(sums: NDArray[np.float64], row: int, start: float, stop: float, tall: float) -> None:
    """Add the piece of an edge in one row, from column `start` to `stop`, signed height `tall`."""
    first, last = math.floor(start), math.ceil(stop)
    if last <= first + 1:
        right = 0.5 * (start + stop) - first
        sums[row, first] += tall * (1.0 - right)
        if first + 1 < sums.shape[1]:
            sums[row, first + 1] += tall * right
        return
    scale, at = tall / (stop - start), start
    for column in range(first, last):
        to = min(stop, column + 1.0)
        part = (to - at) * scale
        right = 0.5 * (at + to) - column
        sums[row, column] += part * (1.0 - right)
        sums[row, column + 1] += part * right
        at = to
