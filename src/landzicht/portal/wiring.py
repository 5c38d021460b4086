"""The only place that chooses adapters."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.portal.services import Services
from landzicht.portal.settings import read_catalogue

if TYPE_CHECKING:
    from landzicht.formats.remote import RemoteOptions
    from landzicht.portal.settings import Settings
    from landzicht.ports import Catalog
    from landzicht.rules import Policy


def open_catalog(settings: Settings) -> Catalog:
    """Open the catalogue: the file in the data folder, or PostgreSQL when the settings say so.

    Neither is touched before it is needed, so a server that is away stops nobody from starting.

    Raises:
        DiskFailed: the folder cannot be made or read.
    """
    from landzicht.records import SqliteCatalog

    make_folder(settings)
    if settings.catalogue != "sqlite":
        from landzicht.records.pgstac import PgstacCatalog

        return PgstacCatalog(settings.catalogue, settings.data.as_posix())
    return SqliteCatalog(settings.catalogue_file)


def open_other_catalog(place: str, settings: Settings) -> Catalog:
    """Open a catalogue to move to: an address of PostgreSQL, or a folder.

    Raises:
        BadSettings: the address cannot be read.
        DiskFailed: the folder cannot be made.
    """
    if "://" in place or not place.strip():  # a variable that was not set is no folder
        return open_catalog(replace(settings, catalogue=read_catalogue("--to", place, "flags")))
    return open_catalog(replace(settings, data=Path(place).absolute(), catalogue="sqlite"))


def open_services(settings: Settings, policies: tuple[Policy, ...] = ()) -> Services:
    """Open every adapter that a portal needs.

    Raises:
        DiskFailed: the folder cannot be made or read.
        BadMatrixSet: the operator's tile matrix sets hold one that we cannot serve.
        BadSettings: `linked_roots` makes no sense.
    """
    catalog = open_catalog(settings)
    _find_place_for_compiled(settings)
    from landzicht.formats import CogReader, CogWriter, GdalInspector, Sandbox
    from landzicht.formats.columns import ColumnFolder
    from landzicht.formats.places import Places
    from landzicht.formats.remote import RemoteFiles, RemoteLinker
    from landzicht.portal.maps.matrices import read_matrix_sets
    from landzicht.portal.maps.pictures import PictureCache
    from landzicht.portal.quota import Meter
    from landzicht.runners import Threads

    sandbox = Sandbox()
    inspector = GdalInspector(sandbox)
    remote = RemoteFiles(_remote_options(settings), settings.remote_cache)
    places = Places(settings.data, settings.roots, remote)
    return Services(
        settings=settings,
        catalog=catalog,
        reader=CogReader(settings.data, settings.block_cache_mb * 1_000_000, places),
        writer=CogWriter(sandbox),
        inspector=inspector,
        linker=RemoteLinker(remote, places, inspector),
        runner=Threads(workers=settings.worker_threads),
        policies=policies,
        pictures=PictureCache(settings.picture_cache_mb * 1_000_000),
        matrices=read_matrix_sets(settings.data),
        stored=Meter(settings.data),
        kept=ColumnFolder(folder=settings.series_cache, most=settings.series_cache_mb * 1_000_000),
    )


def _remote_options(settings: Settings) -> RemoteOptions:
    from landzicht.formats.remote import Permissions, RemoteOptions, S3Access

    return RemoteOptions(
        permissions=Permissions.read(settings.remote_hosts, settings.remote_private),
        s3=S3Access(endpoint=settings.s3_endpoint, region=settings.s3_region),
        timeout_s=float(max(1, settings.remote_timeout_s)),
        connections=max(1, settings.remote_connections),
        cache_bytes=settings.remote_cache_mb * 1_000_000,
        whole_bytes=settings.remote_whole_mb * 1_000_000,
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
