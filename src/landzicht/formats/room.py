"""Memory that conversions at work share: several small ones at once, or one that is very wide."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from landzicht.formats.tiles import TILE
from landzicht.kinds import OWN_MASKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landzicht.kinds import Conversion


class Room:
    """So many bytes, for threads that each need some of them. Who asks for more comes alone."""

    def __init__(self, size: int) -> None:
        self._free = self._size = size
        self._changed = threading.Condition()

    @contextmanager
    def hold(self, need: int) -> Iterator[None]:
        """Wait until `need` bytes are free, and hold them."""
        held = min(need, self._size)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= held)
            self._free -= held
        try:
            yield
        finally:
            with self._changed:
                self._free += held
                self._changed.notify_all()


def need_of(job: Conversion) -> int:
    """Return the bytes that a conversion holds of its image, beside what every child needs.

    Measured: a strip of 512 rows, as much again in all overviews together, and a little for what
    is being made of them.
    """
    pixel = np.dtype(job.band.dtype).itemsize + (1 if job.mask in OWN_MASKS else 0)
    return int(2.5 * TILE * job.grid.width * pixel)
