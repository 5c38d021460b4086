"""Cubic, average and mode against slow twins that follow their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.kernels.resample import AVERAGE, CUBIC, MODE, resample


def keys(d):
    """The cubic of Keys (1981) with a = -1/2."""
    d = abs(d)
    if d < 1:
        return 1.5 * d**3 - 2.5 * d**2 + 1
    return -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2 if d < 2 else 0.0


def twin(values, valid, centre, shrink, kind):
    """One target pixel, from every source pixel there is."""
    (y, x), weights, possible = centre, {}, 0.0
    total = weight = 0.0
    height, width = values.shape
    for j in range(height):
        for i in range(width):
            if kind == CUBIC:
                s = [max(1.0, part) for part in shrink]
                share = keys((j + 0.5 - y) / s[0]) * keys((i + 0.5 - x) / s[1])
            else:
                covered = [
                    max(0.0, min(p + 1, at + s / 2) - max(p, at - s / 2))
                    for p, at, s in ((j, y, shrink[0]), (i, x, shrink[1]))
                ]
                share = covered[0] * covered[1]
            possible += share
            if valid[j, i] and share:
                weight += share
                total += share * values[j, i]
                weights[values[j, i]] = weights.get(values[j, i], 0.0) + share
    if weight <= 0 or weight < 0.5 * possible - 1e-12:
        return None, weights
    return total / weight, weights


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([CUBIC, AVERAGE, MODE]),
    st.floats(0.3, 5.0),
    st.floats(-2.0, 2.0),
    st.integers(0, 10**6),
    st.floats(0.2, 1.0),
)
def test_equals_the_definition(kind, step, offset, seed, share):
    rng = np.random.default_rng(seed)
    height, width, side = 12, 14, 4
    whole = (
        rng.integers(0, 4, (height, width)) if kind == MODE else rng.normal(0, 9, (height, width))
    )
    values = whole.astype(np.float64)
    valid = rng.random((height, width)) < share
    at = offset + step * np.array([0.0, side])
    nodes = np.stack(np.meshgrid(at, at))
    out, usable = np.zeros((side, side)), np.zeros((side, side), np.bool_)
    args = (nodes, 0.0, float(side), float(side), 0, 0, side, side, step, step)
    resample(*args, values[None], valid[None], out[None], usable[None], kind)
    for r in range(side):
        for c in range(side):
            y, x = offset + step * (r + 0.5), offset + step * (c + 0.5)
            if not (0 <= y < height and 0 <= x < width):
                assert not usable[r, c]
                continue
            truth, weights = twin(values, valid, (y, x), (step, step), kind)
            if truth is None:
                assert not usable[r, c] or share < 1
                continue
            assert usable[r, c]
            if kind == MODE:
                assert weights[out[r, c]] >= max(weights.values()) - 1e-6
            else:
                assert out[r, c] == pytest.approx(truth, rel=1e-6, abs=1e-6)


def test_a_constant_stays_what_it_is():
    values, valid = np.full((9, 9), 7.25), np.ones((9, 9), np.bool_)
    nodes = np.stack(np.meshgrid([0.0, 9.0], [0.0, 9.0]))
    for kind in (CUBIC, AVERAGE, MODE):
        for side in (4, 9, 20):
            out, usable = np.zeros((side, side)), np.zeros((side, side), np.bool_)
            step = 9 / side
            args = (nodes, 0.0, float(side), float(side), 0, 0, side, side, step, step)
            resample(*args, values[None], valid[None], out[None], usable[None], kind)
            assert usable.all()
            np.testing.assert_allclose(out, 7.25)
