"""Legends: what the colours mean, as a small picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landzicht.render.colormaps import colormap
from landzicht.render.font import HEIGHT, letters
from landzicht.render.mark import WORDS
from landzicht.render.paint import Canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from landzicht.render.style import Style

_SCALE = 2
_LINE = (HEIGHT + 4) * _SCALE
_BAR = (440, 28)
_MARGIN = 12
_MOST_LETTERS = 60
_CHANNELS = ((200, 40, 40), (40, 150, 60), (40, 80, 200))


def draw_legend(style: Style, title: str, labels: Sequence[str], *, simulated: bool) -> Canvas:
    """Draw the legend of a style on white.

    Args:
        style: what is shown.
        title: first line; at most 60 letters are drawn.
        labels: for a colour bar: words or numbers spread evenly under it, left to right; for
            classes and true colour: one for each class or channel.
        simulated: add the words that simulated data carry.
    """
    swatched = style.classes or style.intervals
    bar = len(style.channels) == 1 and not swatched
    lines = 1 + (2 if bar else len(labels)) + int(simulated)
    height = 2 * _MARGIN + lines * _LINE + (_BAR[1] - _LINE // 2 if bar else 0)
    longest = max((len(each) for each in (title, *labels, WORDS)), default=1)
    width = 2 * _MARGIN + max(_BAR[0], (min(longest, _MOST_LETTERS) + 5) * 6 * _SCALE)
    pixels = np.full((height, width, 3), 255, np.uint8)
    _write(pixels, title, _MARGIN, _MARGIN)
    top = _MARGIN + _LINE
    if bar:
        colours = colormap(style.colormap, _BAR[0])
        pixels[top : top + _BAR[1], _MARGIN : _MARGIN + _BAR[0]] = colours
        _spread(pixels, labels, top + _BAR[1] + 6)
        top += _BAR[1] + _LINE
    else:
        swatches = [each[-1] for each in swatched] or list(_CHANNELS)
        for colour, label in zip(swatches, labels, strict=False):
            pixels[top : top + HEIGHT * _SCALE, _MARGIN : _MARGIN + 3 * HEIGHT] = colour
            _write(pixels, label, top, _MARGIN + 3 * HEIGHT + 10)
            top += _LINE
    if simulated:
        _write(pixels, WORDS, top + 2, _MARGIN)
    return Canvas(pixels=pixels, usable=np.ones((height, width), np.bool_))


def _spread(pixels: NDArray[np.uint8], labels: Sequence[str], top: int) -> None:
    for number, label in enumerate(labels):
        wide = len(label[:_MOST_LETTERS]) * 6 * _SCALE
        share = number / max(1, len(labels) - 1)
        _write(pixels, label, top, _MARGIN + int(share * (_BAR[0] - wide)))


def _write(pixels: NDArray[np.uint8], text: str, top: int, left: int) -> None:
    """Draw text; what sticks out is cut off."""
    if not text:
        return
    dots = letters(text[:_MOST_LETTERS], _SCALE)
    part = pixels[max(0, top) : top + dots.shape[0], max(0, left) : left + dots.shape[1]]
    part[dots[: part.shape[0], : part.shape[1]]] = 20
