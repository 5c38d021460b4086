"""Use case: files into the portal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from landzicht.errors.catalogue import BadQuery
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from landzicht.kinds import Receipt
    from landzicht.portal.services import Services

_COLLECTION = re.compile(r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")


def ingest(
    services: Services,
    paths: Iterable[str | Path],
    collection: str | None = None,
    datetime: str | None = None,
    recipe: str | Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Receipt, ...]:
    """Take files and folders in, and return what became of each scene.

    Args:
        services: adapters of the portal.
        paths: raster files, folders of them, SAFE and Landsat folders, STAC items.
        collection: id of the collection to put them in; None = as the files tell.
        datetime: date of all of them, when they do not tell; a day, moment, month or period.
        recipe: TOML file that says how names, bands and dates are to be read.
        progress: called with `(what, done, in all)`.

    Raises:
        BadRecipe: the recipe is wrong.
        BadDatetime: the date is none.
        BadQuery: the collection's id cannot be one.
        DiskFailed: the catalogue cannot be reached.
    """
    from landzicht.ingest import Harbour, Options, land, read_recipe, sniff
    from landzicht.ingest.dates import when_given

    if collection is not None and not _COLLECTION.match(collection):
        raise BadQuery(name="collection", reason=_BAD_ID)
    options = Options(
        collection=collection,
        when=when_given(datetime) if datetime else None,
        recipe=read_recipe(Path(recipe)) if recipe else None,
    )
    harbour = Harbour(
        data=services.settings.data,
        catalog=services.catalog,
        writer=services.writer,
        runner=services.runner,
    )
    drafts = sniff([Path(path) for path in paths], services.inspector, options)
    return tuple(land(drafts, harbour, progress))


_BAD_ID = Text(
    nl="alleen letters, cijfers, punt, - en _, hooguit 100",
    en="letters, digits, dot, - and _ only, at most 100",
)
