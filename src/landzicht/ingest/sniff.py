"""Finding out what the given files and folders are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from landzicht.errors import LandzichtError
from landzicht.ingest.by_recipe import Source, drafts_by_recipe
from landzicht.ingest.findings import finding, from_error
from landzicht.ingest.guard import Careful, drafted, guarded
from landzicht.ingest.landsat import draft_of_landsat, landsat_metadata
from landzicht.ingest.link import linked
from landzicht.ingest.paths import is_folder, is_zarr, obstacle, walk
from landzicht.ingest.plain import drafts_of_files, refused
from landzicht.ingest.sentinel2 import draft_of_safe, safe_metadata
from landzicht.ingest.stac_item import draft_of_item, local_files, read_items
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from landzicht.ingest.dates import When
    from landzicht.ingest.draft import Draft
    from landzicht.ingest.recipe import Recipe
    from landzicht.kinds import Collection, Finding
    from landzicht.ports import Inspector, Linker

_RASTERS = frozenset(
    f".{ending}"
    for ending in (
        *("tif", "tiff", "gtif", "gtiff", "geotiff", "jp2", "j2k"),
        *("nc", "nc4", "cdf", "h5", "hdf5", "png", "jpg", "jpeg"),
    )
)
"""Endings that are looked at in a folder; a file that is named itself may be called anything."""
_ITEMS = frozenset({".json", ".geojson"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user said besides the paths."""

    collection: str | None = None
    """Collection to put everything in."""
    when: When | None = None
    """Date of everything."""
    recipe: Recipe | None = None
    """How to read names and bands."""
    linker: Linker | None = None
    """Finds the files that are to be used where they are; None = all are taken in."""
    together: bool = False
    """Whether the paths are images that belong together as those of one folder do."""


def sniff(paths: Sequence[Path], inspector: Inspector, options: Options) -> Iterator[Draft]:
    """Yield a draft for each scene that the paths hold, and one for each that is refused.

    Nothing is converted and nothing raised: what is wrong stands in the drafts' findings.
    """
    inspector = Careful(inspector)
    drafts = (
        _by_recipe(paths, options.recipe, inspector, options)
        if options.recipe
        else drafts_of_files(paths, inspector, options.when)
        if options.together
        else (
            draft
            for path in paths
            for draft in guarded(_sniff_one(path, inspector, options), path, refused)
        )
    )
    for draft in drafts:
        yield drafted(partial(_as_asked, draft, options), Path(draft.path), refused)


def _as_asked(draft: Draft, options: Options) -> Draft:
    """Return a draft with what the user said on top."""
    collection, own = draft.collection, draft.own_collection
    if options.collection:
        own = True
        collection = _renamed(collection, options.collection)
    moment, end = options.when or (draft.moment, draft.end)
    findings = tuple(
        found for found in draft.findings if found.code != "date-missing" or moment is None
    )
    told = replace(
        draft,
        collection=collection,
        own_collection=own,
        moment=moment,
        end=end,
        findings=findings,
    )
    return linked(told, options.linker) if options.linker else told


def _sniff_one(path: Path, inspector: Inspector, options: Options) -> Iterator[Draft]:
    if is_folder(path) and not is_zarr(path):
        yield from _sniff_folder(path, inspector, options)
        return
    blocked = obstacle(path)
    if blocked:
        yield refused(path, blocked)
    elif path.suffix.lower() in _ITEMS:
        yield from _sniff_item(path, inspector, options)
    elif safe_metadata(path.parent) == path or path.name == "manifest.safe":
        yield from _sniff_folder(path.parent, inspector, options)
    elif landsat_metadata(path.parent) == path:
        yield draft_of_landsat(path.parent, inspector)
    else:
        yield from drafts_of_files([path], inspector, options.when)


def _sniff_folder(root: Path, inspector: Inspector, options: Options) -> Iterator[Draft]:
    seen = False
    for draft in _walk(root, inspector, options):
        seen = True
        yield draft
    if not seen:
        yield refused(root, finding("nothing-found", root))


def _walk(root: Path, inspector: Inspector, options: Options) -> Iterator[Draft]:
    rasters: list[Path] = []
    used: set[Path] = set()
    locked: list[Finding] = []
    for folder in walk(root, locked):
        if is_zarr(folder.path):
            folder.folders.clear()
            rasters.append(folder.path)
            continue
        if safe_metadata(folder.path):
            folder.folders.clear()
            yield drafted(partial(draft_of_safe, folder.path, inspector), folder.path, refused)
            continue
        if landsat_metadata(folder.path):
            folder.folders.clear()
            yield drafted(partial(draft_of_landsat, folder.path, inspector), folder.path, refused)
            continue
        for path in folder.files:
            if path.suffix.lower() in _ITEMS:
                found = _items_in_folder(path, root, used, inspector, options)
                yield from guarded(found, path, refused)
        rasters += [path for path in folder.files if path.suffix.lower() in _RASTERS]
    yield from _told(locked)
    rasters = [path for path in rasters if _real(path) not in used]
    yield from drafts_of_files(rasters, inspector, options.when, root)


def _items_in_folder(
    path: Path, root: Path, used: set[Path], inspector: Inspector, options: Options
) -> Iterator[Draft]:
    """Yield drafts of the items of a file, if it has any; the files that they name are `used`."""
    blocked = obstacle(path, root)
    if blocked:
        yield refused(path, blocked)
    elif _is_item_file(path):
        used |= _files_of_items(path)
        yield from _sniff_item(path, inspector, options)


def _real(path: Path) -> Path | None:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # links that run in a circle: told when it is looked at
        return None


def _told(locked: Iterable[Finding]) -> Iterator[Draft]:
    for found in locked:
        yield refused(Path(found.path), found)


def _sniff_item(path: Path, inspector: Inspector, options: Options) -> Iterator[Draft]:
    try:
        items = read_items(path)
    except LandzichtError as error:
        yield refused(path, from_error(error, path))
        return
    for item in items:
        make = partial(draft_of_item, path, item, inspector, options.when, options.linker)
        yield drafted(make, path, refused)


def _is_item_file(path: Path) -> bool:
    try:
        return bool(read_items(path))
    except LandzichtError:
        return False


def _files_of_items(path: Path) -> set[Path]:
    return {file for item in read_items(path) for file in local_files(path, item).values() if file}


def _by_recipe(
    paths: Sequence[Path], recipe: Recipe, inspector: Inspector, options: Options
) -> Iterator[Draft]:
    files: list[Source] = []
    locked: list[Finding] = []
    for path in paths:
        if is_folder(path) and not is_zarr(path):
            for folder in walk(path, locked):
                if is_zarr(folder.path):
                    folder.folders.clear()
                    name = folder.path.relative_to(path).as_posix()
                    files.append(Source(path=folder.path, name=name, root=path))
                    continue
                files += [
                    Source(path=file, name=file.relative_to(path).as_posix(), root=path)
                    for file in folder.files
                ]
            continue
        blocked = obstacle(path)
        if blocked:
            locked.append(blocked)
        else:
            files.append(Source(path=path, name=path.name))
    yield from _told(locked)
    if files or not locked:
        yield from drafts_by_recipe(files, recipe, inspector, options.when)


def _renamed(collection: Collection, id: str) -> Collection:
    """Give a collection the id that the user chose; a title made of file names goes with it."""
    title = collection.title
    if title.nl == title.en:
        title = Text(nl=id, en=id)
    return replace(collection, id=id, title=title)
