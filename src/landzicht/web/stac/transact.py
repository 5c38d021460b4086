"""Handlers that change the catalogue, for who has the operator's token; off without one.

Whoever may not write learns nothing: the token is looked at before anything else.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from landzicht.errors.records import AlreadyThere, BadItem, Changed
from landzicht.errors.web import NotKnown, OtherForm, UnreadableRequest, WritingOff
from landzicht.portal.catalogue.write import MOST_ITEMS, merged
from landzicht.stac import mark_of
from landzicht.stac.foreign import with_links
from landzicht.text import Text
from landzicht.web.problems import problem
from landzicht.web.stac import describe_more
from landzicht.web.stac.answers import etag_of, shapes_of
from landzicht.web.stac.parse import read_body
from landzicht.web.stac.shapes import GEOJSON, JSON

if TYPE_CHECKING:
    from collections.abc import Callable

    from landzicht.portal import Portal

_PATCHES = frozenset({*describe_more.PATCHES, GEOJSON, "application/x-www-form-urlencoded", ""})
"""What a change may be said to be; the last ones are what programs say that were told nothing."""
_ITEMS = "/stac/collections/{collection}/items"


def add_transactions(routes: APIRouter, portal: Portal) -> None:
    """Add the routes that change the catalogue."""
    change = _Change(portal)
    one = f"{_ITEMS}/{{item}}"
    collection = "/stac/collections/{collection}"
    for path, method, handler, described in (
        (_ITEMS, "POST", change.create_item, describe_more.CREATE_ITEM),
        (one, "PUT", change.replace_item, describe_more.REPLACE_ITEM),
        (one, "PATCH", change.change_item, describe_more.CHANGE_ITEM),
        (one, "DELETE", change.delete_item, describe_more.DELETE_ITEM),
        ("/stac/collections", "POST", change.create_collection, describe_more.CREATE_COLLECTION),
        (collection, "PUT", change.replace_collection, describe_more.REPLACE_COLLECTION),
        (collection, "PATCH", change.change_collection, describe_more.CHANGE_COLLECTION),
        (collection, "DELETE", change.delete_collection, describe_more.DELETE_COLLECTION),
    ):
        routes.add_api_route(path, handler, methods=[method], **described)


class _Change:
    """The handlers: each looks at the token, reads the body, and works in a thread."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    async def create_item(self, request: Request) -> Response:
        """Add one item, or those of a FeatureCollection."""
        return await self._run(request, self._create_item)

    async def replace_item(self, request: Request) -> Response:
        """Replace an item."""
        return await self._run(request, self._replace_item)

    async def change_item(self, request: Request) -> Response:
        """Change an item by a merge patch (RFC 7396)."""
        return await self._run(request, self._change_item)

    async def delete_item(self, request: Request) -> Response:
        """Remove an item."""
        return await self._run(request, self._delete_item, reads=False)

    async def create_collection(self, request: Request) -> Response:
        """Add a collection."""
        return await self._run(request, self._create_collection)

    async def replace_collection(self, request: Request) -> Response:
        """Replace a collection."""
        return await self._run(request, self._replace_collection)

    async def change_collection(self, request: Request) -> Response:
        """Change a collection by a merge patch (RFC 7396)."""
        return await self._run(request, self._change_collection)

    async def delete_collection(self, request: Request) -> Response:
        """Remove a collection."""
        return await self._run(request, self._delete_collection, reads=False)

    async def _run(
        self,
        request: Request,
        work: Callable[[Request, dict[str, Any]], Response],
        *,
        reads: bool = True,
    ) -> Response:
        if not self._portal.write_token:
            raise WritingOff
        if not _shows(request, self._portal.write_token):
            refused = problem(NotKnown(), request, 401)
            refused.headers["www-authenticate"] = "Bearer"
            return refused
        if request.method == "PATCH" and _form(request) not in _PATCHES:
            wanted = ", ".join(describe_more.PATCHES)
            refused = problem(OtherForm(given=_form(request)[:80], wanted=wanted), request, 415)
            refused.headers["accept-patch"] = wanted
            return refused
        told = await read_body(request) if reads else {}
        try:
            return await run_in_threadpool(work, request, told)
        except AlreadyThere as error:
            return problem(error, request, 409)
        except Changed as error:
            return problem(error, request, 412)
        except BadItem as error:
            reasons: Any = error.facts["reasons"]
            listed = [{"field": field, "nl": why.nl, "en": why.en} for field, why in reasons]
            return problem(error, request, reasons=listed)

    def _create_item(self, request: Request, told: dict[str, Any]) -> Response:
        collection = request.path_params["collection"]
        several = told.get("type") == "FeatureCollection"
        items = told.get("features") if several else [told]
        if not isinstance(items, list) or not 0 < len(items) <= MOST_ITEMS:
            raise UnreadableRequest(reason=_FEATURES.fill(most=MOST_ITEMS))
        names = self._portal.create_items(collection, items)
        shapes = shapes_of(request, self._portal)
        if several:
            return Response(b"{}", 201, media_type=GEOJSON)
        body = shapes.item(collection, names[0], self._portal.item(collection, names[0]))
        address = f"{str(request.url).split('?')[0]}/{names[0]}"
        return Response(body, 201, {"location": address, "etag": etag_of(body)}, GEOJSON)

    def _replace_item(self, request: Request, told: dict[str, Any]) -> Response:
        collection, name, expect = self._item(request)
        self._portal.replace_item(collection, name, told, expect)
        return Response(status_code=204)

    def _change_item(self, request: Request, patch: dict[str, Any]) -> Response:
        collection, name, expect = self._item(request)
        body = self._portal.item(collection, name)
        told = merged(with_links(orjson.loads(body)), patch)
        self._portal.replace_item(collection, name, told, expect or mark_of(body))
        return Response(status_code=204)

    def _delete_item(self, request: Request, _: dict[str, Any]) -> Response:
        self._portal.delete_item(*self._item(request))
        return Response(status_code=204)

    def _create_collection(self, request: Request, told: dict[str, Any]) -> Response:
        name = self._portal.create_collection(told)
        body = shapes_of(request, self._portal).collection(self._portal.collection(name))
        address = f"{str(request.url).split('?')[0]}/{name}"
        return Response(body, 201, {"location": address, "etag": etag_of(body)}, JSON)

    def _replace_collection(self, request: Request, told: dict[str, Any]) -> Response:
        name, expect, _ = self._collection(request)
        links = told.get("links")
        if isinstance(links, list):  # somebody who read it sends ours back with it
            own = shapes_of(request, self._portal).own_links(self._portal.collection(name))
            told = {**told, "links": [each for each in links if each not in own]}
        self._portal.replace_collection(name, told, expect)
        return Response(status_code=204)

    def _change_collection(self, request: Request, patch: dict[str, Any]) -> Response:
        name, expect, known = self._collection(request)
        self._portal.replace_collection(name, merged(known, patch), expect)
        return Response(status_code=204)

    def _delete_collection(self, request: Request, _: dict[str, Any]) -> Response:
        name, expect, _ = self._collection(request)
        self._portal.delete_collection(name, expect)
        return Response(status_code=204)

    def _item(self, request: Request) -> tuple[str, str, str | None]:
        """Return collection, id, and the mark that `If-Match` stands for."""
        names = request.path_params["collection"], request.path_params["item"]
        wanted = _wanted(request)
        if wanted is None:
            return (*names, None)
        body = self._portal.item(*names)
        shown = shapes_of(request, self._portal).item(*names, body)
        if etag_of(shown) not in wanted:
            raise Changed(record="/".join(names))
        return (*names, mark_of(body))

    def _collection(self, request: Request) -> tuple[str, str, dict[str, Any]]:
        """Return id, mark and present form of a collection, after a look at `If-Match`."""
        name = request.path_params["collection"]
        known, mark = self._portal.collection_mark(name)
        wanted = _wanted(request)
        if wanted is not None:
            found = self._portal.collection(name)
            shapes = shapes_of(request, self._portal)
            if etag_of(shapes.collection(found)) not in wanted:
                raise Changed(record=name)
        return name, mark, known


def _wanted(request: Request) -> frozenset[str] | None:
    """Return the tags in `If-Match`; None = there is none, or any will do."""
    told = request.headers.get("if-match")
    if told is None or told.strip() == "*":
        return None
    return frozenset(tag.strip() for tag in told.split(","))


def _form(request: Request) -> str:
    """Return what the body is said to be."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _shows(request: Request, token: str) -> bool:
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(
        shown.strip().encode(), token.encode()
    )


_FEATURES = Text(
    nl="geef een Feature, of een FeatureCollection van 1 tot {most} Features",
    en="give a Feature, or a FeatureCollection of 1 to {most} Features",
)
