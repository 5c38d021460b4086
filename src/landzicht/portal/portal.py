"""`Portal`: the Python API of everything, a thin face over the use cases in this room."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any, Self

from landzicht.errors.catalogue import UnknownCollection, UnknownScene
from landzicht.portal.progress import Progress, read_progress
from landzicht.portal.settings import Settings, load_settings
from landzicht.portal.wiring import open_services

if TYPE_CHECKING:
    from collections.abc import Callable, Collection as Several, Sequence
    from pathlib import Path

    from landzicht.grid import Bounds
    from landzicht.kinds import Collection, Page, Query, Receipt
    from landzicht.portal.services import Services
    from landzicht.portal.tiles import TileRequest, Unchanged
    from landzicht.render.picture import Picture
    from landzicht.rules import Policy


class Portal:
    """One portal in one data folder. Safe to use from many threads; close it at the end."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- looking things up --------------------------------------------------------------------

    # -- looking at pixels --------------------------------------------------------------------

    # -- taking things in ---------------------------------------------------------------------

    # -- being alive --------------------------------------------------------------------------

    def health(self) -> dict[str, Any]:
        """Return whether the portal can do its work: `status` is `ok` or `failing`."""
        settings = self.services.settings
        checks = {
            "catalogue": _works(self.services.catalog.collections),
            "data folder": os.access(settings.data, os.W_OK),
        }
        free = shutil.disk_usage(settings.data).free
        status = "ok" if all(checks.values()) else "failing"
        return {"status": status, "checks": checks, "free_bytes": free}

    def task(self) -> Progress | None:
        """Return the long work that is being done, or was done last."""
        return read_progress(self.services.settings.demo_progress)


def open_portal(
    data: str | Path | Settings | None = None, *, policies: tuple[Policy, ...] = ()
) -> Portal:
    """Open the portal in a data folder; makes the folder when it is not there.

    Args:
        data: the folder, or settings; without one `LANDZICHT_DATA` or the per-user folder.
        policies: rules about use that hold in this portal.

    Raises:
        BadSettings: a setting cannot be read.
        DiskFailed: the folder cannot be made or read.
    """
    settings = data if isinstance(data, Settings) else load_settings(data)
    return Portal(open_services(settings, policies))


def _works(check: Callable[[], object]) -> bool:
    try:
        check()
    except Exception:  # noqa: BLE001 - whatever it is, the portal is not healthy
        return False
    return True
