"""The scenes that show a place best, judged once for all neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.errors.catalogue import BadQuery
from landzicht.grid.place import world_boxes
from landzicht.mosaic.judge import best_first
from landzicht.portal.memory import recall_scenes
from landzicht.text import Text

if TYPE_CHECKING:
    from landzicht.grid import Grid
    from landzicht.grid.matrix import TileMatrixSet
    from landzicht.kinds import Collection, Mask, Scene
    from landzicht.portal.scenes import Selection
    from landzicht.portal.services import Services

ABOVE = 3
"""Zooms above a tile at which scenes are judged: 8 x 8 tiles share one judgement."""


def judging_mask(collection: Collection) -> Mask:
    """Return the classification by which scenes are judged.

    Raises:
        BadQuery: the collection has none.
    """
    if collection.mask is None:
        reason = Text(
            nl="best kijkt naar het wolkenmasker, en deze verzameling heeft er geen",
            en="best looks at the cloud mask, and this collection has none",
        )
        raise BadQuery(name="mosaic", reason=reason)
    return collection.mask


def judging_cell(matrix: TileMatrixSet, z: int, x: int, y: int) -> Grid:
    """Return the tile, some zooms higher, in which a tile lies; judged instead of the tile.

    All tiles below it see the same scenes on top, so that seams are rare: only where two such
    cells meet. The cell depends on the address alone, so the answer is the same every time.
    """
    up = min(ABOVE, z - matrix.min_zoom)
    return matrix.tile(z - up, x >> up, y >> up)


def best_scenes(
    services: Services, collection: Collection, version: str, selection: Selection, cell: Grid
) -> tuple[Scene, ...]:
    """Return the scenes of a selection that meet a cell, those with the clearest view first.

    Of the newest `max_scenes_per_tile`; remembered for this version of the collection.

    Raises:
        BadQuery: the collection has no classification.
        StoredFileFailed: a file is gone or damaged.
    """
    mask = judging_mask(collection)

    def judged() -> tuple[Scene, ...]:
        found = recall_scenes(services, collection, version, selection, world_boxes(cell))
        return best_first(found, mask, cell, services.reader)

    scenes: tuple[Scene, ...] = services.memory.get(
        ("best", collection.id, version, selection, cell), judged
    )
    return scenes
