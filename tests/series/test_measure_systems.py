"""Numbers of parcels in another system than the image, and over two zones, against exactextract.

An edge of a parcel is straight in the parcel's own system. So the oracle cuts it into pieces of a
metre there, projects those with pyproj, and gives the result to exactextract.
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import box

from landzicht.grid import Grid
from landzicht.series.plan import Question
from landzicht.series.shapes import in_pixels, parcels_of
from landzicht.testing.zonal import (
    STATISTICS,
    UTM31,
    asset_on,
    exactly,
    grid_at,
    image,
    measured,
    of_pixels,
    physical,
    pixels_exactly,
    scene_of,
    some_shapes,
)

UTM32 = "EPSG:32632"
METRE_IN_DEGREES = 1e-5
SYSTEMS = ["EPSG:4326", "EPSG:28992", "EPSG:3857", UTM32, "EPSG:3035"]


def same(bands):
    return bands["B04"]


QUESTION = Question(keys=("B04",), formula=same)


def projected(shapes, crs, to, piece):
    """Return shapes with edges that are straight in `crs`, as they lie in `to`."""
    turn = Transformer.from_crs(crs, to, always_xy=True)
    dense = shapely.segmentize(np.array(shapes, object), piece)
    return shapely.transform(dense, lambda at: np.column_stack(turn.transform(*at.T)))


def corners_moved(shapes, crs, to):
    """Return shapes whose corners lie at the same places, and whose edges are straight in `to`."""
    turn = Transformer.from_crs(crs, to, always_xy=True)
    flat = np.array(shapes, object)
    return shapely.transform(flat, lambda at: np.column_stack(turn.transform(*at.T)))


def metre_in(crs):
    return METRE_IN_DEGREES if crs == "EPSG:4326" else 1.0


@pytest.mark.parametrize("crs", SYSTEMS)
def test_any_system_equals_exactextract(crs):
    grid = grid_at(600_000, 5_800_000)
    values = image(7)
    sent = corners_moved(some_shapes(grid, 40), UTM31, crs)
    scenes = [scene_of("a", [asset_on(grid, "B04", "red")])]
    (found,) = measured(list(sent), scenes, {"red": values}, QUESTION, crs=crs)
    lies = projected(sent, crs, UTM31, metre_in(crs))
    expected = exactly(physical(values), grid, list(lies))
    np.testing.assert_allclose(STATISTICS.pick(found.table), expected, rtol=1e-6, atol=1e-6)
    assert np.isfinite(expected).all(axis=1).sum() > 20


@pytest.mark.parametrize("crs", SYSTEMS)
def test_large_parcels_in_any_system_equal_exactextract(crs):
    """Edges of a kilometre, which bend by centimetres on the grid of the image."""
    grid = grid_at(600_000, 5_800_000, 400)
    values = image(8, 400)
    drawn = [
        shapely.affinity.rotate(box(600_900, 5_797_100, 602_400, 5_798_300), 20),
        shapely.affinity.rotate(box(600_500, 5_797_000, 601_700, 5_797_009), -31),
    ]
    sent = corners_moved(drawn, UTM31, crs)
    scenes = [scene_of("a", [asset_on(grid, "B04", "red")])]
    (found,) = measured(list(sent), scenes, {"red": values}, QUESTION, crs=crs)
    lies = projected(sent, crs, UTM31, metre_in(crs))
    expected = exactly(physical(values), grid, list(lies))
    np.testing.assert_allclose(STATISTICS.pick(found.table), expected, rtol=1e-6, atol=1e-6)


def test_the_formulas_for_pixels_of_several_images_are_those_of_exactextract():
    grid = grid_at(600_000, 5_800_000)
    values = physical(image(7))
    for shape in some_shapes(grid, 30):
        if np.isnan(exactly(values, grid, [shape])[0]).any():
            continue
        expected = exactly(values, grid, [shape])[0]
        told = of_pixels(*pixels_exactly(values, grid, shape))
        np.testing.assert_allclose(told, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("crs", [UTM31, "EPSG:4326", "EPSG:28992"])
def test_two_zones_equal_exactextract_of_the_cut_shapes(crs):
    """An image of random numbers in each zone, and parcels across the edge of the first one.

    The first image measures what lies in it, the second one what is left; each in its own pixels.
    """
    west = grid_at(690_000, 5_800_000, 600)
    turn = Transformer.from_crs(UTM31, UTM32, always_xy=True)
    x, y = (round(each, -1) for each in turn.transform(695_850, 5_797_400))
    east = grid_at(x, y + 2_500, 600, crs=UTM32)
    images = {"west": image(21, 600), "east": image(22, 600)}
    scenes = [
        scene_of("w", [asset_on(west, "B04", "west")]),
        scene_of("x", [asset_on(east, "B04", "east")]),
    ]
    # None lies along the pixels of an image: of a pixel that is touched by a hair's breadth nobody
    # can say whether it counts, and weighted percentiles depend on how many pixels there are.
    middle = shapely.Point(695_901.7, 5_796_303.1)
    drawn = [
        box(695_502.3, 5_796_003.7, 696_104.4, 5_796_152.9),
        shapely.affinity.rotate(box(695_403.1, 5_796_801.2, 696_503.3, 5_797_302.2), 15),
        middle.buffer(400).difference(middle.buffer(40)),
        box(695_483.3, 5_796_402.3, 696_003.2, 5_796_405.1),  # a sliver
        box(695_303.9, 5_796_001.1, 695_462.2, 5_796_092.4),  # in the first image alone
    ]
    sent = corners_moved(drawn, UTM31, crs)
    (found,) = measured(list(sent), scenes, images, QUESTION, crs=crs)
    in_west = projected(sent, crs, UTM31, metre_in(crs))
    in_east = projected(sent, crs, UTM32, metre_in(crs))
    bounds = west.bounds
    edge = box(bounds.west, bounds.south, bounds.east, bounds.north)
    (covered,) = projected([edge], UTM31, UTM32, 1.0)
    for number, (one, other) in enumerate(zip(in_west, in_east, strict=True)):
        first = pixels_exactly(physical(images["west"]), west, one)
        rest = other.difference(covered)
        joined = first
        if not rest.is_empty:
            second = pixels_exactly(physical(images["east"]), east, rest)
            joined = [np.concatenate(each) for each in zip(first, second, strict=True)]
        expected = of_pixels(*joined)
        mine = STATISTICS.pick(found.table)[number]
        np.testing.assert_allclose(mine, expected, rtol=1e-6, atol=1e-6, err_msg=str(number))
    assert found.scenes == (*[("w", "x")] * 4, ("w",))


def test_long_edges_follow_the_system_of_the_parcel():
    """A parallel is no straight line on a UTM grid."""
    grid = Grid(crs=UTM31, transform=grid_at(500_000, 5_800_000).transform, height=4000, width=4000)
    shape = np.array([box(3.05, 52.2, 3.5, 52.3)], object)
    parcel = parcels_of(["p"], shape, "EPSG:4326")
    (dense,) = projected(shape, "EPSG:4326", UTM31, METRE_IN_DEGREES * 10)
    assert in_pixels(parcel, grid).areas()[0] == pytest.approx(dense.area / 100, rel=1e-7)
