"""A frame of a film: the map, and below it what, when, and from whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from landzicht.render.drawing import INK, SOFT, WHITE, Drawing, Photo, Words, box
from landzicht.render.key import key_height, key_marks
from landzicht.render.metrics import width_of, wrapped
from landzicht.render.raster import rasterize

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from landzicht.render.drawing import Colour, Mark
    from landzicht.render.key import Key
    from landzicht.text import Language

_BADGE: Colour = (242, 184, 75)
_BADGE_INK: Colour = (43, 29, 0)
_TRACK: Colour = (217, 220, 211)
_DONE: Colour = (13, 90, 76)
_EDGE, _SMALL, _LEADING = 3.0, 2.9, 4.0
_NARROW = 110.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """What stands below the map in each frame, in one language."""

    language: Language
    """Of all words."""
    title: str
    """What is shown."""
    key: Key
    """What the colours mean."""
    source: str
    """From whom, and under which licence."""
    badge: str
    """Word for simulated data, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One date of a film."""

    date: str
    """As people write it."""
    share: float
    """How far in the film, 0 to 1."""


def caption_height(caption: Caption, width: float) -> float:
    """Return the height of what stands below the map, in millimetres."""
    inner = width - 2 * _EDGE
    room = inner / 2 if width > _NARROW else inner
    left = 17.0 + (_LEADING * 1.4 if caption.badge else 0)
    key = key_height(caption.key, room - _EDGE, 1.0) + 5
    lines = len(wrapped(caption.source, _SMALL * 0.9, inner))
    body = max(left, key) if width > _NARROW else left + key
    return body + lines * _LEADING * 0.9 + 4


def draw_frame(
    pixels: NDArray[np.uint8], caption: Caption, moment: Moment, per_mm: float
) -> NDArray[np.uint8]:
    """Return one frame `(y, x, 3)`: the map's pixels as they are, and the caption below them."""
    width, high = pixels.shape[1] / per_mm, pixels.shape[0] / per_mm
    below = caption_height(caption, width)
    photo = Photo(at=(0, 0), size=(width, high), pixels=pixels)
    marks: list[Mark] = [box(0, 0, width, high + below, fill=WHITE), photo]
    marks += _progress(moment, width, high)
    marks += _left(caption, moment, high, width)
    inner = width - 2 * _EDGE
    split = width > _NARROW
    top = high + (4.5 if split else 18.5 + (_LEADING * 1.4 if caption.badge else 0))
    x, room = (_EDGE + inner / 2 + _EDGE, inner / 2 - _EDGE) if split else (_EDGE, inner)
    marks += key_marks(caption.key, (x, top), room, 1.0)
    size = _SMALL * 0.9
    lines = wrapped(caption.source, size, inner)
    for number, line in enumerate(lines):
        y = high + below - 2 - (len(lines) - 1 - number) * _LEADING * 0.9
        marks.append(Words(at=(_EDGE, y), text=line, size=size, colour=SOFT))
    drawing = Drawing(width=width, height=high + below, marks=tuple(marks), title=caption.title)
    return rasterize(drawing, per_mm)


def _progress(moment: Moment, width: float, top: float) -> list[Mark]:
    """Draw how far the film is, as a line along the map."""
    done = box(0, top, max(0.5, width * moment.share), 1.2, fill=_DONE)
    return [box(0, top, width, 1.2, fill=_TRACK), done]


def _left(caption: Caption, moment: Moment, top: float, width: float) -> list[Mark]:
    room = (width - 2 * _EDGE) / (2 if width > _NARROW else 1)
    size = 6.0
    while width_of(moment.date, size, bold=True) > room and size > 2:
        size *= 0.95
    marks: list[Mark] = [
        Words(at=(_EDGE, top + 8), text=moment.date, size=size, bold=True, colour=INK)
    ]
    title = (wrapped(caption.title, 3.8, room) or [""])[0]
    marks.append(Words(at=(_EDGE, top + 13.2), text=title, size=3.8))
    if caption.badge:
        wide = width_of(caption.badge, 3.0, bold=True) + 4
        marks.append(box(_EDGE, top + 15.6, wide, 5.2, fill=_BADGE))
        at = (_EDGE + 2, top + 19.2)
        words = Words(at=at, text=caption.badge, size=3.0, bold=True, colour=_BADGE_INK)
        marks.append(words)
    return marks
