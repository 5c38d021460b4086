"""The river, its forelands and the old land beside it, in coordinates that follow the river."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.world.drawing import stroke

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry.base import BaseGeometry as Shape

    from landzicht.world.spec import WorldSpec

MARGIN_M = 1600.0
"""The river is drawn so far beyond the map, because the old land leans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class River:
    """A winding river from north to south, between two winter dykes."""

    extent: float
    """Side of the map in metres."""
    phases: tuple[float, float, float, float]
    """What makes this river different from another, radians."""
    half_width: float = 58.0
    """Half the width of the water between the banks, metres."""

    def at(self, along: ArrayLike, beside: ArrayLike) -> NDArray[np.float64]:
        """Return `(…, 2)` map positions of places in the land beside the river.

        Args:
            along: where along the river, metres from north to south.
            beside: how far to the east of the middle of the river, metres; west is negative.
        """
        s, d = np.broadcast_arrays(np.asarray(along, float), np.asarray(beside, float))
        a, b, c, lean = self.phases
        turn = 2 * np.pi * s / self.extent
        bends = 0.070 * np.sin(0.83 * turn + a) + 0.024 * np.sin(2.3 * turn + b)
        bends = self.extent * (bends + 0.006 * np.sin(5.1 * turn + c))
        # Far from the river its bends are forgotten, as in the old reclamations.
        fade = 1 / (1 + (np.maximum(np.abs(d) - 300, 0) / 1900) ** 2)
        slant = -0.15 + 0.12 * np.sin(2 * np.pi * s / 8200 + lean)
        slant = slant * np.clip((np.abs(d) - 150) / 500, 0, 1)
        return np.stack([0.655 * self.extent + bends * fade + d, s + d * slant], -1)

    def line(self, beside: ArrayLike, step: float = 30.0) -> NDArray[np.float64]:
        """Return `(n, 2)` positions along the whole river at a distance that may vary."""
        s = self.stations(step)
        return self.at(s, beside)

    def stations(self, step: float = 30.0) -> NDArray[np.float64]:
        """Return the places along the river where `line` has its points."""
        return np.arange(-MARGIN_M, self.extent + MARGIN_M + step, step)

    def dyke(self, side: int, along: ArrayLike) -> NDArray[np.float64]:
        """Return the distance of the winter dyke, metres; `side` is -1 for west, +1 for east."""
        s = np.asarray(along, float)
        a, b, c, _ = self.phases
        phase = a if side < 0 else b
        width = 165 + 55 * np.sin(2 * np.pi * s / 3100 + phase + c)
        away: NDArray[np.float64] = side * (width + 22 * np.sin(2 * np.pi * s / 1150 + 2 * phase))
        return away

    def band(self, low: ArrayLike, high: ArrayLike) -> Shape:
        """Return the polygon between two distances from the river."""
        left, right = self.line(low), self.line(high)
        return shapely.make_valid(shapely.Polygon(np.concatenate([left, right[::-1]])))

    def corridor(self, extra: float = 0.0) -> Shape:
        """Return the land between the dykes, with `extra` metres on both sides."""
        s = self.stations()
        return self.band(self.dyke(-1, s) - extra, self.dyke(1, s) + extra)

    def water(self) -> Shape:
        """Return the water between the banks."""
        s = self.stations()
        half = self.half_width * (1 + 0.16 * np.sin(2 * np.pi * s / 1900 + self.phases[2]))
        return self.band(-half, half)

    def dykes(self) -> NDArray[Any]:
        """Return both dykes as polygons."""
        s = self.stations()
        lines = [shapely.LineString(self.at(s, self.dyke(side, s))) for side in (-1, 1)]
        return stroke(lines, 30.0)

    def groynes(self) -> NDArray[Any]:
        """Return the short stone dams that keep the river deep, one each 190 m on both banks."""
        s = np.arange(60.0, self.extent, 190.0)
        ends = [
            np.stack([self.at(s, side * 24), self.at(s - 14, side * 80)], -2) for side in (-1, 1)
        ]
        return stroke(shapely.linestrings(np.concatenate(ends)), 7.0)


def make_river(spec: WorldSpec, rng: np.random.Generator) -> River:
    """Return the river of this world."""
    a, b, c, lean = rng.uniform(0, 2 * np.pi, 4)
    return River(extent=spec.extent_m, phases=(float(a), float(b), float(c), float(lean)))
