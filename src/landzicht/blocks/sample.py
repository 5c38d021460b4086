"""Bringing pixels of a file onto a target grid, each with its validity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.blocks.cache import ByteCache
from landzicht.errors.pixels import TooManyPixels
from landzicht.kernels.warm import is_under_way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from landzicht.grid.reads import ReadPlan
    from landzicht.kinds import Asset
    from landzicht.ports import Reader

_MOST_INDEXES = 16 * 2**20
_indexes: ByteCache[NDArray[np.int32]] = ByteCache(_MOST_INDEXES, lambda index: index.nbytes)
"""Index maps by plan and shape, in bytes."""
_WIDE = frozenset({"int32", "uint32", "int64", "uint64", "float64"})


def working_dtype(stored: str) -> np.dtype[Any]:
    """Return the floating dtype that holds stored numbers well: float32, or float64 for wide ones.

    float32 holds all 8 and 16 bit numbers exactly.
    """
    return np.dtype(np.float64 if stored in _WIDE else np.float32)


def nearest(
    reader: Reader,
    asset: Asset,
    plans: Sequence[ReadPlan],
    shape: tuple[int, int],
    indexes: dict[int, NDArray[np.int32]],
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Take for each target pixel the source pixel under its centre.

    Args:
        reader: gives the pixels.
        asset: the file.
        plans: pieces of the file, from `plan_reads`.
        shape: `(height, width)` of the target.
        indexes: index maps made so far, by identity of the plan; added to, so that bands on one
            grid share them. The plans must outlive it.

    Returns:
        Stored numbers `(y, x)` in `working_dtype`, 0 where there are none; and where there are.
    """
    from landzicht.kernels.nearest import gather, keep_usable

    dtype = working_dtype(asset.band.dtype)
    values: NDArray[Any] | None = None
    valid = np.zeros(shape, np.bool_)
    for plan in plans:
        block = reader.read(asset, plan.level, plan.window)
        index = indexes.get(id(plan))
        if index is None:
            index = indexes[id(plan)] = index_of(plan, shape)
        wanted = ~valid
        keep_usable(index.reshape(-1), block.valid[0].reshape(-1), wanted.reshape(-1))
        stored = np.ascontiguousarray(block.values[0])
        del block  # the largest thing here; what is gathered from it is often much smaller
        picked = np.zeros(shape, stored.dtype)
        bits = f"u{stored.itemsize}"
        gather(
            index.reshape(-1),
            stored.reshape(-1).view(bits),
            wanted.reshape(-1),
            picked.reshape(-1).view(bits),
        )
        del stored
        if values is None:
            values, valid = picked.astype(dtype, copy=False), wanted
        else:
            np.copyto(values, picked, where=wanted)
            valid |= wanted
    return np.zeros(shape, dtype) if values is None else values, valid


def index_of(
    plan: ReadPlan, shape: tuple[int, int], stride: int | None = None
) -> NDArray[np.int32]:
    """Return the flat index in the window of the source pixel under each target pixel, or -1.

    The last ones are kept, as plans are: the dates, bands and styles of a place share them. They
    are not to be changed.

    Args:
        plan: which window, and the way into it.
        shape: `(height, width)` of the target.
        stride: from a source pixel to the one below it; None = the width of the window.
    """
    stride = stride or plan.window.width
    return _indexes.get((plan, shape, stride), lambda: _index(plan, shape, stride))


def _index(plan: ReadPlan, shape: tuple[int, int], stride: int) -> NDArray[np.int32]:
    if is_under_way():
        from landzicht.kernels.plain import index_map
    else:
        from landzicht.kernels.nearest import index_map

    where, window = plan.target, plan.window
    whole = (where.height, where.width) == tuple(shape)
    out = np.empty(shape, np.int32) if whole else np.full(shape, -1, np.int32)
    index_map(
        plan.nodes,
        plan.first,
        *plan.step,
        *(where.row, where.column, where.height, where.width),
        *(window.height, window.width, stride),
        out,
    )
    return out


def check_size(plans: Sequence[ReadPlan], most: int) -> None:
    """Make sure that a read stays within bounds.

    Raises:
        TooManyPixels: a window holds more than `most` pixels.
    """
    for plan in plans:
        pixels = plan.window.height * plan.window.width
        if pixels > most:
            raise TooManyPixels(pixels=pixels, most=most)
