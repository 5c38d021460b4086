"""Measuring on a Dask cluster whose machines see the same data folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from landzicht.grid import Grid, Window
    from landzicht.kinds import Asset, Block
    from landzicht.portal.services import Services
    from landzicht.portal.settings import Settings
    from landzicht.ports import Reader


@dataclass(frozen=True, slots=True)
class LateReader:
    """How to open a reader, not an open one: it travels to another process, and opens there."""

    settings: Settings
    """Of the portal, without secrets."""

    def levels(self, asset: Asset) -> tuple[Grid, ...]:
        """See `Reader.levels`."""
        return tuple(_opened(self.settings).levels(asset))

    def read(self, asset: Asset, level: int, window: Window) -> Block:
        """See `Reader.read`."""
        return _opened(self.settings).read(asset, level, window)


def on_cluster(services: Services, client: Any) -> Services:  # noqa: ANN401 - `distributed.Client`
    """Return services whose pixels are measured on a cluster.

    Args:
        services: of the portal.
        client: a `distributed.Client`; made and closed by the caller.
    """
    from landzicht.runners.dask import Dask

    settings = replace(services.settings, write_token="", catalogue="sqlite")
    return replace(services, reader=LateReader(settings), runner=Dask(client=client))


@lru_cache(maxsize=4)
def _opened(settings: Settings) -> Reader:
    """Return the reader of this process."""
    from landzicht.portal.wiring import open_services

    return open_services(settings).reader
