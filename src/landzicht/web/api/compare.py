"""`POST /api/v1/series/insight`: what the series of one parcel tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from landzicht.text import preferred_language
from landzicht.web.bodies import read_object

if TYPE_CHECKING:
    from landzicht.portal import Portal

MOST_BYTES = 20_000_000
"""Longest body: one parcel with a million corners."""
_LIST: dict[str, Any] = {"type": "array", "items": {"type": "object"}}
_PART: dict[str, Any] = {"type": ["object", "null"]}
_SHAPE: dict[str, Any] = {
    "type": "object",
    "required": ["parcel", "year", "series", "smoothed", "seasons", "events", "earlier", "peers"],
    "properties": {
        "parcel": {"type": "string"},
        "year": {"type": "integer"},
        "simulated": {"type": "boolean"},
        "series": _LIST
        | {"description": "What was measured; `flagged` with a `reason` where it is doubted."},
        "smoothed": _PART
        | {"description": "A line through it with the band that holds 90 % of clear values."},
        "seasons": _LIST | {"description": "Start, peak and end, with days of uncertainty."},
        "events": _LIST | {"description": "Candidates of mowing and of bare land, as intervals."},
        "earlier": _PART | {"description": "Earlier years on the same days of the year."},
        "peers": _PART | {"description": "Quantiles of a group of eleven parcels or more."},
    },
}
ANSWERS: dict[int | str, Any] = {
    200: {"description": "What it tells.", "content": {"application/json": {"schema": _SHAPE}}},
    400: {"description": "The question is wrong; `detail` says why."},
    404: {"description": "There is no such collection, layer or set of areas."},
    413: {"description": "The question is too long, or costs more than is answered at once."},
}
_QUESTION: dict[str, Any] = {
    "type": "object",
    "required": ["collection", "parcel"],
    "additionalProperties": False,
    "properties": {
        "collection": {"type": "string"},
        "layer": {"type": "string", "description": "A layer with a vegetation index: `ndvi`."},
        "expression": {"type": "string", "description": "Or a formula: `(B08-B04)/(B08+B04)`."},
        "parcel": {"type": "object", "description": "One GeoJSON Feature."},
        "year": {"type": "integer", "description": "Calendar year; the newest when absent."},
        "fill": {"type": "boolean", "description": "Tell the smooth line on every day."},
        "peers": {
            "type": "object",
            "required": ["areas", "column", "value"],
            "description": "Compare with registered areas that have this value in this column.",
            "properties": {
                "areas": {"type": "string"},
                "column": {"type": "string"},
                "value": {"type": ["string", "integer"]},
            },
        },
    },
}
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _QUESTION}}}}


def router(portal: Portal) -> APIRouter:
    """Return the route that explains the series of a parcel."""
    routes = APIRouter(tags=["Landzicht"])

    @routes.post(
        "/api/v1/series/insight",
        summary="What a parcel tells",
        responses=ANSWERS,
        openapi_extra=_BODY,
        response_model=None,
    )
    async def insight(request: Request) -> Response:
        """Tell the year of a parcel: values and doubts, line, seasons, events, comparison."""
        told = await read_object(request, MOST_BYTES)
        language = preferred_language(request.headers.get("accept-language"))
        answer = await run_in_threadpool(portal.insight, told, language)
        headers = {
            "cache-control": "no-store",
            "vary": "accept-language",
            "x-landzicht-simulated": "true" if answer["simulated"] else "false",
        }
        return Response(orjson.dumps(answer), headers=headers, media_type="application/json")

    return routes
