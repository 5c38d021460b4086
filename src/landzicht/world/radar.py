"""A Sentinel-1-like radar image: backscatter VV and VH, day or night, through any cloud."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landzicht.world.crops import CROPS
from landzicht.world.ground import ROOFS_READY, SITE_CLEARED
from landzicht.world.growth import canopy
from landzicht.world.materials import NEW_ROOFS, Material
from landzicht.world.noise import blur, fractal
from landzicht.world.ships import make_ships, ship_cover
from landzicht.world.spec import PIXEL_M
from landzicht.world.weather import make_weather

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.landscape import Landscape
    from landzicht.world.ships import Ship
    from landzicht.world.spec import WorldSpec

VV, VH = 0, 1
LOOKS = 4.4
"""Equivalent number of looks of a ground-range detected product: how strong the speckle is."""
FLOOR_DB = (-32.0, -38.0)
"""Noise of the instrument in VV and VH, dB."""
_INCIDENCE = {"ascending": 36.0, "descending": 41.0}
_WAVE = {
    # soil dry and wet (dB), leaves (linear), how much leaves hide the soil
    VV: (-15.0, -8.8, 0.110, 0.130),
    VH: (-23.5, -17.8, 0.024, 0.155),
}
"""Numbers of the water-cloud model for the two polarisations, rounded from published fits."""
_KINDS = {
    # leaves are brighter or darker, and hide more or less, by kind of crop: (VV, VH, hiding)
    "grass": (0.75, 0.70, 0.9),
    "cereal": (0.42, 0.62, 1.5),
    "root": (1.25, 1.35, 1.0),
    "fodder": (1.10, 1.20, 0.9),
    "oil": (1.15, 1.65, 1.1),
    "flower": (0.80, 0.75, 0.8),
}
_FIXED_DB: dict[Material, tuple[float, float]] = {
    Material.VERGE: (-11.6, -18.4), Material.TREE: (-8.6, -14.2), Material.REED: (-9.8, -16.8),
    Material.GARDEN: (-7.5, -14.5), Material.LEAFY: (-8.8, -14.8), Material.YARD: (-9.5, -17.5),
    Material.DITCH: (-14.5, -21.5), Material.ASPHALT: (-16.5, -24.5), Material.BRICK: (-11., -19.),
    Material.TILE: (-2.5, -11.0), Material.SLATE: (-1.5, -10.5), Material.WHITE: (1.0, -8.5),
    Material.STEEL: (2.0, -8.0), Material.GLASS: (-3.5, -13.0), Material.SAND: (-15.5, -24.0),
    Material.SOLAR: (-8.0, -17.0), Material.STONE: (-7.0, -15.5), Material.HEAP: (-13.5, -22.0),
    Material.NEW_ROOF: (-1.5, -10.5), Material.NEW_ROOF_2: (-1.5, -10.5),
    Material.NEW_ROOF_3: (-1.5, -10.5), Material.SURF: (-11.5, -22.0),
    Material.FORESHORE: (-17.5, -26.0), Material.MARRAM: (-15.0, -22.5),
    Material.DUNE: (-13.5, -20.0), Material.SCRUB: (-9.8, -15.8),
}  # fmt: skip
_WATER = (Material.RIVER, Material.SEA, Material.SHALLOWS, Material.POOL)


@dataclass(frozen=True, slots=True, kw_only=True)
class RadarPass:
    """One radar image to be made."""

    spec: WorldSpec
    """The world it shows."""
    date: dt.date
    """Day of the pass."""
    direction: str
    """`ascending` (evening, looks east) or `descending` (morning, looks west)."""
    wetness: float
    """Wetness of the soil, 0 to 1."""
    river: float
    """Height of the river above its usual level, metres."""
    wind: float
    """Wind speed, m/s: rough water is brighter."""

    @property
    def moment(self) -> dt.datetime:
        """Time of the pass, UTC."""
        time = dt.time(17, 25, 31) if self.direction == "ascending" else dt.time(5, 49, 8)
        return dt.datetime.combine(self.date, time, dt.UTC)

    @property
    def day(self) -> int:
        """Day of the year, from 1."""
        return self.date.timetuple().tm_yday

    @property
    def id(self) -> str:
        """Name of the image: `SIM_S1_DESC_20250427`."""
        return f"SIM_S1_{self.direction[:4].rstrip('e').upper()}_{self.date:%Y%m%d}"

    def rng(self, part: int) -> np.random.Generator:
        """Return the random numbers of one part of this image."""
        return self.spec.rng(20, self.date.toordinal(), part)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RadarImage:
    """One radar image and the truth behind it."""

    taken: RadarPass
    """When and how."""
    backscatter: NDArray[np.float32]
    """(2, height, width) Sigma nought of VV and VH, linear power, with speckle."""
    flood_truth: NDArray[np.bool_] | None
    """True where the river stands on its forelands; None when it does not."""
    ships: tuple[Ship, ...]
    """Every ship."""

    def decibel(self) -> NDArray[np.float32]:
        """Return the backscatter in dB."""
        out: NDArray[np.float32] = np.float32(10) * np.log10(self.backscatter)
        return out


def radar_passes(spec: WorldSpec) -> tuple[RadarPass, ...]:
    """Return the radar images of a world: the same number each year, spread over the year.

    Mornings and evenings in turn; each direction comes back every six days. The pass nearest to
    the highest water comes first.
    """
    made: list[RadarPass] = []
    for year in range(spec.year, spec.year - spec.years, -1):
        weather = make_weather(spec, year)
        turns = (np.arange(3, 366, 6), np.arange(6, 366, 6))
        days = np.concatenate(turns)
        flood = int(days[np.argmin(np.abs(days - int(weather.river.argmax()) - 1))])
        wanted = np.linspace(5, 361, spec.dates)
        nearest = ((turns[i % 2], day) for i, day in enumerate(wanted))
        picked = [flood, *(int(some[np.argmin(np.abs(some - day))]) for some, day in nearest)]
        unique = list(dict.fromkeys(picked))
        rest = [int(day) for day in np.sort(days) if day not in unique]
        chosen = (unique + rest)[: spec.dates]
        made += [radar_pass(spec, day, year) for day in chosen]
    return tuple(made)


def radar_pass(spec: WorldSpec, day: int, year: int | None = None) -> RadarPass:
    """Return the radar image of one day of a year (from 1)."""
    year = year or spec.year
    weather = make_weather(spec, year)
    date = dt.date(year, 1, 1) + dt.timedelta(day - 1)
    wind = spec.rng(21, date.toordinal()).gamma(3.2, 1.5)
    return RadarPass(
        spec=spec,
        date=date,
        direction="ascending" if day % 6 == 0 else "descending",
        wetness=float(weather.wetness[day - 1]),
        river=float(weather.river[day - 1]),
        wind=float(np.clip(wind, 0.5, 14)),
    )


def observe_radar(scene: Landscape, taken: RadarPass) -> RadarImage:
    """Return what a radar sees of a landscape; the same input gives equal bits."""
    size = scene.spec.size
    mean = _materials(scene, taken)
    rough = 1 + np.float32(0.10) * scene.texture
    walls = _walls(scene, taken)
    ships = make_ships(taken.rng(1), scene.geography, scene.spec.extent_m)
    hulls, _ = ship_cover(ships, (size, size), PIXEL_M)
    flooded = scene.lowland < taken.river
    speckle = taken.rng(2)
    out = np.empty((2, size, size), np.float32)
    for band in (VV, VH):
        power = scene.mixture.paint(mean[:, band]) * rough * walls
        if flooded.any():
            power[flooded] = mean[Material.RIVER, band]
        flat = power.reshape(-1)
        # The corner between hull and water throws the wave straight back.
        np.add.at(flat, hulls.pixel, hulls.share * np.float32((9.0, 1.1)[band]))
        power = blur(power, 0.10) + np.float32(10 ** (FLOOR_DB[band] / 10))
        out[band] = power * _speckle(speckle, size)
    return RadarImage(
        taken=taken,
        backscatter=np.maximum(out, np.float32(1e-5)),
        flood_truth=flooded if flooded.any() else None,
        ships=ships,
    )


def _materials(scene: Landscape, taken: RadarPass) -> NDArray[np.float32]:
    """Return `(materials, 2)` backscatter, linear power."""
    state = canopy(scene.fields, taken.day)
    slant = np.cos(np.radians(_INCIDENCE[taken.direction]))
    kinds = np.array([_KINDS[crop.kind] for crop in CROPS])[scene.fields.crop]
    # Dry, ripe leaves hold no water and are nearly transparent.
    moist = state.leaf_area * (1 - 0.75 * state.brown)
    grown = np.empty((len(state.leaf_area), 2), np.float32)
    for band, (dry, wet, leaves, hiding) in _WAVE.items():
        through = np.exp(-2 * hiding * kinds[:, 2] * moist / slant)
        soil = 10 ** ((dry + (wet - dry) * taken.wetness) / 10) * scene.soil[:, 1]
        grown[:, band] = leaves * kinds[:, band] * slant * (1 - through) + through * soil
    fixed = np.empty((len(Material), 2), np.float32)
    for material, decibel in _FIXED_DB.items():
        fixed[material] = 10 ** (np.array(decibel) / 10)
    building = taken.date.year == taken.spec.year
    cleared = building and taken.day >= SITE_CLEARED
    open_ground = fixed[Material.SAND if cleared else Material.VERGE].copy()
    fixed[Material.HEAP] = open_ground
    for phase, ready in zip(NEW_ROOFS, ROOFS_READY, strict=True):
        if not (building and taken.day >= ready):
            fixed[phase] = open_ground
    waves = np.array([-23.5, -31.0]) + np.array([1.05, 0.70]) * taken.wind
    fixed[list(_WATER)] = 10 ** (waves / 10)
    return np.concatenate([fixed, grown[scene.parent]])


def _walls(scene: Landscape, taken: RadarPass) -> NDArray[np.float32]:
    """Return how walls that face the radar shine; the same on every date of one direction."""
    roofs = np.zeros(len(Material) + len(scene.parent))
    roofs[[Material.TILE, Material.SLATE, Material.WHITE, Material.STEEL, Material.GARDEN]] = 1
    built = scene.mixture.paint(roofs)
    side = 1 if taken.direction == "ascending" else 2
    facing = fractal(scene.spec.rng(22, side), scene.spec.size, 0.6)
    out: NDArray[np.float32] = np.exp(built * np.float32(0.85) * facing)
    return out


def _speckle(rng: np.random.Generator, size: int) -> NDArray[np.float32]:
    """Return multiplicative speckle with mean 1, a little alike between neighbours."""
    edge = 0.09
    kept = ((1 - 2 * edge) ** 2 + 2 * edge**2) ** 2
    grains = rng.standard_gamma(LOOKS * kept, (size, size), dtype=np.float32)
    return blur(grains / np.float32(LOOKS * kept), edge)
