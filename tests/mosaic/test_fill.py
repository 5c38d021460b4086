"""Plans and mosaics without files: a reader that makes pixels up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from affine import Affine

from landzicht.errors.pixels import TooManyPixels
from landzicht.grid import Grid
from landzicht.grid.place import world_boxes
from landzicht.kinds import Asset, Band, BandKind, Block
from landzicht.mosaic.fill import Want, fill
from landzicht.mosaic.plan import plan_mosaic
from landzicht.testing.pixels import JUNE
from landzicht.testing.scenes import make_scene

GRID = Grid(crs="EPSG:3857", transform=Affine(10, 0, 0, 0, -10, 0), height=64, width=64)
BAND = Band(name="v", dtype="int16")


class FakeReader:
    """Files by address: an array and which pixels are usable."""

    def __init__(self, files):
        self.files = files
        self.reads = []

    def levels(self, asset):
        return (asset.grid,)

    def read(self, asset, level, window):
        self.reads.append(asset.href)
        values, valid = self.files[asset.href]
        rows = slice(window.row, window.stop_row)
        columns = slice(window.column, window.stop_column)
        return Block(
            values=np.ascontiguousarray(values[None, rows, columns]),
            valid=np.ascontiguousarray(valid[None, rows, columns]),
            grid=asset.grid.crop(window),
            bands=(asset.band,),
        )


def scene(id, age, *, keys=("v",), grid=GRID, band=BAND):
    assets = {
        key: Asset(
            key=key,
            href=f"{id}/{key}",
            band=replace(band, name=key),
            grid=grid,
            size=1,
            sha256="",
        )
        for key in keys
    }
    return make_scene(
        id, moment=JUNE - timedelta(days=age), bounds=world_boxes(grid)[0], assets=assets
    )


def layer(value, share=1.0, seed=0, shape=(64, 64), dtype="int16"):
    valid = np.random.default_rng(seed).random(shape) < share
    return np.full(shape, value, dtype), valid


def test_first_usable_pixel_wins_and_all_who_gave_one_are_named():
    files = {"a/v": layer(1, 0.5, 1), "b/v": layer(2, 0.5, 2), "c/v": layer(3, 0.5, 3)}
    reader = FakeReader(files)
    scenes = [scene("a", 0), scene("b", 1), scene("c", 2)]
    found = fill(scenes, Want(keys=("v",), target=GRID), reader)
    valid = [files[f"{s}/v"][1] for s in "abc"]
    expected = np.where(valid[0], 1, np.where(valid[1], 2, np.where(valid[2], 3, 0)))
    np.testing.assert_array_equal(found.bands["v"][0], expected)
    np.testing.assert_array_equal(found.usable, valid[0] | valid[1] | valid[2])
    assert [s.id for s in found.scenes] == ["a", "b", "c"]


def test_nothing_more_is_read_when_full():
    reader = FakeReader({"a/v": layer(1), "b/v": layer(2)})
    found = fill([scene("a", 0), scene("b", 1)], Want(keys=("v",), target=GRID), reader)
    assert reader.reads == ["a/v"]
    assert [s.id for s in found.scenes] == ["a"]


def test_scene_that_gives_nothing_is_not_named():
    reader = FakeReader({"a/v": layer(1, 0.0), "b/v": layer(2)})
    found = fill([scene("a", 0), scene("b", 1)], Want(keys=("v",), target=GRID), reader)
    assert [s.id for s in found.scenes] == ["b"]


def test_bands_of_a_pixel_are_from_one_scene():
    files = {
        "a/v": layer(1, 0.6, 1),
        "a/w": layer(10, 0.6, 2),
        "b/v": layer(2),
        "b/w": layer(20),
    }
    scenes = [scene("a", 0, keys=("v", "w")), scene("b", 1, keys=("v", "w"))]
    found = fill(scenes, Want(keys=("v", "w"), target=GRID), FakeReader(files))
    np.testing.assert_array_equal(found.bands["w"][0], found.bands["v"][0] * 10)


def test_scenes_without_the_band_or_elsewhere_are_passed_over():
    far = Grid(crs="EPSG:3857", transform=Affine(10, 0, 1e6, 0, -10, 0), height=64, width=64)
    scenes = [scene("no band", 0, keys=("x",)), scene("far", 1, grid=far), scene("here", 2)]
    plans = list(plan_mosaic(scenes, ("v",), GRID, lambda asset: (asset.grid,)))
    assert [plan.scene.id for plan in plans] == ["here"]


def test_planning_is_lazy():
    asked = []

    def levels(asset):
        asked.append(asset.href)
        return (asset.grid,)

    plans = plan_mosaic([scene("a", 0), scene("b", 1)], ("v",), GRID, levels)
    next(plans)
    assert asked == ["a/v"]


def test_bands_on_one_grid_share_their_plan():
    both = scene("a", 0, keys=("v", "w"))
    (plan,) = plan_mosaic([both], ("v", "w"), GRID, lambda asset: (asset.grid,))
    assert plan.reads[0][1] is plan.reads[1][1]


@pytest.mark.parametrize("raw", [False, True])
def test_scenes_with_another_scaling(raw):
    """A pixel keeps its physical value; raw numbers stay as they are."""
    first, second = replace(BAND, scale=0.5, offset=1.0), replace(BAND, scale=0.25, offset=-2.0)
    files = {"a/v": layer(8, 0.5, 1), "b/v": layer(40)}
    scenes = [scene("a", 0, band=first), scene("b", 1, band=second)]
    found = fill(scenes, Want(keys=("v",), target=GRID, raw=raw), FakeReader(files))
    values, band = found.bands["v"]
    from_b = ~files["a/v"][1]
    if raw:
        assert (values[from_b] == 40).all()
    else:
        np.testing.assert_allclose(values[from_b] * band.scale + band.offset, 40 * 0.25 - 2)


@pytest.mark.parametrize(("dtype", "value"), [("int32", 2**31 - 1), ("float64", 1 + 2**-40)])
def test_wide_numbers_stay_exact(dtype, value):
    band = replace(BAND, dtype=dtype)
    reader = FakeReader({"a/v": layer(value, dtype=dtype)})
    found = fill([scene("a", 0, band=band)], Want(keys=("v",), target=GRID), reader)
    assert (found.bands["v"][0] == value).all()


def test_codes_are_never_averaged():
    band = replace(BAND, kind=BandKind.CATEGORICAL, dtype="uint8")
    values = np.random.default_rng(0).choice([3, 9], (64, 64)).astype("uint8")
    reader = FakeReader({"a/v": (values, np.ones((64, 64), np.bool_))})
    target = Grid(crs="EPSG:3857", transform=Affine(23, 0, 5, 0, -23, -5), height=20, width=20)
    found = fill(
        [scene("a", 0, band=band)], Want(keys=("v",), target=target, resampling="bilinear"), reader
    )
    assert set(np.unique(found.bands["v"][0])) == {3, 9}


def test_too_many_pixels_are_refused_before_they_are_read():
    huge = Grid(crs="EPSG:3857", transform=Affine(10, 0, 0, 0, -10, 0), height=9000, width=9000)
    target = Grid(crs="EPSG:3857", transform=Affine(500, 0, 0, 0, -500, 0), height=180, width=180)
    reader = FakeReader({})
    with pytest.raises(TooManyPixels):
        fill([scene("a", 0, grid=huge)], Want(keys=("v",), target=target), reader)
    assert reader.reads == []


def test_nothing_at_all():
    found = fill([], Want(keys=("v",), target=GRID), FakeReader({}))
    assert found.bands == {}
    assert not found.usable.any()
