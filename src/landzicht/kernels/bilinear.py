"""Bilinear resampling of usable pixels, with a wider filter when shrinking."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(nogil=True, cache=True, error_model="numpy")
def bilinear(
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
    values: NDArray[np.float32],
    valid: NDArray[np.bool_],
    out: NDArray[np.float32],
    usable: NDArray[np.bool_],
) -> None:
    """Write the triangle-weighted mean of usable source pixels around each target pixel.

    The triangle reaches one source pixel, or `shrink` source pixels when the target is coarser,
    so that nothing between samples is skipped (GDAL does the same). A target pixel is usable when
    its centre lies in the source and at least half of the weight falls on usable pixels.

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
        values: `(y, x)` float32, source.
        valid: `(y, x)` bool, source; True = usable.
        out: `(y, x)` float32, target; written where `usable` becomes True.
        usable: `(y, x)` bool, target; written under the lattice.
    """
    height, width = values.shape
    last_row, last_column = nodes.shape[1] - 1, nodes.shape[2] - 1
    reach_y, reach_x = max(1.0, shrink_down), max(1.0, shrink_right)
    for r in range(rows):
        down = (r + 0.5 - first) / step_down
        upper = min(max(int(down), 0), max(last_row - 1, 0))
        lower = min(upper + 1, last_row)
        b = down - upper
        for c in range(columns):
            along = (c + 0.5 - first) / step_right
            left = min(max(int(along), 0), max(last_column - 1, 0))
            right = min(left + 1, last_column)
            a = along - left
            x = (nodes[0, upper, left] * (1 - a) + nodes[0, upper, right] * a) * (1 - b)
            x += (nodes[0, lower, left] * (1 - a) + nodes[0, lower, right] * a) * b
            y = (nodes[1, upper, left] * (1 - a) + nodes[1, upper, right] * a) * (1 - b)
            y += (nodes[1, lower, left] * (1 - a) + nodes[1, lower, right] * a) * b
            usable[row + r, column + c] = False
            if not (x >= 0.0 and y >= 0.0 and x < width and y < height):
                continue
            x -= 0.5
            y -= 0.5
            total, weight, possible = 0.0, 0.0, 0.0
            for j in range(max(0, math.ceil(y - reach_y)), min(height, int(y + reach_y) + 1)):
                share_y = 1.0 - abs(j - y) / reach_y
                for i in range(max(0, math.ceil(x - reach_x)), min(width, int(x + reach_x) + 1)):
                    share = share_y * (1.0 - abs(i - x) / reach_x)
                    possible += share
                    if valid[j, i]:
                        weight += share
                        total += share * values[j, i]
            if weight > 0.0 and weight >= 0.5 * possible:
                out[row + r, column + c] = np.float32(total / weight)
                usable[row + r, column + c] = True
