"""A Zarr array as an image with levels: what the reader puts windows together from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.formats.zarr.array import ZarrArray, read_array
from landzicht.formats.zarr.chunks import read_chunk
from landzicht.formats.zarr.place import attributes_of, axes_of, transform_of
from landzicht.formats.zarr.store import DamagedZarr, Store

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from landzicht.blocks.cache import ByteCache
    from landzicht.grid import Window

_MOST_LEVELS = 32


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    array: ZarrArray
    down: int
    across: int
    turned: bool

    @property
    def shape(self) -> tuple[int, int]:
        return self.array.shape[self.down], self.array.shape[self.across]

    @property
    def others(self) -> tuple[int, ...]:
        """Lengths of all other dimensions."""
        both = (self.down, self.across)
        return tuple(n for axis, n in enumerate(self.array.shape) if axis not in both)


class ZarrImage:
    """An array and its smaller copies; implements `landzicht.formats.images.Image`."""

    route = "own"

    def __init__(self, path: Path, name: str) -> None:
        """Open an array of a store.

        Raises:
            DamagedZarr: there is none, or it is damaged or packed as we do not read it.
            OSError: the disk does not let us.
        """
        self._store = Store(path)
        self._levels = _levels(self._store, name)
        self.shapes = tuple(level.shape for level in self._levels)
        self.masked = False
        self.nbytes = 20_000 * len(self._levels)

    @property
    def bands(self) -> int:
        """Pictures in the array: one for each place along its other dimensions."""
        return math.prod(self._levels[0].others)

    def read(
        self,
        window: Window,
        *,
        level: int,
        index: int,
        blocks: ByteCache[Any],
        identity: str,
    ) -> tuple[NDArray[Any], None]:
        """Return the numbers `(y, x)` of one band in a window; there is no mask.

        Raises:
            DamagedZarr: a chunk is not what the metadata promises.
        """
        found = self._levels[level]
        array = found.array
        if not 1 <= index <= self.bands:
            raise DamagedZarr(f"has {self.bands} bands, and not band {index}")
        others = np.unravel_index(index - 1, found.others) if found.others else ()
        first, stop = window.row, window.stop_row
        if found.turned:
            first, stop = found.shape[0] - stop, found.shape[0] - first
        out = np.empty((window.height, window.width), array.dtype)
        tall, wide = array.chunk[found.down], array.chunk[found.across]
        for row in range(first // tall, -(-stop // tall)):
            for column in range(window.column // wide, -(-window.stop_column // wide)):
                chunk = _Wanted(found, others, row, column)
                key = (identity, array.name, chunk.place)
                block = blocks.get(key, partial(_whole, self._store, array, chunk.place))
                top, left = row * tall, column * wide
                rows = slice(max(top, first), min(top + tall, stop))
                columns = slice(max(left, window.column), min(left + wide, window.stop_column))
                out[
                    rows.start - first : rows.stop - first,
                    columns.start - window.column : columns.stop - window.column,
                ] = chunk.plane(block)[
                    rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
                ]
        return (out[::-1] if found.turned else out), None


class _Wanted:
    """Which chunk, and which plane of it."""

    def __init__(self, level: _Level, others: Any, row: int, column: int) -> None:  # noqa: ANN401
        both = {level.down: row, level.across: column}
        rest = iter(others)
        place: list[int] = []
        inside: list[Any] = []
        for axis, step in enumerate(level.array.chunk):
            if axis in both:
                place.append(both[axis])
                inside.append(slice(None))
            else:
                at = int(next(rest))
                place.append(at // step)
                inside.append(at % step)
        self.place = tuple(place)
        self._inside = tuple(inside)
        self._flipped = level.across < level.down

    def plane(self, block: NDArray[Any]) -> NDArray[Any]:
        """Return the numbers `(y, x)` of one band in a chunk."""
        found: NDArray[Any] = block[self._inside]
        return found.T if self._flipped else found


def _whole(store: Store, array: ZarrArray, place: tuple[int, ...]) -> NDArray[Any]:
    """Return a chunk, or one number as wide as a chunk when none was written."""
    found = read_chunk(store, array, place)
    if found is None:
        one = np.full((1,) * len(array.chunk), array.fill, array.dtype)
        return np.broadcast_to(one, array.chunk)
    found.flags.writeable = False
    return found


def _levels(store: Store, name: str) -> tuple[_Level, ...]:
    """Return an array and its smaller copies, from fine to coarse."""
    full = _level(store, name)
    found = [full]
    for other in copies_of(store, name)[:_MOST_LEVELS]:
        try:
            smaller = _level(store, other)
        except DamagedZarr:
            continue
        if _is_copy(full, found[-1], smaller):
            found.append(smaller)
    return tuple(found)


def _level(store: Store, name: str) -> _Level:
    array = read_array(store, name)
    if len(array.shape) < 2:
        raise DamagedZarr("has an array of one dimension")
    down, across = axes_of(array)
    _, turned = transform_of(store, array)
    return _Level(array, down, across, turned)


def _is_copy(full: _Level, before: _Level, smaller: _Level) -> bool:
    """Whether it is the same ground in fewer pixels, of the same kind."""
    same = (full.array.dtype, full.others, full.turned) == (
        smaller.array.dtype,
        smaller.others,
        smaller.turned,
    )
    fewer = all(a < b for a, b in zip(smaller.shape, before.shape, strict=True))
    factors = [a / b for a, b in zip(full.shape, smaller.shape, strict=True)]
    # Sides are rounded up or down when halved, so both factors may differ by that much.
    even = abs(factors[0] - factors[1]) <= max(
        f / n for f, n in zip(factors, smaller.shape, strict=True)
    )
    return same and fewer and even


def copies_of(store: Store, name: str) -> list[str]:
    """Return the names of smaller copies, as `multiscales` of a group above tells them."""
    parts = name.split("/") if name else []
    for depth in range(len(parts) - 1, -1, -1):
        group = "/".join(parts[:depth])
        names = _scales(attributes_of(store, group).get("multiscales"))
        for place, scale in enumerate(names):
            own = scale.split("/")
            if parts[depth : depth + len(own)] == own:
                rest = parts[depth + len(own) :]
                return ["/".join([*parts[:depth], other, *rest]) for other in names[place + 1 :]]
    return []


def _scales(told: Any) -> list[str]:  # noqa: ANN401 - whatever stood there
    """Return the names of levels: GeoZarr's `layout`, or the `datasets` of OME and others."""
    if isinstance(told, list) and told:
        told = told[0]
    if not isinstance(told, dict):
        return []
    for field, name in (("layout", "asset"), ("datasets", "path")):
        listed = told.get(field)
        if isinstance(listed, list):
            names = [each.get(name) for each in listed if isinstance(each, dict)]
            return [each for each in names if isinstance(each, str) and each][:_MOST_LEVELS]
    return []
