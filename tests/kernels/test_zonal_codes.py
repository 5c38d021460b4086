"""Percentiles do not depend on the order of the pixels."""

from __future__ import annotations

import numpy as np

from landzicht.kernels.zonal import quantiles


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
