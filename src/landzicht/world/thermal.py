"""A Landsat-like image: six bands and the temperature of the surface, in pixels of 30 m."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from landzicht.world.ground import ailing, patch_parcels, sick, spectra, stressed
from landzicht.world.growth import canopy
from landzicht.world.landscape import Frame, landscape, mix
from landzicht.world.materials import BANDS, SPECTRA, WATERS, Material
from landzicht.world.noise import blur
from landzicht.world.schedule import Acquisition, acquisition
from landzicht.world.sky import (
    CLEAR,
    SHADE_FROM,
    SHADOW,
    THICK,
    THICK_FROM,
    THIN,
    THIN_FROM,
    make_sky,
)
from landzicht.world.weather import make_weather

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.landscape import Landscape
    from landzicht.world.mixture import Mixture
    from landzicht.world.spec import WorldSpec

PIXEL_M = 30.0
USED = ("B02", "B03", "B04", "B8A", "B11", "B12")
"""Sentinel-2 bands whose spectra stand for Landsat's blue, green, red, nir08, swir16, swir22."""
NAMES = ("blue", "green", "red", "nir08", "swir16", "swir22")
SCALE, OFFSET = 2.75e-5, -0.2
"""Reflectance = stored number times scale plus offset, as in Landsat Collection 2 Level 2."""
KELVIN_SCALE, KELVIN_OFFSET = 0.00341802, 149.0
"""Temperature in kelvin = stored number times scale plus offset, as there."""
QA_FILL, QA_CLEAR, QA_WATER, QA_CLOUD, QA_SHADOW = 1, 21824, 21952, 22280, 23888
"""Values of the quality band, as there."""
_PERIOD_DAYS, _FIRST_DAY = 8, 5
_WARMING: dict[Material, float] = {
    Material.VERGE: 8.0, Material.TREE: 1.5, Material.REED: 4.0, Material.GARDEN: 13.0,
    Material.LEAFY: 6.0, Material.YARD: 17.0, Material.DITCH: 4.0, Material.ASPHALT: 19.0,
    Material.BRICK: 17.0, Material.TILE: 21.0, Material.SLATE: 24.0, Material.WHITE: 12.0,
    Material.STEEL: 18.0, Material.GLASS: 8.0, Material.SAND: 19.0, Material.SOLAR: 20.0,
    Material.STONE: 13.0, Material.HEAP: 9.0, Material.NEW_ROOF: 12.0,
    Material.NEW_ROOF_2: 12.0, Material.NEW_ROOF_3: 12.0, Material.FORESHORE: 5.0,
    Material.MARRAM: 17.0, Material.DUNE: 15.0, Material.SCRUB: 4.0,
}  # fmt: skip
"""Kelvin above the air with the sun straight above; rounded from published airborne surveys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalPass(Acquisition):
    """One Landsat-like image to be made."""

    air: float
    """Temperature of the air, °C."""
    water: float
    """Temperature of the water, °C."""

    @property
    def moment(self) -> dt.datetime:
        """Time of the pass, UTC."""
        return dt.datetime.combine(self.date, dt.time(10, 33, 40), dt.UTC)

    @property
    def swath_edge(self) -> tuple[float, float] | None:
        """All of the map is seen."""
        return None

    @property
    def id(self) -> str:
        """Name of the image: `SIM_L8_198023_20250429`."""
        return f"SIM_L{self.platform[-1]}_198023_{self.date:%Y%m%d}"

    def rng(self, part: int) -> np.random.Generator:
        """Return the random numbers of one part of this image."""
        return self.spec.rng(30, self.date.toordinal(), part)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThermalImage:
    """One Landsat-like image and the truth behind it; pixels of 30 m."""

    taken: ThermalPass
    """When and how."""
    bands: dict[str, NDArray[np.uint16]]
    """Stored numbers by name (`NAMES` and `lwir11`); see `SCALE` and `KELVIN_SCALE`."""
    quality: NDArray[np.uint16]
    """Quality codes, made from the image's own brightness and temperature."""
    temperature_truth: NDArray[np.float32]
    """Temperature of the ground without clouds, kelvin."""
    cloud_truth: NDArray[np.uint8]
    """`sky.CLEAR`, `THIN`, `THICK` or `SHADOW`."""
    flood_truth: NDArray[np.bool_] | None
    """True where the river stands on more than half of a pixel of its forelands; None when it
    stands on none."""


