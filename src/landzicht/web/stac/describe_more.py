"""What `/docs` says about exploring and changing the catalogue."""

from __future__ import annotations

from typing import Any

from landzicht.web.stac.describe import (
    BOX,
    COLLECTION_ID,
    GEOJSON,
    ITEM_ID,
    JSON,
    OBJECT,
    PROBLEM,
    SEARCH_FIELDS,
    TEXT,
    answers,
    parameters,
    path_parameter,
    query_parameter,
)

_MORE = {
    "aggregations": (
        "Names from `/stac/aggregations`, with commas between; without, `total_count`.",
        TEXT,
    ),
    "datetime_frequency_interval": (
        "`day`, `week`, `month` or `year`.",
        {"type": "string", "enum": ["day", "week", "month", "year"], "default": "month"},
    ),
    "grid_geohash_frequency_precision": (
        "Length of the geohashes.",
        {"type": "integer", "minimum": 1, "maximum": 6, "default": 2},
    ),
}
_COUNTS = [query_parameter(name, about, schema) for name, (about, schema) in _MORE.items()]
_FILTERS = parameters("bbox", "datetime", "ids", "collections", "intersects", *SEARCH_FIELDS[:5])
_HERE = [each for each in _FILTERS if each["name"] != "collections"]
_BUCKETS = answers("Counts.", JSON, OBJECT, 304, 400)
_BUCKETS_ONE = answers("Counts.", JSON, OBJECT, 304, 400, 404)
_COUNT = (
    "Counts of the scenes that a search with the same parameters finds: in all, over time, over "
    "the map (geohash), by collection, by cloud cover. A scene of a period counts at its start."
)
_BODY = {
    "required": True,
    "content": {
        JSON: {
            "schema": OBJECT,
            "example": {"aggregations": ["total_count", "datetime_frequency"]},
        }
    },
}

COLLECTIONS: dict[str, Any] = {
    "summary": "All collections, or those that match",
    "description": "Collections that you may know of, by id. `filter` and `sortby` look at the "
    "fields of a collection: `license = 'CC-BY-4.0'`.",
    "openapi_extra": {
        "parameters": [
            query_parameter("bbox", "Collections whose extent meets this box.", BOX),
            *parameters("datetime", "limit", "token", "filter", "filter-lang", "filter-crs"),
            *parameters("query", "q", "sortby", "fields"),
        ]
    },
    "responses": answers("STAC Collections in a list.", JSON, OBJECT, 304, 400),
}
CHILDREN: dict[str, Any] = {
    "summary": "Children of the landing page",
    "description": "All collections, whole.",
    "responses": answers("STAC Collections in a list.", JSON, OBJECT, 304),
}
AGGREGATE: dict[str, Any] = {
    "summary": "Count scenes",
    "description": _COUNT,
    "openapi_extra": {"parameters": [*_COUNTS, *_FILTERS]},
    "responses": _BUCKETS,
}
AGGREGATE_ONE: dict[str, Any] = {
    "summary": "Count scenes of one collection",
    "description": _COUNT,
    "openapi_extra": {"parameters": [COLLECTION_ID, *_COUNTS, *_HERE]},
    "responses": _BUCKETS_ONE,
}
AGGREGATE_POST: dict[str, Any] = {
    "summary": "Count scenes, with a JSON body",
    "description": _COUNT,
    "openapi_extra": {"requestBody": _BODY},
    "responses": answers("Counts.", JSON, OBJECT, 400, 413),
}
AGGREGATE_ONE_POST: dict[str, Any] = {
    "summary": "Count scenes of one collection, with a JSON body",
    "description": _COUNT,
    "openapi_extra": {"parameters": [COLLECTION_ID], "requestBody": _BODY},
    "responses": answers("Counts.", JSON, OBJECT, 400, 404, 413),
}
AGGREGATIONS: dict[str, Any] = {
    "summary": "What can be counted",
    "description": "The names for `aggregations`.",
    "responses": answers("Aggregations in a list.", JSON, OBJECT, 304),
}
AGGREGATIONS_ONE: dict[str, Any] = {
    "summary": "What can be counted in one collection",
    "description": "The names for `aggregations`.",
    "openapi_extra": {"parameters": [COLLECTION_ID]},
    "responses": answers("Aggregations in a list.", JSON, OBJECT, 304, 404),
}
QUERYABLES_ONE: dict[str, Any] = {
    "summary": "What can be searched for in one collection",
    "description": "A JSON schema of the properties that its scenes really have, with ranges.",
    "openapi_extra": {"parameters": [COLLECTION_ID]},
    "responses": answers("A JSON schema.", "application/schema+json", OBJECT, 304, 404),
}
PERIOD: dict[str, Any] = {
    "summary": "Scenes of a year, month or day, to walk along",
    "description": "A STAC Catalog: a year links to months, a month to days, a day to items.",
    "openapi_extra": {
        "parameters": [
            COLLECTION_ID,
            path_parameter("period", "`2025`, `2025-06` or `2025-06-08`.", "2025-04-26"),
        ]
    },
    "responses": answers("A STAC Catalog.", JSON, OBJECT, 304, 400, 404),
}

