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
THIN_FROM, THICK_FROM = 0.10, 0.50
"""Opacity from which a pixel counts as thin or thick cloud, whatever the cloud is made of.

Opacity is the share of the ground's contrast that is gone. At a tenth a full crop loses 0.1 to 0.2
of its NDVI, so that no measurement should use it, and a person begins to see a veil; at a half
the ground is no longer recognised. These are the two kinds of cloud that people draw in the
images cloud masks are trained on."""
SHADE_FROM = 0.25
"""Depth from which a pixel counts as shadow: a fifth of its near infrared is gone."""
_CLOUD = np.array([.56, .55, .56, .57, .585, .595, .605, .61, .42, .33], np.float32)  # fmt: skip
"""Reflectance of a thick cloud of water in the ten bands."""
_ICE = np.array([.66, .65, .65, .65, .65, .65, .65, .65, .36, .29], np.float32)  # fmt: skip
"""The same for ice, which is darker in the short-wave infrared."""
_SKYLIGHT = np.array([.42, .36, .30, .28, .24, .22, .20, .19, .10, .07], np.float32)  # fmt: skip
"""Part of the light that still reaches the ground in full cloud shadow."""
_EDGE_DEPTH = np.float32(0.30)
"""Optical depth where a cloud ends for the weather: about half opaque."""
_TOWER_M = 350.0
"""How far the tops of thick heaps rise above the rest of the cloud, metres."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sky:
    """What is between the ground and the satellite. Arrays are `(height, width)`."""

    cover: NDArray[np.float32] | None
    """Opacity of clouds, 0 to 1; None without clouds."""
    bright: NDArray[np.float32] | None
    """Brightness of the clouds relative to `_CLOUD`: thin, thick, sunlit and shaded sides."""
    shadow: NDArray[np.float32] | None
    """How deep the shadow of clouds is, 0 to 1."""
    cirrus: NDArray[np.float32] | None
    """Opacity of high ice clouds, 0 to about 0.5; they throw no shadow one can see."""
    haze: float
    """Added reflectance in the blue, 0 to 0.012; less in longer waves."""
    shift: tuple[int, int]
    """Pixels `(down, right)` from where a cloud is seen to its shadow."""

    def over(self, ground: NDArray[np.float32], band: int) -> NDArray[np.float32]:
        """Return what the satellite sees of `ground` in one of the ten bands; changes `ground`."""
        if self.shadow is not None:
            ground *= 1 - self.shadow * np.float32(1 - _SKYLIGHT[band])
        ground += np.float32(self.haze * np.exp(-band / 1.5))
        if self.cover is not None and self.bright is not None:
            ground += self.cover * (self.bright * _CLOUD[band] - ground)
        if self.cirrus is not None:
            ground += self.cirrus * (_ICE[band] - ground)
        return ground

    def truth(self, size: tuple[int, int]) -> NDArray[np.uint8]:
        """Return `CLEAR`, `THIN`, `THICK` or `SHADOW` for each pixel."""
        out = np.zeros(size, np.uint8)
        if self.shadow is not None:
            out[self.shadow > SHADE_FROM] = SHADOW
        opaque = self.opacity()
        if opaque is not None:
            out[opaque > THIN_FROM] = THIN
            out[opaque > THICK_FROM] = THICK
        return out

    def opacity(self) -> NDArray[np.float32] | None:
        """Return how much of the ground's contrast clouds and cirrus take away, 0 to 1."""
        if self.cover is None or self.cirrus is None:
            return self.cirrus if self.cover is None else self.cover
        return self.cover + self.cirrus - self.cover * self.cirrus


