"""Handlers of `/health` and `/api/v1`: parse, call the portal, shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

import landzicht
from landzicht.grid.boxes import parse_bbox
from landzicht.web.api.shapes import collection_shape

if TYPE_CHECKING:
    from landzicht.kinds import Collection
    from landzicht.portal import Portal

API_VERSION = "1.0.0"
BBOX = "`west,south,east,north` in degrees (WGS84): only dates with an image there."
_TEXT = {"type": "string"}
_WORKING = "The parts of the portal, and whether each of them works."
_CHECKS: dict[str, Any] = {
    "checks": {"type": "object", "additionalProperties": {"type": "boolean"}},
    "free_bytes": {"type": "integer", "description": "Free space for data."},
}


def _answer(about: str, **properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": list(properties), "properties": properties}
    return {"description": about, "content": {"application/json": {"schema": schema}}}


HEALTH: dict[int | str, Any] = {
    200: _answer(_WORKING, status={"const": "ok"}, **_CHECKS),
    503: _answer(_WORKING, status={"const": "failing"}, **_CHECKS),
}
STATUS: dict[int | str, Any] = {
    200: _answer(
        "A task that runs, or the last one that failed.",
        ready={"type": "boolean"},
        task={"type": ["object", "null"]},
        failed={},
        failed_reason={"type": ["object", "null"], "description": "In `nl` and `en`."},
        version=_TEXT,
        basemaps={"type": "array", "items": _TEXT},
    )
}
COLLECTIONS: dict[int | str, Any] = {
    200: _answer(
        "Collections with their layers, simulated ones last.",
        collections={"type": "array", "items": {"type": "object"}},
    )
}
DATES: dict[int | str, Any] = {
    200: _answer("Dates, newest first.", dates={"type": "array", "items": {"type": "object"}}),
    400: {"description": "The box is wrong; `detail` says why."},
    404: {"description": "There is no such collection."},
}


def router(portal: Portal) -> APIRouter:
    """Return the routes of our own API over `portal`."""
    routes = APIRouter(tags=["Landzicht"], default_response_class=Response)

    @routes.get("/health", summary="Is the portal alive and ready?", responses=HEALTH)
    def health() -> Response:
        """Tell whether the catalogue can be read and the data folder be written to."""
        told = portal.health()
        return _json(told, 200 if told["status"] == "ok" else 503, cache="no-store")

    @routes.get("/api/v1/status", summary="What is the portal busy with?", responses=STATUS)
    def status() -> Response:
        """Tell of long work, such as making the demonstration data, how far it is."""
        task, running = portal.task()
        failed = task if task and task.error and not running else None
        reason = failed.reason if failed else None
        told = {
            "ready": True,
            "task": task.as_dict() if task and running else None,
            "failed": failed.error if failed else None,
            "failed_reason": {"nl": reason.nl, "en": reason.en} if reason else None,
            "version": landzicht.__version__,
            "basemaps": list(portal.services.settings.allowed_base_maps),
        }
        return _json(told, cache="no-store")

    @routes.get("/api/v1/collections", summary="What can be looked at?", responses=COLLECTIONS)
    def collections(request: Request) -> Response:
        """List the collections with layers, bounds and period, in both languages."""
        base = str(request.base_url).rstrip("/")
        found = sorted(portal.collections(), key=_place)
        return _json({"collections": [collection_shape(c, base) for c in found]})

    @routes.get(
        "/api/v1/collections/{collection_id}/dates", summary="On which dates?", responses=DATES
    )
    def dates(
        collection_id: str, bbox: Annotated[str | None, Query(description=BBOX)] = None
    ) -> Response:
        """List the days (UTC) that have scenes, each with its scenes and mean cloud cover."""
        found = portal.dates(collection_id, parse_bbox(bbox))
        return _json({"dates": found[::-1]})

    return routes


def _place(collection: Collection) -> tuple[bool, bool, str]:
    """Return what to sort by: made-up land last, and of that first what looks like a photograph.

    The page opens the first one, and a first visitor should not begin with an image of heat.
    """
    plain = bool(collection.layers) and collection.layers[0].name == "visual"
    return (collection.simulated, collection.simulated and not plain, collection.id)


def _json(body: dict[str, Any], status: int = 200, cache: str = "no-cache") -> Response:
    headers = {"cache-control": cache, "api-version": API_VERSION}
    return Response(orjson.dumps(body), status, headers, "application/json")
