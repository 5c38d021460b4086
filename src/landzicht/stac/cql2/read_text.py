"""CQL2 text to a tree: one small recursive reader, bounded in length and depth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NoReturn

from landzicht.errors.filters import BadFilter
from landzicht.kinds.filter import Expression, Interval, Literal, Operation, Property, Several
from landzicht.stac.cql2.limits import DEEPEST, TOO_DEEP, check_text
from landzicht.stac.cql2.moments import read_day, read_instant, read_moment
from landzicht.stac.cql2.names import ARRAY, COMPARISONS, GEOMETRIES, SPELLINGS
from landzicht.stac.cql2.read_places import PlaceReader
from landzicht.stac.cql2.words import Word, split
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

_EXPECTED = Text(nl="hier hoort {wanted}", en="{wanted} belongs here")
_NO_DAY = Text(nl="dit is geen dag als 2025-06-08", en="this is not a day like 2025-06-08")
_NO_MOMENT = Text(
    nl="dit is geen tijdstip als 2025-06-08T10:40:00Z",
    en="this is not a moment like 2025-06-08T10:40:00Z",
)
_VALUE = Text(nl="een waarde", en="a value")
_TOO_LARGE = Text(nl="dit getal is te groot", en="this number is too large")
_RESERVED = frozenset({"and", "or", "not", "like", "between", "in", "is", "null"})


def parse_text(text: str) -> Expression:
    """Read CQL2 text.

    Raises:
        BadFilter: it is too long, too deep, or no CQL2; the error tells the position.
    """
    check_text(text)
    reader = _Reader(split(text))
    tree = reader.condition()
    reader.expect_end()
    return tree


class _Reader(PlaceReader):
    """Walks over the words; each method reads one level of binding and returns its tree."""

    def __init__(self, words: list[Word]) -> None:
        super().__init__(words)
        self._depth = 0

    def condition(self) -> Expression:
        """Read what `OR` joins."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadFilter(place=self.word.place, reason=TOO_DEEP.fill(most=DEEPEST))
        found = self._chain("or", lambda: self._chain("and", self._negation))
        self._depth -= 1
        return found

    def _chain(self, joint: str, part: Callable[[], Expression]) -> Expression:
        parts = [part()]
        while self.take(joint):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Operation(joint, tuple(parts))

    def _negation(self) -> Expression:
        negations = 0
        while self.take("not"):
            negations += 1
            if negations > DEEPEST:
                raise BadFilter(place=self.word.place, reason=TOO_DEEP.fill(most=DEEPEST))
        found = self._predicate()
        for _ in range(negations):
            found = Operation("not", (found,))
        return found

    def _predicate(self) -> Expression:
        left = self._sum()
        if self.word.lower in COMPARISONS:
            return Operation(self.next().lower, (left, self._sum()))
        if self.take("is"):
            negated = self.take("not")
            self.expect("null")
            return _negated(Operation("isNull", (left,)), negated=negated)
        negated = self.take("not")
        if self.take("like"):
            return _negated(Operation("like", (left, self._sum())), negated=negated)
        if self.take("between"):
            low = self._sum()
            self.expect("and")
            return _negated(Operation("between", (left, low, self._sum())), negated=negated)
        if self.take("in"):
            self.expect("(")
            return _negated(Operation("in", (left, self._list())), negated=negated)
        if negated:
            self.refuse("LIKE, BETWEEN, IN")
        return left

    def _sum(self) -> Expression:
        found = self._product()
        while self.word.lower in {"+", "-"}:
            found = Operation(self.next().lower, (found, self._product()))
        return found

    def _product(self) -> Expression:
        found = self._power()
        while self.word.lower in {"*", "/", "%", "div"}:
            found = Operation(self.next().lower, (found, self._power()))
        return found

    def _power(self) -> Expression:
        base = self._signed()
        if self.take("^"):
            return Operation("^", (base, self._signed()))
        return base

    def _signed(self) -> Expression:
        sign = 1
        while self.word.lower in {"+", "-"}:
            sign = -sign if self.next().lower == "-" else sign
        is_number = self.word.kind == "number"
        found = self._primary()
        if sign == 1:
            return found
        if is_number and isinstance(found, Literal) and not isinstance(found.value, str):
            return Literal(-found.value)
        return Operation("*", (Literal(-1), found))

    def _primary(self) -> Expression:
        word = self.next()
        if word.kind == "number":
            return self._number(word)
        if word.kind == "text":
            return Literal(word.text)
        if word.kind == "quoted" and self.word.lower != "(":
            return Property(word.text)
        if word.lower == "(":
            return self._brackets()
        if word.kind not in {"name", "quoted"}:
            self.refuse(_VALUE, word)
        return self._named(word)

    def _number(self, word: Word) -> Literal:
        number = float(word.text)
        if not math.isfinite(number):
            raise BadFilter(place=word.place, reason=_TOO_LARGE)
        is_whole = word.text.isdigit() and len(word.text) < 17
        return Literal(int(word.text) if is_whole else number)

    def _brackets(self) -> Expression:
        """Read a bracketed condition or sum, or a list of values."""
        if self.take(")"):
            return Several(())
        first = self.condition()
        if self.word.lower != ",":
            self.expect(")")
            return first
        items = [first]
        while self.take(","):
            items.append(self.condition())
        self.expect(")")
        return Several(tuple(items))

    def _named(self, word: Word) -> Expression:
        name = word.lower
        if name in {"true", "false"}:
            return Literal(name == "true")
        is_call = self.word.lower == "("
        if name in GEOMETRIES or name in {"bbox", "geometrycollection"}:
            if is_call or self.word.lower in {"z", "m", "zm"}:
                return self.place_named(name)
        elif is_call:
            self.next()
            return self._call(word, name)
        if name in _RESERVED:
            self.refuse(_VALUE, word)
        return Property(word.text)

    def _call(self, word: Word, name: str) -> Expression:
        if name in {"date", "timestamp"}:
            told = self.next()
            read = read_day if name == "date" else read_moment
            instant = read(told.text) if told.kind == "text" else None
            if instant is None:
                reason = _NO_DAY if name == "date" else _NO_MOMENT
                raise BadFilter(place=told.place, reason=reason)
            self.expect(")")
            return instant
        if name == "interval":
            start = self._end_of_interval()
            self.expect(",")
            end = self._end_of_interval()
            self.expect(")")
            return Interval(start, end)
        args = self._list().items
        if name == "in" and args:  # written as a function
            several = args[1] if len(args) == 2 else None
            listed = several if isinstance(several, Several) else Several(args[1:])
            return Operation("in", (args[0], listed))
        if name in ARRAY:  # brackets around one value make a list of it here
            args = tuple(
                each if isinstance(each, Several | Property) else Several((each,)) for each in args
            )
        return Operation(SPELLINGS.get(name, word.text), args)

    def _list(self) -> Several:
        """Read values up to the closing bracket; a list of one value is a list here."""
        if self.take(")"):
            return Several(())
        items = [self.condition()]
        while self.take(","):
            items.append(self.condition())
        self.expect(")")
        return Several(tuple(items))

    def _end_of_interval(self) -> Expression | None:
        word = self.word
        if word.kind != "text":
            return self._sum()
        self.next()
        if word.text in {"..", ""}:
            return None
        instant = read_instant(word.text)
        if instant is None:
            raise BadFilter(place=word.place, reason=_NO_MOMENT)
        return instant

    def refuse(self, wanted: str | Text, word: Word | None = None) -> NoReturn:
        """Say what belongs here instead."""
        reason = _EXPECTED.fill(wanted=wanted)
        raise BadFilter(place=(word or self.word).place, reason=reason)


def _negated(found: Operation, *, negated: bool) -> Operation:
    return Operation("not", (found,)) if negated else found
