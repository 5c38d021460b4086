"""What an operator does with a whole catalogue; the command line calls these."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from landzicht.errors.records import NotEmbedded
from landzicht.portal.catalogue import exchange, moving
from landzicht.portal.keeping import cleaning
from landzicht.portal.settings import load_settings
from landzicht.portal.wiring import open_catalog, open_other_catalog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from landzicht.portal.settings import Settings
    from landzicht.ports import Catalog

    Tell = Callable[[str, int, int], None]


def move_catalogue(
    data: Path | None, target: str, tell: Tell | None = None
) -> tuple[moving.Moved, ...]:
    """Copy the catalogue of a data folder to PostgreSQL or into another folder, and verify.

    Args:
        data: the data folder, or None for the usual one.
        target: `postgresql://…` or a folder.
        tell: is called with the collection, scenes done, scenes in all.

    Raises:
        MoveDiffers: the two are not equal after copying.
    """
    settings = load_settings(data)
    with ExitStack() as stack:
        old = _opened(stack, open_catalog(settings))
        new = _opened(stack, open_other_catalog(target, settings))
        return moving.move(old, new, tell)


def export_catalogue(data: Path | None, target: Path, tell: Tell | None = None) -> int:
    """Write all items as GeoParquet (a name in `.parquet`) or as a static catalogue (a folder).

    Returns:
        How many items.
    """
    settings = load_settings(data)
    with ExitStack() as stack:
        catalog = _opened(stack, open_catalog(settings))
        write = exchange.export_parquet if _is_parquet(target) else exchange.export_static
        return write(catalog, target, settings.data, tell)


def import_catalogue(
    data: Path | None,
    source: Path,
    tell: Tell | None = None,
    write: Callable[[exchange.Refused], None] | None = None,
) -> exchange.Imported:
    """Take items in from a file or folder; bad ones are told to `write` and stop no other."""
    settings = load_settings(data)
    with ExitStack() as stack:
        catalog = _opened(stack, open_catalog(settings))
        return exchange.import_items(catalog, source, settings.data, tell, write)


def back_up_catalogue(data: Path | None, target: Path, tell: Tell | None = None) -> None:
    """Copy the embedded catalogue to a file while the portal goes on.

    Raises:
        NotEmbedded: the catalogue is on PostgreSQL.
        DiskFailed: the disk is full or read-only; an older copy stays as it was.
    """
    settings = load_settings(data)
    with ExitStack() as stack:
        catalog: Any = _opened(stack, open_catalog(settings))
        if not hasattr(catalog, "backup"):
            raise NotEmbedded

        def told(done: int, total: int) -> None:
            if tell is not None:
                tell(target.name, done, total)

        catalog.backup(target, told)


def clean_catalogue(
    data: Path | None, *, remove: bool = False, tell: Tell | None = None
) -> cleaning.Cleaned:
    """Find stored files that no scene points to, and remove them when asked."""
    settings: Settings = load_settings(data)
    with ExitStack() as stack:
        catalog = _opened(stack, open_catalog(settings))
        return cleaning.clean(catalog, settings.data, remove=remove, tell=tell)


def _opened(stack: ExitStack, catalog: Catalog) -> Catalog:
    close = getattr(catalog, "close", None)
    if close:
        stack.callback(close)
    return catalog


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"
