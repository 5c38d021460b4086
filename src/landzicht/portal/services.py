"""The adapters that one portal uses, behind their ports."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from landzicht.portal.maps.pictures import PictureCache
from landzicht.portal.memory import Memory
from landzicht.portal.quota import Meter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.grid.matrix import TileMatrixSet
    from landzicht.portal.settings import Settings
    from landzicht.ports import Catalog, Columns, Inspector, Linker, Reader, Runner, Writer
    from landzicht.rules import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that the use cases in this room need; made once in `wiring.py`."""

    settings: Settings
    catalog: Catalog
    reader: Reader
    writer: Writer
    inspector: Inspector
    linker: Linker
    runner: Runner
    policies: tuple[Policy, ...] = ()
    pictures: PictureCache = field(default_factory=PictureCache)
    """Finished pictures of this process."""
    large: threading.Lock = field(default_factory=threading.Lock)
    """Held while a large window is made: one at a time, so that memory stays within bounds."""
    matrices: Mapping[str, TileMatrixSet] = field(default_factory=dict)
    """Tile matrix sets of the operator, by name."""
    memory: Memory = field(default_factory=Memory)
    """What this process knows of the catalogue, by version."""
    stored: Meter = field(default_factory=lambda: Meter(Path()))
    """Counts the stored images."""
    kept: Columns | None = None
    """Answers about parcels of before; None = nothing is kept."""
