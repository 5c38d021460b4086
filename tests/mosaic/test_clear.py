"""Which codes are no cloud: what numpy says, without sorting; and the mask pixel on pixel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band, Block, Mask
from landzicht.mosaic.clear import _among, clear_reader
from landzicht.testing.scenes import make_scene

GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 600_000, 0, -10, 5_700_000), height=60, width=80
)
WINDOW = Window(7, 11, 40, 50)
CODES = st.sampled_from(
    [-(2.0**31), -32_769.0, -32_768.0, -129.0, -1.0, 0.0, 4.0, 4.5, 127.0, 255.0]
)
STRANGE = st.sampled_from([256.0, 32_768.0, 65_535.0, 65_536.0, 2.0**31, 1e30, np.nan, np.inf])


@settings(max_examples=60)
@given(
    st.sampled_from(["uint8", "int8", "uint16", "int16", "int32", "uint32", "float32"]),
    st.lists(st.one_of(CODES, STRANGE, st.integers(-40_000, 70_000).map(float)), min_size=1),
    st.lists(st.integers(-40_000, 70_000) | st.sampled_from([0, 4, 127, 255]), max_size=9),
)
def test_codes_are_found_as_numpy_finds_them(stored, codes, valid):
    """Also those that a file of that dtype cannot hold: it may have become another one."""
    values = np.array([codes, codes], np.float32)
    expected = np.isin(values, np.array(valid, np.float64))
    found = _among(values, tuple(valid), np.dtype(stored))
    assert found.dtype == np.bool_
    np.testing.assert_array_equal(found, expected)


class Reader:
    """Two files: values, and codes of the same place, which may have a further overview."""

    def __init__(self, codes, known, levels):
        self.files = {"v": (np.arange(codes.size).reshape(codes.shape), codes >= 0)}
        self.files["m"] = (codes, known)
        self.grids = {"v": (GRID,), "m": levels}

    def levels(self, asset):
        return self.grids[asset.key]

    def read(self, asset, level, window):
        assert level == 0
        rows = slice(window.row, window.stop_row)
        columns = slice(window.column, window.stop_column)
        values, valid = (each[None, rows, columns] for each in self.files[asset.key])
        grid = asset.grid.crop(window)
        return Block(values=values, valid=valid, grid=grid, bands=(asset.band,))


def asset(key, dtype):
    band = Band(name=key, dtype=dtype)
    return Asset(key=key, href=key, band=band, grid=GRID, size=1, sha256="")


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32"])
def test_a_mask_on_the_same_grid_is_taken_pixel_on_pixel(dtype):
    """As it is when the way over a plan is taken, which a further overview asks for."""
    rng = np.random.default_rng(3)
    codes, known = rng.integers(0, 9, GRID.shape).astype(dtype), rng.random(GRID.shape) < 0.8
    values, mask = asset("v", "uint16"), asset("m", dtype)
    scene = make_scene("a", assets={"v": values, "m": mask})
    coarse = replace(GRID, transform=GRID.transform @ Affine.scale(2), height=30, width=40)
    found = []
    for levels in ((GRID,), (GRID, coarse)):
        reader = clear_reader(Reader(codes, known, levels), scene, Mask(asset="m", valid=(4, 5)))
        found.append(reader.read(values, 0, WINDOW).valid[0])
    expected = (known & ((codes == 4) | (codes == 5)))[7:47, 11:61]
    assert 0 < expected.sum() < expected.size
    np.testing.assert_array_equal(found[0], expected)
    np.testing.assert_array_equal(found[1], expected)
