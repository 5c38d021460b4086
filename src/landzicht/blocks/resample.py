"""Ways to find the value of a target pixel, by name."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from landzicht.blocks.sample import nearest, working_dtype
from landzicht.kinds import BandKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from landzicht.grid.reads import ReadPlan
    from landzicht.kinds import Asset
    from landzicht.ports import Direct, Reader

RESAMPLINGS = ("nearest", "bilinear", "cubic", "average", "mode")
"""What may be asked for."""
_MOST_TOGETHER = 2**22
"""Source pixels of all files above which they are filtered one by one, to spare memory."""


def resampled(
    reader: Reader,
    assets: Sequence[Asset],
    plans: Sequence[ReadPlan],
    shape: tuple[int, int],
    how: tuple[str, dict[int, NDArray[np.int32]]],
) -> list[tuple[NDArray[Any], NDArray[np.bool_]]]:
    """Bring files that lie on one grid onto a target grid.

    Codes are never averaged: whatever is asked for but nearest, they get the most frequent code
    when the target is coarser, and the nearest else.

    Args:
        reader: gives the pixels.
        assets: the files.
        plans: pieces of each file, from `plan_reads`, with room for a filter unless nearest.
        shape: `(height, width)` of the target.
        how: one of `RESAMPLINGS`; and the index maps made so far, as `nearest` shares them.

    Returns:
        For each file stored numbers `(y, x)`, 0 where there are none; and where there are.
    """
    found = []
    for name, together in _groups(assets, plans, how[0]):
        if name == "nearest":
            found += [nearest(reader, asset, plans, shape, how[1]) for asset in together]
        else:
            found += _filtered(reader, together, plans, shape, name)
    return found


def _groups(
    assets: Sequence[Asset], plans: Sequence[ReadPlan], name: str
) -> Iterator[tuple[str, list[Asset]]]:
    """Yield files that follow each other and are filtered at once, which saves finding weights."""
    coarser = any(max(plan.shrink) > 1 for plan in plans)
    pixels = sum(plan.window.height * plan.window.width for plan in plans)
    alone = pixels * len(assets) > _MOST_TOGETHER

    def kind(asset: Asset) -> tuple[str, np.dtype[Any], str]:
        filtered = name
        if asset.band.kind is BandKind.CATEGORICAL and name != "nearest":
            filtered = "mode" if coarser else "nearest"
        return filtered, working_dtype(asset.band.dtype), asset.key if alone else ""

    for (filtered, _, _), together in groupby(assets, kind):
        yield filtered, list(together)


def _filtered(
    reader: Reader,
    assets: Sequence[Asset],
    plans: Sequence[ReadPlan],
    shape: tuple[int, int],
    name: str,
) -> list[tuple[NDArray[Any], NDArray[np.bool_]]]:
    from landzicht.kernels import resample as kernels

    kind = {
        "bilinear": kernels.BILINEAR,
        "cubic": kernels.CUBIC,
        "average": kernels.AVERAGE,
        "mode": kernels.MODE,
    }[name]
    bands, dtype = len(assets), working_dtype(assets[0].band.dtype)
    values, valid = np.zeros((bands, *shape), dtype), np.zeros((bands, *shape), np.bool_)
    for number, plan in enumerate(plans):
        stored, known = _stacked(reader, assets, plan, dtype)
        further = number > 0
        out, usable = (np.zeros_like(values), np.zeros_like(valid)) if further else (values, valid)
        where = plan.target
        kernels.resample(
            plan.nodes,
            plan.first,
            *plan.step,
            *(where.row, where.column, where.height, where.width),
            *plan.shrink,
            stored,
            known,
            out,
            usable,
            kind,
        )
        if further:
            np.copyto(values, out, where=usable & ~valid)
            valid |= usable
    return list(zip(values, valid, strict=True))


def _stacked(
    reader: Reader, assets: Sequence[Asset], plan: ReadPlan, dtype: np.dtype[Any]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return `(band, y, x)` of the window of a plan: stored numbers, and which of them count."""
    shape = (len(assets), plan.window.height, plan.window.width)
    values, valid = np.empty(shape, dtype), np.empty(shape, np.bool_)
    able: Direct | None = getattr(reader, "direct", None)
    for number, asset in enumerate(assets):
        rows = able.rows(asset, plan.level, plan.window) if able is not None else None
        if rows is None:
            block = reader.read(asset, plan.level, plan.window)
            values[number], valid[number] = block.values[0], block.valid[0]
            continue
        stored = _as_rows(rows.values, rows.stride, shape[1:])
        values[number] = stored
        if rows.nodata is None:
            valid[number] = True
        else:
            np.not_equal(stored, rows.nodata, out=valid[number])
        if rows.valid is not None:
            valid[number] &= _as_rows(rows.valid, rows.stride, shape[1:])
    return values, valid


def _as_rows(flat: NDArray[Any], stride: int, shape: tuple[int, int]) -> NDArray[Any]:
    """Return rows `(y, x)` that lie `stride` apart, without copying."""
    (size,) = flat.strides
    return as_strided(flat, shape, (stride * size, size), writeable=False)
