"""A Dask cluster: the same jobs on many machines. Needs the extra `landzicht[dask]`."""

from __future__ import annotations

from concurrent.futures import CancelledError
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, TypeVar

from landzicht.errors.cluster import ClusterFailed, ClusterMissing
from landzicht.runners.ahead import map_ahead
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

T = TypeVar("T")
R = TypeVar("R")
_PATIENCE_S = 30.0
"""Seconds in which a scheduler must answer, and a worker must be there."""
_NO_FOLDER = Text(
    nl="worker {worker} ziet de map {folder} niet", en="worker {worker} does not see {folder}"
)
_OTHER = Text(
    nl="worker {worker} heeft Landzicht {theirs}, en hier is {ours}",
    en="worker {worker} has Landzicht {theirs}, and here is {ours}",
)
_NO_WORKER = Text(
    nl="binnen {seconds} seconden kwam geen worker met Landzicht aan het werk",
    en="no worker with Landzicht took up work within {seconds} seconds",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dask:
    """Runs module-level jobs with picklable arguments on the workers of a Dask client.

    A job should be worth 100 ms or more: handing one over costs about 1 ms.
    """

    client: Any
    """A `distributed.Client`, made and closed by whoever wires the portal."""
    ahead: int = 16
    """Jobs under way at once."""

    def map(self, job: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `job(item)` for each item, in order.

        Raises:
            ClusterFailed: the cluster went away, or every worker that took up a job died.
        """
        from distributed.comm.core import CommClosedError
        from distributed.scheduler import KilledWorker

        try:
            # `pure=False`: a job may write files, so equal arguments must not be merged into one.
            yield from map_ahead(
                lambda item: self.client.submit(job, item, pure=False), items, self.ahead
            )
        except (KilledWorker, CommClosedError, CancelledError) as error:
            raise _failed(self.client.scheduler.address, error) from error


def connect(address: str, folder: Path) -> Dask:
    """Connect to a cluster whose workers have this version of us and see a folder.

    Args:
        address: of the scheduler, as `tcp://host:8786`.
        folder: that all workers must see under this path.

    Raises:
        ClusterMissing: the extra is not installed.
        ClusterFailed: nobody answers, or a worker cannot do the work.
    """
    try:
        import distributed
    except ImportError as error:
        raise ClusterMissing from error
    make_client: Any = distributed.Client
    try:
        client = make_client(address, timeout=_PATIENCE_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise _failed(address, error) from error
    runner = Dask(client=client)
    try:
        _check(client, address, folder)
    except BaseException:
        client.close()
        raise
    return runner


def _check(client: Any, address: str, folder: Path) -> None:  # noqa: ANN401 - `distributed.Client`
    """Let a worker do something, and all that are there tell what they have.

    Raises:
        ClusterFailed: one of them cannot do the work.
    """
    try:
        # A task first: a cluster that grows by itself starts its first worker for it.
        client.submit(_what_is_here, folder, pure=False).result(timeout=_PATIENCE_S)
        told = client.run(_what_is_here, folder)
    except TimeoutError as error:
        reason = _NO_WORKER.fill(seconds=f"{_PATIENCE_S:.0f}")
        raise ClusterFailed(address=address, reason=reason) from error
    except Exception as error:  # whatever a worker raises, most likely that it knows no Landzicht
        raise _failed(address, error) from error
    ours = _version()
    for worker, (version, is_seen) in told.items():
        if version != ours:
            reason = _OTHER.fill(worker=worker, theirs=version, ours=ours)
            raise ClusterFailed(address=address, reason=reason)
        if not is_seen:
            reason = _NO_FOLDER.fill(worker=worker, folder=str(folder))
            raise ClusterFailed(address=address, reason=reason)


def _what_is_here(folder: Path) -> tuple[str, bool]:
    """Return our version and whether there is a folder; runs on a worker."""
    return _version(), folder.is_dir()


def _version() -> str:
    try:
        return metadata.version("landzicht")
    except metadata.PackageNotFoundError:
        return "?"  # run from its source


def _failed(address: str, error: BaseException) -> ClusterFailed:
    return ClusterFailed(address=address, reason=(str(error) or type(error).__name__)[:300])
