"""Kernels that choose pixels and sort them, against their slow twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.kernels.zonal import keep_codes, keep_listed, keep_valid, pick, quantiles, runs

rows = st.lists(st.tuples(st.integers(0, 880), st.integers(1, 20)), max_size=30)


def pixels_of(told):
    """Flat pixels as parcels have them: some that follow each other, and then a jump."""
    parts = [np.arange(first, first + length) for first, length in told]
    return np.concatenate([*parts, np.empty(0, int)]).astype(np.int32)


@given(told=rows, most=st.integers(1, 25))
def test_runs_say_the_same_as_the_pixels(told, most):
    index = pixels_of(told)
    found = runs(index, most)
    again = [np.arange(first, first + length) for first, length in found.tolist()]
    np.testing.assert_array_equal(np.concatenate([*again, np.empty(0, int)]), index)
    assert (found[:, 1] <= most).all()
    assert (found[:, 1] >= 1).all()
    jumps = int((np.diff(index) != 1).sum()) + (index.size > 0)
    assert len(found) == jumps or most < index.size


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32])
@given(told=rows, seed=st.integers(0, 9))
def test_numbers_and_validity_are_taken_under_the_pixels(dtype, told, seed):
    made = np.random.default_rng(seed)
    index = pixels_of(told)
    values = made.integers(0, 200, 900).astype(dtype)
    valid = made.random(900) < 0.8
    usable = made.random(index.size) < 0.7
    expected = usable & valid[index]
    out = np.full(index.size, np.nan)
    found = runs(index, 7)
    pick(found, values, 0.5, -3.0, out)
    keep_valid(found, valid, usable)
    np.testing.assert_array_equal(out, values[index].astype(np.float64) * 0.5 - 3.0)
    np.testing.assert_array_equal(usable, expected)


@pytest.mark.parametrize("wanted", [(), (4,), (0, 4, 255), tuple(range(256))])
def test_codes_by_table_and_by_comparison_choose_the_same(wanted):
    made = np.random.default_rng(len(wanted))
    index = pixels_of([(int(first), 17) for first in made.integers(0, 880, 300)])
    codes = made.integers(0, 256, 900).astype(np.uint8)
    before = made.random(index.size) < 0.7
    twin = before & np.isin(codes, wanted)[index]
    by_table, by_comparison = before.copy(), before.copy()
    found = runs(index, 1000)
    keep_listed(found, codes, np.isin(np.arange(256), wanted), by_table)
    keep_codes(found, codes, np.array(wanted, np.float64), by_comparison)
    np.testing.assert_array_equal(by_table, twin)
    np.testing.assert_array_equal(by_comparison, twin)


def test_the_order_of_the_pixels_does_not_matter():
    made = np.random.default_rng(1)
    values = made.integers(0, 6, 400).astype(np.float64)  # many that are equal
    share = made.random(400).astype(np.float32)
    starts, usable = np.array([0, 400]), np.ones(400, np.bool_)
    wanted = np.linspace(0, 1, 21)
    first = quantiles(starts, values, share, usable, wanted)
    for _ in range(5):
        order = made.permutation(400)
        other = quantiles(starts, values[order], share[order], usable, wanted)
        assert first.tobytes() == other.tobytes()


def test_equal_weights_give_the_usual_quantile():
    made = np.random.default_rng(2)
    values = np.round(made.random(301), 1)
    starts, usable = np.array([0, 301]), np.ones(301, np.bool_)
    wanted = np.linspace(0, 1, 11)
    found = quantiles(starts, values, np.full(301, 0.5, np.float32), usable, wanted)
    np.testing.assert_allclose(found[0], np.quantile(values, wanted), rtol=1e-12)
