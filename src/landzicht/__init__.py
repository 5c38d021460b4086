"""Landzicht: an open satellite-data portal in one command."""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["__version__", "open"]

if TYPE_CHECKING:
    from pathlib import Path

    from landzicht.portal import Portal


def open(data: str | Path | None = None) -> Portal:  # noqa: A001 - `landzicht.open()` reads well
    """Open the portal in a data folder; the Python API of everything.

    Args:
        data: the data folder; without one `LANDZICHT_DATA` or the per-user folder is used.

    Raises:
        DiskFailed: the folder cannot be made or read.
    """
    from landzicht.portal import open_portal

    return open_portal(data)
