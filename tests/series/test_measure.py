"""Numbers of parcels against exactextract: holes, edges of scenes, two zones, any system."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import exactextract
import numpy as np
import pytest
import shapely
from affine import Affine
from shapely.geometry import box

from landzicht.grid import Grid
from landzicht.grid.crs import transformer
from landzicht.kinds import Asset, Band, BandKind, Block, Mask
from landzicht.runners import Inline, Processes, Threads
from landzicht.series.divide import CELL, cells_of, divide
from landzicht.series.plan import Question, overpasses
from landzicht.series.run import measure
from landzicht.series.shapes import in_pixels, parcels_of, shapes_of
from landzicht.series.statistics import parse_statistics
from landzicht.testing.scenes import make_scene

UTM31 = "EPSG:32631"
START = datetime(2025, 5, 1, 10, 30, tzinfo=UTC)
STATISTICS = parse_statistics(["count", "mean", "std", "min", "max", "median", "p10", "p90"])
OPS = ["count", "mean", "stdev", "min", "max", "median", "quantile(q=0.1)", "quantile(q=0.9)"]
KEYS = ["count", "mean", "stdev", "min", "max", "median", "quantile_10", "quantile_90"]


@dataclass(frozen=True)
class Arrays:
    """A reader of arrays in memory."""

    images: dict

    def levels(self, asset):
        return (asset.grid,)

    def read(self, asset, level, window):
        assert level == 0
        rows = slice(window.row, window.stop_row)
        columns = slice(window.column, window.stop_column)
        values = self.images[asset.href][rows, columns]
        assert values.shape == (window.height, window.width), "reads outside the image"
        valid = values != asset.band.nodata
        return Block(
            values=values[None],
            valid=valid[None],
            grid=asset.grid.crop(window),
            bands=(asset.band,),
        )


def grid_at(x, y, size=200, step=10.0, crs=UTM31):
    return Grid(crs=crs, transform=Affine(step, 0, x, 0, -step, y), height=size, width=size)


def asset_on(grid, key, href, **band):
    told = {"dtype": "float64", "nodata": 0, "scale": 1e-4, "offset": -0.1} | band
    return Asset(
        key=key, href=href, band=Band(name=key, **told), grid=grid, size=1, sha256="0" * 64
    )


def same(bands):
    return bands["B04"]


def ndvi(bands):
    with np.errstate(all="ignore"):
        return (bands["B08"] - bands["B04"]) / (bands["B08"] + bands["B04"])


def image(seed, size=200):
    """Numbers of which no two are equal: exactextract merges equal ones in its percentiles."""
    made = np.random.default_rng(seed)
    values = made.uniform(1001, 9000, (size, size))
    values[made.random((size, size)) < 0.1] = 0
    return values


def scene_of(id, assets, day=0, minutes=0):
    moment = START + timedelta(days=day, minutes=minutes)
    return make_scene(id, moment=moment, assets={asset.key: asset for asset in assets})


def oracle(values, grid, shapes, ops=OPS, keys=KEYS):
    """What exactextract says; NaN where it has nothing."""
    bounds = grid.bounds
    raster = exactextract.raster.NumPyRasterSource(
        values, bounds.west, bounds.south, bounds.east, bounds.north
    )
    features = [
        {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(shape)}
        for shape in shapes
    ]
    rows = exactextract.exact_extract(raster, features, ops)
    return np.array([[row["properties"].get(key) for key in keys] for row in rows], np.float64)


def physical(values):
    return np.where(values == 0, np.nan, values * 1e-4 - 0.1)


def run(shapes, scenes, images, question, crs=UTM31, wanted=STATISTICS, runner=None):
    parcels = parcels_of([f"p{n}" for n in range(len(shapes))], np.array(shapes, object), crs)
    passes = overpasses(scenes, question)
    tools = (Arrays(images), runner or Inline())
    return list(measure(parcels, passes, question, wanted, tools))


def some_shapes(grid, count=25, seed=3):
    """Rotated boxes with holes, of two parts, slivers and crumbs, well inside a grid."""
    made = np.random.default_rng(seed)
    bounds = grid.bounds
    shapes = []
    for number in range(count):
        x = made.uniform(bounds.west + 300, bounds.east - 300)
        y = made.uniform(bounds.south + 300, bounds.north - 300)
        wide, tall = made.uniform(3, 180, 2)
        if number % 5 == 3:
            tall = 0.4  # a sliver, thinner than a pixel
        if number % 5 == 4:
            wide, tall = 2.0, 1.5  # a crumb in one pixel
        shape = shapely.affinity.rotate(box(x, y, x + wide, y + tall), made.uniform(0, 90))
        if number % 5 == 1:
            shape = shape.difference(shape.centroid.buffer(min(wide, tall) / 4))
        if number % 5 == 2:
            shape = shape.union(shapely.affinity.translate(shape, 60, -75))
        shapes.append(shape)
    return shapes


@pytest.mark.parametrize("runner", [Inline(), Threads(workers=3), Processes(workers=2)])
def test_equals_exactextract(runner):
    grid = grid_at(600_000, 5_800_000)
    values = image(1)
    shapes = some_shapes(grid)
    scenes = [scene_of("a", [asset_on(grid, "B04", "red")])]
    question = Question(keys=("B04",), formula=same)
    (found,) = run(shapes, scenes, {"red": values}, question, runner=runner)
    expected = oracle(physical(values), grid, shapes)
    expected[np.isnan(expected[:, 1]), 0] = 0
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
    (found,) = run(shapes, scenes, {"red": values}, Question(keys=("B04",), formula=same))
    expected = oracle(physical(values), grid, shapes)
    np.testing.assert_allclose(STATISTICS.pick(found.table), expected, rtol=1e-6, atol=1e-6)


def test_a_parcel_over_the_edge_of_a_scene_counts_what_lies_inside():
    grid = grid_at(600_000, 5_800_000)
    values = image(4)
    shapes = [box(599_950, 5_799_905, 600_033, 5_799_990), box(0, 0, 10, 10)]
    scenes = [scene_of("a", [asset_on(grid, "B04", "red")])]
    (found,) = run(shapes, scenes, {"red": values}, Question(keys=("B04",), formula=same))
    expected = oracle(physical(values), grid, shapes[:1])
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
    (found,) = run(shapes, scenes, images, Question(keys=("B04",), formula=same))
    expected = oracle(physical(values), whole, shapes)
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
    (found,) = run(shapes, scenes, {"left": empty, "right": full}, question)
    expected = oracle(physical(full), right, shapes)
    np.testing.assert_allclose(STATISTICS.pick(found.table), expected, rtol=1e-6, atol=1e-6)
    assert "b" in found.scenes[0]


def test_two_zones_cover_a_parcel_once():
    """A scene of constant value in each zone; the parcel lies across the border between them."""
    west = grid_at(690_000, 5_800_000, 600)
    to_32 = transformer(UTM31, "EPSG:32632")
    x, y = to_32.transform(695_850, 5_797_400)
    east = grid_at(x, y + 2_500, 600, crs="EPSG:32632")
    ones = np.full((600, 600), 2000, np.uint16)
    scenes = [
        scene_of("w", [asset_on(west, "B04", "west")]),
        scene_of("x", [asset_on(east, "B04", "east")]),
    ]
    shapes = [box(695_700, 5_796_000, 696_700, 5_797_000)]
    images = {"west": ones, "east": ones * 2}
    (found,) = run(shapes, scenes, images, Question(keys=("B04",), formula=same))
    inside = shapes[0].intersection(box(690_000, 0, 696_000, 5_800_000)).area / 100
    count, mean = found.table[0, :2]
    assert count == pytest.approx(10_000, rel=2e-3), "UTM scales differ by up to 0.1 %"
    assert mean == pytest.approx((0.1 * inside + 0.3 * (count - inside)) / count, rel=1e-6)
    assert found.scenes == (("w", "x"),)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:28992", "EPSG:3857", "EPSG:32632"])
def test_any_system_gives_the_same_numbers(crs):
    grid = grid_at(600_000, 5_800_000)
    values = image(7)
    shapes = some_shapes(grid, 15)
    turn = transformer(UTM31, crs)
    dense = shapely.segmentize(np.array(shapes, object), 20)
    moved = shapely.transform(dense, lambda at: np.column_stack(turn.transform(*at.T)))
    scenes = [scene_of("a", [asset_on(grid, "B04", "red")])]
    question = Question(keys=("B04",), formula=same)
    (found,) = run(list(moved), scenes, {"red": values}, question, crs=crs)
    expected = oracle(physical(values), grid, shapes)
    expected[np.isnan(expected[:, 1]), 0] = 0
    np.testing.assert_allclose(STATISTICS.pick(found.table)[:, :3], expected[:, :3], atol=2e-4)


def test_long_edges_follow_the_system_of_the_parcel():
    """A parallel is no straight line on a UTM grid."""
    grid = grid_at(500_000, 5_800_000, 4000)
    parcel = parcels_of(["p"], np.array([box(3.05, 52.2, 3.5, 52.3)], object), "EPSG:4326")
    dense = parcels_of(
        ["p"],
        shapely.segmentize(np.array([box(3.05, 52.2, 3.5, 52.3)], object), 1e-4),
        "EPSG:4326",
    )
    assert in_pixels(parcel, grid).areas()[0] == pytest.approx(
        in_pixels(dense, grid).areas()[0], rel=1e-7
    )


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
    (found,) = run(shapes, scenes, {"red": red, "nir": nir, "scl": classes}, question)
    double = np.ones((2, 2), np.uint16)
    values = ndvi({"B04": physical(red), "B08": np.kron(physical(nir), double)})
    values[np.kron(classes, double) == 9] = np.nan
    expected = oracle(values, fine, shapes)
    expected[np.isnan(expected[:, 1]), 0] = 0
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
    found = run(some_shapes(grid, 3), scenes, images, Question(keys=("B04",), formula=same))
    assert [each.scenes[0] for each in found] == [("early",), ("late",)]
    assert found[0].moment < found[1].moment


def test_histogram_counts_every_pixel_once():
    grid = grid_at(600_000, 5_800_000)
    wanted = parse_statistics(["mean"], [-0.1, 0.2, 0.5, 0.9])
    scenes = [scene_of("a", [asset_on(grid, "B04", "red")])]
    question = Question(keys=("B04",), formula=same)
    (found,) = run(some_shapes(grid), scenes, {"red": image(1)}, question, wanted=wanted)
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
    (found,) = run(shapes, scenes, {"red": values}, Question(keys=("B04",), formula=same))
    expected = [physical(values)[int(y), int(x)] for x, y in places]
    np.testing.assert_allclose(found.table[:, 1], expected, rtol=1e-9)
    assert (found.areas == 1).all()
