"""How two places lie, on a round Earth: the eight spatial functions of CQL2."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.geometry import shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from landzicht.kinds.filter import Geometry

TURN = 360.0
_FAILURES = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)


def relate(
    op: str, one: shapely.Geometry, other: shapely.Geometry, *, is_round: bool = True
) -> bool:
    """Whether `op` (`s_intersects`, …) holds of two places.

    Args:
        op: name of the function.
        one: place, WGS84 degrees; longitudes may go beyond 180.
        other: place.
        is_round: also when one of them is moved by a whole turn around the Earth; `s_disjoint`
            then holds when no copy meets.
    """
    if op == "s_disjoint":
        return not relate("s_intersects", one, other, is_round=is_round)
    holds = getattr(shapely, op[2:])
    copies = _copies(one, other) if is_round else [other]
    return any(bool(holds(one, moved)) for moved in copies)


def place_of(told: Geometry) -> shapely.Geometry:
    """Return a place of a condition; a box across the antimeridian is one piece here.

    Raises:
        ValueError: it is no geometry.
    """
    return _place_of(told)


@lru_cache(maxsize=64)
def _place_of(told: Geometry) -> shapely.Geometry:
    try:
        if told.kind != "BBox":
            return shapely.force_2d(shape(told.as_geojson()))
        half = len(told.coordinates) // 2
        west, south = told.coordinates[:2]
        east, north = told.coordinates[half : half + 2]
        return shapely.box(west, south, east + (TURN if east < west else 0.0), north)
    except (*_FAILURES, shapely.errors.ShapelyError) as error:
        raise ValueError from error


def read_place(told: object) -> shapely.Geometry | None:
    """Return the place that a GeoJSON geometry tells, or None when it is none."""
    if not isinstance(told, dict) or "type" not in told:
        return None
    try:
        return shapely.force_2d(shape(told))
    except (*_FAILURES, shapely.errors.ShapelyError):
        return None


def item_place(item: Mapping[str, Any]) -> shapely.Geometry | None:
    """Return the footprint of a STAC item; across the antimeridian it counts on beyond 180."""
    place = read_place(item.get("geometry"))
    box = item.get("bbox")
    if place is None or not box or box[0] <= box[len(box) // 2]:
        return place
    gap = (box[0] + box[len(box) // 2]) / 2

    def unroll(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where((xy[:, 0] < gap)[:, np.newaxis], xy + np.array([TURN, 0.0]), xy)

    return shapely.union_all([shapely.transform(place, unroll)])


def _copies(one: shapely.Geometry, other: shapely.Geometry) -> list[shapely.Geometry]:
    """Return `other` and its copies a turn away, those whose boxes meet that of `one`."""
    if one.is_empty or other.is_empty:
        return [other]
    x0, _, x1, _ = shapely.bounds(one)
    w0, _, w1, _ = shapely.bounds(other)
    found = [other]
    for turns in (-2, -1, 1, 2):
        if w0 + turns * TURN <= x1 and w1 + turns * TURN >= x0:
            moved = np.array([turns * TURN, 0.0])
            found.append(shapely.transform(other, lambda xy, by=moved: xy + by))
    return found
