"""Each compression with each type of number: which way it is read, and every pixel of it.

The table that this finds stands in `docs/rooms/formats.md`; run this file with
`LANDZICHT_TABLE=1` to print it anew.
"""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path

import numpy as np
import pytest

import landzicht
from landzicht.formats import CogReader
from landzicht.formats.gdal import load_rasterio
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band

HEIGHT, WIDTH = 75, 53
DTYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64")
DTYPES += ("float16", "float32", "float64")
CODECS = ("none", "packbits", "deflate", "lzw", "zstd", "lzma", "lerc", "lerc_deflate")
CODECS += ("lerc_zstd", "jpeg", "webp")
PREDICTED = frozenset({"deflate", "lzw", "zstd"})
LAYOUTS = (
    {"tiled": True, "blockxsize": 16, "blockysize": 32},
    {"blockysize": 8},
    {"blockysize": 75},
)
VALIDITY = ("all", "nodata", "mask", "alpha", "sparse")
PAGE = Path(landzicht.__file__).parents[2] / "docs" / "rooms" / "formats.md"


def pixels(dtype, count):
    rng = np.random.default_rng(3)
    planes = np.cumsum(rng.integers(-3, 4, (count, HEIGHT, WIDTH)), axis=2) + 60
    if dtype.startswith("float"):
        return (planes * 1.37).astype("float32" if dtype == "float16" else dtype)
    limits = np.iinfo(dtype)
    return np.clip(planes, max(limits.min, -100), 120).astype(dtype)


def cells(codec, dtype):
    """Yield options of files: every predictor, and each of the other choices with every other."""
    predictors = (1, 2, 3) if codec in PREDICTED else (1,)
    others = list(itertools.product((0, 1), ("pixel", "band"), VALIDITY, ("NO", "YES")))
    for number, predictor in enumerate(predictors):
        if predictor == 3 and not dtype.startswith("float"):
            continue
        step = 7 + DTYPES.index(dtype)  # each type begins elsewhere: together they see all
        for k in range(3):
            layout, interleave, validity, big = others[(number * 11 + k * 13 + step) % len(others)]
            layout = (layout + k) % 3
            yield {
                "predictor": predictor, "interleave": interleave, "BIGTIFF": big,
                **LAYOUTS[layout],
            }, validity  # fmt: skip


def write(path, codec, dtype, options, validity):
    rasterio = load_rasterio()
    count = 4 if validity == "alpha" or codec == "webp" else 3
    values = pixels(dtype, count)
    profile = {
        "driver": "GTiff", "count": count, "height": HEIGHT, "width": WIDTH,
        "dtype": values.dtype, "crs": "EPSG:32631", "photometric": "minisblack",
        "transform": rasterio.Affine(10, 0, 600_000, 0, -10, 5_700_000), **options,
    }  # fmt: skip
    if codec != "none":
        profile["compress"] = codec
    if codec not in PREDICTED:
        del profile["predictor"]
    if dtype == "float16":
        profile["NBITS"] = 16
    if validity == "nodata":
        profile["nodata"] = float(values[0, 5, 5])
    if validity == "alpha":
        profile["ALPHA"] = "YES"
        values[3] = np.where(values[3] % 3 == 0, 0, values[3])
    if validity == "sparse":
        profile["SPARSE_OK"] = True
        values[:, 32:] = 0
    if codec in ("webp", "lerc", "lerc_zstd", "lerc_deflate", "jpeg"):
        profile["interleave"] = "pixel" if codec == "webp" else "band"
    if codec == "webp":
        profile |= {"WEBP_LOSSLESS": "YES", "photometric": "rgb"}
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(path, "w", **profile) as image,
    ):
        image.write(values)
        if validity == "mask":
            image.write_mask(pixels("uint8", 1)[0] % 4 > 0)
    return path


def route_of(path):
    """Read every band by our reader, compare it with rasterio, and return which way it went."""
    reader = CogReader(path.parent)
    with load_rasterio().open(path) as image:
        grid = Grid(crs="EPSG:32631", transform=image.transform, height=HEIGHT, width=WIDTH)
        for index in image.indexes:
            band = Band(name="b", dtype=image.dtypes[0], nodata=image.nodata)
            asset = Asset(
                key="b", href=path.name, band=band, grid=grid, size=1, sha256="", index=index
            )
            block = reader.read(asset, 0, Window(0, 0, HEIGHT, WIDTH))
            np.testing.assert_array_equal(np.asarray(block.values)[0], image.read(index))
            np.testing.assert_array_equal(block.valid[0], image.read_masks(index) != 0)
    (route,) = {name for name, count in reader.routes.items() if count}
    return route


def measured(folder, codec, dtype):
    """Return `own`, `gdal`, both, or `-` when there is no such TIFF."""
    rasterio = load_rasterio()
    found = set()
    for number, (options, validity) in enumerate(cells(codec, dtype)):
        try:
            path = write(folder / f"{number}.tif", codec, dtype, options, validity)
        except (rasterio.errors.RasterioError, SystemError):
            continue
        found.add(route_of(path))
    return " or ".join(sorted(found)) or "-"


def told():
    """Return the table of the documentation: `(codec, dtype)` → route."""
    rows = re.findall(r"^\| (\w+) \|(.*)\|$", PAGE.read_text(), re.MULTILINE)
    table = {name: [cell.strip() for cell in cells.split("|")] for name, cells in rows}
    return {
        (codec, dtype): table[codec][place]
        for codec in CODECS
        for place, dtype in enumerate(DTYPES)
    }


@pytest.mark.parametrize("codec", CODECS)
def test_the_table_of_the_documentation_is_true(tmp_path, codec):
    found = {dtype: measured(tmp_path, codec, dtype) for dtype in DTYPES}
    if os.environ.get("LANDZICHT_TABLE"):
        print(f"| {codec} | " + " | ".join(found[dtype] for dtype in DTYPES) + " |")  # noqa: T201
        return
    assert found == {dtype: told()[codec, dtype] for dtype in DTYPES}


def test_every_choice_meets_every_other():
    """The choices of all types of numbers together hold each pair of choices."""
    seen = set()
    for dtype in DTYPES:
        for options, validity in cells("deflate", dtype):
            layout = next(n for n, each in enumerate(LAYOUTS) if each.items() <= options.items())
            chosen = (layout, options["interleave"], validity, options["BIGTIFF"])
            seen |= set(itertools.combinations(enumerate(chosen), 2))
    sides = (range(3), ("pixel", "band"), VALIDITY, ("NO", "YES"))
    pairs = {
        ((a, x), (b, y))
        for a, b in itertools.combinations(range(4), 2)
        for x, y in itertools.product(sides[a], sides[b])
    }
    assert pairs <= seen
