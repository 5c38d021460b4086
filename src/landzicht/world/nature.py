"""The lake with its islands, the wood, the reed marsh and pools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.world.drawing import Turned, blob, stroke

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry as Shape

    from landzicht.world.spec import WorldSpec


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nature:
    """Water and land that nobody farms."""

    lake: Shape
    """Water north-west of the polder."""
    lake_dyke: NDArray[Any]
    """Between lake and polder."""
    islands: NDArray[Any]
    """Made islands of sand in the lake."""
    island_reed: NDArray[Any]
    """What grows on them."""
    wood: Shape
    """Planted forest."""
    rides: NDArray[Any]
    """Straight open lanes through the forest."""
    marsh: Shape
    """Reed."""
    pools: NDArray[Any]
    """Open water in the marsh and old breach pools behind the dykes."""


def make_nature(
    spec: WorldSpec, rng: np.random.Generator, angle: float, wet: NDArray[np.float64]
) -> Nature:
    """Return the nature of this world.

    Args:
        spec: the world.
        rng: its random numbers.
        angle: direction of the polder's roads, radians; rides in the wood follow it.
        wet: `(n, 2)` places of old dyke breaches.
    """
    side = spec.extent_m
    shore = _shore(side, rng)
    lake = shapely.Polygon([*shore, (-900, -900)]).buffer(0)
    inland = shapely.LineString(shore)
    scale = float(np.clip(side / 10240, 0.3, 1.4))
    islands, reeds = [], []
    for x, y in ((0.10, 0.05), (0.16, 0.03), (0.05, 0.12), (0.19, 0.075)):
        at = (side * x + rng.normal(0, 60 * scale), side * y + rng.normal(0, 60 * scale))
        island = blob(rng, at, scale * rng.uniform(120, 260), 0.3).buffer(-12).buffer(12)
        islands.append(island)
        reeds.append(island.buffer(-18 * scale))
    wood = blob(rng, (0.12 * side, 0.575 * side), 640 * scale, 0.34)
    own = Turned(x=0.12 * side, y=0.575 * side, angle=angle)
    lanes = np.arange(-1500, 1501, 270.0)
    rides = np.concatenate(
        [own.lines(lanes, -1500, lanes, 1500), own.lines(-1500, lanes, 1500, lanes)]
    )
    marsh = blob(rng, (0.345 * side, 0.185 * side), 560 * scale, 0.42)
    middle = np.array([marsh.centroid.x, marsh.centroid.y])
    places = middle + rng.normal(0, 270 * scale, (26, 2))
    pools = [blob(rng, (x, y), scale * rng.uniform(25, 95), 0.55) for x, y in places]
    pools = [pool.intersection(marsh.buffer(-25 * scale)) for pool in pools]
    pools += [blob(rng, (x, y), rng.uniform(28, 55), 0.3) for x, y in wet]
    return Nature(
        lake=lake,
        lake_dyke=stroke([inland.parallel_offset(-14)], 34.0),
        islands=np.array(islands, object),
        island_reed=np.array(reeds, object),
        wood=wood,
        rides=shapely.intersection(stroke(rides, 13.0), wood),
        marsh=marsh,
        pools=np.array(pools, object),
    )


def _shore(side: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return `(n, 2)` points of the shore from the north edge to the west edge."""
    part = np.linspace(0, 1, 80)
    start, end = np.array([0.50 * side, -900.0]), np.array([-900.0, 0.315 * side])
    line = start + (end - start) * part[:, None]
    away = np.array([0.53, 0.85])
    bends = 0.022 * np.sin(2 * np.pi * part * 1.5 + rng.uniform(0, 6.28))
    bends = bends + 0.035 * np.sin(np.pi * part)
    out: NDArray[np.float64] = line + side * bends[:, None] * away
    return out
