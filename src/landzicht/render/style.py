"""How values become colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landzicht.render.formula import Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One number per pixel, and the range of it that is shown."""

    formula: Formula
    """What to compute, in physical values."""
    low: float
    """Shown darkest, or as the first colour."""
    high: float
    """Shown lightest, or as the last colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What a picture shows: three channels as red, green and blue, or one in colours."""

    channels: tuple[Channel, ...]
    """One or three."""
    colormap: str = "viridis"
    """Colour map, for one channel without `classes`."""
    classes: tuple[tuple[float, tuple[int, int, int]], ...] = ()
    """`(physical value, (red, green, blue))`, for one channel of codes; others stay empty."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Asset keys that are needed, each once."""
        names = [name for channel in self.channels for name in channel.formula.names]
        return tuple(dict.fromkeys(names))
