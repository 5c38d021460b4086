"""Asking for everything at once before it is read, one piece after the other.

A file on another computer costs a round trip for each question. The bands of a picture are known
before the first is read, so their round trips can happen at the same time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landzicht.grid import Window
    from landzicht.grid.reads import ReadPlan
    from landzicht.kinds import Asset
    from landzicht.ports import Ahead, Reader


def open_soon(reader: Reader, assets: Sequence[Asset]) -> None:
    """Let a reader open several files at once, if it can."""
    able: Ahead | None = getattr(reader, "ahead", None)
    if able is not None:
        able.open_soon(assets)


def read_soon(reader: Reader, reads: Iterable[tuple[Asset, Sequence[ReadPlan]]]) -> None:
    """Let a reader fetch all pieces of several files at once, if it can."""
    able: Ahead | None = getattr(reader, "ahead", None)
    if able is not None:
        able.read_soon([(asset, plan.level, plan.window) for asset, all_ in reads for plan in all_])


def points_soon(reader: Reader, places: Sequence[tuple[Asset, Window]]) -> None:
    """Let a reader fetch windows of full size of several files at once, if it can."""
    able: Ahead | None = getattr(reader, "ahead", None)
    if able is not None:
        able.open_soon([asset for asset, _ in places])
        able.read_soon([(asset, 0, window) for asset, window in places])
