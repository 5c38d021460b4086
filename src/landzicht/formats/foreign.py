"""Images that GDAL reads for us: other kinds of TIFF, JPEG 2000 and NetCDF, in child processes.

Stored files are looked at by the process that serves everybody, so no foreign decoder runs in it:
one that crashes, loops or fills the memory costs a child and one picture. What a child unpacked is
kept with all other blocks, so that the way to it (a pipe, about a millisecond) is rarely taken.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.errors import reasons
from landzicht.errors.files import UnreadableFile
from landzicht.formats.gdal import load_rasterio
from landzicht.formats.sniff import sniff_driver
from landzicht.formats.sources import damaged, open_source
from landzicht.grid import Window

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from landzicht.blocks.cache import ByteCache
    from landzicht.formats.sandbox import Sandbox

READABLE = frozenset({"GTiff", "JP2OpenJPEG", "netCDF"})
"""Drivers that stored files may be read with; each names a file's kind by its first bytes."""
_SECONDS = 30.0
_LEAST, _MOST = 256, 1_024
_MOST_OPEN = 4


@dataclass(frozen=True, slots=True)
class Plane:
    """What to read of an image."""

    level: int
    """0 = full size."""
    index: int
    """Band, from 1."""
    mask: bool
    """The mask of the band instead of its numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a child says about an image."""

    driver: str
    """GDAL driver that reads it."""
    shapes: tuple[tuple[int, int], ...]
    """`(height, width)` of each level."""
    blocks: tuple[tuple[int, int], ...]
    """`(height, width)` of what is unpacked at once, for each level."""
    bands: int
    """How many."""
    masked: bool
    """Whether it has a mask of its own, or alpha."""


