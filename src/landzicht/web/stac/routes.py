"""Handlers of `/stac` and `/assets`: parse, call the portal, shape.

Stored bodies go out as bytes; nothing here parses an item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.web import NoSuchPart
from landzicht.portal.catalogue.search import FarFile
from landzicht.web.problems import problem
from landzicht.web.stac import describe, describe_more
from landzicht.web.stac.answers import REVALIDATE, answer, shapes_of, told
from landzicht.web.stac.browse import Browse
from landzicht.web.stac.extend import fields_of, measured_by
from landzicht.web.stac.names import ITEMS, SEARCH, check_names
from landzicht.web.stac.parse import address_of, known_etags, query_of, read_body
from landzicht.web.stac.ranges import PartsResponse, read_range
from landzicht.web.stac.shapes import GEOJSON
from landzicht.web.stac.transact import add_transactions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.kinds import Query
    from landzicht.portal import Portal


ONE = "/stac/collections/{collection}"


def router(portal: Portal) -> APIRouter:
    """Return the routes of the STAC API over `portal`."""
    routes = APIRouter(tags=["STAC"], default_response_class=Response)
    answers, browse = _Answers(portal), Browse(portal)
    for path, handler, described in (
        ("/stac", answers.landing, describe.LANDING),
        ("/stac/conformance", answers.conformance, describe.CONFORMANCE),
        ("/stac/queryables", browse.queryables, describe.QUERYABLES),
        ("/stac/collections", browse.collections, describe_more.COLLECTIONS),
        ("/stac/collections/{collection}", answers.collection, describe.COLLECTION),
        ("/stac/collections/{collection}/items", answers.items, describe.ITEMS),
        ("/stac/collections/{collection}/items/{item}", answers.item, describe.ITEM),
        ("/stac/search", answers.search_get, describe.SEARCH_GET),
        ("/stac/children", browse.children, describe_more.CHILDREN),
        ("/stac/aggregate", browse.aggregate, describe_more.AGGREGATE),
        ("/stac/aggregations", browse.aggregations, describe_more.AGGREGATIONS),
        (f"{ONE}/aggregate", browse.aggregate, describe_more.AGGREGATE_ONE),
        (f"{ONE}/aggregations", browse.aggregations, describe_more.AGGREGATIONS_ONE),
        (f"{ONE}/queryables", browse.queryables_of_collection, describe_more.QUERYABLES_ONE),
        ("/stac/browse/{collection}/{period}", browse.period, describe_more.PERIOD),
        ("/assets/{collection}/{item}/{key}.tif", answers.asset, describe.ASSET),
    ):
        routes.add_api_route(path, handler, methods=["GET"], **described)
        routes.add_api_route(path, handler, methods=["HEAD"], include_in_schema=False)
    post = describe.SEARCH_POST
    routes.add_api_route("/stac/search", answers.search_post, methods=["POST"], **post)
    for path, described in (
        ("/stac/aggregate", describe_more.AGGREGATE_POST),
        (f"{ONE}/aggregate", describe_more.AGGREGATE_ONE_POST),
    ):
        routes.add_api_route(path, browse.aggregate_post, methods=["POST"], **described)
    add_transactions(routes, portal)
    return routes


class _Answers:
    """The handlers; those that are not `async` run in a thread of the server's pool."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def landing(self, request: Request) -> Response:
        """Say what this API can do."""
        return told(request, shapes_of(request, self._portal).landing(self._portal.collections()))

    def conformance(self, request: Request) -> Response:
        """Say which standards this API keeps to."""
        return told(request, shapes_of(request, self._portal).conformance())

    def collection(self, request: Request) -> Response:
        """Give one collection."""
        found = self._portal.collection(request.path_params["collection"])
        return answer(request, shapes_of(request, self._portal).collection(found))

    def items(self, request: Request) -> Response:
        """Give a page of the items of one collection."""
        collection = self._portal.collection(request.path_params["collection"]).id
        given = address_of(request)
        check_names(given, ITEMS, form=given.get("f"))
        asked = {**given, "collections": collection}
        fields = fields_of(asked.get("fields"))
        page = self._portal.search(query_of(asked), measured_by(fields))
        shapes, path = shapes_of(request, self._portal), f"/stac/collections/{collection}/items"
        links = shapes.get_links(path, given, page.next)
        return answer(request, shapes.page(page, links, fields), GEOJSON)

    def item(self, request: Request) -> Response:
        """Give one item."""
        names = request.path_params["collection"], request.path_params["item"]
        body = self._portal.item(*names)
        return answer(request, shapes_of(request, self._portal).item(*names, body), GEOJSON)

    def search_get(self, request: Request) -> Response:
        """Search with the parameters of the address."""
        asked = address_of(request)
        check_names(asked, SEARCH, form=asked.get("f"))
        fields = fields_of(asked.get("fields"))
        page = self._portal.search(query_of(asked), measured_by(fields))
        shapes = shapes_of(request, self._portal)
        links = shapes.get_links("/stac/search", asked, page.next)
        return answer(request, shapes.page(page, links, fields), GEOJSON)

    async def search_post(self, request: Request) -> Response:
        """Search with a JSON body."""
        asked = await read_body(request)
        check_names(asked, SEARCH)
        query = query_of(asked, posted=True)
        if "fields" in asked and asked["fields"] is None:
            raise BadQuery(name="fields", reason="null")
        return await run_in_threadpool(self._posted, request, asked, query)

    def asset(self, request: Request) -> Response:
        """Give a file, or a part of it."""
        names = (request.path_params[name] for name in ("collection", "item", "key"))
        file = self._portal.asset_path(*names)
        if isinstance(file, FarFile):
            headers = {"location": file.address, "cache-control": REVALIDATE}
            return Response(status_code=307, headers=headers)
        headers = {"etag": f'"{file.sha256}"', "cache-control": REVALIDATE}
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
        fields = fields_of(asked.get("fields"))
        page = self._portal.search(query, measured_by(fields))
        shapes = shapes_of(request, self._portal)
        links = shapes.post_links(asked, page)
        return answer(request, shapes.page(page, links, fields), GEOJSON)
