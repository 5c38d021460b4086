"""`Portal`: the Python API of everything, a thin face over the use cases in this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from landzicht.portal.settings import Settings, load_settings
from landzicht.portal.wiring import open_services

if TYPE_CHECKING:
    from pathlib import Path

    from landzicht.portal.services import Services
    from landzicht.rules import Policy


class Portal:
    """One portal in one data folder. Safe to use from many threads; close it at the end."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_portal(
    data: str | Path | Settings | None = None, *, policies: tuple[Policy, ...] = ()
) -> Portal:
    """Open the portal in a data folder; makes the folder when it is not there."""
    settings = data if isinstance(data, Settings) else load_settings(data)
    return Portal(open_services(settings, policies))
