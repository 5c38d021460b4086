"""`POST /api/v1/own-areas`: a file of the reader's own, read and given back; nothing is kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import anyio.to_thread
import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from landzicht.portal.parcels.own_areas import MOST_BYTES, MOST_CORNERS, MOST_ROWS
from landzicht.text import preferred_language
from landzicht.web.bodies import read_bytes

if TYPE_CHECKING:
    from landzicht.portal import Portal

MOST_AT_ONCE = 2
"""Most files that are read at the same time: each takes a process."""
_FORMS = "GeoPackage, GeoJSON, KML, GML, FlatGeobuf, GeoParquet, zip with a shapefile, or CSV"
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"{_FORMS} with columns lat and lon (degrees) or x and y (Dutch RD).",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_ANSWERS: dict[int | str, Any] = {
    200: {
        "description": "The areas in degrees (WGS84); `refused` tells which are left out, and why.",
        "content": {
            "application/geo+json": {
                "schema": {
                    "type": "object",
                    "required": ["type", "features", "refused", "refusedCount", "repairedCount"],
                    "properties": {
                        "features": {"type": "array", "items": {"type": "object"}},
                        "refused": {"type": "array", "items": {"type": "object"}},
                        "refusedCount": {"type": "integer"},
                        "repairedCount": {"type": "integer"},
                    },
                }
            }
        },
    },
    400: {"description": "The file cannot be read; `detail` says why."},
    413: {
        "description": f"More than {MOST_BYTES} bytes, {MOST_ROWS} areas or {MOST_CORNERS} points."
    },
}


def router(portal: Portal) -> APIRouter:
    """Return the route that reads a file of the reader's own."""
    routes = APIRouter(tags=["Landzicht"], default_response_class=Response)
    gate = anyio.Semaphore(MOST_AT_ONCE)

    @routes.post(
        "/api/v1/own-areas",
        summary="Which areas are in my file?",
        responses=_ANSWERS,
        openapi_extra=_FILE,
    )
    async def own_areas(
        request: Request,
        name: Annotated[str, Query(description="What you call the file.", max_length=300)] = "file",
    ) -> Response:
        """Read the areas or places in a file, which is the body, and give them back as GeoJSON.

        The file is not kept, and nobody else can see it.
        """
        body = await read_bytes(request, MOST_BYTES)
        language = preferred_language(request.headers.get("accept-language"))
        async with gate:
            read = partial(portal.read_own_areas, body, name, language)
            found = await anyio.to_thread.run_sync(read)
        headers = {"cache-control": "no-store", "vary": "accept-language"}
        return Response(orjson.dumps(found), 200, headers, "application/geo+json")

    return routes