class GdalImage:
    """An image that GDAL reads in a child; implements `landzicht.formats.images.Image`."""

    route = "gdal"
    nbytes = 2_000

    def __init__(self, path: Path, array: str | None, sandbox: Sandbox) -> None:
        """Have the header read.

        Raises:
            UnreadableFile: it is of no kind that we read, or damaged.
            FileTooLarge: its header declares more than we open.
        """
        self._path, self._array, self._sandbox = path, array, sandbox
        told: Described = sandbox.call("describe", (path, array), path, seconds=_SECONDS)
        self._told = told
        self.shapes, self.masked = told.shapes, told.masked

    def read(
        self,
        window: Window,
        *,
        level: int,
        index: int,
        blocks: ByteCache[Any],
        identity: str,
    ) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """Return values `(y, x)` of one band in a window of a level, and the mask.

        Raises:
            UnreadableFile: it is damaged, took too long, or has no such band.
        """
        if not 1 <= index <= self._told.bands:
            detail = f"has {self._told.bands} bands, and not band {index}"
            raise UnreadableFile(path=self._path, reason=reasons.DAMAGED.fill(detail=detail))
        planes = []
        for mask in (False, True) if self._told.masked else (False,):
            what = Plane(level, index, mask)
            planes.append(self._put_together(what, window, blocks, identity))
        values, *usable = planes
        return values, usable[0] if usable else None

    def _put_together(
        self, what: Plane, window: Window, blocks: ByteCache[Any], identity: str
    ) -> NDArray[Any]:
        height, width = self._told.shapes[what.level]
        tall, wide = self._told.blocks[what.level]
        out: NDArray[Any] | None = None
        for top in range(window.row // tall * tall, window.stop_row, tall):
            for left in range(window.column // wide * wide, window.stop_column, wide):
                whole = Window(top, left, min(tall, height - top), min(wide, width - left))
                key = (identity, "gdal", self._array, what, top, left)
                block = blocks.get(key, partial(self._ask, what, whole))
                if out is None:
                    out = np.empty((window.height, window.width), block.dtype)
                rows = slice(max(top, window.row), min(top + tall, window.stop_row))
                columns = slice(max(left, window.column), min(left + wide, window.stop_column))
                out[
                    rows.start - window.row : rows.stop - window.row,
                    columns.start - window.column : columns.stop - window.column,
                ] = block[
                    rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
                ]
        assert out is not None
        return out

    def _ask(self, what: Plane, window: Window) -> NDArray[Any]:
        arguments = (self._path, self._told.driver, self._array, what, window)
        found: NDArray[Any] = self._sandbox.call("read", arguments, self._path, seconds=_SECONDS)
        if found.shape != (window.height, window.width):
            raise damaged(self._path, ValueError(f"{found.shape}"))
        found.flags.writeable = False
        return found


# ------------------------------------------------------------------ the child's side


def describe_here(path: Path, array: str | None) -> Described:
    """Read a header in this process; see `GdalImage`."""
    from landzicht.formats.inspector import check_size

    driver = sniff_driver(path)
    if driver not in READABLE:
        raise UnreadableFile(path=path, reason=reasons.NOT_A_RASTER.fill(seen=driver))
    with open_source(path, driver, array) as image:
        check_size(path, image)
        if not image.count:
            listed = ", ".join(name.rpartition(":")[2] for name in image.subdatasets[:20])
            raise UnreadableFile(path=path, reason=reasons.NO_ARRAY.fill(name=listed or "?"))
        shapes, blocks = [image.shape], [_block(image)]
        smaller = len(image.overviews(1))
        bands, flags = image.count, {flag.name for flag in image.mask_flag_enums[0]}
    for level in range(smaller):
        with open_source(path, driver, array, level) as image:
            shapes.append(image.shape)
            blocks.append(_block(image))
    return Described(
        driver=driver,
        shapes=tuple(shapes),
        blocks=tuple(blocks),
        bands=bands,
        masked="per_dataset" in flags,
    )


def read_here(
    path: Path, driver: str, array: str | None, what: Plane, window: Window
) -> NDArray[Any]:
    """Read numbers, or the mask, of one band in this process; see `GdalImage`."""
    if driver not in READABLE:
        raise UnreadableFile(path=path, reason=reasons.NOT_A_RASTER.fill(seen=driver))
    rasterio = load_rasterio()
    image = _opened.get(path, driver, array, what.level)
    place = ((window.row, window.stop_row), (window.column, window.stop_column))
    try:
        if what.mask:
            return np.asarray(image.read_masks(what.index, window=place) != 0)
        return np.asarray(image.read(what.index, window=place))
    except (rasterio.errors.RasterioError, IndexError, ValueError) as error:
        _opened.forget()
        raise damaged(path, error) from error


def _block(image: Any) -> tuple[int, int]:  # noqa: ANN401 - rasterio is untyped
    """Return what is asked for at once: the file's own blocks, but neither crumbs nor mountains."""
    (tall, wide), (height, width) = image.block_shapes[0], image.shape
    return _side(tall, height), _side(wide, width)


def _side(block: int, whole: int) -> int:
    fair = _MOST if block > _MOST else max(block, -(-_LEAST // block) * block)
    return max(1, min(whole, fair))


class _Opened:
    """The images that were asked for last: opening a JPEG 2000 costs more than reading a block."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], tuple[Any, ExitStack]] = OrderedDict()

    def get(self, path: Path, driver: str, array: str | None, level: int) -> Any:  # noqa: ANN401
        """Return an open image of the file as it is now."""
        try:
            now = path.stat()
        except OSError as error:
            raise UnreadableFile(path=path, reason=reasons.NO_FILE) from error
        key = (path, driver, array, level, now.st_mtime_ns, now.st_size, now.st_ino)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        stack = ExitStack()
        image = stack.enter_context(open_source(path, driver, array, level - 1 if level else None))
        self._kept[key] = (image, stack)
        while len(self._kept) > _MOST_OPEN:
            self._kept.popitem(last=False)[1][1].close()
        return image

    def forget(self) -> None:
        """Close all: a library that failed once may be in a strange state."""
        while self._kept:
            self._kept.popitem()[1][1].close()


_opened = _Opened()
