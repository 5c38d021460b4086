"""Relief: heights shown as if the sun shone on them, or as slope.

The gradient is that of Horn (1981, Hill shading and the reflectance map,
doi:10.1109/PROC.1981.11918), weights 1 2 1, as in gdaldem: `hillshade` gives 1 (dark)
to 255, `slope` degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

RELIEFS = {"hillshade": (0.0, 255.0), "slope": (0.0, 60.0)}
"""What can be made of heights, and the values shown darkest and lightest."""
HALO = 1
"""Pixels needed around a picture, so that neighbours meet without a seam."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """What to make of heights."""

    name: str = "hillshade"
    """One of `RELIEFS`."""
    azimuth: float = 315.0
    """Where the light comes from: degrees from north, clockwise."""
    altitude: float = 45.0
    """How high the light stands: degrees above the horizon, 0 to 90."""
    z_factor: float = 1.0
    """Heights are multiplied by this (after which they are metres)."""


def relief(
    heights: NDArray[np.floating],
    known: NDArray[np.bool_],
    size: tuple[Values, Values],
    how: Relief,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Shade heights.

    Args:
        heights: `(y + 2, x + 2)`: the picture and one pixel around it.
        known: the same; True = a height. An unknown neighbour counts as high as the middle.
        size: width and height of the pixels of each row of the picture, in metres.
        how: what to make.

    Returns:
        Values `(y, x)` and where they exist.
    """
    with np.errstate(invalid="ignore"):  # beside an infinite height there is none
        return _relief(heights, known, size, how)


def _relief(
    heights: NDArray[np.floating],
    known: NDArray[np.bool_],
    size: tuple[Values, Values],
    how: Relief,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    rows, columns = heights.shape[0] - 2, heights.shape[1] - 2
    middle = heights[1:-1, 1:-1].astype(np.float64) * how.z_factor

    def at(down: int, right: int) -> Values:
        part = (slice(down, down + rows), slice(right, right + columns))
        return np.where(known[part], heights[part].astype(np.float64) * how.z_factor, middle)

    east = at(0, 2) + 2 * at(1, 2) + at(2, 2)
    west = at(0, 0) + 2 * at(1, 0) + at(2, 0)
    north = at(0, 0) + 2 * at(0, 1) + at(0, 2)
    south = at(2, 0) + 2 * at(2, 1) + at(2, 2)
    to_east = (east - west) / (8 * size[0][:, None])
    to_north = (north - south) / (8 * size[1][:, None])
    steep = np.hypot(to_east, to_north)
    if how.name == "slope":
        found = np.degrees(np.arctan(steep))
    else:
        azimuth, altitude = math.radians(how.azimuth), math.radians(how.altitude)
        light = math.sin(altitude) - math.cos(altitude) * (
            to_east * math.sin(azimuth) + to_north * math.cos(azimuth)
        )
        found = 1 + 254 * np.maximum(0, light / np.sqrt(1 + steep**2))
    usable = known[1:-1, 1:-1] & np.isfinite(found)
    return np.where(usable, found, 0).astype(np.float32), usable
