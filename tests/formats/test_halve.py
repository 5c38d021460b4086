"""Overviews: exact averages and modes, whatever the size, against per-pixel twins."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from landzicht.formats.halve import average, mode, taps

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9))
DTYPES = st.sampled_from([np.uint8, np.int8, np.uint16, np.int16, np.int32, np.float32])


def shares(old: int) -> list[dict[int, Fraction]]:
    """For each new pixel: which old ones it covers, exactly."""
    new = math.ceil(old / 2)
    found = []
    for cell in range(new):
        low, high = Fraction(cell * old, new), Fraction((cell + 1) * old, new)
        covered = {i: min(high, i + 1) - max(low, i) for i in range(old)}
        found.append({i: share for i, share in covered.items() if share > 0})
    return found


def pieces(values, valid):
    for rows in shares(values.shape[0]):
        for columns in shares(values.shape[1]):
            yield [
                (values[y, x], a * b)
                for y, a in rows.items()
                for x, b in columns.items()
                if valid[y, x]
            ]


@st.composite
def images(draw):
    shape, dtype = draw(SHAPES), draw(DTYPES)
    if dtype is np.float32:
        elements = st.floats(-1000, 1000, width=32)
    else:
        info = np.iinfo(dtype)
        elements = st.integers(int(info.min), int(info.max))
    values = draw(arrays.arrays(dtype, shape, elements=elements))
    valid = draw(arrays.arrays(np.bool_, shape))
    return values, valid


@given(st.integers(1, 3000))
def test_each_old_pixel_is_used_up_exactly(old: int) -> None:
    t = taps(old)
    used = np.zeros(old + 3)
    for tap, weight in enumerate(t.weights):
        np.add.at(used, t.first + tap, weight)
    assert np.allclose(used[:old], 1)
    assert np.allclose(used[old:], 0)
    assert np.allclose(t.weights.sum(axis=0), old / math.ceil(old / 2))


@given(images())
def test_average_is_the_area_weighted_mean_of_usable_pixels(image) -> None:
    values, valid = image
    made, usable = average(values, valid, taps(values.shape[0]), taps(values.shape[1]))
    assert made.dtype == values.dtype
    for got, flag, parts in zip(made.ravel(), usable.ravel(), pieces(values, valid), strict=True):
        assert flag == bool(parts)
        if parts:
            total = sum(Fraction(float(value)) * share for value, share in parts)
            mean = total / sum(share for _, share in parts)
            if values.dtype.kind == "f":
                assert float(got) == pytest.approx(float(mean), abs=1e-3, rel=1e-6)
            else:
                assert abs(Fraction(int(got)) - mean) <= Fraction(1, 2) + Fraction(1, 10**6)


@given(images())
def test_all_usable_is_the_same_as_no_mask(image) -> None:
    values, _ = image
    size = taps(values.shape[0]), taps(values.shape[1])
    for reduce in (average, mode):
        masked, usable = reduce(values, np.ones(values.shape, np.bool_), *size)
        plain, nothing = reduce(values, None, *size)
        assert nothing is None
        assert usable.all()
        np.testing.assert_array_equal(masked, plain)


@given(images())
def test_mode_covers_most_of_the_new_pixel(image) -> None:
    values, valid = image
    values = values % 3
    made, usable = mode(values, valid, taps(values.shape[0]), taps(values.shape[1]))
    for got, flag, parts in zip(made.ravel(), usable.ravel(), pieces(values, valid), strict=True):
        assert flag == bool(parts)
        if parts:
            votes = defaultdict(Fraction)
            for value, share in parts:
                votes[value] += share
            assert votes[got] >= max(votes.values()) - Fraction(1, 10**6)
