"""Names of collections: the usual Zonderland has the short ones, any other land its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from landzicht.text import Text

if TYPE_CHECKING:
    from landzicht.kinds import Collection
    from landzicht.world.spec import WorldSpec

_NAME = "Zonderland"


def own_id(collection: str, spec: WorldSpec) -> str:
    """Return the id of a collection for one land: `zonderland-s2`, or `zonderland-s2-8-512`."""
    return f"{collection}-{spec.short_name}" if spec.short_name else collection


def own_collection(collection: Collection, spec: WorldSpec) -> Collection:
    """Return a collection with the id and the title that it has for one land."""
    if not spec.short_name:
        return collection
    name, title = f"{_NAME} {spec.short_name}", collection.title
    return replace(
        collection,
        id=own_id(collection.id, spec),
        title=Text(nl=title.nl.replace(_NAME, name, 1), en=title.en.replace(_NAME, name, 1)),
    )
