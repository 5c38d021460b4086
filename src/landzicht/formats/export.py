"""Making a GeoTIFF of pixels in memory, for handing out."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.blocks.resting import let_rest
from landzicht.formats.decode import exact_nodata
from landzicht.formats.gdal import load_rasterio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.kinds import Block

_TILED_FROM = 512
_BLOCK = 256


def geotiff(block: Block, tags: Mapping[str, str]) -> bytes:
    """Return pixels as a GeoTIFF: deflate with a predictor, which every reader knows.

    What is not usable becomes the nodata number that all bands share; without one, or when a
    usable pixel holds that number, the file gets an internal mask instead.

    Args:
        block: values `(band, y, x)` of one dtype; each band tells name, unit, scale and offset.
        tags: further `NAME=value` pairs.
    """
    rasterio = load_rasterio()
    usable = block.valid.all(axis=0)
    nodata = _nodata(block)
    hole = np.asarray(0 if nodata is None else nodata, block.values.dtype)
    values = block.values if usable.all() else np.where(usable, block.values, hole)
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "count": len(block.bands),
        "height": block.grid.height,
        "width": block.grid.width,
        "dtype": values.dtype.name,
        "crs": block.grid.crs,
        "transform": block.grid.transform,
        "nodata": nodata,
        "compress": "deflate",
        "predictor": 3 if values.dtype.kind == "f" else 2,
    }
    if min(block.grid.shape) >= _TILED_FROM:
        profile |= {"tiled": True, "blockxsize": _BLOCK, "blockysize": _BLOCK}
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(values)
            if nodata is None and not usable.all():
                target.write_mask(usable)
            target.scales = tuple(band.scale for band in block.bands)
            target.offsets = tuple(band.offset for band in block.bands)
            target.units = tuple(band.unit or "" for band in block.bands)
            target.descriptions = tuple(band.name for band in block.bands)
            target.update_tags(**tags)
        _let_loading_rest()
        return bytes(memory.getbuffer())


@cache
def _let_loading_rest() -> None:
    """Give back the code that loading GDAL and its drivers took, once: 30 MB."""
    let_rest()


def _nodata(block: Block) -> float | int | None:
    """Return the number for “nothing here” that all bands can share, or None."""
    told = {str(band.nodata) for band in block.bands}
    exact = exact_nodata(block.values.dtype, block.bands[0].nodata)
    if len(told) != 1 or exact is None:
        return None
    if exact == exact and (block.values[block.valid] == exact).any():  # noqa: PLR0124 - NaN
        return None
    return exact
