"""Parcels over each other and over many cells: put together from parts, without keeping it all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.grid import Grid
from landzicht.kinds import Asset, Band, Block
from landzicht.runners import Inline, Threads
from landzicht.series import divide as dividing
from landzicht.series import run as running
from landzicht.series.divide import CELL, cells_of, divide, touched
from landzicht.series.measure import cover_of
from landzicht.series.plan import Question, overpasses
from landzicht.series.run import measure
from landzicht.series.samples import Sample, Waiting, joined
from landzicht.series.shapes import parcels_of
from landzicht.series.statistics import merge, parse_statistics, summarise
from landzicht.testing.scenes import make_scene

UTM31 = "EPSG:32631"
SIDE = 2 * CELL + 100
GRID = Grid(crs=UTM31, transform=Affine(10, 0, 600_000, 0, -10, 5_800_000), height=SIDE, width=SIDE)
RED = Band(name="B04", dtype="uint16", nodata=0, scale=1e-4)
QUESTION = Question(keys=("B04",), formula=lambda bands: bands["B04"])


@dataclass(frozen=True)
class InMemory:
    """A reader of one image."""

    image: Any

    def levels(self, asset):
        return (asset.grid,)

    def read(self, asset, level, window):
        rows = slice(window.row, window.stop_row)
        values = self.image[rows, window.column : window.stop_column]
        valid = values != 0
        return Block(
            values=values[None], valid=valid[None], grid=asset.grid.crop(window), bands=(RED,)
        )


@pytest.fixture(scope="module")
def image():
    made = np.random.default_rng(5)
    values = made.integers(1, 9_000, GRID.shape).astype(np.uint16)
    values[made.random(GRID.shape) < 0.1] = 0
    return values


@pytest.fixture(scope="module")
def shapes():
    """Fields, some many times; a ring and a frame over all nine cells; a strip over the corners."""
    made, around = np.random.default_rng(3), GRID.bounds
    some = []
    for number in range(60):
        x = made.uniform(around.west + 300, around.east - 300)
        y = made.uniform(around.south + 300, around.north - 300)
        box = shapely.box(x, y, x + made.uniform(5, 200), y + made.uniform(5, 200))
        some += [shapely.affinity.rotate(box, made.uniform(0, 90))] * (1 + 40 * (number % 20 == 0))
    middle = shapely.Point((around.west + around.east) / 2, (around.south + around.north) / 2)
    some.append(middle.buffer(10_300).difference(middle.buffer(9_600)))
    some.append(shapely.box(*middle.buffer(9_000).bounds).difference(middle.buffer(8_900)))
    some.append(shapely.LineString([(around.west, around.south), (around.east, around.north)]))
    some[-1] = some[-1].buffer(15)
    return some


def run(image, shapes, names, edges=(), runner=None):
    flat = np.empty(len(shapes), object)
    flat[:] = shapes
    parcels = parcels_of([f"p{n}" for n in range(len(shapes))], flat, UTM31)
    asset = Asset(key="B04", href="red", band=RED, grid=GRID, size=1, sha256="0" * 64)
    moment = datetime(2025, 5, 1, 10, 30, tzinfo=UTC)
    scene = make_scene("a", moment=moment, assets={"B04": asset})
    wanted = parse_statistics(names, edges)
    passes = overpasses([scene], QUESTION)
    (found,) = measure(parcels, passes, QUESTION, wanted, (InMemory(image), runner or Inline()))
    return found, wanted


def test_groups_of_a_cell_give_the_same_bits(image, shapes, monkeypatch):
    names, edges = ["mean", "std", "min", "max", "median", "p90"], [0, 0.2, 0.5, 1]
    whole, _ = run(image, shapes, names, edges)
    made = []

    def few(land):
        cells = list(cells_of(land, most=2_000))
        made.extend(cells)
        return iter(cells)

    monkeypatch.setattr(running, "cells_of", few)
    found, _ = run(image, shapes, names, edges, Threads(workers=2))
    assert len(made) > 30
    assert max(cell.members.size for cell in made) < 60
    np.testing.assert_array_equal(found.table, whole.table)
    np.testing.assert_array_equal(found.seen, whole.seen)
    assert found.scenes == whole.scenes


def test_ordinary_parcels_are_never_read_twice(image):
    """A whole cell of small fields that do not overlap stays one cell."""
    around = GRID.bounds
    side = 30.0
    xs, ys = np.meshgrid(np.arange(CELL * 10 // side), np.arange(CELL * 10 // side))
    west, north = around.west + xs.ravel() * side, around.north - ys.ravel() * side
    boxes = shapely.box(west + 1, north - side + 1, west + side - 1, north - 1)
    parcels = parcels_of([str(n) for n in range(boxes.size)], boxes, UTM31)
    (land,) = divide(parcels, [GRID]).territories
    assert len(list(cells_of(land))) == 1
    assert boxes.size > 100_000


def test_every_member_closes_once_and_in_its_last_cell(shapes):
    flat = np.empty(len(shapes), object)
    flat[:] = shapes
    (land,) = divide(
        parcels_of([str(n) for n in range(len(shapes))], flat, UTM31), [GRID]
    ).territories
    last, closed = {}, {}
    for number, cell in enumerate(cells_of(land, most=5_000)):
        for member, closes in zip(cell.members.tolist(), cell.closes.tolist(), strict=True):
            last[member] = number
            if closes:
                assert member not in closed
                closed[member] = number
    assert closed == {member: last[member] for member in last if land.whole[member]}
    assert len(closed) == len(last) - 1, "the strip leaves the grid: it may go on elsewhere"


@pytest.mark.parametrize("names", [["mean", "std", "min", "max"], ["mean", "median", "p10"]])
def test_parcels_over_cells_equal_all_their_pixels_at_once(image, shapes, names):
    """Against plain sums over the whole image, for those of several cells."""
    edges = [0, 0.25, 0.5, 1]
    found, wanted = run(image, shapes, names, edges)
    flat = np.empty(3, object)
    flat[:] = shapes[-3:]
    (land,) = divide(parcels_of(list("abc"), flat, UTM31), [GRID]).territories
    cover = cover_of(land.shapes, *GRID.shape)
    numbers = image.reshape(-1)[cover.index]
    values, usable = numbers * 1e-4, numbers != 0
    order = np.argsort(land.members)
    expected = summarise(cover.starts, values, cover.share, usable, wanted)[order]
    np.testing.assert_allclose(found.table[-3:], expected, rtol=1e-10)
    # Totals of shares are float32 sums made in another order.
    np.testing.assert_allclose(found.seen[-3:], expected[:, 0], rtol=1e-6)


def test_moments_do_not_depend_on_whether_percentiles_are_asked(image, shapes):
    plain, wanted = run(image, shapes, ["mean", "std", "min", "max", "count"])
    both, more = run(image, shapes, ["mean", "std", "min", "max", "count", "median"])
    np.testing.assert_array_equal(wanted.pick(plain.table), more.pick(both.table)[:, :5])


_numbers = st.lists(st.floats(-1e6, 1e6), max_size=30)


@given(_numbers, _numbers, st.randoms(use_true_random=False))
def test_merging_is_measuring_together(first, second, chance):
    wanted = parse_statistics(["mean", "std", "min", "max", "count"], [-1e6, 0, 10, 1e6])

    def table(values, shares):
        starts = np.array([0, len(values)])
        array, share = np.array(values, np.float64), np.array(shares, np.float32)
        return summarise(starts, array, share, np.ones(array.size, np.bool_), wanted)

    shares = [[chance.uniform(0.01, 1) for _ in each] for each in (first, second)]
    found = merge(table(first, shares[0]), table(second, shares[1]), wanted)
    expected = table([*first, *second], [*shares[0], *shares[1]])
    scale = max([1.0, *map(abs, [*first, *second])])
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * scale)


def test_merging_loses_no_digits_far_from_zero():
    wanted = parse_statistics(["std"])
    made = np.random.default_rng(1).normal(1e9, 1.0, 10_000)
    share, usable = np.ones(5_000, np.float32), np.ones(5_000, np.bool_)
    one, other = (
        summarise(np.array([0, 5_000]), half, share, usable, wanted)
        for half in (made[:5_000], made[5_000:] + 3)
    )
    expected = np.concatenate((made[:5_000], made[5_000:] + 3)).std()
    assert merge(one, other, wanted)[0, 2] == pytest.approx(expected, rel=1e-6)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.floats(-20, 120), st.floats(-20, 120)), min_size=3, max_size=9),
    st.integers(0, 3),
)
def test_never_more_pixels_than_told(corners, shift):
    shape = shapely.Polygon([(x / (1 + shift), y) for x, y in corners]).buffer(0)
    if shape.is_empty or shape.geom_type != "Polygon":
        return
    flat = np.empty(1, object)
    flat[0] = shape
    parcels = parcels_of(["p"], flat, "")
    cover = cover_of(parcels, 100, 100)
    assert cover.index.size <= touched(parcels)[0]


def test_corners_far_from_a_cell_are_left_out_and_change_no_bit(monkeypatch):
    """A coast of 200,000 corners over six cells, with a lake."""
    around, made = GRID.bounds, np.random.default_rng(7)
    angles = np.linspace(0, 2 * np.pi, 200_000, endpoint=False)
    far = 9_000 + 700 * np.sin(angles * 40) + made.uniform(-3, 3, angles.size)
    x, y = (around.west + around.east) / 2, (around.south + around.north) / 2
    coast = shapely.Polygon(np.column_stack((x + far * np.cos(angles), y + far * np.sin(angles))))
    shape = shapely.make_valid(coast.difference(shapely.Point(x, y).buffer(4_000, 2_000)))
    flat = np.empty(1, object)
    flat[0] = max(shapely.get_parts(shape), key=lambda part: part.area)
    flat[0] = flat[0].union(shapely.box(around.west, around.south, around.west + 9, around.north))
    parcels = parcels_of(["p"], flat, UTM31)
    (land,) = divide(parcels, [GRID]).territories
    thin = list(cells_of(land))
    monkeypatch.setattr(dividing, "_MANY_CORNERS", 10**9)
    whole = list(cells_of(land))
    assert len(thin) == len(whole) == 6
    corners = sum(cell.shapes.xs.size for cell in thin)
    assert corners < 3 * parcels.xs.size < 0.6 * sum(cell.shapes.xs.size for cell in whole)
    for one, other in zip(thin, whole, strict=True):
        assert one.window == other.window
        found, expected = (
            cover_of(cell.shapes, cell.window.height, cell.window.width) for cell in (one, other)
        )
        np.testing.assert_array_equal(found.starts, expected.starts)
        np.testing.assert_array_equal(found.index, expected.index)
        np.testing.assert_array_equal(found.share, expected.share)


def test_values_wait_no_longer_than_needed():
    wanted = parse_statistics(["median"])
    waiting = Waiting(wanted)

    def sample(members, values):
        sizes = [len(each) for each in values]
        flat = np.array([number for each in values for number in each], np.float64)
        return Sample(
            members=np.array(members),
            starts=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
            values=flat,
            share=np.ones(flat.size, np.float32),
        )

    members, found = waiting.add(sample([1, 4], [[1, 2], [7]]), np.array([False, False]))
    assert members.size == found.size == 0
    members, found = waiting.add(sample([4, 5], [[9, 11], []]), np.array([True, False]))
    assert members.tolist() == [4]
    assert found.tolist() == [[9.0]]
    assert sum(part.values.size for part in waiting._parts) == 2, "those of 4 are gone"
    members, found = waiting.add(sample([1], [[6]]), np.array([False]))
    members, found = waiting.close()
    assert members.tolist() == [1, 5]
    assert found[0] == 2
    assert np.isnan(found[1]).all()
    assert not waiting._parts


def test_joined_keeps_the_order_of_cells():
    made = np.random.default_rng(2)
    parts, expected = [], {}
    for _ in range(5):
        members = np.sort(made.choice(9, 4, replace=False))
        sizes = made.integers(0, 6, 4)
        values = made.random(sizes.sum())
        starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        share = values.astype(np.float32)
        parts.append(Sample(members=members, starts=starts, values=values, share=share))
        for place, member in enumerate(members.tolist()):
            own = values[starts[place] : starts[place + 1]].tolist()
            expected[member] = expected.get(member, []) + own
    one = joined(parts)
    assert parts == []
    for place, member in enumerate(one.members.tolist()):
        own = slice(one.starts[place], one.starts[place + 1])
        assert one.values[own].tolist() == expected[member]
        np.testing.assert_array_equal(one.share[own], one.values[own].astype(np.float32))