def thermal_passes(spec: WorldSpec) -> tuple[ThermalPass, ...]:
    """Return the Landsat-like images of a world, the clearest of each part of the year."""
    made: list[ThermalPass] = []
    for year in range(spec.year, spec.year - spec.years, -1):
        cloud = make_weather(spec, year).cloud
        days = np.arange(_FIRST_DAY, 366, _PERIOD_DAYS)
        groups = np.array_split(days, min(spec.dates, len(days)))
        best = [int(group[np.argmin(cloud[group - 1])]) for group in groups]
        # Clear summer days first: that is when temperature differs most.
        best.sort(key=lambda day: abs(day - 200) + 200 * float(cloud[day - 1]))
        made += [thermal_pass(spec, day, year) for day in best]
    return tuple(made)


def thermal_pass(spec: WorldSpec, day: int, year: int | None = None) -> ThermalPass:
    """Return the Landsat-like image of one day of a year (from 1)."""
    year = year or spec.year
    base = acquisition(spec, day, year)
    weather = make_weather(spec, year)
    season = float(np.cos(2 * np.pi * (day - 45) / 365.25))
    odd = ((day - _FIRST_DAY) // _PERIOD_DAYS) % 2
    return ThermalPass(
        spec=spec,
        date=base.date,
        platform="simulated-9" if odd else "simulated-8",
        orbit=198,
        view_zenith=3.0,
        view_azimuth=100.0,
        cloud=base.cloud,
        wetness=base.wetness,
        sun_zenith=base.sun_zenith,
        sun_azimuth=base.sun_azimuth,
        river=base.river,
        air=float(weather.temperature[day - 1]) + 1.5,
        water=11.5 - 8.5 * season,
    )


def observe_thermal(scene: Landscape, taken: ThermalPass) -> ThermalImage:
    """Return what a Landsat-like satellite sees of a landscape."""
    mixture = _coarse(replace(scene.spec, dates=1, years=1))
    count = mixture.size[0]
    mean, _ = spectra(scene, taken)
    over = _overlay(scene, taken, count)
    truth = over.on(mixture.paint(temperatures(scene, taken)), over.warmth, np.float32(taken.water))
    truth += np.float32(273.15)
    sky = make_sky(taken)
    cover, shadow = (
        np.zeros((count, count), np.float32) if layer is None else _thirds(layer, count)
        for layer in (sky.cover, sky.shadow)
    )
    sky = replace(sky, cover=cover, shadow=shadow, cirrus=None, bright=np.ones_like(cover))
    noise = taken.rng(2)
    seen: dict[str, NDArray[np.float32]] = {}
    for name, band in zip(NAMES, USED, strict=True):
        index = BANDS.index(band)
        river = np.float32(SPECTRA[Material.RIVER][index])
        ground = over.on(mixture.paint(mean[:, index]), over.colour(mean, index), river)
        ground = sky.over(ground, index)
        ground += np.float32(0.0012) * noise.standard_normal(ground.shape, dtype=np.float32)
        seen[name] = ground
    # The thermal detector has pixels of 100 m; the product is resampled to 30 m.
    warm = blur(blur(truth, 0.28), 0.28)
    warm -= shadow * np.float32(4.5 * np.cos(np.radians(taken.sun_zenith)))
    warm += cover * (np.float32(268.0) - warm)
    warm += np.float32(0.35) * noise.standard_normal(warm.shape, dtype=np.float32)
    bands = {name: _stored(values, SCALE, OFFSET) for name, values in seen.items()}
    bands["lwir11"] = _stored(warm, KELVIN_SCALE, KELVIN_OFFSET)
    return ThermalImage(
        taken=taken,
        bands=bands,
        quality=_quality(seen, warm, taken),
        temperature_truth=truth,
        cloud_truth=np.select(
            [cover > THICK_FROM, cover > THIN_FROM, shadow > SHADE_FROM],
            [THICK, THIN, SHADOW],
            CLEAR,
        ).astype(np.uint8),
        flood_truth=None if over.water is None else over.water > 0.5,
    )


def temperatures(scene: Landscape, taken: ThermalPass) -> NDArray[np.float32]:
    """Return the temperature of every material at the time of the pass, °C.

    Dry bare ground warms most; leaves cool themselves as long as the soil has water.
    """
    state = canopy(scene.fields, taken.day)
    grown = _crop_warmth(taken, state.leaf_area, state.brown)
    fixed = np.empty(len(Material))
    for material, warming in _WARMING.items():
        fixed[material] = taken.air + _sunny(taken) * warming
    fixed[list(WATERS)] = taken.water
    return np.concatenate([fixed, grown[scene.parent]]).astype(np.float32)


def _sunny(taken: ThermalPass) -> float:
    """Return how much the sun warms, 1 = from straight above and without a cloud."""
    return float(np.cos(np.radians(taken.sun_zenith))) * (1 - 0.5 * taken.cloud)


def _crop_warmth(
    taken: ThermalPass, leaf: NDArray[np.float32], brown: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return the temperature of fields with so much leaf, of which so much is brown, °C."""
    covered = 1 - np.exp(-0.6 * leaf * (1 - 0.8 * brown))
    bare = 21.0 - 11.0 * taken.wetness
    leaves = 3.0 + 5.0 * (1 - taken.wetness) + 6.0 * brown
    out: NDArray[np.float64] = taken.air + _sunny(taken) * (covered * leaves + (1 - covered) * bare)
    return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Overlay:
    """What lies over the fields of a day: the flood, and patches where a crop is unwell."""

    water: NDArray[np.float32] | None
    """(y, x) Share of each 30 m pixel under the flood; None when there is none."""
    cell: NDArray[np.int64]
    """(n,) Flat 30 m pixel of each 10 m pixel that lies in a patch."""
    share: NDArray[np.float32]
    """(n,) How much of that 30 m pixel has turned unwell through it."""
    patch: NDArray[np.int64]
    """(n,) Its patch."""
    parcel: NDArray[np.int64]
    """(patches,) Where each patch lies."""
    look: NDArray[np.float32]
    """(patches, 10) Reflectance in the middle of each patch."""
    warmth: NDArray[np.float32]
    """(n,) Degrees by which the middle of the patch is warmer than its field."""

    def colour(self, mean: NDArray[np.float32], index: int) -> NDArray[np.float32]:
        """Return `(n,)` by how much the middle of the patch differs from its field in a band."""
        field = mean[len(Material) + self.parcel, index]
        out: NDArray[np.float32] = (self.look[:, index] - field)[self.patch]
        return out

    def on(
        self, ground: NDArray[np.float32], change: NDArray[np.float32], water: np.float32
    ) -> NDArray[np.float32]:
        """Return the ground with both on it."""
        out = ground.copy()
        np.add.at(out.reshape(-1), self.cell, self.share * change)
        return out if self.water is None else out + self.water * (water - out)


def _overlay(scene: Landscape, taken: ThermalPass, count: int) -> _Overlay:
    """Return what lies over the fields, in pixels of 30 m."""
    flooded = scene.lowland < taken.river
    water = _thirds(flooded.astype(np.float32), count) if flooded.any() else None
    at, patch = stressed(scene)
    row, column = (place // 3 for place in np.divmod(at, scene.spec.size))
    whole = (row < count) & (column < count)
    at, patch, cell = at[whole], patch[whole], (row * count + column)[whole]
    parcel = patch_parcels(scene)
    look, strength = sick(scene, taken)
    state = canopy(scene.fields, taken.day)
    leaf, brown = state.leaf_area[parcel], state.brown[parcel]
    warmer = _crop_warmth(taken, *ailing(leaf, brown)) - _crop_warmth(taken, leaf, brown)
    return _Overlay(
        water=water,
        cell=cell,
        share=scene.stress.reshape(-1)[at] * strength[patch] / np.float32(9),
        patch=patch,
        parcel=parcel,
        look=look,
        warmth=warmer.astype(np.float32)[patch],
    )


@lru_cache(maxsize=2)
def _coarse(spec: WorldSpec) -> Mixture:
    """Return the 30 m mixture; what is left of the map beyond whole pixels is not seen."""
    count = int(spec.extent_m // PIXEL_M)
    frame = Frame(size=(count, count), pixel=PIXEL_M, origin=(0.0, 0.0))
    return mix(landscape(spec), frame)


def _thirds(fine: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Return the mean of every 3 x 3 pixels of 10 m."""
    part = fine[: 3 * count, : 3 * count].reshape(count, 3, count, 3)
    out: NDArray[np.float32] = part.mean((1, 3), dtype=np.float32)
    return out


def _quality(
    seen: dict[str, NDArray[np.float32]], warm: NDArray[np.float32], taken: ThermalPass
) -> NDArray[np.uint16]:
    bright = (seen["blue"] + seen["green"] + seen["red"]) / 3
    cold = warm < taken.air + 273.15 - 1.0
    out = np.full(bright.shape, QA_CLEAR, np.uint16)
    water = (seen["swir16"] < np.float32(sum(SPECTRA[Material.SEA][8:9]) + 0.035)) & (
        seen["nir08"] < 0.08
    )
    dark = (seen["nir08"] < 0.13) & (bright < 0.07) & ~water
    out[dark] = QA_SHADOW
    out[water] = QA_WATER
    out[(bright > 0.20) & cold] = QA_CLOUD
    return out


def _stored(values: NDArray[np.float32], scale: float, offset: float) -> NDArray[np.uint16]:
    numbers = (values - np.float32(offset)) * np.float32(1 / scale) + np.float32(0.5)
    out: NDArray[np.uint16] = np.clip(numbers, 1, 65535).astype(np.uint16)
    return out
