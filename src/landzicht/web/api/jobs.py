"""`/api/v1/jobs/{job}`: how far a long question is, its answer, and an end to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from landzicht.portal.parcels.series_answer import SERIES_TYPES
from landzicht.web.api.accept import chosen_type

if TYPE_CHECKING:
    from landzicht.portal import Portal
    from landzicht.portal.parcels.jobs import Job

_STATE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "status", "done", "total"],
    "properties": {
        "id": {"type": "string"},
        "status": {"enum": ["queued", "running", "done", "failed"]},
        "collection": {"type": "string"},
        "created": {"type": "string", "format": "date-time"},
        "done": {"type": "integer", "description": "Dates that are ready."},
        "total": {"type": "integer", "description": "Dates in all."},
        "parcels": {"type": "integer"},
        "seconds": {"type": "number", "description": "How long all of it takes, told before."},
        "error": {"type": ["object", "null"]},
        "links": {"type": "object"},
    },
}
FORMS: dict[str, Any] = {
    kind: {
        "schema": {"type": "string"}
        if kind in SERIES_TYPES[:2]
        else {"type": "string", "format": "binary"}
    }
    for kind in SERIES_TYPES
}
"""What rows of a series come as."""
JOB: dict[int | str, Any] = {
    200: {"description": "How far.", "content": {"application/json": {"schema": _STATE}}},
    404: {"description": "There is no such job (any more)."},
}
ACCEPTED: dict[str, Any] = {
    "description": "It takes long, and became a job; `Location` tells where to look.",
    "content": {"application/json": {"schema": _STATE}},
}
RESULT: dict[int | str, Any] = {
    200: {"description": "The answer.", "content": FORMS},
    400: {"description": "It is not done, or it failed."},
    404: {"description": "There is no such job (any more)."},
}
CANCEL: dict[int | str, Any] = {
    204: {"description": "It is gone."},
    404: {"description": "There is no such job (any more)."},
}


def router(portal: Portal) -> APIRouter:
    """Return the routes of jobs."""
    routes = APIRouter(tags=["Landzicht"], default_response_class=Response)

    @routes.get("/api/v1/jobs/{job}", summary="How far is a job?", responses=JOB)
    def job_state(job: str, request: Request) -> Response:
        """Tell the state of a job; only who knows its id can ask."""
        return job_answer(portal.job(job), request, 200)

    @routes.get("/api/v1/jobs/{job}/result", summary="Answer of a job", responses=RESULT)
    def job_result(job: str, request: Request) -> StreamingResponse:
        """Give the answer of a job that is done; the form by `Accept`."""
        kind = chosen_type(request.headers.get("accept", ""), SERIES_TYPES)
        chunks = portal.job_result(job, kind)
        headers = {"cache-control": "no-store", "vary": "accept"}
        return StreamingResponse(chunks, media_type=kind, headers=headers)

    @routes.delete(
        "/api/v1/jobs/{job}", summary="Stop and remove a job", status_code=204, responses=CANCEL
    )
    def job_cancel(job: str) -> Response:
        """Stop a job when it runs, and remove it with its answer."""
        portal.cancel_job(job)
        return Response(status_code=204)

    return routes


def job_answer(job: Job, request: Request, status: int) -> Response:
    """Return the state of a job."""
    here = f"{str(request.base_url).rstrip('/')}/api/v1/jobs/{job.id}"
    links = {"self": here}
    if job.status == "done":
        links["result"] = f"{here}/result"
    headers = {"cache-control": "no-store"}
    if status == 202:
        headers |= {"location": here, "preference-applied": "respond-async"}
    told = orjson.dumps({**job.as_dict(), "links": links})
    return Response(told, status, headers, "application/json")
