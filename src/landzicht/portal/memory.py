"""What a portal remembers of its catalogue: read once for each version of a collection.

The version of a collection is asked at every request (one row of the catalogue); all else that a
tile needs to know follows from it, so that it can never be out of date. Collections that changed
together may share a version: the id is always part of what is asked for.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from landzicht.blocks.cache import ByteCache
from landzicht.grid import Bounds
from landzicht.portal.scenes import find_scenes

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from landzicht.kinds import Collection, Scene
    from landzicht.portal.scenes import Selection
    from landzicht.portal.services import Services

_MOST = 8_192
_LEAST_DEGREES = 2.0**-12


class Memory:
    """Values by key, the last used ones; safe for many threads."""

    def __init__(self, most: int = _MOST) -> None:
        """Remember at most `most` things: values, and the scenes in those that are lists."""
        self._kept: ByteCache[Any] = ByteCache(most, _weight)

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Return the value of a key, made by `make` when it is not known."""
        return self._kept.get(key, lambda: (make(),))[0]


def recall_collection(services: Services, id: str, version: str) -> Collection:
    """Return a collection whose present version is known; raises `UnknownCollection`."""
    found: Collection = services.memory.get(
        ("collection", id, version), lambda: services.catalog.collection(id)
    )
    return found


def recall_scenes(
    services: Services,
    collection: Collection,
    version: str,
    selection: Selection,
    boxes: tuple[Bounds, ...],
) -> tuple[Scene, ...]:
    """Return the scenes of a selection that meet one of the boxes (WGS84), newest first.

    A wider area is asked once and serves all tiles in it, unless it holds so many scenes that the
    limit on scenes might leave some out; then every tile is asked for on its own.
    """
    wider = tuple(_around(box) for box in boxes)
    ask = partial(find_scenes, services, collection, selection)
    near: tuple[Scene, ...] = services.memory.get(
        ("scenes", collection.id, version, selection, wider), lambda: ask(wider)
    )
    if len(near) < services.settings.max_scenes_per_tile:
        return tuple(scene for scene in near if any(_meet(scene.bounds, box) for box in boxes))
    exact: tuple[Scene, ...] = services.memory.get(
        ("scenes", collection.id, version, selection, boxes), lambda: ask(boxes)
    )
    return exact


def _weight(kept: tuple[Any]) -> int:
    return 1 + (len(kept[0]) if isinstance(kept[0], tuple) else 0)


def _around(box: Bounds) -> Bounds:
    """Return a box around a box, the same for its neighbours: twice to four times as wide."""
    side = max(box.east - box.west, box.north - box.south, _LEAST_DEGREES)
    cell = 2.0 ** (math.ceil(math.log2(side)) + 1)
    return Bounds(
        max(-180.0, math.floor(box.west / cell) * cell),
        max(-90.0, math.floor(box.south / cell) * cell),
        min(180.0, math.ceil(box.east / cell) * cell),
        min(90.0, math.ceil(box.north / cell) * cell),
    )


def _meet(scene: Bounds, box: Bounds) -> bool:
    """Whether the box of a scene, perhaps across the antimeridian, meets a box that is not."""
    if scene.south > box.north or box.south > scene.north:
        return False
    if scene.west <= scene.east:
        return scene.west <= box.east and box.west <= scene.east
    return box.east >= scene.west or box.west <= scene.east
