"""The scenes of a collection that a request is about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from landzicht.errors.catalogue import BadQuery
from landzicht.kinds import Query
from landzicht.mosaic.combine import RULES
from landzicht.portal.maps.derive import FIRST
from landzicht.stac import read_item
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from landzicht.grid import Bounds
    from landzicht.kinds import Collection, Entry, Mask, Scene, Span
    from landzicht.portal.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which scenes of a collection."""

    span: Span | None = None
    """Only scenes in this moment or period; None = all, newest on top."""
    ids: tuple[str, ...] = ()
    """Only these scenes; empty = all."""
    order: str = "newest"
    """Which lie on top: one of `ORDERS`."""
    clear: bool = False
    """Leave out what the collection's mask does not call usable (clouds, shadows)."""
    rule: str = FIRST
    """Which observations of a pixel count: the `FIRST` usable one, or one of `RULES`, over all."""


BEST = "best"
"""Those with the clearest view of the place lie on top, judged by their pixels."""
ORDERS = ("newest", "oldest", "least-cloud", BEST, "first")
"""Which scenes lie on top; `best` = those with the clearest view of the place; `first` = in the
order of `ids`."""


def find_scenes(
    services: Services, collection: Collection, selection: Selection, boxes: tuple[Bounds, ...]
) -> tuple[Scene, ...]:
    """Return the scenes of a selection that meet one of the boxes (WGS84), those on top first.

    Raises:
        BadQuery: there is no such order or rule.
    """
    if selection.rule not in (FIRST, *RULES):
        raise BadQuery(name="pixel_selection", reason=_listed((FIRST, *RULES)))
    most = services.settings.max_scenes_per_tile
    if selection.order not in ("newest", BEST):  # the best are judged later, by their pixels
        return _ordered(services, collection, selection, boxes)
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


def _ordered(
    services: Services, collection: Collection, selection: Selection, boxes: tuple[Bounds, ...]
) -> tuple[Scene, ...]:
    """Return the scenes that come first in another order than the catalogue's."""
    entries: dict[str, Entry] = {}
    for box in boxes:
        query = Query(
            collections=(collection.id,),
            ids=selection.ids or None,
            span=selection.span,
            bounds=box,
        )
        entries |= {entry.id: entry for entry in services.catalog.entries(query)}
    rank = _rank(selection)
    chosen = sorted(entries.values(), key=rank)[: services.settings.max_scenes_per_tile]
    if not chosen:
        return ()
    names = tuple(entry.id for entry in chosen)
    wanted = Query(collections=(collection.id,), ids=names, limit=len(names))
    found = {scene.id: scene for scene in map(scene_of, services.catalog.search(wanted).bodies)}
    return tuple(found[name] for name in names if name in found)


def _rank(selection: Selection) -> Callable[[Entry], tuple[float, ...]]:
    """Return what to sort entries by."""
    if selection.order == "oldest":
        return lambda entry: (entry.moment.timestamp(),)
    if selection.order == "least-cloud":
        return lambda entry: (
            math.inf if entry.cloud is None else entry.cloud,
            -entry.moment.timestamp(),
        )
    if selection.order == "first" and selection.ids:
        return lambda entry: (selection.ids.index(entry.id),)
    listed = ", ".join((*ORDERS, *RULES))
    reason = Text(
        nl=f"kies uit {listed}; first alleen met ids",
        en=f"choose one of {listed}; first only with ids",
    )
    raise BadQuery(name="mosaic", reason=reason)


def _listed(names: tuple[str, ...]) -> Text:
    listed = ", ".join(names)
    return Text(nl=f"kies uit {listed}", en=f"choose one of {listed}")


def mask_of(collection: Collection, selection: Selection) -> Mask | None:
    """Return the mask to lay over the pixels of a selection, if any.

    Raises:
        BadQuery: a mask is wanted, and the collection has none.
    """
    if selection.clear and collection.mask is None:
        reason = Text(
            nl="deze verzameling heeft geen wolkenmasker", en="this collection has no cloud mask"
        )
        raise BadQuery(name="mask", reason=reason)
    return collection.mask if selection.clear else None


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
