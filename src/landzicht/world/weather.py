"""The weather of a year: warmth, rain, wetness of the soil, clouds at ten o'clock, the river."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.spec import WorldSpec

_STREAM = 1
FAIR_DAYS = (116, 161, 221)
"""Days on which the sky is made clear, so that there is something to see: tulips, early summer,
harvest. Everything else follows the dice."""
BROKEN_DAY = 191
"""A day that is made partly cloudy."""
_SPREAD = 3.0
"""Standard deviation of the temperature of a day around the usual one, °C."""
_NO_GROWTH = 4.0
"""Mean temperature of a day below which nothing grows, °C."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weather:
    """Daily values of one year; index 0 is 1 January."""

    temperature: NDArray[np.float64]
    """Mean of the day, °C."""
    rain: NDArray[np.float64]
    """Millimetres."""
    wetness: NDArray[np.float64]
    """Wetness of the top soil in the morning, 0 dry to 1 saturated."""
    cloud: NDArray[np.float64]
    """Share of the sky that is covered when the satellites pass, 0 to 1."""
    river: NDArray[np.float64]
    """Height of the river above its usual level, metres."""
    ahead: NDArray[np.float64]
    """Days by which plants are ahead of a usual year, by the warmth since 1 January."""
    lead: float
    """Mean of `ahead` in April and May: how early (positive) or late (negative) spring is."""


@lru_cache(maxsize=16)
def make_weather(spec: WorldSpec, year: int) -> Weather:
    """Return the weather of a year; it depends on the seed and the year only."""
    rng = spec.rng(_STREAM, year)
    days = 366 if _is_leap(year) else 365
    day = np.arange(days)
    season = _season(day)
    sky = _persistent(rng, days, 0.78) + 0.25 * season
    for fair in FAIR_DAYS:
        sky[fair - 4 : fair + 1] -= np.array([1.0, 1.5, 2.0, 2.5, 3.5])
    sky[BROKEN_DAY - 3 : BROKEN_DAY] -= 1.0
    warm = _persistent(rng, days, 0.88)
    # Under clouds it is mild in winter and cool in summer.
    temperature = _usual(season) + 2.8 * warm + 1.2 * season * (sky - 0.25 * season)
    wet_day = sky > 0.25
    rain = np.where(wet_day, rng.gamma(0.8, 7.4, days) * np.clip(sky, 0.2, 1.8), 0.0)
    cloud = 1 / (1 + np.exp(-(2.4 * sky + 0.2)))
    cloud[np.array(FAIR_DAYS) - 1] = (0.0, 0.0, 0.015)
    cloud[BROKEN_DAY - 1] = 0.22
    thirst = np.clip(0.35 - 0.30 * season, 0.05, None) * np.clip(temperature / 12, 0.2, 2)
    wetness = np.empty(days)
    level = 0.75
    for index in range(days):
        wetness[index] = level
        level = float(np.clip(level + 0.0218 * rain[index] - 0.17 * thirst[index] * level, 0, 1))
    ahead = _ahead(temperature)
    return Weather(
        temperature=temperature,
        rain=rain,
        wetness=wetness,
        cloud=np.clip(cloud, 0, 1),
        river=_river(rng, day),
        ahead=ahead,
        lead=float(ahead[90:151].mean()),
    )


def _season(day: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return 1 in the middle of winter, -1 in the middle of summer; `day` 0 is 1 January."""
    out: NDArray[np.float64] = np.cos(2 * np.pi * (day - 22) / 365.25)
    return out


def _usual(season: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the usual mean temperature of a day, °C."""
    return 10.6 - 8.0 * season


def _ahead(temperature: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return days ahead of the usual year: when does that have as much warmth behind it?"""
    day = np.arange(len(temperature))
    # The usual year goes on for some weeks, for autumns that are ahead of its end.
    longer = np.arange(len(temperature) + 200)
    above = _usual(_season(longer)) - _NO_GROWTH
    # What a usual day brings: also around freezing some days are warm, and none takes away.
    far = above / _SPREAD
    chance = np.array([0.5 + 0.5 * math.erf(x / math.sqrt(2)) for x in far])
    brings = above * chance + _SPREAD * np.exp(-(far**2) / 2) / math.sqrt(2 * math.pi)
    now, then = np.cumsum(np.maximum(temperature - _NO_GROWTH, 0)), np.cumsum(brings)
    out: NDArray[np.float64] = np.clip(np.interp(now, then, longer) - day, -12, 12)
    return out


def _persistent(rng: np.random.Generator, days: int, memory: float) -> NDArray[np.float64]:
    """Return a series in which a day resembles the day before (AR(1), unit variance)."""
    steps = rng.normal(0, np.sqrt(1 - memory**2), days)
    values = np.empty(days)
    now = float(rng.normal())
    for index in range(days):
        now = memory * now + steps[index]
        values[index] = now
    return values


def _river(rng: np.random.Generator, day: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the river's level; snow and rain far away give one high water each winter."""
    peak, height = rng.uniform(28, 52), rng.uniform(1.7, 2.7)
    high = height * np.exp(-(((day - peak) / 9.0) ** 2))
    second = rng.uniform(0, 1.0) * np.exp(-(((day - rng.uniform(330, 350)) / 8.0) ** 2))
    out: NDArray[np.float64] = high + second
    return out


def _is_leap(year: int) -> bool:
    return (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days == 366
