"""STAC collections that somebody else wrote, as collections of ours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors import LandzichtError
from landzicht.errors.records import BadItem
from landzicht.grid import Bounds
from landzicht.kinds import Collection, Span
from landzicht.stac.collection import write_collection
from landzicht.stac.mark import mark_text
from landzicht.stac.names import check_collection_id
from landzicht.stac.render import read_text
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Reason = tuple[str, Text]
DEEPEST = 40
"""Levels of lists and objects."""
_OURS = frozenset(
    {"type", "stac_version", "stac_extensions", "id", "title", "description", "keywords",
     "license", "providers", "extent", "summaries", "item_assets", "renders", "links"}
)  # fmt: skip
_OF_OTHERS = frozenset({"landzicht:revisit_days"})
"""Of the names of ours those that anybody may give."""
_LINKS = frozenset(
    {"self", "root", "parent", "items", "child", "item", "data", "aggregate", "aggregations",
     "http://www.opengis.net/def/rel/ogc/1.0/queryables"}
)  # fmt: skip
"""Links that every answer gets anew."""
_TEXT = Text(nl="moet een tekst zijn", en="must be a text")
_OBJECT = Text(nl="moet een object zijn", en="must be an object")
_LIST = Text(nl="moet een lijst zijn", en="must be a list")
_TYPE = Text(nl="moet “Collection” zijn", en="must be “Collection”")
_NAME = Text(
    nl="alleen letters, cijfers, “.”, “_” en “-”, en niet te lang",
    en="only letters, digits, “.”, “_” and “-”, and not too long",
)
_EXTENT = Text(
    nl="moet spatial.bbox en temporal.interval hebben",
    en="must have spatial.bbox and temporal.interval",
)
_PROVIDER = Text(nl="moet objecten met een name bevatten", en="must hold objects with a name")
_FINITE = Text(
    nl="bevat een getal dat niet eindig is, of is te diep genest",
    en="has a number that is not finite, or is nested too deeply",
)


def read_foreign_collection(told: object, known: Collection | None = None) -> Collection:
    """Return a collection in the form that a catalogue takes.

    What STAC does not know (layers, mask) stays as it is in `known`; the other way round everything
    that we do not know is kept in `Collection.extra`.

    Args:
        told: decoded JSON.
        known: the collection that it replaces.

    Raises:
        BadItem: with every reason at once.
    """
    reasons = list(_reasons(told))
    if reasons:
        name = told.get("id") if isinstance(told, dict) else None
        said = {
            language: "; ".join(f"{field} {text.say(language)}" for field, text in reasons)
            for language in ("nl", "en")
        }
        raise BadItem(
            record=str(name)[:80], reasons=reasons, told=Text(nl=said["nl"], en=said["en"])
        )
    assert isinstance(told, dict)
    return Collection(
        id=told["id"],
        title=_both(told, "title", told.get("title") or told["id"], known),
        description=_both(told, "description", told["description"], known),
        license=told["license"],
        providers=tuple(
            (each["name"], tuple(each.get("roles") or ())) for each in told.get("providers") or ()
        ),
        keywords=tuple(told.get("keywords") or ()),
        bands=known.bands if known else (),
        layers=known.layers if known else (),
        mask=known.mask if known else None,
        resolution_m=_resolution(told, known),
        simulated=known.simulated if known else told.get("landzicht:simulated") is True,
        sources=known.sources if known else (),
        extra=_extra(told, known),
    )


def _extra(told: Mapping[str, Any], known: Collection | None) -> dict[str, Any]:
    """Return what others say for which we have no word, without what `known` says by itself."""
    extra = {
        name: value
        for name, value in told.items()
        if name in _OF_OTHERS or not (name in _OURS or name.startswith("landzicht:"))
    }
    shown = orjson.loads(write_collection(known)) if known else {}
    before = known.extra if known else {}
    if told["extent"] != shown.get("extent"):
        extra["extent"] = told["extent"]
    elif "extent" in before:
        extra["extent"] = before["extent"]
    for name in ("summaries", "item_assets", "renders"):
        mine = {each for each in shown.get(name, ()) if each not in before.get(name, ())}
        rest = {each: value for each, value in told.get(name, {}).items() if each not in mine}
        if rest:
            extra[name] = rest
    return extra | {name: value for name, value in _lists(told, shown, before) if value}


def _lists(
    told: Mapping[str, Any], shown: Mapping[str, Any], before: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield what others say in the lists of a collection: links, schemas, facts of providers."""
    yield "links", [link for link in told.get("links") or [] if link["rel"] not in _LINKS]
    mine = set(shown.get("stac_extensions", ())) - set(before.get("stac_extensions", ()))
    schemas = told.get("stac_extensions") or []
    yield "stac_extensions", [each for each in schemas if each not in mine]
    facts = {
        each["name"]: {name: value for name, value in each.items() if name not in {"name", "roles"}}
        for each in told.get("providers") or ()
    }
    yield "providers", {name: each for name, each in facts.items() if each}


