"""The smooth line and its band: on made series, and against a simulated truth."""

import numpy as np
import pytest

from landzicht.series.outliers import doubts
from landzicht.series.smooth import LEAST_DATES, smooth
from landzicht.testing.seasons import season

SEEDS = (1, 2, 3)
"""None of these was used to choose anything."""


def trusted(year):
    flagged = doubts(year.days, year.values, year.valid).flagged
    return np.where(flagged, np.nan, year.values)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_band_holds_nine_in_ten_of_what_was_left_out(seed: int) -> None:
    """Each observation is left out once, in one of seven turns; 85 to 95 % lie in the band."""
    year = season(seed, 192)
    values = trusted(year)
    turn = np.random.default_rng(seed).integers(0, 7, values.shape)
    inside, widths = [], []
    for part in range(7):
        left = np.isfinite(values) & (turn == part)
        line = smooth(year.days, np.where(left, np.nan, values), year.valid)
        at = (year.days - line.days[0]).astype(int)
        low, high = line.low[:, at], line.high[:, at]
        told = left & np.isfinite(low)
        inside.append(((values >= low) & (values <= high))[told])
        widths.append((high - low)[told])
    share = np.concatenate(inside)
    assert share.size > 2000
    assert 0.85 <= share.mean() <= 0.95, share.mean()
    assert np.median(np.concatenate(widths)) < 0.35, "a band that says nothing is always right"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_line_is_nearer_to_the_truth_than_what_was_seen(seed: int) -> None:
    year = season(seed, 192)
    line = smooth(year.days, trusted(year), year.valid)
    at = (year.days - line.days[0]).astype(int)
    known = np.isfinite(line.values[:, at]) & np.isfinite(year.values) & year.settled
    off = np.sqrt(np.mean((line.values[:, at] - year.state)[known] ** 2))
    raw = np.sqrt(np.mean((year.values - year.state)[known] ** 2))
    assert off < 0.7 * raw


def noisy(count=60, dates=40, noise=0.03, seed=0):
    rng = np.random.default_rng(seed)
    days = np.sort(rng.choice(np.arange(1, 366), dates, replace=False)).astype(float)
    peak = rng.uniform(150, 210, (count, 1))
    truth = 0.2 + 0.6 * np.exp(-(((np.arange(1, 366) - peak) / 50) ** 2))
    values = truth[:, days.astype(int) - 1] + rng.normal(0, noise, (count, dates))
    return days, values, truth


def test_a_curve_with_noise_is_found_back() -> None:
    days, values, truth = noisy()
    line = smooth(days, values, np.ones(values.shape))
    here = truth[:, line.days.astype(int) - 1]
    assert np.sqrt(np.nanmean((line.values - here) ** 2)) < 0.03
    normal = np.abs(line.values - here) <= 1.645 * line.error
    assert 0.80 < normal[np.isfinite(line.values)].mean() < 0.97


def test_the_band_is_widest_where_nobody_looked() -> None:
    days, values, _ = noisy(dates=60)
    values[:, (days > 150) & (days < 200)] = np.nan
    line = smooth(days, values, np.ones(values.shape))
    width = np.median(line.high - line.low, axis=0)
    gap = int(175 - line.days[0])
    assert width[gap] > 1.3 * np.median(width)
    assert (line.gap[:, gap] >= 50).all()
    assert (line.gap[np.isfinite(values)[:, 0], 0] == 0).all()


def test_gaps_at_the_ends_stay_gaps_and_values_are_not_touched() -> None:
    days, values, _ = noisy(count=2)
    values[0, :10] = np.nan
    before = values.copy()
    line = smooth(days, values, np.ones(values.shape))
    np.testing.assert_array_equal(values, before)
    ends = line.days < days[10]
    assert np.isnan(line.values[0, ends]).all()
    assert np.isfinite(line.values[1]).all()


@pytest.mark.parametrize("dates", [1, 2, LEAST_DATES - 1, LEAST_DATES])
def test_too_few_dates_give_no_band(dates: int) -> None:
    days, values, _ = noisy(count=1, dates=dates)
    line = smooth(days, values, np.ones(values.shape))
    assert np.isfinite(line.values).any() == (dates == LEAST_DATES)


def test_half_clouded_observations_count_for_less() -> None:
    days, values, truth = noisy(noise=0.005, seed=3)
    valid = np.ones(values.shape)
    values[:, ::4] -= 0.1
    equal = smooth(days, values, valid)
    valid[:, ::4] = 0.3
    weighed = smooth(days, values, valid)
    here = truth[:, weighed.days.astype(int) - 1]
    errors = [np.nanmean(np.abs(line.values - here)) for line in (weighed, equal)]
    assert errors[0] < 0.9 * errors[1]
