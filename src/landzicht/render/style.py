"""How values become colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landzicht.render.formula import Formula
    from landzicht.render.relief import Relief
    from landzicht.render.tone import Step


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
    """One or three; more when only values are wanted."""
    colormap: str = "viridis"
    """Colour map, for one channel without `classes`; or a scale, as `colormap` takes it."""
    classes: tuple[tuple[float, tuple[int, int, int]], ...] = ()
    """`(physical value, (red, green, blue))`, for one channel of codes; others stay empty."""
    intervals: tuple[tuple[float, float, tuple[int, int, int]], ...] = ()
    """`(from, up to, (red, green, blue))`, for one channel; values in none stay empty."""
    tone: tuple[Step, ...] = ()
    """Gamma, contrast and saturation, for three channels."""
    relief: Relief | None = None
    """Show the one channel, which holds heights, as relief; its range is that of the result."""

    @property
    def is_plain(self) -> bool:
        """Whether channels, a colour map and classes say everything."""
        return not (self.intervals or self.tone or self.relief)

    @property
    def keys(self) -> tuple[str, ...]:
        """Asset keys that are needed, each once."""
        names = [name for channel in self.channels for name in channel.formula.names]
        return tuple(dict.fromkeys(names))