def _resolution(told: Mapping[str, Any], known: Collection | None) -> float | None:
    """Return the pixel size: ours, or the single one that the writer gives instead of it."""
    if known is None or known.resolution_m is None:
        return None
    given = told.get("summaries", {}).get("gsd")
    is_one = isinstance(given, list) and len(given) == 1 and isinstance(given[0], int | float)
    return float(given[0]) if is_one and given[0] > 0 else known.resolution_m


def _both(told: Mapping[str, Any], name: str, plain: str, known: Collection | None) -> Text:
    """Return a text in both languages where the writer gave both, else one for both.

    The marked text of simulated data that came back unchanged is the author's own.
    """
    try:
        found = read_text(told[f"landzicht:{name}"])
    except (KeyError, TypeError):
        found = None
    text = found if found is not None and found.en == plain else Text(nl=plain, en=plain)
    if known is not None and known.simulated:
        own: Text = getattr(known, name)
        marked = mark_text(own)
        return own if text in {marked, Text(nl=marked.en, en=marked.en)} else text
    return text


def _reasons(told: object) -> Iterator[Reason]:
    if not isinstance(told, dict):
        yield ("(collection)", _OBJECT)
        return
    if not _is_keepable(told):
        yield ("(collection)", _FINITE)
        return
    yield from _name(told.get("id"))
    yield from ((field, reason) for field, holds, reason in _tests(told) if not holds)


def _tests(told: Mapping[str, Any]) -> Iterator[tuple[str, bool, Text]]:
    """Yield each field, whether it is right, and what to say when it is not."""
    yield ("type", told.get("type") == "Collection", _TYPE)
    for name in ("description", "license"):
        yield (name, isinstance(told.get(name), str) and told[name] != "", _TEXT)
    yield ("title", told.get("title") is None or isinstance(told["title"], str), _TEXT)
    yield ("keywords", _are_texts(told.get("keywords") or []), _LIST)
    yield ("stac_extensions", _are_texts(told.get("stac_extensions") or []), _LIST)
    yield ("providers", _are_providers(told.get("providers") or []), _PROVIDER)
    for name in ("summaries", "assets", "item_assets", "renders"):
        yield (name, isinstance(told.get(name, {}), dict), _OBJECT)
    yield ("extent", _is_extent(told.get("extent")), _EXTENT)
    links = told.get("links") or []
    yield ("links", isinstance(links, list) and all(map(_is_link, links)), _LIST)


def _name(value: object) -> Iterator[Reason]:
    if not isinstance(value, str):
        yield ("id", _TEXT)
        return
    try:
        check_collection_id(value)
    except LandzichtError:
        yield ("id", _NAME)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _are_providers(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict)
        and isinstance(each.get("name"), str)
        and isinstance(each.get("roles") or [], list)
        and all(isinstance(role, str) for role in each.get("roles") or [])
        for each in value
    )


def _is_link(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(field), str) for field in ("rel", "href")
    )


def _is_keepable(told: object) -> bool:
    pending: list[tuple[object, int]] = [(told, 0)]
    while pending:
        value, depth = pending.pop()
        if depth > DEEPEST or (isinstance(value, float) and not math.isfinite(value)):
            return False
        if isinstance(value, dict):
            pending += [(each, depth + 1) for each in value.values()]
        elif isinstance(value, list):
            pending += [(each, depth + 1) for each in value]
    return True


def _is_extent(value: Any) -> bool:  # noqa: ANN401 - JSON
    try:
        read_extent(value)
    except (KeyError, TypeError, ValueError, IndexError, LandzichtError):
        return False
    return True


def read_extent(extent: Mapping[str, Any]) -> tuple[Bounds, Span]:
    """Return the box and period around all of a collection, as its `extent` tells them.

    Raises:
        LookupError, TypeError, ValueError, LandzichtError: it does not tell them; in a collection
            that was read it always does.
    """
    box = [float(edge) for edge in extent["spatial"]["bbox"][0]]
    half = len(box) // 2
    west, south, east, north = (*box[:2], *box[half : half + 2])
    if len(box) not in {4, 6} or not -90 <= south <= north <= 90:
        raise ValueError
    if not (-180 <= west <= 180 and -180 <= east <= 180):
        raise ValueError
    first, last = extent["temporal"]["interval"][0]
    is_open = first is None and last is None
    span = Span(None, None) if is_open else Span.parse(f"{first or '..'}/{last or '..'}")
    return Bounds(west, south, east, north), span
