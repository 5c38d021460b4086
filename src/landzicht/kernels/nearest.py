"""Nearest neighbour: one index for each target pixel, then plain gathering."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True, error_model="numpy", fastmath=True)
def index_map(
    nodes: NDArray[np.float64],
    first: float,
    step_down: float,
    step_right: float,
    row: int,
    column: int,
    rows: int,
    columns: int,
    height: int,
    width: int,
    out: NDArray[np.int32],
) -> None:
    """Write the flat source index of the pixel under each target pixel's centre.

    Args:
        nodes: `(2, n, m)` float64, column and row in the source of each lattice node.
        first: position of node 0 in target pixels (0.0; 0.5 for an exact lattice).
        step_down: target pixels from node to node, down.
        step_right: target pixels from node to node, right.
        row: first target row of the lattice in `out`.
        column: first target column of the lattice in `out`.
        rows: target rows under the lattice.
        columns: target columns under the lattice.
        height: source rows.
        width: source columns.
        out: `(y, x)` int32, written only under the lattice; -1 = outside the source.
    """
    last_row, last_column = nodes.shape[1] - 1, nodes.shape[2] - 1
    cells = max(last_column, 1)
    begins = np.empty(cells + 1, np.int64)
    for cell in range(cells):
        begins[cell] = min(max(0, math.ceil(cell * step_right + first - 0.5)), columns)
    begins[0] = 0
    begins[cells] = columns
    wide = np.int32(width)
    far_x, far_y = np.float64(width), np.float64(height)
    for r in range(rows):
        down = (r + 0.5 - first) / step_down
        upper = min(max(int(down), 0), max(last_row - 1, 0))
        lower = min(upper + 1, last_row)
        b = down - upper
        for cell in range(cells):
            right = min(cell + 1, last_column)
            xa = nodes[0, upper, cell] * (1 - b) + nodes[0, lower, cell] * b
            xb = nodes[0, upper, right] * (1 - b) + nodes[0, lower, right] * b
            ya = nodes[1, upper, cell] * (1 - b) + nodes[1, lower, cell] * b
            yb = nodes[1, upper, right] * (1 - b) + nodes[1, lower, right] * b
            dx, dy = (xb - xa) / step_right, (yb - ya) / step_right
            begin = begins[cell]
            offset = begin + 0.5 - first - cell * step_right
            xs, ys = xa + dx * offset, ya + dy * offset
            line = out[row + r, column + begin : column + begins[cell + 1]]
            for k in range(line.size):
                x, y = xs + dx * k, ys + dy * k
                inside = (x >= 0.0) & (y >= 0.0) & (x < far_x) & (y < far_y)
                at = np.int32(np.int32(y) * wide) + np.int32(x)
                line[k] = np.int32(at) if inside else np.int32(-1)


@njit(nogil=True, cache=True)
def keep_usable(
    index: NDArray[np.int32], valid: NDArray[np.bool_], wanted: NDArray[np.bool_]
) -> None:
    """Clear `wanted` where the source has no usable pixel.

    Args:
        index: `(n,)` flat source index or -1.
        valid: `(m,)` bool; True = usable.
        wanted: `(n,)` bool, changed in place.
    """
    for k in range(index.size):
        at = index[k]
        if at < 0:
            wanted[k] = False
        elif not valid[at]:
            wanted[k] = False


@njit(nogil=True, cache=True)
def gather(
    index: NDArray[np.int32],
    values: NDArray[Any],
    wanted: NDArray[np.bool_],
    out: NDArray[Any],
) -> None:
    """Copy the source value of every wanted pixel.

    Args:
        index: `(n,)` flat source index, 0 or more where `wanted`.
        values: `(m,)` any unsigned integer; bits are copied, so floats may be viewed as such.
        wanted: `(n,)` bool; True = write.
        out: `(n,)` same dtype as `values`.
    """
    for k in range(index.size):
        if wanted[k]:
            out[k] = values[index[k]]
