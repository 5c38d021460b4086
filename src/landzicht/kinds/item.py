"""A STAC item as somebody else wrote it: kept word for word, found like a scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from landzicht.grid import Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A scene whose files we did not make; has all that the index of a catalogue needs.

    The fields that it shares with `Scene` mean the same. `landzicht.stac.read_foreign` makes one.
    """

    id: str
    """Unique in its collection."""
    collection: str
    """Id of the collection."""
    moment: datetime
    """Nominal time of observation, UTC. For a period: its start."""
    end: datetime | None = None
    """End of the period, UTC, or None for a moment."""
    bounds: Bounds
    """WGS84 degrees; `west > east` when it crosses the antimeridian."""
    footprint: Mapping[str, Any]
    """GeoJSON Polygon or MultiPolygon, WGS84."""
    source: str
    """Identity: SHA-256 (hexadecimal) of `body`."""
    properties: Mapping[str, Any]
    """All STAC properties, those about time included."""
    body: bytes
    """The stored form: STAC 1.1 JSON without `links`; what `Catalog.body` gives back."""
