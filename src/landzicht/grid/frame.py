"""The grid of a picture of any place and size."""

from __future__ import annotations

import math

import numpy as np
from affine import Affine

from landzicht.errors.catalogue import BadBox
from landzicht.errors.files import UnknownCrs
from landzicht.grid.bounds import Bounds
from landzicht.grid.crs import is_geographic, transform_bounds, transformer
from landzicht.grid.grid import Grid
from landzicht.grid.turns import moved_box, unbroken

_TURN = 360.0


def box_in(bounds: Bounds, source: str, target: str) -> Bounds:
    """Return a box in another system; `west > east` in degrees crosses the antimeridian.

    Raises:
        BadBox: it is empty, has no place in the other system, or is cut in two there.
    """
    box = bounds
    if is_geographic(source) and box.west > box.east:
        box = Bounds(box.west, box.south, box.east + _TURN, box.north)
    edges = box.as_list()
    if not all(math.isfinite(edge) for edge in edges) or box.is_empty:
        raise BadBox(reason=", ".join(f"{edge:g}" for edge in bounds.as_list()))
    if source == target:
        return box
    try:
        move = transform_bounds if is_geographic(target) else moved_box
        moved = move(box, source, target)
    except UnknownCrs as error:
        raise BadBox(reason=f"{source} → {target}"[:200]) from error
    if is_geographic(target) and moved.west > moved.east:
        moved = Bounds(moved.west, moved.south, moved.east + _TURN, moved.north)
    if moved.is_empty:
        raise BadBox(reason=f"{source} → {target}"[:200])
    return moved


def frame(
    box: Bounds,
    crs: str,
    pixel: float,
    size: tuple[int | None, int | None] = (None, None),
    longest: int | None = None,
) -> Grid:
    """Return the grid over a box.

    Args:
        box: edges in `crs`; kept to the last digit.
        crs: system of the grid.
        pixel: size of a pixel when nothing else is said, unit of `crs`.
        size: `(height, width)`; when one of them is None it follows from the shape of the box,
            when both are, from `pixel`.
        longest: at most so many pixels along the longer side, when `size` says nothing.
    """
    across, down = box.east - box.west, box.north - box.south
    height, width = size
    if height is None and width is None:
        width, height = (max(1, round(side / pixel)) for side in (across, down))
        if longest is not None and max(width, height) > longest:
            shrink = longest / max(width, height)
            width, height = (max(1, round(side * shrink)) for side in (width, height))
    elif width is None:
        assert height is not None
        width = max(1, round(height * across / down))
    elif height is None:
        height = max(1, round(width * down / across))
    transform = Affine(across / width, 0.0, box.west, 0.0, -down / height, box.north)
    return Grid(crs=crs, transform=transform, height=height, width=width)


def pixel_near(grid: Grid, box: Bounds, crs: str) -> float | None:
    """Return how large a pixel of `grid` is in the middle of a box, unit of `crs`.

    None when the middle of the box has no place in the system of `grid`, or the other way round.
    """
    x, y = (box.west + box.east) / 2, (box.south + box.north) / 2
    if grid.crs != crs:
        x, y = transformer(crs, grid.crs).transform(x, y)
    a, b, _, d, e, _ = tuple(grid.transform)[:6]
    xs, ys = np.array([x, x + a, x + b]), np.array([y, y + d, y + e])
    if grid.crs != crs:
        xs, ys = (np.asarray(part) for part in transformer(grid.crs, crs).transform(xs, ys))
        xs = unbroken(xs, crs)
    area = abs((xs[1] - xs[0]) * (ys[2] - ys[0]) - (xs[2] - xs[0]) * (ys[1] - ys[0]))
    return math.sqrt(area) if np.isfinite(area) and area > 0 else None
