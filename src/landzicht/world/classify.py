"""A scene classification such as an image processor would make: useful, and often wrong.

It is made from the image alone and never from the truth, so that masks can be tested honestly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

NO_DATA, DARK, CLOUD_SHADOW, VEGETATION, BARE, WATER = 0, 2, 3, 4, 5, 6
CLOUD_MAYBE, CLOUD, CIRRUS = 8, 9, 10
"""Codes of the Sentinel-2 level 2A scene classification (SCL); others are not used."""
USABLE = (DARK, VEGETATION, BARE, WATER, 7)
"""Codes that mean that the ground is seen; 7 is “unclassified” in real products."""


def classify(bands: Mapping[str, NDArray[np.float32]]) -> NDArray[np.uint8]:
    """Return the class of every 20 m pixel.

    Args:
        bands: reflectance on the 20 m grid of B02, B03, B04, B8A, B11 and B12.
    """
    blue, green, red = bands["B02"], bands["B03"], bands["B04"]
    near, short, shorter = bands["B8A"], bands["B11"], bands["B12"]
    index = (near - red) / (near + red + np.float32(1e-4))
    out = np.where(index > 0.38, VEGETATION, BARE).astype(np.uint8)
    water = (short < 0.060) & (near < 0.10) & (near < green + np.float32(0.015))
    dark = (near < 0.135) & (blue < 0.075) & (short < 0.11) & ~water
    out[dark] = CLOUD_SHADOW
    out[water] = WATER
    bright = (blue + green + red) * np.float32(1 / 3)
    grey = np.abs(blue - red) < np.float32(0.25) * bright
    cloud = _majority((bright > 0.26) & grey & (shorter > 0.10) & (near > 0.24))
    near_cloud = _grow(_grow(cloud)) & ~cloud
    maybe = near_cloud & (bright > 0.115)
    out[maybe] = CLOUD_MAYBE
    out[cloud] = CLOUD
    return out


def _neighbours(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return how many of the nine pixels around (and with) each pixel are True."""
    padded = np.pad(mask.astype(np.uint8), 1, mode="edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    out: NDArray[np.uint8] = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    return out


def _majority(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return _neighbours(mask) >= 5


def _grow(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return _neighbours(mask) > 0
