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
    from landzicht.portal import Portal

API_VERSION = "1.0.0"
BBOX = "`west,south,east,north` in degrees (WGS84): only dates with an image there."


def router(portal: Portal) -> APIRouter:
    """Return the routes of our own API over `portal`."""
    routes = APIRouter(tags=["Landzicht"])

    @routes.get("/health", summary="Is the portal alive and ready?")
    def health() -> Response:
        told = portal.health()
        return _json(told, 200 if told["status"] == "ok" else 503, cache="no-store")

    @routes.get("/api/v1/status", summary="What is the portal busy with?")
    def status() -> Response:
        task, running = portal.task()
        told = {
            "ready": True,
            "task": task.as_dict() if task and running else None,
            "failed": task.error if task and not running else None,
            "version": landzicht.__version__,
        }
        return _json(told, cache="no-store")

    @routes.get("/api/v1/collections", summary="What can be looked at?")
    def collections(request: Request) -> Response:
        base = str(request.base_url).rstrip("/")
        found = sorted(portal.collections(), key=lambda c: (c.simulated, c.id))
        return _json({"collections": [collection_shape(c, base) for c in found]})

    @routes.get("/api/v1/collections/{collection_id}/dates", summary="On which dates?")
    def dates(
        collection_id: str, bbox: Annotated[str | None, Query(description=BBOX)] = None
    ) -> Response:
        found = portal.dates(collection_id, parse_bbox(bbox))
        return _json({"dates": found[::-1]})

    return routes


def _json(body: dict[str, Any], status: int = 200, cache: str = "no-cache") -> Response:
    headers = {"cache-control": cache, "api-version": API_VERSION}
    return Response(orjson.dumps(body), status, headers, "application/json")
