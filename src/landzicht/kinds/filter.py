"""A condition on scenes: the tree of a CQL2 expression (OGC 21-065r2), text or JSON alike.

`landzicht.stac.cql2` reads both spellings into this tree, writes it back, and evaluates it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

Coordinates: TypeAlias = tuple[Any, ...]
"""Numbers, nested as GeoJSON nests them, in tuples."""


@dataclass(frozen=True, slots=True)
class Property:
    """The value that a scene has for a name, such as `eo:cloud_cover`; unknown when it has none."""

    name: str
    """As in the `properties` of the STAC item, or `id`, `collection`, `geometry`."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number or a truth value."""

    value: str | float | bool
    """As written; `1` and `1.0` are equal, `1` and `true` are not the same."""

    def __eq__(self, other: object) -> bool:
        """Equal values of one type; Python would call `1` and `True` equal."""
        if not isinstance(other, Literal):
            return NotImplemented
        same = isinstance(self.value, bool) == isinstance(other.value, bool)
        return same and self.value == other.value

    def __hash__(self) -> int:
        """Agree with `__eq__`."""
        return hash((isinstance(self.value, bool), self.value))


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment, or a day."""

    moment: datetime
    """UTC; of a day its first moment."""
    is_day: bool = False
    """True for `DATE(…)`."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A period; None = open."""

    start: Expression | None
    """First moment: an `Instant`, a `Property` or a function."""
    end: Expression | None
    """Last moment."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """A place in WGS84 degrees."""

    kind: str
    """Type as in GeoJSON, or `BBox`."""
    coordinates: Coordinates
    """As in GeoJSON; the numbers of a `BBox`; the parts (`Geometry`) of a `GeometryCollection`."""

    def as_geojson(self) -> dict[str, Any]:
        """Return the place as GeoJSON; a box becomes a polygon, in two parts over the date line."""
        if self.kind == "GeometryCollection":
            parts = [part.as_geojson() for part in self.coordinates]
            return {"type": "GeometryCollection", "geometries": parts}
        if self.kind != "BBox":
            return {"type": self.kind, "coordinates": self.coordinates}
        half = len(self.coordinates) // 2
        west, south, *_ = self.coordinates
        east, north, *_ = self.coordinates[half:]
        if west <= east:
            return {"type": "Polygon", "coordinates": [_ring(west, south, east, north)]}
        halves = [[_ring(west, south, 180.0, north)], [_ring(-180.0, south, east, north)]]
        return {"type": "MultiPolygon", "coordinates": halves}


@dataclass(frozen=True, slots=True)
class Several:
    """A list of values: of an array, or what `IN` looks through."""

    items: tuple[Expression, ...]
    """In the order written."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator or function with what it works on."""

    op: str
    """Name as in CQL2 JSON, lower case for those of the standard: `and`, `=`, `like`, `isNull`,
    `between`, `in`, `+`, `casei`, `s_intersects`, `t_after`, `a_overlaps`, …"""
    args: tuple[Expression, ...]
    """`between`: value, low, high. `in`: value, `Several`."""


Expression: TypeAlias = Property | Literal | Instant | Interval | Geometry | Several | Operation
"""Any part of a condition."""


def properties_of(expression: Expression | None) -> frozenset[str]:
    """Return the names of all properties that an expression looks at."""
    found: set[str] = set()
    pending: list[Expression | None] = [expression]
    while pending:
        part = pending.pop()
        if isinstance(part, Property):
            found.add(part.name)
        elif isinstance(part, Operation):
            pending += part.args
        elif isinstance(part, Several):
            pending += part.items
        elif isinstance(part, Interval):
            pending += (part.start, part.end)
    return frozenset(found)


def _ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]
