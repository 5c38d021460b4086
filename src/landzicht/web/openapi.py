"""The OpenAPI document, made to say what the portal really answers.

FastAPI adds a status 422 that the portal never gives, and a second media type to answers that have
one. Here both go; failures that any address of a kind can have are written once.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from landzicht.web.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

METHODS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"
_TEXT = {"type": "string"}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What happened, why, and what to do next (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "todo", "landzicht:text"],
    "properties": {
        "type": {**_TEXT, "format": "uri-reference"},
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {**_TEXT, "description": "In the language of `Accept-Language`."},
        "code": {**_TEXT, "description": "Stable name of the error; see `/docs/errors`."},
        "todo": _TEXT,
        "landzicht:text": {
            "type": "object",
            "required": ["nl", "en"],
            "properties": {"nl": _TEXT, "en": _TEXT},
        },
        "instance": {**_TEXT, "format": "uri-reference"},
    },
}
_PROBLEM_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ALSO = {
    "304": "Not changed since the `ETag` in `If-None-Match`.",
    "403": "`mark=false` is for tests on the same computer only.",
    "413": "It would need more pixels, or a larger body, than we read.",
    "502": "The catalogue or a stored file cannot be read.",
}
_NOTHING_STORED = ("/health", "/api/v1/status", "/stac/conformance")
_OWN_ERRORS = frozenset({("/health", "503")})
"""Failures that are answered with the usual document of the address."""


def describe(app: FastAPI) -> None:
    """Let `app` tell of itself what is true; the document is made when it is first asked for."""
    plain, lock = app.openapi, threading.Lock()
    made: list[dict[str, Any]] = []

    def document() -> dict[str, Any]:
        with lock:
            if not made:
                made.append(corrected(plain()))
        return made[0]

    app.openapi = document  # type: ignore[method-assign]


def corrected(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document of FastAPI after correction, which happens in place."""
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                _correct(path, method, operations[method])
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = _PROBLEM
    document["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "The operator's `write_token`.",
        }
    }
    return document


def _correct(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    answers.pop("422", None)
    for status in _also(path, method, operation):
        answers.setdefault(status, {"description": _ALSO[status]})
    for status, answer in answers.items():
        content = answer.get("content", {})
        if len(content) > 1 and content.get(_JSON, {}).get("schema") == {}:
            del content[_JSON]  # nobody described it
        if status >= "400" and (path, status) not in _OWN_ERRORS:
            answer["content"] = _PROBLEM_CONTENT
    operation["responses"] = dict(sorted(answers.items()))


def _also(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    """Yield failures that follow from what an address does."""
    if path not in _NOTHING_STORED and not path.startswith("/tiles/tileMatrixSets"):
        yield "502"
    if path.startswith("/tiles/") and path.endswith(".{ending}") and method == "get":
        yield "304"
    if any(parameter["name"] == "mark" for parameter in operation.get("parameters", ())):
        yield from ("403", "413")
