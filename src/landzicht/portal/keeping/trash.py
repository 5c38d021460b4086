"""The bin: removed images that can still be brought back."""

from __future__ import annotations

import re
import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BIN = ".bin"
"""Folder below the stored files with what was removed and may still come back."""
ITEMS, DONE = "items.ndjson", "done.ndjson"
"""What goes, while it is carried out and afterwards."""
RUN = re.compile(r"\d{8}T\d{6}-[0-9a-f]{12}")
"""Name of a removal."""


def age_of(place: Path) -> float:
    """Return the seconds since a removal was done."""
    return time.time() - (place / DONE).stat().st_mtime


def size_of(place: Path) -> int:
    """Return the bytes of the images of a removal."""
    return sum(path.stat().st_size for path in place.glob("*.tif"))


def drop_expired(files: Path, days: int) -> int:
    """Remove what was in the bin longer than so many days; return the bytes. Never fails."""
    freed = 0
    with suppress(OSError):
        for place in (files / BIN).iterdir():
            with suppress(OSError):
                if age_of(place) >= days * 86_400:
                    size = size_of(place)
                    shutil.rmtree(place)
                    freed += size
    return freed
