"""Windows as their rows lie in memory hold what copied windows hold."""

from __future__ import annotations

import weakref
from dataclasses import replace

import numpy as np
import pytest

from landzicht.errors.files import StoredFileFailed
from landzicht.formats import decode
from landzicht.formats.cog import CogReader
from landzicht.formats.gdal import load_rasterio
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band

HEIGHT, WIDTH = 400, 330
TILES = {"tiled": True, "blockxsize": 256, "blockysize": 256}
FORMS = {
    "grown": {"compress": "deflate", "predictor": 2, **TILES},
    "whole": {"compress": "zstd", "predictor": 2, **TILES},
    "strips": {"compress": "deflate", "blockysize": 150},
    "one strip": {"compress": "zstd", "blockysize": HEIGHT},
    "small": {"tiled": True, "blockxsize": 64, "blockysize": 64},
}


def pixels(dtype, height, width, seed=0):
    limits = np.iinfo(dtype)
    chance = np.random.default_rng(seed)
    return chance.integers(limits.min, limits.max, (height, width), dtype, endpoint=True)


def asset_of(path):
    with load_rasterio().open(path) as image:
        (height, width), crs = image.shape, image.crs.to_string()
        grid = Grid(crs=crs, transform=image.transform, height=height, width=width)
        band = Band(name="B04", dtype=image.dtypes[0], nodata=image.nodata)
    size = path.stat().st_size
    return Asset(key="B04", href=path.name, band=band, grid=grid, size=size, sha256="")


def oracle(path, window):
    where = ((window.row, window.stop_row), (window.column, window.stop_column))
    with load_rasterio().open(path) as image:
        return image.read(1, window=where), image.read_masks(1, window=where) != 0


def as_window(rows, window):
    """Return the numbers of a window and which of them count, both `(y, x)`."""
    assert rows.values.size == (window.height - 1) * rows.stride + window.width
    at = np.arange(window.height)[:, None] * rows.stride + np.arange(window.width)
    assert rows.valid is None, "what is not nodata counts"
    return rows.values[at], rows.values[at] != (-1 if rows.nodata is None else rows.nodata)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("nodata", [None, 0])
def test_same_pixels(make_tiff, tmp_path, dtype, form, nodata):
    values = pixels(dtype, HEIGHT, WIDTH)
    values[values == 0] = 1
    values[100:120, 200:300] = 0
    options = FORMS[form] | ({} if nodata is None else {"nodata": nodata})
    path = make_tiff(values[None], **options)
    asset, chance = asset_of(path), np.random.default_rng(0)
    reader, straight = CogReader(tmp_path), 0
    for _ in range(25):
        top, left = int(chance.integers(0, HEIGHT - 1)), int(chance.integers(0, WIDTH - 1))
        window = Window(
            top,
            left,
            int(chance.integers(1, HEIGHT - top + 1)),
            int(chance.integers(1, WIDTH - left + 1)),
        )
        rows = reader.direct.rows(asset, 0, window)
        found, valid = as_window(rows, window)
        expected, usable = oracle(path, window)
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(valid, usable)
        assert rows.nodata == nodata
        straight += rows.stride != window.width
        assert not rows.values.flags.writeable
    assert straight if form not in ("strips", "one strip") else True
    assert reader.routes == {"own": 25, "gdal": 0}


@pytest.mark.parametrize("form", ["grown", "whole"])
def test_predictors_once_kernels_are_ready(make_tiff, tmp_path, monkeypatch, form):
    values = pixels("uint16", HEIGHT, WIDTH)
    path, window = make_tiff(values[None], **FORMS[form]), Window(0, 0, HEIGHT, WIDTH)
    added = []
    monkeypatch.setattr(decode, "is_ready", lambda: added.append(True) or True)
    rows = CogReader(tmp_path).rows(asset_of(path), 0, window)
    assert added
    np.testing.assert_array_equal(as_window(rows, window)[0], values)


