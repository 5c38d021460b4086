"""Numbers of parcels against exactextract: holes, edges of scenes and cells, clouds, points."""

import numpy as np
import pytest
import shapely
from shapely.geometry import box

from landzicht.kinds import BandKind, Mask
from landzicht.runners import Inline, Processes, Threads
from landzicht.series.divide import CELL, cells_of, divide
from landzicht.series.plan import Question
from landzicht.series.shapes import parcels_of, shapes_of
from landzicht.series.statistics import parse_statistics
from landzicht.testing.zonal import (
    START,
    STATISTICS,
    UTM31,
    asset_on,
    exactly,
    grid_at,
    image,
    measured,
    physical,
    scene_of,
    some_shapes,
)


def same(bands):
    return bands["B04"]


def ndvi(bands):
    with np.errstate(all="ignore"):
        return (bands["B08"] - bands["B04"]) / (bands["B08"] + bands["B04"])


@pytest.mark.parametrize("runner", [Inline(), Threads(workers=3), Processes(workers=2)])
def test_equals_exactextract(runner):
    grid = grid_at(600_000, 5_800_000)
    values = image(1)
    shapes = some_shapes(grid)
    scenes = [scene_of("a", [asset_on(grid, "B04", "red")])]
    question = Question(keys=("B04",), formula=same)
    (found,) = measured(shapes, scenes, {"red": values}, question, runner=runner)
    expected = exactly(physical(values), grid, shapes)
    np.testing.assert_allclose(STATISTICS.pick(found.table), expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(found.areas, shapely.area(shapes) / 100, rtol=1e-9)
    np.testing.assert_allclose(found.seen, found.table[:, 0])


def test_parcels_over_many_cells_equal_exactextract():
    size = CELL + 300
    grid = grid_at(600_000, 5_800_000, size)
    values = image(2, size)
    middle_x, middle_y = 600_000 + CELL * 10.0, 5_800_000 - CELL * 10.0
    shapes = [
        box(middle_x - 155, middle_y - 1.25, middle_x + 91, middle_y + 400),
        shapely.Point(middle_x + 3, middle_y - 2).buffer(777),
        box(middle_x - 50, middle_y - 50, middle_x, middle_y),  # ends on the border
        box(600_000, 5_800_000 - size * 10, 600_000 + size * 10, 5_800_000),  # everything
    ]
    scenes = [scene_of("a", [asset_on(grid, "B04", "red")])]
    (found,) = measured(shapes, scenes, {"red": values}, Question(keys=("B04",), formula=same))
    expected = exactly(physical(values), grid, shapes)
    np.testing.assert_allclose(STATISTICS.pick(found.table), expected, rtol=1e-6, atol=1e-6)


def test_a_parcel_over_the_edge_of_a_scene_counts_what_lies_inside():
    grid = grid_at(600_000, 5_800_000)
    values = image(4)
    shapes = [box(599_950, 5_799_905, 600_033, 5_799_990), box(0, 0, 10, 10)]
    scenes = [scene_of("a", [asset_on(grid, "B04", "red")])]
    (found,) = measured(shapes, scenes, {"red": values}, Question(keys=("B04",), formula=same))
    expected = exactly(physical(values), grid, shapes[:1])
    np.testing.assert_allclose(STATISTICS.pick(found.table)[:1], expected, rtol=1e-6, atol=1e-6)
    assert found.areas[0] == pytest.approx(shapes[0].area / 100)
    assert found.table[1, 0] == 0
    assert np.isnan(found.table[1, 1:]).all()
    assert found.scenes == (("a",), ())


def test_neighbouring_scenes_of_one_day_are_one_date_and_nothing_counts_twice():
    """Two overlapping tiles of one ground: the same answer as from the whole ground."""
    whole = grid_at(600_000, 5_800_000, 300)
    values = image(5, 300)
    left, right = grid_at(600_000, 5_800_000), grid_at(601_000, 5_800_000)
    images = {"left": values[:200, :200], "right": values[:200, 100:]}
    shapes = [
        box(601_803, 5_799_403, 602_190, 5_799_777),  # sticks out of both: cut at the overlap
        box(600_500, 5_799_000, 602_600, 5_799_555),
        box(601_100, 5_799_100, 601_222, 5_799_222),  # in both
    ]
    scenes = [
        scene_of("b", [asset_on(right, "B04", "right")], minutes=1),
        scene_of("a", [asset_on(left, "B04", "left")]),
    ]
    (found,) = measured(shapes, scenes, images, Question(keys=("B04",), formula=same))
    expected = exactly(physical(values), whole, shapes)
    np.testing.assert_allclose(STATISTICS.pick(found.table), expected, rtol=1e-6, atol=1e-6)
    assert found.moment == START
    assert found.scenes == (("b",), ("a", "b"), ("a",))


def test_without_data_in_one_scene_another_of_that_day_is_used():
    left, right = grid_at(600_000, 5_800_000), grid_at(601_000, 5_800_000)
    empty, full = np.zeros((200, 200)), image(6)
    scenes = [
        scene_of("a", [asset_on(left, "B04", "left")]),
        scene_of("b", [asset_on(right, "B04", "right")]),
    ]
    shapes = [box(601_100, 5_799_100, 601_222, 5_799_222)]
    question = Question(keys=("B04",), formula=same)
    (found,) = measured(shapes, scenes, {"left": empty, "right": full}, question)
    expected = exactly(physical(full), right, shapes)
    np.testing.assert_allclose(STATISTICS.pick(found.table), expected, rtol=1e-6, atol=1e-6)
    assert "b" in found.scenes[0]


def test_clouds_and_coarser_bands():
    """NDVI of a band of 10 m and one of 20 m, without what a mask of 20 m calls cloud."""
    fine, coarse = grid_at(600_000, 5_800_000), grid_at(600_000, 5_800_000, 100, 20.0)
    red, nir = image(8), image(9, 100)
    classes = np.random.default_rng(10).choice([4, 5, 9], (100, 100)).astype(np.uint8)
    scenes = [
        scene_of(
            "a",
            [
                asset_on(fine, "B04", "red"),
                asset_on(coarse, "B08", "nir"),
                asset_on(
                    coarse,
                    "SCL",
                    "scl",
                    dtype="uint8",
                    kind=BandKind.CATEGORICAL,
                    scale=1,
                    offset=0,
                ),
            ],
        )
    ]
    question = Question(keys=("B04", "B08"), formula=ndvi, mask=Mask(asset="SCL", valid=(4, 5)))
    shapes = some_shapes(fine)
    (found,) = measured(shapes, scenes, {"red": red, "nir": nir, "scl": classes}, question)
    double = np.ones((2, 2), np.uint16)
    values = ndvi({"B04": physical(red), "B08": np.kron(physical(nir), double)})
    values[np.kron(classes, double) == 9] = np.nan
    expected = exactly(values, fine, shapes)
    np.testing.assert_allclose(STATISTICS.pick(found.table), expected, rtol=1e-6, atol=1e-6)
    assert (found.seen >= found.table[:, 0]).all()
    assert found.seen.sum() > found.table[:, 0].sum()


def test_dates_come_in_order_and_scenes_without_a_band_are_left_out():
    grid = grid_at(600_000, 5_800_000)
    scenes = [
        scene_of("late", [asset_on(grid, "B04", "two")], day=9),
        scene_of("other", [asset_on(grid, "B02", "one")], day=4),
        scene_of("early", [asset_on(grid, "B04", "one")], day=2),
    ]
    images = {"one": image(1), "two": image(2)}
    found = measured(some_shapes(grid, 3), scenes, images, Question(keys=("B04",), formula=same))
    assert [each.scenes[0] for each in found] == [("early",), ("late",)]
    assert found[0].moment < found[1].moment


def test_histogram_counts_every_pixel_once():
    grid = grid_at(600_000, 5_800_000)
    wanted = parse_statistics(["mean"], [-0.1, 0.2, 0.5, 0.9])
    scenes = [scene_of("a", [asset_on(grid, "B04", "red")])]
    question = Question(keys=("B04",), formula=same)
    (found,) = measured(some_shapes(grid), scenes, {"red": image(1)}, question, wanted=wanted)
    np.testing.assert_allclose(found.table[:, 5:].sum(axis=1), found.table[:, 0], rtol=1e-9)


def test_cells_share_no_pixel_and_miss_none():
    grid = grid_at(600_000, 5_800_000, 2 * CELL + 100)
    side = grid.bounds
    shapes = np.array([box(side.west + 5, side.south + 5, side.east - 5, side.north - 5)], object)
    (land,) = divide(parcels_of(["p"], shapes, UTM31), [grid]).territories
    counts = np.zeros(grid.shape, np.int8)
    for cell in cells_of(land):
        window = cell.window
        counts[window.row : window.stop_row, window.column : window.stop_column] += 1
    assert (counts == 1).all()


def test_shapes_survive_the_way_to_arrays_and_back():
    shapes = np.array(some_shapes(grid_at(600_000, 5_800_000)), object)
    assert shapely.equals(
        shapes_of(parcels_of(list("x" * len(shapes)), shapes, UTM31)), shapes
    ).all()


def test_a_point_is_the_pixel_it_lies_in():
    grid = grid_at(600_000, 5_800_000)
    values = image(11)
    places = [(3.2, 7.9), (150.5, 0.1), (199.99, 199.99), (0, 0)]
    shapes = [shapely.Point(600_000 + x * 10, 5_800_000 - y * 10) for x, y in places]
    scenes = [scene_of("a", [asset_on(grid, "B04", "red")])]
    (found,) = measured(shapes, scenes, {"red": values}, Question(keys=("B04",), formula=same))
    expected = [physical(values)[int(y), int(x)] for x, y in places]
    np.testing.assert_allclose(found.table[:, 1], expected, rtol=1e-9)
    assert (found.areas == 1).all()
