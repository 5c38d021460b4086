"""Reading one band of a Zarr array from top to bottom, for taking it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landzicht.blocks.cache import ByteCache
from landzicht.formats.sources import damaged
from landzicht.formats.tags import DamagedTiff
from landzicht.formats.tiles import TILE
from landzicht.formats.zarr.image import ZarrImage
from landzicht.formats.zarr.store import DamagedZarr
from landzicht.grid import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from landzicht.kinds import Conversion

_CACHE_BYTES = 256 * 2**20
"""Chunks that are kept: those of one row of them, unless rows are very wide."""


def zarr_rows(job: Conversion, start: int = 0) -> Iterator[tuple[NDArray[Any], None]]:
    """Yield strips `(y, x)` of a band, from row `start`; no pixel has a mask of its own.

    Raises:
        UnreadableFile: it cannot be opened or unpacked, or is not what was inspected.
    """
    blocks: ByteCache[NDArray[Any]] = ByteCache(_CACHE_BYTES, lambda block: block.nbytes)
    try:
        image = _open(job)
        for row in range(start, job.grid.height, TILE):
            window = Window(row, 0, min(TILE, job.grid.height - row), job.grid.width)
            values, _ = image.read(window, level=0, index=job.index, blocks=blocks, identity="")
            yield values.astype(job.band.dtype, copy=False), None
    except (DamagedZarr, DamagedTiff, OSError, MemoryError) as error:
        raise damaged(job.source, error) from error


def _open(job: Conversion) -> ZarrImage:
    image = ZarrImage(job.source, job.subdataset or "")
    if image.shapes[0] != job.grid.shape or not 1 <= job.index <= image.bands:
        raise DamagedZarr(f"{image.shapes[0]} ≠ {job.grid.shape}")
    return image
