"""Nearest neighbour: one index for each target pixel, then plain gathering."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(nogil=True, cache=True, error_model="numpy")
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
    stride: int,
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
        stride: from a source pixel to the one below it; at least `width`.
        out: `(y, x)` int32, written only under the lattice; -1 = outside the source.
    """
    last_row, last_column = nodes.shape[1] - 1, nodes.shape[2] - 1
    cells = max(last_column, 1)
    wide = np.int32(stride)
    far_x, far_y = np.float64(width), np.float64(height)
    ramp = np.arange(columns).astype(np.float64)  # spares a slow integer conversion per pixel
    for r in range(rows):
        down = (r + 0.5 - first) / step_down
        upper = min(max(int(down), 0), max(last_row - 1, 0))
        lower = min(upper + 1, last_row)
        b = down - upper
        begin = 0
        for cell in range(cells):
            right = min(cell + 1, last_column)
            xa = nodes[0, upper, cell] * (1 - b) + nodes[0, lower, cell] * b
            xb = nodes[0, upper, right] * (1 - b) + nodes[0, lower, right] * b
            ya = nodes[1, upper, cell] * (1 - b) + nodes[1, lower, cell] * b
            yb = nodes[1, upper, right] * (1 - b) + nodes[1, lower, right] * b
            dx, dy = (xb - xa) / step_right, (yb - ya) / step_right
            offset = 0.5 - first - cell * step_right
            xs, ys = xa + dx * offset, ya + dy * offset
            end = columns
            if cell < cells - 1:
                end = math.ceil((cell + 1) * step_right + first - 0.5)
                end = min(columns, max(begin, end))
            line = out[row + r, column + begin : column + end]
            at = ramp[begin:end]
            for k in range(line.size):
                x, y = xs + dx * at[k], ys + dy * at[k]
                inside = (x >= 0.0) & (y >= 0.0) & (x < far_x) & (y < far_y)
                flat = np.int32(np.int32(y) * wide) + np.int32(x)
                line[k] = np.int32(flat) if inside else np.int32(-1)
            begin = end


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
        if at < 0 or not valid[at]:
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
