"""The lattice between any two systems, against pyproj on every pixel.

Where points are interpolated, no position may be further off than 2/256 of a pixel; where the
lattice could not promise that, it has to be exact.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from affine import Affine
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from scipy.ndimage import map_coordinates

from landzicht.grid import Grid
from landzicht.grid.lattice import NOWHERE, TOLERANCE, lattice
from landzicht.grid.matrix import TileMatrixSet, matrix_set

POLAR = TileMatrixSet(
    id="Polar", title="North", crs="EPSG:3413", left=-4_194_304.0, top=4_194_304.0, side=8_388_608.0
)
SETS = (
    *("WebMercatorQuad", "WorldCRS84Quad", "NetherlandsRDNewQuad", "UTM31WGS84Quad"),
    *("UTM60WGS84Quad", "EuropeanETRS89_LAEAQuad"),
)
SYSTEMS = (
    *("EPSG:3857", "EPSG:4326", "EPSG:28992", "EPSG:32631", "EPSG:32660", "EPSG:32601"),
    *("EPSG:32731", "EPSG:3035", "EPSG:3413", "EPSG:3031", "EPSG:27700", "EPSG:2154"),
)


@lru_cache
def moving(source, target):
    return Transformer.from_crs(source, target, always_xy=True)


def truth(target, crs):
    across, down = np.meshgrid(np.arange(target.width) + 0.5, np.arange(target.height) + 0.5)
    t = target.transform
    xs, ys = t.a * across + t.c, t.e * down + t.f
    if target.crs != crs:
        xs, ys = moving(target.crs, crs).transform(xs, ys)
    return np.stack([xs, ys])


def interpolated(found, target):
    rows = (np.arange(target.height) + 0.5 - found.first) / found.step[0]
    columns = (np.arange(target.width) + 0.5 - found.first) / found.step[1]
    at = np.meshgrid(rows, columns, indexing="ij")
    return np.stack([map_coordinates(n, at, order=1, mode="nearest") for n in found.nodes])


def worst(target, crs):
    """Largest distance from pyproj in pixels, and whether nothing is interpolated."""
    found, exact = lattice(target, crs), truth(target, crs)
    nowhere = ~np.isfinite(exact).all(axis=0)
    if found.is_exact:
        np.testing.assert_array_equal(found.nodes[0] == NOWHERE, nowhere)
        some = ~nowhere
        return float(np.abs(found.nodes - exact)[:, some].max(initial=0)), True
    if (found.nodes == NOWHERE).all():
        assert nowhere.all()
        return 0.0, False
    assert not nowhere.any()
    steps = [np.hypot(*np.diff(exact, axis=axis)) for axis in (1, 2)]
    pixel = min(float(step.min()) for step in steps)
    return float(np.hypot(*(interpolated(found, target) - exact)).max()) / pixel, False


def sets():
    return st.sampled_from([POLAR, *map(matrix_set, SETS)])


@settings(max_examples=60, deadline=None)
@given(sets(), st.data(), st.sampled_from(SYSTEMS), st.sampled_from([64, 256, 300]))
def test_any_tile_in_any_system(matrix, data, crs, size):
    z = data.draw(st.integers(matrix.min_zoom, min(16, matrix.max_zoom)))
    width, height = matrix.count(z)
    x = data.draw(st.integers(0, width - 1))
    y = data.draw(st.integers(0, height - 1))
    off, exact = worst(matrix.tile(z, x, y, size), crs)
    assert off <= (1e-3 if exact else 2 * TOLERANCE)


@settings(max_examples=30, deadline=None)
@example(crs="EPSG:4326", lon=180.0, lat=0.0, z=9, size=512)
@example(crs="EPSG:32660", lon=180.0, lat=65.0, z=7, size=512)
@example(crs="EPSG:3413", lon=-45.0, lat=84.9, z=6, size=256)
@example(crs="EPSG:3031", lon=10.0, lat=-84.9, z=3, size=512)
@given(
    crs=st.sampled_from(SYSTEMS),
    lon=st.sampled_from([-180.0, -179.9, 0.0, 3.0, 6.0, 179.95, 180.0]),
    lat=st.sampled_from([-85.0, -80.0, 0.0, 52.0, 84.0, 85.05]),
    z=st.integers(0, 12),
    size=st.sampled_from([256, 512]),
)
def test_web_tiles_at_edges_of_the_world(crs, lon, lat, z, size):
    """The antimeridian, the poles, edges of zones, large tiles."""
    matrix = matrix_set("WebMercatorQuad")
    x, y = moving("EPSG:4326", "EPSG:3857").transform(lon, lat)
    side = matrix.side / 2**z
    last = 2**z - 1
    column = min(max(int((x - matrix.left) / side), 0), last)
    row = min(max(int((matrix.top - y) / side), 0), last)
    off, exact = worst(matrix.tile(z, column, row, size), crs)
    assert off <= (1e-3 if exact else 2 * TOLERANCE)


@pytest.mark.parametrize("crs", ["EPSG:3413", "EPSG:3031"])
@pytest.mark.parametrize("pixel", [10, 300, 5_000])
def test_the_pole_itself(crs, pixel):
    """A grid with the pole in its middle, asked in degrees, where all longitudes meet."""
    target = Grid(
        crs=crs, transform=Affine(pixel, 0, -100 * pixel, 0, -pixel, 100 * pixel), height=200,
        width=200,
    )  # fmt: skip
    for other in ("EPSG:4326", "EPSG:3857", "EPSG:32631"):
        off, exact = worst(target, other)
        assert off <= (1e-3 if exact else 2 * TOLERANCE)
        if other == "EPSG:4326":
            assert exact
