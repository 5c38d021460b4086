"""What colours mean, as marks of a drawing: a scale, swatches with words, or a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landzicht.render.drawing import SOFT, Photo, Words, box
from landzicht.render.metrics import width_of, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landzicht.render.drawing import Colour, Mark

_BAR, _SWATCH = 4.2, 3.4
_SMALL = 2.9
_SHADES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The legend of a map, in one language."""

    colours: tuple[Colour, ...] = ()
    """Of a scale, from low to high."""
    ends: tuple[str, ...] = ()
    """Numbers below the scale, spread evenly."""
    words: tuple[str, str] = ("", "")
    """What low and high mean."""
    classes: tuple[tuple[Colour, str], ...] = ()
    """Colour and meaning of each class."""
    sentence: str = ""
    """What the colours are, when there is no scale."""


def key_marks(key: Key, at: tuple[float, float], width: float, scale: float) -> list[Mark]:
    """Return the marks of a legend and where they end.

    Args:
        key: what to tell.
        at: upper left corner, in millimetres.
        width: room, in millimetres.
        scale: how many times as large as on A4.
    """
    if key.colours:
        return _scale(key, at, width, scale)
    if key.classes:
        return _classes(key, at, width, scale)
    size = _SMALL * scale
    lines = wrapped(key.sentence, size, width)
    return [
        Words(at=(at[0], at[1] + size * (1 + 1.35 * number)), text=line, size=size)
        for number, line in enumerate(lines)
    ]


def key_height(key: Key, width: float, scale: float) -> float:
    """Return how much room a legend takes, in millimetres."""
    if key.colours:
        return (_BAR + 3.8 + (3.6 if any(key.words) else 0)) * scale
    if key.classes:
        rows = -(-len(key.classes) // _columns(key, width, scale))
        return rows * (_SWATCH + 1.1) * scale
    return len(wrapped(key.sentence, _SMALL * scale, width)) * 1.35 * _SMALL * scale


def _scale(key: Key, at: tuple[float, float], width: float, scale: float) -> list[Mark]:
    x, y = at
    size = _SMALL * scale
    known = np.array(key.colours, np.float64)
    steps = np.linspace(0, len(known) - 1, _SHADES)
    shades = np.stack([np.interp(steps, np.arange(len(known)), part) for part in known.T], -1)
    pixels = np.rint(shades).astype(np.uint8)[None].repeat(2, 0)
    bar = Photo(at=at, size=(width, _BAR * scale), pixels=pixels)
    marks: list[Mark] = [bar, box(x, y, width, _BAR * scale, edge=SOFT, line=0.15 * scale)]
    below = y + (_BAR + 3.4) * scale
    marks += _spread(key.ends, (x, below), width, size)
    if any(key.words):
        marks += _spread(key.words, (x, below + 3.6 * scale), width, size)
    return marks


def _spread(texts: Sequence[str], at: tuple[float, float], width: float, size: float) -> list[Mark]:
    """Write texts on a line: the first to the left, the last to the right, others between."""
    last = max(1, len(texts) - 1)
    marks: list[Mark] = []
    for number, text in enumerate(texts):
        wide = width_of(text, size)
        share = number / last
        left = at[0] + min(max(share * width - wide / 2, 0), max(width - wide, 0))
        marks.append(Words(at=(left, at[1]), text=text, size=size))
    return marks


def _classes(key: Key, at: tuple[float, float], width: float, scale: float) -> list[Mark]:
    columns = _columns(key, width, scale)
    rows = -(-len(key.classes) // columns)
    size, side = _SMALL * scale, _SWATCH * scale
    room = width / columns
    marks: list[Mark] = []
    for number, (colour, text) in enumerate(key.classes):
        x = at[0] + number // rows * room
        y = at[1] + number % rows * (_SWATCH + 1.1) * scale
        marks.append(box(x, y, 1.3 * side, side, fill=colour, edge=SOFT, line=0.15 * scale))
        line = (wrapped(text, size, room - 1.9 * side) or [""])[0]
        marks.append(Words(at=(x + 1.8 * side, y + 0.8 * side), text=line, size=size))
    return marks


def _columns(key: Key, width: float, scale: float) -> int:
    """Return in how many columns classes stand: two when all of them fit."""
    size = _SMALL * scale
    longest = max(width_of(text, size) for _, text in key.classes) + 2 * _SWATCH * scale
    return 2 if len(key.classes) > 6 and longest <= width / 2 else 1
