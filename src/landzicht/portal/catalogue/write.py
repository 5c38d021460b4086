"""Use case: change the catalogue from outside: items and collections as STAC JSON.

Who may do this at all is decided before (see `landzicht.web.stac.transact`). A collection that may
not be discovered is as if it did not exist here too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors.catalogue import UnknownCollection
from landzicht.errors.records import AlreadyThere, BadItem
from landzicht.ingest.company import Company
from landzicht.portal.access import visible
from landzicht.rules import Action
from landzicht.stac import (
    RESERVED,
    mark_of,
    read_foreign_collection,
    read_item,
    write_collection,
)
from landzicht.stac.foreign import other_links, read_foreign, with_links
from landzicht.stac.mark import as_meant
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landzicht.kinds import Item, Scene
    from landzicht.portal.services import Services

_SOURCE = "landzicht:source"
_MADE = Text(
    nl="hoort bij bestanden die het portaal zelf bewaart, en is zo niet te wijzigen",
    en="belongs to files that the portal keeps itself, and cannot be changed in this way",
)
_OTHER = Text(nl="moet “{wanted}” zijn", en="must be “{wanted}”")
_DEEP = Text(nl="is te diep genest", en="is nested too deeply")
DEEPEST = 40
"""Levels of objects in a patch."""
MOST_ITEMS = 10_000
"""Most items in one request."""


def create_items(
    services: Services, collection: str, told: Sequence[object], who: str = "public"
) -> list[str]:
    """Add items to a collection, all of them or none; return their ids.

    Raises:
        UnknownCollection: there is none with this id, or nobody may know.
        BadItem: an item is wrong; with every reason at once, of every item.
        AlreadyThere: one of the ids is taken.
        SimulatedAndReal: what is there is real and these are simulated, or the other way round.
        OtherWorld: what is there shows another made-up land.
    """
    known = visible(services, collection, Action.DISCOVER, who)
    items = _read_all(told, collection)
    company = Company(services.catalog, known)
    company.admit_all(items)
    names: dict[tuple[str, str | None], str | None] = {
        (collection, each.id): None for each in items
    }
    if len(names) < len(items):
        twice = next(a.id for n, a in enumerate(items) if any(a.id == b.id for b in items[:n]))
        raise AlreadyThere(record=f"{collection}/{twice}")
    services.catalog.put(company.changed(), items, expect=names)
    return [each.id for each in items]


def replace_item(
    services: Services,
    collection: str,
    id: str,
    told: Mapping[str, Any],
    expect: str | None = None,
    who: str = "public",
) -> None:
    """Replace an item; of a scene with files in the portal only plain properties can change.

    Args:
        services: adapters of the portal.
        collection: id of the collection.
        id: id of the item.
        told: the new item.
        expect: `mark_of` the stored body that it must replace; None = whatever is there.
        who: whom we serve.

    Raises:
        UnknownCollection: there is none with this id, or nobody may know.
        UnknownScene: the collection has no such item.
        BadItem: the new one is wrong; with every reason at once.
        Changed: the item is another one by now.
        SimulatedAndReal: what is there is real and the new one simulated, or the other way round.
        OtherWorld: what is there shows another made-up land.
    """
    known = visible(services, collection, Action.DISCOVER, who)
    body = services.catalog.body(collection, id)
    if told.get("id", id) != id:
        raise _bad(id, [("id", _OTHER.fill(wanted=id))])
    new = _renewed(body, {**told, "id": id}, collection)
    Company(services.catalog, known).admit_all([new])
    services.catalog.put([], [new], expect={(collection, id): expect or mark_of(body)})


def delete_item(
    services: Services, collection: str, id: str, expect: str | None = None, who: str = "public"
) -> None:
    """Remove an item from the catalogue; its files stay.

    Raises:
        UnknownCollection: there is none with this id, or nobody may know.
        UnknownScene: the collection has no such item.
        Changed: the item is another one than `expect` says.
    """
    visible(services, collection, Action.DISCOVER, who)
    services.catalog.delete(collection, id, expect)


def create_collection(services: Services, told: object, who: str = "public") -> str:
    """Add a collection; return its id.

    Raises:
        BadItem: it is wrong; with every reason at once.
        AlreadyThere: the id is taken.
        UnknownCollection: a collection of this name may not be known.
    """
    new = read_foreign_collection(told)
    try:
        visible(services, new.id, Action.DISCOVER, who)
    except UnknownCollection:
        if any(each.id == new.id for each in services.catalog.collections()):
            raise
    services.catalog.put([new], [], expect={(new.id, None): None})
    return new.id


def replace_collection(
    services: Services,
    id: str,
    told: Mapping[str, Any],
    expect: str | None = None,
    who: str = "public",
) -> None:
    """Replace what is said of a collection; its items, layers and mask stay.

    Raises:
        UnknownCollection: there is none with this id, or nobody may know.
        BadItem: the new one is wrong; with every reason at once.
        Changed: the collection is another one than `expect` says.
    """
    known = visible(services, id, Action.DISCOVER, who)
    if told.get("id", id) != id:
        raise _bad(id, [("id", _OTHER.fill(wanted=id))])
    new = read_foreign_collection({**told, "id": id}, known)
    mark = expect or services.catalog.mark(id)
    services.catalog.put([new], [], expect={(id, None): mark})


def delete_collection(
    services: Services, id: str, expect: str | None = None, who: str = "public"
) -> None:
    """Remove a collection with all its items from the catalogue; files stay.

    Raises:
        UnknownCollection: there is none with this id, or nobody may know.
        Changed: the collection is another one than `expect` says.
    """
    visible(services, id, Action.DISCOVER, who)
    services.catalog.delete_collection(id, expect)


def merged(told: Any, patch: Any, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON
    """Return a JSON value after a merge patch (RFC 7396).

    Raises:
        BadItem: the patch is nested too deep.
    """
    if not isinstance(patch, dict):
        return patch
    if depth > DEEPEST:
        raise _bad("patch", [("(patch)", _DEEP)])
    found = dict(told) if isinstance(told, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merged(found.get(name), value, depth + 1)
    return found


def collection_mark(services: Services, id: str, who: str = "public") -> tuple[dict[str, Any], str]:
    """Return a collection as JSON, and the mark that it has now; raises `UnknownCollection`."""
    mark = services.catalog.mark(id)
    known = visible(services, id, Action.DISCOVER, who)
    return with_links(orjson.loads(write_collection(known))), mark


def _renewed(body: bytes, told: Mapping[str, Any], collection: str) -> Scene | Item:
    """Return what replaces a stored item."""
    known = orjson.loads(body)
    if _SOURCE not in known["properties"]:
        return read_foreign(dict(told), collection)
    item = read_foreign(dict(told), collection)  # tells all that is wrong
    scene = read_item(body)
    reasons = [
        (name, _MADE)
        for name, differs in (
            ("geometry", told.get("geometry") != known["geometry"]),
            ("properties.datetime", item.moment != scene.moment),
            ("links", bool(other_links(told))),
            ("assets", set(told.get("assets") or {}) != set(known["assets"])),
        )
        if differs
    ]
    if reasons:
        raise _bad(scene.id, reasons)
    plain = {name: value for name, value in item.properties.items() if not _is_made(name)}
    if scene.simulated:
        plain = as_meant(plain, scene.properties)
    made = {name: value for name, value in scene.properties.items() if _is_made(name)}
    return replace(scene, properties=plain | made)


def _is_made(name: str) -> bool:
    """Whether a property follows from files of ours, so that nobody changes it from outside."""
    return name in RESERVED or name.startswith(("landzicht:", "proj:"))


def _read_all(told: Sequence[object], collection: str) -> list[Item]:
    """Read items; what is wrong with any of them is told at once."""
    found, reasons, names = [], [], []
    for n, each in enumerate(told):
        try:
            found.append(read_foreign(each, collection))
        except BadItem as error:
            place = f"features[{n}]." if len(told) > 1 else ""
            listed: Any = error.facts["reasons"]
            reasons += [(f"{place}{field}", reason) for field, reason in listed]
            names.append(str(error.facts["record"]))
    if reasons:
        raise _bad(", ".join(names)[:80], reasons[:MOST_REASONS])
    return found


MOST_REASONS = 100
"""Most reasons that one answer tells."""


def _bad(record: str, reasons: list[tuple[str, Text]]) -> BadItem:
    said = {
        language: "; ".join(f"{field} {reason.say(language)}" for field, reason in reasons)
        for language in ("nl", "en")
    }
    return BadItem(record=record, reasons=reasons, told=Text(nl=said["nl"], en=said["en"]))
