"""The size of pixels on the ground, against what is known of projections."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine

from landzicht.grid import Grid
from landzicht.grid.ground import ground_size
from landzicht.grid.matrix import WEB_MERCATOR


def grid(crs, left, top, pixel, side=20):
    return Grid(crs=crs, transform=Affine(pixel, 0, left, 0, -pixel, top), height=side, width=side)


@pytest.mark.parametrize(
    ("crs", "left", "top"), [("EPSG:28992", 155_000, 463_000), ("EPSG:32631", 500_000, 5_760_000)]
)
def test_metres_are_metres_where_the_map_is_true(crs, left, top):
    """RD is scaled by 0.9999079 at Amersfoort, UTM by 0.9996 on its meridian."""
    wide, high = ground_size(grid(crs, left, top, 10))
    np.testing.assert_allclose(wide, 10, rtol=5e-4)
    np.testing.assert_allclose(high, 10, rtol=5e-4)


def test_a_pixel_of_a_web_map_is_smaller_on_the_ground():
    wide, high = ground_size(WEB_MERCATOR.tile(12, 2107, 1350))  # at 52 degrees north
    np.testing.assert_allclose(
        wide / WEB_MERCATOR.resolution(12), np.cos(np.radians(52)), rtol=0.01
    )
    np.testing.assert_allclose(high, wide, rtol=0.01)


def test_a_degree_of_latitude_and_of_longitude():
    wide, high = ground_size(grid("EPSG:4326", 5, 60, 0.001))
    np.testing.assert_allclose(high, 111.4, rtol=1e-3)
    np.testing.assert_allclose(wide, 111.3 * np.cos(np.radians(60)), rtol=5e-3)


def test_neighbours_agree():
    one, two = (ground_size(WEB_MERCATOR.tile(9, x, 170)) for x in (262, 263))
    np.testing.assert_allclose(one[0], two[0], rtol=1e-9)
    np.testing.assert_allclose(one[1], two[1], rtol=1e-9)


def test_places_that_do_not_exist_have_no_size():
    wide, _ = ground_size(grid("EPSG:4326", 5, 90.01, 0.001))
    assert np.isnan(wide[:8]).all()
    assert np.isfinite(wide[12:]).all()
