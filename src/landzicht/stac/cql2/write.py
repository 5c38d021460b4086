"""A tree back to CQL2, JSON or text."""

from __future__ import annotations

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
from landzicht.stac.cql2.moments import write_instant
from landzicht.stac.cql2.names import ARITHMETIC, COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Callable


def write_json(tree: Expression) -> Any:  # noqa: ANN401 - JSON: an object, a text, a number, …
    """Return a tree as CQL2 JSON, ready for a JSON writer; `parse_json` reads it back."""
    return _JSON[type(tree)](tree)


def write_text(tree: Expression) -> str:
    """Return a tree as CQL2 text with every bracket; `parse_text` reads it back."""
    return _TEXT[type(tree)](tree)


def _operation(tree: Operation) -> str:
    args = [write_text(arg) for arg in tree.args]
    if tree.op in {"and", "or"}:
        return "(" + f" {tree.op.upper()} ".join(args) + ")"
    if tree.op in {*COMPARISONS, *ARITHMETIC, "like", "in"}:
        return f"({args[0]} {tree.op.upper()} {args[1]})"
    pattern = _PATTERNS.get(tree.op)
    return pattern.format(*args) if pattern else f"{tree.op}({', '.join(args)})"


def _instant(tree: Instant) -> str:
    return f"{'DATE' if tree.is_day else 'TIMESTAMP'}('{write_instant(tree)}')"


def _json_place(place: Geometry) -> dict[str, Any]:
    return {"bbox": list(place.coordinates)} if place.kind == "BBox" else place.as_geojson()


def _literal(tree: Literal) -> str:
    if isinstance(tree.value, bool):
        return "TRUE" if tree.value else "FALSE"
    return _quote(tree.value, "'") if isinstance(tree.value, str) else repr(tree.value)


def _quote(text: str, mark: str) -> str:
    return mark + text.replace(mark, 2 * mark) + mark


def _json_end(end: Expression | None) -> Any:  # noqa: ANN401 - JSON
    if end is None:
        return ".."
    return write_instant(end) if isinstance(end, Instant) else write_json(end)


def _text_end(end: Expression | None) -> str:
    if end is None:
        return "'..'"
    return f"'{write_instant(end)}'" if isinstance(end, Instant) else write_text(end)


def _place(place: Geometry) -> str:
    if place.kind == "BBox":
        return f"BBOX({', '.join(map(repr, place.coordinates))})"
    if place.kind == "GeometryCollection":
        return f"GEOMETRYCOLLECTION({', '.join(map(_place, place.coordinates))})"
    inside = _position(place.coordinates) if place.kind == "Point" else _nested(place.coordinates)
    return place.kind.upper() + (f"({inside})" if place.kind == "Point" else inside)


def _nested(told: tuple[Any, ...]) -> str:
    is_deep = isinstance(told[0][0], tuple)
    return f"({', '.join(map(_nested if is_deep else _position, told))})"


def _position(numbers: tuple[float, ...]) -> str:
    return " ".join(map(repr, numbers))


_PATTERNS = {"not": "(NOT {})", "between": "({} BETWEEN {} AND {})", "isNull": "({} IS NULL)"}
_JSON: dict[type, Callable[[Any], Any]] = {
    Literal: lambda tree: tree.value,
    Property: lambda tree: {"property": tree.name},
    Instant: lambda tree: {"date" if tree.is_day else "timestamp": write_instant(tree)},
    Interval: lambda tree: {"interval": [_json_end(tree.start), _json_end(tree.end)]},
    Geometry: _json_place,
    Several: lambda tree: [write_json(item) for item in tree.items],
    Operation: lambda tree: {"op": tree.op, "args": [write_json(arg) for arg in tree.args]},
}
_TEXT: dict[type, Callable[[Any], str]] = {
    Literal: _literal,
    Property: lambda tree: _quote(tree.name, '"'),
    Instant: _instant,
    Interval: lambda tree: f"INTERVAL({_text_end(tree.start)}, {_text_end(tree.end)})",
    Geometry: _place,
    Several: lambda tree: f"({', '.join(map(write_text, tree.items))})",
    Operation: _operation,
}
