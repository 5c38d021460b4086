"""What is wrong with a STAC item from elsewhere: all of it, field by field."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors import LandzichtError
from landzicht.errors.records import BadItem
from landzicht.stac.names import check_collection_id, check_key, check_scene_id
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Reason = tuple[str, Text]
"""The field, and what is wrong with it."""
MOST_REASONS = 50
"""More are not told; by then somebody looks at the file anyhow."""
DEEPEST = 250
"""Levels of lists and objects in an item."""
_AREAS = {"Polygon": 1, "MultiPolygon": 2}
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_MISSING = Text(nl="ontbreekt", en="is missing")
_NAME = Text(
    nl="alleen letters, cijfers, “.”, “_” en “-”, en niet te lang",
    en="only letters, digits, “.”, “_” and “-”, and not too long",
)
_TEXT = Text(nl="moet een tekst zijn", en="must be a text")
_OBJECT = Text(nl="moet een object zijn", en="must be an object")
_NO_ITEM = Text(
    nl="moet een JSON-object zijn (NaN, Infinity en reusachtige getallen zijn geen JSON)",
    en="must be a JSON object (NaN, Infinity and gigantic numbers are no JSON)",
)
_LIST = Text(nl="moet een lijst van teksten zijn", en="must be a list of texts")
_MOMENT = Text(
    nl="moet een moment zijn zoals 2025-06-08T10:40:00Z",
    en="must be a moment such as 2025-06-08T10:40:00Z",
)
_PERIOD = Text(
    nl="mag alleen null zijn met start_datetime en end_datetime erbij",
    en="may only be null together with start_datetime and end_datetime",
)
_ORDER = Text(nl="ligt voor start_datetime", en="lies before start_datetime")
_AREA = Text(
    nl="moet een Polygon of MultiPolygon in graden zijn",
    en="must be a Polygon or MultiPolygon in degrees",
)
_BOX = Text(
    nl="moet west, zuid, oost, noord in graden zijn",
    en="must be west, south, east, north in degrees",
)
_FINITE = Text(nl="bevat een getal dat niet eindig is", en="has a number that is not finite")
_NOT_JSON = Text(nl="bevat iets dat geen JSON is", en="has something that is no JSON")
_DEEP = Text(nl="is te diep genest", en="is nested too deeply")
_PERCENT = Text(nl="moet een getal van 0 tot 100 zijn", en="must be a number from 0 to 100")
_FEATURE = Text(nl="moet “Feature” zijn", en="must be “Feature”")
_OTHER = Text(nl="moet “{wanted}” zijn", en="must be “{wanted}”")


def check_item(
    item: object, collection: str | None = None, text: bytes | None = None
) -> dict[str, Any]:
    """Return the item when it can be kept.

    Args:
        item: decoded JSON.
        collection: where it must belong, or None for what the item says.
        text: what it was decoded from, where that is known: it is checked sooner then.

    Raises:
        BadItem: with every reason; fact `reasons` is a list of field and `Text`.
    """
    if not isinstance(item, dict):
        raise _bad("item", [("", _NO_ITEM)])
    name = item.get("id")
    record = str(name)[:80] if isinstance(name, str) else "?"
    place = None if text is not None and _is_shallow(text) else _unkeepable(item)
    if place is not None:  # looking further would go as deep
        raise _bad(record, [place])
    found = [*_head(item, collection), *_place(item), *_times(item), *_assets(item)]
    if found:
        raise _bad(record, found)
    return item


def _bad(record: str, reasons: list[Reason]) -> BadItem:
    told = reasons[:MOST_REASONS]
    lines = {
        language: "; ".join(f"{field or '(item)'} {text.say(language)}" for field, text in told)
        for language in ("nl", "en")
    }
    return BadItem(record=record, reasons=told, told=Text(nl=lines["nl"], en=lines["en"]))


def _is_shallow(text: bytes) -> bool:
    """Whether JSON has too few brackets to be nested too deeply; numbers in it are finite."""
    return text.count(b"[") + text.count(b"{") <= DEEPEST


def _unkeepable(item: dict[str, Any]) -> Reason | None:
    """Return the first value that JSON cannot hold or that is nested too deeply.

    Writing it is much quicker than looking at each value, so only a suspicion is looked into.
    """
    try:
        text = orjson.dumps(item)
    except (TypeError, RecursionError):
        return _first_odd(item) or ("", _NOT_JSON)
    return _first_odd(item) if b"null" in text else None  # so NaN is written


def _first_odd(item: dict[str, Any]) -> Reason | None:
    pending: list[tuple[str, Any, int]] = [("", item, 0)]
    while pending:
        name, value, depth = pending.pop()
        if depth > DEEPEST:
            return (name, _DEEP)
        if isinstance(value, float) and not math.isfinite(value):
            return (name, _FINITE)
        if isinstance(value, dict):
            pending += [(name or str(key), each, depth + 1) for key, each in value.items()]
        elif isinstance(value, list):
            pending += [(name, each, depth + 1) for each in value]
    return None


def _head(item: dict[str, Any], collection: str | None) -> Iterable[Reason]:
    if item.get("type") != "Feature":
        yield ("type", _FEATURE)
    yield from _named(item, "id", check_scene_id)
    if collection is None:
        yield from _named(item, "collection", check_collection_id)
    elif item.get("collection", collection) != collection:
        yield ("collection", _OTHER.fill(wanted=collection))
    if "stac_version" in item and not isinstance(item["stac_version"], str):
        yield ("stac_version", _TEXT)
    if not _are_texts(item.get("stac_extensions") or []):
        yield ("stac_extensions", _LIST)
    yield from _links(item.get("links") or [])


def _links(links: object) -> Iterable[Reason]:
    if not isinstance(links, list):
        yield ("links", _OBJECT)
        return
    for n, link in enumerate(links):
        if not isinstance(link, dict):
            yield (f"links[{n}]", _OBJECT)
            continue
        for field in ("rel", "href"):
            if not isinstance(link.get(field), str):
                yield (f"links[{n}].{field}", _TEXT)


def _named(item: dict[str, Any], field: str, check: Callable[[str], str]) -> Iterable[Reason]:
    value = item.get(field)
    if value is None:
        yield (field, _MISSING)
        return
    if not isinstance(value, str):
        yield (field, _TEXT)
        return
    try:
        check(value)
    except LandzichtError:
        yield (field, _NAME)


def _place(item: dict[str, Any]) -> Iterable[Reason]:
    geometry = item.get("geometry")
    if geometry is None:
        yield ("geometry", _MISSING)
    elif not _is_area(geometry):
        yield ("geometry", _AREA)
    box = item.get("bbox")
    if box is not None and not _is_box(box):
        yield ("bbox", _BOX)


def _is_area(geometry: object) -> bool:
    if not isinstance(geometry, dict) or geometry.get("type") not in [*_AREAS]:
        return False
    rings = geometry.get("coordinates")
    if geometry["type"] == "MultiPolygon":
        if not (isinstance(rings, list) and rings and all(isinstance(p, list) for p in rings)):
            return False
        if not all(rings):
            return False
        rings = [ring for part in rings for ring in part]
    if not isinstance(rings, list) or not rings:
        return False
    return all(_is_ring(ring) for ring in rings)


def _is_ring(ring: object) -> bool:
    if not isinstance(ring, list) or len(ring) < 4 or ring[0] != ring[-1]:
        return False
    for point in ring:  # plain loops: this is done for each corner of each item
        if not isinstance(point, list) or len(point) not in {2, 3}:
            return False
        for value in point:
            if not _is_number(value):
                return False
        if abs(point[0]) > 360 or abs(point[1]) > 90:
            return False
    return True


def _is_box(box: object) -> bool:
    if not isinstance(box, list) or len(box) not in {4, 6} or not all(map(_is_number, box)):
        return False
    half = len(box) // 2
    west, south, east, north = box[0], box[1], box[half], box[half + 1]
    on_earth = -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90
    return bool(on_earth)


def _is_number(value: object) -> bool:
    return isinstance(value, (float, int)) and not isinstance(value, bool)


def _are_texts(values: object) -> bool:
    if not isinstance(values, list):
        return False
    for value in values:  # noqa: SIM110 - a generator costs five times as much
        if not isinstance(value, str):
            return False
    return True


def _times(item: dict[str, Any]) -> Iterable[Reason]:
    properties = item.get("properties")
    if not isinstance(properties, dict):
        yield ("properties", _MISSING if properties is None else _OBJECT)
        return
    names = ("start_datetime", "end_datetime")
    for name in ("datetime", "created", "updated", *names):
        if properties.get(name) is not None and read_moment(properties[name]) is None:
            yield (f"properties.{name}", _MOMENT)
    start, end = (read_moment(properties.get(name)) for name in names)
    if properties.get("datetime") is None and (start is None or end is None):
        yield ("properties.datetime", _PERIOD)
    if start is not None and end is not None and end < start:
        yield ("properties.end_datetime", _ORDER)
    cloud = properties.get("eo:cloud_cover")
    # Some write it as text: then it is no number, and no cloud cover for us either.
    if isinstance(cloud, int | float) and not 0 <= cloud <= 100:
        yield ("properties.eo:cloud_cover", _PERCENT)
    for name in ("title", "description", "platform", "license"):
        if properties.get(name) is not None and not isinstance(properties[name], str):
            yield (f"properties.{name}", _TEXT)


def read_moment(value: object) -> datetime | None:
    """Return a moment as RFC 3339 writes it, in UTC, or None."""
    try:
        return _moment(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=4096)
def _moment(text: str) -> datetime:
    """Do so for a text, or raise `ValueError`; that of one item is asked for several times."""
    if not _INSTANT.fullmatch(text):
        raise ValueError
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def _assets(item: dict[str, Any]) -> Iterable[Reason]:
    assets = item.get("assets")
    if assets is None:
        yield ("assets", _MISSING)
        return
    if not isinstance(assets, dict):
        yield ("assets", _OBJECT)
        return
    for key, asset in assets.items():
        try:
            check_key(key)
        except LandzichtError:
            yield (_asset(key), _NAME)
        if not isinstance(asset, dict):
            yield (_asset(key), _OBJECT)
            continue
        href = asset.get("href")
        if not href or not isinstance(href, str):
            yield (f"{_asset(key)}.href", _TEXT)
        for field in ("type", "title", "description"):
            value = asset.get(field)
            if value is not None and not isinstance(value, str):
                yield (f"{_asset(key)}.{field}", _TEXT)
        if not _are_texts(asset.get("roles") or []):
            yield (f"{_asset(key)}.roles", _LIST)


def _asset(key: str) -> str:
    return f"assets.{key[:40]}"
