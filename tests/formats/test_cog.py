"""Our own reader against rasterio, and against damaged files."""

from __future__ import annotations

import math
import struct
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import imagecodecs
import numpy as np
import pytest
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landzicht.errors.files import StoredFileFailed
from landzicht.formats.cog import CogReader
from landzicht.formats.decode import exact_nodata
from landzicht.formats.gdal import load_rasterio
from landzicht.formats.tiff import DamagedTiff, OtherProfile, read_header
from landzicht.formats.windows import usable
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band

DTYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
CODECS = (("deflate", 1), ("deflate", 2), ("zstd", 1), ("zstd", 2), ("zstd", 3), (None, 1))
CASES = [
    (dtype, codec, predictor)
    for dtype in DTYPES
    for codec, predictor in CODECS
    if predictor != 3 or dtype.startswith("float")  # predictor 3 is for floats only
]


def pixels(dtype, height, width, seed=0):
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return (rng.normal(size=(height, width)) * 1000).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, (height, width), dtype, endpoint=True)


def add_overviews(path, factors, resampling="nearest"):
    rasterio = load_rasterio()
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True, GDAL_TIFF_OVR_BLOCKSIZE=64),
        rasterio.open(path, "r+") as image,
    ):
        image.build_overviews(factors, getattr(rasterio.enums.Resampling, resampling))


def asset_of(path, nodata="file"):
    with load_rasterio().open(path) as image:
        grid = Grid(
            crs=image.crs.to_string(),
            transform=image.transform,
            height=image.height,
            width=image.width,
        )
        band = Band(
            name="B04",
            dtype=image.dtypes[0],
            nodata=image.nodata if nodata == "file" else nodata,
        )
    return Asset(
        key="B04", href=path.name, band=band, grid=grid, size=path.stat().st_size, sha256=""
    )


def oracle(path, level, window, band=1):
    options = {"overview_level": level - 1} if level else {}
    with load_rasterio().open(path, **options) as image:
        where = ((window.row, window.stop_row), (window.column, window.stop_column))
        return image.read(band, window=where), image.read_masks(band, window=where) != 0


def check_level(reader, path, asset, level, window):
    block = reader.read(asset, level, window)
    values, valid = oracle(path, level, window)
    assert block.values.dtype == values.dtype
    np.testing.assert_array_equal(block.values[0], values)
    np.testing.assert_array_equal(block.valid[0], valid)


