"""Start, peak and end of seasons: on made curves, and against sowing and harvest of Zonderland."""

import numpy as np
import pytest

from landzicht.series.outliers import doubts
from landzicht.series.phenology import humps, seasons_of
from landzicht.series.smooth import smooth
from landzicht.testing.seasons import season
from landzicht.world.crops import MOWN


def true_seasons(curve):
    """Return the half-way days of rise and fall of each hump of a noise-free daily curve."""
    starts, ends = [], []
    for low, top, after in humps(curve):
        rise, fall = curve[low : top + 1], curve[top : after + 1]
        if np.ptp(rise) > 0.2:
            starts.append(top - int(np.argmax(rise[::-1] <= (rise[0] + rise[-1]) / 2)) + 1)
        if np.ptp(fall) > 0.2:
            ends.append(top + int(np.argmax(fall <= (fall[0] + fall[-1]) / 2)) + 1)
    return starts, ends


def errors(wanted, told):
    """Return the days by which the nearest answer is off, and whether it covers that."""
    found = []
    for day in wanted:
        near = min(told, key=lambda moment: abs(moment.day - day), default=None)
        if near is not None and abs(near.day - day) <= 45:
            found.append((near.day - day, abs(near.day - day) <= near.plus_minus))
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_dates_against_what_grew_and_what_farmers_did(seed: int) -> None:
    """Arable parcels of 0.3 ha and more, 60 images of which half are lost to clouds.

    Mean absolute error 6 to 7 days for the start, 4 to 7 for the end, 4 to 7 for the harvest; 0.7
    to 0.93 of them are told at all, the others lie in gaps. A date is found when a season begins or
    ends within 45 days of it.
    """
    year = season(seed, 192)
    doubted = doubts(year.days, year.values, year.valid)
    values = np.where(doubted.flagged, np.nan, year.values)
    line = smooth(year.days, values, year.valid)
    curves, fields = year.ndvi_by_day, year.scene.fields
    area = np.array([shape.area for shape in year.scene.geography.parcels]) / 1e4
    told = {"start": [], "end": [], "harvest": []}
    asked = dict.fromkeys(told, 0)
    for number in np.flatnonzero((area > 0.3) & ~np.isin(fields.crop[: len(area)], MOWN)):
        seasons = seasons_of(line, number, 1, 365)
        starts, ends = true_seasons(curves[number, :365])
        harvest = [day for day in [float(fields.harvest[number])] if day < 366]
        began = [each.start for each in seasons if each.start]
        ended = [each.end for each in seasons if each.end]
        for name, wanted, moments in (
            ("start", starts, began),
            ("end", ends, ended),
            ("harvest", harvest, ended),
        ):
            asked[name] += len(wanted)
            told[name] += errors(wanted, moments)
    for name, bound in (("start", 8), ("end", 8), ("harvest", 8)):
        days, covered = np.array(told[name], float).T
        assert days.size / asked[name] > 0.6, name
        assert np.abs(days).mean() < bound, name
        assert np.quantile(np.abs(days), 0.9) < 16, name
        assert covered.mean() > 0.7, name


def bell(days, peak=170.0, width=40.0):
    return 0.2 + 0.6 * np.exp(-(((days - peak) / width) ** 2))


def lines(curve, step=6, noise=0.01, seed=0):
    rng = np.random.default_rng(seed)
    days = np.arange(3.0, 365, step)
    values = curve(days)[None] + rng.normal(0, noise, (1, days.size))
    return smooth(days, values, np.ones(values.shape))


def test_a_bell_is_dated_where_its_formula_says() -> None:
    (found,) = seasons_of(lines(bell), 0, 1, 365)
    half = 40 * np.sqrt(np.log(2))
    assert found.start.day == pytest.approx(170 - half, abs=3)
    assert found.end.day == pytest.approx(170 + half, abs=3)
    assert found.peak.day == pytest.approx(170, abs=6)
    assert found.peak.value == pytest.approx(0.8, abs=0.03)
    for moment in (found.start, found.peak, found.end):
        assert 1 <= moment.plus_minus < 30


def test_two_crops_are_two_seasons_and_the_larger_has_more_size() -> None:
    def both(days):
        return np.maximum(bell(days, 130, 35), bell(days, 270, 20))

    first, second = seasons_of(lines(both), 0, 1, 365)
    assert first.end.day < second.start.day
    assert first.size > second.size


def test_fewer_observations_make_a_date_less_certain() -> None:
    (often,) = seasons_of(lines(bell, step=5), 0, 1, 365)
    (seldom,) = seasons_of(lines(bell, step=20), 0, 1, 365)
    assert seldom.start.plus_minus > 1.5 * often.start.plus_minus


def test_no_date_in_a_long_gap() -> None:
    days = np.arange(3.0, 365, 6)
    values = bell(days)[None] + np.random.default_rng(0).normal(0, 0.01, (1, days.size))
    values[0, (days > 108) & (days < 160)] = np.nan
    (found,) = seasons_of(smooth(days, values, np.ones(values.shape)), 0, 1, 365)
    assert found.start is None
    assert found.end is not None


def test_water_has_no_season() -> None:
    assert seasons_of(lines(lambda days: np.full(days.size, -0.3)), 0, 1, 365) == ()
    assert humps(np.empty(0)) == []


def test_a_year_that_begins_green_ends_a_season_without_a_start() -> None:
    (found,) = seasons_of(lines(lambda days: np.where(days < 100, 0.8, 0.2)), 0, 1, 365)
    assert found.start is None
    assert found.peak is None or found.peak.day < 100
    assert found.end.day == pytest.approx(100, abs=6)
