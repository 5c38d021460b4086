"""A scene exactly as a catalogue keeps it, to be copied to another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What makes up a scene besides what follows from its body."""

    id: str
    """Id of the scene."""
    source: str
    """Identity of what it was made of."""
    moment: datetime
    """Start, as the index has it; UTC."""
    end: datetime | None
    """End of its period, or None for a moment."""
    body: bytes
    """The stored STAC item as JSON, without `links`."""
