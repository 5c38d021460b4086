"""Relief: planes whose light is known, a slow twin after gdaldem, and holes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.render.relief import Relief, relief


def twin(heights, size, how):
    """Hillshade as gdaldem writes it (Horn 1981), pixel by pixel; its `nsres` is negative."""
    out = np.zeros((heights.shape[0] - 2, heights.shape[1] - 2))
    azimuth, altitude = math.radians(how.azimuth), math.radians(how.altitude)
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            w = [float(heights[r + j, c + i]) * how.z_factor for j in range(3) for i in range(3)]
            x = ((w[0] + 2 * w[3] + w[6]) - (w[2] + 2 * w[5] + w[8])) / (8 * size[0][r])
            y = ((w[6] + 2 * w[7] + w[8]) - (w[0] + 2 * w[1] + w[2])) / (-8 * size[1][r])
            aspect = math.atan2(y, x)
            steep = x * x + y * y
            light = math.sin(altitude) - math.cos(altitude) * math.sqrt(steep) * math.sin(
                aspect - azimuth
            )
            light /= math.sqrt(1 + steep)
            out[r, c] = 1 if light <= 0 else 1 + 254 * light
    return out


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0, 360), st.floats(0, 90), st.floats(0.1, 5), st.integers(0, 999), st.floats(0.5, 30)
)
def test_equals_gdaldem(azimuth, altitude, z_factor, seed, pixel):
    rng = np.random.default_rng(seed)
    heights = rng.normal(0, 4, (9, 8)).astype(np.float32)
    size = (np.full(7, pixel), np.linspace(pixel, 2 * pixel, 7))
    how = Relief(azimuth=azimuth, altitude=altitude, z_factor=z_factor)
    found, usable = relief(heights, np.ones((9, 8), np.bool_), size, how)
    assert usable.all()
    np.testing.assert_allclose(found, twin(heights, size, how), rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize(("azimuth", "share"), [(270, 1.0), (90, 0.0), (0, 0.5), (180, 0.5)])
def test_a_slope_of_45_degrees_that_faces_west(azimuth, share):
    """Light at 45 degrees falls straight on it from the west, and along it from the east."""
    heights = np.repeat(np.arange(6.0)[None] * 10, 5, axis=0)
    size = (np.full(3, 10.0), np.full(3, 10.0))
    known = np.ones((5, 6), np.bool_)
    found, _ = relief(heights, known, size, Relief(azimuth=azimuth, altitude=45))
    np.testing.assert_allclose(found, 1 + 254 * share, atol=1e-3)
    steep, _ = relief(heights, known, size, Relief(name="slope"))
    np.testing.assert_allclose(steep, 45, atol=1e-4)


def test_flat_ground_shows_the_height_of_the_light():
    size = (np.ones(4), np.ones(4))
    found, _ = relief(np.full((6, 6), 7.0), np.ones((6, 6), np.bool_), size, Relief(altitude=30))
    np.testing.assert_allclose(found, 1 + 254 * 0.5, atol=1e-4)


def test_a_hole_stays_a_hole_and_does_not_darken_its_neighbours():
    heights = np.full((7, 7), 5.0)
    heights[3, 3] = -9999
    known = heights > 0
    found, usable = relief(heights, known, (np.ones(5), np.ones(5)), Relief())
    assert not usable[2, 2]
    assert usable.sum() == 24
    np.testing.assert_allclose(found[usable], found[0, 0])


def test_where_pixels_have_no_size_there_is_no_relief():
    size = (np.array([1.0, np.nan]), np.ones(2))
    _, usable = relief(np.zeros((4, 4)), np.ones((4, 4), np.bool_), size, Relief())
    assert usable.tolist() == [[True, True], [False, False]]


@pytest.mark.parametrize("name", ["hillshade", "slope"])
def test_an_infinite_height_harms_its_neighbours_only(name):
    heights = np.full((5, 9), 3.0)
    heights[1:4, 2:4] = np.inf
    known = np.ones_like(heights, dtype=bool)
    values, usable = relief(heights, known, (np.ones(3), np.ones(3)), Relief(name=name))
    assert np.isfinite(values).all()
    assert usable[:, 4:].all()
    np.testing.assert_array_equal(values[:, 4:], values[0, -1])
