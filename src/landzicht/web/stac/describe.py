"""What `/docs` says about the STAC routes: parameters, answers and their limits."""

from __future__ import annotations

from typing import Any

_PROBLEM = {
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
_TEXT: dict[str, Any] = {"type": "string"}


def _path(name: str, about: str, example: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": about,
        "schema": _TEXT,
        "example": example,
    }


def _query(name: str, about: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "description": about,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def _answers(about: str, media: str, schema: dict[str, Any], *errors: int) -> dict[int, Any]:
    told = {
        304: {"description": "Not changed since the `ETag` in `If-None-Match`."},
        400: {"description": "A parameter is wrong; `detail` says which and why.", **_PROBLEM},
        403: {"description": "It may be known, but not fetched.", **_PROBLEM},
        404: {"description": "There is no such thing.", **_PROBLEM},
        413: {"description": "The request is larger than we read.", **_PROBLEM},
        416: {"description": "The range lies outside the file.", **_PROBLEM},
        502: {"description": "A stored file is gone or damaged.", **_PROBLEM},
    }
    answer = {"description": about, "content": {media: {"schema": schema}}}
    return {200: answer, **{status: told[status] for status in errors}}


_OBJECT: dict[str, Any] = {"type": "object"}
_BYTES = {"type": "string", "format": "binary"}
_JSON, _GEOJSON = "application/json", "application/geo+json"
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
_ITEM = {
    "type": "object",
    "required": ["type", "stac_version", "id", "geometry", "properties", "links", "assets"],
    "properties": {
        "type": {"const": "Feature"},
        "stac_version": {"const": "1.1.0"},
        "id": _TEXT,
        "collection": _TEXT,
        "bbox": {"type": "array", "items": {"type": "number"}},
        "geometry": _OBJECT,
        "properties": _OBJECT,
        "links": {"type": "array", "items": _OBJECT},
        "assets": _OBJECT,
    },
}
_ITEMS = {
    "type": "object",
    "required": ["type", "features", "links"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {"type": "array", "items": _ITEM},
        "links": {"type": "array", "items": _OBJECT},
        "numberReturned": {"type": "integer"},
        "numberMatched": {"type": "integer"},
    },
}
_COLLECTION_ID = _path("collection", "Id of a collection.", "zonderland")
_ITEM_ID = _path("item", "Id of a scene.", "zonderland-2025-04-26")
_BOX = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_COUNT = {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 10}
_NAMES = {"type": "array", "items": _TEXT, "maxItems": 10_000}
_BBOX = (
    "`west,south,east,north` in degrees (WGS84), or six numbers with heights, which are not "
    "looked at. A west above east crosses the antimeridian. Scenes whose footprint meets the "
    "box are found; edges count."
)
_DATETIME = (
    "An RFC 3339 moment, a period `A/B` with `..` for an open end, or a bare day or month. "
    "Scenes whose moment or period overlaps are found."
)
_FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "bbox": (_BBOX, _BOX),
    "datetime": (_DATETIME, _TEXT),
    "limit": ("How many on a page. Above 10,000 means 10,000.", _COUNT),
    "token": ("Where the page starts; follow the link `next`, do not make one.", _TEXT),
    "ids": ("Only scenes with these ids.", _NAMES),
    "collections": ("Only these collections.", _NAMES),
    "intersects": ("A GeoJSON geometry that footprints must meet; not beside `bbox`.", _OBJECT),
}


def _parameters(*names: str) -> list[dict[str, Any]]:
    return [
        _query(name, about, _TEXT if schema is _OBJECT else schema)
        for name, (about, schema) in _FIELDS.items()
        if name in names
    ]


LANDING: dict[str, Any] = {
    "summary": "STAC landing page",
    "description": "The root of the catalogue: links to everything, and `conformsTo`.",
    "responses": _answers("A STAC Catalog.", _JSON, _OBJECT, 304),
}
CONFORMANCE: dict[str, Any] = {
    "summary": "Standards this API keeps to",
    "description": "The conformance classes, as on the landing page.",
    "responses": _answers("A list of addresses of classes.", _JSON, _OBJECT, 304),
}
QUERYABLES: dict[str, Any] = {
    "summary": "What can be searched for",
    "description": "A JSON schema of the properties that search parameters exist for.",
    "responses": _answers("A JSON schema.", "application/schema+json", _OBJECT, 304),
}
COLLECTIONS: dict[str, Any] = {
    "summary": "All collections",
    "description": "Every collection that you may know of, whole, by id.",
    "responses": _answers("STAC Collections in a list.", _JSON, _OBJECT, 304),
}
COLLECTION: dict[str, Any] = {
    "summary": "One collection",
    "description": "A STAC 1.1 Collection: extent, licence, bands (`item_assets`), layers "
    "(`renders`). Both languages stand in `landzicht:title` and `landzicht:description`.",
    "openapi_extra": {"parameters": [_COLLECTION_ID]},
    "responses": _answers("A STAC Collection.", _JSON, _OBJECT, 304, 404),
}
ITEMS: dict[str, Any] = {
    "summary": "Items of one collection",
    "description": "Newest first, then by id, page by page: follow the link `next`.",
    "openapi_extra": {
        "parameters": [_COLLECTION_ID, *_parameters("bbox", "datetime", "limit", "token")]
    },
    "responses": _answers("A page of items.", _GEOJSON, _ITEMS, 304, 400, 404),
}
ITEM: dict[str, Any] = {
    "summary": "One item",
    "description": "A STAC 1.1 Item: where, when, and the files with band, scale, offset, nodata, "
    "grid, checksum. Simulated items have `landzicht:simulated` and say so in their title.",
    "openapi_extra": {"parameters": [_COLLECTION_ID, _ITEM_ID]},
    "responses": _answers("A STAC Item.", _GEOJSON, _ITEM, 304, 404),
}
SEARCH_GET: dict[str, Any] = {
    "summary": "Search",
    "description": "Scenes in all collections, newest first, then by collection and id. "
    "`intersects` is the GeoJSON as text. `numberMatched` is given where counting is quick.",
    "openapi_extra": {"parameters": _parameters(*_FIELDS)},
    "responses": _answers("A page of items.", _GEOJSON, _ITEMS, 304, 400),
}
SEARCH_POST: dict[str, Any] = {
    "summary": "Search with a JSON body",
    "description": "As the search by GET. The link `next` holds the whole body to send.",
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                _JSON: {
                    "schema": {
                        "type": "object",
                        "properties": {
                            name: {**schema, "description": about}
                            for name, (about, schema) in _FIELDS.items()
                        },
                    },
                    "example": {"bbox": [5, 52, 6, 53], "datetime": "2025-06-01/2025-06-30"},
                }
            },
        }
    },
    "responses": _answers("A page of items.", _GEOJSON, _ITEMS, 400, 413),
}
ASSET: dict[str, Any] = {
    "summary": "A file of an item",
    "description": "A cloud-optimised GeoTIFF, whole or by `Range`. The `ETag` is its SHA-256. "
    "Simulated files carry the header `X-Landzicht-Simulated` and a tag inside.",
    "openapi_extra": {
        "parameters": [_COLLECTION_ID, _ITEM_ID, _path("key", "Key of the asset.", "B04")]
    },
    "responses": {
        **_answers(
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
