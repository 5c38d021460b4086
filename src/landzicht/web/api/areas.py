"""`/api/v1/areas`: registered areas, to pick from and to measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from landzicht.errors.web import NotKnown
from landzicht.grid.boxes import parse_bbox
from landzicht.portal.parcels.areas import AreasQuery, parse_place
from landzicht.web.bodies import read_bytes
from landzicht.web.problems import problem
from landzicht.web.token import require_token

if TYPE_CHECKING:
    from landzicht.portal import Portal

_AREAS: dict[str, Any] = {
    "type": "object",
    "required": ["id", "title", "rows", "bbox"],
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string"},
        "rows": {"type": "integer"},
        "bbox": {"type": "array", "items": {"type": "number"}},
        "columns": {"type": "array", "items": {"type": "string"}},
        "simulated": {"type": "boolean"},
    },
}
_NONE = {"description": "There are no such areas."}
_JSON, _GEOJSON = "application/json", "application/geo+json"
LIST: dict[int | str, Any] = {
    200: {
        "description": "Sets of areas.",
        "content": {
            _JSON: {
                "schema": {
                    "type": "object",
                    "properties": {"areas": {"type": "array", "items": _AREAS}},
                }
            }
        },
    }
}
ONE: dict[int | str, Any] = {
    200: {"description": "A set of areas.", "content": {_JSON: {"schema": _AREAS}}},
    404: _NONE,
}
ITEMS: dict[int | str, Any] = {
    200: {"description": "Areas.", "content": {_GEOJSON: {"schema": {"type": "object"}}}},
    400: {"description": "The question is wrong; `detail` says why."},
    404: _NONE,
}
ITEM: dict[int | str, Any] = {
    200: {"description": "An area.", "content": {_GEOJSON: {"schema": {"type": "object"}}}},
    404: _NONE,
}
_GUARDED: dict[int | str, Any] = {
    401: {"description": "Without a valid token."},
    403: {"description": "Nobody may change this portal over HTTP."},
}
ADD: dict[int | str, Any] = {
    201: {"description": "Registered.", "content": {_JSON: {"schema": _AREAS}}},
    400: {"description": "The file cannot be read; `detail` says why."},
    413: {"description": "The file is too large."},
    **_GUARDED,
}
REMOVE: dict[int | str, Any] = {204: {"description": "It is gone."}, 404: _NONE, **_GUARDED}
_TOKEN: dict[str, Any] = {"security": [{"token": []}]}
_FILE: dict[str, Any] = {
    **_TOKEN,
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
}


def router(portal: Portal) -> APIRouter:
    """Return the routes of registered areas."""
    routes = APIRouter(tags=["Landzicht"], default_response_class=Response)

    @routes.get("/api/v1/areas", summary="Which areas are registered?", responses=LIST)
    def areas_list() -> Response:
        """List the sets of areas."""
        return _json({"areas": [areas.as_dict() for areas in portal.areas()]})

    @routes.get("/api/v1/areas/{area}", summary="One set of areas", responses=ONE)
    def areas_one(area: str) -> Response:
        """Tell what is known of a set of areas."""
        return _json(portal.areas_of(area).as_dict())

    @routes.get("/api/v1/areas/{area}/items", summary="Pick areas", responses=ITEMS)
    def areas_items(
        area: str,
        bbox: Annotated[str | None, Query(description="west,south,east,north")] = None,
        point: Annotated[str | None, Query(description="longitude,latitude")] = None,
        q: Annotated[str | None, Query(description="Part of a name or id.", max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
        shapes: Annotated[
            Literal["full", "box"], Query(description="`box`: only the box around each.")
        ] = "full",
    ) -> Response:
        """Give areas in a box, at a place or of a name as GeoJSON (WGS84)."""
        query = AreasQuery(
            id=area,
            box=parse_bbox(bbox),
            point=parse_place(point) if point else None,
            text=q or None,
            most=limit,
            boxes=shapes == "box",
        )
        return _json(portal.area_items(query), media_type=_GEOJSON)

    @routes.get("/api/v1/areas/{area}/items/{area_item}", summary="One area", responses=ITEM)
    def areas_item(area: str, area_item: str) -> Response:
        """Give one area as GeoJSON (WGS84)."""
        return _json(portal.area_item(area, area_item), media_type=_GEOJSON)

    _add_changes(routes, portal)
    return routes


def _add_changes(routes: APIRouter, portal: Portal) -> None:
    """Add the routes that take the operator's token."""

    @routes.post(
        "/api/v1/areas",
        summary="Register areas",
        status_code=201,
        responses=ADD,
        openapi_extra=_FILE,
    )
    async def areas_add(
        request: Request,
        id: Annotated[str, Query(description="Name in addresses.", max_length=64)],
        title: Annotated[str | None, Query(max_length=200)] = None,
        layer: Annotated[str | None, Query(description="Layer of the file.")] = None,
        key: Annotated[str | None, Query(description="Column with the ids.")] = None,
        crs: Annotated[str | None, Query(description="EPSG:… when the file is silent.")] = None,
    ) -> Response:
        """Register the areas in a file that is the body; with the operator's token."""
        try:
            require_token(request, portal.write_token)
        except NotKnown as error:
            return _not_known(error, request)
        body = await read_bytes(request, portal.areas_most_bytes)
        told = {"id": id, "title": title, "layer": layer, "key": key, "crs": crs}
        found = await run_in_threadpool(portal.add_areas_bytes, body, told)
        return _json(found.as_dict(), 201)

    @routes.delete(
        "/api/v1/areas/{area}",
        summary="Remove areas",
        status_code=204,
        responses=REMOVE,
        openapi_extra=_TOKEN,
    )
    def areas_remove(area: str, request: Request) -> Response:
        """Remove a set of areas; with the operator's token."""
        try:
            require_token(request, portal.write_token)
        except NotKnown as error:
            return _not_known(error, request)
        portal.remove_areas(area)
        return Response(status_code=204)


def _not_known(error: NotKnown, request: Request) -> Response:
    refused = problem(error, request, 401)
    refused.headers["www-authenticate"] = "Bearer"
    return refused


def _json(told: Any, status: int = 200, media_type: str = _JSON) -> Response:  # noqa: ANN401 - JSON
    headers = {"cache-control": "no-cache"}
    return Response(orjson.dumps(told), status, headers, media_type)
