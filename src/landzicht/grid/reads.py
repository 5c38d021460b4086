"""What to read for a target grid: which level of a file, which window, and where it goes. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landzicht.grid.crs import is_geographic
from landzicht.grid.lattice import NOWHERE, TOLERANCE, coarse_lattice, lattice
from landzicht.grid.place import pixel_size_in, window_in
from landzicht.grid.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from landzicht.grid.grid import Grid
    from landzicht.grid.lattice import Lattice

OVERSAMPLING = 1.2
"""An overview may be this much coarser than the target before a finer one is taken (as GDAL)."""
_TURN_DEGREES = 360.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadPlan:
    """One piece of one level of a file, and the way from target pixels into it."""

    level: int
    """0 = full size, then overviews from fine to coarse."""
    window: Window
    """Source pixels to read, inside the level."""
    target: Window
    """Target pixels that may be filled; the others lie outside the source."""
    nodes: NDArray[np.float64]
    """`(2, row, column)`: column and row in `window` of lattice nodes, (0, 0) = its corner."""
    first: float
    """Position of node 0 in pixels of `target`."""
    step: tuple[float, float]
    """Pixels of `target` from one node to the next: `(down, right)`."""
    shrink: tuple[float, float]
    """Source pixels in one target pixel: `(down, right)`."""


def plan_reads(
    levels: Sequence[Grid], target: Grid, *, smooth: bool = False
) -> tuple[ReadPlan, ...]:
    """Plan the reads that fill `target` from one file.

    Args:
        levels: grids of the file, full size first, then overviews.
        target: pixels to fill, north up.
        smooth: leave room around the window for a filter.

    Returns:
        No plan when the file lies elsewhere; mostly one; two when `target` holds the file twice
        (longitudes that go round).
    """
    source = levels[0]
    part = window_in(source, target)
    if part is None:
        return ()
    points = coarse_lattice(target, source.crs)
    if points.error > TOLERANCE:
        points = lattice(target.crop(part), source.crs)
    else:
        part = Window(0, 0, target.height, target.width)
    level = choose_level(levels, target, points)
    return tuple(
        plan
        for turn in _turns(source, points)
        if (plan := _plan(level, levels[level], points, part, turn, smooth=smooth))
    )


def choose_level(levels: Sequence[Grid], target: Grid, points: Lattice) -> int:
    """Return the coarsest level that is fine enough for `target`.

    The choice depends on the size of a target pixel at the centre of the file, not of the tile,
    so that neighbouring tiles use the same level; only for files that span many degrees, where
    that would be far off, it follows the tile.
    """
    pixel = pixel_size_in(levels[0], target.crs)
    if pixel is not None:
        ratio = math.sqrt(math.prod(target.resolution)) / pixel
    else:
        nodes = _to_pixels(levels[0], points, 0.0)
        ratio = math.sqrt(math.prod(_shrink(nodes, points.step)))
    chosen = 0
    for number, grid in enumerate(levels):
        factor = math.sqrt(
            math.prod(grid.resolution) / math.prod(levels[0].resolution),
        )
        if factor <= ratio * OVERSAMPLING:
            chosen = number
    return chosen


def _turns(source: Grid, points: Lattice) -> Iterator[float]:
    """Yield what to add to x so that longitudes that go round meet the file."""
    if not is_geographic(source.crs):
        yield 0.0
        return
    xs = points.nodes[0][points.nodes[0] != NOWHERE]
    if not xs.size:
        return
    west, east = float(xs.min()), float(xs.max())
    bounds = source.bounds
    for turn in (0.0, -_TURN_DEGREES, _TURN_DEGREES):
        if west + turn < bounds.east and bounds.west < east + turn:
            yield turn


def _plan(
    level: int, grid: Grid, points: Lattice, part: Window, turn: float, *, smooth: bool
) -> ReadPlan | None:
    nodes = _to_pixels(grid, points, turn)
    shrink = _shrink(nodes, points.step)
    halo = 1 + (math.ceil(2 * max(1.0, *shrink)) if smooth else 0)
    window = _window(nodes, grid, halo, exact=points.is_exact)
    if window is None:
        return None
    nodes[0] -= window.column
    nodes[1] -= window.row
    return ReadPlan(
        level=level,
        window=window,
        target=part,
        nodes=nodes,
        first=points.first,
        step=points.step,
        shrink=shrink,
    )


def _to_pixels(grid: Grid, points: Lattice, turn: float) -> NDArray[np.float64]:
    """Return `(2, row, column)`: column and row in `grid` of each node."""
    inverse = ~grid.transform
    xs, ys = points.nodes[0] + turn, points.nodes[1]
    nodes = np.empty_like(points.nodes)
    nodes[0] = inverse.a * xs + inverse.b * ys + inverse.c
    nodes[1] = inverse.d * xs + inverse.e * ys + inverse.f
    nodes[:, points.nodes[0] == NOWHERE] = NOWHERE
    return nodes


def _shrink(nodes: NDArray[np.float64], step: tuple[float, float]) -> tuple[float, float]:
    """Return source pixels in one target pixel in the middle of the lattice: `(down, right)`."""
    _, rows, columns = nodes.shape
    if rows < 2 or columns < 2:
        return (1.0, 1.0)
    row, column = (rows - 1) // 2, (columns - 1) // 2
    here = nodes[:, row, column]
    down = (nodes[:, row + 1, column] - here) / step[0]
    right = (nodes[:, row, column + 1] - here) / step[1]
    # How far both steps reach along the source's rows and columns.
    return (_reach(down[1], right[1]), _reach(down[0], right[0]))


def _reach(first: float, second: float) -> float:
    reach = math.hypot(first, second)
    return reach if 0 < reach < NOWHERE / 2 else 1.0


def _window(nodes: NDArray[np.float64], grid: Grid, halo: int, *, exact: bool) -> Window | None:
    columns, rows = nodes[0], nodes[1]
    if exact:
        inside = (columns >= 0) & (rows >= 0) & (columns < grid.width) & (rows < grid.height)
        columns, rows = columns[inside], rows[inside]
        if not columns.size:
            return None
    left = max(0, math.floor(columns.min()) - halo)
    top = max(0, math.floor(rows.min()) - halo)
    right = min(grid.width, math.ceil(columns.max()) + halo)
    bottom = min(grid.height, math.ceil(rows.max()) + halo)
    if left >= right or top >= bottom:
        return None
    return Window(top, left, bottom - top, right - left)
