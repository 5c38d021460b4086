"""A reader of raw band tiles that follows their documentation, with the standard library alone."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_MAGIC = b"LZB1"
_HEAD = 8


def read_bands(content: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Read a raw band tile.

    Returns:
        The header; and by name the values `(y, x)` of each band, NaN where there is none.

    Raises:
        ValueError: these are not the bytes of such a tile.
    """
    if content[:4] != _MAGIC:
        msg = "not a raw band tile"
        raise ValueError(msg)
    start = _HEAD + int.from_bytes(content[4:_HEAD], "little")
    header = json.loads(content[_HEAD:start])
    planes = {}
    for band in header["bands"]:
        first = start + band["start"]
        raw = zlib.decompress(content[first : first + band["length"]])
        size = band["bits"] // 8
        parts = np.frombuffer(raw, np.uint8).reshape(size, header["height"], header["width"])
        steps = sum(parts[part].astype(np.int64) << (8 * part) for part in range(size))
        numbers = np.cumsum(steps, axis=1) % 2 ** band["bits"]
        planes[band["name"]] = _values(numbers, band)
    return header, planes


def _values(numbers: NDArray[np.int64], band: Mapping[str, Any]) -> NDArray[Any]:
    dtype = np.dtype(band["dtype"]).type
    if band["curve"] == "whole":
        stored = numbers - 1 + band["low"]
    else:
        share = (numbers - 1) / (2 ** band["bits"] - 2)
        share = share * share if band["curve"] == "sqrt" else share
        stored = band["low"] + (band["high"] - band["low"]) * share
    values = stored.astype(dtype) * dtype(band["scale"]) + dtype(band["offset"])
    found: NDArray[Any] = np.where(numbers == 0, dtype(np.nan), values)
    return found
