"""Moving a catalogue to another store, without loss and as often interrupted as you like.

Both stores give their scenes by id, so the two are walked side by side: what the target has
already, byte for byte, is passed over; that is how an interrupted move goes on. Afterwards both
are read again and compared by number and checksum.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import orjson

from landzicht.errors.records import MoveDiffers
from landzicht.grid import Bounds
from landzicht.kinds import Item
from landzicht.stac import write_collection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from landzicht.kinds import Collection, Stored
    from landzicht.ports import Catalog

    Tell = Callable[[str, int, int], None]

BATCH = 500
"""Scenes in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What became of one collection."""

    collection: str
    """Its id."""
    copied: int
    """Scenes that were written."""
    kept: int
    """Scenes that the target had already, equal in every byte."""
    extra: int
    """Scenes that only the target has; they were left alone."""
    checksum: str
    """SHA-256 over ids, sources and bodies of all scenes of the source, in order of id."""


def move(source: Catalog, target: Catalog, tell: Tell | None = None) -> tuple[Moved, ...]:
    """Copy all collections and scenes to `target`, and prove that they arrived.

    The source is only read. Doing it again copies what has changed since.

    Args:
        source: where everything is.
        target: where everything must come.
        tell: is called with the collection, scenes done, scenes in all.

    Raises:
        MoveDiffers: the two are not equal after copying: somebody else writes in one of them.
        LandzichtError: a store failed; nothing half is left, and doing it again goes on.
    """
    report = []
    for collection in source.collections():
        _put_collection(target, collection)
        copied = _copy(source, target, collection, tell)
        report.append(_verify(source, target, collection, copied))
    return tuple(report)


def restore(collection: str, stored: Stored) -> Item:
    """Return a stored scene in the form that a catalogue takes, with the very same bytes."""
    item = orjson.loads(stored.body)
    box = item["bbox"]
    return Item(
        id=stored.id,
        collection=collection,
        moment=stored.moment,
        end=stored.end,
        bounds=Bounds(*(box if len(box) == 4 else (*box[:2], *box[3:5]))),
        footprint=item["geometry"],
        source=stored.source,
        properties=item["properties"],
        body=stored.body,
    )


def scenes_by_id(catalog: Catalog, collection: str, size: int = BATCH) -> Iterator[Stored]:
    """Yield all scenes of a collection, by id, in a bounded memory."""
    after = ""
    while page := catalog.stored(collection, after, size):
        yield from page
        after = page[-1].id


def _put_collection(target: Catalog, collection: Collection) -> None:
    known = {each.id for each in target.collections()}
    if collection.id not in known or not _same_words(target, collection):
        target.put([collection], [])


def _same_words(target: Catalog, collection: Collection) -> bool:
    """Return whether the target describes the collection alike; scenes do not count."""
    one, other = collection, target.collection(collection.id)
    return write_collection(_bare(one)) == write_collection(_bare(other))


def _bare(collection: Collection) -> Collection:
    return replace(collection, bounds=None, span=None, count=0)


def _copy(
    source: Catalog, target: Catalog, collection: Collection, tell: Tell | None
) -> tuple[int, int, int]:
    """Copy what differs; return how many were copied, kept and extra."""
    theirs = scenes_by_id(target, collection.id)
    other = next(theirs, None)
    batch: list[Item] = []
    copied = kept = extra = done = 0
    for mine in scenes_by_id(source, collection.id):
        while other is not None and other.id < mine.id:
            other, extra = next(theirs, None), extra + 1
        if other is not None and other.id == mine.id:
            if other == mine:
                kept += 1
            else:
                batch.append(restore(collection.id, mine))
            other = next(theirs, None)
        else:
            batch.append(restore(collection.id, mine))
        if len(batch) == BATCH:
            copied += _put(target, batch)
        done += 1
        if tell is not None and done % BATCH == 0:
            tell(collection.id, done, max(done, collection.count))
    copied += _put(target, batch)
    extra += (other is not None) + sum(1 for _ in theirs)
    if tell is not None:
        tell(collection.id, done, done)
    return copied, kept, extra


def _put(target: Catalog, batch: list[Item]) -> int:
    number = len(batch)
    if batch:
        target.put([], batch)
        batch.clear()
    return number


def _verify(
    source: Catalog, target: Catalog, collection: Collection, copied: tuple[int, int, int]
) -> Moved:
    """Read both again and compare them; scenes that only the target has do not count."""
    theirs = scenes_by_id(target, collection.id)
    checksum, number = hashlib.sha256(), 0
    for mine in scenes_by_id(source, collection.id):
        other = next((each for each in theirs if each.id >= mine.id), None)
        if other != mine:
            raise MoveDiffers(collection=collection.id, scene=mine.id)
        number += 1
        for part in (mine.id.encode(), mine.source.encode(), mine.body):
            checksum.update(len(part).to_bytes(8, "big") + part)
    if number != copied[0] + copied[1]:
        raise MoveDiffers(collection=collection.id, scene=f"{number} ≠ {copied[0] + copied[1]}")
    return Moved(
        collection=collection.id,
        copied=copied[0],
        kept=copied[1],
        extra=copied[2],
        checksum=checksum.hexdigest(),
    )
