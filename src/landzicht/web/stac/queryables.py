"""What can be searched for, as JSON schemas made of what visible scenes really have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landzicht.kinds import format_instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landzicht.kinds import Collection, Facet

_HIDDEN = ("landzicht:", "proj:transform", "proj:shape")
_POINT = "https://geojson.org/schema/Geometry.json"
_PERIODS = "Counts over time and the usual order take the start of a scene of a period."
Known = tuple["Collection", "tuple[Facet, ...]"]


def queryables(here: str, known: Sequence[Known], title: str) -> dict[str, Any]:
    """Return the properties of scenes of some collections, with their ranges, as a JSON schema.

    Args:
        here: address of the answer.
        known: the collections and what their scenes have.
        title: what it is about.
    """
    properties: dict[str, Any] = {
        "id": {"type": "string", "title": "Id of the scene"},
        "collection": {
            "type": "string",
            "title": "Id of the collection",
            "enum": [collection.id for collection, _ in known],
        },
        "geometry": {"$ref": _POINT, "title": "Footprint"},
        "datetime": _datetime(known),
    }
    names = sorted({facet.name for _, facets in known for facet in facets})
    for name in names:
        if name in properties or name.startswith(_HIDDEN):
            continue
        found = [facet for _, facets in known for facet in facets if facet.name == name]
        properties[name] = _schema(name, found)
    properties |= _PLACE
    if not known:
        del properties["collection"]["enum"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": here,
        "type": "object",
        "title": title,
        "properties": properties,
        "additionalProperties": True,
    }


def _datetime(known: Sequence[Known]) -> dict[str, Any]:
    spans = [collection.span for collection, _ in known if collection.span]
    starts = [span.start for span in spans if span.start]
    ends = [span.end for span in spans if span.end]
    told: dict[str, Any] = {
        "type": "string",
        "format": "date-time",
        "title": "Moment of observation",
        "description": _PERIODS,
    }
    if starts and ends:
        span = f"{format_instant(min(starts))} to {format_instant(max(ends))}"
        told["description"] = f"{span}. {_PERIODS}"
    return told


def _schema(name: str, found: Sequence[Facet]) -> dict[str, Any]:
    kinds = sorted({kind for facet in found for kind in facet.kinds})
    told: dict[str, Any] = {"title": name, "type": kinds[0] if len(kinds) == 1 else kinds}
    if all(facet.minimum is not None for facet in found):
        told["minimum"] = min(facet.minimum for facet in found if facet.minimum is not None)
        told["maximum"] = max(facet.maximum for facet in found if facet.maximum is not None)
    if all(facet.values is not None for facet in found):
        told["enum"] = sorted({value for facet in found for value in facet.values or ()})
    return told


_PLACE = {
    "aoi:coverage": {
        "type": "number",
        "minimum": 0,
        "maximum": 100,
        "title": "Share of the place asked for that lies in the footprint, percent",
    },
    "aoi:cloud_cover": {
        "type": "number",
        "minimum": 0,
        "maximum": 100,
        "title": "Share of the place asked for that is not usable by the mask, percent",
    },
}
"""Only known in a search with `intersects` or `bbox`."""
