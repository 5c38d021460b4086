"""Places that cross the line along which a projection of the world is cut.

On a map of the world the antimeridian is both the left and the right edge, so a box across it
comes out of PROJ as a strip around the world. Where meridians are straight and evenly spaced
(Mercator and its like) the map goes on beyond its edge; elsewhere no rectangle shows such a place.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from landzicht.errors.catalogue import BadBox
from landzicht.grid.bounds import Bounds
from landzicht.grid.crs import WGS84, area_of_use, is_geographic, transform_bounds, transformer
from landzicht.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIDE = 100
_STEP_DEG = 10.0
_NEAR_DEG = 1e-7
_TORN = 1_000.0


@lru_cache(maxsize=512)
def turn_of(crs: str) -> float | None:
    """Return how far one turn around the Earth is along x; None where that is no fixed distance.

    Args:
        crs: a system, geographic or projected.

    Returns:
        Distance in the unit of `crs`: 360 degrees, 40,075,017 m for EPSG:3857.
    """
    if is_geographic(crs):
        return 360.0
    lons = np.arange(-175.0, 180.0, _STEP_DEG)
    move = transformer(WGS84, crs)
    rows = [np.asarray(move.transform(lons, np.full_like(lons, lat))[0]) for lat in (0.0, 40.0)]
    if not np.isfinite(rows).all() or not np.allclose(rows[0], rows[1], rtol=1e-9, atol=1e-6):
        return None
    steps = np.diff(rows[0])
    usual = float(np.median(steps))
    uneven = np.abs(steps - usual) > 1e-6 * abs(usual)
    if uneven.sum() > 1 or usual <= 0:  # one: the line along which the map is cut
        return None
    return usual * 360.0 / _STEP_DEG


def unbroken(xs: NDArray[np.float64], crs: str) -> NDArray[np.float64]:
    """Return x of points close together, also where the cut of a map runs between them."""
    turn = turn_of(crs)
    return xs if turn is None else np.unwrap(xs, period=turn)


def beside(xs: NDArray[np.float64], box: Bounds, crs: str) -> NDArray[np.float64]:
    """Return x of a closed line that was moved to `crs`, whole and on the turn where a box lies.

    Args:
        xs: x of its points, close enough together to tell a jump from a step.
        box: where it is looked for; it may lie beyond the edge of the map.
        crs: system of both.
    """
    turn = turn_of(crs)
    if turn is None:
        return xs
    whole = np.unwrap(xs, period=turn)
    if abs(whole[-1] - whole[0]) > turn / 2:  # around a pole
        return xs
    middle = (whole.min() + whole.max()) / 2
    moved: NDArray[np.float64] = whole + turn * np.round(
        ((box.west + box.east) / 2 - middle) / turn
    )
    return moved


def moved_box(box: Bounds, source: str, target: str) -> Bounds:
    """Return a box in a projected system; one across the cut goes on beyond the map's edge.

    One that reaches a pole ends at the edge of the map where the pole has no place in it.

    Args:
        box: edges in `source`; in degrees they may lie beyond 180.
        source: system of the box.
        target: projected system.

    Raises:
        UnknownCrs: it has no place there.
        BadBox: it is cut in two there, and a rectangle cannot show both parts.
    """
    turn = turn_of(target)
    if turn is None:
        if _crosses(box, source) and _is_torn(target, box, source):
            raise BadBox(reason=_CUT.fill(crs=target[:40]))
        return transform_bounds(box, source, target)
    box = _off_poles(box, source, target)
    xs, ys = _around(box)
    xs, ys = (np.asarray(part) for part in transformer(source, target).transform(xs, ys))
    is_broken = np.isfinite(xs).all() and (np.abs(np.diff(xs)) > turn / 2).any()
    if not is_broken:
        return transform_bounds(box, source, target)
    whole = np.unwrap(xs, period=turn)
    if abs(whole[-1] - whole[0]) > turn / 2:  # around a pole
        return transform_bounds(box, source, target)
    return Bounds(float(whole.min()), float(ys.min()), float(whole.max()), float(ys.max()))


def _off_poles(box: Bounds, source: str, target: str) -> Bounds:
    """Return a box that ends where the map does when its poles lie endlessly far (Mercator)."""
    use, turn = area_of_use(target), turn_of(target)
    if use is None or turn is None or not is_geographic(source):
        return box
    pole = abs(transformer(WGS84, target).transform(0.0, 90.0)[1])
    cut = Bounds(box.west, max(box.south, use.south), box.east, min(box.north, use.north))
    return box if pole < turn or cut.is_empty else cut


def _around(box: Bounds) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points along the edges of a box, closed."""
    along = np.linspace(0.0, 1.0, _SIDE + 1)[:-1]
    ones, zeros = np.ones_like(along), np.zeros_like(along)
    across = np.concatenate([along, ones, 1 - along, zeros, [0.0]])
    up = np.concatenate([zeros, along, ones, 1 - along, [0.0]])
    return box.west + across * (box.east - box.west), box.south + up * (box.north - box.south)


def _crosses(box: Bounds, source: str) -> bool:
    """Whether a box lies on both sides of the antimeridian."""
    world = box if is_geographic(source) else transform_bounds(box, source, WGS84)
    return world.west > world.east or world.east > 180.0 or world.west < -180.0


def _is_torn(crs: str, box: Bounds, source: str) -> bool:
    """Whether the two sides of the antimeridian lie apart in a system."""
    world = box if is_geographic(source) else transform_bounds(box, source, WGS84)
    lat = (world.south + world.north) / 2
    lons = np.array([180.0 - _NEAR_DEG, _NEAR_DEG - 180.0])
    xs, ys = transformer(WGS84, crs).transform(lons, np.full_like(lons, lat))
    with np.errstate(invalid="ignore"):
        return bool(np.hypot(xs[0] - xs[1], ys[0] - ys[1]) > _TORN)


_CUT = Text(
    nl="het gaat over de 180e lengtegraad, en daar is {crs} doorgeknipt; vraag het in twee delen, "
    "of met dst_crs=EPSG:4326",
    en="it crosses the antimeridian, along which {crs} is cut; ask for it in two parts, or with "
    "dst_crs=EPSG:4326",
)
