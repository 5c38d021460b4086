"""`Portal`: the Python API of everything, a thin face over the use cases in this room."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any, Self

from landzicht.blocks.heap import give_back
from landzicht.errors.catalogue import UnknownCollection, UnknownScene
from landzicht.grid.matrix import matrix_set
from landzicht.portal import land
from landzicht.portal.catalogue import search
from landzicht.portal.library import Library
from landzicht.portal.maps import legends, points, tiles, windows
from landzicht.portal.maps.matrices import matrix_sets
from landzicht.portal.measuring import Measuring
from landzicht.portal.metrics import metrics
from landzicht.portal.progress import Progress, is_at_work, read_progress
from landzicht.portal.settings import Settings, load_settings
from landzicht.portal.sourcing import Sourcing
from landzicht.portal.wiring import open_services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Collection as Several
    from pathlib import Path

    from landzicht.grid import Bounds
    from landzicht.grid.matrix import TileMatrixSet
    from landzicht.kinds import Collection, Page, Query, Receipt
    from landzicht.portal.catalogue.search import FarFile, StoredFile
    from landzicht.portal.maps.films import Film, FilmRequest
    from landzicht.portal.maps.legends import Legend, TileSet, TileSetRequest
    from landzicht.portal.maps.points import PointAnswer, PointRequest
    from landzicht.portal.maps.sheets import SheetRequest
    from landzicht.portal.maps.tiles import TileRequest, Unchanged
    from landzicht.portal.maps.windows import WindowRequest
    from landzicht.portal.metrics import Family
    from landzicht.portal.services import Services
    from landzicht.render.indices import Index
    from landzicht.render.picture import Picture
    from landzicht.rules import Policy


class Portal(Library, Measuring, Sourcing):
    """One portal in one data folder. Safe to use from many threads; close it at the end."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- looking things up --------------------------------------------------------------------

    def collections(self) -> tuple[Collection, ...]:
        """Return the collections, by id."""
        return search.collections(self.services)

    def collection(self, id: str) -> Collection:
        """Return one collection; raises `UnknownCollection`."""
        return search.collection(self.services, id)

    def item(self, collection: str, id: str) -> bytes:
        """Return a scene as a stored STAC item; raises `UnknownScene`."""
        return search.item(self.services, collection, id)

    def has_scene(self, collection: str, id: str) -> bool:
        """Return whether a scene is in."""
        try:
            self.item(collection, id)
        except (UnknownCollection, UnknownScene):
            return False
        return True

    def search(self, query: Query, measured: frozenset[str] = frozenset()) -> Page:
        """Return a page of scenes; `measured`: values for the place asked for to put in."""
        return search.search(self.services, query, measured=measured)

    def local_items(self, query: Query) -> list[dict[str, Any]]:
        """Return a page of scenes as STAC items whose assets are files of this machine."""
        return search.local_items(self.services, query)

    def dates(self, collection: str, bounds: Bounds | None = None) -> list[dict[str, Any]]:
        """Return the days that have scenes (in a box), newest first."""
        return search.dates(self.services, collection, bounds)

    def asset_path(self, collection: str, item: str, key: str) -> StoredFile | FarFile:
        """Return the file of an asset, for handing it out."""
        return search.asset_path(self.services, collection, item, key)

    # -- looking at pixels --------------------------------------------------------------------

    def tile(self, request: TileRequest, known: Several[str] = ()) -> Picture | Unchanged:
        """Return a map tile, or that the caller has it; see `landzicht.portal.maps.tiles.tile`."""
        made = tiles.tile(self.services, request, known)
        give_back()
        return made

    def window(self, request: WindowRequest, known: Several[str] = ()) -> Picture | Unchanged:
        """Return a box, an area or a whole scene as picture or file of values."""
        made = windows.window(self.services, request, known)
        give_back()
        return made

    def sheet(self, request: SheetRequest, known: Several[str] = ()) -> Picture | Unchanged:
        """Return a map on paper; see `landzicht.portal.maps.sheets.sheet`."""
        from landzicht.portal.maps.sheets import sheet

        made = sheet(self.services, request, known)
        give_back()
        return made

    def film(
        self,
        request: FilmRequest,
        known: Several[str] = (),
        tell: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Film | Unchanged:
        """Return a film of a place; see `landzicht.portal.maps.films.film`."""
        from landzicht.portal.maps.films import film

        made = film(self.services, request, known, tell)
        give_back()
        return made

    def point(self, request: PointRequest) -> PointAnswer:
        """Return the values at a place."""
        return points.point(self.services, request)

    def tile_set(self, request: TileSetRequest) -> TileSet:
        """Return what a map client needs to know of a set of tiles."""
        return legends.tile_set(self.services, request)

    def matrix_sets(self) -> tuple[TileMatrixSet, ...]:
        """Return every grid that tiles come in."""
        return matrix_sets(self.services)

    def matrix_set(self, id: str) -> TileMatrixSet:
        """Return one grid of tiles; raises `UnknownMatrixSet`."""
        return matrix_set(id, self.services.matrices)

    def indices(self, collection: str) -> tuple[tuple[Index, str], ...]:
        """Return the spectral indices that a collection's bands allow, with their formulas."""
        return legends.indices(self.services, collection)

    def legend(self, request: TileSetRequest) -> Legend:
        """Return what the colours of a view mean."""
        return legends.legend(self.services, request)

    def legend_picture(
        self, request: TileSetRequest, known: Several[str] = ()
    ) -> Picture | Unchanged:
        """Return the legend of a view as a picture."""
        return legends.legend_picture(self.services, request, known)

    # -- taking things in ---------------------------------------------------------------------

    def ingest(
        self,
        paths: Iterable[str | Path],
        collection: str | None = None,
        datetime: str | None = None,
        recipe: str | Path | None = None,
        progress: Callable[[str, int, int], None] | None = None,
        receipt: Callable[[Receipt], None] | None = None,
    ) -> tuple[Receipt, ...]:
        """Take files and folders in; see `landzicht.portal.land.ingest`."""
        listener = land.Listener(progress=progress, receipt=receipt)
        return land.ingest(self.services, paths, collection, datetime, recipe, listener)

    def link(
        self,
        paths: Iterable[str | Path],
        collection: str | None = None,
        datetime: str | None = None,
        recipe: str | Path | None = None,
        listener: land.Listener | None = None,
    ) -> tuple[Receipt, ...]:
        """Take scenes in whose files stay where they are; see `landzicht.portal.land.link`."""
        return land.link(self.services, paths, collection, datetime, recipe, listener)

    def theme(self) -> bytes:
        """Return the CSS of the organisation, checked; nothing when there is none."""
        from landzicht.portal.theme import theme_or_none

        return theme_or_none(self.services.settings.theme)

    # -- being alive --------------------------------------------------------------------------

    def warm(self) -> None:
        """Make this process ready for serving, so that the first visitor does not wait.

        Compiles the kernels of tiles and of measuring, lets their compiler and what else was
        needed for starting rest, and keeps freed memory at hand for the next block.
        """
        from landzicht.blocks.heap import keep_freed_memory
        from landzicht.blocks.resting import let_rest
        from landzicht.kernels.warm import warm
        from landzicht.series.warm import warm_measuring

        keep_freed_memory()
        warm()
        warm_measuring()
        let_rest()

    def interrupt(self) -> None:
        """Stop long conversions half-way; a signal handler may call this."""
        stop = getattr(self.services.writer, "interrupt", None)
        if stop:
            stop()

    def close(self) -> None:
        """Give back what the portal holds."""
        self.stop_jobs()
        self.leave_cluster()
        for each in (self.services.catalog, self.services.reader):
            close = getattr(each, "close", None)
            if close:
                close()

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

    def metrics(self) -> tuple[Family, ...]:
        """Return how the portal does, in numbers for a monitoring system."""
        return metrics(self.services)

    def task(self) -> tuple[Progress | None, bool]:
        """Return the long work that was started last, and whether somebody is still at it."""
        path = self.services.settings.demo_progress
        return read_progress(path), is_at_work(path)


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
