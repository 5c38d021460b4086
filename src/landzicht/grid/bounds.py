"""A rectangle in a coordinate reference system."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """An axis-aligned rectangle, edges in the unit of its CRS (metres or degrees)."""

    west: float
    south: float
    east: float
    north: float

    @property
    def is_empty(self) -> bool:
        """Whether the rectangle has no area."""
        return not (self.west < self.east and self.south < self.north)

    def touches(self, other: Bounds) -> bool:
        """Whether the two rectangles share area (a shared edge alone is not enough)."""
        return (
            self.west < other.east
            and other.west < self.east
            and self.south < other.north
            and other.south < self.north
        )

    def union(self, other: Bounds) -> Bounds:
        """Return the smallest rectangle that holds both."""
        return Bounds(
            min(self.west, other.west),
            min(self.south, other.south),
            max(self.east, other.east),
            max(self.north, other.north),
        )

    def as_list(self) -> list[float]:
        """Return `[west, south, east, north]`, the order of GeoJSON and STAC."""
        return [self.west, self.south, self.east, self.north]
