"""A question to the catalogue, and a page of its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from landzicht.grid import Bounds
    from landzicht.kinds.filter import Expression
    from landzicht.kinds.span import Span


@dataclass(frozen=True, slots=True)
class Sort:
    """One thing to sort by. Scenes without the value come last, whichever the direction."""

    name: str
    """Name of a property as in a filter: `datetime`, `id`, `collection`, `eo:cloud_cover`, …"""
    descending: bool = False
    """Largest first. Numbers come before texts (ascending), texts sort by code point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which scenes; every given part must hold. Newest first, then by id."""

    collections: tuple[str, ...] | None = None
    """Only these collections; None = all. The portal narrows it to what the caller may see."""
    ids: tuple[str, ...] | None = None
    """Only scenes with these ids."""
    bounds: Bounds | None = None
    """Scenes whose footprint meets this box (WGS84; `west > east` crosses the antimeridian)."""
    intersects: Mapping[str, Any] | None = None
    """Scenes whose footprint meets this GeoJSON geometry (WGS84)."""
    span: Span | None = None
    """Scenes whose moment or period overlaps this one."""
    filter: Expression | None = None
    """Only scenes for which this condition is true; neither false nor unknown. Checked:
    `landzicht.stac.cql2.check` has accepted it. `landzicht.stac.cql2.evaluate` says what it means.
    Free text (`q` of the STAC API) is turned into such a condition, so no store knows of it."""
    sort: tuple[Sort, ...] = ()
    """What to sort by, first things first; ties, and all without it: newest first, then by
    collection and id."""
    limit: int = 10
    """At most so many on a page, 1 to 10,000."""
    token: str | None = None
    """Where the page starts; as `Page.next` gave it for the same `sort`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of the scenes that a query found."""

    bodies: tuple[bytes, ...]
    """Stored STAC items as JSON, without `links`; see `landzicht.stac.splice`."""
    next: str | None
    """Token of the following page, or None on the last."""
    matched: int | None = None
    """How many in all, when the store knows it cheaply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the index of a catalogue knows of a scene, without opening its description."""

    collection: str
    """Id of the collection."""
    id: str
    """Id of the scene."""
    moment: datetime
    """Nominal time of observation, UTC."""
    cloud: float | None
    """Cloud cover in percent (STAC `eo:cloud_cover`), or None when not told."""
    bounds: Bounds | None = None
    """Box around the footprint, WGS84; every catalogue fills it in."""
