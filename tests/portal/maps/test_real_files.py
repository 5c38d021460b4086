"""Tiles of real files with traps in them, against rasterio and pyproj."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Transformer

from landzicht.formats.cog import CogReader
from landzicht.formats.gdal import load_rasterio
from landzicht.grid import Grid
from landzicht.grid.crs import canonical_crs
from landzicht.grid.matrix import WEB_MERCATOR
from landzicht.grid.reads import plan_reads
from landzicht.kinds import Asset, Band
from landzicht.mosaic.fill import Want, fill
from landzicht.testing import shared_data
from landzicht.testing.scenes import make_scene

FILES = {
    "cog.tif": "own",
    "cog_nodata.tif": "own",
    "cog_dateline.tif": "own",
    "cog_fullearth.tif": "own",
    "web.tif": "own",
    "cog_nodata_nan.tif": "own",
    "nocog.tif": "own",
    "red.tif": "own",
}


def stored(folder, name):
    with load_rasterio().open(folder / name) as image:
        grid = Grid(
            crs=canonical_crs(image.crs.to_wkt()),
            transform=image.transform,
            height=image.height,
            width=image.width,
        )
        band = Band(name="b", dtype=image.dtypes[0], nodata=image.nodata)
    asset = Asset(key="b", href=name, band=band, grid=grid, size=1, sha256="")
    return make_scene(name, assets={"b": asset}), asset


def level_of(folder, asset, level):
    options = {"overview_level": level - 1} if level else {}
    with load_rasterio().open(folder / asset.href, **options) as image:
        return image.read(1), image.read_masks(1) != 0


def tiles_over(asset, z):
    """A few tiles over the middle and the corners of a file."""
    to_map = Transformer.from_crs(asset.grid.crs, 3857, always_xy=True)
    side = WEB_MERCATOR.side / 2**z
    for across, down in ((0.5, 0.5), (0.02, 0.3), (0.9, 0.6)):
        x, y = asset.grid.transform @ (across * asset.grid.width, down * asset.grid.height)
        x, y = to_map.transform(x, y)
        yield WEB_MERCATOR.tile(
            z, int((x - WEB_MERCATOR.left) / side), int((WEB_MERCATOR.top - y) / side)
        )


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("steps", [0, 2, 4])
def test_every_pixel_of_a_tile(name, steps):
    folder = shared_data("cog-edge-cases")
    scene, asset = stored(folder, name)
    reader = CogReader(folder)
    pixel = abs(asset.grid.transform.a) * (111_000 if asset.grid.crs == "EPSG:4326" else 1)
    z = max(0, int(np.log2(156_543 / pixel)) - steps)
    seen = 0
    for target in tiles_over(asset, z):
        found = fill([scene], Want(keys=("b",), target=target), reader)
        plans = plan_reads(reader.levels(asset), target)
        if not plans:
            continue
        values, valid = level_of(folder, asset, plans[0].level)
        columns, rows = np.meshgrid(np.arange(256) + 0.5, np.arange(256) + 0.5)
        xs, ys = target.transform @ (columns, rows)
        xs, ys = Transformer.from_crs(3857, asset.grid.crs, always_xy=True).transform(xs, ys)
        grid = reader.levels(asset)[plans[0].level]
        columns, rows = exact = ~grid.transform @ (xs, ys)
        inside = (columns >= 0) & (rows >= 0) & (columns < grid.width) & (rows < grid.height)
        columns, rows = (np.where(inside, v, 0).astype(int) for v in (columns, rows))
        usable = inside & valid[rows, columns] & ~np.isnan(values[rows, columns].astype(float))
        wrong = found.usable != usable
        if "b" in found.bands:
            wrong |= usable & (found.bands["b"][0] != values[rows, columns])
        # Where a centre falls on the edge between two pixels, either of them is right.
        tie = (np.abs(np.stack(exact) % 1 - 0.5) > 0.5 - 1e-6).any(axis=0)
        assert wrong[~tie].sum() <= 0.002 * wrong.size
        seen += int(usable.sum())
    assert seen > 0
    assert reader.routes[FILES[name]] > 0
    assert sum(reader.routes.values()) == reader.routes[FILES[name]]
