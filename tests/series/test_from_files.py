"""Numbers from files, read block by block, have the bits of numbers from arrays."""

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from affine import Affine

from landzicht.formats import CogReader
from landzicht.formats.gdal import load_rasterio
from landzicht.grid import Grid
from landzicht.kinds import Asset, Band, BandKind, Block, Mask
from landzicht.runners import Inline
from landzicht.series.plan import Question, overpasses
from landzicht.series.run import measure
from landzicht.series.shapes import parcels_of
from landzicht.series.statistics import parse_statistics
from landzicht.testing.scenes import make_scene

HEIGHT, WIDTH = 1400, 1100  # more than one cell, and blocks that are cut off
GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 6e5, 0, -10, 5.8e6), height=HEIGHT, width=WIDTH
)
WANTED = parse_statistics(["count", "mean", "std", "min", "max", "median"])
FORMS = {
    "blocks of ours": {"compress": "zstd", "tiled": True, "blockxsize": 512, "blockysize": 512},
    "larger blocks": {"compress": "deflate", "tiled": True, "blockxsize": 1024, "blockysize": 1024},
    "smaller blocks": {"compress": "zstd", "tiled": True, "blockxsize": 256, "blockysize": 256},
    "strips": {"compress": "lzw", "blockysize": 16},
}


class Arrays:
    """A reader of arrays in memory, which gives no parts."""

    def __init__(self, images):
        self.images = images

    def read(self, asset, level, window):
        rows = slice(window.row, window.stop_row)
        values = self.images[asset.key][rows, window.column : window.stop_column]
        grid = asset.grid.crop(window)
        return Block(
            values=values[None],
            valid=(values != asset.band.nodata)[None],
            grid=grid,
            bands=(asset.band,),
        )


def ndvi(bands):
    with np.errstate(all="ignore"):
        return (bands["B08"] - bands["B04"]) / (bands["B08"] + bands["B04"])


def pictures(dtype):
    made = np.random.default_rng(4)
    images = {key: made.integers(1, 9000, (HEIGHT, WIDTH)).astype(dtype) for key in ("B04", "B08")}
    images["B04"][300:700, 100:900] = 0
    images["SCL"] = made.choice([4, 5, 9], (HEIGHT, WIDTH)).astype(np.uint8)
    return images


def shapes():
    """Boxes of all sizes: some over four blocks, one over everything, one over the edge."""
    made = np.random.default_rng(6)
    x, y = made.uniform(0, WIDTH * 10, 300) + 6e5, 5.8e6 - made.uniform(0, HEIGHT * 10, 300)
    wide, tall = made.uniform(3, 700, (2, 300))
    boxes = list(shapely.box(x, y, x + wide, y + tall))
    edge = GRID.bounds
    boxes.append(shapely.box(edge.west, edge.south, edge.east, edge.north))
    return np.array(boxes, object)


def scene_of(dtype):
    plain = {"dtype": dtype, "nodata": 0, "scale": 1e-4, "offset": -0.1}
    bands = [Band(name=key, **plain) for key in ("B04", "B08")]
    bands.append(Band(name="SCL", dtype="uint8", nodata=0, kind=BandKind.CATEGORICAL))
    assets = {
        band.name: Asset(
            key=band.name, href=f"{band.name}.tif", band=band, grid=GRID, size=1, sha256="0" * 64
        )
        for band in bands
    }
    return make_scene("a", moment=datetime(2025, 5, 1, tzinfo=UTC), assets=assets)


def write(path, values, form):
    plain = {"driver": "GTiff", "count": 1, "nodata": 0, "crs": GRID.crs}
    shape = {"height": HEIGHT, "width": WIDTH, "transform": GRID.transform}
    with load_rasterio().open(path, "w", dtype=values.dtype, **plain, **shape, **form) as file:
        file.write(values, 1)


@pytest.mark.parametrize("dtype", ["uint16", "int16"])
@pytest.mark.parametrize("form", FORMS)
def test_files_and_arrays_give_equal_bits(tmp_path, form, dtype):
    images = pictures(dtype)
    for key, values in images.items():
        write(tmp_path / f"{key}.tif", values, FORMS[form])
    question = Question(keys=("B04", "B08"), formula=ndvi, mask=Mask(asset="SCL", valid=(4, 5)))
    told = shapes()
    parcels = parcels_of([str(n) for n in range(len(told))], told, GRID.crs)
    passes = overpasses([scene_of(dtype)], question)
    (one,), (other,) = (
        list(measure(parcels, passes, question, WANTED, (reader, Inline())))
        for reader in (CogReader(tmp_path), Arrays(images))
    )
    assert not one.failures
    assert np.isfinite(one.table).any(axis=0).all()
    assert one.table.tobytes() == other.table.tobytes()
    assert one.seen.tobytes() == other.seen.tobytes()
    assert (one.seen < one.areas - 1).any(), "nodata was left out"
