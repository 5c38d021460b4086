"""One weather makes clouds, rain, the wetness of the soil and the growth of crops together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from landzicht.world import WorldSpec, acquisitions
from landzicht.world.crops import CROPS
from landzicht.world.fields import make_fields
from landzicht.world.growth import canopy
from landzicht.world.schedule import _days
from landzicht.world.spectra import canopy_table
from landzicht.world.weather import BROKEN_DAY, FAIR_DAYS, Weather, make_weather

SEEDS = range(40)
WHEAT, MAIZE, MEADOW = (
    next(i for i, crop in enumerate(CROPS) if crop.code == code) for code in (233, 259, 265)
)


def years() -> list[Weather]:
    return [make_weather(WorldSpec(seed=seed), 2025) for seed in SEEDS]


def ranks(values: object) -> np.ndarray:
    return np.argsort(np.argsort(np.asarray(values)))


def alike(one: object, other: object) -> float:
    """Return Spearman's correlation."""
    return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


def test_it_rains_from_clouds() -> None:
    for weather in years():
        wet = weather.rain > 1
        assert 0.15 < wet.mean() < 0.65
        assert weather.cloud[wet].mean() > weather.cloud[~wet].mean() + 0.25
        assert 450 < weather.rain.sum() < 1500


def test_rain_wets_the_soil_and_warmth_dries_it() -> None:
    for weather in years():
        change = np.diff(weather.wetness)
        rain = weather.rain[:-1]
        assert (change[rain == 0] <= 0).all()
        assert change[rain > 8].mean() > 0
        winter, summer = weather.wetness[:60].mean(), weather.wetness[150:240].mean()
        assert winter > summer
        assert weather.wetness.min() >= 0
        assert weather.wetness.max() <= 1


def test_a_cloudy_month_leaves_wet_soil_on_the_days_of_passes() -> None:
    """The month before a pass is cloudy, and the soil in the image is wet."""
    clouds, wetness = [], []
    for seed in SEEDS:
        spec = WorldSpec(seed=seed, dates=40)
        weather = make_weather(spec, spec.year)
        for one in acquisitions(spec):
            if 130 < one.day < 260:
                assert one.wetness == weather.wetness[one.day - 1]
                assert one.cloud == weather.cloud[one.day - 1]
                clouds.append(weather.cloud[one.day - 22 : one.day - 1].mean())
                wetness.append(one.wetness)
    assert alike(clouds, wetness) > 0.5


def test_wet_soil_is_dark() -> None:
    bare = [canopy_table(40.0, wet)(0.0, 40, 0.2, 57)[0] for wet in (0.1, 0.5, 0.9)]
    assert (bare[0] > bare[1]).all()
    assert (bare[1] > bare[2]).all()


def test_cloudy_days_are_mild_in_winter_and_cool_in_summer() -> None:
    winter, summer = [], []
    for weather in years():
        for days, found in ((slice(0, 50), winter), (slice(160, 220), summer)):
            found.append(alike(weather.cloud[days], weather.temperature[days]))
    assert np.mean(winter) > 0.1
    assert np.mean(summer) < -0.1


def test_crops_are_early_after_a_warm_spring() -> None:
    zone = np.zeros(400, np.int8)
    warmth, lead, ahead, leaves, cut = [], [], [], [], []
    for seed in SEEDS:
        spec = WorldSpec(seed=seed)
        weather = make_weather(spec, 2025)
        fields = make_fields(spec, zone, 2025)
        warmth.append(weather.temperature[31:120].mean())
        lead.append(weather.lead)
        ahead.append(weather.ahead[99])
        leaves.append(canopy(fields, 100).leaf_area[fields.crop == WHEAT].mean())
        first = fields.mowing[:, 0]
        cut.append(np.median(first[first < 366]))
    assert np.std(lead) > 3
    assert alike(warmth, lead) > 0.8
    assert alike(ahead, leaves) > 0.8
    assert alike(lead, cut) < -0.6


def test_in_a_cold_spell_crops_stand_still() -> None:
    """Leaf area grows with the warmth of the days in between, not with their number."""
    zone = np.zeros(400, np.int8)
    growth, warmth, stood = [], [], 0
    for seed in SEEDS:
        spec = WorldSpec(seed=seed)
        weather = make_weather(spec, 2025)
        fields = make_fields(spec, zone, 2025)
        # On a day without warmth the crop falls a day behind the usual year; it is never taken to
        # be more than 12 days ahead or behind.
        step, cold = np.diff(weather.ahead), weather.temperature[1:] < 3
        free = (np.abs(weather.ahead[1:]) < 12) & (np.abs(weather.ahead[:-1]) < 12)
        np.testing.assert_allclose(step[cold & free], -1, atol=1e-6)
        stood += int((cold & free).sum())
        # The same distance from half grown in every year: what differs is the warmth after it.
        start = round(98 - weather.lead - (weather.ahead[97] - weather.lead))
        wheat = fields.crop == WHEAT
        one, other = (canopy(fields, day).leaf_area[wheat].mean() for day in (start, start + 14))
        growth.append(other - one)
        warmth.append(np.maximum(weather.temperature[start : start + 14] - 4, 0).sum())
    assert alike(growth, warmth) > 0.5
    assert stood > 500


def test_drought_thins_grass_more_than_maize() -> None:
    spec = WorldSpec(seed=1)
    zone = np.repeat(np.array([0, 2], np.int8), 300)
    fields = make_fields(spec, zone, 2025)
    wet, dry = (replace(fields, drought=np.full(366, v, np.float32)) for v in (0.0, 1.0))
    ratio = canopy(dry, 200).leaf_area / np.maximum(canopy(wet, 200).leaf_area, 1e-6)
    kept = {crop: float(np.median(ratio[fields.crop == crop])) for crop in (MEADOW, MAIZE)}
    assert kept[MEADOW] < kept[MAIZE] < 1


@pytest.mark.parametrize("year", [2024, 2025])
def test_two_satellites_take_turns_on_two_orbits(year: int) -> None:
    for seed in range(12):
        spec = WorldSpec(seed=seed, dates=73, year=year)
        plan = sorted(acquisitions(spec), key=lambda one: one.date)
        assert {one.platform for one in plan} == {"simulated-2a", "simulated-2b"}
        for orbit in (51, 8):
            mine = [one for one in plan if one.orbit == orbit]
            steps = np.diff([one.day for one in mine])
            assert (steps % 5 == 0).all()
            turns = [one.platform for one in mine]
            for step, now, then in zip(steps, turns, turns[1:], strict=False):
                assert (now != then) == (step % 10 == 5)
            assert all((one.swath_edge is None) == (orbit == 51) for one in mine)


def test_one_pass_in_twenty_is_lost() -> None:
    passes = {day for start in (1, 4) for day in range(start, 366, 5)}
    kept = []
    for seed in range(20):
        spec = WorldSpec(seed=seed)
        object.__setattr__(spec, "dates", len(passes))  # more than a world may have: all there are
        days = set(_days(spec, 2025))
        assert days <= passes
        assert {*FAIR_DAYS, BROKEN_DAY} <= days
        kept.append(len(days) / len(passes))
    assert 0.92 < np.mean(kept) < 0.98
    assert len(set(kept)) > 3
