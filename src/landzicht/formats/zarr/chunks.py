"""Getting one chunk of an array: from a file of its own, or out of a shard."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.formats.zarr.codecs import unpack
from landzicht.formats.zarr.store import DamagedZarr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.formats.zarr.array import Shard, ZarrArray
    from landzicht.formats.zarr.store import Store

_MISSING = 2**64 - 1
_CHECKSUM = 4
_MOST_COORDINATES = 200_000


def read_chunk(store: Store, array: ZarrArray, place: tuple[int, ...]) -> NDArray[Any] | None:
    """Return a chunk with the array's dimensions in their order, or None when it is all fill.

    Args:
        store: where it lies.
        array: what it is a part of.
        place: number of the chunk along each dimension.

    Raises:
        DamagedZarr: the bytes are not what the metadata promises.
        DamagedTiff: a file ends early.
        OSError: the disk does not let us.
    """
    stored = _stored(store, array, place)
    if stored is None:
        return None
    length = math.prod(array.chunk) * array.dtype.itemsize
    raw = unpack(stored, array.steps, length)
    numbers = raw.view(array.dtype.newbyteorder(">") if array.swapped else array.dtype)
    if array.swapped:
        numbers = numbers.astype(array.dtype)
    listed = numbers.reshape([array.chunk[each] for each in array.order])
    return listed.transpose(np.argsort(array.order))


def read_line(store: Store, array: ZarrArray) -> NDArray[np.float64]:
    """Return all numbers of an array of one dimension, such as coordinates.

    Raises:
        DamagedZarr: it has more dimensions, is too long, or is damaged.
    """
    if len(array.shape) != 1 or array.shape[0] > _MOST_COORDINATES:
        raise DamagedZarr(f"has coordinates of shape {array.shape}")
    (length,), (step,) = array.shape, array.chunk
    out = np.full(length, array.fill, array.dtype)
    for number in range(-(-length // step)):
        found = read_chunk(store, array, (number,))
        if found is not None:
            part = out[number * step : (number + 1) * step]
            part[:] = found[: part.size]
    return out.astype(np.float64)


def _stored(store: Store, array: ZarrArray, place: tuple[int, ...]) -> bytes | None:
    if array.shard is None:
        key = array.key(place)
        size = store.size(key)
        if size is None:
            return None
        _check_size(array, size)
        return store.read(key, 0, size)
    chunks = array.shard.chunks
    key = array.key(tuple(p // count for p, count in zip(place, chunks, strict=True)))
    whole = store.size(key)
    if whole is None:
        return None
    inside = tuple(p % count for p, count in zip(place, chunks, strict=True))
    begin, size = _place_in_shard(store, array.shard, key, whole, inside)
    if begin == _MISSING and size == _MISSING:
        return None
    _check_size(array, size)
    if begin + size > whole:
        raise DamagedZarr("points to a chunk beyond the end of its shard")
    return store.read(key, begin, size)


def _place_in_shard(
    store: Store, shard: Shard, key: str, whole: int, inside: tuple[int, ...]
) -> tuple[int, int]:
    """Return where a chunk begins in its shard, and how many bytes it has."""
    count = math.prod(shard.chunks)
    length = 16 * count + _CHECKSUM * len(shard.steps)
    if length > whole:
        raise DamagedZarr("has a shard that is shorter than its index")
    begin = whole - length if shard.at_end else 0
    raw = unpack(store.read(key, begin, length), shard.steps, 16 * count)
    index = raw.view(">u8" if shard.swapped else "<u8").reshape(count, 2)
    number = int(np.ravel_multi_index(inside, shard.chunks))
    return int(index[number, 0]), int(index[number, 1])


def _check_size(array: ZarrArray, size: int) -> None:
    """Refuse what is far larger than the numbers it holds; no codec grows like that."""
    plain = math.prod(array.chunk) * array.dtype.itemsize
    if size > 2 * plain + 65_536:
        raise DamagedZarr(f"has a chunk of {size} bytes for {plain} bytes of numbers")
