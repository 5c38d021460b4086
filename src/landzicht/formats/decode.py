"""Turning the stored bytes of one TIFF tile into numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np

from landzicht.formats.tiff import DamagedTiff

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.formats.tiff import Directory

_FLOAT_PREDICTOR = 3


def decode_block(directory: Directory, stored: bytes) -> NDArray[Any]:
    """Return the numbers of one tile, `(y, x)`; bool for masks (True = usable).

    Memory is bounded by the size of the tile: a stream that holds more, or less, is refused.

    Raises:
        DamagedTiff: the bytes are not what the header promises.
    """
    height, width = directory.block
    row_bytes = (width * directory.bits + 7) // 8
    if directory.bits > 1:
        row_bytes = width * directory.dtype.itemsize
    raw = _unpack(directory.codec, stored, height * row_bytes).reshape(height, row_bytes)
    if directory.bits == 1:
        return np.unpackbits(raw, axis=1, count=width).view(np.bool_)
    if directory.predictor == _FLOAT_PREDICTOR:
        from landzicht.kernels.unpredict import unpredict_float

        numbers = np.empty_like(raw)
        unpredict_float(raw, directory.dtype.itemsize, numbers)
        raw = numbers
    elif directory.predictor != 1:
        steps = raw.view(f"u{directory.dtype.itemsize}")
        imagecodecs.delta_decode(steps, axis=-1, out=steps)
    values = raw.view(directory.dtype)
    return values != 0 if directory.mask else values


def empty_block(directory: Directory, nodata: float | None) -> NDArray[Any]:
    """Return a tile that was never written: nodata, or 0; a mask says “not usable”."""
    if directory.mask:
        return np.zeros(directory.block, np.bool_)
    return np.full(directory.block, _fill(directory.dtype, nodata), directory.dtype)


def _fill(dtype: np.dtype[Any], nodata: float | None) -> float | int:
    exact = exact_nodata(dtype, nodata)
    return 0 if exact is None else exact


def exact_nodata(dtype: np.dtype[Any], nodata: float | None) -> float | int | None:
    """Return nodata as a number that `dtype` can hold, or None when it holds no such number."""
    if nodata is None:
        return None
    if dtype.kind == "f":
        return float(nodata)
    limits = np.iinfo(dtype)
    whole = np.isfinite(nodata) and float(nodata).is_integer()
    return int(nodata) if whole and limits.min <= nodata <= limits.max else None


def _unpack(codec: str, stored: bytes, length: int) -> NDArray[np.uint8]:
    raw = np.empty(length, np.uint8)
    if codec == "none":
        if len(stored) != length:
            raise DamagedTiff(f"has a tile of {len(stored)} bytes instead of {length}")
        raw[:] = np.frombuffer(stored, np.uint8)
        return raw
    unpack: Any = imagecodecs.zstd_decode if codec == "zstd" else imagecodecs.deflate_decode
    try:
        found = unpack(stored, out=raw)
    except (imagecodecs.ZstdError, imagecodecs.DeflateError) as error:
        raise DamagedTiff("has a tile that cannot be unpacked") from error
    if len(found) != length:
        raise DamagedTiff(f"has a tile of {len(found)} bytes instead of {length}")
    return raw
