"""What a condition means: the value of an expression for one STAC item.

Stores answer conditions in their own ways; this is what they must agree with. Unknown is None: a
property that an item does not have, a comparison of a text with a number, a division by zero. As
in SQL, unknown makes unknown, but for `false and unknown` (false) and `true or unknown` (true).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from landzicht.kinds.filter import (
    Expression,
    Geometry,
    Instant,
    Interval,
    Literal,
    Operation,
    Property,
    Several,
)
from landzicht.stac.cql2.moments import last_tick, read_instant, ticks
from landzicht.stac.cql2.names import ARITHMETIC, ARRAY, COMPARISONS, SPATIAL, TEMPORAL
from landzicht.stac.cql2.temporal import ENDLESS, RELATIONS, Ends
from landzicht.stac.cql2.texts import drop_accents, fold_case, is_like

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TIMES = ("datetime", "start_datetime", "end_datetime", "created", "updated")
"""Properties that hold moments, by STAC."""
FOOTPRINT = Property("geometry")
"""Footprints lie on a round Earth; other places are compared as they are told."""
_OWN = ("id", "collection")


def evaluate(condition: Expression, item: Mapping[str, Any]) -> bool | None:
    """Return whether a condition holds of an item: True, False, or None for unknown.

    Args:
        condition: accepted by `check`.
        item: a STAC item as decoded JSON.
    """
    found = value_of(condition, item)
    return found if isinstance(found, bool) else None


def value_of(expression: Expression, item: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return what an expression stands for: bool, float, str, `Instant`, `Ends`, list or None."""
    if isinstance(expression, Property):
        return _property(expression.name, item)
    if isinstance(expression, Literal):
        return _plain(expression.value)
    if isinstance(expression, Several):
        return [value_of(each, item) for each in expression.items]
    if isinstance(expression, Interval):
        return _interval(expression, item)
    if isinstance(expression, Operation):
        return _RULES[expression.op](expression, item)
    return expression


def compare(op: str, one: Any, other: Any) -> bool | None:  # noqa: ANN401 - any two values
    """Compare two values: numbers, texts (by code point), truth values or moments."""
    if isinstance(one, Instant) or isinstance(other, Instant):
        pair = _as_ticks(one), _as_ticks(other)
        return None if None in pair else _compare(op, *pair)
    for kind in (bool, float, str):
        if isinstance(one, kind) and isinstance(other, kind):
            return _compare(op, one, other)
    return None


def _compare(op: str, one: Any, other: Any) -> bool:  # noqa: ANN401 - of one type
    if op in {"=", "<>"}:
        return bool((one == other) == (op == "="))
    if op in {"<", ">="}:
        return bool((one < other) == (op == "<"))
    return bool((one > other) == (op == ">"))


def _property(name: str, item: Mapping[str, Any]) -> Any:  # noqa: ANN401
    if name in _OWN:
        return item.get(name)
    if name == "geometry":
        return Geometry if item.get("geometry") else None  # seen by `isNull`; else by `_place`
    properties = item.get("properties", {})
    found = _plain(properties.get(name))
    if found is None and name == "datetime":  # a period has the moment at which it starts
        found = properties.get("start_datetime")
    return _instant(found) if name in TIMES else found


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return a JSON value; numbers are floats, as they are in the stores."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) < 2**1023 else math.inf
    return value


def _instant(value: Any) -> Instant | None:  # noqa: ANN401
    return read_instant(value) if isinstance(value, str) else None


def _as_ticks(value: Any) -> int | None:  # noqa: ANN401
    instant = value if isinstance(value, Instant) else _instant(value)
    return None if instant is None else ticks(instant)


def _logic(operation: Operation, item: Mapping[str, Any]) -> bool | None:
    ends_with = operation.op == "or"
    known: bool | None = not ends_with
    for arg in operation.args:
        found = evaluate(arg, item)
        if found is ends_with:
            return ends_with
        if found is None:
            known = None
    return known


def _not(operation: Operation, item: Mapping[str, Any]) -> bool | None:
    found = evaluate(operation.args[0], item)
    return None if found is None else not found


def _comparison(operation: Operation, item: Mapping[str, Any]) -> bool | None:
    one, other = (value_of(arg, item) for arg in operation.args)
    return compare(operation.op, one, other)


def _between(operation: Operation, item: Mapping[str, Any]) -> bool | None:
    value, low, high = (value_of(arg, item) for arg in operation.args)
    found = compare(">=", value, low), compare("<=", value, high)
    if False in found:
        return False
    return None if None in found else True


