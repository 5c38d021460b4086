"""What is shown when it is not the pixels themselves: many dates in one, and relief."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from affine import Affine

from landzicht.grid import Grid
from landzicht.grid.ground import ground_size
from landzicht.kinds import Band
from landzicht.mosaic.combine import combine
from landzicht.mosaic.fill import Mosaic, fill
from landzicht.render.formula import band as band_formula
from landzicht.render.paint import Plane, values_of
from landzicht.render.relief import HALO, relief

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from landzicht.kinds import Scene
    from landzicht.mosaic.fill import Want
    from landzicht.ports import Reader
    from landzicht.render.style import Style

FIRST = "first"
"""The rule by which the first usable pixel counts, and nothing is derived."""


def derive(
    scenes: tuple[Scene, ...], want: Want, style: Style, rule: str, reader: Reader
) -> tuple[Mosaic, Style]:
    """Return what a style shows as plain bands, and a style that shows these.

    Args:
        scenes: those that count, best first.
        want: what the mosaic was asked for.
        style: how to paint; its formulas are worked out here.
        rule: one of `landzicht.mosaic.combine.RULES`, or `FIRST`.
        reader: gives the pixels.

    Raises:
        TooManyPixels: a file without overviews, seen from too far.
        StoredFileFailed: a file is gone or damaged.
    """
    larger = grown(want.target, HALO) if style.relief else want.target
    only = None if style.relief else want.only
    wider = replace(want, target=larger, only=only)
    if rule == FIRST:
        mosaic = fill(scenes, wider, reader)
    else:
        names = tuple(channel.formula.text for channel in style.channels)

        def work_out(alone: Mosaic) -> tuple[NDArray[Any], NDArray[np.bool_]]:
            return values_of(planes_of(alone, raw=want.raw), alone.usable, style.channels)

        mosaic = combine(scenes, wider, reader, rule, (names, work_out))
        style = shown_as(style, names)
    if style.relief is None:
        return mosaic, style
    made = _shaded(mosaic, style, want)
    return made, replace(shown_as(style, (style.relief.name,)), relief=None)


def shown_as(style: Style, names: tuple[str, ...]) -> Style:
    """Return a style that shows bands of these names as the channels of `style`."""
    channels = tuple(
        replace(channel, formula=band_formula(name))
        for channel, name in zip(style.channels, names, strict=True)
    )
    return replace(style, channels=channels)


def grown(target: Grid, by: int) -> Grid:
    """Return a grid with `by` more pixels at each edge."""
    return Grid(
        crs=target.crs,
        transform=target.transform @ Affine.translation(-by, -by),
        height=target.height + 2 * by,
        width=target.width + 2 * by,
    )


def _shaded(mosaic: Mosaic, style: Style, want: Want) -> Mosaic:
    assert style.relief is not None
    inner = mosaic.usable[HALO:-HALO, HALO:-HALO]
    if not mosaic.bands:
        return Mosaic(bands={}, usable=inner, scenes=())
    heights, known = values_of(planes_of(mosaic, raw=want.raw), mosaic.usable, style.channels)
    values, usable = relief(heights[0], known, ground_size(want.target), style.relief)
    if want.only is not None:
        usable = usable & want.only
    unit = "deg" if style.relief.name == "slope" else None
    band = Band(name=style.relief.name, dtype="float32", unit=unit)
    return Mosaic(bands={band.name: (values, band)}, usable=usable, scenes=mosaic.scenes)


def planes_of(mosaic: Mosaic, *, raw: bool) -> dict[str, Plane]:
    """Return the bands of a mosaic as painting needs them."""
    planes = {}
    for key, (values, band) in mosaic.bands.items():
        scale, offset = (1.0, 0.0) if raw else (band.scale, band.offset)
        planes[key] = Plane(values=values, scale=scale, offset=offset)
    return planes
