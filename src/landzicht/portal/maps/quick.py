"""The short way for the commonest tiles: one scene, bands on one grid, painted in one pass."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from landzicht.blocks.ahead import open_soon, read_soon
from landzicht.blocks.sample import check_size, index_of
from landzicht.kinds import Rows
from landzicht.mosaic.plan import plan_mosaic
from landzicht.render.shade import Source, can_shade, shade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from landzicht.grid.reads import ReadPlan
    from landzicht.kinds import Asset, Scene
    from landzicht.mosaic.fill import Want
    from landzicht.mosaic.plan import ScenePlan
    from landzicht.ports import Direct, Reader
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
    check_size((plan,), want.most_pixels)
    read_soon(reader, first.reads)
    assets = [asset for asset, _ in first.reads]
    found = _as_they_lie(reader, assets, plan) or _copied(reader, assets, plan)
    if any(
        each.values.dtype != asset.band.dtype for each, asset in zip(found, assets, strict=True)
    ):
        return None
    sources = {
        asset.key: Source(
            values=rows.values,
            valid=rows.valid,
            nodata=rows.nodata,
            scale=1.0 if want.raw else asset.band.scale,
            offset=0.0 if want.raw else asset.band.offset,
        )
        for rows, asset in zip(found, assets, strict=True)
    }
    index = index_of(plan, want.target.shape, found[0].stride)
    canvas, seen = shade(sources, index, style, colours(first.scene))
    if seen == 0 or (seen < canvas.usable.size and next(plans, None) is not None):
        return None
    return canvas, first.scene


def _as_they_lie(reader: Reader, assets: Sequence[Asset], plan: ReadPlan) -> list[Rows] | None:
    """Return what is read of each band without copying, or None when they do not lie alike."""
    able: Direct | None = getattr(reader, "direct", None)
    if able is None:
        return None
    found: list[Rows] = []
    for asset in assets:
        rows = able.rows(asset, plan.level, plan.window)
        if rows is None or (found and rows.stride != found[0].stride):
            return None
        found.append(rows)
    return found


def _copied(reader: Reader, assets: Sequence[Asset], plan: ReadPlan) -> list[Rows]:
    found = []
    for asset in assets:
        block = reader.read(asset, plan.level, plan.window)
        values = block.values.reshape(-1)
        values.flags.writeable = False  # as `Rows` are: the kernels are compiled for these alone
        valid = None if block.valid.all() else block.valid.reshape(-1)
        found.append(Rows(values=values, stride=plan.window.width, valid=valid))
    return found


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