def test_what_is_not_plain_is_left_to_the_other_way(make_tiff, tmp_path):
    window = Window(0, 0, 20, 20)
    wide = make_tiff(pixels("int16", 50, 50)[None], "wide.tif")
    mask = np.random.default_rng(0).random((50, 50)) > 0.5
    masked = make_tiff(pixels("uint16", 50, 50)[None], "masked.tif", mask=mask)
    strange = make_tiff(pixels("uint8", 64, 64)[None], "strange.jp2", driver="JP2OpenJPEG")
    reader = CogReader(tmp_path)
    for path in (wide, masked, strange):
        assert reader.rows(asset_of(path), 0, window) is None
    values = np.stack([pixels("uint16", 50, 50, seed) for seed in range(3)])
    together = make_tiff(values, "together.tif", interleave="pixel", **TILES)
    rows = reader.rows(asset_of(together), 0, window)
    assert rows.stride == window.width, "copied: the bands lie between each other"
    np.testing.assert_array_equal(as_window(rows, window)[0], oracle(together, window)[0])


@pytest.mark.parametrize("nodata", [None, 0])
def test_bands_of_8_bits_that_lie_between_each_other(make_tiff, tmp_path, nodata):
    values = np.maximum(np.stack([pixels("uint8", 100, 120, seed) for seed in range(3)]), 1)
    values[1, 40:50, 20:30] = 0
    options = {"nodata": nodata} if nodata is not None else {}
    together = make_tiff(values, "together.tif", interleave="pixel", **TILES, **options)
    reader = CogReader(tmp_path)
    for band, hole in ((1, False), (2, True), (3, False)):
        asset = replace(asset_of(together), index=band)
        for window in (Window(5, 6, 50, 40), Window(70, 70, 9, 9), Window(0, 0, 1, 1)):
            rows = reader.rows(asset, 0, window)
            found, valid = as_window(rows, window)
            cut = values[band - 1][window.row : window.stop_row, window.column : window.stop_column]
            assert np.may_share_memory(rows.values, reader.rows(asset, 0, window).values)
            np.testing.assert_array_equal(found, cut)
            np.testing.assert_array_equal(valid, (cut != 0) | (nodata is None))
            assert valid.all() != (hole and nodata == 0 and window.row == 5)
            assert not rows.values.flags.writeable


def test_bands_between_each_other_are_copied_together(make_tiff, tmp_path):
    """In several blocks: one copy serves all bands, and lives no longer than who holds them."""
    values = np.stack([pixels("uint8", HEIGHT, WIDTH, seed) for seed in range(3)])
    path = make_tiff(values, "together.tif", interleave="pixel", **TILES)
    reader, window = CogReader(tmp_path), Window(200, 190, 90, 110)
    assets = [replace(asset_of(path), index=band) for band in (1, 2, 3)]
    held = [reader.rows(asset, 0, window) for asset in assets]
    for band, rows in zip(values, held, strict=True):
        np.testing.assert_array_equal(as_window(rows, window)[0], band[200:290, 190:300])
        assert not rows.values.flags.writeable
        assert rows.values.base is held[0].values.base
    copy = weakref.ref(held[0].values.base)
    assert copy() is not None
    del held, rows
    assert copy() is None
    other = reader.rows(assets[1], 0, Window(210, 190, 80, 110))
    np.testing.assert_array_equal(
        as_window(other, Window(210, 190, 80, 110))[0], values[1, 210:290, 190:300]
    )


