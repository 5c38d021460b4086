"""Values that missed clouds spoilt: made dips, and recall and precision against the truth."""

import numpy as np
import pytest

from landzicht.series.outliers import CLOUD_SEEN, DIP, HARDLY_SEEN, REASONS, doubts
from landzicht.testing.seasons import season


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_what_the_mask_missed_more_than_half_is_found(seed: int) -> None:
    """On Zonderland: recall 0.55-0.56, precision 0.83-0.92 for these seeds, at 60 dates.

    Spoilt: 0.06 of NDVI or more below the truth, under real cloud or shadow, though the
    classification called half of the parcel or more usable. Right: there was cloud or shadow.
    """
    year = season(seed, 192)
    flagged = doubts(year.days, year.values, year.valid).flagged
    seen = np.isfinite(year.values) & year.settled & (year.valid >= 0.5)
    spoilt = seen & (year.state - year.values > 0.06) & (year.clear < 0.95)
    told = flagged & seen
    assert spoilt.sum() > 400
    assert (told & spoilt).sum() / spoilt.sum() > 0.5
    assert (told & (year.clear < 0.95)).sum() / told.sum() > 0.78
    clear = seen & (year.clear > 0.999)
    assert (told & clear).sum() / clear.sum() < 0.05
    # And what is left is nearer to the truth, mostly where it matters: far below it.
    off = np.where(seen, year.values - year.state, np.nan)
    assert np.nanquantile(np.where(told, np.nan, off), 0.05) > 0.9 * np.nanquantile(off, 0.05)


def steady(value=0.8, dates=9):
    return np.arange(dates) * 10.0, np.full((1, dates), value), np.ones((1, dates))


def test_a_dip_is_told_with_its_depth_and_reason() -> None:
    days, values, valid = steady()
    values[0, 4] = 0.5
    found = doubts(days, values, valid)
    assert found.flagged.nonzero()[1].tolist() == [4]
    assert found.depth[0, 4] == pytest.approx(0.3)
    assert REASONS[found.code[0, 4]] is DIP
    assert not found.clouded.any()
    assert values[0, 4] == 0.5


def test_with_a_cloud_on_the_parcel_less_is_enough() -> None:
    days, values, valid = steady()
    values[0, [2, 6]] = 0.72
    valid[0, 6] = 0.8
    found = doubts(days, values, valid)
    assert found.flagged.nonzero()[1].tolist() == [6]
    assert REASONS[found.code[0, 6]] is CLOUD_SEEN
    assert found.clouded[0, 6]


def test_hardly_seen_is_doubted_and_does_not_judge_others() -> None:
    days, values, valid = steady()
    values[0, 4], valid[0, 4] = 1.5, 0.2
    found = doubts(days, values, valid)
    assert found.flagged.nonzero()[1].tolist() == [4]
    assert REASONS[found.code[0, 4]] is HARDLY_SEEN


def test_two_spoilt_dates_in_a_row_are_found() -> None:
    days, values, valid = steady()
    values[0, [3, 4]] = 0.3, 0.5
    assert doubts(days, values, valid).flagged.nonzero()[1].tolist() == [3, 4]


def test_a_harvest_a_peak_and_the_ends_are_no_dips() -> None:
    days, values, valid = steady()
    values[0, 5:] = 0.2
    values[0, 2] = 1.0
    assert not doubts(days, values, valid).flagged.any()
    values = np.full((1, 9), 0.8)
    values[0, [0, 8]] = 0.1
    assert not doubts(days, values, valid).flagged.any()


def test_neighbours_far_away_in_time_say_nothing() -> None:
    days, values, valid = steady()
    values[0, 4] = 0.3
    assert doubts(days, values, valid).flagged.any()
    assert not doubts(days * 6, values, valid).flagged.any()


def test_gaps_stay_gaps_and_parcels_do_not_mix() -> None:
    days, values, valid = steady()
    values = np.repeat(values, 3, 0)
    valid = np.repeat(valid, 3, 0)
    values[1, :] = np.nan
    values[2, 4] = 0.2
    found = doubts(days, values, valid)
    assert found.flagged.sum(axis=1).tolist() == [0, 0, 1]
    assert not doubts(np.empty(0), np.empty((2, 0)), np.empty((2, 0))).flagged.any()
