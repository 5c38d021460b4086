"""The only place that chooses adapters."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.portal.services import Services

if TYPE_CHECKING:
    from landzicht.portal.settings import Settings
    from landzicht.ports import Catalog
    from landzicht.rules import Policy


def open_catalog(settings: Settings) -> Catalog:
    """Open the embedded catalogue in the data folder.

    Raises:
        DiskFailed: the folder cannot be made or read.
    """
    from landzicht.records import SqliteCatalog

    make_folder(settings)
    return SqliteCatalog(settings.catalogue)


def open_services(settings: Settings, policies: tuple[Policy, ...] = ()) -> Services:
    """Open every adapter that a portal needs.

    Raises:
        DiskFailed: the folder cannot be made or read.
        BadMatrixSet: the operator's tile matrix sets hold one that we cannot serve.
    """
    catalog = open_catalog(settings)
    _find_place_for_compiled(settings)
    from landzicht.formats import CogReader, CogWriter, GdalInspector, Sandbox
    from landzicht.portal.matrices import read_matrix_sets
    from landzicht.portal.pictures import PictureCache
    from landzicht.runners import Threads

    sandbox = Sandbox()
    return Services(
        settings=settings,
        catalog=catalog,
        reader=CogReader(settings.data, settings.block_cache_mb * 1_000_000),
        writer=CogWriter(sandbox),
        inspector=GdalInspector(sandbox),
        runner=Threads(workers=settings.worker_threads),
        policies=policies,
        pictures=PictureCache(settings.picture_cache_mb * 1_000_000),
        matrices=read_matrix_sets(settings.data),
    )


def _find_place_for_compiled(settings: Settings) -> None:
    """Keep compiled kernels in the data folder when the package's own folder is read-only.

    Without a place numba refuses to import them at all: think of a service without a home.
    """
    from landzicht import kernels
    from landzicht.kernels.warm import keep_compiled_in

    if not os.access(kernels.__path__[0], os.W_OK):
        keep_compiled_in(settings.data / "cache" / "numba")


def make_folder(settings: Settings) -> None:
    """Make the data folder when it is not there.

    Raises:
        DiskFailed: it cannot be made.
    """
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskFailed(path=settings.data, reason=disk_reason(error)) from error
