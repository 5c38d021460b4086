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
_HALF = 0.5 - 1e-9
"""Of the weight, that must fall on usable pixels; exactly half counts, however it was rounded."""


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
def _places(count: int, first: float, step: float, last: int) -> Any:  # noqa: ANN401 - two arrays
    """Return the node before each target pixel of a row or column, and how far it lies behind."""
    before, parts = np.empty(count, np.int64), np.empty(count)
    for at in range(count):
        along = (at + 0.5 - first) / step
        before[at] = min(max(int(along), 0), max(last - 1, 0))
        parts[at] = along - before[at]
    return before, parts


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _sum_whole(
    values: NDArray[Any],
    box: tuple[int, int, int, int],
    shares_y: NDArray[np.float64],
    shares_x: NDArray[np.float64],
) -> Any:  # noqa: ANN401 - two floats
    """Return the weighted sum of a box of usable pixels, and the weight: of rows times columns."""
    total, down, across = 0.0, 0.0, 0.0
    top, bottom, begin, end = box
    for i in range(end - begin):
        across += shares_x[i]
    for j in range(bottom - top):
        line = 0.0
        for i in range(end - begin):
            line += shares_x[i] * values[top + j, begin + i]
        total += shares_y[j] * line
        down += shares_y[j]
    return total, down * across


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _sum_usable(
    values: NDArray[Any],
    valid: NDArray[np.bool_],
    box: tuple[int, int, int, int],
    shares_y: NDArray[np.float64],
    shares_x: NDArray[np.float64],
) -> Any:  # noqa: ANN401 - two floats
    """Return the same where some pixels are not usable; no weight when less than half is left."""
    total, weight, possible = 0.0, 0.0, 0.0
    top, bottom, begin, end = box
    for j in range(bottom - top):
        for i in range(end - begin):
            share = shares_y[j] * shares_x[i]
            possible += share
            if valid[top + j, begin + i]:
                weight += share
                total += share * values[top + j, begin + i]
    return total, (weight if weight >= _HALF * possible else 0.0)


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _heaviest(
    values: NDArray[Any],
    valid: NDArray[np.bool_],
    box: tuple[int, int, int, int],
    shares_y: NDArray[np.float64],
    shares_x: NDArray[np.float64],
    kinds: NDArray[Any],
    weights: NDArray[np.float64],
) -> Any:  # noqa: ANN401 - a value of the source and a float
    """Return the heaviest value, and the weight of all; none when less than half is left."""
    weight, possible, known = 0.0, 0.0, 0
    top, bottom, begin, end = box
    for j in range(bottom - top):
        for i in range(end - begin):
            share = shares_y[j] * shares_x[i]
            possible += share
            if share == 0.0 or not valid[top + j, begin + i]:
                continue
            weight += share
            value = values[top + j, begin + i]
            at = 0
            while at < known and kinds[at] != value:
                at += 1
            if at == known:
                kinds[at], weights[at] = value, 0.0
                known += 1
            weights[at] += share
    best = 0
    for at in range(1, known):
        if weights[at] > weights[best] + 1e-9:
            best = at
    return kinds[best], (weight if weight >= _HALF * possible else 0.0)


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
    shares_y, shares_x = np.empty(int(2 * reach_y) + 3), np.empty(int(2 * reach_x) + 3)
    whole = kind != MODE and bool(valid.all())
    most = shares_y.size * shares_x.size if kind == MODE else 1
    kinds, weights = np.empty(most, values.dtype), np.empty(most)
    uppers, downs = _places(rows, first, step_down, last_row)
    lefts, acrosses = _places(columns, first, step_right, last_column)
    line_x, line_y = np.empty(last_column + 1), np.empty(last_column + 1)
    for r in range(rows):
        upper, b = uppers[r], downs[r]
        lower = min(upper + 1, last_row)
        for node in range(last_column + 1):
            line_x[node] = nodes[0, upper, node] * (1 - b) + nodes[0, lower, node] * b
            line_y[node] = nodes[1, upper, node] * (1 - b) + nodes[1, lower, node] * b
        for c in range(columns):
            left, a = lefts[c], acrosses[c]
            right = min(left + 1, last_column)
            x = line_x[left] * (1 - a) + line_x[right] * a
            y = line_y[left] * (1 - a) + line_y[right] * a
            usable[row + r, column + c] = False
            if not (x >= 0.0 and y >= 0.0 and x < width and y < height):
                continue
            begin = max(0, math.floor(x - reach_x + shift))
            end = min(width, int(x + reach_x - shift) + 1)
            for i in range(begin, end):
                shares_x[i - begin] = _share(kind, i, x, reach_x, inverse_x)
            top = max(0, math.floor(y - reach_y + shift))
            bottom = min(height, int(y + reach_y - shift) + 1)
            for j in range(top, bottom):
                shares_y[j - top] = _share(kind, j, y, reach_y, inverse_y)
            box = (top, bottom, begin, end)
            if kind == MODE:
                found, weight = _heaviest(values, valid, box, shares_y, shares_x, kinds, weights)
            else:
                if whole:
                    found, weight = _sum_whole(values, box, shares_y, shares_x)
                else:
                    found, weight = _sum_usable(values, valid, box, shares_y, shares_x)
                found = found / weight
            if weight > 0.0:
                out[row + r, column + c] = found
                usable[row + r, column + c] = True
