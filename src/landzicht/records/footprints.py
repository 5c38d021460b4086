"""Many footprints at once: a bulk load asks GEOS some five times a thousand scenes, not each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.records.footprint import Footprint, scene_footprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landzicht.kinds import Item, Scene

_MOST_CORNERS = 1000
"""Outlines with more are looked at one by one, where their cost is bounded."""


def scene_footprints(scenes: Sequence[Scene | Item]) -> list[Footprint]:
    """Return what `scene_footprint` gives for each scene.

    Plain polygons (one ring, valid, not over the antimeridian) are done together; all others one
    by one.

    Raises:
        BadRecord: the first footprint that is not a Polygon or MultiPolygon in degrees.
    """
    found: list[Footprint | None] = [None] * len(scenes)
    rows, rings = [], []
    for row, scene in enumerate(scenes):
        ring = _plain_ring(scene)
        if ring is not None:
            rows.append(row)
            rings.append(ring)
    if rows:
        for row, footprint in zip(rows, _together(rings), strict=True):
            found[row] = footprint
    return [one or scene_footprint(scene) for one, scene in zip(found, scenes, strict=True)]


def _plain_ring(scene: Scene | Item) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    """Return the ring `(n, 2)` of a plain polygon, or None for what needs a closer look."""
    footprint = scene.footprint
    if scene.bounds.west > scene.bounds.east or footprint.get("type") != "Polygon":
        return None
    try:
        rings = footprint["coordinates"]
        if len(rings) != 1 or not 4 <= len(rings[0]) <= _MOST_CORNERS:
            return None
        if rings[0][0] != rings[0][-1]:
            return None
        ring = np.array(rings[0], dtype=np.float64)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return ring if ring.ndim == 2 and ring.shape[1] == 2 else None


def _together(
    rings: list[np.ndarray[Any, np.dtype[np.float64]]],
) -> list[Footprint | None]:
    points = np.concatenate(rings)
    of = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    inside = (np.abs(points[:, 0]) <= 180.0) & (np.abs(points[:, 1]) <= 90.0)  # not so for NaN
    good = np.bincount(of, ~inside, len(rings)) == 0
    points[~np.isfinite(points)] = 0.0
    polygons = shapely.polygons(shapely.linearrings(points, indices=of))
    good &= shapely.is_valid(polygons)
    edges = shapely.bounds(polygons)
    is_box = np.zeros(len(rings), dtype=bool)
    is_box[good] = shapely.equals(polygons[good], shapely.box(*edges[good].T))
    outlines = shapely.to_wkb(polygons)
    return [
        Footprint(x0, x1, y0, y1, None if box else wkb) if fine else None
        for fine, (x0, y0, x1, y1), box, wkb in zip(
            good.tolist(), edges.tolist(), is_box.tolist(), outlines.tolist(), strict=True
        )
    ]
