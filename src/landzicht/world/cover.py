"""How much of each pixel a polygon covers, exactly.

Instead of testing points, the boundary is cut at every pixel edge and each piece adds the area
to its right; a running sum along the rows turns that into the covered share. The cost goes with
the length of the boundaries, and the shares of a subdivision add up to one.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

_CELLS_AT_ONCE = 4_000_000
_LEAST = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coverage:
    """Which polygon covers which pixel, and how much of it. Only pixels that are touched."""

    shape: NDArray[np.int32]
    """(n,) Index of the polygon."""
    pixel: NDArray[np.int32]
    """(n,) Flat index of the pixel, `row * width + column`."""
    share: NDArray[np.float32]
    """(n,) Covered part of the pixel, above 0 to 1."""


def cover(
    shapes: Sequence[Any] | NDArray[Any],
    size: tuple[int, int],
    pixel: float,
    origin: tuple[float, float] = (0.0, 0.0),
) -> Coverage:
    """Return the covered share of each pixel under each polygon.

    Args:
        shapes: shapely polygons or multipolygons; x to the right, y **down**, in metres.
        size: `(height, width)` of the raster.
        pixel: size of a pixel in metres.
        origin: `(x, y)` of the upper-left corner of the raster.
    """
    height, width = size
    array = np.asarray(shapes, dtype=object)
    left, top = origin
    window = (left, top, left + width * pixel, top + height * pixel)
    parts, owner = shapely.get_parts(shapely.clip_by_rect(array, *window), return_index=True)
    polygons = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(
        parts
    )
    parts, owner = parts[polygons], owner[polygons].astype(np.int32)
    found = [_chunk(parts[s], owner[s], size, pixel, origin) for s in _chunks(parts, pixel)]
    if not found:
        none = np.zeros(0, np.int32)
        return Coverage(shape=none, pixel=none, share=np.zeros(0, np.float32))
    return Coverage(
        shape=np.concatenate([f.shape for f in found]),
        pixel=np.concatenate([f.pixel for f in found]),
        share=np.concatenate([f.share for f in found]),
    )


def _chunks(parts: NDArray[Any], pixel: float) -> Iterator[slice]:
    """Split the polygons so that the rectangles around each group hold a bounded area."""
    if not len(parts):
        return
    box = shapely.bounds(parts) / pixel
    cells = np.cumsum((box[:, 2] - box[:, 0] + 3) * (box[:, 3] - box[:, 1] + 2))
    group = (cells // _CELLS_AT_ONCE).astype(int)
    edges = np.flatnonzero(np.diff(group)) + 1
    starts = [0, *edges.tolist(), len(parts)]
    for start, stop in itertools.pairwise(starts):
        yield slice(start, stop)


def _chunk(
    parts: NDArray[Any],
    owner: NDArray[np.int32],
    size: tuple[int, int],
    pixel: float,
    origin: tuple[float, float],
) -> Coverage:
    height, width = size
    start, end, part, turn = _edges(parts, pixel, origin)
    box = shapely.bounds(parts) - np.array([*origin, *origin])
    low = np.maximum(np.floor(box[:, :2] / pixel).astype(np.int64), 0)
    high = np.ceil(box[:, 2:] / pixel).astype(np.int64)
    # One column more than the polygon needs: it takes what a piece adds to its right.
    wide = high[:, 0] - low[:, 0] + 2
    tall = np.maximum(high[:, 1] - low[:, 1], 1)
    offset = np.concatenate([[0], np.cumsum(wide * tall)])

    start, end, source = _cut(start, end, 1)
    part, turn = part[source], turn[source]
    start, end, source = _cut(start, end, 0)
    part, turn = part[source], turn[source]
    middle = (start + end) * 0.5
    column, row = np.floor(middle[:, 0]), np.floor(middle[:, 1])
    rise = (end[:, 1] - start[:, 1]) * turn
    right = rise * (middle[:, 0] - column)
    where = offset[part] + (row.astype(np.int64) - low[part, 1]) * wide[part]
    where += column.astype(np.int64) - low[part, 0]
    sums = np.bincount(where, rise - right, int(offset[-1]) + 1)
    sums += np.bincount(where + 1, right, int(offset[-1]) + 1)
    shares = np.cumsum(sums)

    at = np.flatnonzero(shares > _LEAST)
    part = np.repeat(np.arange(len(parts)), wide * tall)[at]
    inner = at - offset[part]
    down, across = np.divmod(inner, wide[part])
    row_at, column_at = down + low[part, 1], across + low[part, 0]
    inside = (row_at < height) & (column_at < width)
    return Coverage(
        shape=owner[part[inside]],
        pixel=(row_at * width + column_at)[inside].astype(np.int32),
        share=np.minimum(shares[at][inside], 1.0).astype(np.float32),
    )


def _edges(
    parts: NDArray[Any], pixel: float, origin: tuple[float, float]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return start, end, polygon and direction (+1 adds area, -1 is a hole) of each edge."""
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points = (points - np.array(origin)) / pixel
    follows = ring[1:] == ring[:-1]
    start, end, ring = points[:-1][follows], points[1:][follows], ring[:-1][follows]
    area = np.bincount(ring, start[:, 0] * end[:, 1] - end[:, 0] * start[:, 1], len(rings))
    outer = np.concatenate([[True], ring_part[1:] != ring_part[:-1]])
    turn = np.where(outer, -np.sign(area), np.sign(area))[ring]
    rises = start[:, 1] != end[:, 1]
    return start[rises], end[rises], ring_part[ring][rises], turn[rises]


def _cut(
    start: NDArray[np.float64], end: NDArray[np.float64], axis: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Cut segments where they cross a whole number on `axis`; also tell where each came from."""
    a, b = start[:, axis], end[:, axis]
    low, high = np.minimum(a, b), np.maximum(a, b)
    first = np.floor(low)
    count = np.maximum(np.ceil(high) - first, 1).astype(np.int64)
    source = np.repeat(np.arange(len(a)), count)
    step = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
    cell = first[source] + step
    near, far = np.maximum(low[source], cell), np.minimum(high[source], cell + 1)
    rising = (b >= a)[source]
    from_, to = np.where(rising, near, far), np.where(rising, far, near)
    length = (b - a)[source]
    safe = np.where(length == 0, 1.0, length)
    along = (end - start)[source]
    head = start[source] + ((from_ - a[source]) / safe)[:, None] * along
    tail = start[source] + ((to - a[source]) / safe)[:, None] * along
    still = length == 0
    tail[still] = end[source[still]]
    head[~still, axis] = from_[~still]
    tail[~still, axis] = to[~still]
    return head, tail, source
