"""Filling a picture: the first usable pixel of the scenes, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.blocks.ahead import open_soon, read_soon
from landzicht.blocks.resample import resampled
from landzicht.blocks.sample import check_size
from landzicht.mosaic.clear import clear_reader
from landzicht.mosaic.plan import plan_mosaic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from landzicht.grid import Grid
    from landzicht.kinds import Band, Mask, Scene
    from landzicht.mosaic.plan import ScenePlan
    from landzicht.ports import Reader

    Pieces = dict[str, tuple[NDArray[Any], Band]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mosaic:
    """Bands on one grid, put together from one or more scenes."""

    bands: Mapping[str, tuple[NDArray[Any], Band]]
    """By key: stored numbers `(y, x)` float32 or float64, and how to make them physical."""
    usable: NDArray[np.bool_]
    """`(y, x)`; True where every band has a value."""
    scenes: tuple[Scene, ...]
    """Scenes that gave at least one pixel, in order of use."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Want:
    """What to fill."""

    keys: tuple[str, ...]
    """Bands that are all needed: a pixel is filled from one scene only."""
    target: Grid
    """Pixels to fill."""
    resampling: str = "nearest"
    """One of `landzicht.blocks.resample.RESAMPLINGS`; bands of codes are never averaged."""
    raw: bool = False
    """Keep stored numbers as they are, also when scenes scale them differently."""
    most_pixels: int = 16_000_000
    """Most source pixels to read for one band of one scene."""
    mask: Mask | None = None
    """Leave out what this classification does not call usable; None = take all."""
    only: NDArray[np.bool_] | None = None
    """`(y, x)`; True = pixels that are wanted at all; None = all."""


def fill(scenes: Iterable[Scene], want: Want, reader: Reader) -> Mosaic:
    """Fill a grid from the scenes, best first; stop when it is full.

    Args:
        scenes: best first; later ones only fill what is still empty.
        want: bands, grid and how.
        reader: gives the pixels.

    Raises:
        TooManyPixels: a file without overviews, seen from too far.
        StoredFileFailed: a file is gone or damaged.
    """
    pieces: Pieces = {}
    outside = None if want.only is None else ~want.only
    filled = np.zeros(want.target.shape, np.bool_)
    used: list[Scene] = []
    for plan in plan_mosaic(
        scenes,
        want.keys,
        want.target,
        reader.levels,
        smooth=want.resampling != "nearest",
        soon=partial(open_soon, reader),
    ):
        read_soon(reader, plan.reads)
        seeing = clear_reader(reader, plan.scene, want.mask) if want.mask else reader
        if seeing is None:
            continue
        found, usable = _sample(plan, want, seeing)
        if want.only is not None:
            usable = usable & want.only
        fresh = usable & ~filled if used else usable
        if not fresh.any():
            continue
        if used:
            _add(pieces, found, fresh, raw=want.raw)
            filled |= fresh
        else:
            pieces, filled = found, fresh
        used.append(plan.scene)
        if filled.all() if outside is None else (filled | outside).all():
            break
    return Mosaic(bands=pieces, usable=filled, scenes=tuple(used))


def _sample(plan: ScenePlan, want: Want, reader: Reader) -> tuple[Pieces, NDArray[np.bool_]]:
    """Return the bands of one scene on the target, and where all of them have a value."""
    indexes: dict[int, NDArray[np.int32]] = {}
    found: Pieces = {}
    usable: NDArray[np.bool_] | None = None
    how = (want.resampling, indexes)
    for _, alike in groupby(plan.reads, lambda read: id(read[1])):
        reads = list(alike)
        assets, pieces = [asset for asset, _ in reads], reads[0][1]
        check_size(pieces, want.most_pixels)
        bands = resampled(reader, assets, pieces, want.target.shape, how)
        for asset, (values, valid) in zip(assets, bands, strict=True):
            found[asset.key] = (values, asset.band)
            usable = valid if usable is None else usable & valid
    assert usable is not None
    return found, usable


def _add(pieces: Pieces, found: Pieces, fresh: NDArray[np.bool_], *, raw: bool) -> None:
    """Write the fresh pixels of a further scene, in the scaling of the first."""
    for key, (values, band) in found.items():
        known, first = pieces[key]
        new = values[fresh]
        if not raw and (band.scale, band.offset) != (first.scale, first.offset):
            new = (new * band.scale + (band.offset - first.offset)) / first.scale
        known[fresh] = new
