"""When the simulated satellites pass, and which of their images are made first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from landzicht.world.weather import BROKEN_DAY, FAIR_DAYS, make_weather

if TYPE_CHECKING:
    from landzicht.world.spec import WorldSpec

LATITUDE, LONGITUDE = 52.56, 5.25
"""About the middle of the map, degrees; good enough for the sun."""
_PERIOD_DAYS = 5
_FULL, _EDGE = 51, 8
"""Relative orbits: one sees the whole map from almost straight above, of the other the swath ends
within the map."""
_FIRST_DAY = {_FULL: 1, _EDGE: 4}
_LOST = 0.05
"""Share of passes of which nothing reaches the archive."""
_LEAN = 0.25
"""Metres to the west for each metre to the south: the satellites fly to the south-south-west."""
_PRETTIEST = (*FAIR_DAYS, BROKEN_DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition:
    """One image to be made."""

    spec: WorldSpec
    """The world it shows, as it was asked for."""
    date: dt.date
    """Day of the pass."""
    platform: str
    """`simulated-2a` or `simulated-2b`, in turn."""
    orbit: int
    """Relative orbit, 51 or 8."""
    view_zenith: float
    """Angle of view from straight down, degrees."""
    view_azimuth: float
    """Direction from the ground to the satellite, degrees from north, clockwise."""
    cloud: float
    """Share of the sky that should be covered, 0 to 1; the image has about as much."""
    wetness: float
    """Wetness of the soil, 0 to 1."""
    sun_zenith: float
    """Degrees from straight above."""
    sun_azimuth: float
    """Degrees from north, clockwise."""
    river: float
    """Height of the river above its usual level, metres."""
    east: bool = False
    """True for the tile in the UTM zone east of that of the map; same pass, same sky."""

    @property
    def moment(self) -> dt.datetime:
        """Time of the pass, UTC."""
        return dt.datetime.combine(self.date, dt.time(10, 46, 12), dt.UTC)

    @property
    def day(self) -> int:
        """Day of the year, from 1."""
        return self.date.timetuple().tm_yday

    @property
    def swath_edge(self) -> tuple[float, float] | None:
        """East end of what is seen, metres from the west edge of the map.

        At the north and at the south edge of the map; None when all of it is seen.
        """
        if self.orbit == _FULL:
            return None
        side = self.spec.extent_m
        middle = side * (0.66 + 0.02 * float(self.rng(3).uniform(-1, 1)))
        lean = 0.5 * side * _LEAN
        return (middle + lean, middle - lean)

    @property
    def id(self) -> str:
        """Name of the image: `SIM_S2A_31UFU_20250426`."""
        tile = "32UKD" if self.east else "31UFU"
        return f"SIM_S{self.platform[-2:].upper()}_{tile}_{self.date:%Y%m%d}"

    def rng(self, part: int) -> np.random.Generator:
        """Return the random numbers of one part of this image."""
        return self.spec.rng(2, self.date.toordinal(), part)


def acquisitions(spec: WorldSpec) -> tuple[Acquisition, ...]:
    """Return the images of a world in the order in which they should be made.

    The first four are the ones to show a newcomer (tulips on 26 April, June, August, and a partly
    cloudy day in July); the others fill the largest gaps in the year, clear days first. The
    images of a smaller `spec.dates` are always the first of those of a larger one. Earlier years
    follow after the last year. With two zones the tile of the other zone follows on each image.
    """
    years = range(spec.year, spec.year - spec.years, -1)
    tiles = (False, True)[: spec.zones]
    return tuple(
        replace(acquisition(spec, day, year), east=east)
        for year in years
        for day in _days(spec, year)
        for east in tiles
    )


def _days(spec: WorldSpec, year: int) -> list[int]:
    weather = make_weather(spec, year)
    passes = np.sort([d for first in _FIRST_DAY.values() for d in range(first, 366, _PERIOD_DAYS)])
    lost = spec.rng(2, year).random(len(passes)) < _LOST
    passes = passes[~lost | np.isin(passes, _PRETTIEST)]
    whole = passes % _PERIOD_DAYS == _FIRST_DAY[_FULL] % _PERIOD_DAYS
    chosen = list(_PRETTIEST[: spec.dates])
    while len(chosen) < spec.dates:
        gap = np.abs(passes[:, None] - np.array([*chosen, -6, 372])).min(1)
        worth = gap * (1.15 - weather.cloud[passes - 1]) * np.where(whole, 1.0, 0.8)
        worth[np.isin(passes, chosen)] = -1
        chosen.append(int(passes[int(np.argmax(worth))]))
    return chosen


def acquisition(spec: WorldSpec, day: int, year: int | None = None) -> Acquisition:
    """Return the image of one day of a year (from 1), whether or not it is in the series.

    On days when no satellite passes, one that sees the whole map is imagined.
    """
    year = year or spec.year
    weather = make_weather(spec, year)
    zenith, azimuth = sun(day)
    orbit = _EDGE if (day - _FIRST_DAY[_EDGE]) % _PERIOD_DAYS == 0 else _FULL
    turn = (day - _FIRST_DAY[orbit]) // _PERIOD_DAYS
    return Acquisition(
        spec=spec,
        date=dt.date(year, 1, 1) + dt.timedelta(day - 1),
        platform="simulated-2b" if turn % 2 else "simulated-2a",
        orbit=orbit,
        view_zenith=2.8 if orbit == _FULL else 9.6,
        view_azimuth=104.0 if orbit == _FULL else 286.0,
        cloud=float(weather.cloud[day - 1]),
        wetness=float(weather.wetness[day - 1]),
        sun_zenith=zenith,
        sun_azimuth=azimuth,
        river=float(weather.river[day - 1]),
    )


def sun(day: int, hour_utc: float = 10.77) -> tuple[float, float]:
    """Return zenith and azimuth of the sun in degrees, to about half a degree."""
    declination = np.radians(-23.44 * np.cos(2 * np.pi * (day + 10) / 365.25))
    latitude = np.radians(LATITUDE)
    hour = np.radians(15 * (hour_utc + LONGITUDE / 15 - 12))
    up = np.sin(latitude) * np.sin(declination)
    up += np.cos(latitude) * np.cos(declination) * np.cos(hour)
    south = np.cos(hour) * np.sin(latitude) - np.tan(declination) * np.cos(latitude)
    azimuth = np.degrees(np.arctan2(np.sin(hour), south)) + 180
    return float(np.degrees(np.arccos(up))), float(azimuth)
