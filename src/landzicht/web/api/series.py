"""`POST /api/v1/series`: numbers of parcels through time, as a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from landzicht.portal.series_answer import SERIES_TYPES
from landzicht.text import preferred_language
from landzicht.web.bodies import read_object

if TYPE_CHECKING:
    from landzicht.portal import Portal

MOST_BYTES = 50_000_000
"""Longest body: some 100,000 parcels."""
_ROWS = (
    "One row for each parcel and date: `parcel`, `datetime`, `scene`, `count` (area-weighted valid "
    "pixels), `valid` (share 0-1), then the statistics asked for. Parcels that cannot be measured "
    "come first, as `parcel`, `error`, `detail`."
)
ANSWERS: dict[int | str, Any] = {
    200: {"description": _ROWS, "content": {kind: {} for kind in SERIES_TYPES}},
    400: {"description": "The question is wrong; `detail` says why."},
    404: {"description": "There is no such collection or layer."},
    413: {"description": "The question is too long."},
}
_QUESTION: dict[str, Any] = {
    "type": "object",
    "required": ["collection", "parcels"],
    "properties": {
        "collection": {"type": "string"},
        "layer": {"type": "string", "description": "A layer with one value for each pixel."},
        "expression": {"type": "string", "description": "Or a formula: `(B08-B04)/(B08+B04)`."},
        "datetime": {"type": "string", "description": "Day, month or period: `2025-04/2025-09`."},
        "stats": {
            "type": "array",
            "items": {"type": "string"},
            "description": "`mean`, `std`, `min`, `max`, `median`, `count`, `p0` … `p100`.",
        },
        "histogram": {
            "type": "array",
            "items": {"type": "number"},
            "description": "Rising edges of bins.",
        },
        "mask": {"type": "boolean", "description": "Leave out clouds; usual where we know them."},
        "raw": {"type": "boolean", "description": "Stored numbers instead of physical values."},
        "parcels": {"type": "object", "description": "GeoJSON; points stand for their pixel."},
    },
}
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _QUESTION}}}}


def router(portal: Portal) -> APIRouter:
    """Return the route that measures parcels."""
    routes = APIRouter(tags=["Landzicht"])

    @routes.post(
        "/api/v1/series", summary="Numbers of parcels", responses=ANSWERS, openapi_extra=_BODY
    )
    async def series(request: Request) -> StreamingResponse:
        """Measure areas and points on every date; the answer comes while it is being made."""
        told = await read_object(request, MOST_BYTES)
        kind = _chosen(request.headers.get("accept", ""))
        language = preferred_language(request.headers.get("accept-language"))
        answer = await run_in_threadpool(portal.series_answer, told, kind, language)
        headers = {
            "cache-control": "no-store",
            "vary": "accept, accept-language",
            "x-landzicht-repaired": str(len(answer.repaired)),
            "x-landzicht-simulated": "true" if answer.plan.simulated else "false",
        }
        return StreamingResponse(answer.chunks, media_type=answer.media_type, headers=headers)

    return routes


def _chosen(accept: str) -> str:
    """Return the first media type that is accepted and that we make, NDJSON when none is."""
    for part in accept[:1_000].split(","):
        name = part.split(";")[0].strip().lower()
        if name in SERIES_TYPES:
            return name
    return SERIES_TYPES[0]
