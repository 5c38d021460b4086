"""Coverage of pixels: shapely's own areas are the oracle."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.world.cover import cover

HEIGHT, WIDTH, PIXEL = 14, 19, 10.0


def dense(shape: object, origin: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    found = cover([shape], (HEIGHT, WIDTH), PIXEL, origin)
    out = np.zeros(HEIGHT * WIDTH)
    np.add.at(out, found.pixel, found.share)
    return out.reshape(HEIGHT, WIDTH)


def oracle(shape: object, origin: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH] * PIXEL
    x, y = across + origin[0], down + origin[1]
    boxes = shapely.box(x, y, x + PIXEL, y + PIXEL)
    return shapely.area(shapely.intersection(boxes, shape)) / PIXEL**2


@given(
    points=st.lists(
        st.tuples(st.floats(-60, 260, width=32), st.floats(-60, 200, width=32)),
        min_size=3,
        max_size=9,
    )
)
@settings(max_examples=80, deadline=None)
def test_any_polygon(points: list[tuple[float, float]]) -> None:
    shape = shapely.MultiPoint(points).convex_hull.buffer(0.01)
    np.testing.assert_allclose(dense(shape), oracle(shape), atol=3e-5)


def test_holes_and_parts() -> None:
    ring = shapely.Point(90, 60).buffer(55).difference(shapely.Point(95, 62).buffer(30))
    island = shapely.box(160, 100, 171, 133)
    both = shapely.MultiPolygon([ring, island])
    np.testing.assert_allclose(dense(both), oracle(both), atol=3e-5)


def test_direction_of_the_ring_does_not_matter() -> None:
    shape = shapely.Polygon([(12, 15), (150, 20), (80, 110)])
    np.testing.assert_array_equal(dense(shape), dense(shape.reverse()))


def test_pixel_edges_are_exact() -> None:
    assert dense(shapely.box(20, 30, 50, 60)).sum() == 9
    assert dense(shapely.box(20, 30, 55, 60))[3, 5] == pytest.approx(0.5)


def test_origin() -> None:
    shape = shapely.Point(1090, 2060).buffer(47)
    here = (1000.0, 2000.0)
    np.testing.assert_allclose(dense(shape, here), oracle(shape, here), atol=3e-5)


def test_outside_and_empty_give_nothing() -> None:
    for shape in (shapely.box(-90, -90, -10, -10), shapely.box(900, 0, 990, 9), shapely.Polygon()):
        assert dense(shape).sum() == 0
    assert len(cover([], (HEIGHT, WIDTH), PIXEL).pixel) == 0


def test_a_subdivision_covers_each_pixel_once() -> None:
    rng = np.random.default_rng(1)
    points = shapely.MultiPoint(rng.uniform(0, 190, (40, 2)))
    frame = shapely.box(0, 0, WIDTH * PIXEL, HEIGHT * PIXEL)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame))
    found = cover(shapely.intersection(cells, frame), (HEIGHT, WIDTH), PIXEL)
    total = np.bincount(found.pixel, found.share, HEIGHT * WIDTH)
    np.testing.assert_allclose(total, 1, atol=1e-4)
