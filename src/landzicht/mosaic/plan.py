"""Which files to read for a picture, in which order, and which part of each; plans are kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from landzicht.blocks.cache import ByteCache
from landzicht.grid.reads import plan_reads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from landzicht.grid import Grid
    from landzicht.grid.reads import ReadPlan
    from landzicht.kinds import Asset, Scene


_MOST_PLANS = 8 * 2**20


def _size(plans: tuple[ReadPlan, ...]) -> int:
    return 1_000 + sum(1_000 + plan.nodes.nbytes for plan in plans)


_plans: ByteCache[tuple[ReadPlan, ...]] = ByteCache(_MOST_PLANS, _size)
"""The last plans, in bytes: the dates, bands and styles of a place share them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScenePlan:
    """What to read of one scene."""

    scene: Scene
    """The scene."""
    reads: tuple[tuple[Asset, tuple[ReadPlan, ...]], ...]
    """Per band: its file and the pieces of it; bands on one grid share their pieces."""


def plan_mosaic(
    scenes: Iterable[Scene],
    keys: Sequence[str],
    target: Grid,
    levels: Callable[[Asset], tuple[Grid, ...]],
    *,
    smooth: bool = False,
    soon: Callable[[Sequence[Asset]], None] | None = None,
) -> Iterator[ScenePlan]:
    """Plan scene after scene, in the order given, while the caller wants more.

    Scenes that lack one of the bands, or whose bands do not all reach the target, are passed
    over: a pixel of a picture comes from one moment only.

    Args:
        scenes: best first.
        keys: asset keys that are all needed.
        target: pixels to fill.
        levels: tells the grids that a file holds.
        smooth: leave room for a filter.
        soon: told which files `levels` will be asked of; see `landzicht.blocks.ahead`.
    """
    for scene in scenes:
        if not all(key in scene.assets for key in keys):
            continue
        if soon is not None:
            soon([scene.assets[key] for key in keys])
        known: tuple[Grid, ...] = ()
        pieces: tuple[ReadPlan, ...] = ()
        reads = []
        for key in keys:
            asset = scene.assets[key]
            grids = levels(asset)
            if grids != known:  # bands mostly lie on the grids of the one before
                make = partial(plan_reads, grids, target, smooth=smooth)
                known, pieces = grids, _plans.get((grids, target, smooth), make)
            if not pieces:
                break
            reads.append((asset, pieces))
        else:
            yield ScenePlan(scene=scene, reads=tuple(reads))
