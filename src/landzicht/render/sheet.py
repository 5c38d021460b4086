"""A map on paper: title, map, legend, scale bar, north arrow, and where it all comes from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landzicht.render.drawing import INK, SOFT, WHITE, Drawing, Photo, Shape, Words, box
from landzicht.render.key import key_height, key_marks
from landzicht.render.metrics import width_of, wrapped
from landzicht.render.paper import beside

if TYPE_CHECKING:
    from landzicht.render.drawing import Colour, Mark, Point
    from landzicht.render.key import Key
    from landzicht.render.paper import Frame, Paper
    from landzicht.text import Language

_BADGE: Colour = (242, 184, 75)
_BADGE_INK: Colour = (43, 29, 0)
_LINE: Colour = (217, 220, 211)
_TITLE, _DATE, _HEADING, _BODY = 7.2, 4.2, 3.4, 2.9
_LEADING = 1.38
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SheetFacts:
    """What a map on paper tells, in one language."""

    language: Language
    """Of all words."""
    title: str
    """What is shown."""
    date: str
    """When."""
    photo: Photo
    """The map; where and how large is decided here."""
    key: Key
    """What the colours mean."""
    metres: float
    """Metres on the ground in a millimetre on paper."""
    north: float
    """Degrees that north is turned to the right of upwards."""
    badge: str
    """Word for simulated data, or empty."""
    sections: tuple[tuple[str, str], ...]
    """Heading and text of what else must be known."""
    scale_word: str
    """Word before `1 : 25 000`."""
    north_word: str
    """Letter on the arrow."""
    key_word: str
    """Heading of the legend."""
    link: str = ""
    """Address of the same map on screen, or why it is not here."""
    link_word: str = ""
    """Heading of the address."""
    outline: tuple[tuple[Point, ...], ...] = ()
    """Rings of the reader's own area, in shares of the map (0 to 1) from its upper left corner."""
    before: Photo | None = None
    """The same place on another day, left of the map; None = one map."""
    days: tuple[str, str] = ("", "")
    """What stands above each of two maps."""


def draw_sheet(paper: Paper, facts: SheetFacts) -> Drawing:
    """Return the page."""
    marks = [*_head(paper, facts), *_maps(paper, facts)]
    flow = _Flow(paper)
    _tell_key(flow, facts)
    _tell_scale(flow, facts)
    for heading, text in facts.sections:
        flow.section(heading, text)
    if facts.link:
        link = facts.link if facts.link.startswith("http") else ""
        flow.section(facts.link_word, facts.link, link=link)
    return Drawing(
        width=paper.width,
        height=paper.height,
        marks=(box(0, 0, paper.width, paper.height, fill=WHITE), *marks, *flow.marks),
        title=f"{facts.title}, {facts.date}",
        language=facts.language,
        subject=" ".join(text for _, text in facts.sections)[:300],
    )


def round_length(most: float) -> float:
    """Return the largest 1, 2 or 5 with zeros that is at most `most`."""
    tens = 10.0 ** math.floor(math.log10(most))
    return max(step * tens for step in _STEPS if step * tens <= most * (1 + 1e-9))


def length_words(metres: float, language: Language) -> str:
    """Return a length as people write it: `500 m`, `2,5 km`."""
    value, unit = (metres / 1000, "km") if metres >= 1000 else (metres, "m")
    text = f"{value:g}"
    return f"{text.replace('.', ',') if language == 'nl' else text} {unit}"


def _head(paper: Paper, facts: SheetFacts) -> list[Mark]:
    head, scale = paper.head, paper.scale
    size = _TITLE * scale
    badge_size = 3.3 * scale
    room = head.width
    marks: list[Mark] = []
    if facts.badge:
        wide = width_of(facts.badge, badge_size, bold=True) + 5 * scale
        x = head.x + head.width - wide
        marks += [
            box(x, head.y, wide, 6.4 * scale, fill=_BADGE),
            Words(
                at=(x + 2.5 * scale, head.y + 4.3 * scale),
                text=facts.badge,
                size=badge_size,
                bold=True,
                colour=_BADGE_INK,
            ),
        ]
        room -= wide + 4 * scale
    while width_of(facts.title, size, bold=True) > room and size > 3 * scale:
        size *= 0.95
    title = (wrapped(facts.title, size, room, bold=True) or [""])[0]
    at = (head.x, head.y + 5.6 * scale)
    marks.append(Words(at=at, text=title, size=size, bold=True))
    below = (head.x, head.y + 12.2 * scale)
    date = (wrapped(facts.date, _DATE * scale, head.width) or [""])[0]
    marks.append(Words(at=below, text=date, size=_DATE * scale, colour=SOFT))
    return marks


def _maps(paper: Paper, facts: SheetFacts) -> list[Mark]:
    """Draw the map, or two beside each other with their days above them."""
    if facts.before is None:
        return _map(paper.map, facts.photo, facts, paper.scale)
    marks: list[Mark] = []
    photos = (facts.before, facts.photo)
    for place, photo, day in zip(beside(paper), photos, facts.days, strict=True):
        size = _DATE * paper.scale
        text = (wrapped(day, size, place.width, bold=True) or [""])[0]
        at = (place.x, place.y - 2.2 * paper.scale)
        marks.append(Words(at=at, text=text, size=size, bold=True))
        marks += _map(place, photo, facts, paper.scale)
    return marks


