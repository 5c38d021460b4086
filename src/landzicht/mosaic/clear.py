"""Leaving out clouds: pixels count only where the classification of their scene says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landzicht.blocks.sample import nearest
from landzicht.grid.reads import plan_reads
from landzicht.kinds import Block

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.grid import Grid, Window
    from landzicht.kinds import Asset, Mask, Scene
    from landzicht.ports import Reader


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
        self._valid = np.array(valid, np.float64)
        self._known: dict[Grid, NDArray[np.bool_]] = {}

    def levels(self, asset: Asset) -> tuple[Grid, ...]:
        """As `ports.Reader`."""
        return self._reader.levels(asset)

    def read(self, asset: Asset, level: int, window: Window) -> Block:
        """As `ports.Reader`; pixels of other classes are not usable."""
        block = self._reader.read(asset, level, window)
        if block.grid not in self._known:  # bands on one grid share it
            self._known[block.grid] = self._clear(block.grid)
        valid = block.valid & self._known[block.grid]
        return Block(values=block.values, valid=valid, grid=block.grid, bands=block.bands)

    def _clear(self, grid: Grid) -> NDArray[np.bool_]:
        plans = plan_reads(self._reader.levels(self._mask), grid)
        codes, known = nearest(self._reader, self._mask, plans, grid.shape, {})
        return known & np.isin(codes, self._valid)
