"""`POST /api/v1/series`: numbers of parcels through time, as a stream."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from landzicht.errors.series import TooManyJobs
from landzicht.portal.parcels.series_answer import SERIES_TYPES, SeriesAnswer, form_of
from landzicht.text import preferred_language
from landzicht.web.api.accept import chosen_type, prefers_later
from landzicht.web.api.jobs import ACCEPTED, FORMS, job_answer
from landzicht.web.bodies import read_object
from landzicht.web.problems import problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from landzicht.portal import Portal
    from landzicht.portal.parcels.jobs import Job

MOST_BYTES = 50_000_000
"""Longest body: some 100,000 parcels."""
_ROWS = (
    "One row for each parcel and date: `parcel`, `datetime`, `scene`, `count` (area-weighted valid "
    "pixels), `valid` (share 0-1), then the statistics asked for. Parcels that cannot be measured "
    "come first, as `parcel`, `error`, `detail`. What was changed of a parcel is told in `note`."
)
_COST: dict[str, Any] = {
    "type": "object",
    "description": "What the answer costs, when `plan=true`.",
    "properties": {
        **{
            name: {"type": "integer"}
            for name in (
                "parcels",
                "dates",
                "stored",
                "scenes",
                "pixels",
                "covered",
                "bytes",
                "memory",
            )
        },
        "seconds": {"type": "number"},
        "direct": {"type": "boolean", "description": "Else it becomes a job."},
        "left_out": {
            "type": "object",
            "description": "Images of the period that lack a band: `count`, and the first "
            "`scenes`, each with the reason in `nl` and `en`.",
        },
    },
}
ANSWERS: dict[int | str, Any] = {
    200: {
        "description": _ROWS,
        "content": {**FORMS, "application/json": {"schema": _COST}},
    },
    202: ACCEPTED,
    400: {"description": "The question is wrong; `detail` says why."},
    404: {"description": "There is no such collection or layer."},
    413: {"description": "The question is too long, or costs more than the operator allows."},
    429: {"description": "There are too many jobs."},
}
_QUESTION: dict[str, Any] = {
    "type": "object",
    "required": ["collection"],
    "properties": {
        "collection": {"type": "string"},
        "layer": {"type": "string", "description": "A layer with one value for each pixel."},
        "expression": {"type": "string", "description": "Or a formula: `(B08-B04)/(B08+B04)`."},
        "datetime": {
            "type": "string",
            "description": "Day, month, year or period: `2025-04/2025-09`.",
        },
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
        "areas": {"type": "string", "description": "Or registered areas: see `/api/v1/areas`."},
        "smooth": {
            "type": "boolean",
            "description": "Add doubts and a smooth line with its band of 90 %, which goes on "
            "through gaps: `flagged`, `reason`, `smoothed`, `low`, `high`, `filled`, "
            "`smooth_method`. Rows come after the last date then.",
        },
        "seasons": {
            "type": "boolean",
            "description": "Instead of values: one row for each season (`start`, `peak`, `end`, "
            "each with days of uncertainty) and each candidate of mowing or bare land (between "
            "`after` and `before`) of each parcel, after the last date.",
        },
        "geometry": {
            "type": "boolean",
            "description": "Rows have the shape of their parcel (Parquet becomes GeoParquet).",
        },
    },
}
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _QUESTION}}}}


PLAN = "Only tell what the answer costs: dates, scenes, pixels, bytes, seconds, memory."


def router(portal: Portal) -> APIRouter:
    """Return the route that measures parcels."""
    routes = APIRouter(tags=["Landzicht"])

    @routes.post(
        "/api/v1/series",
        summary="Numbers of parcels",
        responses=ANSWERS,
        openapi_extra=_BODY,
        response_model=None,
    )
    async def series(
        request: Request, plan: Annotated[bool, Query(description=PLAN)] = False
    ) -> Response:
        """Measure areas and points on every date; the answer comes while it is being made.

        A question above the operator's limit, or with `Prefer: respond-async`, becomes a job.
        """
        told = await read_object(request, MOST_BYTES)
        language = preferred_language(request.headers.get("accept-language"))
        if plan:
            price = await run_in_threadpool(portal.series_cost, told)
            return Response(orjson.dumps(price.as_dict()), media_type="application/json")
        kind = chosen_type(request.headers.get("accept", ""), SERIES_TYPES)
        later = prefers_later(request.headers.get("prefer", ""))
        form = form_of(told, kind, language)
        return await answered(request, partial(portal.ask_series, told, form, later=later))

    return routes


async def answered(request: Request, ask: Callable[[], SeriesAnswer | Job]) -> Response:
    """Return the answer to a question as a stream, or as a job."""
    try:
        answer = await run_in_threadpool(ask)
    except TooManyJobs as error:
        return problem(error, request, 429)
    if not isinstance(answer, SeriesAnswer):
        return job_answer(answer, request, 202)
    headers = {
        "cache-control": "no-store",
        "vary": "accept, accept-language, prefer",
        "x-landzicht-repaired": str(len(answer.repaired)),
        "x-landzicht-left-out": str(len(answer.plan.left_out)),
        "x-landzicht-simulated": "true" if answer.plan.simulated else "false",
    }
    return StreamingResponse(answer.chunks, media_type=answer.media_type, headers=headers)
