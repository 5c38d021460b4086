"""Areas on the Earth's surface, to compare with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

_E2 = 0.0066943799901413165
"""Square of the eccentricity of WGS84."""
_E = _E2**0.5
_STEP = 0.02
"""Degrees between the corners that are added to slanted edges, which are straight on the map."""
TURN = 360.0


def equal_area(geometry: shapely.Geometry) -> float:
    """Return the area of a geometry, in units that are the same everywhere on the ellipsoid.

    Args:
        geometry: WGS84 degrees, edges straight in longitude and latitude.

    Returns:
        Square metres divided by the square of the Earth's half axis (6,378,137 m).
    """
    dense = shapely.segmentize(geometry, _STEP)
    return float(shapely.area(shapely.transform(dense, _cylindrical)))


def covered_share(footprint: shapely.Geometry, place: shapely.Geometry) -> float:
    """Return the share of a place that lies in a footprint, 0 to 1, across the antimeridian too.

    Args:
        footprint: WGS84 degrees; longitudes may go beyond 180.
        place: the same; one without an area gives 1 where it meets the footprint, else 0.
    """
    moved = [place]
    for turns in (-2, -1, 1, 2):
        by = np.array([turns * TURN, 0.0])
        moved.append(shapely.transform(place, lambda xy, by=by: xy + by))
    whole = equal_area(place)
    if whole == 0.0:
        return float(any(shapely.intersects(footprint, each) for each in moved))
    inside = sum(equal_area(shapely.intersection(footprint, each)) for each in moved)
    return min(1.0, inside / whole)


def _cylindrical(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project to the cylindrical equal-area projection of the ellipsoid (Snyder 1987, 3-12)."""
    sine = np.sin(np.radians(xy[:, 1]))
    part = sine / (1 - _E2 * sine**2)
    q = (1 - _E2) * (part - np.log((1 - _E * sine) / (1 + _E * sine)) / (2 * _E))
    return np.column_stack([np.radians(xy[:, 0]), q / 2])
