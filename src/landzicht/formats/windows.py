"""Windows of TIFFs of our own path, put together from blocks that are kept once unpacked."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np

from landzicht.blocks.cache import ByteCache
from landzicht.formats.decode import decode_block, empty_block, exact_nodata
from landzicht.formats.growing import GrowingBlock, can_grow, rows_upto
from landzicht.formats.layers import blocks_of, stored_size
from landzicht.formats.ranges import Range
from landzicht.grid import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from landzicht.formats.layers import Layer
    from landzicht.formats.ranges import ByteSource
    from landzicht.formats.tiff import Directory

_MOST_AHEAD = 128 * 2**20
"""Stored bytes that are fetched at once for one window; the rest comes block by block."""
_NEAR = 4 * float(np.finfo(np.float32).eps)
_NOTHING: Mapping[tuple[int, int], bytes] = {}


class Windows:
    """Makes windows; safe to use from many threads."""

    def __init__(self, cache_bytes: int) -> None:
        """Keep at most so many bytes of unpacked blocks."""
        self.blocks: ByteCache[NDArray[Any] | GrowingBlock] = ByteCache(
            cache_bytes, lambda block: block.nbytes
        )
        self._copies: WeakValueDictionary[Any, NDArray[Any]] = WeakValueDictionary()

    def fetch(
        self,
        source: ByteSource,
        layers: list[Layer],
        window: Window,
        room: int = _MOST_AHEAD,
    ) -> Mapping[tuple[int, int], bytes]:
        """Get what is stored of the blocks that a window still lacks, in one go.

        What goes beyond `room` bytes is left for later.
        """
        wanted: dict[tuple[int, int], Range] = {}
        for layer in layers:
            for number, _, _ in blocks_of(layer, window):
                size, key = stored_size(layer.image, number), (layer.number, number)
                if size and key not in wanted and self.blocks.peek((source.identity, *key)) is None:
                    room -= size
                    if room < 0:
                        break
                    wanted[key] = Range(int(layer.image.offsets[number]), size)
        return dict(zip(wanted, source.read(list(wanted.values())), strict=True)) if wanted else {}

    def values(
        self, source: ByteSource, layers: list[Layer], window: Window
    ) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """Return a window of a band `(y, x)`, and where its mask or alpha has it usable, if any.

        Raises:
            DamagedTiff: a block is not what the header promises.
        """
        ahead = self.fetch(source, layers, window) if source.is_far else _NOTHING
        values, *masks = (self._window(source, layer, window, ahead) for layer in layers)
        if not masks or masks[0].dtype == np.bool_:
            return values, masks[0] if masks else None
        return values, masks[0] != 0

    def rows(self, source: ByteSource, layer: Layer, window: Window) -> tuple[NDArray[Any], int]:
        """Return a window as its rows lie in memory, without copying when it is in one block.

        Returns:
            `(m,)` numbers, not to be changed, and how many there are from a pixel to the one
            below it. Between numbers of 8 bits those of other bands may lie.

        Raises:
            DamagedTiff: a block is not what the header promises.
        """
        ahead = self.fetch(source, [layer], window) if source.is_far else _NOTHING
        between = layer.image.dtype == np.uint8  # kernels are compiled for these alone
        return self._rows(source, layer, window, ahead, between=between)

    def _rows(
        self,
        source: ByteSource,
        layer: Layer,
        window: Window,
        ahead: Mapping[tuple[int, int], bytes],
        *,
        between: bool = False,
    ) -> tuple[NDArray[Any], int]:
        places = list(blocks_of(layer, window))
        if len(places) == 1:
            number, down, across = places[0]
            tall, wide = layer.image.block
            top, left = down * tall, across * wide
            block = self._block(source, layer, number, window.stop_row - top, ahead)
            if block.flags.c_contiguous and (block.ndim == 2 or between):
                begin = (window.row - top) * wide + window.column - left
                end = (window.stop_row - 1 - top) * wide + window.stop_column - left
                if block.ndim == 2:
                    return block.reshape(-1)[begin:end], wide
                samples = block.reshape(-1, block.shape[2])
                return samples[begin:end, layer.sample], wide
        if between and layer.image.samples > 1 and not layer.image.apart:
            bands = self._all_bands(source, layer, window, ahead)
            return bands.reshape(-1, layer.image.samples)[:, layer.sample], window.width
        copied = self._window(source, layer, window, ahead).reshape(-1)
        copied.flags.writeable = False  # as blocks: kernels are compiled for these alone
        return copied, window.width

    def _all_bands(
        self,
        source: ByteSource,
        layer: Layer,
        window: Window,
        ahead: Mapping[tuple[int, int], bytes],
    ) -> NDArray[Any]:
        """Return the bands that are stored together, `(y, x, band)`; copied once for all of them.

        Whoever has one of them keeps the copy alive; nothing else does.
        """
        key = (source.identity, layer.number, window)
        found = self._copies.get(key)
        if found is None:
            found = self._window(source, layer, window, ahead, whole=True)
            found.flags.writeable = False
            self._copies[key] = found
        return found

    def parts(
        self, source: ByteSource, layer: Layer, window: Window
    ) -> Iterator[tuple[Window, NDArray[Any], int]]:
        """Return the parts of a window that lie in one block each, row by row, as of `rows`.

        What is stored of them is fetched now, in one go; each is unpacked when its turn comes.

        Raises:
            DamagedTiff: a block is not what the header promises; also while parts come.
        """
        ahead = self.fetch(source, [layer], window)
        tall, wide = layer.image.block

        def unpacked() -> Iterator[tuple[Window, NDArray[Any], int]]:
            for _, down, across in blocks_of(layer, window):
                row, column = max(down * tall, window.row), max(across * wide, window.column)
                height = min((down + 1) * tall, window.stop_row) - row
                width = min((across + 1) * wide, window.stop_column) - column
                part = Window(row, column, height, width)
                yield part, *self._rows(source, layer, part, ahead)

        return unpacked()

    def _block(
        self,
        source: ByteSource,
        layer: Layer,
        number: int,
        rows: int,
        ahead: Mapping[tuple[int, int], bytes],
    ) -> NDArray[Any]:
        """Return at least so many rows of a block, from its top."""
        stored = ahead.get((layer.number, number))
        make = partial(_read_block, source, layer.image, number, layer.nodata, stored)
        return rows_upto(self.blocks, (source.identity, layer.number, number), make, rows)

    def _window(
        self,
        source: ByteSource,
        layer: Layer,
        window: Window,
        ahead: Mapping[tuple[int, int], bytes],
        *,
        whole: bool = False,
    ) -> NDArray[Any]:
        """Put one band of a window together from blocks, or all that are stored together."""
        image = layer.image
        shape = (window.height, window.width, *((image.samples,) if whole else ()))
        out = np.empty(shape, np.bool_ if image.mask else image.dtype)
        tall, wide = image.block
        for number, down, across in blocks_of(layer, window):
            top, left = down * tall, across * wide
            block = self._block(source, layer, number, min(tall, window.stop_row - top), ahead)
            if block.ndim == 3 and not whole:
                block = block[..., layer.sample]
            rows = slice(max(top, window.row), min(top + tall, window.stop_row))
            columns = slice(max(left, window.column), min(left + wide, window.stop_column))
            out[
                rows.start - window.row : rows.stop - window.row,
                columns.start - window.column : columns.stop - window.column,
            ] = block[
                rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
            ]
        return out


def usable(
    values: NDArray[Any], nodata: float | None, mask: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """Return which pixels count: in the mask, not nodata, and a number.

    Args:
        values: any shape, stored numbers.
        nodata: stored number that means “no observation”, or None.
        mask: same shape, True = usable, or None when all are; changed in place.
    """
    exact = exact_nodata(values.dtype, nodata)
    valid = mask
    if values.dtype.kind == "f":
        known = ~np.isnan(values)
        if exact is not None and math.isfinite(exact):
            # Overviews and text tags round large nodata values; GDAL allows for that too.
            with np.errstate(over="ignore"):
                near = np.abs(values - values.dtype.type(exact)) <= _NEAR * abs(exact)
            known &= ~near
        elif exact is not None:
            known &= values != exact
        valid = known if valid is None else np.logical_and(valid, known, out=valid)
    elif exact is not None:
        known = values != values.dtype.type(exact)
        valid = known if valid is None else np.logical_and(valid, known, out=valid)
    return np.ones(values.shape, np.bool_) if valid is None else valid


def _read_block(
    source: ByteSource,
    directory: Directory,
    number: int,
    nodata: float | None,
    stored: bytes | None,
) -> NDArray[Any] | GrowingBlock:
    """Decode a block, or get ready to; it is read first when it was not fetched ahead."""
    if stored is None:
        offset, size = int(directory.offsets[number]), stored_size(directory, number)
        if size == 0:
            return empty_block(directory, nodata)
        (stored,) = source.read((Range(offset, size),))
    if can_grow(directory):
        return GrowingBlock(directory, stored, number)
    block = decode_block(directory, stored, number)
    block.flags.writeable = False
    return block
