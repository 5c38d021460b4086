"""Use case: files into the portal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.pixels import BadFormula
from landzicht.portal.quota import must_fit
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from landzicht.ingest import Harbour
    from landzicht.kinds import Asset, Layer, Receipt
    from landzicht.portal.services import Services
    from landzicht.ports import Reader

_SAMPLE_SIDE = 1_024
_COLLECTION = re.compile(r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who hears how it goes."""

    progress: Callable[[str, int, int], None] | None = None
    """Called with `(what, done, in all)`."""
    receipt: Callable[[Receipt], None] | None = None
    """Called with each receipt as soon as it is there; what it tells is done."""


def ingest(
    services: Services,
    paths: Iterable[str | Path],
    collection: str | None = None,
    datetime: str | None = None,
    recipe: str | Path | None = None,
    listener: Listener | None = None,
) -> tuple[Receipt, ...]:
    """Take files and folders in, and return what became of each scene.

    Args:
        services: adapters of the portal.
        paths: raster files, folders of them, SAFE and Landsat folders, STAC items.
        collection: id of the collection to put them in; None = as the files tell.
        datetime: date of all of them, when they do not tell; a day, moment, month or period.
        recipe: TOML file that says how names, bands and dates are to be read.
        listener: who hears how it goes.

    Raises:
        BadRecipe: the recipe is wrong.
        BadDatetime: the date is none.
        BadQuery: the collection's id cannot be one, or a path is empty.
        DiskFailed: the catalogue cannot be reached.
    """
    return _take(services, tuple(paths), (collection, datetime, recipe), listener, link=False)


def link(
    services: Services,
    paths: Iterable[str | Path],
    collection: str | None = None,
    datetime: str | None = None,
    recipe: str | Path | None = None,
    listener: Listener | None = None,
) -> tuple[Receipt, ...]:
    """Take scenes in whose files stay where they are, and return what became of each.

    Files on other computers must be allowed by the settings (`remote_hosts`), those of this
    computer must lie below one of the `linked_roots`.

    Args:
        services: adapters of the portal.
        paths: STAC items whose assets are addresses, or what `ingest` takes.
        collection: as `ingest`.
        datetime: as `ingest`.
        recipe: as `ingest`.
        listener: as `ingest`.

    Raises:
        BadRecipe: the recipe is wrong.
        BadDatetime: the date is none.
        BadQuery: the collection's id cannot be one, or a path is empty.
        DiskFailed: the catalogue cannot be reached.
    """
    return _take(services, tuple(paths), (collection, datetime, recipe), listener, link=True)


def _take(
    services: Services,
    paths: tuple[str | Path, ...],
    told: tuple[str | None, str | None, str | Path | None],
    listener: Listener | None,
    *,
    link: bool,
) -> tuple[Receipt, ...]:
    from landzicht.ingest import Options, land, read_recipe, sniff
    from landzicht.ingest.dates import when_given

    collection, datetime, recipe = told

    if collection is not None and not _COLLECTION.match(collection):
        raise BadQuery(name="collection", reason=_BAD_ID)
    if any(str(path) == "" for path in paths):
        raise BadQuery(name="paths", reason=_EMPTY_PATH)
    options = Options(
        collection=collection,
        when=when_given(datetime) if datetime else None,
        recipe=read_recipe(Path(recipe), wrong_in_layer) if recipe else None,
        linker=services.linker if link else None,
    )
    harbour = harbour_of(services)
    drafts = sniff([Path(path) for path in paths], services.inspector, options)
    receipts: list[Receipt] = []
    listener = listener or Listener()
    for receipt in land(drafts, harbour, listener.progress):
        receipts.append(receipt)
        if listener.receipt:
            listener.receipt(receipt)
    return tuple(receipts)


def harbour_of(services: Services, *, newer: bool = False) -> Harbour:
    """Return what landing needs.

    Args:
        services: adapters of the portal.
        newer: whether what has the id of a scene already is an earlier version of it.
    """
    from landzicht.ingest import Harbour

    return Harbour(
        data=services.settings.data,
        catalog=services.catalog,
        writer=services.writer,
        runner=services.runner,
        sample=partial(_sample, services.reader),
        place=services.linker.path,
        newer=newer,
        must_fit=partial(must_fit, services),
        added=services.stored.add,
    )


def take_item(services: Services, path: Path, *, link: bool) -> Receipt:
    """Take one STAC item of a followed source in; it replaces earlier versions of itself.

    Args:
        services: adapters of the portal.
        path: file of the item; its assets lie beside it, or are addresses.
        link: whether they are used where they are.
    """
    from landzicht.ingest import Options, land, sniff

    options = Options(linker=services.linker if link else None)
    drafts = sniff([path], services.inspector, options)
    (receipt,) = land(drafts, harbour_of(services, newer=True))
    return receipt


def _sample(reader: Reader, asset: Asset) -> Mapping[str, float]:
    """Return approximate statistics of a linked file from a small overview; none without one."""
    from landzicht.formats.statistics import Sampler
    from landzicht.grid import Window

    small = [
        (number, grid)
        for number, grid in enumerate(reader.levels(asset))
        if max(grid.shape) <= _SAMPLE_SIDE
    ]
    if not small:
        return {}
    number, grid = small[0]
    block = reader.read(asset, number, Window(0, 0, *grid.shape))
    sampler = Sampler(grid, asset.band)
    sampler.add(block.values[0], block.valid[0])
    return dict(sampler.statistics())


def wrong_in_layer(layer: Layer, bands: Sequence[str]) -> Iterator[tuple[str, Text]]:
    """Yield `(key, what is wrong)` for a recipe's layer whose formula or colours cannot be.

    Args:
        layer: as the recipe has it.
        bands: names of bands that the recipe describes; none when the files tell them.
    """
    from landzicht.ingest.recipe_fields import no_band
    from landzicht.render.colormaps import COLORMAPS
    from landzicht.render.formula import parse_formula
    from landzicht.render.indices import INDICES

    if layer.colormap and layer.colormap.lower() not in COLORMAPS:
        names = ", ".join(COLORMAPS)
        yield "colormap_name", _NO_COLORMAP.fill(colormap=layer.colormap[:80], names=names)
    parts = layer.expression.split(";") if layer.expression else []
    if len(parts) not in (0, 1, 3):
        yield "expression", _ONE_OR_THREE
    for part in parts:
        if part.strip().upper() in INDICES and part.strip() not in bands:
            continue  # an index by its name; it finds its bands by their common names
        try:
            names_in = parse_formula(part).names
        except BadFormula as error:
            yield "expression", _BAD_FORMULA.fill(**error.facts)
            continue
        for name in names_in:
            if bands and name not in bands:
                yield "expression", no_band(name, bands)


_EMPTY_PATH = Text(nl="een pad is leeg", en="a path is empty")
_NO_COLORMAP = Text(
    nl="kent de kleuren “{colormap}” niet; wel: {names}",
    en="does not know the colours “{colormap}”; it does know: {names}",
)
_ONE_OR_THREE = Text(
    nl="heeft één formule, of drie met ; ertussen",
    en="has one formula, or three with ; between them",
)
_BAD_FORMULA = Text(
    nl="klopt niet op positie {position}: {reason}", en="is wrong at position {position}: {reason}"
)
_BAD_ID = Text(
    nl="alleen letters, cijfers, punt, - en _, hooguit 100",
    en="letters, digits, dot, - and _ only, at most 100",
)
