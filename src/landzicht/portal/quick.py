"""The short way for the commonest tiles: one scene, bands on one grid, painted in one pass."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.blocks.ahead import open_soon, read_soon
from landzicht.blocks.sample import check_size, index_of
from landzicht.mosaic.plan import plan_mosaic
from landzicht.render.shade import Source, can_shade, shade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from landzicht.grid.reads import ReadPlan
    from landzicht.kinds import Scene
    from landzicht.mosaic.fill import Want
    from landzicht.mosaic.plan import ScenePlan
    from landzicht.ports import Reader
    from landzicht.render.paint import Canvas
    from landzicht.render.style import Style

_KNOWN = frozenset({"keys", "target", "raw", "most_pixels"})


def quick(
    scenes: Iterable[Scene],
    want: Want,
    style: Style,
    reader: Reader,
    colours: Callable[[Scene], int],
) -> tuple[Canvas, Scene] | None:
    """Paint a tile when its first scene fills it, or is the only one.

    Args:
        scenes: best first.
        want: bands and grid.
        style: how to paint.
        reader: gives the pixels.
        colours: tells the most palette entries to use for a scene.

    Returns:
        The picture and its scene; or None when the long way (`fill`, then `paint`) is needed. Both
        ways give the same pixels.

    Raises:
        TooManyPixels: a file without overviews, seen from too far.
        StoredFileFailed: a file is gone or damaged.
    """
    if not _is_plain(want):
        return None
    soon = partial(open_soon, reader)
    plans = plan_mosaic(scenes, want.keys, want.target, reader.levels, soon=soon)
    first = next(plans, None)
    if first is None:
        return None
    plan = _one_plan(first)
    if plan is None or not can_shade(style, {a.key: a.band.dtype for a, _ in first.reads}):
        return None
    sources, most = {}, colours(first.scene)
    read_soon(reader, first.reads)
    for asset, pieces in first.reads:
        check_size(pieces, want.most_pixels)
        block = reader.read(asset, plan.level, plan.window)
        if block.values.dtype != np.dtype(asset.band.dtype):
            return None
        band = asset.band
        scale, offset = (1.0, 0.0) if want.raw else (band.scale, band.offset)
        sources[asset.key] = Source(
            values=block.values[0], valid=block.valid[0], scale=scale, offset=offset
        )
    canvas, seen = shade(sources, index_of(plan, want.target.shape), style, most)
    if seen == 0 or (seen < canvas.usable.size and next(plans, None) is not None):
        return None
    return canvas, first.scene


def _is_plain(want: Want) -> bool:
    """Whether nothing is asked beyond what this way knows."""
    kind: Any = type(want)  # hashable, whatever its instances are
    for name, usual in _others(kind):
        value = getattr(want, name)
        if value is not usual and not (isinstance(value, str) and value == usual):
            return False
    return True


@lru_cache(maxsize=1)
def _others(kind: Any) -> tuple[tuple[str, Any], ...]:  # noqa: ANN401 - the type of a `Want`
    """Return name and default of whatever else may be asked."""
    return tuple((each.name, each.default) for each in fields(kind) if each.name not in _KNOWN)


def _one_plan(first: ScenePlan) -> ReadPlan | None:
    """Return the plan that all bands share, or None when they do not."""
    shared = first.reads[0][1]
    same = all(pieces is shared for _, pieces in first.reads)
    return shared[0] if same and len(shared) == 1 else None
