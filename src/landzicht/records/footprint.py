"""Footprints and places on a round Earth, for an index that is flat.

A footprint is stored *unrolled*: where a scene crosses the antimeridian, longitudes east of it
count on beyond 180. Then every footprint is one piece, and a place meets it when the place, or
the place moved by a whole turn, does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from shapely.geometry import shape

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.records import BadRecord
from landzicht.records.invalid import reason_invalid
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from landzicht.grid import Bounds
    from landzicht.kinds import Item, Scene

TURN = 360.0
MAX_VERTICES = 10_000
"""Most corners in a geometry that somebody searches with; checking one takes half a second."""
_MENDABLE = 1000
"""Most corners of an outline that we mend."""
_MOST_CROSSINGS = 500
"""Most crossings that we mend: 0.1 s. Each cuts two edges, and 10,000 take minutes."""
_EQUAL = 1e-9
"""Degrees (0.1 mm) within which corners are the same."""
_HOLDERS = ("coordinates", "geometries", "geometry")
_ROUNDING = 1e-6
"""Degrees (0.1 m) that the outer edge of the Earth may be passed by arithmetic."""


class Footprint(NamedTuple):
    """An unrolled footprint as the index keeps it; degrees, closed edges."""

    x0: float
    """West, -180 to 180."""
    x1: float
    """East; above 180 when the scene crosses the antimeridian."""
    y0: float
    """South."""
    y1: float
    """North."""
    wkb: bytes | None
    """The outline, or None when it is exactly the box."""


@dataclass(frozen=True, slots=True)
class Window:
    """A place, moved by a whole number of turns."""

    x0: float
    """West edge of its box."""
    x1: float
    """East edge of its box."""
    geometry: shapely.Geometry
    """The place itself."""


@dataclass(frozen=True, slots=True)
class Region:
    """A place to search in."""

    windows: tuple[Window, ...]
    """The place and its copies a turn to the west and east, as far as scenes can lie there."""
    y0: float
    """South."""
    y1: float
    """North."""
    is_box: bool
    """True when the place is exactly its box."""

    def meets(
        self, boxes: NDArray[np.float64], outlines: Sequence[bytes | None]
    ) -> NDArray[np.bool_]:
        """Return which footprints share at least a point with this place, boolean `(n,)`.

        Args:
            boxes: `(n, 4)` float64, unrolled x0, x1, y0, y1.
            outlines: `n` outlines as WKB; None = the box itself.
        """
        found = np.zeros(len(boxes), dtype=bool)
        is_plain = np.array([outline is None for outline in outlines], dtype=bool)
        for window in self.windows:
            near = (boxes[:, 0] <= window.x1) & (boxes[:, 1] >= window.x0)
            near &= (boxes[:, 2] <= self.y1) & (boxes[:, 3] >= self.y0) & ~found
            if self.is_box:  # boxes that meet need no closer look
                found |= near & is_plain
                near &= ~is_plain
            rows = np.flatnonzero(near)
            if rows.size:
                found[rows] = shapely.intersects(window.geometry, _shapes(boxes, outlines, rows))
        return found


def scene_footprint(scene: Scene | Item) -> Footprint:
    """Return the unrolled footprint of a scene.

    Raises:
        BadRecord: it is not a Polygon or MultiPolygon in degrees.
    """
    try:
        with np.errstate(invalid="ignore"):  # NaN is refused below
            geometry = shape(dict(scene.footprint))
    except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as error:
        raise BadRecord(record=scene.id, field="footprint", value=str(error)[:80]) from error
    geometry = shapely.force_2d(geometry)
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise BadRecord(record=scene.id, field="footprint", value="NaN, inf")
    if scene.bounds.west > scene.bounds.east:
        geometry = _unroll(geometry, (scene.bounds.west + scene.bounds.east) / 2)
    if shapely.bounds(geometry)[0] < -180 - _ROUNDING:
        geometry = _unroll(geometry, math.inf)
    x0, y0, x1, y1 = (float(edge) for edge in shapely.bounds(geometry))
    is_area = geometry.geom_type in {"Polygon", "MultiPolygon"}
    wide = -180 - _ROUNDING <= x0 <= x1 <= x0 + TURN + 2 * _ROUNDING and x0 <= 180
    high = -90 - _ROUNDING <= y0 <= y1 <= 90 + _ROUNDING
    if not (is_area and wide and high):  # nor for NaN
        raise BadRecord(record=scene.id, field="footprint", value=[x0, y0, x1, y1])
    geometry = _mend(geometry)
    is_box = shapely.equals(geometry, shapely.box(x0, y0, x1, y1))
    return Footprint(x0, x1, y0, y1, None if is_box else shapely.to_wkb(geometry))


def box_region(bounds: Bounds) -> Region:
    """Return the place inside a box; `west > east` crosses the antimeridian."""
    east = bounds.east if bounds.west <= bounds.east else bounds.east + TURN
    corners = (bounds.west, bounds.south, east, bounds.north)
    if bounds.west == east or bounds.south == bounds.north:  # a box without area is a line
        geometry: shapely.Geometry = shapely.linestrings([corners[:2], corners[2:]])
        if corners[:2] == corners[2:]:
            geometry = shapely.points(corners[:2])
        return place_region(geometry, is_box=True)
    return place_region(shapely.box(*corners), is_box=True)


def geometry_region(geojson: Mapping[str, Any]) -> Region:
    """Return the place that a GeoJSON geometry describes.

    Raises:
        BadQuery: it is not a geometry, is empty, lies outside the Earth, crosses itself or has
            too many corners.
    """
    try:
        geometry = shapely.force_2d(shape(_with_numbers(geojson)))
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        RecursionError,
        shapely.errors.ShapelyError,
    ) as error:
        reason = Text(nl="dit is geen GeoJSON-geometrie", en="this is not a GeoJSON geometry")
        raise BadQuery(name="intersects", reason=reason) from error
    if geometry.is_empty:
        raise BadQuery(name="intersects", reason=Text(nl="het is leeg", en="it is empty"))
    if shapely.get_num_coordinates(geometry) > MAX_VERTICES:
        many = Text(nl="meer dan {most} hoekpunten", en="more than {most} vertices")
        raise BadQuery(name="intersects", reason=many.fill(most=MAX_VERTICES))
    x0, y0, x1, y1 = shapely.bounds(geometry)
    if not (-TURN <= x0 <= x1 <= TURN and -90 <= y0 <= y1 <= 90):  # not so for NaN either
        outside = Text(nl="het ligt niet op de aarde", en="it does not lie on the Earth")
        raise BadQuery(name="intersects", reason=outside)
    if not shapely.is_valid(geometry):  # mending is not done here: it can take minutes
        raise BadQuery(name="intersects", reason=reason_invalid(geometry))
    return place_region(geometry, is_box=False)


def _with_numbers(geojson: Mapping[str, Any]) -> dict[str, Any]:
    """Return a geometry whose coordinates are numbers; shapely would read "5" and true as such.

    Raises:
        TypeError: there is something else among them.
    """
    told = dict(geojson)
    pending: list[Any] = [told]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            pending += [each[name] for name in _HOLDERS if name in each]
        elif isinstance(each, list | tuple):
            pending += each
        elif isinstance(each, bool) or not isinstance(each, int | float):
            raise TypeError
    return told


def place_region(geometry: shapely.Geometry, *, is_box: bool) -> Region:
    """Return a place that is known to be a valid geometry; `is_box`: exactly its box."""
    x0, y0, x1, y1 = (float(edge) for edge in shapely.bounds(geometry))
    windows = []
    for turns in (0, -1, 1, -2, 2):
        west, east = x0 + turns * TURN, x1 + turns * TURN
        if east < -180 - _ROUNDING or west > 180 + TURN:  # no unrolled footprint lies there
            continue
        moved = geometry
        if turns:
            moved = shapely.transform(geometry, lambda xy, by=turns: xy + np.array([by * TURN, 0]))
        shapely.prepare(moved)
        windows.append(Window(west, east, moved))
    return Region(tuple(windows), y0, y1, is_box)


def _unroll(geometry: shapely.Geometry, gap: float) -> shapely.Geometry:
    """Move what lies west of `gap` (outside the scene) a turn east; join parts that then touch."""

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where((xy[:, 0] < gap)[:, np.newaxis], xy + np.array([TURN, 0]), xy)

    return shapely.union_all([_mend(shapely.transform(geometry, move))])


def _mend(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return a valid geometry that covers the area of this one, in a bounded time.

    Of an outline with many corners or crossings the convex hull is taken: a search may then find
    the scene a little beside it, but never misses it.
    """
    corners = shapely.get_num_coordinates(geometry)
    if corners <= MAX_VERTICES and shapely.is_valid(geometry):
        return geometry
    if corners <= _MENDABLE and _count_crossings(geometry) <= _MOST_CROSSINGS:
        # Edges that lie on each other but for rounding would leave parts of the area out.
        return shapely.make_valid(shapely.set_precision(geometry, _EQUAL, mode="pointwise"))
    # Each corner once: of repeated ones GEOS 3.14 makes hulls that leave some out.
    return shapely.convex_hull(
        shapely.multipoints(np.unique(shapely.get_coordinates(geometry), axis=0))
    )


def _count_crossings(geometry: shapely.Geometry) -> int:
    """Return how many pairs of edges meet, besides those that follow each other."""
    rings = [
        shapely.get_coordinates(ring) for ring in shapely.get_rings(shapely.get_parts(geometry))
    ]
    edges = shapely.linestrings(np.concatenate([np.stack([r[:-1], r[1:]], 1) for r in rings]))
    one, other = shapely.STRtree(edges).query(edges, predicate="intersects")
    return int(np.count_nonzero(one < other)) - len(edges)


def _shapes(
    boxes: NDArray[np.float64], outlines: Sequence[bytes | None], rows: NDArray[np.intp]
) -> NDArray[np.object_]:
    x0, x1, y0, y1 = boxes[rows].T
    shapes: NDArray[np.object_] = shapely.box(x0, y0, x1, y1)
    told = [(place, wkb) for place, row in enumerate(rows) if (wkb := outlines[int(row)])]
    if told:
        shapes[[place for place, _ in told]] = shapely.from_wkb([wkb for _, wkb in told])
    return shapes
