"""The kernels that the first tile needs, in numpy: for the seconds until they are compiled.

Slower by ten times and more, but ready at once; the same steps in the same order on numbers of the
same width, so that both give the same bits. Nothing here imports numba.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    """See `landzicht.kernels.nearest.index_map`."""
    last_row, last_column = nodes.shape[1] - 1, nodes.shape[2] - 1
    down = (np.arange(rows) + 0.5 - first) / step_down
    upper = np.clip(down.astype(np.int64), 0, max(last_row - 1, 0))
    lower = np.minimum(upper + 1, last_row)
    b = (down - upper)[:, None]
    begin, cells = 0, max(last_column, 1)
    for cell in range(cells):
        right = min(cell + 1, last_column)
        end = columns
        if cell < cells - 1:
            end = math.ceil((cell + 1) * step_right + first - 0.5)
            end = min(columns, max(begin, end))
        offset = 0.5 - first - cell * step_right
        at = np.arange(begin, end, dtype=np.float64)
        places = []
        for axis in nodes:
            one = axis[upper, cell, None] * (1 - b) + axis[lower, cell, None] * b
            two = axis[upper, right, None] * (1 - b) + axis[lower, right, None] * b
            step = (two - one) / step_right
            places.append(one + step * offset + step * at)
        x, y = places
        inside = (x >= 0.0) & (y >= 0.0) & (x < width) & (y < height)
        flat = np.where(inside, y, 0).astype(np.int32) * np.int32(stride)
        flat += np.where(inside, x, 0).astype(np.int32)
        out[row : row + rows, column + begin : column + end] = np.where(inside, flat, -1)
        begin = end


def stretch(
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    gain: float,
    bias: float,
    low: int,
    high: int,
    out: NDArray[np.uint8],
) -> None:
    """See `landzicht.kernels.stretch.stretch`."""
    shade = values * np.float32(gain) + np.float32(bias + 0.5)
    shown = usable & ~np.isnan(shade)
    out[:] = np.where(shown, np.clip(shade, np.float32(low), np.float32(high)), 0).astype(np.uint8)


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
    """See `landzicht.kernels.shade.shade_three`."""
    usable[:] = _inside(index, valid)
    for band, hole in zip((red, green, blue), holes, strict=True):
        usable &= band[index] != hole
    for number, band in enumerate((red, green, blue)):
        out[:, number] = np.where(usable, tables[number][band[index]], 0)
    return int(usable.sum())


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
    """See `landzicht.kernels.shade.shade_ratio`."""
    inside = _inside(index, valid) & (plus[index] != holes[0]) & (minus[index] != holes[1])
    a = plus[index].astype(np.float32) * scales[0, 0] + scales[0, 1]
    b = minus[index].astype(np.float32) * scales[1, 0] + scales[1, 1]
    with np.errstate(all="ignore"):
        value = (a - b) / (a + b)
        usable[:] = inside & np.isfinite(value)
        shade = np.clip(value * stretch[0] + stretch[1], stretch[2], stretch[3])
        out[:] = np.where(usable, shade, 0).astype(np.uint8)
    return int(inside.sum())


def _inside(index: NDArray[np.int32], valid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which pixels lie on usable ones."""
    inside = index >= 0
    return inside & valid[index] if valid.size else inside