BLOCKS = {
    "as large": {"compress": "zstd", "tiled": True, "blockxsize": 128, "blockysize": 128},
    "larger": {"compress": "deflate", "tiled": True, "blockxsize": 256, "blockysize": 128},
    "bands between": {"compress": "zstd", "interleave": "pixel", **TILES},
}
NOT_IN_PARTS = {
    "smaller": {"tiled": True, "blockxsize": 64, "blockysize": 64},
    "strips": {"compress": "deflate", "blockysize": 128},
}


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("form", BLOCKS)
def test_parts_make_up_the_window(make_tiff, tmp_path, dtype, form):
    bands = 2 if "interleave" in BLOCKS[form] else 1
    values = np.stack([pixels(dtype, HEIGHT, WIDTH, seed) for seed in range(bands)])
    asset = asset_of(path := make_tiff(values, nodata=9, **BLOCKS[form]))
    chance, reader = np.random.default_rng(1), CogReader(tmp_path, 0)
    for _ in range(15):
        top, left = int(chance.integers(0, HEIGHT - 1)), int(chance.integers(0, WIDTH - 1))
        height = int(chance.integers(1, HEIGHT - top + 1))
        window = Window(top, left, height, int(chance.integers(1, WIDTH - left + 1)))
        found = np.zeros((window.height, window.width), dtype)
        times = np.zeros(found.shape, int)
        for part in reader.direct.parts(asset, 0, window, 128):
            at = part.window
            for start, stop, first, last in (
                (at.row, at.stop_row, window.row, window.stop_row),
                (at.column, at.stop_column, window.column, window.stop_column),
            ):
                assert start == first or start % 128 == 0
                assert stop == last or stop % 128 == 0
            rows = slice(at.row - top, at.stop_row - top)
            columns = slice(at.column - left, at.stop_column - left)
            places = np.arange(at.height)[:, None] * part.stride + np.arange(at.width)
            assert part.values.size == places[-1, -1] + 1
            assert not part.values.flags.writeable
            assert part.nodata == 9
            found[rows, columns], times[rows, columns] = (
                part.values[places],
                times[rows, columns] + 1,
            )
        assert (times == 1).all()
        expected, usable = oracle(path, window)
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(found != 9, usable)


def test_what_is_not_plain_comes_in_no_parts(make_tiff, tmp_path):
    reader, window = CogReader(tmp_path), Window(0, 0, 20, 20)
    mask = np.random.default_rng(0).random((50, 50)) > 0.5
    files = [
        make_tiff(pixels("int16", 50, 50)[None], "wide.tif", **TILES),
        make_tiff(pixels("uint16", 50, 50)[None], "masked.tif", mask=mask, **TILES),
        make_tiff(pixels("uint8", 64, 64)[None], "strange.jp2", driver="JP2OpenJPEG"),
        *(
            make_tiff(pixels("uint8", HEIGHT, WIDTH)[None], f"{name}.tif", **form)
            for name, form in NOT_IN_PARTS.items()
        ),
    ]
    for path in files:
        assert reader.direct.parts(asset_of(path), 0, window, 128) is None


def test_damage_in_a_part_is_told(make_tiff, tmp_path):
    path = make_tiff(pixels("uint16", 300, 300)[None], compress="deflate", **TILES)
    asset, stored = asset_of(path), path.read_bytes()
    middle = len(stored) // 3
    path.write_bytes(stored[:middle] + bytes(2000) + stored[middle + 2000 :])
    with pytest.raises(StoredFileFailed):
        list(CogReader(tmp_path).direct.parts(asset, 0, Window(0, 0, 300, 300), 256))
    larger = replace(asset, grid=replace(asset.grid, height=400))
    with pytest.raises(StoredFileFailed):
        CogReader(tmp_path).direct.parts(larger, 0, Window(0, 0, 400, 300), 256)
    path.write_bytes(stored[: len(stored) // 2])
    with pytest.raises(StoredFileFailed):
        list(CogReader(tmp_path).direct.parts(asset, 0, Window(0, 0, 300, 300), 256))


def test_damage_is_told(make_tiff, tmp_path):
    path = make_tiff(pixels("uint16", 300, 300)[None], compress="deflate", **TILES)
    asset = asset_of(path)
    stored = path.read_bytes()
    middle = len(stored) // 3
    path.write_bytes(stored[:middle] + bytes(2000) + stored[middle + 2000 :])
    with pytest.raises(StoredFileFailed):
        CogReader(tmp_path).rows(asset, 0, Window(0, 0, 300, 300))
