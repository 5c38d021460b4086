"""Measuring on a Dask cluster whose machines see the same data folder."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from landzicht.grid import Grid, Window
    from landzicht.kinds import Asset, Block
    from landzicht.portal.services import Services
    from landzicht.portal.settings import Settings
    from landzicht.ports import Direct, Reader


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

    @property
    def direct(self) -> Direct | None:
        """The quick way of the reader of this process (`ports.Direct`), as it would have it."""
        return getattr(_opened(self.settings), "direct", None)


class Cluster:
    """The cluster of a portal (`cluster` in the settings); connected at its first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._client: Any = None

    def services(self, services: Services) -> Services:
        """Return services that measure on the cluster.

        Raises:
            ClusterMissing: the extra is not installed.
            ClusterFailed: nobody answers, or a worker cannot do the work.
        """
        from landzicht.runners.dask import connect

        settings = services.settings
        with self._lock:
            if self._client is None or self._client.status != "running":
                self._client = connect(settings.cluster, settings.data).client
            return on_cluster(services, self._client)

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None


def on_cluster(services: Services, client: Any) -> Services:  # noqa: ANN401 - `distributed.Client`
    """Return services whose pixels are measured on a cluster.

    The catalogue is asked here and nowhere else: a job brings along which files it reads. So the
    workers get settings without the address of a PostgreSQL server, which may hold a password, and
    without the token for writing. The file that `sqlite` stands for is never opened there.

    Args:
        services: of the portal.
        client: a `distributed.Client`; made and closed by the caller.
    """
    from landzicht.runners.dask import Dask

    settings = replace(services.settings, write_token="", catalogue="sqlite", cluster="")
    return replace(services, reader=LateReader(settings), runner=Dask(client=client))


@lru_cache(maxsize=4)
def _opened(settings: Settings) -> Reader:
    """Return the reader of this process."""
    from landzicht.portal.wiring import open_services

    return open_services(settings).reader
