"""How bright land looks from where the satellite stands: a published kernel model.

The Ross-Thick and Li-Sparse-Reciprocal kernels as in W. Lucht, C. B. Schaaf and A. H. Strahler,
"An algorithm for the retrieval of albedo from space using semiempirical BRDF models", IEEE
Transactions on Geoscience and Remote Sensing 38 (2000) 977-998; with the one set of weights for
all land of D. P. Roy et al., Remote Sensing of Environment 176 (2016) 255-271 (visible, near and
short-wave infrared) and 199 (2017) 25-38 (red edge of Sentinel-2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landzicht.world.materials import WATERS
from landzicht.world.spec import PIXEL_M

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from landzicht.world.schedule import Acquisition
    from landzicht.world.sheets import Sheet

WEIGHTS: NDArray[np.float64] = np.array(
    [
        (.0774, .0372, .0079), (.1306, .0580, .0178), (.1690, .0574, .0227),
        (.2085, .0845, .0256), (.2316, .1003, .0273), (.2599, .1197, .0294),
        (.3093, .1535, .0330), (.3093, .1535, .0330), (.3430, .1154, .0453),
        (.2658, .0639, .0387),
    ]
)  # fmt: skip
"""`(10, 3)` weights of the even, the volume and the geometric part, in the order of the bands."""
_ORBIT_M, _EARTH_M = 786_000.0, 6_371_000.0
"""Height of the orbit of Sentinel-2 and radius of the Earth."""


def ross_thick(sun: ArrayLike, view: ArrayLike, apart: ArrayLike) -> NDArray[np.float64]:
    """Return the volume kernel: light that leaves scatter; 0 with sun and satellite overhead.

    Args:
        sun: zenith angle of the sun, radians.
        view: zenith angle of the satellite, radians.
        apart: azimuth between both, radians; 0 = the sun stands behind the satellite.
    """
    s, v, a = np.broadcast_arrays(*(np.asarray(each, float) for each in (sun, view, apart)))
    phase = _phase(s, v, a)
    scattered = (np.pi / 2 - phase) * np.cos(phase) + np.sin(phase)
    out: NDArray[np.float64] = scattered / (np.cos(s) + np.cos(v)) - np.pi / 4
    return out


def li_sparse(sun: ArrayLike, view: ArrayLike, apart: ArrayLike) -> NDArray[np.float64]:
    """Return the geometric kernel: shadows of crowns and clods; arguments as in `ross_thick`.

    Crowns are round (b/r = 1) and their middles lie two radii high (h/b = 2), as for MODIS.
    """
    s, v, a = np.broadcast_arrays(*(np.asarray(each, float) for each in (sun, view, apart)))
    phase = _phase(s, v, a)
    tan_s, tan_v = np.tan(s), np.tan(v)
    secants = 1 / np.cos(s) + 1 / np.cos(v)
    far = np.sqrt(np.maximum(tan_s**2 + tan_v**2 - 2 * tan_s * tan_v * np.cos(a), 0))
    cosine = 2 * np.sqrt(far**2 + (tan_s * tan_v * np.sin(a)) ** 2) / secants
    turn = np.arccos(np.clip(cosine, -1, 1))
    overlap = (turn - np.sin(turn) * np.cos(turn)) * secants / np.pi
    out: NDArray[np.float64] = overlap - secants + 0.5 * (1 + np.cos(phase)) / np.cos(s) / np.cos(v)
    return out


def _phase(
    s: NDArray[np.float64], v: NDArray[np.float64], a: NDArray[np.float64]
) -> NDArray[np.float64]:
    cosine = np.cos(s) * np.cos(v) + np.sin(s) * np.sin(v) * np.cos(a)
    out: NDArray[np.float64] = np.arccos(np.clip(cosine, -1, 1))
    return out


def gain(sun: float, view: ArrayLike, apart: ArrayLike) -> NDArray[np.float64]:
    """Return how much brighter land is than seen from straight above, `(…, 10)` by band.

    A correction to straight down divides by it (the c-factor of Roy et al.).

    Args:
        sun: zenith angle of the sun, degrees.
        view: zenith angle of the satellite, degrees.
        apart: azimuth between both, degrees.
    """
    s, v, a = np.radians(sun), np.radians(view), np.radians(apart)

    def reflectance(view: ArrayLike) -> NDArray[np.float64]:
        parts = np.stack([np.ones_like(v), ross_thick(s, view, a), li_sparse(s, view, a)], -1)
        out: NDArray[np.float64] = parts @ WEIGHTS.T
        return out

    return reflectance(v) / reflectance(np.zeros_like(v))


@dataclass(frozen=True, slots=True, kw_only=True)
class Swath:
    """From where each place on the map is seen in one image."""

    sun_zenith: float
    """Degrees."""
    sun_azimuth: float
    """Degrees from north, clockwise."""
    view_zenith: float
    """Of the middle of the map, degrees."""
    view_azimuth: float
    """Direction from the ground to the satellite, degrees from north, clockwise."""
    middle: tuple[float, float]
    """Middle of the map, metres from its north-west corner."""

    def zenith(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """Return the zenith angle of the satellite in degrees, below 0 beyond the ground track.

        It grows by about 0.07 degrees for each kilometre away from the track.

        Args:
            x: metres to the east of the north-west corner.
            y: metres to the south of it.
        """
        azimuth = np.radians(self.view_azimuth)
        nearer = (np.asarray(x, float) - self.middle[0]) * np.sin(azimuth)
        nearer = nearer - (np.asarray(y, float) - self.middle[1]) * np.cos(azimuth)
        return np.degrees(_angle(_distance(np.radians(self.view_zenith)) - nearer))

    def gain(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """Return `(…, 10)` by how much land is brighter there than seen from straight above."""
        view = self.zenith(x, y)
        apart = self.sun_azimuth - self.view_azimuth
        return gain(self.sun_zenith, np.abs(view), np.where(view < 0, apart + 180, apart))


def swath(acquisition: Acquisition) -> Swath:
    """Return from where the places of an image are seen."""
    half = acquisition.spec.extent_m / 2
    return Swath(
        sun_zenith=acquisition.sun_zenith,
        sun_azimuth=acquisition.sun_azimuth,
        view_zenith=acquisition.view_zenith,
        view_azimuth=acquisition.view_azimuth,
        middle=(half, half),
    )


def _angle(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the zenith angle of a satellite above a place `distance` metres away, radians."""
    centre = distance / _EARTH_M
    away = _EARTH_M + _ORBIT_M - _EARTH_M * np.cos(centre)
    out: NDArray[np.float64] = centre + np.arctan2(_EARTH_M * np.sin(centre), away)
    return out