def _in(operation: Operation, item: Mapping[str, Any]) -> bool | None:
    value, several = (value_of(arg, item) for arg in operation.args)
    found = [compare("=", value, each) for each in several]
    if True in found:
        return True
    return None if None in found else False


def _is_null(operation: Operation, item: Mapping[str, Any]) -> bool:
    return value_of(operation.args[0], item) is None


def _like(operation: Operation, item: Mapping[str, Any]) -> bool | None:
    text, pattern = (value_of(arg, item) for arg in operation.args)
    known = isinstance(text, str) and isinstance(pattern, str)
    return is_like(text, pattern) if known else None


def _textual(operation: Operation, item: Mapping[str, Any]) -> str | None:
    text = value_of(operation.args[0], item)
    if not isinstance(text, str):
        return None
    return fold_case(text) if operation.op == "casei" else drop_accents(text)


def _arithmetic(operation: Operation, item: Mapping[str, Any]) -> float | None:
    one, other = (value_of(arg, item) for arg in operation.args)
    if not (isinstance(one, float) and isinstance(other, float)):
        return None
    try:
        found = calculate(operation.op, one, other)
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return None if math.isnan(found) else found


def calculate(op: str, one: float, other: float) -> float:
    """Return the result of a sum.

    Raises:
        ZeroDivisionError: a division by zero.
        OverflowError: a power beyond all numbers.
        ValueError: a root of a negative number, or a remainder of infinity.
    """
    if op == "+":
        return one + other
    if op == "-":
        return one - other
    if op == "*":
        return one * other
    if op == "/":
        return one / other
    if op == "%":
        return math.fmod(one, other)
    return math.pow(one, other) if op == "^" else float(math.trunc(one / other))


def _interval(interval: Interval, item: Mapping[str, Any]) -> Ends | None:
    start, end = -ENDLESS, ENDLESS
    if interval.start is not None:
        first = _ends(value_of(interval.start, item))
        if first is None:
            return None
        start = first.start
    if interval.end is not None:
        last = _ends(value_of(interval.end, item))
        if last is None:
            return None
        end = last.end
    return Ends(start, end)


def _ends(value: Any) -> Ends | None:  # noqa: ANN401
    """Return the ends of a moment, day or period; a text is read as one of the first two."""
    if isinstance(value, Ends):
        return value
    instant = value if isinstance(value, Instant) else _instant(value)
    return None if instant is None else Ends(ticks(instant), last_tick(instant))


def _temporal(operation: Operation, item: Mapping[str, Any]) -> bool | None:
    one, other = (_ends(value_of(arg, item)) for arg in operation.args)
    if one is None or other is None:
        return None
    return RELATIONS[operation.op](one, other)


def _spatial(operation: Operation, item: Mapping[str, Any]) -> bool | None:
    from landzicht.stac.cql2.spatial import relate

    one, other = (_place(arg, item) for arg in operation.args)
    if one is None or other is None:
        return None
    return relate(operation.op, one, other, is_round=FOOTPRINT in operation.args)


def _place(expression: Expression, item: Mapping[str, Any]) -> Any:  # noqa: ANN401 - shapely
    from landzicht.stac.cql2.spatial import item_place, place_of, read_place

    if isinstance(expression, Geometry):
        return place_of(expression)
    if isinstance(expression, Property):
        if expression.name == "geometry":
            return item_place(item)
        return read_place(item.get("properties", {}).get(expression.name))
    return None


def _array(operation: Operation, item: Mapping[str, Any]) -> bool | None:
    one, other = (value_of(arg, item) for arg in operation.args)
    if not (isinstance(one, list) and isinstance(other, list)):
        return None
    if operation.op == "a_overlaps":
        return any(_holds(other, each) for each in one)
    holds_other = all(_holds(one, each) for each in other)
    if operation.op == "a_contains":
        return holds_other
    held = all(_holds(other, each) for each in one)
    return held and (operation.op == "a_containedby" or holds_other)


def _holds(several: list[Any], wanted: Any) -> bool:  # noqa: ANN401
    return any(compare("=", _plain(each), _plain(wanted)) for each in several)


_RULES: dict[str, Callable[[Operation, Mapping[str, Any]], Any]] = {
    "and": _logic,
    "or": _logic,
    "not": _not,
    "between": _between,
    "in": _in,
    "isNull": _is_null,
    "like": _like,
    "casei": _textual,
    "accenti": _textual,
    **dict.fromkeys(COMPARISONS, _comparison),
    **dict.fromkeys(ARITHMETIC, _arithmetic),
    **dict.fromkeys(SPATIAL, _spatial),
    **dict.fromkeys(TEMPORAL, _temporal),
    **dict.fromkeys(ARRAY, _array),
}
