"""Raw band tiles: numbers for colouring on the device of the reader.

A file is 8 bytes (`LZB1`, then the length of the header, unsigned 32 bits, little-endian), a header
(JSON, UTF-8, filled up with spaces), and one zlib stream (RFC 1950) for each band. A stream holds
whole numbers of 8 or 16 bits, each as its difference from its left neighbour (the first of a row
from 0, modulo 2 ** bits); of 16 bits all low bytes come before all high ones. Number 0 means “no
value”. What the others mean is said by the `curve` of the band:

* `whole`: stored = number - 1 + low; value = stored * scale + offset, each step rounded to
  `dtype`. Exact.
* `linear`: stored = low + (high - low) * t with t = (number - 1) / (2 ** bits - 2).
* `sqrt`: the same with t * t: finer steps where values are small, as the eye wants it.

`error` is the largest difference from the true value found in this very tile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

MAGIC = b"LZB1"
BANDS = "application/vnd.landzicht.bands"
"""Media type."""
DEPTHS = (8, 16)
"""Bits of a number."""
_LEVEL = 1
_HEADER_STEP = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawBand:
    """One band to pack."""

    name: str
    """Asset key."""
    values: NDArray[Any]
    """`(y, x)` float32 or float64, stored numbers."""
    scale: float = 1.0
    """Value = stored number times this …"""
    offset: float = 0.0
    """… plus this."""
    unit: str | None = None
    """Of the values."""
    codes: bool = False
    """Numbers are names of classes: never rounded."""


def pack_bands(
    bands: Sequence[RawBand], usable: NDArray[np.bool_], depth: int, about: Mapping[str, Any]
) -> bytes:
    """Return a raw band tile.

    Args:
        bands: what to pack, all of the shape of `usable`.
        usable: `(y, x)`; False = no value in any band.
        depth: bits of a number, 8 or 16; codes that need 16 get them.
        about: what else the header says.
    """
    height, width = usable.shape
    told, streams, start = [], [], 0
    for band in bands:
        numbers, meaning = _numbers(band, usable, depth)
        stream = _packed(numbers)
        unit = {"unit": band.unit} if band.unit else {}
        place = {"start": start, "length": len(stream)}
        told.append({"name": band.name, **unit, **meaning, **place})
        streams.append(stream)
        start += len(stream)
    size = {"width": width, "height": height}
    header = orjson.dumps(
        {"format": "landzicht-bands", "version": 1, **size, **about, "bands": told}
    )
    header += b" " * (-len(header) % _HEADER_STEP)
    return b"".join([MAGIC, len(header).to_bytes(4, "little"), header, *streams])


def _numbers(
    band: RawBand, usable: NDArray[np.bool_], depth: int
) -> tuple[NDArray[Any], dict[str, Any]]:
    """Return whole numbers of 8 or 16 bits, and what they mean."""
    known = usable & np.isfinite(band.values)
    some = band.values[known].astype(np.float64)
    low, high = (float(some.min()), float(some.max())) if some.size else (0.0, 0.0)
    share = some - low  # from here on in place: these are the largest things of a tile
    np.rint(share, out=share)
    whole = bool((low + share == some).all())
    if band.codes and whole and high - low > _steps(depth):
        depth = max(DEPTHS)
    steps = _steps(depth)
    curve = "whole" if whole and high - low <= steps else "sqrt" if low >= 0 else "linear"
    if curve != "whole":
        np.subtract(some, low, out=share)
        share /= high - low
        if curve == "sqrt":
            np.sqrt(share, out=share)
        share *= steps
        np.rint(share, out=share)
    numbers = np.zeros(known.shape, np.uint8 if depth == DEPTHS[0] else np.uint16)
    numbers[known] = share
    numbers += known
    error = _error(share, some, (low, high), steps, curve) * abs(band.scale)
    meaning = {"low": low, "high": high, "scale": band.scale, "offset": band.offset}
    told = {"dtype": band.values.dtype.name, "bits": depth, "curve": curve}
    return numbers, {**told, **meaning, "error": error}


def _error(
    share: NDArray[np.float64],
    some: NDArray[np.float64],
    ends: tuple[float, float],
    steps: int,
    curve: str,
) -> float:
    """Return the largest difference between values and what a reader makes of their numbers.

    Args:
        share: `(n,)` numbers, counted from 0; used up.
        some: `(n,)` values.
        ends: lowest and highest value.
        steps: from the lowest number to the highest.
        curve: what lies between.
    """
    if curve == "whole" or not some.size:
        return 0.0
    low, high = ends
    share /= steps
    if curve == "sqrt":
        share *= share
    share *= high - low
    share += low
    share -= some
    return float(np.abs(share, out=share).max())


def _steps(depth: int) -> int:
    """Return how many steps there are from the lowest number to the highest."""
    return int(2**depth - 2)


def _packed(numbers: NDArray[Any]) -> bytes:
    left = np.zeros_like(numbers)
    left[:, 1:] = numbers[:, :-1]
    flat = (numbers - left).astype(numbers.dtype.newbyteorder("<")).reshape(-1).view(np.uint8)
    planes = flat.reshape(-1, numbers.dtype.itemsize).T
    pack: Any = imagecodecs.deflate_encode  # its stub knows bytes only
    return bytes(pack(np.ascontiguousarray(planes), level=_LEVEL))
