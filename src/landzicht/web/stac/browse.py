"""Handlers that show what is there: queryables, counts, collections, and links to walk along."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from landzicht.errors.web import NoSuchAddress
from landzicht.kinds import Aggregation, Counted, Query, Span, Step
from landzicht.portal.catalogue.explore import CollectionQuery
from landzicht.stac import mark_text
from landzicht.stac.cql2.build import read_sort
from landzicht.text import Text
from landzicht.web.stac.answers import answer, shapes_of, told
from landzicht.web.stac.counts import counts_shape, list_shape, wanted_of
from landzicht.web.stac.extend import condition_of, fields_of
from landzicht.web.stac.names import COLLECTIONS, COUNTS, check_names
from landzicht.web.stac.parse import (
    address_of,
    bbox_of,
    limit_of,
    query_of,
    read_body,
    span_of,
)
from landzicht.web.stac.queryables import queryables
from landzicht.web.stac.shapes import GEOJSON, JSON, SCHEMA, link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.portal import Portal

_PERIOD = re.compile(r"\d{4}(-\d{2}){0,2}")
_STEPS = (Step.MONTH, Step.DAY)
_MOST = 10_000


class Browse:
    """Handlers; those that are not `async` run in a thread of the server's pool."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def queryables(self, request: Request) -> Response:
        """Say what can be searched for in all collections."""
        return self._queryables(request, None)

    def queryables_of_collection(self, request: Request) -> Response:
        """Say what can be searched for in one collection."""
        return self._queryables(request, request.path_params["collection"])

    def collections(self, request: Request) -> Response:
        """List the collections, or find some."""
        asked = address_of(request)
        check_names(asked, COLLECTIONS, form=asked.get("f"))
        query = CollectionQuery(
            bounds=bbox_of(asked.get("bbox")),
            span=span_of(asked.get("datetime")),
            filter=condition_of(asked, posted=False),
            sort=read_sort(asked.get("sortby")),
            limit=limit_of(asked.get("limit") or str(_MOST)),
            token=asked.get("token") or None,
        )
        page = self._portal.find_collections(query)
        shapes = shapes_of(request, self._portal)
        links = shapes.get_links("/stac/collections", asked, page.next, JSON)
        fields = fields_of(asked.get("fields"))
        return answer(request, shapes.collections(page.collections, links, page.matched, fields))

    def children(self, request: Request) -> Response:
        """Give all collections whole, as children of the landing page."""
        shapes = shapes_of(request, self._portal)
        return answer(request, shapes.children(self._portal.collections()))

    def period(self, request: Request) -> Response:
        """Give a year, month or day of a collection as a catalogue of the next smaller ones."""
        name, period = request.path_params["collection"], request.path_params["period"]
        collection = self._portal.collection(name)
        if not _PERIOD.fullmatch(period):
            raise NoSuchAddress(path=request.url.path)
        depth = period.count("-")
        span = Span.parse(period if depth else f"{period}-01/{period}-12")
        query = Query(collections=(name,), span=span, limit=_MOST)
        base = str(request.base_url).rstrip("/")
        here = f"{base}/stac/browse/{name}"
        title = mark_text(collection.title) if collection.simulated else collection.title
        up = f"{here}/{period[:-3]}" if depth else f"{base}/stac/collections/{name}"
        if depth == 2:
            found = [  # a period is listed once: on its first day
                each
                for each in self._portal.entries_on(query)
                if each.moment.date().isoformat() == period
            ]
            address = f"{base}/stac/collections/{name}/items"
            down = [link("item", f"{address}/{each.id}", GEOJSON) for each in found]
        else:
            by = Aggregation(by=Counted.TIME, step=_STEPS[depth])
            (buckets,) = self._portal.aggregate(query, [by])
            periods = [b.key[: 7 + 3 * depth] for b in buckets if b.key.startswith(period)]
            down = [link("child", f"{here}/{each}", JSON, title=each) for each in periods]
        catalogue = {
            "type": "Catalog",
            "stac_version": "1.1.0",
            "id": f"{name}-{period}",
            **_both("title", Text(nl=f"{title.nl}, {period}", en=f"{title.en}, {period}")),
            **_both("description", _SCENES.fill(name=name, period=period)),
            "links": [
                link("self", f"{here}/{period}", JSON),
                link("root", f"{base}/stac", JSON),
                link("parent", up, JSON),
                *down,
            ],
        }
        return told(request, catalogue)

    def aggregations(self, request: Request) -> Response:
        """Say which counts there are."""
        if "collection" in request.path_params:
            self._portal.collection(request.path_params["collection"])
        body = {"aggregations": list_shape(), "links": self._links(request)}
        return told(request, body)

    def aggregate(self, request: Request) -> Response:
        """Count scenes, with the parameters of the address."""
        return self._counted(request, address_of(request), posted=False)

    async def aggregate_post(self, request: Request) -> Response:
        """Count scenes, with a JSON body."""
        asked = await read_body(request)
        return await run_in_threadpool(self._counted, request, asked, posted=True)

    def _counted(self, request: Request, asked: Mapping[str, Any], *, posted: bool) -> Response:
        if "collection" in request.path_params:
            collection = self._portal.collection(request.path_params["collection"]).id
            asked = {**asked, "collections": [collection]}
        check_names(asked, COUNTS, form=None if posted else asked.get("f"))
        wanted = wanted_of(asked)
        found = self._portal.aggregate(query_of(asked, posted=posted), wanted)
        body = {
            "type": "AggregationCollection",
            "aggregations": counts_shape(wanted, found),
            "links": self._links(request),
        }
        return told(request, body)

    def _links(self, request: Request) -> list[dict[str, Any]]:
        base = str(request.base_url).rstrip("/")
        return [link("self", str(request.url), JSON), link("root", f"{base}/stac", JSON)]

    def _queryables(self, request: Request, collection: str | None) -> Response:
        known = self._portal.facets(collection)
        base = str(request.base_url).rstrip("/")
        here = f"{base}/stac/collections/{collection}" if collection else f"{base}/stac"
        schema = queryables(f"{here}/queryables", known, collection or "Landzicht")
        return told(request, schema, SCHEMA)


def _both(name: str, text: Text) -> dict[str, Any]:
    """Return a field in English, as STAC wants one language, and beside it in both."""
    return {name: text.en, f"landzicht:{name}": {"nl": text.nl, "en": text.en}}


_SCENES = Text(nl="Opnamen van {name} in {period}.", en="Scenes of {name} in {period}.")