def _map(place: Frame, photo: Photo, facts: SheetFacts, scale: float) -> list[Mark]:
    marks: list[Mark] = [
        Photo(
            at=(place.x, place.y),
            size=(place.width, place.height),
            pixels=photo.pixels,
            jpeg=photo.jpeg,
            alt=photo.alt,
        )
    ]
    for ring in facts.outline:
        points = tuple(_clipped(place, x, y) for x, y in ring)
        for colour, width in ((WHITE, 1.1), (INK, 0.5)):
            marks.append(Shape(points=points, edge=colour, width=width * scale))
    edge = box(place.x, place.y, place.width, place.height, edge=SOFT, line=0.2 * scale)
    return [*marks, edge]


def _clipped(place: Frame, x: float, y: float) -> Point:
    """Return a place on the paper; what lies outside the map is moved to its edge."""
    inside = (min(max(share, 0.0), 1.0) for share in (x, y))
    across, down = inside
    return place.x + across * place.width, place.y + down * place.height


class _Flow:
    """Writes sections below each other, from column to column, as far as there is room."""

    def __init__(self, paper: Paper) -> None:
        self.marks: list[Mark] = []
        self.scale = paper.scale
        self._columns = list(paper.columns)
        self._column = self._columns.pop(0)
        self._y = self._column.y

    @property
    def width(self) -> float:
        """Room from left to right."""
        return self._column.width

    def take(self, height: float) -> tuple[float, float] | None:
        """Return the upper left corner of a piece of paper, or None when there is no room."""
        if self._y + height > self._column.y + self._column.height + 0.01:
            if not self._columns:
                return None
            self._column = self._columns.pop(0)
            self._y = self._column.y
            if height > self._column.height:
                return None
        at = (self._column.x, self._y)
        self._y += height
        return at

    def heading(self, text: str, x: float, y: float) -> None:
        """Write a heading with its base line at `y`."""
        size = _HEADING * self.scale
        self.marks.append(Words(at=(x, y), text=text, size=size, bold=True))

    def section(self, heading: str, text: str, link: str = "") -> None:
        """Write a heading and lines of text; what does not fit at all is cut with `…`."""
        size, step = _BODY * self.scale, _BODY * _LEADING * self.scale
        head = 4.6 * self.scale
        lines = wrapped(text, size, self.width)
        at = None
        while lines and at is None:
            at = self.take(head + len(lines) * step + 2.2 * self.scale)
            if at is None:
                lines.pop()
                if lines:
                    lines[-1] = lines[-1][:-1].rstrip(" .,") + "…"
        if at is None:
            return
        x, y = at
        self.heading(heading, x, y + 3.2 * self.scale)
        for number, line in enumerate(lines):
            place = (x, y + head + (number + 0.75) * step)
            self.marks.append(Words(at=place, text=line, size=size, colour=SOFT, link=link))


def _tell_key(flow: _Flow, facts: SheetFacts) -> None:
    head = 5.2 * flow.scale
    high = key_height(facts.key, flow.width, flow.scale)
    at = flow.take(head + high + 4 * flow.scale)
    if at is None:
        return
    flow.heading(facts.key_word, at[0], at[1] + 3.2 * flow.scale)
    flow.marks += key_marks(facts.key, (at[0], at[1] + head), flow.width, flow.scale)


def _tell_scale(flow: _Flow, facts: SheetFacts) -> None:
    """Draw the scale bar, the scale as a number, and the arrow to the north."""
    scale = flow.scale
    at = flow.take(15.5 * scale)
    if at is None:
        return
    x, y = at
    room = flow.width - 14 * scale
    length = round_length(room * facts.metres)
    wide = length / facts.metres
    high, top = 1.6 * scale, y + 2 * scale
    line = 0.15 * scale
    for number, colour in enumerate((INK, WHITE, INK, WHITE)):
        part = box(x + number * wide / 4, top, wide / 4, high, fill=colour, edge=INK, line=line)
        flow.marks.append(part)
    small = _BODY * scale
    below = top + high + 3.4 * scale
    for share in (0, 0.5, 1):
        text = "0" if share == 0 else length_words(share * length, facts.language)
        align = {0: "left", 0.5: "middle", 1: "right"}[share]
        flow.marks.append(
            Words(at=(x + share * wide, below), text=text, size=small, align=align)  # type: ignore[arg-type]
        )
    ratio = f"{facts.scale_word} 1 : {_grouped(facts.metres * 1000)}"
    flow.marks.append(Words(at=(x, below + 4.2 * scale), text=ratio, size=small, colour=SOFT))
    flow.marks += _arrow(facts, (x + flow.width - 5 * scale, y + 6.5 * scale), scale)


def _arrow(facts: SheetFacts, at: Point, scale: float) -> list[Mark]:
    turn = math.radians(facts.north)
    shape = ((0.0, -5.0), (2.6, 4.0), (0.0, 2.2), (-2.6, 4.0))
    points = tuple(
        (
            at[0] + scale * (x * math.cos(turn) - y * math.sin(turn)),
            at[1] + scale * (x * math.sin(turn) + y * math.cos(turn)),
        )
        for x, y in shape
    )
    letter = (at[0], at[1] + 7.6 * scale)
    return [
        Shape(points=points, fill=INK),
        Words(at=letter, text=facts.north_word, size=_BODY * scale, bold=True, align="middle"),
    ]


def _grouped(value: float) -> str:
    """Return a number of a scale, rounded to two figures: `25 000`."""
    tens = 10 ** max(0, math.floor(math.log10(value)) - 1)
    return f"{round(value / tens) * tens:,}".replace(",", " ")
