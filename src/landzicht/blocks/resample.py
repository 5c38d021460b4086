"""Ways to find the value of a target pixel, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.blocks.sample import nearest, working_dtype
from landzicht.kinds import BandKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from landzicht.grid.reads import ReadPlan
    from landzicht.kinds import Asset
    from landzicht.ports import Reader

RESAMPLINGS = ("nearest", "bilinear", "cubic", "average", "mode")
"""What may be asked for."""


def resampled(
    reader: Reader,
    asset: Asset,
    plans: Sequence[ReadPlan],
    shape: tuple[int, int],
    how: tuple[str, dict[int, NDArray[np.int32]]],
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Bring a file onto a target grid.

    Codes are never averaged: whatever is asked for but nearest, they get the most frequent code
    when the target is coarser, and the nearest else.

    Args:
        reader: gives the pixels.
        asset: the file.
        plans: pieces of the file, from `plan_reads`, with room for a filter unless nearest.
        shape: `(height, width)` of the target.
        how: one of `RESAMPLINGS`; and the index maps made so far, as `nearest` shares them.

    Returns:
        Stored numbers `(y, x)`, 0 where there are none; and where there are.
    """
    name, indexes = how
    if asset.band.kind is BandKind.CATEGORICAL and name != "nearest":
        name = "mode" if any(max(plan.shrink) > 1 for plan in plans) else "nearest"
    if name == "nearest":
        return nearest(reader, asset, plans, shape, indexes)
    return _filtered(reader, asset, plans, shape, name)


def _filtered(
    reader: Reader,
    asset: Asset,
    plans: Sequence[ReadPlan],
    shape: tuple[int, int],
    name: str,
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    from landzicht.kernels import resample as kernels

    kind = {
        "bilinear": kernels.BILINEAR,
        "cubic": kernels.CUBIC,
        "average": kernels.AVERAGE,
        "mode": kernels.MODE,
    }[name]
    dtype = working_dtype(asset.band.dtype)
    values, valid = np.zeros(shape, dtype), np.zeros(shape, np.bool_)
    for plan in plans:
        block = reader.read(asset, plan.level, plan.window)
        out, usable = np.zeros(shape, dtype), np.zeros(shape, np.bool_)
        where = plan.target
        kernels.resample(
            plan.nodes,
            plan.first,
            *plan.step,
            *(where.row, where.column, where.height, where.width),
            *plan.shrink,
            np.ascontiguousarray(block.values[0], dtype),
            np.ascontiguousarray(block.valid[0]),
            out,
            usable,
            kind,
        )
        fresh = usable & ~valid
        values[fresh] = out[fresh]
        valid |= usable
    return values, valid
