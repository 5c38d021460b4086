"""Reading one band of a foreign file, strip by strip."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.formats.gdal import load_rasterio
from landzicht.formats.sources import damaged, open_source
from landzicht.formats.tiles import TILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from landzicht.kinds import Conversion

    Strip = tuple[NDArray[Any], NDArray[np.bool_] | None]

TALLEST_STRIP = 4096
"""Blocks of the source that are taller are read in parts, at the price of decoding them again."""
_SLAB_PIXELS = 2**21
"""Pixels handed on at once: overviews are made in float64, and large images are 100,000 wide."""


@contextmanager
def convert_rows(job: Conversion, start: int = 0) -> Iterator[Iterator[Strip]]:
    """Open the source of a conversion and yield its rows from top to bottom.

    Args:
        job: what to read.
        start: row to begin with.

    Each strip is `(values, valid)`: values `(y, x)` in the source's dtype, valid `(y, x)` with
    True = usable, or None when the file has neither an internal mask nor alpha.

    Raises:
        UnreadableFile: the file cannot be opened or decoded, or is not what was inspected.
    """
    if job.driver == "Zarr":
        from landzicht.formats.zarr.rows import zarr_rows

        yield zarr_rows(job, start)
        return
    with open_source(job.source, job.driver, job.subdataset) as dataset:
        shape = (dataset.height, dataset.width)
        if shape != job.grid.shape or not 1 <= job.index <= dataset.count:
            raise damaged(job.source, ValueError(f"{shape} ≠ {job.grid.shape}"))
        if job.mask != "external":
            yield _slabs(_rows(job, dataset, None, start))
            return
        beside = job.source.with_name(f"{job.source.name}.msk")
        with open_source(beside, "GTiff", None) as mask:
            if (mask.height, mask.width) != shape:
                raise damaged(beside, ValueError(f"{(mask.height, mask.width)} ≠ {shape}"))
            yield _slabs(_rows(job, dataset, mask, start))


def _slabs(strips: Iterator[Strip]) -> Iterator[Strip]:
    """Cut strips into pieces of few rows; they share their memory."""
    for values, valid in strips:
        step = max(1, _SLAB_PIXELS // values.shape[1])
        for row in range(0, values.shape[0], step):
            part = slice(row, row + step)
            yield values[part], None if valid is None else valid[part]


def _rows(job: Conversion, dataset: Any, mask: Any, start: int) -> Iterator[Strip]:  # noqa: ANN401 - rasterio is untyped
    rasterio = load_rasterio()
    block = dataset.block_shapes[job.index - 1][0]
    step = min(max(TILE, block), TALLEST_STRIP)
    row = start
    while row < dataset.height:
        # To the end of the row of blocks that `row` lies in, so that none is decoded twice.
        height = min(row - row % step + step, dataset.height) - row
        window = rasterio.windows.Window(0, row, dataset.width, height)
        try:
            values = dataset.read(job.index, window=window)
            valid = _valid(job, dataset, mask, window)
        except (rasterio.errors.RasterioError, MemoryError) as error:
            raise damaged(job.source, error) from error
        yield values.astype(job.band.dtype, copy=False), valid
        row += height


def _valid(job: Conversion, dataset: Any, mask: Any, window: Any) -> NDArray[np.bool_] | None:  # noqa: ANN401
    if mask is not None:
        return np.asarray(mask.read(1, window=window) > 0)
    if job.mask == "alpha":
        return np.asarray(dataset.read(dataset.count, window=window) > 0)
    if job.mask == "internal":
        return np.asarray(dataset.read_masks(job.index, window=window) > 0)
    return None
