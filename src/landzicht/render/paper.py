"""Sizes of paper, and where the map and the words about it go."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_A4 = (210.0, 297.0)
PAPERS = {"a4": 1.0, "a3": sqrt(2)}
"""Name of a paper → how many times as large as A4 everything on it is."""
_MARGIN, _HEAD, _GAP = 11.0, 17.0, 6.0
_ASIDE, _FOOT = 62.0, 74.0
_BETWEEN, _CAPTION = 3.0, 6.5
"""Millimetres between two maps on one page, and above each for its date (on A4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A rectangle on the paper, in millimetres from the upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One page and its parts."""

    width: float
    """Millimetres."""
    height: float
    """Millimetres."""
    scale: float
    """How many times as large letters and margins are as on A4."""
    head: Frame
    """Title and date."""
    map: Frame
    """The map."""
    columns: tuple[Frame, ...]
    """What the map means, from top to bottom, in one column or two."""


def paper_of(name: str, *, upright: bool) -> Paper:
    """Return a page: the words stand beside the map, or below it when the page is upright."""
    scale = PAPERS[name]
    short, long = (side * scale for side in _A4)
    width, height = (short, long) if upright else (long, short)
    margin, head_height, gap = _MARGIN * scale, _HEAD * scale, _GAP * scale
    inner = width - 2 * margin
    head = Frame(x=margin, y=margin, width=inner, height=head_height)
    top = margin + head_height
    low = height - margin
    if upright:
        below = low - _FOOT * scale
        half = (inner - gap) / 2
        return Paper(
            width=width,
            height=height,
            scale=scale,
            head=head,
            map=Frame(x=margin, y=top, width=inner, height=below - gap - top),
            columns=tuple(
                Frame(x=x, y=below, width=half, height=low - below)
                for x in (margin, margin + half + gap)
            ),
        )
    aside = _ASIDE * scale
    return Paper(
        width=width,
        height=height,
        scale=scale,
        head=head,
        map=Frame(x=margin, y=top, width=inner - aside - gap, height=low - top),
        columns=(Frame(x=width - margin - aside, y=top, width=aside, height=low - top),),
    )


def beside(paper: Paper) -> tuple[Frame, Frame]:
    """Return where two maps go that are compared: beside each other, with room above for a date."""
    whole, between = paper.map, _BETWEEN * paper.scale
    above, wide = _CAPTION * paper.scale, (paper.map.width - between) / 2
    left, right = (
        Frame(x=x, y=whole.y + above, width=wide, height=whole.height - above)
        for x in (whole.x, whole.x + wide + between)
    )
    return left, right