@pytest.mark.parametrize(("dtype", "codec", "predictor"), CASES)
@pytest.mark.parametrize("bigtiff", ["NO", "YES"])
def test_equals_rasterio(make_tiff, tmp_path, dtype, codec, predictor, bigtiff):
    options = {"compress": codec, "predictor": predictor} if codec else {}
    values = pixels(dtype, 201, 147)
    path = make_tiff(
        values[None], tiled=True, blockxsize=64, blockysize=64, BIGTIFF=bigtiff, **options
    )
    add_overviews(path, [2, 4])
    reader, asset = CogReader(tmp_path), asset_of(path)
    assert [grid.shape for grid in reader.levels(asset)] == [(201, 147), (101, 74), (51, 37)]
    for level, (height, width) in enumerate([(201, 147), (101, 74), (51, 37)]):
        check_level(reader, path, asset, level, Window(0, 0, height, width))
        check_level(reader, path, asset, level, Window(height // 3, width // 4, 7, 19))
    assert reader.routes["own"] == 6
    assert reader.routes["gdal"] == 0


@pytest.mark.parametrize("eight_bit", [False, True])
def test_masks_of_all_levels(make_tiff, tmp_path, eight_bit):
    values = pixels("uint16", 150, 130)
    mask = np.random.default_rng(1).random((150, 130)) > 0.4
    rasterio = load_rasterio()
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK_TO_8BIT=eight_bit):
        path = make_tiff(
            values[None], mask=mask, tiled=True, blockxsize=64, blockysize=64, compress="deflate"
        )
        add_overviews(path, [2])
    reader, asset = CogReader(tmp_path), asset_of(path)
    check_level(reader, path, asset, 0, Window(0, 0, 150, 130))
    check_level(reader, path, asset, 1, Window(3, 5, 60, 50))
    assert not reader.read(asset, 0, Window(0, 0, 150, 130)).valid.all()
    assert reader.routes["own"] == 3


@pytest.mark.parametrize(
    ("dtype", "nodata"),
    [
        ("uint16", 0),
        ("int16", -9999),
        ("float32", math.nan),
        ("float32", -3.4028234663852886e38),
        ("float64", -1e30),
    ],
)
def test_nodata(make_tiff, tmp_path, dtype, nodata):
    values = pixels(dtype, 70, 90)
    values[10:30, 20:40] = nodata
    path = make_tiff(
        values[None], tiled=True, blockxsize=64, blockysize=64, nodata=nodata, compress="zstd"
    )
    reader, asset = CogReader(tmp_path), asset_of(path)
    check_level(reader, path, asset, 0, Window(0, 0, 70, 90))
    assert not reader.read(asset, 0, Window(15, 25, 2, 2)).valid.any()


def test_nodata_that_an_overview_rounded_is_still_nodata():
    values = np.array([-1.2676506002282294e30, -1.2676506e30, -1.26e30, 0.0, np.nan])
    assert usable(values, -1.2676506e30, None).tolist() == [False, False, True, True, False]
    lowest = np.array([-3.4028234663852886e38, 3.4e38, 0], np.float32)
    assert usable(lowest, -3.4028234663852886e38, None).tolist() == [False, True, True]
    assert usable(np.array([0.0, 1e-30, np.inf]), 0.0, None).tolist() == [False, True, True]
    assert usable(np.array([1.0, np.inf]), np.inf, None).tolist() == [True, False]


def test_nodata_of_the_catalogue_wins(make_tiff, tmp_path):
    values = np.arange(64 * 64, dtype="uint16").reshape(64, 64)
    path = make_tiff(values[None], tiled=True, blockxsize=64, blockysize=64)
    block = CogReader(tmp_path).read(asset_of(path, nodata=7), 0, Window(0, 0, 64, 64))
    assert list(block.values[~block.valid]) == [7]


@given(
    dtype=st.sampled_from(["uint8", "int16", "uint64", "float32"]),
    nodata=st.one_of(st.none(), st.floats(), st.integers(-40_000, 70_000).map(float)),
)
def test_nodata_that_fits_no_number_hides_none(dtype, nodata):
    values = pixels(dtype, 5, 7)
    expected = np.array(
        [[not (nodata is not None and float(v) == nodata) and v == v for v in r] for r in values]
    )
    if exact_nodata(values.dtype, nodata) is None and values.dtype.kind != "f":
        assert usable(values, nodata, None).all()
    elif values.dtype.kind != "f":
        np.testing.assert_array_equal(usable(values, nodata, None), expected)


@pytest.mark.parametrize("nodata", [None, 5])
def test_tiles_never_written(make_tiff, tmp_path, nodata):
    values = np.full((200, 200), nodata or 0, "int16")
    values[:64, :64] = 9
    path = make_tiff(
        values[None],
        tiled=True,
        blockxsize=64,
        blockysize=64,
        SPARSE_OK=True,
        compress="zstd",
        nodata=nodata,
    )
    assert (read_header(path).levels[0].sizes == 0).any()
    check_level(CogReader(tmp_path), path, asset_of(path), 0, Window(0, 0, 200, 200))


@pytest.mark.parametrize(
    "options",
    [
        {"NBITS": 12},
        {"compress": "deflate", "NBITS": 12, "tiled": True, "blockxsize": 64, "blockysize": 64},
        {"compress": "lerc", "count": 2, "interleave": "pixel"},
        {"tiled": True, "blockxsize": 8192, "blockysize": 16},
    ],
)
def test_other_layouts_go_through_gdal(make_tiff, tmp_path, options):
    values = pixels("uint16", 100, 80) % 4096
    stack = np.stack([values] * options.get("count", 1))
    path = make_tiff(stack, nodata=3, **options)
    add_overviews(path, [2])
    with pytest.raises(OtherProfile):
        read_header(path)
    reader, asset = CogReader(tmp_path), asset_of(path)
    check_level(reader, path, asset, 0, Window(10, 20, 30, 40))
    check_level(reader, path, asset, 1, Window(0, 0, 50, 40))
    assert reader.routes == {"own": 0, "gdal": 2}


def test_overviews_lie_on_the_full_image(make_tiff, tmp_path):
    path = make_tiff(pixels("uint8", 101, 77)[None], tiled=True, blockxsize=64, blockysize=64)
    add_overviews(path, [2])
    full, half = CogReader(tmp_path).levels(asset_of(path))
    for mine, theirs in zip(half.corners, full.corners, strict=True):
        assert mine == pytest.approx(theirs)


# ---------------------------------------------------------------------- damage


@pytest.fixture
def good(make_tiff, tmp_path):
    path = make_tiff(
        pixels("uint16", 130, 130)[None],
        tiled=True,
        blockxsize=64,
        blockysize=64,
        compress="zstd",
        predictor=2,
        nodata=0,
    )
    add_overviews(path, [2])
    return path, asset_of(path)


def refused(folder, asset):
    with pytest.raises(StoredFileFailed) as caught:
        CogReader(folder).read(asset, 0, Window(0, 0, 130, 130))
    assert caught.value.code == "stored-file-failed"
    assert asset.href in caught.value.say("nl")


@pytest.mark.parametrize("keep", [0, 1, 4, 8, 100, 300, 1000, 0.5, 0.99])
def test_cut_short(good, tmp_path, keep):
    path, asset = good
    stored = path.read_bytes()
    path.write_bytes(stored[: keep if isinstance(keep, int) else int(len(stored) * keep)])
    refused(tmp_path, asset)


def test_gone(good, tmp_path):
    path, asset = good
    path.unlink()
    refused(tmp_path, asset)


def test_gone_after_the_header_was_read(good, tmp_path):
    path, asset = good
    reader = CogReader(tmp_path)
    reader.levels(asset)
    path.unlink()
    with pytest.raises(StoredFileFailed):
        reader.read(asset, 0, Window(0, 0, 10, 10))


def test_text_in_place_of_a_file(good, tmp_path):
    path, asset = good
    path.write_text("not a picture " * 1000)
    refused(tmp_path, asset)


def test_another_size_than_the_catalogue_says(good, tmp_path):
    _, asset = good
    other = Grid(crs=asset.grid.crs, transform=asset.grid.transform, height=131, width=130)
    wrong = Asset(
        key="B04", href=asset.href, band=asset.band, grid=other, size=asset.size, sha256=""
    )
    refused(tmp_path, wrong)


@pytest.mark.parametrize("href", ["../secret.tif", "/etc/passwd", "a//b.tif", "a\\b", "a\0b", ""])
def test_addresses_stay_in_the_folder(good, tmp_path, href):
    _, asset = good
    wrong = Asset(
        key="B04", href=href, band=asset.band, grid=asset.grid, size=asset.size, sha256=""
    )
    refused(tmp_path / "inner", wrong)


def test_pixels_are_noise(good, tmp_path):
    path, asset = good
    header = read_header(path)
    stored = bytearray(path.read_bytes())
    start, size = int(header.levels[0].offsets[0]), int(header.levels[0].sizes[0])
    stored[start : start + size] = b"\x55" * size
    path.write_bytes(stored)
    refused(tmp_path, asset)


def test_a_tile_that_unpacks_to_more_than_promised(good, tmp_path):
    path, asset = good
    header = read_header(path)
    bomb = imagecodecs.zstd_encode(b"\0" * 50_000_000)
    stored = bytearray(path.read_bytes())
    start, size = int(header.levels[0].offsets[0]), int(header.levels[0].sizes[0])
    assert len(bomb) <= size
    stored[start : start + len(bomb)] = bomb
    # The index says how long the stored tile is; find and change it.
    at = stored.index(struct.pack("<H", size)) if size < 65_536 else None
    assert at is not None
    stored[at : at + 2] = struct.pack("<H", len(bomb))
    path.write_bytes(stored)
    refused(tmp_path, asset)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_damage_is_an_error_or_a_picture(good, data):
    """Flip bytes of the header anywhere: never another error than ours, never a hang."""
    path, asset = good
    whole = good[0].with_suffix(".whole")
    if not whole.exists():
        whole.write_bytes(path.read_bytes())
    stored = bytearray(whole.read_bytes())
    places = data.draw(st.lists(st.integers(0, min(1500, len(stored) - 1)), min_size=1, max_size=6))
    for place in places:
        stored[place] = data.draw(st.sampled_from([0, 1, 2, 4, 127, 128, 255]))
    path.write_bytes(stored)
    try:
        header = read_header(path)
    except (DamagedTiff, OtherProfile):
        return
    shape = (header.levels[0].height, header.levels[0].width)
    grid = Grid(crs="EPSG:32631", transform=Affine.identity(), height=shape[0], width=shape[1])
    changed = Asset(key="B", href=path.name, band=asset.band, grid=grid, size=1, sha256="")
    window = Window(0, 0, min(70, shape[0]), min(70, shape[1]))
    try:
        block = CogReader(path.parent, 0).read(changed, 0, window)
    except StoredFileFailed:
        return
    assert block.values.shape == (1, window.height, window.width)


# ---------------------------------------------------------------------- threads and memory


def test_each_tile_is_decoded_once(good, tmp_path, monkeypatch):
    import landzicht.formats.windows as room

    _, asset = good
    decoded, lock = [], threading.Lock()
    honest = room.decode_block

    def counted(directory, stored, number):
        with lock:
            decoded.append(1)
        return honest(directory, stored, number)

    monkeypatch.setattr(room, "decode_block", counted)
    reader = CogReader(tmp_path)
    window = Window(0, 0, 130, 130)
    with ThreadPoolExecutor(8) as pool:
        blocks = list(pool.map(lambda _: reader.read(asset, 0, window), range(24)))
    assert len(decoded) == 9
    for block in blocks[1:]:
        np.testing.assert_array_equal(block.values, blocks[0].values)


def test_the_cache_keeps_within_its_bytes(good, tmp_path):
    _, asset = good
    tile = 64 * 64 * 2
    reader = CogReader(tmp_path, 3 * tile)
    reader.read(asset, 0, Window(0, 0, 130, 130))
    assert reader.cache["bytes"] == 3 * tile
    reader.clear()
    assert reader.cache["bytes"] == 0


def test_what_was_read_may_be_changed_without_harm(good, tmp_path):
    _, asset = good
    reader = CogReader(tmp_path)
    first = reader.read(asset, 0, Window(0, 0, 64, 64))
    before = first.values.copy()
    first.values[:] = 0
    np.testing.assert_array_equal(reader.read(asset, 0, Window(0, 0, 64, 64)).values, before)


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*not georeferenced.*")
        yield
