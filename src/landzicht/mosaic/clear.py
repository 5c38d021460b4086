"""Leaving out clouds: pixels count only where the classification of their scene says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.blocks.sample import nearest
from landzicht.grid.reads import plan_reads
from landzicht.kinds import Block

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.grid import Grid, Window
    from landzicht.kinds import Asset, Mask, Scene
    from landzicht.ports import Reader

_MOST_BYTES = 2
"""Of a whole number, for which there is a list of all that may occur."""


def clear_reader(reader: Reader, scene: Scene, mask: Mask) -> Reader | None:
    """Return a reader of this scene to which cloudy pixels do not count.

    The mask is laid on the pixels of each file, before anything is resampled: so no filter can
    mix a cloud into its neighbours.

    Args:
        reader: gives the pixels.
        scene: whose files will be read.
        mask: which classes of which band are usable.

    Returns:
        None when the scene has no such band: nobody knows then what is cloud.
    """
    asset = scene.assets.get(mask.asset)
    return _ClearReader(reader, asset, mask.valid) if asset else None


class _ClearReader:
    """Implements `ports.Reader`, for one scene and one request."""

    def __init__(self, reader: Reader, mask: Asset, valid: tuple[int, ...]) -> None:
        self._reader = reader
        self._mask = mask
        self._valid = valid
        self._known: dict[Grid, NDArray[np.bool_]] = {}

    def levels(self, asset: Asset) -> tuple[Grid, ...]:
        """As `ports.Reader`."""
        return self._reader.levels(asset)

    def read(self, asset: Asset, level: int, window: Window) -> Block:
        """As `ports.Reader`; pixels of other classes are not usable."""
        block = self._reader.read(asset, level, window)
        if block.grid not in self._known:  # bands on one grid share it
            self._known[block.grid] = self._clear(asset, level, window, block.grid)
        valid = block.valid & self._known[block.grid]
        return Block(values=block.values, valid=valid, grid=block.grid, bands=block.bands)

    def _clear(self, asset: Asset, level: int, window: Window, grid: Grid) -> NDArray[np.bool_]:
        levels = self._reader.levels(self._mask)
        if levels == self._reader.levels(asset):  # pixel on pixel
            seen = self._reader.read(self._mask, level, window)
            codes, known = seen.values[0], seen.valid[0]
        else:
            plans = plan_reads(levels, grid)
            codes, known = nearest(self._reader, self._mask, plans, grid.shape, {})
        stored = np.dtype(self._mask.band.dtype)
        clear: NDArray[np.bool_] = known & _among(codes, self._valid, stored)
        return clear


def _among(codes: NDArray[Any], valid: tuple[int, ...], stored: np.dtype[Any]) -> NDArray[np.bool_]:
    """Return which codes are valid ones: as `np.isin`, which sorts, and takes long and much memory.

    Args:
        codes: any shape.
        valid: those looked for.
        stored: dtype that the file should have; codes of another are compared all the same.
    """
    numbers = np.array(valid, np.float64)
    if stored.kind not in "iu" or stored.itemsize > _MOST_BYTES:
        return np.isin(codes, numbers)
    from landzicht.kernels.nearest import gather

    limits = np.iinfo(stored)
    with np.errstate(invalid="ignore"):
        whole = codes.astype(np.int32)
    listable = (whole == codes) & (whole >= limits.min) & (whole <= limits.max)
    if not listable.all():  # the file is not what the catalogue says
        return np.isin(codes, numbers)
    listed = np.zeros(limits.max - limits.min + 1, np.uint8)
    listed[[each - limits.min for each in valid if limits.min <= each <= limits.max]] = 1
    whole -= limits.min
    found = np.zeros(codes.shape, np.uint8)
    gather(whole.reshape(-1), listed, listable.reshape(-1), found.reshape(-1))
    return found.view(np.bool_)
