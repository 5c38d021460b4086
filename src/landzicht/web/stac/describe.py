"""What `/docs` says about the STAC routes: parameters, answers and their limits."""

from __future__ import annotations

from typing import Any

PROBLEM = {
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "properties": {
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "code": {"type": "string"},
                },
            }
        }
    }
}
TEXT: dict[str, Any] = {"type": "string"}


def path_parameter(name: str, about: str, example: str) -> dict[str, Any]:
    """Return the description of a part of an address."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": about,
        "schema": TEXT,
        "example": example,
    }


def query_parameter(name: str, about: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the description of a parameter."""
    return {
        "name": name,
        "in": "query",
        "description": about,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def answers(about: str, media: str, schema: dict[str, Any], *errors: int) -> dict[int, Any]:
    """Return the description of what an address answers."""
    told = {
        304: {"description": "Not changed since the `ETag` in `If-None-Match`."},
        400: {"description": "A parameter is wrong; `detail` says which and why.", **PROBLEM},
        403: {"description": "It may be known, but not fetched.", **PROBLEM},
        404: {"description": "There is no such thing.", **PROBLEM},
        413: {"description": "The request is larger than we read.", **PROBLEM},
        416: {"description": "The range lies outside the file.", **PROBLEM},
        502: {"description": "A stored file is gone or damaged.", **PROBLEM},
    }
    answer = {"description": about, "content": {media: {"schema": schema}}}
    return {200: answer, **{status: told[status] for status in errors}}


OBJECT: dict[str, Any] = {"type": "object"}
_BYTES = {"type": "string", "format": "binary"}
JSON, GEOJSON = "application/json", "application/geo+json"
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
_ITEM = {
    "type": "object",
    "required": ["type", "stac_version", "id", "geometry", "properties", "links", "assets"],
    "properties": {
        "type": {"const": "Feature"},
        "stac_version": {"const": "1.1.0"},
        "id": TEXT,
        "collection": TEXT,
        "bbox": {"type": "array", "items": {"type": "number"}},
        "geometry": OBJECT,
        "properties": OBJECT,
        "links": {"type": "array", "items": OBJECT},
        "assets": OBJECT,
    },
}
_ITEMS = {
    "type": "object",
    "required": ["type", "features", "links"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {"type": "array", "items": _ITEM},
        "links": {"type": "array", "items": OBJECT},
        "numberReturned": {"type": "integer"},
        "numberMatched": {"type": "integer"},
    },
}
COLLECTION_ID = path_parameter("collection", "Id of a collection.", "zonderland")
ITEM_ID = path_parameter("item", "Id of a scene.", "zonderland-2025-04-26")
BOX = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_COUNT = {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 10}
_NAMES = {"type": "array", "items": TEXT, "maxItems": 10_000}
_BBOX = (
    "`west,south,east,north` in degrees (WGS84), or six numbers with heights, which are not "
    "looked at. A west above east crosses the antimeridian. Scenes whose footprint meets the "
    "box are found; edges count."
)
_DATETIME = (
    "A moment by RFC 3339, with its zone, or a period `A/B` with `..` for an open end. "
    "Scenes whose moment or period overlaps are found."
)
_FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "bbox": (_BBOX, BOX),
    "datetime": (_DATETIME, TEXT),
    "limit": ("How many on a page. Above 10,000 means 10,000.", _COUNT),
    "token": ("Where the page starts; follow the link `next`, do not make one.", TEXT),
    "ids": ("Only scenes with these ids.", _NAMES),
    "collections": ("Only these collections.", _NAMES),
    "intersects": ("A GeoJSON geometry that footprints must meet; not beside `bbox`.", OBJECT),
    "filter": ("A condition in CQL2: `eo:cloud_cover < 20 AND platform = 'sentinel-2a'`.", TEXT),
    "filter-lang": (
        "Spelling of `filter`; text in an address, JSON in a body, when not told.",
        {"type": "string", "enum": ["cql2-text", "cql2-json"]},
    ),
    "filter-crs": ("Only CRS84.", TEXT),
    "query": ('As JSON: `{"eo:cloud_cover": {"lt": 20}}`.', OBJECT),
    "q": ("Words to look for, with commas between; one of them is enough.", TEXT),
    "sortby": ("`-eo:cloud_cover,+datetime`; without a sign ascending.", TEXT),
    "fields": ("Fields to give, and with a minus those to leave out: `id,-geometry`.", TEXT),
}
SEARCH_FIELDS = ("filter", "filter-lang", "filter-crs", "query", "q", "sortby", "fields")
"""Parameters of the extensions of a search."""


