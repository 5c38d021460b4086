"""What values a property really has in a collection."""

from __future__ import annotations

from dataclasses import dataclass

MOST_VALUES = 25
"""A property with more different texts than this has no list of values."""
MOST_COUNTED = 50_000
"""Ranges are told of collections up to so many scenes; looking through more is not quick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A property as it occurs in the scenes of one collection."""

    name: str
    """Name of the property."""
    kinds: tuple[str, ...]
    """JSON types that occur, sorted: `array`, `boolean`, `number`, `object`, `string`."""
    minimum: float | None = None
    """Least number, where every value is a number."""
    maximum: float | None = None
    """Largest number."""
    values: tuple[str, ...] | None = None
    """All different texts, sorted, where every value is a text and there are not too many."""
