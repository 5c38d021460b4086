"""Fused painting against twins in numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.kernels.shade import shade_ratio, shade_three

SOURCE, TARGET = 60, 5000  # more than one piece


def scenery(seed, dtype, count):
    chance = np.random.default_rng(seed)
    index = chance.integers(-1, SOURCE, TARGET).astype(np.int32)
    bands = [chance.integers(0, np.iinfo(dtype).max, SOURCE, dtype) for _ in range(count)]
    valid = chance.random(SOURCE) > (0.2 if seed % 2 else 0)
    shown = (index >= 0) & valid[index]
    holes = [int(chance.choice([-1, 0, *band[:3]])) for band in bands]  # mostly one that occurs
    for band, hole in zip(bands, holes, strict=True):
        shown &= band[index] != hole
    return chance, index, bands, (valid[:0] if valid.all() else valid, tuple(holes)), shown


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_three(dtype, seed):
    chance, index, bands, known, shown = scenery(seed, dtype, 3)
    tables = chance.integers(0, 256, (3, np.iinfo(dtype).max + 1)).astype(np.uint8)
    out, usable = np.full((TARGET, 3), 77, np.uint8), np.zeros(TARGET, np.bool_)
    assert shade_three(index, *bands, *known, tables, out, usable) == shown.sum()
    np.testing.assert_array_equal(usable, shown)
    for number, band in enumerate(bands):
        expected = np.where(shown, tables[number][band[index]], 0)
        np.testing.assert_array_equal(out[:, number], expected)


def test_three_with_one_hole():
    """Of many pixels a single one is nodata, anywhere in a piece, in any channel."""
    index, valid = np.arange(TARGET, dtype=np.int32), np.zeros(0, np.bool_)
    tables = np.repeat(np.arange(1, 257, dtype=np.uint8)[None], 3, axis=0)
    for place in (0, 1, 31, 2047, 2048, TARGET - 1):
        for channel in range(3):
            bands = [np.full(TARGET, 9, np.uint8) for _ in range(3)]
            bands[channel][place] = 7
            out, usable = np.empty((TARGET, 3), np.uint8), np.empty(TARGET, np.bool_)
            holes = tuple(7 if number == channel else -1 for number in range(3))
            assert shade_three(index, *bands, valid, holes, tables, out, usable) == TARGET - 1
            assert np.flatnonzero(~usable).tolist() == [place]
            assert np.flatnonzero(~out.any(axis=1)).tolist() == [place]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), offset=st.sampled_from([0.0, -0.1]), zero=st.booleans())
def test_ratio(seed, offset, zero):
    chance, index, (plus, minus), (valid, holes), shown = scenery(seed, "uint16", 2)
    if zero:  # 0 / 0 has no value
        plus[:20] = minus[:20] = 0
        holes = (-1, -1)
        shown = (index >= 0) & (valid[index] if valid.size else True)
    scales = np.array([[1e-4, offset], [1e-4, offset]] if offset else [[1, 0], [1, 0]], np.float32)
    steps = np.array([chance.uniform(20, 300), 100.5, 1, 255], np.float32)
    out, usable = np.full(TARGET, 77, np.uint8), np.zeros(TARGET, np.bool_)
    told = shade_ratio(index, plus, minus, valid, holes, scales, steps, out, usable)
    a = plus[index].astype(np.float32) * scales[0, 0] + scales[0, 1]
    b = minus[index].astype(np.float32) * scales[1, 0] + scales[1, 1]
    with np.errstate(all="ignore"):
        value = (a - b) / (a + b)
        shade = np.clip(value * steps[0] + steps[1], steps[2], steps[3])
    seen = shown & np.isfinite(value)
    assert told == shown.sum()
    np.testing.assert_array_equal(usable, seen)
    np.testing.assert_array_equal(out, np.where(seen, np.nan_to_num(shade), 0).astype(np.uint8))