POSTED: dict[str, dict[str, Any]] = {
    "filter": {"oneOf": [OBJECT, {"type": "boolean"}, TEXT]},
    "q": {"oneOf": [_NAMES, TEXT]},
    "sortby": {"oneOf": [{"type": "array", "items": OBJECT}, TEXT]},
    "fields": {"oneOf": [OBJECT, TEXT]},
}
"""Schemas of members of a body where they differ from those in an address."""


def parameters(*names: str) -> list[dict[str, Any]]:
    """Return the descriptions of parameters of a search, by name."""
    return [
        query_parameter(name, about, TEXT if schema is OBJECT else schema)
        for name, (about, schema) in _FIELDS.items()
        if name in names
    ]


LANDING: dict[str, Any] = {
    "summary": "STAC landing page",
    "description": "The root of the catalogue: links to everything, and `conformsTo`.",
    "responses": answers("A STAC Catalog.", JSON, OBJECT, 304),
}
CONFORMANCE: dict[str, Any] = {
    "summary": "Standards this API keeps to",
    "description": "The conformance classes, as on the landing page.",
    "responses": answers("A list of addresses of classes.", JSON, OBJECT, 304),
}
QUERYABLES: dict[str, Any] = {
    "summary": "What can be searched for",
    "description": "A JSON schema of the properties that search parameters exist for.",
    "responses": answers("A JSON schema.", "application/schema+json", OBJECT, 304),
}
COLLECTION: dict[str, Any] = {
    "summary": "One collection",
    "description": "A STAC 1.1 Collection: extent, licence, bands (`item_assets`), layers "
    "(`renders`). Both languages stand in `landzicht:title` and `landzicht:description`.",
    "openapi_extra": {"parameters": [COLLECTION_ID]},
    "responses": answers("A STAC Collection.", JSON, OBJECT, 304, 404),
}
ITEMS: dict[str, Any] = {
    "summary": "Items of one collection",
    "description": "Newest first, then by id, page by page: follow the link `next`.",
    "openapi_extra": {
        "parameters": [
            COLLECTION_ID,
            *parameters("bbox", "datetime", "limit", "token", "ids", "intersects"),
            *parameters(*SEARCH_FIELDS),
        ]
    },
    "responses": answers("A page of items.", GEOJSON, _ITEMS, 304, 400, 404),
}
ITEM: dict[str, Any] = {
    "summary": "One item",
    "description": "A STAC 1.1 Item: where, when, and the files with band, scale, offset, nodata, "
    "grid, checksum. Simulated items have `landzicht:simulated` and say so in their title.",
    "openapi_extra": {"parameters": [COLLECTION_ID, ITEM_ID]},
    "responses": answers("A STAC Item.", GEOJSON, _ITEM, 304, 404),
}
SEARCH_GET: dict[str, Any] = {
    "summary": "Search",
    "description": "Scenes in all collections, newest first, then by collection and id. "
    "`intersects` is the GeoJSON as text. `numberMatched` is given where counting is quick.",
    "openapi_extra": {"parameters": parameters(*_FIELDS)},
    "responses": answers("A page of items.", GEOJSON, _ITEMS, 304, 400),
}
SEARCH_POST: dict[str, Any] = {
    "summary": "Search with a JSON body",
    "description": "As the search by GET. The link `next` holds the whole body to send.",
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": {
                        "type": "object",
                        "properties": {
                            name: {**POSTED.get(name, schema), "description": about}
                            for name, (about, schema) in _FIELDS.items()
                        },
                    },
                    "example": {"bbox": [5, 52, 6, 53], "datetime": "2025-06-01T00:00:00Z/.."},
                }
            },
        }
    },
    "responses": answers("A page of items.", GEOJSON, _ITEMS, 400, 413),
}
ASSET: dict[str, Any] = {
    "summary": "A file of an item",
    "description": "A cloud-optimised GeoTIFF, whole or by `Range`. The `ETag` is its SHA-256. "
    "Simulated files carry the header `X-Landzicht-Simulated` and a tag inside.",
    "openapi_extra": {
        "parameters": [COLLECTION_ID, ITEM_ID, path_parameter("key", "Key of the asset.", "B04")]
    },
    "responses": {
        **answers(
            "The file.",
            COG,
            _BYTES,
            304,
            403,
            404,
            416,
            502,
        ),
        307: {"description": "The file lies on another computer; `Location` says where."},
        206: {
            "description": "The part that was asked for; several parts as `multipart`.",
            "content": {COG: {"schema": _BYTES}, "multipart/byteranges": {"schema": _BYTES}},
        },
    },
}
