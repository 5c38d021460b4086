"""The wood, the reed marsh and pools."""

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
    scale = float(np.clip(side / 10240, 0.3, 1.4))
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
        wood=wood,
        rides=shapely.intersection(stroke(rides, 13.0), wood),
        marsh=marsh,
        pools=np.array(pools, object),
    )
