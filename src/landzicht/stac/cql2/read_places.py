"""Places in CQL2 text: well-known text, and boxes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NoReturn

from landzicht.kinds.filter import Geometry
from landzicht.stac.cql2.names import GEOMETRIES
from landzicht.text import Text

if TYPE_CHECKING:
    from landzicht.stac.cql2.words import Word

_NUMBER = Text(nl="een getal", en="a number")
_PLACE = Text(nl="een plek als POINT", en="a place such as POINT")
_BOX = Text(nl="een rechthoek met vier of zes getallen", en="a box of four or six numbers")


class PlaceReader:
    """A place in a list of words, and the reading of geometries there."""

    def __init__(self, words: list[Word]) -> None:
        self._words = words
        self._at = 0

    @property
    def word(self) -> Word:
        """The word that comes next."""
        return self._words[self._at]

    def next(self) -> Word:
        """Return the next word and go past it; the end stays the end."""
        word = self._words[self._at]
        self._at += word.kind != "end"
        return word

    def take(self, wanted: str) -> bool:
        """Go past the next word when it is the keyword or sign `wanted`."""
        if self.word.lower == wanted:
            self._at += 1
            return True
        return False

    def expect(self, wanted: str) -> None:
        """Go past the keyword or sign `wanted`; raises `BadFilter` when it is not there."""
        if not self.take(wanted):
            self.refuse(wanted.upper())

    def expect_end(self) -> None:
        """Raise `BadFilter` when there is more."""
        if self.word.kind != "end":
            self.refuse("AND, OR")

    def refuse(self, wanted: str | Text, word: Word | None = None) -> NoReturn:
        """Say what belongs here instead."""
        raise NotImplementedError

    def place_named(self, name: str) -> Geometry:
        """Read a geometry whose name was read."""
        if self.word.lower in {"z", "m", "zm"}:
            self.next()
        self.expect("(")
        if name == "bbox":
            return self._box()
        if name == "geometrycollection":
            parts = [self._part()]
            while self.take(","):
                parts.append(self._part())
            self.expect(")")
            return Geometry("GeometryCollection", tuple(parts))
        kind, depth = GEOMETRIES[name]
        if kind == "Point":
            found = Geometry(kind, self._position())
            self.expect(")")
            return found
        return Geometry(kind, self._nested(depth - 1))

    def _part(self) -> Geometry:
        name = self.next()
        if name.lower not in GEOMETRIES:
            self.refuse(_PLACE, name)
        return self.place_named(name.lower)

    def _box(self) -> Geometry:
        start = self.word
        numbers = [self._coordinate()]
        while self.take(","):
            numbers.append(self._coordinate())
        self.expect(")")
        if len(numbers) not in {4, 6}:
            self.refuse(_BOX, start)
        return Geometry("BBox", tuple(numbers))

    def _nested(self, depth: int) -> tuple[Any, ...]:
        """Read a bracketed list, after its opening bracket."""
        found = [self._one(depth)]
        while self.take(","):
            found.append(self._one(depth))
        self.expect(")")
        return tuple(found)

    def _one(self, depth: int) -> tuple[Any, ...]:
        if depth > 1:
            self.expect("(")
            return self._nested(depth - 1)
        if self.take("("):  # the points of a multipoint may stand in brackets
            found = self._position()
            self.expect(")")
            return found
        return self._position()

    def _position(self) -> tuple[float, ...]:
        numbers = [self._coordinate(), self._coordinate()]
        while self.word.kind == "number" or self.word.lower == "-":
            numbers.append(self._coordinate())
        return tuple(numbers)

    def _coordinate(self) -> float:
        sign = -1.0 if self.take("-") else 1.0
        word = self.next()
        number = float(word.text) if word.kind == "number" else math.nan
        if not math.isfinite(number):
            self.refuse(_NUMBER, word)
        return sign * number
