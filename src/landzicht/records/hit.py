"""A row of the scene table, and the exact test of its footprint."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landzicht.records.token import Place

if TYPE_CHECKING:
    from landzicht.records.plan import Ask


class Hit(NamedTuple):
    """A row of the scene table."""

    rid: int
    t: int
    collection: str
    id: str
    cloud: float | None
    x0: float
    x1: float
    y0: float
    y1: float
    outline: bytes | None

    @property
    def place(self) -> Place:
        """Its place in the order of results."""
        return Place(self.t, self.collection, self.id)

    @property
    def rank(self) -> tuple[int, str, str]:
        """What results are sorted by: newest first, then by collection and id."""
        return (-self.t, self.collection, self.id)


def exact(asked: Ask, hits: list[Hit]) -> list[Hit]:
    """Keep the hits that really meet every place."""
    if asked.regions and hits:
        import numpy as np

        boxes = np.array([(hit.x0, hit.x1, hit.y0, hit.y1) for hit in hits])
        outlines = [hit.outline for hit in hits]
        keep = np.ones(len(hits), dtype=bool)
        for region in asked.regions:
            keep &= region.meets(boxes, outlines)
        return [hit for hit, kept in zip(hits, keep.tolist(), strict=True) if kept]
    return hits
