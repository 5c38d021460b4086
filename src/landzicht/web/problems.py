"""Errors as `application/problem+json` (RFC 9457), in the reader's language."""

from __future__ import annotations

import logging
import uuid

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from landzicht.errors import (
    Broken,
    Denied,
    Empty,
    Invalid,
    LandzichtError,
    Missing,
    SourceFailed,
    TooLarge,
)
from landzicht.errors.catalogue import BadQuery
from landzicht.errors.web import NoSuchAddress, NoSuchMethod, UnreadableRequest
from landzicht.text import preferred_language

MEDIA_TYPE = "application/problem+json"
STATUS: tuple[tuple[type[LandzichtError], int], ...] = (
    (Invalid, 400),
    (Missing, 404),
    (Denied, 403),
    (Empty, 404),
    (TooLarge, 413),
    (SourceFailed, 502),
    (Broken, 500),
)
log = logging.getLogger("landzicht.web")


def status_of(error: LandzichtError) -> int:
    """Return the HTTP status of an error's family."""
    return next((status for family, status in STATUS if isinstance(error, family)), 500)


def problem(
    error: LandzichtError, request: Request, status: int | None = None, **extra: object
) -> Response:
    """Shape an error as a problem document.

    `title` and `detail` follow `Accept-Language`; `landzicht:text` holds both languages.

    Args:
        error: what happened.
        request: that failed.
        status: HTTP status, when it is not the one of the error's family.
        extra: further members of the document.
    """
    language = preferred_language(request.headers.get("accept-language"))
    status = status or status_of(error)
    body = {
        "type": f"/docs/errors#{error.code}",
        "title": error.what.say(language, **error.facts),
        "status": status,
        "detail": error.say(language),
        "code": error.code,
        "todo": error.todo.say(language, **error.facts),
        "landzicht:text": {"nl": error.say("nl"), "en": error.say("en")},
        "instance": request.url.path,
        **extra,
    }
    headers = {"content-language": language, "vary": "accept-language", "cache-control": "no-store"}
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


def answer_error(request: Request, error: LandzichtError) -> Response:
    """Answer an error of ours; those that are not the caller's are written to the log."""
    if isinstance(error, Broken | SourceFailed):
        log.error("%s %s: %s", request.method, request.url.path, error)
    return problem(error, request)


def _methods(request: Request) -> list[str]:
    """Return the methods of an address; the framework tells those of its first route alone."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return sorted(found | ({"HEAD"} if "GET" in found else set()))  # see `web.head`


def add_problem_handlers(app: FastAPI) -> None:
    """Let `app` answer every error as a problem document."""
    app.exception_handler(LandzichtError)(answer_error)

    @app.exception_handler(RequestValidationError)
    def bad_request(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"][1:]) or str(first["loc"][0])
        if first["type"] == "json_invalid":
            return problem(UnreadableRequest(reason="JSON"), request)
        return problem(BadQuery(name=place, reason=first["msg"]), request)

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Response:
        known = {404: NoSuchAddress, 405: NoSuchMethod}
        kind = known.get(error.status_code, UnreadableRequest)
        facts = kind(path=request.url.path, reason=str(error.detail))
        answer = problem(facts, request, error.status_code)
        answer.headers.update(error.headers or {})
        if error.status_code == 405:
            answer.headers["allow"] = ", ".join(_methods(request))
        return answer

    @app.exception_handler(Exception)
    def our_fault(request: Request, error: Exception) -> Response:
        reference = uuid.uuid4().hex[:12]
        log.error("%s %s failed (%s)", request.method, request.url.path, reference, exc_info=error)
        return problem(Broken(), request, reference=reference)
