"""A layer: a named way of looking at a collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landzicht.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A named render of a collection, as in the STAC render extension (v2.0.0).

    Either `assets` (one: a coloured band; three: red, green, blue) or `expression`.
    """

    name: str
    """Stable id: `visual`, `ndvi`."""
    title: Text
    """What the viewer sees, in plain words."""
    description: Text | None = None
    """One or two sentences: what it tells and what it does not."""
    assets: tuple[str, ...] = ()
    """One or three asset keys."""
    expression: str | None = None
    """A formula over asset keys in physical values: `(B08-B04)/(B08+B04)`."""
    rescale: tuple[tuple[float, float], ...] = ()
    """Physical value range shown, one pair for all or one for each channel."""
    colormap: str | None = None
    """Name of a colour map, for a layer with one channel."""
    low: Text | None = None
    """Words at the low end of the legend."""
    high: Text | None = None
    """Words at the high end of the legend."""
    unit: str | None = None
    """Unit of the values shown."""
    classes: tuple[tuple[int, str, Text], ...] = ()
    """For a categorical layer: `(value, "#rrggbb", title)`."""
