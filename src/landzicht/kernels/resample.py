"""Filters over usable pixels that grow when the target is coarser: triangle, cubic, box, mode.

A row of the target is done in steps, each a plain loop over its pixels, so that the compiler makes
most of them work on many pixels at once.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Row = NDArray[np.float64]
    Rows = NDArray[np.float64]
    Places = NDArray[np.int32]

CUBIC, AVERAGE, MODE, BILINEAR = 0, 1, 2, 3
"""Kinds of filter."""
_HALF = 0.5 - 1e-9
"""Of the weight, that must fall on usable pixels; exactly half counts, however it was rounded."""
_TOGETHER = 3
"""Source pixels of a row that are added in one step; a narrow triangle has no more."""


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _share(kind: int, pixel: float, at: float, reach: float, inverse: float) -> float:
    """Return the weight of a source pixel for a target pixel at `at`, along one axis."""
    if kind == BILINEAR:
        return max(0.0, 1.0 - abs(pixel + 0.5 - at) * inverse)
    if kind == CUBIC:  # Keys 1981 with a = -1/2 (Catmull-Rom), widened
        d = abs(pixel + 0.5 - at) * (2.0 * inverse)
        near = (1.5 * d - 2.5) * d * d + 1.0
        far = ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0 if d < 2.0 else 0.0
        return near if d < 1.0 else far
    # How much of the pixel lies under the target pixel.
    return max(0.0, min(pixel + 1.0, at + reach) - max(pixel, at - reach))


@njit(nogil=True, cache=True, error_model="numpy")
def _reach(kind: int, shrink: float) -> float:
    """Return how many source pixels the filter looks to each side."""
    if kind in (AVERAGE, MODE):
        return shrink / 2
    return max(1.0, shrink) * (2.0 if kind == CUBIC else 1.0)


@njit(nogil=True, cache=True, error_model="numpy")
def _shares(
    kind: int,
    at: Row,
    size: int,
    reach: float,
    shift: float,
    begins: Places,
    shares: Rows,
    total: Row,
) -> None:
    """Write where each target pixel looks along one axis, and how much each pixel there weighs.

    Args:
        kind: of filter.
        at: `(n,)`, where the target pixels lie.
        size: source pixels.
        reach: source pixels.
        shift: from the side of a source pixel to what counts of it.
        begins: `(n,)`, the first source pixel; as many as `shares` has rows follow.
        shares: `(k, n)`, weight of each of these; 0 where the filter does not reach.
        total: `(n,)`, their sum.
    """
    inverse = 1.0 / reach
    last, latest = np.float64(size - 1), np.float64(max(size - shares.shape[0], 0))
    for c in range(at.size):
        first = np.floor(at[c] - reach + shift)
        first = max(0.0, first)  # 0.0 too where that is no number
        begins[c] = np.int32(min(latest, first))
        total[c] = 0.0
    for tap in range(shares.shape[0]):
        row = shares[tap]
        for c in range(at.size):
            pixel = np.float64(begins[c]) + np.float64(tap)
            first = np.floor(at[c] - reach + shift)
            end = min(np.floor(at[c] + reach - shift), last)
            share = _share(kind, pixel, at[c], reach, inverse)
            kept = share if (pixel >= first) & (pixel <= end) else 0.0
            row[c] = kept
            total[c] += kept


@njit(nogil=True, cache=True, error_model="numpy")
def _places(count: int, first: float, step: float, last: int) -> Any:  # noqa: ANN401 - two arrays
    """Return the node before each target pixel of a row or column, and how far it lies behind."""
    before, parts = np.empty(count, np.int64), np.empty(count)
    for at in range(count):
        along = (at + 0.5 - first) / step
        before[at] = min(max(int(along), 0), max(last - 1, 0))
        parts[at] = along - before[at]
    return before, parts


@njit(nogil=True, cache=True, error_model="numpy")
def _between(line: Row, before: NDArray[np.int64], parts: Row, out: Row) -> None:
    """Write what lies between the nodes of a line, of which the last stands there twice."""
    for c in range(out.size):
        node, part = np.uint32(before[c]), parts[c]
        out[c] = line[node] * (1 - part) + line[node + np.uint32(1)] * part


@njit(nogil=True, cache=True, error_model="numpy")
def _begin_row(tops: Places, begins: Places, down: int, width: int, where: Places) -> None:
    for c in range(where.size):
        where[c] = (tops[c] + np.int32(down)) * np.int32(width) + begins[c]


@njit(nogil=True, cache=True, error_model="numpy")
def _add_row(
    values: NDArray[Any], where: Places, first: Row, second: Row, third: Row, sums: Row
) -> None:
    """Add three source pixels that follow each other, weighted, to the sum of each target pixel."""
    one, two = np.uint32(1), np.uint32(2)
    for c in range(sums.size):
        at = np.uint32(where[c])
        begun = sums[c] + first[c] * values[at]
        sums[c] = begun + second[c] * values[at + one] + third[c] * values[at + two]


@njit(nogil=True, cache=True, error_model="numpy")
def _sum_nine(
    source: NDArray[Any], corner: tuple[Places, Places], shares: tuple[Rows, Rows], total: Row
) -> None:
    """Write the sum of three rows of three in one go, which is quicker; else as `_sum_whole`."""
    (tops, begins), (shares_y, shares_x) = corner, shares
    flat, width = source.reshape(-1), np.uint32(source.shape[1])
    one, two = np.uint32(1), np.uint32(2)
    left, middle, right = shares_x[0], shares_x[1], shares_x[2]
    upper, centre, lower = shares_y[0], shares_y[1], shares_y[2]
    for c in range(total.size):
        a = np.uint32(tops[c]) * width + np.uint32(begins[c])
        b, d = a + width, a + width + width
        above = left[c] * flat[a] + middle[c] * flat[a + one] + right[c] * flat[a + two]
        beside = left[c] * flat[b] + middle[c] * flat[b + one] + right[c] * flat[b + two]
        below = left[c] * flat[d] + middle[c] * flat[d + one] + right[c] * flat[d + two]
        total[c] = upper[c] * above + centre[c] * beside + lower[c] * below


@njit(nogil=True, cache=True, error_model="numpy")
def _sum_whole(
    source: NDArray[Any], corner: tuple[Places, Places], shares: tuple[Rows, Rows], total: Row
) -> None:
    """Write the weighted sum of usable pixels: of rows, each of which is summed first."""
    (tops, begins), (shares_y, shares_x) = corner, shares
    if shares_y.shape[0] == shares_x.shape[0] == _TOGETHER:
        _sum_nine(source, corner, shares, total)
        return
    where, sums = np.empty(total.size, np.int32), np.empty(total.size)
    flat = source.reshape(-1)
    for c in range(total.size):
        total[c] = 0.0
    for j in range(shares_y.shape[0]):
        _begin_row(tops, begins, j, source.shape[1], where)
        for c in range(total.size):
            sums[c] = 0.0
        for i in range(0, shares_x.shape[0], _TOGETHER):
            _add_row(flat[i:], where, shares_x[i], shares_x[i + 1], shares_x[i + 2], sums)
        share = shares_y[j]
        for c in range(total.size):
            total[c] += share[c] * sums[c]


@njit(nogil=True, cache=True, error_model="numpy")
def _add_usable(
    values: NDArray[Any],
    valid: NDArray[np.bool_],
    where: Places,
    down: Row,
    across: Row,
    sums: tuple[Row, Row, Row],
) -> None:
    total, weight, possible = sums
    for c in range(where.size):
        at = np.uint32(where[c])
        share, known = down[c] * across[c], valid[at]
        possible[c] += share
        weight[c] += share if known else 0.0
        total[c] += share * values[at] if known else 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def _sum_usable(
    source: NDArray[Any],
    valid: NDArray[np.bool_],
    corner: tuple[Places, Places],
    shares: tuple[Rows, Rows],
    total: Row,
    weight: Row,
) -> None:
    """Write the same where some pixels are not usable; no weight when most are not."""
    (tops, begins), (shares_y, shares_x) = corner, shares
    where, possible = np.empty(total.size, np.int32), np.zeros(total.size)
    values, known = source.reshape(-1), valid.reshape(-1)
    for c in range(total.size):
        total[c], weight[c] = 0.0, 0.0
    for j in range(shares_y.shape[0]):
        _begin_row(tops, begins, j, source.shape[1], where)
        for i in range(shares_x.shape[0]):
            sums = (total, weight, possible)
            _add_usable(values[i:], known[i:], where, shares_y[j], shares_x[i], sums)
    for c in range(total.size):
        weight[c] = weight[c] if weight[c] >= _HALF * possible[c] else 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def _heaviest(
    source: NDArray[Any],
    valid: NDArray[np.bool_],
    corner: tuple[Places, Places],
    shares: tuple[Rows, Rows],
    found: Row,
    weight: Row,
) -> None:
    """Write the heaviest value, times the weight of all; no weight when most are not usable."""
    (tops, begins), (shares_y, shares_x) = corner, shares
    most = shares_y.shape[0] * shares_x.shape[0]
    kinds, weights = np.empty(most, source.dtype), np.empty(most)
    for c in range(found.size):
        seen, possible, known, at = 0.0, 0.0, 0, 0
        for j in range(shares_y.shape[0]):
            for i in range(shares_x.shape[0]):
                share = shares_y[j, c] * shares_x[i, c]
                if share == 0.0:
                    continue
                possible += share
                if not valid[tops[c] + j, begins[c] + i]:
                    continue
                seen += share
                value = source[tops[c] + j, begins[c] + i]
                if known == 0 or kinds[at] != value:  # mostly that of the pixel before
                    at = 0
                    while at < known and kinds[at] != value:
                        at += 1
                    if at == known:
                        kinds[at], weights[at] = value, 0.0
                        known += 1
                weights[at] += share
        best = 0
        for k in range(1, known):
            if weights[k] > weights[best] + 1e-9:
                best = k
        enough = known > 0 and seen >= _HALF * possible
        found[c] = kinds[best] if enough else 0.0
        weight[c] = 1.0 if enough else 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def _all(valid: NDArray[np.bool_]) -> bool:
    found = True
    for k in range(valid.size):  # without a way out, so that many pixels are looked at at once
        found &= valid[k]
    return found


@njit(nogil=True, cache=True, error_model="numpy")
def _widened(values: NDArray[Any], tall: int, wide: int) -> NDArray[Any]:
    """Return a source with at least so many rows and columns; what is added weighs nothing."""
    bands, height, width = values.shape
    if height >= tall and width >= wide:
        return values
    out = np.zeros((bands, max(height, tall), max(width, wide)), values.dtype)
    for band in range(bands):
        for y in range(height):
            for x in range(width):  # one by one, as a piece of an array takes seconds to compile
                out[band, y, x] = values[band, y, x]
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def _finish(
    found: Row, weight: Row, inside: NDArray[np.bool_], out: Row, usable: NDArray[np.bool_]
) -> None:
    for c in range(out.size):
        shown = inside[c] & (weight[c] > 0.0)
        usable[c] = shown
        out[c] = found[c] / weight[c] if shown else 0.0


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
        values: `(band, y, x)` float, sources on one grid.
        valid: `(band, y, x)` bool; True = usable.
        out: `(band, y, x)` of the dtype of `values`, target; written under the lattice, 0 where
            nothing is usable.
        usable: `(band, y, x)` bool, target; written under the lattice.
        kind: `CUBIC`, `AVERAGE`, `MODE` or `BILINEAR`.
    """
    bands, height, width = values.shape
    last_row, last_column = nodes.shape[1] - 1, nodes.shape[2] - 1
    reach_y, reach_x = _reach(kind, shrink_down), _reach(kind, shrink_right)
    shift = 0.0 if kind in (AVERAGE, MODE) else 0.5  # what counts lies around centres of pixels
    tall, wide = math.ceil(2 * (reach_y - shift)) + 1, math.ceil(2 * (reach_x - shift)) + 1
    wide += -wide % _TOGETHER
    tall = max(tall, _TOGETHER)
    source, known = _widened(values, tall, wide), _widened(valid, tall, wide)
    whole = np.empty(bands, np.bool_)
    for band in range(bands):
        whole[band] = _all(valid[band].reshape(-1))
    x, y, inside = np.empty(columns), np.empty(columns), np.empty(columns, np.bool_)
    corner = (np.empty(columns, np.int32), np.empty(columns, np.int32))
    shares = (np.empty((tall, columns)), np.empty((wide, columns)))
    down, across = np.empty(columns), np.empty(columns)
    found, weight = np.empty(columns), np.empty(columns)
    uppers, downs = _places(rows, first, step_down, last_row)
    lefts, acrosses = _places(columns, first, step_right, last_column)
    line_x, line_y = np.empty(last_column + 2), np.empty(last_column + 2)
    for r in range(rows):
        upper, b = uppers[r], downs[r]
        lower = min(upper + 1, last_row)
        for node in range(last_column + 2):
            at = min(node, last_column)
            line_x[node] = nodes[0, upper, at] * (1 - b) + nodes[0, lower, at] * b
            line_y[node] = nodes[1, upper, at] * (1 - b) + nodes[1, lower, at] * b
        _between(line_x, lefts, acrosses, x)
        _between(line_y, lefts, acrosses, y)
        _shares(kind, y, height, reach_y, shift, corner[0], shares[0], down)
        _shares(kind, x, width, reach_x, shift, corner[1], shares[1], across)
        for c in range(columns):
            inside[c] = (x[c] >= 0.0) & (y[c] >= 0.0) & (x[c] < width) & (y[c] < height)
        for band in range(bands):
            if kind == MODE:
                _heaviest(source[band], known[band], corner, shares, found, weight)
            elif whole[band]:
                _sum_whole(source[band], corner, shares, found)
                for c in range(columns):
                    weight[c] = down[c] * across[c]
            else:
                _sum_usable(source[band], known[band], corner, shares, found, weight)
            to = out[band, row + r, column : column + columns]
            _finish(found, weight, inside, to, usable[band, row + r, column : column + columns])
