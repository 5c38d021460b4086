"""Earlier versions of scenes: out of the way of maps and searches, and still addressable.

A newer version takes the id of the one before, so that every link leads to the newest. The one
before moves to a collection beside, under an id with the begin of its content's hash.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from landzicht.errors.catalogue import UnknownCollection
from landzicht.errors.records import SameSource
from landzicht.text import Text

if TYPE_CHECKING:
    from landzicht.kinds import Collection, Scene
    from landzicht.ports import Catalog

EARLIER = "-earlier"
"""End of the id of a collection with earlier versions."""
_LONGEST = 100
_SUFFIX = 8


def earlier_id(collection: str) -> str:
    """Return the id of the collection that keeps the earlier versions of another one."""
    return f"{collection[: _LONGEST - len(EARLIER)]}{EARLIER}"


def earlier_collection(collection: Collection) -> Collection:
    """Return the collection that keeps the earlier versions of another one."""
    title = collection.title
    return replace(
        collection,
        id=earlier_id(collection.id),
        title=Text(nl=f"{title.nl} – eerdere versies", en=f"{title.en} – earlier versions"),
        description=_WHAT.fill(collection=collection.id),
        bounds=None,
        span=None,
        count=0,
        extra={},
    )


def keep_earlier(catalog: Catalog, scene: Scene, content: str) -> tuple[str, str]:
    """Put a copy of a scene with the earlier versions; doing it twice changes nothing.

    Args:
        catalog: where the scene is.
        scene: the one that a newer version is about to replace.
        content: hash of its source, hexadecimal.

    Returns:
        Collection and id of the copy.
    """
    collection = earlier_collection(catalog.collection(scene.collection))
    try:
        known = [catalog.collection(collection.id)]
    except UnknownCollection:
        known = []
    copy = replace(
        scene,
        collection=collection.id,
        id=f"{scene.id}-{(content or scene.source)[:_SUFFIX]}",
        properties={**scene.properties, "deprecated": True},
    )
    try:
        catalog.put([] if known else [collection], [copy])
    except SameSource as error:
        return collection.id, str(error.facts["known"])
    return collection.id, copy.id


_WHAT = Text(
    nl="Beelden van {collection} die door een nieuwere versie zijn vervangen. Gebruik ze alleen om "
    "oude uitkomsten na te rekenen.",
    en="Images of {collection} that a newer version replaced. Use them only to check results of "
    "the past.",
)
