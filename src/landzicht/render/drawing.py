"""A page or picture as a list of marks: what PDF files and pictures with words are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from landzicht.text import Language

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""
Point = tuple[float, float]
"""Millimetres to the right of and below the upper left corner."""
INK: Colour = (22, 38, 43)
SOFT: Colour = (75, 92, 96)
WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One line of text."""

    at: Point
    """Where its base line begins; with `align`, ends or has its middle."""
    text: str
    """At most a line; what the letters do not have becomes `?`."""
    size: float
    """Height of the letters (em) in millimetres."""
    bold: bool = False
    """Heavy letters."""
    colour: Colour = INK
    """Of the letters."""
    align: Literal["left", "right", "middle"] = "left"
    """What `at` is of the line."""
    link: str = ""
    """Address that a click opens, in files that can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A line or an area with straight edges."""

    points: tuple[Point, ...]
    """Its corners."""
    fill: Colour | None = None
    """Colour of the inside."""
    edge: Colour | None = None
    """Colour of the line."""
    width: float = 0.25
    """Of the line, in millimetres."""
    closed: bool = True
    """Whether the line goes back to where it began."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Photo:
    """A picture on the page."""

    at: Point
    """Its upper left corner."""
    size: tuple[float, float]
    """Width and height in millimetres."""
    pixels: NDArray[np.uint8]
    """`(y, x, 3)` red, green, blue."""
    jpeg: bytes = b""
    """The same as JPEG, when somebody has it already."""
    alt: str = ""
    """What it shows, in words."""


Mark = Words | Shape | Photo


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawing:
    """A page with marks; later ones cover earlier ones."""

    width: float
    """Millimetres."""
    height: float
    """Millimetres."""
    marks: tuple[Mark, ...]
    """What is on it."""
    title: str
    """Of the whole, for the window that shows it."""
    language: Language = "en"
    """Of the words."""
    subject: str = ""
    """One more sentence about the whole."""


def box(  # noqa: PLR0913 - four edges and three looks, all by name where it is called
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: Colour | None = None,
    edge: Colour | None = None,
    line: float = 0.25,
) -> Shape:
    """Return a rectangle."""
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    return Shape(points=corners, fill=fill, edge=edge, width=line)
