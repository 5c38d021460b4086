"""Clouds, their shadows, thin cirrus and haze over one image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landzicht.world.noise import blur, fractal
from landzicht.world.spec import PIXEL_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.schedule import Acquisition

CLEAR, THIN, THICK, SHADOW, UNSEEN = range(5)
"""Truth about each pixel: usable, thin cloud, thick cloud, cloud shadow, outside the swath."""
_CLOUD = np.array([.56, .55, .56, .57, .585, .595, .605, .61, .42, .33], np.float32)  # fmt: skip
"""Reflectance of a thick cloud in the ten bands."""
_SKYLIGHT = np.array([.42, .36, .30, .28, .24, .22, .20, .19, .10, .07], np.float32)  # fmt: skip
"""Part of the light that still reaches the ground in full cloud shadow."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sky:
    """What is between the ground and the satellite. Arrays are `(height, width)`."""

    cover: NDArray[np.float32] | None
    """Opacity of clouds, 0 to 1; None without clouds."""
    bright: NDArray[np.float32] | None
    """Brightness of the clouds relative to a thick one."""
    shadow: NDArray[np.float32] | None
    """How deep the shadow of clouds is, 0 to 1."""
    cirrus: NDArray[np.float32] | None
    """Opacity of high ice clouds, 0 to about 0.2."""
    haze: float
    """Added reflectance in the blue, 0 to 0.012; less in longer waves."""
    shift: tuple[int, int]
    """Pixels `(down, right)` from a cloud to its shadow."""

    def over(self, ground: NDArray[np.float32], band: int) -> NDArray[np.float32]:
        """Return what the satellite sees of `ground` in one of the ten bands; changes `ground`."""
        if self.shadow is not None:
            ground *= 1 - self.shadow * np.float32(1 - _SKYLIGHT[band])
        ground += np.float32(self.haze * np.exp(-band / 1.5))
        if self.cover is not None and self.bright is not None:
            ground += self.cover * (self.bright * _CLOUD[band] - ground)
        if self.cirrus is not None:
            ground += self.cirrus * (np.float32(0.45 if band < 8 else 0.22) - ground)
        return ground

    def truth(self, size: tuple[int, int]) -> NDArray[np.uint8]:
        """Return `CLEAR`, `THIN`, `THICK` or `SHADOW` for each pixel."""
        out = np.zeros(size, np.uint8)
        if self.shadow is not None:
            out[self.shadow > 0.35] = SHADOW
        if self.cirrus is not None:
            out[self.cirrus > 0.06] = THIN
        if self.cover is not None:
            out[self.cover > 0.12] = THIN
            out[self.cover > 0.50] = THICK
        return out


def make_sky(acquisition: Acquisition) -> Sky:
    """Return the sky of one image, with about as much cloud as the weather gives."""
    rng = acquisition.rng(0)
    size = acquisition.spec.size
    haze = float(rng.uniform(0, 0.012)) * (0.3 if acquisition.cloud < 0.02 else 1.0)
    cirrus = None
    if rng.random() < 0.3 and acquisition.cloud > 0.02:
        veil = fractal(rng, size, 3.3) * np.float32(0.5) + np.float32(0.1)
        cirrus = np.clip(veil, 0, 1) * np.float32(0.16)
    height = float(rng.uniform(650, 2100))
    heaped = rng.random() < 0.55 or acquisition.cloud < 0.30
    shift = shadow_shift(height, acquisition.sun_zenith, acquisition.sun_azimuth)
    if acquisition.cloud < 0.004:
        return Sky(cover=None, bright=None, shadow=None, cirrus=cirrus, haze=haze, shift=shift)
    depth, grain = _clouds(rng, size, acquisition.cloud, heaped=heaped)
    cover = 1 - np.exp(np.float32(-3.0) * depth ** np.float32(1.3))
    bright = np.float32(0.74) + np.float32(0.48) * np.minimum(depth / np.float32(1.5), 1)
    bright += np.float32(0.06) * grain
    # The field of clouds wraps around, so clouds just outside the image throw shadows into it.
    shadow = blur(blur(np.roll(cover, shift, (0, 1))))
    return Sky(cover=cover, bright=bright, shadow=shadow, cirrus=cirrus, haze=haze, shift=shift)


def shadow_shift(height_m: float, sun_zenith: float, sun_azimuth: float) -> tuple[int, int]:
    """Return the pixels `(down, right)` from a cloud to its shadow: away from the sun."""
    far = height_m * np.tan(np.radians(sun_zenith)) / PIXEL_M
    azimuth = np.radians(sun_azimuth)
    return round(far * np.cos(azimuth)), round(-far * np.sin(azimuth))


def _clouds(
    rng: np.random.Generator, size: int, share: float, *, heaped: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return optical depth (0 = no cloud) and a fine grain; heaped clouds have sharp edges."""
    large = fractal(rng, size, 3.6)
    grain = fractal(rng, size, 3.0, 0.009 if size >= 256 else 0.0)
    # A little cloud comes as many small heaps, a lot of cloud as banks.
    banks = np.float32(min(0.25 + 1.2 * share, 0.85))
    field = banks * large + np.float32(0.7) * grain if heaped else large
    field /= field.std()
    edge = np.quantile(field[::2, ::2], 1 - min(share, 0.995))
    width = np.float32(0.55 if heaped else 1.5)
    depth = np.maximum((field - np.float32(edge)) / width + np.float32(0.10), 0)
    return depth, grain
