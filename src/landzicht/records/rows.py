"""What is stored of a scene or collection; made before any lock is taken."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from landzicht.kinds import Scene, Stored
from landzicht.records.bodies import pack, unpack
from landzicht.records.extent import Extent, to_moment, to_ticks
from landzicht.records.footprints import scene_footprints
from landzicht.stac import write_collection
from landzicht.stac.item import write_parts
from landzicht.stac.json import DISGUISED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landzicht.kinds import Collection, Item
    from landzicht.records.footprint import Footprint


class Row(NamedTuple):
    """A scene ready to be stored."""

    collection: str
    id: str
    t: int
    t1: int
    footprint: Footprint
    cloud: float | None
    source: str
    body: bytes
    properties: str
    """JSON of the STAC properties, to be searched in."""

    @property
    def extent(self) -> Extent:
        """The extent of this one scene."""
        f = self.footprint
        return Extent.of_one(self.t, self.t1, f.x0, f.x1, f.y0, f.y1)


def scene_rows(scenes: Sequence[Scene | Item]) -> list[Row]:
    """Return what is stored of scenes.

    Raises:
        BadRecord: a value that cannot be kept.
    """
    footprints = scene_footprints(scenes)
    return [_row(scene, place) for scene, place in zip(scenes, footprints, strict=True)]


def _row(scene: Scene | Item, footprint: Footprint) -> Row:
    t = to_ticks(scene.moment)
    cloud = scene.properties.get("eo:cloud_cover")
    is_number = isinstance(cloud, int | float) and not isinstance(cloud, bool)
    body, properties = _written(scene)
    return Row(
        collection=scene.collection,
        id=scene.id,
        t=t,
        t1=max(t, to_ticks(scene.end)) if scene.end else t,
        footprint=footprint,
        cloud=float(cloud) if is_number and math.isfinite(cloud) else None,  # type: ignore[arg-type]
        source=scene.source,
        body=body,
        properties=properties,
    )


def _written(scene: Scene | Item) -> tuple[bytes, str]:
    """Return the body of an item and its properties as JSON."""
    if not isinstance(scene, Scene):
        return scene.body, orjson.dumps(scene.properties).decode()
    body, told = write_parts(scene)
    return body, properties_text(body) if DISGUISED in told else told.decode()


def stored_row(row: Iterable[Any], dictionary: bytes) -> Stored:
    """Return a scene of the tables (id, source, t, t1, packed), to be copied elsewhere."""
    name, source, t, t1, packed = row
    end = to_moment(t1) if t1 != t else None
    body = unpack(packed, dictionary, name)
    return Stored(id=name, source=source, moment=to_moment(t), end=end, body=body)


def properties_text(body: bytes) -> str:
    """Return the properties of a stored item as JSON."""
    return orjson.dumps(orjson.loads(body)["properties"]).decode()


def bare_body(collection: Collection) -> bytes:
    """Return a collection as it is stored; extent and count are kept apart and left out.

    Raises:
        BadRecord: a value that cannot be kept.
    """
    return write_collection(replace(collection, bounds=None, span=None, count=0))


def collection_row(collection: Collection, dictionary: bytes) -> tuple[str, bytes]:
    """Return id and packed body.

    Raises:
        BadRecord: a value that cannot be kept.
    """
    return collection.id, pack(bare_body(collection), dictionary)
