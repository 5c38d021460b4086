"""CQL2 JSON to a tree."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from landzicht.errors.filters import BadFilter
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
from landzicht.stac.cql2.limits import check_tree
from landzicht.stac.cql2.moments import read_day, read_instant, read_moment
from landzicht.stac.cql2.names import GEOMETRIES, SPELLINGS
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_STRANGE = Text(nl="dit is geen deel van CQL2-JSON", en="this is no part of CQL2 JSON")
_ARGS = Text(nl="args hoort een lijst te zijn", en="args should be a list")
_DEPTHS = dict(GEOMETRIES.values())


def parse_json(tree: object) -> Expression:
    """Read CQL2 JSON that was decoded already.

    Raises:
        BadFilter: it is nested too deep, or no CQL2; the error tells where.
    """
    check_tree(tree)
    return _read(tree, "filter")


def _read(part: object, place: str) -> Expression:
    if isinstance(part, bool | int | float | str):
        if isinstance(part, float) and not math.isfinite(part):
            raise BadFilter(place=place, reason=_STRANGE)
        return Literal(part)
    if isinstance(part, list):
        items = (_read(each, f"{place}[{n}]") for n, each in enumerate(part))
        return Several(tuple(items))
    if not isinstance(part, dict):
        raise BadFilter(place=place, reason=_STRANGE)
    if "op" in part:
        return _operation(part, place)
    for name, read in _OTHERS.items():
        if name in part:
            return read(part, f"{place}.{name}")
    raise BadFilter(place=place, reason=_STRANGE)


def _operation(part: Mapping[str, Any], place: str) -> Expression:
    op, args = part["op"], part.get("args")
    if not isinstance(op, str) or not op:
        raise BadFilter(place=f"{place}.op", reason=_STRANGE)
    if not isinstance(args, list):
        raise BadFilter(place=f"{place}.args", reason=_ARGS)
    read = tuple(_read(each, f"{place}.args[{n}]") for n, each in enumerate(args))
    name = SPELLINGS.get(op.lower(), op)
    if name == "between" and len(read) == 2 and isinstance(read[1], Several):
        read = (read[0], *read[1].items)  # as some older clients write it
    return Operation(name, read)


def _property(part: Mapping[str, Any], place: str) -> Property:
    if not isinstance(part["property"], str):
        raise BadFilter(place=place, reason=_STRANGE)
    return Property(part["property"])


def _instant(part: Mapping[str, Any], place: str) -> Instant:
    told = part.get("date", part.get("timestamp"))
    instant = read_day(told) if "date" in part else read_moment(told)
    if instant is None:
        raise BadFilter(place=place, reason=_STRANGE)
    return instant


def _interval(part: Mapping[str, Any], place: str) -> Interval:
    ends = part["interval"]
    if not (isinstance(ends, list) and len(ends) == 2):
        raise BadFilter(place=place, reason=_STRANGE)
    start, end = (_end(each, f"{place}[{n}]") for n, each in enumerate(ends))
    return Interval(start, end)


def _end(told: object, place: str) -> Expression | None:
    if told is None or told in ("..", ""):
        return None
    if isinstance(told, str):
        instant = read_instant(told)
        if instant is None:
            raise BadFilter(place=place, reason=_STRANGE)
        return instant
    return _read(told, place)


def _box(part: Mapping[str, Any], place: str) -> Geometry:
    numbers = part["bbox"]
    if not (isinstance(numbers, list) and len(numbers) in {4, 6}):
        raise BadFilter(place=place, reason=_STRANGE)
    return Geometry("BBox", tuple(_number(each, place) for each in numbers))


def _geometry(part: Mapping[str, Any], place: str) -> Geometry:
    kind = part["type"]
    if kind == "GeometryCollection" and isinstance(part.get("geometries"), list):
        parts = []
        for each in part["geometries"]:
            is_plain = isinstance(each, dict) and each.get("type") in _DEPTHS
            if not is_plain:
                raise BadFilter(place=place, reason=_STRANGE)
            parts.append(_geometry(each, place))
        return Geometry(kind, tuple(parts))
    if not isinstance(kind, str) or kind not in _DEPTHS:
        raise BadFilter(place=place, reason=_STRANGE)
    return Geometry(kind, _coordinates(part.get("coordinates"), _DEPTHS[kind], place))


def _coordinates(told: object, depth: int, place: str) -> tuple[Any, ...]:
    if not isinstance(told, list):
        raise BadFilter(place=place, reason=_STRANGE)
    if depth > 1:
        return tuple(_coordinates(each, depth - 1, place) for each in told)
    if len(told) < 2 or len(told) > 4:
        raise BadFilter(place=place, reason=_STRANGE)
    return tuple(_number(each, place) for each in told)


def _number(told: object, place: str) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float) or not math.isfinite(told):
        raise BadFilter(place=place, reason=_STRANGE)
    return float(told)


_OTHERS: Mapping[str, Callable[[Mapping[str, Any], str], Expression]] = {
    "property": _property,
    "date": _instant,
    "timestamp": _instant,
    "interval": _interval,
    "bbox": _box,
    "type": _geometry,
}
