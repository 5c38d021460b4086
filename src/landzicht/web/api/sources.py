"""Handler of the sources that the portal follows: how each does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter
from fastapi.responses import Response

if TYPE_CHECKING:
    from landzicht.portal import Portal

_TEXTS = {
    "type": "object",
    "required": ["nl", "en"],
    "properties": {"nl": {"type": "string"}, "en": {"type": "string"}},
}
_COUNTS = {"type": "object", "additionalProperties": {"type": "integer"}}
_FAILURE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "key": {"type": "string", "description": "What the source calls the image."},
        "code": {"type": "string"},
        "nl": {"type": "string"},
        "en": {"type": "string"},
        "tries": {"type": "integer"},
        "at": {"type": "number", "description": "Seconds since 1970."},
        "next_try": {"type": "number", "description": "Seconds since 1970."},
    },
}
_SOURCE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "kind", "title", "place", "into", "mode", "counts"],
    "properties": {
        "id": {"type": "string"},
        "kind": {"enum": ["stac", "folder"]},
        "title": _TEXTS,
        "place": {"type": "string", "description": "Address of the API, or name of the folder."},
        "collection": {"type": "string"},
        "into": {"type": "array", "items": {"type": "string"}},
        "mode": {"enum": ["mirror", "link"]},
        "paused": {"type": "boolean"},
        "by_hand": {"type": "boolean"},
        "at_work": {"type": "boolean"},
        "looked": {"type": "string", "description": "When it was looked at last, or empty."},
        "last": {"type": "string", "description": "When its newest image was taken, or empty."},
        "lag_days": {"type": ["number", "null"]},
        "gaps": {
            "type": "array",
            "items": {"type": "string", "format": "date"},
            "description": "Days on which its rhythm promised an image and there is none.",
        },
        "counts": _COUNTS,
        "reasons": _COUNTS,
        "skips": _COUNTS,
        "failures": {"type": "array", "items": _FAILURE},
        "remarks": {"type": "array", "items": _FAILURE},
        "bytes": {"type": "integer"},
        "error": {"anyOf": [_TEXTS, {"type": "null"}]},
        "next_try": {"type": "string"},
    },
}
_ANSWERS: dict[int | str, Any] = {
    200: {
        "description": "The sources, by name.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["sources"],
                    "properties": {"sources": {"type": "array", "items": _SOURCE}},
                }
            }
        },
    }
}


def router(portal: Portal) -> APIRouter:
    """Return the route over `portal`."""
    routes = APIRouter(tags=["Landzicht"], default_response_class=Response)

    @routes.get("/api/v1/sources", summary="What does the portal follow?", responses=_ANSWERS)
    def sources() -> Response:
        """Tell of each source its newest image, how far it lags, its gaps, and what failed."""
        told = [each.as_dict() for each in portal.sources()]
        headers = {"cache-control": "no-cache", "api-version": "1.0.0"}
        return Response(orjson.dumps({"sources": told}), 200, headers, "application/json")

    return routes
