"""Taking pixels out of pieces of an image, against plain indexing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.grid import Window
from landzicht.kernels.gather import (
    AT,
    COLUMN,
    LENGTH,
    ROW,
    keep_listed,
    physical,
    runs_by_box,
    take,
)
from landzicht.kernels.gather import keep_valid as drop
from landzicht.series.gather import SIDE, runs_of

windows = st.tuples(*[st.integers(0, 60)] * 2, *[st.integers(1, 60)] * 2)


def pixels_in(height, width, seed):
    """Flat pixels as parcels have them: rows of some length, in any order, some twice."""
    made = np.random.default_rng(seed)
    parts = []
    for _ in range(made.integers(0, 40)):
        row, first = made.integers(0, height), made.integers(0, width)
        last = made.integers(first, width)
        parts.append(np.arange(row * width + first, row * width + last + 1))
    return np.concatenate([*parts, np.empty(0, int)]).astype(np.int32)


def boxes_of(window, side):
    row, column, height, width = window
    return -(-(row % side + height) // side) * -(-(column % side + width) // side)


@given(window=windows, side=st.integers(1, 70), seed=st.integers(0, 99))
def test_runs_lie_in_one_box_and_say_the_same_as_the_pixels(window, side, seed):
    row, column, height, width = window
    index = pixels_in(height, width, seed)
    begins, runs = runs_by_box(
        index, width, row % side, column % side, side, boxes_of(window, side)
    )
    again = np.full(index.size, -1)
    for first_row, first, length, at in runs.tolist():
        again[at : at + length] = np.arange(length) + first_row * width + first
    np.testing.assert_array_equal(again, index)
    assert begins[0] == 0
    assert begins[-1] == len(runs)
    across = -(-(column % side + width) // side)
    for box in range(begins.size - 1):
        some = runs[begins[box] : begins[box + 1]]
        assert ((some[:, ROW] + row % side) // side == box // across).all()
        for end in (0, some[:, LENGTH] - 1):
            assert ((some[:, COLUMN] + end + column % side) // side == box % across).all()
        assert (np.diff(some[:, AT]) > 0).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32])
@given(window=windows, side=st.integers(1, 70), seed=st.integers(0, 99))
def test_numbers_come_out_of_each_piece(dtype, window, side, seed):
    """Pieces with rows of other pixels before, between and behind theirs, as in a block."""
    row, column, height, width = window
    made = np.random.default_rng(seed)
    index = pixels_in(height, width, seed)
    image = made.integers(0, 200, (height, width)).astype(dtype)
    begins, runs = runs_by_box(
        index, width, row % side, column % side, side, boxes_of(window, side)
    )
    out, box = np.full(index.size, 99, dtype), 0
    for down in range(row // side, -(-(row + height) // side)):
        for across in range(column // side, -(-(column + width) // side)):
            top, left = max(0, down * side - row), max(0, across * side - column)
            piece = image[top : (down + 1) * side - row, left : (across + 1) * side - column]
            stored = np.pad(piece, ((0, 0), (0, 3)), constant_values=77)
            flat = stored.reshape(-1)[: stored.size - 3]
            stride = stored.shape[1]
            take(runs[begins[box] : begins[box + 1]], flat, -top * stride - left, stride, out)
            box += 1
    np.testing.assert_array_equal(out, image.reshape(-1)[index])


@given(window=windows, seed=st.integers(0, 99))
def test_pixels_without_a_number_are_dropped(window, seed):
    row, column, height, width = window
    made = np.random.default_rng(seed)
    index = pixels_in(height, width, seed)
    valid, usable = made.random(height * width) < 0.8, made.random(index.size) < 0.7
    expected = usable & valid[index]
    drop(runs_of(index, Window(row, column, height, width)).runs, valid, width, usable)
    np.testing.assert_array_equal(usable, expected)


def test_runs_of_a_part_are_those_of_its_boxes():
    window = Window(700, 300, 2 * SIDE, 3 * SIDE)
    index = np.arange(window.height * window.width, dtype=np.int32)
    runs = runs_of(index, window)
    for part in (Window(1024, 300, 512, 724), Window(700, 1536, 324, 300), window):
        seen = np.zeros((window.height, window.width), int)
        for some in runs.within(part):
            for row, column, length, _ in some.tolist():
                seen[row, column : column + length] += 1
        rows = slice(part.row - window.row, part.stop_row - window.row)
        columns = slice(part.column - window.column, part.stop_column - window.column)
        assert (seen[rows, columns] == 1).all()
        assert seen.sum() == part.height * part.width


@pytest.mark.parametrize("wanted", [(), (4,), (0, 4, 255), tuple(range(256))])
def test_codes_that_are_not_wanted_are_dropped(wanted):
    made = np.random.default_rng(len(wanted))
    codes = made.integers(0, 256, 3000).astype(np.uint8)
    usable = made.random(codes.size) < 0.7
    expected = usable & np.isin(codes, wanted)
    keep_listed(codes, np.isin(np.arange(256), wanted), usable)
    np.testing.assert_array_equal(usable, expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32])
def test_physical_values_have_the_bits_of_numpy(dtype):
    values = np.random.default_rng(1).integers(0, 200, 1000).astype(dtype)
    out = np.full(values.size, np.nan)
    physical(values, 1e-4, -0.1, out)
    np.testing.assert_array_equal(out, values.astype(np.float64) * 1e-4 + -0.1)
