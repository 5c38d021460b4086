"""What a satellite sees of the map: the end of its swath, the edge of a tile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.grid.crs import WGS84, transformer
from landzicht.world.landscape import CORNER, CRS
from landzicht.world.spec import PIXEL_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.schedule import Acquisition
    from landzicht.world.sheets import Sheet
    from landzicht.world.ships import Ship


def unseen(acquisition: Acquisition, sheet: Sheet | None) -> NDArray[np.bool_] | None:
    """Return which 20 m pixels are not seen, `(y, x)`; None when all of them are."""
    edge = acquisition.swath_edge
    if sheet is None:
        if edge is None:
            return None
        x = (np.arange(acquisition.spec.size // 2) + 0.5) * 2 * PIXEL_M
        return x[None] > _end(edge, x, acquisition.spec.extent_m)[:, None]
    seen = sheet.inside.copy()
    if edge is not None:
        x, y = ((each + 0.5) * PIXEL_M for each in (sheet.column, sheet.row))
        np.logical_and(seen, x <= _end(edge, y, acquisition.spec.extent_m), out=seen)
    height, width = seen.shape
    return ~np.asarray(seen.reshape(height // 2, 2, width // 2, 2).all((1, 3)))


def is_seen(ship: Ship, acquisition: Acquisition, sheet: Sheet | None) -> bool:
    """Return whether a ship lies in what is seen."""
    if sheet is not None and sheet.pixel(ship.x, ship.y) is None:
        return False
    edge = acquisition.swath_edge
    if edge is None:
        return True
    return bool(ship.x < _end(edge, np.array([ship.y]), acquisition.spec.extent_m)[0])


def outline(acquisition: Acquisition, sheet: Sheet) -> dict[str, Any]:
    """Return what is seen on a sheet as a GeoJSON polygon in WGS84, counter-clockwise."""
    side = acquisition.spec.extent_m
    west, east = acquisition.swath_edge or (side, side)
    seen = shapely.Polygon([(0, 0), (min(west, side), 0), (min(east, side), side), (0, side)])
    there = shapely.orient_polygons(sheet.outline().intersection(seen), exterior_cw=True)
    points = shapely.get_coordinates(shapely.simplify(there, 0.5))
    lon, lat = transformer(CRS, WGS84).transform(CORNER[0] + points[:, 0], CORNER[1] - points[:, 1])
    ring = [[round(x, 7), round(y, 7)] for x, y in zip(lon, lat, strict=True)]
    return {"type": "Polygon", "coordinates": [ring]}


def _end(
    edge: tuple[float, float], y: NDArray[np.floating[Any]], side: float
) -> NDArray[np.float64]:
    """Return the east end of the swath at some places, metres."""
    out: NDArray[np.float64] = np.interp(y, (0.0, side), edge)
    return out
