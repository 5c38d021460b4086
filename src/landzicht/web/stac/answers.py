"""Answers of the STAC routes: bytes with an ETag, or that the reader has them already."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import Request
from fastapi.responses import Response

from landzicht.web.stac.parse import known_etags
from landzicht.web.stac.shapes import JSON, Shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.portal import Portal

REVALIDATE = "no-cache"
"""Also for files: a corrected recipe gives other bytes at the same address."""


def shapes_of(request: Request, portal: Portal) -> Shapes:
    """Return the shapes of answers to a request."""
    base = str(request.base_url).rstrip("/")
    return Shapes(base, writable=bool(portal.write_token), years=portal.years)


def told(request: Request, body: Mapping[str, Any], media_type: str = JSON) -> Response:
    """Return an object, or 304."""
    return answer(request, orjson.dumps(body), media_type)


def answer(request: Request, body: bytes, media_type: str = JSON) -> Response:
    """Return a body, or 304 when the reader has exactly these bytes already."""
    headers = {"etag": etag_of(body), "cache-control": REVALIDATE}
    if request.method != "POST" and known_etags(request) & {"*", headers["etag"]}:
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, media_type)


def etag_of(body: bytes) -> str:
    """Return the ETag of a body."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'
