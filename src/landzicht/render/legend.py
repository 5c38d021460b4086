"""Legends: what the colours mean, as a small picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landzicht.render.colormaps import colormap
from landzicht.render.drawing import SOFT, WHITE, Drawing, Words, box
from landzicht.render.key import Key, key_height, key_marks
from landzicht.render.mark import WORDS
from landzicht.render.metrics import wrapped
from landzicht.render.paint import Canvas
from landzicht.render.raster import rasterize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landzicht.render.drawing import Mark
    from landzicht.render.style import Style

_PER_MM = 5.0
_WIDTH, _MARGIN = 96.0, 3.0
_SCALE, _TITLE, _SMALL = 1.25, 4.4, 3.2
_SHADES = 64
_MOST_LETTERS = 60
_CHANNELS = ((200, 40, 40), (40, 150, 60), (40, 80, 200))


def draw_legend(
    style: Style,
    title: str,
    labels: Sequence[str],
    words: tuple[str, str] = ("", ""),
    *,
    simulated: bool,
) -> Canvas:
    """Draw the legend of a style on white.

    Args:
        style: what is shown.
        title: first line; at most 60 letters are drawn.
        labels: for a colour bar: numbers spread evenly under it, left to right; for classes and
            true colour: one for each class or channel.
        words: what low and high mean, for a colour bar.
        simulated: add the words that simulated data carry.
    """
    key = _key(style, [label[:_MOST_LETTERS] for label in labels], words)
    inner = _WIDTH - 2 * _MARGIN
    heading = (wrapped(title[:_MOST_LETTERS], _TITLE, inner, bold=True) or [""])[0]
    top = _MARGIN + _TITLE + 2.5
    low = top + key_height(key, inner, _SCALE)
    height = low + _MARGIN + (_SMALL + 2 if simulated else 0)
    marks: list[Mark] = [
        box(0, 0, _WIDTH, height, fill=WHITE),
        Words(at=(_MARGIN, _MARGIN + 0.8 * _TITLE), text=heading, size=_TITLE, bold=True),
        *key_marks(key, (_MARGIN, top), inner, _SCALE),
    ]
    if simulated:
        at = (_MARGIN, low + 2 + _SMALL)
        marks.append(Words(at=at, text=WORDS, size=_SMALL, bold=True, colour=SOFT))
    drawing = Drawing(width=_WIDTH, height=height, marks=tuple(marks), title=heading)
    pixels = rasterize(drawing, _PER_MM)
    return Canvas(pixels=pixels, usable=np.ones(pixels.shape[:2], np.bool_))


def _key(style: Style, labels: Sequence[str], words: tuple[str, str]) -> Key:
    swatched = style.classes or style.intervals
    if len(style.channels) == 1 and not swatched:
        shades = colormap(style.colormap, _SHADES)
        colours = tuple((int(red), int(green), int(blue)) for red, green, blue in shades)
        return Key(colours=colours, ends=tuple(labels), words=words)
    swatches = [each[-1] for each in swatched] or list(_CHANNELS)
    return Key(classes=tuple(zip(swatches, labels, strict=False)))
