"""Where a parcel stands among others: against counting, and what may not come out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.series.peers import COARSE, LEAST_GROUP, STEP, compare


def test_quantiles_and_percentile_of_a_known_group() -> None:
    group = np.linspace(0.0, 1.0, 41)[:, None].repeat(2, 1)
    told = compare(np.array([0.26, np.nan]), group)
    assert told.size.tolist() == [40, 40]
    np.testing.assert_allclose(told.low, 0.1)
    np.testing.assert_allclose(told.middle, 0.5)
    np.testing.assert_allclose(told.high, 0.9)
    assert told.percentile[0] == 25
    assert np.isnan(told.percentile[1])


@pytest.mark.parametrize(("count", "told"), [(LEAST_GROUP - 1, False), (LEAST_GROUP, True)])
def test_a_small_group_is_not_told_of(count: int, told: bool) -> None:
    group = np.full((20, 1), np.nan)
    group[:count, 0] = 0.5
    answer = compare(np.array([0.5]), group)
    for each in (answer.size, answer.low, answer.middle, answer.high, answer.percentile):
        assert np.isfinite(each[0]) == told


@given(
    st.lists(st.floats(-1, 1), min_size=LEAST_GROUP, max_size=60),
    st.floats(-1, 1),
    st.randoms(use_true_random=False),
)
def test_answers_are_coarse_in_order_and_do_not_depend_on_order(values, own, random) -> None:
    told = compare(np.array([own]), np.array(values)[:, None])
    mixed = list(values)
    random.shuffle(mixed)
    again = compare(np.array([own]), np.array(mixed)[:, None])
    assert told.low[0] == again.low[0]
    assert told.percentile[0] == again.percentile[0]
    assert told.low[0] <= told.middle[0] <= told.high[0]
    assert 0 <= told.percentile[0] <= 100
    assert told.percentile[0] % COARSE == 0
    assert told.size[0] % COARSE == 0
    assert told.size[0] <= len(values)
    assert abs(told.middle[0] - np.median(values)) <= STEP / 2 + 1e-9


def test_one_value_cannot_be_found_back_by_taking_one_parcel_away() -> None:
    """In 200 groups the answers with and without a parcel hardly ever tell its value."""
    rng = np.random.default_rng(3)
    near = 0
    for _ in range(200):
        group = rng.normal(0.6, 0.1, (30, 1))
        whole, less = (compare(np.array([0.5]), part) for part in (group, group[1:]))
        # What an attacker can do with sums: value = n * mean - (n - 1) * mean of the rest.
        guess = 30 * whole.middle[0] - 29 * less.middle[0]
        near += abs(guess - group[0, 0]) < 0.02
    assert near < 30, "a guess at random is as good"
