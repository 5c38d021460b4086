"""Kernels that choose pixels and sort them, against their slow twins."""

from __future__ import annotations

import numpy as np
import pytest

from landzicht.kernels.zonal import keep_codes, keep_listed, quantiles


@pytest.mark.parametrize("wanted", [(), (4,), (0, 4, 255), tuple(range(256))])
def test_codes_by_table_and_by_comparison_choose_the_same(wanted):
    made = np.random.default_rng(len(wanted))
    index = made.integers(0, 900, 5_000).astype(np.int32)
    codes = made.integers(0, 256, 900).astype(np.uint8)
    valid = made.random(900) < 0.8
    before = made.random(5_000) < 0.7
    twin = before & np.isin(codes, wanted)[index] & valid[index]
    by_table, by_comparison = before.copy(), before.copy()
    keep_listed(index, codes, valid, np.isin(np.arange(256), wanted), by_table)
    keep_codes(index, codes, valid, np.array(wanted, np.float64), by_comparison)
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
