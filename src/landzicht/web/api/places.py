"""Handlers of usable dates for a place, and of how fresh collections are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from landzicht.errors.catalogue import BadQuery
from landzicht.grid.boxes import parse_bbox
from landzicht.kinds import Query as Asked
from landzicht.kinds import Span, format_instant
from landzicht.text import Text
from landzicht.web.bodies import read_object

if TYPE_CHECKING:
    from landzicht.portal import Portal
    from landzicht.portal.catalogue.freshness import Freshness

MOST_BYTES = 1_000_000
"""Longest body with a place."""
_ONE = "/api/v1/collections/{collection_id}/usable-dates"
_DAY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "date": {"type": "string", "format": "date"},
        "datetime": {"type": "string", "format": "date-time"},
        "scenes": {"type": "integer"},
        "ids": {"type": "array", "items": {"type": "string"}},
        "coverage": {"type": "number", "description": "Percent of the place in a footprint."},
        "cloud_cover": {
            "type": ["number", "null"],
            "description": "Percent of the place that the mask does not call usable.",
        },
        "usable": {"type": "boolean"},
    },
}
_LISTED: dict[str, Any] = {
    "description": "Dates, newest first.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["dates"],
                "properties": {"dates": {"type": "array", "items": _DAY}},
            }
        }
    },
}
_ANSWERS: dict[int | str, Any] = {
    200: _LISTED,
    400: {"description": "The place or a number is wrong; `detail` says why."},
    404: {"description": "There is no such collection."},
    413: {"description": "There are too many scenes to look at in one go."},
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["geometry"],
                    "properties": {
                        "geometry": {"type": "object", "description": "GeoJSON, WGS84."},
                        "datetime": {"type": "string"},
                        "coverage": {"type": "number", "minimum": 0, "maximum": 100},
                        "cloud": {"type": "number", "minimum": 0, "maximum": 100},
                    },
                }
            }
        },
    }
}
_FRESH: dict[int | str, Any] = {
    200: {
        "description": "Collections by id, with newest image, rhythm and gaps.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["collections"],
                    "properties": {"collections": {"type": "array", "items": {"type": "object"}}},
                }
            }
        },
    },
    400: {"description": "The box is wrong; `detail` says why."},
}
_BBOX = "`west,south,east,north` in degrees (WGS84): the place."
_HERE = (
    "Only images of this box, `west,south,east,north` in degrees (WGS84): where several orbits "
    "pass, one hides in the whole collection what another misses."
)
_DATETIME = "Only scenes of this day, month or period `A/B`."
_COVERAGE = "A day is usable when at least so many percent of the place lies in a footprint …"
_CLOUD = "… and at most so many percent of it is not usable by the mask."
_PERCENT = Text(nl="geef een getal van 0 tot 100", en="give a number from 0 to 100")
_PLACE = Text(nl="geef een GeoJSON-geometrie", en="give a GeoJSON geometry")


def router(portal: Portal) -> APIRouter:
    """Return these routes over `portal`."""
    routes = APIRouter(tags=["Landzicht"], default_response_class=Response)

    @routes.get(_ONE, summary="Which dates are usable in this box?", responses=_ANSWERS)
    def usable_in_box(
        collection_id: str,
        bbox: Annotated[str | None, Query(description=_BBOX)] = None,
        datetime: Annotated[str | None, Query(description=_DATETIME)] = None,
        coverage: Annotated[float, Query(description=_COVERAGE)] = 90.0,
        cloud: Annotated[float, Query(description=_CLOUD)] = 20.0,
    ) -> Response:
        """List days with coverage and cloud cover of this very place, in one call."""
        asked = Asked(collections=(collection_id,), bounds=parse_bbox(bbox), span=_span(datetime))
        return _usable(portal, asked, coverage, cloud)

    @routes.post(
        _ONE,
        summary="Which dates are usable in this area?",
        responses=_ANSWERS,
        openapi_extra=_BODY,
    )
    async def usable_in_area(collection_id: str, request: Request) -> Response:
        """List days with coverage and cloud cover of this very place, in one call."""
        told = await read_object(request, MOST_BYTES)
        if not isinstance(told.get("geometry"), dict):
            raise BadQuery(name="geometry", reason=_PLACE)
        asked = Asked(
            collections=(collection_id,),
            intersects=told["geometry"],
            span=_span(told.get("datetime")),
        )
        coverage, cloud = told.get("coverage", 90.0), told.get("cloud", 20.0)
        return await run_in_threadpool(_usable, portal, asked, coverage, cloud)

    @routes.get("/api/v1/freshness", summary="How up to date are the data?", responses=_FRESH)
    def fresh(
        bbox: Annotated[str | None, Query(description=_HERE)] = None,
    ) -> Response:
        """Tell of each collection its newest image, the rhythm of passes, and missing dates."""
        found = [freshness_shape(each) for each in portal.freshness(bounds=parse_bbox(bbox))]
        return _json({"collections": found})

    return routes


def freshness_shape(told: Freshness) -> dict[str, Any]:
    """Return how fresh a collection is, as JSON."""
    rhythm = told.rhythm
    return {
        "id": told.collection.id,
        "title": {"nl": told.collection.title.nl, "en": told.collection.title.en},
        "simulated": told.collection.simulated,
        "last": format_instant(told.last) if told.last else None,
        "lag_days": told.lag_days,
        "cycle_days": rhythm.cycle if rhythm else None,
        "passes_per_cycle": len(rhythm.offsets) if rhythm else None,
        "missing": [day.isoformat() for day in told.missing],
        "gaps": told.gaps,
        "late": told.late,
        "next": told.next.isoformat() if told.next else None,
    }


def _usable(portal: Portal, asked: Asked, coverage: object, cloud: object) -> Response:
    for name, value in (("coverage", coverage), ("cloud", cloud)):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (is_number and 0 <= value <= 100):  # type: ignore[operator]
            raise BadQuery(name=name, reason=_PERCENT)
    found = portal.usable_dates(asked, float(coverage), float(cloud))  # type: ignore[arg-type]
    return _json({"dates": found})


def _span(text: object) -> Span | None:
    if text is None or text == "":
        return None
    return Span.parse(str(text))


def _json(body: dict[str, Any]) -> Response:
    headers = {"cache-control": "no-cache", "api-version": "1.0.0"}
    return Response(orjson.dumps(body), 200, headers, "application/json")
