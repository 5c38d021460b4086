"""Filters over usable pixels that grow when the target is coarser: triangle, cubic, box, mode."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

CUBIC, AVERAGE, MODE, BILINEAR = 0, 1, 2, 3
"""Kinds of filter."""


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _share(kind: int, pixel: int, at: float, reach: float, inverse: float) -> float:
    """Return the weight of a source pixel for a target pixel at `at`, along one axis."""
    if kind == BILINEAR:
        return max(0.0, 1.0 - abs(pixel + 0.5 - at) * inverse)
    if kind == CUBIC:  # Keys 1981 with a = -1/2 (Catmull-Rom), widened
        d = abs(pixel + 0.5 - at) * (2.0 * inverse)
        if d < 1.0:
            return (1.5 * d - 2.5) * d * d + 1.0
        return ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0 if d < 2.0 else 0.0
    # How much of the pixel lies under the target pixel.
    return max(0.0, min(pixel + 1.0, at + reach) - max(float(pixel), at - reach))


@njit(nogil=True, cache=True, error_model="numpy")
def resample(
    nodes: NDArray[np.float64],
    first: float,
    step_down: float,
    step_right: float,
    row: int,
    column: int,
    rows: int,
    columns: int,
    shrink_down: float,
    shrink_right: float,
    values: NDArray[Any],
    valid: NDArray[np.bool_],
    out: NDArray[Any],
    usable: NDArray[np.bool_],
    kind: int,
) -> None:
    """Write the filtered value of the usable source pixels around each target pixel.

    Bilinear (a triangle) reaches one source pixel and cubic two, or one and two target pixels
    when these are larger, so that nothing between is skipped (as in GDAL). Average and mode look
    at the source under the target pixel, each pixel counting for the share that is covered.
    A target pixel is usable when its centre lies in the source and at least half of the weight
    falls on usable pixels. Mode: the heaviest value, the first in reading order of equal ones.

    Args:
        nodes: `(2, n, m)` float64, column and row in the source of each lattice node.
        first: position of node 0 in target pixels.
        step_down: target pixels from node to node, down.
        step_right: target pixels from node to node, right.
        row: first target row of the lattice in `out`.
        column: first target column of the lattice in `out`.
        rows: target rows under the lattice.
        columns: target columns under the lattice.
        shrink_down: source rows in one target pixel.
        shrink_right: source columns in one target pixel.
        values: `(y, x)` float, source.
        valid: `(y, x)` bool, source; True = usable.
        out: `(y, x)` of the dtype of `values`, target; written where `usable` becomes True.
        usable: `(y, x)` bool, target; written under the lattice.
        kind: `CUBIC`, `AVERAGE`, `MODE` or `BILINEAR`.
    """
    height, width = values.shape
    last_row, last_column = nodes.shape[1] - 1, nodes.shape[2] - 1
    times = 2.0 if kind == CUBIC else 1.0
    reach_y, reach_x = times * max(1.0, shrink_down), times * max(1.0, shrink_right)
    if kind in (AVERAGE, MODE):
        reach_y, reach_x = shrink_down / 2, shrink_right / 2
    inverse_y, inverse_x = 1.0 / reach_y, 1.0 / reach_x
    shift = 0.0 if kind in (AVERAGE, MODE) else 0.5  # what counts lies around centres of pixels
    shares = np.empty(int(2 * reach_x) + 3)
    whole = kind != MODE and bool(valid.all())  # then weights are those of rows times columns
    most = (int(2 * reach_y) + 3) * (int(2 * reach_x) + 3) if kind == MODE else 1
    kinds, weights = np.empty(most, values.dtype), np.empty(most)
    lefts, parts = np.empty(columns, np.int64), np.empty(columns)
    for c in range(columns):
        along = (c + 0.5 - first) / step_right
        lefts[c] = min(max(int(along), 0), max(last_column - 1, 0))
        parts[c] = along - lefts[c]
    line_x, line_y = np.empty(last_column + 1), np.empty(last_column + 1)
    for r in range(rows):
        down = (r + 0.5 - first) / step_down
        upper = min(max(int(down), 0), max(last_row - 1, 0))
        lower = min(upper + 1, last_row)
        b = down - upper
        for node in range(last_column + 1):
            line_x[node] = nodes[0, upper, node] * (1 - b) + nodes[0, lower, node] * b
            line_y[node] = nodes[1, upper, node] * (1 - b) + nodes[1, lower, node] * b
        for c in range(columns):
            left, a = lefts[c], parts[c]
            right = min(left + 1, last_column)
            x = line_x[left] * (1 - a) + line_x[right] * a
            y = line_y[left] * (1 - a) + line_y[right] * a
            usable[row + r, column + c] = False
            if not (x >= 0.0 and y >= 0.0 and x < width and y < height):
                continue
            total, weight, possible, known = 0.0, 0.0, 0.0, 0
            begin = max(0, math.floor(x - reach_x + shift))
            end = min(width, int(x + reach_x - shift) + 1)
            across = 0.0
            for i in range(begin, end):  # once for all rows
                shares[i - begin] = _share(kind, i, x, reach_x, inverse_x)
                across += shares[i - begin]
            top = max(0, math.floor(y - reach_y + shift))
            bottom = min(height, int(y + reach_y - shift) + 1)
            if whole:
                for j in range(top, bottom):
                    share_y = _share(kind, j, y, reach_y, inverse_y)
                    line = 0.0
                    for i in range(end - begin):
                        line += shares[i] * values[j, begin + i]
                    total += share_y * line
                    weight += share_y * across
                if weight > 0.0:
                    out[row + r, column + c] = total / weight
                    usable[row + r, column + c] = True
                continue
            for j in range(top, bottom):
                share_y = _share(kind, j, y, reach_y, inverse_y)
                for i in range(begin, end):
                    share = share_y * shares[i - begin]
                    possible += share
                    if not valid[j, i] or share == 0.0:
                        continue
                    weight += share
                    value = values[j, i]
                    if kind != MODE:
                        total += share * value
                        continue
                    at = 0
                    while at < known and kinds[at] != value:
                        at += 1
                    if at == known:
                        kinds[at], weights[at] = value, 0.0
                        known += 1
                    weights[at] += share
            if weight <= 0.0 or weight < 0.5 * possible:
                continue
            if kind == MODE:
                best = 0
                for at in range(1, known):
                    if weights[at] > weights[best] + 1e-9:
                        best = at
                out[row + r, column + c] = kinds[best]
            else:
                out[row + r, column + c] = total / weight
            usable[row + r, column + c] = True
