"""From the parameters of a request to a `Query`, by the rules of the STAC API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors.catalogue import BadBox, BadDatetime, BadQuery
from landzicht.grid.boxes import box_from_numbers, parse_bbox
from landzicht.kinds import Query, Span
from landzicht.stac.cql2.build import read_sort
from landzicht.text import Text
from landzicht.web.bodies import read_object
from landzicht.web.stac.extend import condition_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from landzicht.grid import Bounds

MOST_BYTES = 4_000_000
"""Longest body of a search."""
MOST_NAMES = 10_000
"""Most collections or ids in one search."""
DEFAULT_LIMIT = 10
_LARGEST = 10_000
_LISTS = {"collections", "ids", "bbox", "sortby", "fields", "q", "aggregations"}
_INSTANT = r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})"
_PERIOD = re.compile(rf"{_INSTANT}|({_INSTANT}|\.\.)?/({_INSTANT}|\.\.)?", re.ASCII)


def query_of(asked: Mapping[str, Any], *, posted: bool = False) -> Query:
    """Read a search, from a query string (all texts) or from a JSON body.

    A limit above 10,000 is lowered to it, as the standard wants.

    Args:
        asked: parameters of the address, or members of the body.
        posted: whether they stand in a body; then CQL2 JSON is expected.

    Raises:
        BadQuery: a value that makes no sense.
        BadFilter: the filter cannot be read or is no condition.
        BadBox: the bbox makes no sense.
        BadDatetime: the datetime makes no sense.
    """
    if posted and isinstance(asked.get("bbox"), str):
        raise BadBox(reason=_NOT_NUMBERS)
    bounds, geometry = bbox_of(asked.get("bbox")), _geometry(asked.get("intersects"))
    if bounds is not None and geometry is not None:
        raise BadQuery(name="intersects", reason=_EITHER)
    return Query(
        collections=_names(asked, "collections"),
        ids=_names(asked, "ids"),
        bounds=bounds,
        intersects=geometry,
        span=span_of(asked.get("datetime")),
        filter=condition_of(asked, posted=posted),
        sort=read_sort(asked.get("sortby")),
        limit=limit_of(asked.get("limit")),
        token=_token(asked.get("token")),
    )


def address_of(request: Request) -> dict[str, str]:
    """Return the parameters of the address; a list told in pieces (`ids=a&ids=b`) as one."""
    told: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        told[name] = f"{told[name]},{value}" if name in _LISTS and name in told else value
    return told


async def read_body(request: Request) -> dict[str, Any]:
    """Read the JSON object in the body of a request.

    Raises:
        RequestTooLarge: it is longer than we read; the rest is not waited for.
        UnreadableRequest: it is not a JSON object.
    """
    return await read_object(request, MOST_BYTES)


def known_etags(request: Request) -> frozenset[str]:
    """Return the tags in `If-None-Match`; `*` stands for every one."""
    told = request.headers.get("if-none-match", "")
    return frozenset(tag.strip().removeprefix("W/") for tag in told.split(",") if tag.strip())


def _names(asked: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    value = asked.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadQuery(name=name, reason=_NOT_NAMES)
    if len(value) > MOST_NAMES:
        raise BadQuery(name=name, reason=_MANY.fill(most=MOST_NAMES))
    return tuple(value) or None


def bbox_of(value: object) -> Bounds | None:
    """Read `bbox`; raises `BadBox`."""
    if value is None:
        return None
    if isinstance(value, str):
        return parse_bbox(value)
    if isinstance(value, list) and all(_is_number(each) for each in value):
        return box_from_numbers([float(each) for each in value])
    raise BadBox(reason=_NOT_NUMBERS)


def _geometry(value: object) -> Mapping[str, Any] | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            raise BadQuery(name="intersects", reason=_NOT_JSON) from error
    if not isinstance(value, dict):
        raise BadQuery(name="intersects", reason=_NOT_JSON)
    return value


def span_of(value: object) -> Span | None:
    """Read `datetime` as STAC wants it: RFC 3339 with a zone; raises `BadDatetime`."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _PERIOD.fullmatch(value):
        raise BadDatetime(value=str(value)[:80])
    return Span.parse(value)


def limit_of(value: object) -> int:
    """Read `limit`; raises `BadQuery`."""
    if value is None or value == "":
        return DEFAULT_LIMIT
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value.lstrip("0")[: len(str(_LARGEST)) + 1] or "0")  # or a larger one
    elif isinstance(value, float) and value.is_integer():  # so orjson gives what 64 bits cannot
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadQuery(name="limit", reason=_NOT_COUNT)
    return min(value, _LARGEST)


def _token(value: object) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadQuery(name="token", reason=_NOT_TEXT)
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_EITHER = Text(nl="geef bbox of intersects, niet beide", en="give bbox or intersects, not both")
_NOT_JSON = Text(nl="dit is geen JSON-object", en="this is not a JSON object")
_NOT_NAMES = Text(nl="geef een lijst van namen", en="give a list of names")
_NOT_NUMBERS = Text(nl="dit zijn geen getallen", en="these are not numbers")
_NOT_COUNT = Text(nl="geef een geheel getal van 1 of meer", en="give a whole number of 1 or more")
_NOT_TEXT = Text(nl="dit is geen tekst", en="this is not text")
_MANY = Text(nl="geef er hooguit {most}", en="give at most {most}")
