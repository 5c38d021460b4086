"""Which scenes are best for a place: by the pixels of their classification there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landzicht.blocks.sample import nearest
from landzicht.grid import Grid
from landzicht.grid.reads import plan_reads

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landzicht.kinds import Mask, Scene
    from landzicht.ports import Reader

SAMPLES = 64
"""Places that are looked at, both ways."""
_PERCENT = 100


def best_first(
    scenes: Iterable[Scene], mask: Mask, place: Grid, reader: Reader
) -> tuple[Scene, ...]:
    """Sort scenes by how much of a place they show clearly.

    The classification is looked at in 64 x 64 evenly spread points, in its overviews; cloud, shadow
    and what a scene does not cover count alike. Scenes within one percent are equal, and keep the
    order in which they came.

    Args:
        scenes: candidates, those preferred among equals first.
        mask: which classes of which band are usable.
        place: the area to judge, as a grid of any size.
        reader: gives the pixels.

    Raises:
        StoredFileFailed: a file is gone or damaged.
    """
    found = [(_clear_percent(scene, mask, place, reader), scene) for scene in scenes]
    return tuple(scene for _, scene in sorted(found, key=lambda each: -each[0]))


def _clear_percent(scene: Scene, mask: Mask, place: Grid, reader: Reader) -> int:
    asset = scene.assets.get(mask.asset)
    if asset is None:
        return -1
    wide, high = place.width / SAMPLES, place.height / SAMPLES
    t = place.transform
    spread = Grid(crs=place.crs, transform=t @ t.scale(wide, high), height=SAMPLES, width=SAMPLES)
    plans = plan_reads(reader.levels(asset), spread)
    codes, known = nearest(reader, asset, plans, spread.shape, {})
    clear = known & np.isin(codes, np.array(mask.valid, np.float64))
    return round(_PERCENT * float(clear.mean()))
