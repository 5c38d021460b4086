"""Is a tree a condition that we can answer? Looked at before any store sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from landzicht.errors.filters import BadFilter
from landzicht.kinds.filter import (
    Expression,
    Geometry,
    Interval,
    Literal,
    Operation,
    Property,
    Several,
)
from landzicht.stac.cql2.limits import MOST_PARTS, MOST_VALUES, TOO_MANY
from landzicht.stac.cql2.names import ARRAY, CONDITIONS, KNOWN, LOGIC, SPATIAL, TEMPORAL, TEXTUAL
from landzicht.stac.cql2.write import write_text
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CORNERS = 10_000
"""Most corners of a place."""
_NAME = re.compile(r'[^"\\\x00-\x1f\x7f]{1,200}')
_PREFIX = "properties."
_FUNCTION = Text(nl="deze functie kennen wij niet", en="we do not know this function")
_COUNT = Text(nl="hier horen {wanted} waarden bij", en="this takes {wanted} values")
_CONDITION = Text(
    nl="dit is geen voorwaarde die waar of onwaar is",
    en="this is not a condition that is true or false",
)
_LIST = Text(nl="hier hoort een lijst van waarden", en="a list of values belongs here")
_NO_LIST = Text(nl="hier hoort geen lijst", en="no list belongs here")
_PLACE = Text(nl="dit is geen geldige plek", en="this is not a valid place")
_NAMED = Text(nl="dit is geen naam van een eigenschap", en="this is not the name of a property")
_COUNTS = {"not": (1, 1), "isNull": (1, 1), "casei": (1, 1), "accenti": (1, 1), "between": (3, 3)}
_MOST = 10**6


def check(tree: Expression) -> Expression:
    """Return a condition in the form that stores take: checked, names without `properties.`.

    A property that no scene has is not refused: it is unknown for every scene. So the answer is the
    same whether a name does not exist or belongs to data that may not be known.

    Raises:
        BadFilter: it is not a condition, uses an unknown function, or is too large.
    """
    parts = sum(isinstance(part, Operation) for part in _walk(tree))
    if parts > MOST_PARTS:
        raise BadFilter(place=parts, reason=TOO_MANY.fill(most=MOST_PARTS))
    _must_be_condition(tree)
    return _checked(tree)


def _walk(tree: Expression) -> Iterator[Expression]:
    pending: list[Expression | None] = [tree]
    while pending:
        part = pending.pop()
        if part is None:
            continue
        yield part
        if isinstance(part, Operation):
            pending += part.args
        elif isinstance(part, Several):
            pending += part.items
        elif isinstance(part, Interval):
            pending += (part.start, part.end)


def _checked(part: Expression) -> Expression:
    if isinstance(part, Property):
        return _property(part)
    if isinstance(part, Geometry):
        _check_place(part)
    if isinstance(part, Several):
        if len(part.items) > MOST_VALUES:
            _refuse(Several(()), TOO_MANY.fill(most=MOST_VALUES))
        return Several(tuple(_scalar(item) for item in part.items))
    if isinstance(part, Interval):
        ends = (end if end is None else _scalar(end) for end in (part.start, part.end))
        return Interval(*ends)
    if isinstance(part, Operation):
        return _operation(part)
    return part


def _operation(part: Operation) -> Operation:
    if part.op not in KNOWN:
        _refuse(part, _FUNCTION)
    least, most = _COUNTS.get(part.op, (2, _MOST if part.op in {"and", "or"} else 2))
    if not least <= len(part.args) <= most:
        _refuse(part, _COUNT.fill(wanted=least))
    if part.op in LOGIC:
        for arg in part.args:
            _must_be_condition(arg)
    if part.op == "in":
        value, several = part.args
        if not isinstance(several, Several):
            _refuse(part, _LIST)
        return Operation("in", (_scalar(value), _checked(several)))
    read = _READ.get(part.op, _scalar)
    return Operation(part.op, tuple(read(arg) for arg in part.args))


def _must_be_condition(part: Expression) -> None:
    is_truth = isinstance(part, Literal) and isinstance(part.value, bool)
    is_unknown = isinstance(part, Operation) and part.op not in KNOWN
    if is_truth or is_unknown or isinstance(part, Property):
        return
    if not (isinstance(part, Operation) and part.op in CONDITIONS):
        _refuse(part, _CONDITION)


def _scalar(part: Expression) -> Expression:
    if isinstance(part, Several | Interval | Geometry):
        _refuse(part, _NO_LIST if isinstance(part, Several) else _CONDITION)
    return _checked(part)


def _place(part: Expression) -> Expression:
    if not isinstance(part, Geometry | Property):
        _refuse(part, _PLACE if not isinstance(part, Operation) else _FUNCTION)
    return _checked(part)


def _array(part: Expression) -> Expression:
    if not isinstance(part, Several | Property):
        _refuse(part, _LIST)
    return _checked(part)


def _time(part: Expression) -> Expression:
    is_sum = isinstance(part, Operation) and part.op not in TEXTUAL
    if isinstance(part, Several | Geometry) or is_sum:
        _refuse(part, _CONDITION)
    return _checked(part)


def _property(part: Property) -> Property:
    name = part.name.removeprefix(_PREFIX)
    if not _NAME.fullmatch(name):
        _refuse(Property("…"), _NAMED)
    return Property(name)


def _check_place(place: Geometry) -> None:
    import shapely

    from landzicht.stac.cql2.spatial import place_of

    try:
        found = place_of(place)
    except ValueError:
        _refuse(place, _PLACE)
    corners = shapely.get_num_coordinates(found)
    west, south, east, north = shapely.bounds(found)
    on_earth = -720 <= west <= east <= 720 and -540 <= south <= north <= 540  # nor NaN
    if not (on_earth and 0 < corners <= MOST_CORNERS and shapely.is_valid(found)):
        _refuse(place, _PLACE)


def _refuse(part: Expression, reason: Text) -> NoReturn:
    try:
        told = write_text(part)
    except (KeyError, IndexError, TypeError):
        told = "…"
    raise BadFilter(place=f"“{told[:60]}”", reason=reason)


_READ = {
    **dict.fromkeys(SPATIAL, _place),
    **dict.fromkeys(ARRAY, _array),
    **dict.fromkeys(TEMPORAL, _time),
}
