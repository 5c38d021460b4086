"""Where the pixels of one grid may lie in another: boxes around them, never too small."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from landzicht.errors.files import UnknownCrs
from landzicht.grid.bounds import Bounds
from landzicht.grid.crs import (
    WGS84,
    area_of_use,
    is_geographic,
    transform_bounds,
    transformer,
)
from landzicht.grid.turns import turn_of, unbroken
from landzicht.grid.window import Window

if TYPE_CHECKING:
    from landzicht.grid.grid import Grid

_PAD_PX = 2
_TURN_DEGREES = 360.0


@lru_cache(maxsize=4096)
def world_boxes(grid: Grid) -> tuple[Bounds, ...]:
    """Return boxes in WGS84 degrees around a grid: two when it crosses the antimeridian.

    Raises:
        UnknownCrs: the grid has no place on Earth.
    """
    bounds = grid.bounds
    box = bounds if is_geographic(grid.crs) else transform_bounds(bounds, grid.crs, WGS84)
    south, north = max(-90.0, box.south), min(90.0, box.north)
    width = box.east - box.west if box.east >= box.west else box.east + 360 - box.west
    if width >= 360:
        return (Bounds(-180.0, south, 180.0, north),)
    west = (box.west + 180) % 360 - 180
    east = west + width
    if east <= 180:
        return (Bounds(west, south, east, north),)
    return (Bounds(west, south, 180.0, north), Bounds(-180.0, south, east - 360, north))


def window_in(grid: Grid, target: Grid) -> Window | None:
    """Return the part of `target` where pixels of `grid` may lie, or None when there is none.

    The part is never too small; it may be too large.
    """
    boxes = _boxes_in(grid, target.crs)
    whole = Window(0, 0, target.height, target.width)
    if boxes is None:
        return whole
    found = [part for box in _with_turns(boxes, target) if (part := _cover(target, box))]
    if not found:
        return None
    row, column = min(p.row for p in found), min(p.column for p in found)
    stop_row, stop_column = max(p.stop_row for p in found), max(p.stop_column for p in found)
    return Window(row, column, stop_row - row, stop_column - column)


@lru_cache(maxsize=4096)
def pixel_size_in(grid: Grid, crs: str) -> float | None:
    """Return the size of a pixel at the centre of `grid`, measured in units of `crs`.

    The geometric mean of both directions. None when the size differs so much over the grid
    (more than a few degrees from north to south) that one number does not describe it.
    """
    boxes = world_boxes(grid)
    if boxes[0].north - boxes[0].south > 4:
        return None
    a, b, c, d, e, f = tuple(grid.transform)[:6]
    column, row = grid.width / 2, grid.height / 2
    columns = np.array([column, column + 1, column])
    rows = np.array([row, row, row + 1])
    xs, ys = a * columns + b * rows + c, d * columns + e * rows + f
    if grid.crs != crs:
        xs, ys = transformer(grid.crs, crs).transform(xs, ys)
        xs = unbroken(xs, crs)
    area = abs((xs[1] - xs[0]) * (ys[2] - ys[0]) - (xs[2] - xs[0]) * (ys[1] - ys[0]))
    return math.sqrt(area) if np.isfinite(area) and area > 0 else None


@lru_cache(maxsize=4096)
def _boxes_in(grid: Grid, crs: str) -> tuple[Bounds, ...] | None:
    """Return boxes around `grid` in `crs`, or None when they cannot be told.

    Longitudes go round, so in degrees each box lies there three times.
    """
    found = (grid.bounds,) if grid.crs == crs else _moved_boxes(grid, crs)
    if found is None or not is_geographic(crs):
        return found
    return tuple(
        Bounds(box.west + turn, box.south, box.east + turn, box.north)
        for box in found
        for turn in (-_TURN_DEGREES, 0.0, _TURN_DEGREES)
    )


def _with_turns(boxes: tuple[Bounds, ...], target: Grid) -> tuple[Bounds, ...]:
    """Return boxes, and where they lie once more when `target` goes on beyond the edge of a map."""
    turn = None if is_geographic(target.crs) else turn_of(target.crs)
    t = target.transform
    if turn is None or max(abs(t.c), abs(t.c + t.a * target.width)) <= turn / 2 * (1 + 1e-9):
        return boxes
    return tuple(
        Bounds(box.west + by, box.south, box.east + by, box.north)
        for box in boxes
        for by in (-turn, 0.0, turn)
    )


def _moved_boxes(grid: Grid, crs: str) -> tuple[Bounds, ...] | None:
    try:
        world = world_boxes(grid)
    except UnknownCrs:
        return None
    use = area_of_use(crs)
    found = []
    for box in world:
        try:
            found.append(transform_bounds(box, WGS84, crs))
        except UnknownCrs:
            if use is None:
                return None
            cut = Bounds(box.west, max(box.south, use.south), box.east, min(box.north, use.north))
            if cut.is_empty:
                continue
            try:
                found.append(transform_bounds(cut, WGS84, crs))
            except UnknownCrs:
                return None
    return tuple(found)


def _cover(target: Grid, box: Bounds) -> Window | None:
    """Return the pixels of a north-up `target` under `box`, a little padded."""
    t = target.transform
    if not target.is_north_up:
        return Window(0, 0, target.height, target.width)
    left, right = ((x - t.c) / t.a for x in (box.west, box.east))
    top, bottom = ((y - t.f) / t.e for y in (box.north, box.south))
    column, stop_column = _clip(left, right, target.width)
    row, stop_row = _clip(top, bottom, target.height)
    if column >= stop_column or row >= stop_row:
        return None
    return Window(row, column, stop_row - row, stop_column - column)


def _clip(low: float, high: float, size: int) -> tuple[int, int]:
    low, high = max(low - _PAD_PX, 0.0), min(high + _PAD_PX, float(size))
    return (math.floor(low), math.ceil(high)) if low < high else (0, 0)
