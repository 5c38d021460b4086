"""The extensions of a search: filter, sortby, fields, query and free text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors.catalogue import BadQuery
from landzicht.portal.catalogue.place import NAMES
from landzicht.stac.cql2 import check, parse_json, parse_text
from landzicht.stac.cql2.build import free_text, from_query, join
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.kinds.filter import Expression

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
MOST_FIELDS = 100
"""Most fields to name."""
_PREFIX = "properties."
_LANGUAGES = ("cql2-text", "cql2-json")


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields of items are wanted, as paths with dots; `properties.eo:cloud_cover`."""

    include: tuple[str, ...] = ()
    """Only these, besides those that make an item; empty = all."""
    exclude: tuple[str, ...] = ()
    """Not these."""
    by_default: bool = False
    """Whether `include` was named but left empty: then those that an item needs."""


def condition_of(asked: Mapping[str, Any], *, posted: bool) -> Expression | None:
    """Return what `filter`, `query` and `q` ask together.

    Args:
        asked: parameters of the address, or members of the body.
        posted: whether they stand in a body; then CQL2 JSON is expected.

    Raises:
        BadFilter: the filter cannot be read or is no condition.
        BadQuery: another value makes no sense.
    """
    parts = [_filter(asked, posted=posted), _query(asked.get("query")), _words(asked.get("q"))]
    found = join("and", parts)
    return None if found is None else check(found)


def fields_of(value: object) -> Fields | None:
    """Read `fields`: `id,-geometry`, or `{"include": […], "exclude": […]}`.

    Raises:
        BadQuery: it is neither.
    """
    if value is None or value == "":
        return None
    include: list[Any] = []
    exclude: list[Any] = []
    if isinstance(value, str):
        for name in (part.strip() for part in value.split(",")):
            (exclude if name.startswith("-") else include).append(name.lstrip("+- "))
    elif isinstance(value, dict):
        include, exclude = value.get("include") or [], value.get("exclude") or []
    else:
        raise BadQuery(name="fields", reason=_FIELDS)
    lists = isinstance(include, list) and isinstance(exclude, list)
    if not lists or not all(isinstance(name, str) for name in (*include, *exclude)):
        raise BadQuery(name="fields", reason=_FIELDS)
    if len(include) + len(exclude) > MOST_FIELDS:
        raise BadQuery(name="fields", reason=_FIELDS)
    named = isinstance(value, dict) and "include" in value and not include and bool(exclude)
    return Fields(tuple(filter(None, include)), tuple(filter(None, exclude)), named)


def measured_by(fields: Fields | None) -> frozenset[str]:
    """Return which values for the place asked for are named in `fields`."""
    told = fields.include if fields else ()
    return NAMES & {name.removeprefix(_PREFIX) for name in told}


def _filter(asked: Mapping[str, Any], *, posted: bool) -> Expression | None:
    told = asked.get("filter")
    if told is None or told == "":
        return None
    crs = asked.get("filter-crs")
    if crs not in (None, "", CRS84):
        raise BadQuery(name="filter-crs", reason=_CRS)
    language = asked.get("filter-lang") or _LANGUAGES[posted and not isinstance(told, str)]
    if language not in _LANGUAGES:
        raise BadQuery(name="filter-lang", reason=_LANGUAGE)
    if language == "cql2-text":
        if not isinstance(told, str):
            raise BadQuery(name="filter", reason=_LANGUAGE)
        return parse_text(told)
    if isinstance(told, str):
        try:
            told = orjson.loads(told)
        except orjson.JSONDecodeError as error:
            raise BadQuery(name="filter", reason=_NOT_JSON) from error
    return parse_json(told)


def _query(value: object) -> Expression | None:
    if value is None or value in ("", {}):
        return None
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            raise BadQuery(name="query", reason=_NOT_JSON) from error
    if not isinstance(value, dict):
        raise BadQuery(name="query", reason=_NOT_JSON)
    return from_query(value)


def _words(value: object) -> Expression | None:
    if value is None or value in ("", []):
        return None
    told = value.split(",") if isinstance(value, str) else value
    if not isinstance(told, list) or not all(isinstance(word, str) for word in told):
        raise BadQuery(name="q", reason=_TEXT)
    return free_text(told)


_FIELDS = Text(nl="geef namen als id,-geometry", en="give names such as id,-geometry")
_CRS = Text(nl="alleen CRS84 is mogelijk", en="only CRS84 is possible")
_LANGUAGE = Text(nl="kies cql2-text of cql2-json", en="choose cql2-text or cql2-json")
_NOT_JSON = Text(nl="dit is geen JSON-object", en="this is not a JSON object")
_TEXT = Text(nl="dit is geen tekst", en="this is not text")
