"""Handlers of `/stac` and `/assets`: parse, call the portal, shape.

Stored bodies go out as bytes; nothing here parses an item.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from landzicht.errors.web import NoSuchPart
from landzicht.portal.search import FarFile
from landzicht.web.problems import problem
from landzicht.web.stac import describe
from landzicht.web.stac.parse import known_etags, query_of, read_body
from landzicht.web.stac.ranges import PartsResponse, read_range
from landzicht.web.stac.shapes import GEOJSON, JSON, SCHEMA, Shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.kinds import Query
    from landzicht.portal import Portal

_REVALIDATE = "no-cache"
"""Also for files: a corrected recipe gives other bytes at the same address."""


def router(portal: Portal) -> APIRouter:
    """Return the routes of the STAC API over `portal`."""
    routes = APIRouter(tags=["STAC"], default_response_class=Response)
    answers = _Answers(portal)
    for path, handler, described in (
        ("/stac", answers.landing, describe.LANDING),
        ("/stac/conformance", answers.conformance, describe.CONFORMANCE),
        ("/stac/queryables", answers.queryables, describe.QUERYABLES),
        ("/stac/collections", answers.collections, describe.COLLECTIONS),
        ("/stac/collections/{collection}", answers.collection, describe.COLLECTION),
        ("/stac/collections/{collection}/items", answers.items, describe.ITEMS),
        ("/stac/collections/{collection}/items/{item}", answers.item, describe.ITEM),
        ("/stac/search", answers.search_get, describe.SEARCH_GET),
        ("/assets/{collection}/{item}/{key}.tif", answers.asset, describe.ASSET),
    ):
        routes.add_api_route(path, handler, methods=["GET"], **described)
        routes.add_api_route(path, handler, methods=["HEAD"], include_in_schema=False)
    post = describe.SEARCH_POST
    routes.add_api_route("/stac/search", answers.search_post, methods=["POST"], **post)
    return routes


class _Answers:
    """The handlers; those that are not `async` run in a thread of the server's pool."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def landing(self, request: Request) -> Response:
        """Say what this API can do."""
        return _told(request, _shapes(request).landing(self._portal.collections()))

    def conformance(self, request: Request) -> Response:
        """Say which standards this API keeps to."""
        return _told(request, _shapes(request).conformance())

    def queryables(self, request: Request) -> Response:
        """Say what can be searched for."""
        return _told(request, _shapes(request).queryables(), SCHEMA)

    def collections(self, request: Request) -> Response:
        """List the collections."""
        return _answer(request, _shapes(request).collections(self._portal.collections()))

    def collection(self, request: Request) -> Response:
        """Give one collection."""
        found = self._portal.collection(request.path_params["collection"])
        return _answer(request, _shapes(request).collection(found))

    def items(self, request: Request) -> Response:
        """Give a page of the items of one collection."""
        collection = self._portal.collection(request.path_params["collection"]).id
        asked = {**request.query_params, "collections": collection}
        page = self._portal.search(query_of(asked))
        shapes, path = _shapes(request), f"/stac/collections/{collection}/items"
        links = shapes.get_links(path, dict(request.query_params), page)
        return _answer(request, shapes.page(page, links), GEOJSON)

    def item(self, request: Request) -> Response:
        """Give one item."""
        names = request.path_params["collection"], request.path_params["item"]
        body = self._portal.item(*names)
        return _answer(request, _shapes(request).item(*names, body), GEOJSON)

    def search_get(self, request: Request) -> Response:
        """Search with the parameters of the address."""
        asked = dict(request.query_params)
        page = self._portal.search(query_of(asked))
        shapes = _shapes(request)
        links = shapes.get_links("/stac/search", asked, page)
        return _answer(request, shapes.page(page, links), GEOJSON)

    async def search_post(self, request: Request) -> Response:
        """Search with a JSON body."""
        asked = await read_body(request)
        return await run_in_threadpool(self._posted, request, asked, query_of(asked))

    def asset(self, request: Request) -> Response:
        """Give a file, or a part of it."""
        names = (request.path_params[name] for name in ("collection", "item", "key"))
        file = self._portal.asset_path(*names)
        if isinstance(file, FarFile):
            headers = {"location": file.address, "cache-control": _REVALIDATE}
            return Response(status_code=307, headers=headers)
        headers = {"etag": f'"{file.sha256}"', "cache-control": _REVALIDATE}
        if file.simulated:
            headers["x-landzicht-simulated"] = "true"
        if known_etags(request) & {"*", headers["etag"]}:
            return Response(status_code=304, headers=headers)
        size = file.path.stat().st_size
        parts = read_range(request, size, headers["etag"])
        if parts == []:
            refused = problem(NoSuchPart(size=size), request, 416)
            refused.headers["content-range"] = f"bytes */{size}"
            return refused
        answer = PartsResponse(
            file.path,
            200,
            headers,
            describe.COG,
            filename=file.name,
            content_disposition_type="inline",
        )
        answer.parts = parts
        return answer

    def _posted(self, request: Request, asked: Mapping[str, Any], query: Query) -> Response:
        page = self._portal.search(query)
        shapes = _shapes(request)
        return _answer(request, shapes.page(page, shapes.post_links(asked, page)), GEOJSON)


def _shapes(request: Request) -> Shapes:
    return Shapes(str(request.base_url).rstrip("/"))


def _told(request: Request, told: Mapping[str, Any], media_type: str = JSON) -> Response:
    return _answer(request, orjson.dumps(told), media_type)


def _answer(request: Request, body: bytes, media_type: str = JSON) -> Response:
    """Return a body, or 304 when the reader has exactly these bytes already."""
    headers = {
        "etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "cache-control": _REVALIDATE,
    }
    if request.method != "POST" and known_etags(request) & {"*", headers["etag"]}:
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, media_type)
