"""STAC collections that somebody else wrote, as collections of ours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from landzicht.errors import LandzichtError
from landzicht.errors.records import BadItem
from landzicht.grid import Bounds
from landzicht.kinds import Collection, Span
from landzicht.stac.names import check_collection_id
from landzicht.stac.render import read_text
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from landzicht.kinds import Band

Reason = tuple[str, Text]
DEEPEST = 40
"""Levels of lists and objects."""
_OURS = frozenset(
    {"type", "stac_version", "stac_extensions", "id", "title", "description", "keywords",
     "license", "providers", "extent", "item_assets", "renders", "links"}
)  # fmt: skip
_LINKS = frozenset({"self", "root", "parent", "items", "child", "item", "data"})
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
    links = [link for link in told.get("links") or [] if link["rel"] not in _LINKS]
    extra = {
        name: value
        for name, value in told.items()
        if name not in _OURS and not name.startswith("landzicht:")
    }
    extra["extent"] = told["extent"]
    if links:
        extra["links"] = links
    if known is None or "item_assets" not in told:
        extra |= {name: told[name] for name in ("item_assets", "renders") if name in told}
    return Collection(
        id=told["id"],
        title=_both(told, "title", told.get("title") or told["id"]),
        description=_both(told, "description", told["description"]),
        license=told["license"],
        providers=tuple(
            (each["name"], tuple(each.get("roles") or ())) for each in told.get("providers") or ()
        ),
        keywords=tuple(told.get("keywords") or ()),
        bands=_bands(known),
        layers=known.layers if known else (),
        mask=known.mask if known else None,
        resolution_m=known.resolution_m if known else None,
        simulated=known.simulated if known else False,
        sources=known.sources if known else (),
        extra=extra,
    )


def _bands(known: Collection | None) -> tuple[Band, ...]:
    return known.bands if known else ()


def _both(told: Mapping[str, Any], name: str, plain: str) -> Text:
    """Return a text in both languages where the writer gave both, else one for both."""
    try:
        found = read_text(told[f"landzicht:{name}"])
    except (KeyError, TypeError):
        return Text(nl=plain, en=plain)
    return found if found.en == plain else Text(nl=plain, en=plain)


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
    keywords = told.get("keywords") or []
    are_texts = isinstance(keywords, list) and all(isinstance(word, str) for word in keywords)
    yield ("keywords", are_texts, _LIST)
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


def _is_extent(value: object) -> bool:
    try:
        told = {"extent": value}
        _bounds(told)
        _span(told)
    except (KeyError, TypeError, ValueError, IndexError, LandzichtError):
        return False
    return True


def _bounds(told: Mapping[str, Any]) -> Bounds:
    box = [float(edge) for edge in told["extent"]["spatial"]["bbox"][0]]
    half = len(box) // 2
    west, south, east, north = (*box[:2], *box[half : half + 2])
    if len(box) not in {4, 6} or not -90 <= south <= north <= 90:
        raise ValueError
    if not (-180 <= west <= 180 and -180 <= east <= 180):
        raise ValueError
    return Bounds(west, south, east, north)


def _span(told: Mapping[str, Any]) -> Span | None:
    first, last = told["extent"]["temporal"]["interval"][0]
    if first is None and last is None:
        return None
    return Span.parse(f"{first or '..'}/{last or '..'}")
