"""The scenes of a collection that a request is about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from landzicht.kinds import Query
from landzicht.stac import read_item

if TYPE_CHECKING:
    from landzicht.grid import Bounds
    from landzicht.kinds import Collection, Scene, Span
    from landzicht.portal.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which scenes of a collection."""

    span: Span | None = None
    """Only scenes in this moment or period; None = all, newest on top."""
    ids: tuple[str, ...] = ()
    """Only these scenes; empty = all."""


def find_scenes(
    services: Services, collection: Collection, selection: Selection, boxes: tuple[Bounds, ...]
) -> tuple[Scene, ...]:
    """Return the scenes of a selection that meet one of the boxes (WGS84), newest first."""
    most = services.settings.max_scenes_per_tile
    found: dict[str, Scene] = {}
    for box in boxes:
        query = Query(
            collections=(collection.id,),
            ids=selection.ids or None,
            span=selection.span,
            bounds=box,
            limit=most,
        )
        for body in services.catalog.search(query).bodies:
            scene = scene_of(body)
            found[scene.id] = scene
    if len(boxes) == 1:
        return tuple(found.values())
    ordered = sorted(found.values(), key=lambda scene: scene.id)
    ordered.sort(key=lambda scene: scene.moment, reverse=True)
    return tuple(ordered[:most])


def newest_scene(services: Services, collection: Collection, selection: Selection) -> Scene | None:
    """Return the newest scene of a selection, wherever it lies."""
    query = Query(
        collections=(collection.id,),
        ids=selection.ids or None,
        span=selection.span,
        limit=1,
    )
    bodies = services.catalog.search(query).bodies
    return scene_of(bodies[0]) if bodies else None


@lru_cache(maxsize=2048)
def scene_of(body: bytes) -> Scene:
    """Return the scene that a stored STAC item describes; the last ones are kept."""
    return read_item(body)


def is_simulated(collection: Collection, scenes: tuple[Scene, ...]) -> bool:
    """Whether pixels of these scenes need the mark."""
    return collection.simulated or any(scene.simulated for scene in scenes)