_WRITING = (
    " Only where the operator has set `write_token`, with the header `Authorization: Bearer …`."
)
_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "Only when the `ETag` is still this one.",
    "schema": TEXT,
}
_REFUSED = {
    401: {"description": "Without a valid token.", **PROBLEM},
    403: {"description": "The operator does not allow it.", **PROBLEM},
    409: {"description": "It is there already.", **PROBLEM},
    412: {"description": "It was changed meanwhile.", **PROBLEM},
}
MERGE_PATCH = "application/merge-patch+json"
PATCHES = (MERGE_PATCH, JSON)
"""Forms of a change; both mean a merge patch (RFC 7396)."""
_OTHER_FORM = {415: {"description": "It is no merge patch; `Accept-Patch` tells.", **PROBLEM}}
_TELLS = {400: {"description": "It is wrong; `detail` tells every reason.", **PROBLEM}}


def _change(
    summary: str, status: int, about: str, place: tuple[dict[str, Any], ...], media: str | None
) -> dict[str, Any]:
    missing = {404: answers("", JSON, OBJECT, 404)[404]} if place else {}
    large = {413: answers("", JSON, OBJECT, 413)[413]} if media else {}
    extra: dict[str, Any] = {"parameters": [*place, *([] if status == 201 else [_MATCH])]}
    if media:
        forms = PATCHES if media == MERGE_PATCH else (media,)
        content = {form: {"schema": OBJECT} for form in forms}
        extra["requestBody"] = {"required": True, "content": content}
    extra["security"] = [{"token": []}]
    wrong = _TELLS | (_OTHER_FORM if media == MERGE_PATCH else {}) if media else {}
    done: dict[str, Any] = {"description": about}
    if status == 201:
        done["content"] = {media: {"schema": OBJECT}}
    return {
        "summary": summary,
        "description": summary + "." + _WRITING,
        "openapi_extra": extra,
        "status_code": status,
        "responses": {status: done, **wrong, **missing, **large, **_REFUSED},
    }


_HERE_ITEM = (COLLECTION_ID, ITEM_ID)
CREATE_ITEM = _change("Add items", 201, "Added.", (COLLECTION_ID,), GEOJSON)
REPLACE_ITEM = _change("Replace an item", 204, "Replaced.", _HERE_ITEM, GEOJSON)
CHANGE_ITEM = _change("Change an item (merge patch)", 204, "Changed.", _HERE_ITEM, MERGE_PATCH)
DELETE_ITEM = _change("Remove an item", 204, "Removed; files stay.", _HERE_ITEM, None)
CREATE_COLLECTION = _change("Add a collection", 201, "Added.", (), JSON)
REPLACE_COLLECTION = _change("Replace a collection", 204, "Replaced.", (COLLECTION_ID,), JSON)
CHANGE_COLLECTION = _change(
    "Change a collection (merge patch)", 204, "Changed.", (COLLECTION_ID,), MERGE_PATCH
)
DELETE_COLLECTION = _change(
    "Remove a collection and its items", 204, "Removed; files stay.", (COLLECTION_ID,), None
)