def make_sky(acquisition: Acquisition) -> Sky:
    """Return the sky of one image, with about as much thick cloud as the weather gives."""
    rng = acquisition.rng(0)
    size = acquisition.spec.size
    haze = float(rng.uniform(0, 0.012)) * (0.3 if acquisition.cloud < 0.02 else 1.0)
    veiled = rng.random() < 0.3 and acquisition.cloud > 0.02
    cirrus = _veil(rng, size) if veiled else None
    height = float(rng.uniform(650, 2100))
    heaped = rng.random() < 0.55 or acquisition.cloud < 0.30
    shift = _from_cloud_to_shadow(height, acquisition)
    if acquisition.cloud < 0.004:
        return Sky(cover=None, bright=None, shadow=None, cirrus=cirrus, haze=haze, shift=shift)
    depth = _clouds(rng, size, acquisition.cloud, heaped=heaped)
    cover = 1 - np.exp(np.float32(-2.2) * depth)
    # The field of clouds wraps around, so clouds just outside the image throw shadows into it.
    shadow = np.roll(cover, shift, (0, 1))
    if heaped:
        towers = np.clip(depth - np.float32(1.0), 0, 1)
        higher = _from_cloud_to_shadow(height + _TOWER_M, acquisition)
        np.maximum(shadow, np.roll(towers, higher, (0, 1)), out=shadow)
    return Sky(
        cover=cover,
        bright=_brightness(depth, acquisition.sun_azimuth, 0.16 if heaped else 0.05),
        shadow=blur(blur(shadow)),
        cirrus=cirrus,
        haze=haze,
        shift=shift,
    )


def shadow_shift(height_m: float, sun_zenith: float, sun_azimuth: float) -> tuple[int, int]:
    """Return the pixels `(down, right)` from a cloud to its shadow: away from the sun."""
    far = height_m * np.tan(np.radians(sun_zenith)) / PIXEL_M
    azimuth = np.radians(sun_azimuth)
    return round(far * np.cos(azimuth)), round(-far * np.sin(azimuth))


def _from_cloud_to_shadow(height_m: float, acquisition: Acquisition) -> tuple[int, int]:
    """Return the shift from where the satellite sees a cloud to where the sun throws its shadow.

    A satellite that looks from the side sees a cloud before ground that lies behind it.
    """
    shade = shadow_shift(height_m, acquisition.sun_zenith, acquisition.sun_azimuth)
    seen = shadow_shift(height_m, acquisition.view_zenith, acquisition.view_azimuth)
    return shade[0] - seen[0], shade[1] - seen[1]


def _brightness(
    depth: NDArray[np.float32], sun_azimuth: float, relief: float
) -> NDArray[np.float32]:
    """Return brightness: more for thick cloud, and for the side of a heap towards the sun."""
    down, right = shadow_shift(90.0, 45.0, sun_azimuth)
    slope = np.clip(np.roll(depth, (-down, -right), (0, 1)) - depth, -1.5, 1.5)
    out: NDArray[np.float32] = np.float32(1.37) - np.float32(0.75) * np.exp(
        depth * np.float32(-0.55)
    )
    out += np.float32(relief) * slope
    return out


def _veil(rng: np.random.Generator, size: int) -> NDArray[np.float32]:
    """Return the opacity of cirrus: fibres drawn out by the wind, over parts of the image."""
    wind = float(rng.uniform(-0.9, 0.9))
    part = fractal(rng, size, 3.6) + np.float32(rng.uniform(-1.1, -0.2))
    fibres = fractal(rng, size, 2.7, grain=(wind, 4.0))
    veil = np.clip(part, 0, 2) * np.clip(np.float32(0.6) + np.float32(0.8) * fibres, 0, 2)
    out: NDArray[np.float32] = np.float32(0.55) * (1 - np.exp(np.float32(-0.9) * veil))
    return out


def _clouds(
    rng: np.random.Generator, size: int, share: float, *, heaped: bool
) -> NDArray[np.float32]:
    """Return optical depth: 0 no cloud, 1 hardly anything is seen through it, 3 a bright heap."""
    field = fractal(rng, size, 4.1)
    # A little cloud comes as many small heaps, a lot of cloud as banks; a layer has a soft relief.
    field *= np.float32(min(0.25 + 1.2 * share, 0.85) if heaped else 1.0)
    heaps = fractal(rng, size, 4.2 if heaped else 3.4, 0.009 if size >= 256 else 0.0)
    field += np.float32(0.7 if heaped else 0.16) * heaps
    field /= field.std()
    lift = field - np.float32(np.quantile(field[::2, ::2], 1 - min(share, 0.995)))
    # Beyond the edge a cloud thins out quickly but does not stop at once.
    rise = np.maximum(lift, 0) * np.float32(2.0 if heaped else 1.6)
    depth: NDArray[np.float32] = _EDGE_DEPTH * np.exp(np.minimum(lift, 0) * np.float32(7)) + rise
    return depth