def _distance(angle: float) -> float:
    """Return how many metres away the place under the satellite is: the opposite of `_angle`."""
    look = np.arcsin(_EARTH_M * np.sin(angle) / (_EARTH_M + _ORBIT_M))
    return float((angle - look) * _EARTH_M)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Light:
    """What the kernel model does to one image."""

    middle: NDArray[np.float32]
    """(10,) Gain of land in the middle of the map, by band."""
    slope: NDArray[np.float32]
    """(10, 2) Its relative change for each metre to the east and to the south."""
    x: NDArray[np.float32]
    """Metres east of the middle of the map of each pixel; broadcasts with `y` to the image."""
    y: NDArray[np.float32]
    """The same to the south."""

    @classmethod
    def of(cls, acquisition: Acquisition, sheet: Sheet | None) -> Light:
        """Return the light of an image, on the pixels of the map or of another sheet."""
        seen = swath(acquisition)
        middle, slope = tilt(seen)
        count = np.arange(acquisition.spec.size, dtype=np.float32)
        column, row = (sheet.column, sheet.row) if sheet else (count[None], count[:, None])
        return cls(
            middle=middle.astype(np.float32),
            slope=slope.astype(np.float32),
            x=(column + np.float32(0.5)) * np.float32(PIXEL_M) - np.float32(seen.middle[0]),
            y=(row + np.float32(0.5)) * np.float32(PIXEL_M) - np.float32(seen.middle[1]),
        )

    def on(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return `(materials, 10)` values in this light; water is flat and has none of it."""
        out = values * self.middle
        out[list(WATERS)] = values[list(WATERS)]
        return out

    def across(self, band: int) -> NDArray[np.float32]:
        """Return the gain of each pixel relative to the middle of the map."""
        x, y = self.slope[band]
        out: NDArray[np.float32] = (1 + x * self.x) + y * self.y
        return out


def tilt(seen: Swath) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the gain in the middle, `(10,)`, and its relative change, `(10, 2)` per metre x, y.

    Over the ten kilometres of the map it is straight to within a thousandth (tested).
    """
    x, y = seen.middle
    step = 2000.0
    around = seen.gain(
        np.array([x, x - step, x + step, x, x]), np.array([y, y, y, y - step, y + step])
    )
    change = np.stack([around[2] - around[1], around[4] - around[3]], -1) / (2 * step)
    return around[0], change / around[0][:, None]
