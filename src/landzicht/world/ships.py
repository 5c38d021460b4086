"""Ships on the river and the sea: where they are changes with every image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from landzicht.world.cover import Coverage, cover
from landzicht.world.drawing import Turned

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry as Shape

    from landzicht.world.geography import Geography
    from landzicht.world.sheets import Sheet

KINDS = (("barge", 0.62), ("tanker", 0.18), ("pleasure", 0.20))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ship:
    """One ship in one image."""

    x: float
    """Middle, metres from the west edge of the map."""
    y: float
    """Middle, metres from the north edge."""
    length: float
    """Metres."""
    width: float
    """Metres."""
    heading: float
    """Direction of sailing, degrees from north, clockwise."""
    moving: bool
    """True when it draws a wake."""

    def outline(self) -> Shape:
        """Return the hull as a polygon with a pointed bow."""
        own = self._own()
        half, beam = self.length / 2, self.width / 2
        u = np.array([-half, half * 0.8, half, half * 0.8, -half])
        v = np.array([-beam, -beam, 0, beam, beam])
        return shapely.Polygon(own.to_map(u, v))

    def wake(self) -> Shape:
        """Return the disturbed water behind the ship."""
        own = self._own()
        half, long = self.length / 2, 1.4 * self.length + 40
        u = np.array([-half, -half - long, -half - long, -half])
        v = np.array([-0.4, -0.9, 0.9, 0.4]) * self.width
        return shapely.Polygon(own.to_map(u, v))

    def _own(self) -> Turned:
        return Turned(x=self.x, y=self.y, angle=float(np.radians(self.heading - 90)))


def make_ships(rng: np.random.Generator, geography: Geography, extent: float) -> tuple[Ship, ...]:
    """Return the ships of one image: most on the river, some at sea."""
    number = int(rng.integers(4, 9) + rng.poisson(0.6 * extent / 1000))
    made: list[Ship] = []
    west, north, east, south = geography.sea.bounds
    shapely.prepare(geography.sea)
    for index in range(number):
        long = float(np.clip(rng.normal(92, 26), 30, 135))
        wide = float(np.clip(long / rng.uniform(7.5, 10.5), 5, 14))
        moving = bool(rng.random() < 0.8)
        if index % 4 == 3:
            x, y = rng.uniform(max(west, 0), east), rng.uniform(max(north, 0), south)
            heading = float(rng.uniform(0, 360))
            if not shapely.contains_xy(geography.sea, x, y):
                continue
        else:
            s, lane = float(rng.uniform(0, extent)), float(rng.choice([-1.0, 1.0]))
            here = geography.river.at(s, 22 * lane)
            ahead = geography.river.at(s - 40 * lane, 22 * lane) - here
            x, y = here
            heading = float(np.degrees(np.arctan2(ahead[0], -ahead[1])) % 360)
        if 0 <= x < extent and 0 <= y < extent:
            ship = Ship(
                x=float(x), y=float(y), length=long, width=wide, heading=heading, moving=moving
            )
            made.append(ship)
    return tuple(made)


def ship_cover(
    ships: tuple[Ship, ...], size: tuple[int, int], pixel: float, sheet: Sheet | None = None
) -> tuple[Coverage, Coverage]:
    """Return how much of each pixel hulls and wakes cover."""
    hulls = np.array([ship.outline() for ship in ships], object)
    wakes = np.array([ship.wake() for ship in ships if ship.moving], object)
    if sheet:
        hulls, wakes = sheet.moved(hulls), sheet.moved(wakes)
    return cover(hulls, size, pixel), cover(wakes, size, pixel)
