"""Conditions made of the `query` extension and of free text; and what to sort by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.filters import BadFilter
from landzicht.kinds import Sort
from landzicht.kinds.filter import Expression, Literal, Operation, Property, Several
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SIMPLE = {"eq": "=", "neq": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_PATTERNS = {"startsWith": "{}%", "endsWith": "%{}", "contains": "%{}%"}
_LOOKED_IN = ("id", "collection", "title", "description", "platform", "constellation", "mission")
MOST_SORTS = 5
"""Most things to sort by."""
_NUMBER = re.compile(r"[+-]?\d{1,17}(\.\d{1,17})?", re.ASCII)
_NAME = re.compile(r'[^"\\\x00-\x1f\x7f]{1,200}')
_SORT = Text(
    nl="geef hooguit {most} namen als -datetime,+id",
    en="give at most {most} names such as -datetime,+id",
)
MOST_WORDS = 20
"""Most terms of a free text."""
LONGEST_WORD = 100
"""Longest term of a free text."""
_QUERY = Text(nl="dit kent de uitbreiding query niet", en="the query extension does not know this")
_WORDS = Text(
    nl="hooguit {most} woorden van hooguit {longest} letters",
    en="at most {most} terms of at most {longest} letters",
)


def from_query(asked: Mapping[str, Any]) -> Expression:
    """Return what the STAC `query` extension asks: `{"eo:cloud_cover": {"lt": 20}}`.

    Raises:
        BadFilter: an operator or value that it does not know.
    """
    parts: list[Expression] = []
    for name, tests in asked.items():
        if not isinstance(tests, dict):
            raise BadFilter(place=f"query.{name[:60]}", reason=_QUERY)
        for operator, value in tests.items():
            parts.append(_test(Property(name), operator, value))
    return join("and", parts) or Literal(True)


def free_text(words: Sequence[str]) -> Expression | None:
    """Return a condition that one of the words occurs, without regard to case and accents.

    Looked in are id, collection, title, description, platform, constellation and mission as parts
    of the text, and the keywords as whole words (in small letters, capitals, or with a capital).

    Raises:
        BadFilter: too many words, or too long ones.
    """
    wanted = [word.strip() for word in words if word.strip()]
    if len(wanted) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in wanted):
        raise BadFilter(place="q", reason=_WORDS.fill(most=MOST_WORDS, longest=LONGEST_WORD))
    return join("or", [_occurs(word) for word in wanted])


def read_sort(value: object) -> tuple[Sort, ...]:
    """Read what to sort by: `-datetime,+id`, or `[{"field": "datetime", "direction": "desc"}]`.

    Raises:
        BadQuery: it is neither.
    """
    if value is None or value in ("", []):
        return ()
    told: list[Any] = value.split(",") if isinstance(value, str) else []
    if isinstance(value, list):
        told = value
    found = [_one(each) for each in told]
    if not found or len(found) > MOST_SORTS or None in found:
        raise BadQuery(name="sortby", reason=_SORT.fill(most=MOST_SORTS))
    return tuple(each for each in found if each is not None)


def _one(told: object) -> Sort | None:
    """Return one thing to sort by, or None when it is none."""
    if isinstance(told, str):
        name: Any = told.strip().lstrip("+-")
        down = told.strip().startswith("-")
    elif isinstance(told, dict):
        name, direction = told.get("field"), told.get("direction", "asc")
        if direction not in ("asc", "desc"):
            return None
        down = direction == "desc"
    else:
        return None
    if not isinstance(name, str):
        return None
    name = name.strip().removeprefix("properties.")
    return Sort(name, down) if _NAME.fullmatch(name) else None


def join(joint: str, parts: Sequence[Expression | None]) -> Expression | None:
    """Return conditions joined by `and` or `or`; those that are None are left out."""
    told = tuple(part for part in parts if part is not None)
    if len(told) < 2:
        return told[0] if told else None
    return Operation(joint, told)


def _test(name: Property, operator: str, value: object) -> Expression:
    if operator == "in" and isinstance(value, list) and all(map(_is_plain, value)):
        return Operation("in", (name, Several(tuple(map(Literal, value)))))
    if operator in _PATTERNS and isinstance(value, str):
        return Operation("like", (name, Literal(_PATTERNS[operator].format(_literal(value)))))
    if operator in _SIMPLE and _is_plain(value):
        told = [Literal(value)]  # type: ignore[arg-type]
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            told.append(Literal(float(value)))  # clients write `"lt": "20"`; types never mix
        return join("or", [Operation(_SIMPLE[operator], (name, each)) for each in told]) or told[0]
    raise BadFilter(place=f"query.{name.name[:60]}.{operator[:20]}", reason=_QUERY)


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


def _occurs(word: str) -> Expression:
    pattern = _folded(Literal(f"%{_literal(word)}%"))
    parts: list[Expression] = [
        Operation("like", (_folded(Property(name)), pattern)) for name in _LOOKED_IN
    ]
    spellings = dict.fromkeys((word, word.lower(), word.upper(), word.capitalize(), word.title()))
    keywords = Several(tuple(map(Literal, spellings)))
    parts.append(Operation("a_overlaps", (Property("keywords"), keywords)))
    return Operation("or", tuple(parts))


def _folded(text: Expression) -> Expression:
    return Operation("casei", (Operation("accenti", (text,)),))


def _literal(text: str) -> str:
    """Return a text as a pattern that only it matches."""
    return "".join("\\" + letter if letter in "\\%_" else letter for letter in text)
