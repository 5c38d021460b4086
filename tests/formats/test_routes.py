"""Each way in which a TIFF may be packed: read by our own path, and equal to rasterio."""

from __future__ import annotations

import os
import tempfile
import tracemalloc
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.errors.files import StoredFileFailed
from landzicht.formats import CogReader
from landzicht.formats.gdal import load_rasterio
from landzicht.formats.inspector import inspect_here
from landzicht.formats.tiff import read_header
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band

HEIGHT, WIDTH = 150, 133
TILES = {"tiled": True, "blockxsize": 64, "blockysize": 64}
STRIPS = {"blockysize": 16}
LAYOUTS = {"tiles": TILES, "strips": STRIPS, "one strip": {"blockysize": HEIGHT}}
INTEGERS = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64")
FLOATS = ("float32", "float64")


def pixels(dtype, count=1, seed=0):
    """Smooth fields with noise, some of it beyond all limits of differences."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = np.stack([np.sin(down / 9 + k) * np.cos(across / 7) for k in range(count)])
    planes += rng.normal(0, 0.1, planes.shape)
    if np.dtype(dtype).kind == "f":
        return (planes * 1e3).astype(dtype)
    limits = np.iinfo(dtype)
    scaled = (planes + 1.5) / 3 * (limits.max / 2) + (limits.min / 4)
    found = np.clip(scaled, limits.min // 2, limits.max // 2).astype(dtype)
    found[:, 3:6, 5:9], found[:, 6:9, 5:9] = limits.max, limits.min
    return found


def check(path, folder, route="own", close=0):
    """Every band of every level, whole and in part, against rasterio, within `close`."""
    rasterio = load_rasterio()
    reader = CogReader(folder)
    with rasterio.open(path) as image:
        count, nodata, dtypes = image.count, image.nodata, image.dtypes
        factors = [1, *image.overviews(1)]
        full = Grid(crs="EPSG:32631", transform=image.transform, height=HEIGHT, width=WIDTH)
    band = Band(name="b", dtype=dtypes[0], nodata=nodata)
    for index in range(1, count + 1):
        asset = Asset(key="b", href=path.name, band=band, grid=full, size=1, sha256="", index=index)
        levels = reader.levels(asset)
        assert len(levels) == len(factors)
        for level, grid in enumerate(levels):
            options = {"overview_level": level - 1} if level else {}
            with rasterio.open(path, **options) as image:
                values, mask = image.read(index), image.read_masks(index) != 0
            if values.dtype.kind == "f":
                mask &= ~np.isnan(values)
            height, width = grid.shape
            parts = (Window(0, 0, height, width), Window(height // 3, width // 4, 20, 23))
            for part in parts:
                block = reader.read(asset, level, part)
                rows = slice(part.row, part.stop_row)
                columns = slice(part.column, part.stop_column)
                mine, theirs = block.values[0], values[rows, columns]
                if close:
                    np.testing.assert_allclose(mine.astype(float), theirs, rtol=0, atol=close)
                else:
                    np.testing.assert_array_equal(mine, theirs)
                np.testing.assert_array_equal(block.valid[0], mask[rows, columns])
    other = {"own": "gdal", "gdal": "own"}[route]
    assert reader.routes[route] > 0
    assert reader.routes[other] == 0
    return reader


def overviews(path):
    with load_rasterio().open(path, "r+") as image:
        image.build_overviews([2, 4])


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
@pytest.mark.parametrize("codec", [None, "deflate", "lzw", "zstd", "packbits", "lzma"])
def test_codecs_and_predictors(make_tiff, tmp_path, dtype, codec):
    predictors = [1]
    if codec not in (None, "packbits"):
        predictors = [1, 2] if dtype in INTEGERS else [1, 2, 3]
    for predictor in predictors:
        options = {"compress": codec, "predictor": predictor} if codec else {}
        path = make_tiff(pixels(dtype), f"p{predictor}.tif", **TILES, **options)
        check(path, tmp_path)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("interleave", ["pixel", "band"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint32", "float32", "float64"])
def test_several_bands(make_tiff, tmp_path, layout, interleave, dtype):
    for predictor in (1, 2) if dtype in INTEGERS else (1, 2, 3):
        path = make_tiff(
            pixels(dtype, 5),
            f"p{predictor}.tif",
            interleave=interleave,
            compress="deflate",
            predictor=predictor,
            photometric="minisblack",
            **LAYOUTS[layout],
        )
        overviews(path)
        check(path, tmp_path)


@pytest.mark.parametrize(
    ("dtype", "layout", "bigtiff"),
    list(product(["uint8", "int16", "uint32", "float32", "float64"], LAYOUTS, ["NO", "YES"])),
)
def test_big_endian(make_tiff, tmp_path, dtype, layout, bigtiff):
    for count, predictor in product((1, 3), (1, 2) if dtype in INTEGERS else (1, 3)):
        path = make_tiff(
            pixels(dtype, count),
            f"c{count}p{predictor}.tif",
            compress="lzw",
            predictor=predictor,
            interleave="pixel",
            photometric="minisblack",
            ENDIANNESS="BIG",
            BIGTIFF=bigtiff,
            **LAYOUTS[layout],
        )
        assert read_header(path).levels[0].swapped
        check(path, tmp_path)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("quality", [75, 95])
@pytest.mark.parametrize("photometric", ["YCBCR", "RGB", "MINISBLACK"])
def test_jpeg(make_tiff, tmp_path, layout, quality, photometric):
    """Equal to the last bit, but for colour at half resolution: GDAL enlarges that coarsely, and
    we smoothly, which differs by at most 8 of 255.
    """
    values = pixels("uint8", 1 if photometric == "MINISBLACK" else 3)
    path = make_tiff(
        values,
        compress="jpeg",
        JPEG_QUALITY=quality,
        photometric=photometric,
        interleave="pixel",
        **LAYOUTS[layout],
    )
    check(path, tmp_path, close=8 if photometric == "YCBCR" else 0)


def test_jpeg_with_bands_apart_and_a_mask(make_tiff, tmp_path):
    mask = np.random.default_rng(1).random((HEIGHT, WIDTH)) > 0.3
    path = make_tiff(pixels("uint8", 3), mask=mask, compress="jpeg", interleave="band", **TILES)
    check(path, tmp_path)


@pytest.mark.parametrize("lossless", ["YES", "NO"])
@pytest.mark.parametrize("count", [3, 4])
def test_webp(make_tiff, tmp_path, lossless, count):
    path = make_tiff(
        pixels("uint8", count),
        compress="webp",
        WEBP_LOSSLESS=lossless,
        interleave="pixel",
        photometric="rgb",
        **TILES,
    )
    check(path, tmp_path)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
@pytest.mark.parametrize("codec", ["lerc", "lerc_deflate", "lerc_zstd"])
@pytest.mark.parametrize("error", [0, 0.5])
def test_lerc(make_tiff, tmp_path, dtype, codec, error):
    values = pixels(dtype)
    if dtype in FLOATS:
        values[:, 20:30, 40:90] = np.nan
    path = make_tiff(values, compress=codec, MAX_Z_ERROR=error, **TILES)
    check(path, tmp_path)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("interleave", ["pixel", "band"])
def test_alpha_says_what_counts(make_tiff, tmp_path, layout, interleave):
    values = pixels("uint8", 4)
    values[3] = np.where(np.random.default_rng(2).random((HEIGHT, WIDTH)) > 0.4, 255, 0)
    values[3, :10] = 7
    path = make_tiff(
        values,
        compress="deflate",
        interleave=interleave,
        photometric="rgb",
        ALPHA="YES",
        **LAYOUTS[layout],
    )
    assert read_header(path).levels[0].alpha == 3
    check(path, tmp_path)


def test_half_floats(make_tiff, tmp_path):
    """rasterio gives them as float32, with NBITS=16 in the file."""
    for predictor in (1, 3):
        path = make_tiff(
            pixels("float32"),
            f"p{predictor}.tif",
            compress="deflate",
            NBITS=16,
            predictor=predictor,
            **TILES,
        )
        assert read_header(path).levels[0].dtype == np.float16
        check(path, tmp_path)


def test_blocks_never_written(make_tiff, tmp_path):
    for interleave, layout in product(("pixel", "band"), LAYOUTS):
        values = pixels("int16", 3)
        values[:, :64] = values[:, :, :64] = -5
        path = make_tiff(
            values,
            f"{interleave}{layout}.tif",
            interleave=interleave,
            SPARSE_OK=True,
            compress="deflate",
            nodata=-5,
            photometric="minisblack",
            **LAYOUTS[layout],
        )
        check(path, tmp_path)


def test_what_our_path_does_not_read_goes_through_gdal(make_tiff, tmp_path):
    for number, (values, options) in enumerate(
        [
            (pixels("uint8") % 16, {"NBITS": 4}),
            (
                pixels("uint8", 4),
                {"compress": "jpeg", "interleave": "pixel", "photometric": "cmyk"},
            ),
            (pixels("uint8", 2), {"compress": "jpeg", "interleave": "pixel"}),
            # Printing inks: GDAL turns them into red, green and blue.
            (pixels("uint8", 4), {"compress": "deflate", "photometric": "cmyk"}),
            (pixels("uint16", 3), {"compress": "lerc", "interleave": "pixel"}),
            (pixels("uint8"), {"tiled": True, "blockxsize": 8192, "blockysize": 16}),
        ]
    ):
        path = make_tiff(values, f"{number}.tif", **options)
        check(path, tmp_path, route="gdal")


@pytest.mark.parametrize("text", ["none", "0x9", "7 of 9", " 9 ", "", "nan", "-1e2"])
def test_nodata_is_read_as_gdal_reads_it(make_tiff, tmp_path, text):
    path = make_tiff(pixels("int16") % 12, nodata=-31415, compress="deflate")
    content = path.read_bytes()
    assert content.count(b"-31415\0") == 1
    path.write_bytes(content.replace(b"-31415\0", text.encode().ljust(7, b"\0")))
    check(path, tmp_path)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("codec", [None, "deflate", "lzw", "packbits"])
def test_palettes_are_codes(make_tiff, tmp_path, layout, codec):
    """Colours by number: the numbers come by our own path, the colours with the header."""
    options = {"compress": codec} if codec else {}
    path = make_tiff(pixels("uint8") % 9, nodata=8, **LAYOUTS[layout], **options)
    colours = {n: (n, 255 - n, n * n % 256, 255) for n in range(256)}
    with load_rasterio().open(path, "r+") as image:
        image.write_colormap(1, colours)
        image.build_overviews([2], load_rasterio().enums.Resampling.nearest)
    check(path, tmp_path)
    (band,) = inspect_here(path).bands
    colours[8] = (*colours[8][:3], 0)  # nothing has no colour
    assert (band.colour, dict(band.colours)) == ("palette", colours)


def test_palettes_of_sixteen_colours_go_through_gdal(make_tiff, tmp_path):
    path = make_tiff(pixels("uint8") % 16, NBITS=4, photometric="palette", **TILES)
    colours = {n: (10 * n, 255 - n, n * n, 255) for n in range(16)}
    with load_rasterio().open(path, "r+") as image:
        image.write_colormap(1, colours)
    check(path, tmp_path, route="gdal")
    (band,) = inspect_here(path).bands
    assert dict(band.colours) == colours


# ---------------------------------------------------------------------- refusals


def asset_in(path, **fields):
    grid = Grid(
        crs="EPSG:32631",
        transform=Affine(10, 0, 600_000, 0, -10, 5_700_000),
        height=HEIGHT,
        width=WIDTH,
    )
    band = Band(name="b", dtype="uint8")
    plain = Asset(key="b", href=path.name, band=band, grid=grid, size=1, sha256="")
    return replace(plain, **fields)


@pytest.mark.parametrize("index", [0, -1, 4, 10**6])
@pytest.mark.parametrize("options", [TILES, {"NBITS": 4}], ids=["own", "gdal"])
def test_a_band_that_is_not_there(make_tiff, tmp_path, index, options):
    path = make_tiff(pixels("uint8", 3) % 16, photometric="minisblack", **options)
    with pytest.raises(StoredFileFailed):
        CogReader(tmp_path).read(asset_in(path, index=index), 0, Window(0, 0, 9, 9))


@pytest.mark.parametrize("codec", ["jpeg", "webp", "lerc", "lerc_zstd", "lzw", "lzma", "packbits"])
def test_noise_in_place_of_a_block(make_tiff, tmp_path, codec):
    path = make_tiff(
        pixels("uint8", 1 if codec != "webp" else 3), compress=codec, interleave="pixel", **TILES
    )
    image = read_header(path).levels[0]
    content = bytearray(path.read_bytes())
    noise = np.random.default_rng(0).integers(0, 256, len(content), np.uint8).tobytes()
    for offset, size in zip(image.offsets.tolist(), image.sizes.tolist(), strict=True):
        content[offset : offset + size] = noise[offset : offset + size]
    path.write_bytes(content)
    reader = CogReader(tmp_path)
    try:
        block = reader.read(asset_in(path), 0, Window(0, 0, HEIGHT, WIDTH))
    except StoredFileFailed:
        return
    assert block.values.shape == (1, HEIGHT, WIDTH)


@pytest.mark.parametrize("codec", ["jpeg", "webp", "lerc"])
def test_a_block_that_claims_to_be_huge_is_not_unpacked(make_tiff, tmp_path, codec):
    """A block is a picture with a size of its own; a wrong one is refused before it is made."""
    import imagecodecs

    big = np.zeros((8000, 8000, 3) if codec == "webp" else (8000, 8000), np.uint8)
    bomb = {
        "jpeg": lambda: imagecodecs.jpeg8_encode(big),
        "webp": lambda: imagecodecs.webp_encode(big, lossless=True, method=0),
        "lerc": lambda: imagecodecs.lerc_encode(big),
    }[codec]()
    noise = np.random.default_rng(0).integers(0, 256, (3, HEIGHT, WIDTH)).astype("uint8")
    options = {"WEBP_LOSSLESS": "YES"} if codec == "webp" else {}
    path = make_tiff(
        noise if codec == "webp" else noise[:1], compress=codec, interleave="pixel",
        blockysize=HEIGHT, **options,
    )  # fmt: skip
    image = read_header(path).levels[0]
    content = bytearray(path.read_bytes())
    offset, size = int(image.offsets[0]), int(image.sizes[0])
    if len(bomb) > size:
        bomb = bomb[:size]
    content[offset : offset + len(bomb)] = bomb
    path.write_bytes(content)
    with pytest.raises(StoredFileFailed):
        CogReader(tmp_path).read(asset_in(path), 0, Window(0, 0, 9, 9))


FUZZED = {
    "jpeg": {"compress": "jpeg", "photometric": "YCBCR", "interleave": "pixel", **TILES},
    "webp": {"compress": "webp", "interleave": "pixel", "photometric": "rgb", **TILES},
    "lerc": {"compress": "lerc", "interleave": "band", **TILES},
    "lzw, apart": {"compress": "lzw", "interleave": "band", "predictor": 2, **STRIPS},
    "big endian": {"compress": "deflate", "interleave": "pixel", "ENDIANNESS": "BIG", **TILES},
}


@pytest.fixture(scope="module", params=FUZZED)
def honest(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("fuzz") / "x.tif"
    profile = {
        "driver": "GTiff", "count": 3, "height": HEIGHT, "width": WIDTH, "dtype": "uint8",
        "crs": "EPSG:32631", "transform": Affine(10, 0, 600_000, 0, -10, 5_700_000),
    }  # fmt: skip
    with load_rasterio().open(path, "w", **profile, **FUZZED[request.param]) as image:
        image.write(pixels("uint8", 3))
    header = read_header(path)
    assert header.levels[0].samples == 3
    return path


@settings(max_examples=60 if os.environ.get("LANDZICHT_SOAK") else 20, deadline=None)
@given(st.data())
def test_any_damage_is_an_error_or_a_picture(honest, data):
    """Never a crash, never more memory than a file of this size may take."""
    content = bytearray(honest.read_bytes())
    near = st.integers(0, min(len(content), 1_500) - 1) | st.integers(0, len(content) - 1)
    for place in data.draw(st.lists(near, min_size=1, max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content)))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.tif")
        path.write_bytes(content)
        reader = CogReader(Path(folder))
        tracemalloc.start()
        try:
            block = reader.read(asset_in(path, index=2), 0, Window(0, 0, HEIGHT, WIDTH))
            assert block.values.shape == (1, HEIGHT, WIDTH)
        except StoredFileFailed:
            pass
        finally:
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert most < 200 * 2**20
