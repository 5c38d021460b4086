"""Conditions that Python answers for one scene at a time, as functions for SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import shapely
from shapely.geometry import mapping

from landzicht.stac.cql2.evaluate import evaluate
from landzicht.stac.cql2.spatial import place_of, relate

if TYPE_CHECKING:
    from collections.abc import Callable

    from landzicht.kinds.filter import Geometry, Operation


def relation(op: str, place: Geometry, *, footprint_first: bool) -> Callable[..., int]:
    """Return a function of the index columns of a scene: does `op` hold of its footprint?"""
    wanted = place_of(place)
    shapely.prepare(wanted)

    def holds(outline: bytes | None, *edges: float) -> int:
        footprint = _footprint(outline, *edges)
        pair = (footprint, wanted) if footprint_first else (wanted, footprint)
        return int(relate(op, *pair))

    return holds


def evaluation(part: Operation) -> Callable[..., int | None]:
    """Return a function of a scene's columns that evaluates a condition."""

    def holds(
        collection: str, id: str, properties: str, outline: bytes | None, *edges: float
    ) -> int | None:
        item: dict[str, Any] = {
            "id": id,
            "collection": collection,
            "properties": orjson.loads(properties),
            "geometry": mapping(_footprint(outline, *edges)),
        }
        found = evaluate(part, item)
        return None if found is None else int(found)

    return holds


def _footprint(outline: bytes | None, *edges: float) -> shapely.Geometry:
    if outline is not None:
        return shapely.from_wkb(outline)
    x0, x1, y0, y1 = edges
    return shapely.box(x0, y0, x1, y1)
