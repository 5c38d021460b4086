"""Whole catalogues out and in: stac-geoparquet, a static STAC folder, lines of JSON."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors import Invalid, LandzichtError
from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.errors.records import BadExchange
from landzicht.kinds import Collection, is_remote
from landzicht.portal.moving import scenes_by_id
from landzicht.stac import read_collection, read_foreign, read_item, write_collection
from landzicht.stac.foreign_collection import read_foreign_collection
from landzicht.stac.json import SCHEME
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from landzicht.kinds import Item, Scene
    from landzicht.ports import Catalog

    Tell = Callable[[str, int, int], None]
    Place = str
    """File, and line or number within it."""

BATCH = 1000
"""Items in one transaction."""
MOST_TOLD = 1000
"""Refused items that a report keeps; of the others only the number."""
_MOST_BYTES = 500_000_000
"""Of a file that is read as a whole."""
_LONGEST_LINE = 20_000_000
_OWN_FILE = re.compile(r"files/[0-9a-f]{2}/[0-9a-f]{64}\.tif")
_NOT_JSON = Text(nl="geen geldige JSON", en="no valid JSON")
_LONG = Text(nl="de regel is te lang", en="the line is too long")
_UNKNOWN = Text(nl="de soort bestand is onbekend", en="the kind of file is unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An item that did not go in."""

    place: str
    """File, and line or number within it."""
    error: LandzichtError
    """Why; a `BadItem` names every field."""


@dataclass(slots=True, kw_only=True)
class Imported:
    """What became of a file."""

    taken: int = 0
    """Items that went in."""
    refused: int = 0
    """Items that did not."""
    told: list[Refused] = field(default_factory=list)
    """The first of these."""


def export_parquet(catalog: Catalog, path: Path, files: Path, tell: Tell | None = None) -> int:
    """Write everything to a stac-geoparquet file; return how many items.

    Raises:
        DiskFailed: the disk is full or read-only; an older file stays as it was.
    """
    from landzicht.records.geoparquet import write_geoparquet

    listed = catalog.collections()
    total = 2 * sum(each.count for each in listed)
    done = 0

    def items() -> Iterator[dict[str, Any]]:
        nonlocal done
        for each in listed:
            for item in _public_items(catalog, each.id, files):
                yield item
                done += 1
                if tell is not None and done % BATCH == 0:
                    tell(path.name, done, max(total, done))

    with _new_file(path) as part:
        return write_geoparquet(part, items, [_public_collection(each) for each in listed])


def export_static(catalog: Catalog, folder: Path, files: Path, tell: Tell | None = None) -> int:
    """Write everything as a static STAC catalogue; return how many items.

    Raises:
        DiskFailed: the disk is full or read-only.
    """
    from landzicht.records.static import write_static

    listed = catalog.collections()
    total, done = sum(each.count for each in listed), 0

    def items(name: str) -> Iterator[dict[str, Any]]:
        nonlocal done
        for item in _public_items(catalog, name, files):
            yield item
            done += 1
            if tell is not None and done % 100 == 0:
                tell(name, done, max(total, done))

    try:
        return write_static(folder, ((_public_collection(c), items(c.id)) for c in listed))
    except OSError as error:
        raise DiskFailed(path=folder, reason=disk_reason(error)) from error


def import_items(catalog: Catalog, source: Path, data: Path, tell: Tell | None = None) -> Imported:
    """Take items in from a file or folder; a bad one is reported and stops no other.

    Args:
        catalog: where they go.
        source: `.parquet`, `.ndjson`, `.json` or a folder with a static catalogue.
        data: the data folder: an item of ours whose files lie there becomes the same scene again.
        tell: is called with the name of the file and how many items were looked at.

    Raises:
        BadExchange: the file cannot be read at all.
        LandzichtError: the store failed; what was acknowledged is in.
    """
    report = Imported()
    try:
        collections, items = _open(source)
        known = _put_collections(catalog, collections, source, report)
        batch: list[tuple[Place, Scene | Item]] = []
        for number, (place, told) in enumerate(items, 1):
            scene = _read(place, told, data, report)
            if scene is not None:
                batch.append((place, scene))
            if len(batch) >= BATCH:
                _put(catalog, batch, known, report)
            if tell is not None and number % BATCH == 0:
                tell(source.name, number, number)
        _put(catalog, batch, known, report)
    except OSError as error:
        raise BadExchange(path=source, reason=disk_reason(error)) from error
    return report


def _public_items(catalog: Catalog, collection: str, files: Path) -> Iterator[dict[str, Any]]:
    for stored in scenes_by_id(catalog, collection):
        item = orjson.loads(stored.body)
        for asset in item["assets"].values():
            if str(asset.get("href", "")).startswith(SCHEME):
                asset["href"] = (files / asset["landzicht:file"]).as_posix()
        yield item


def _public_collection(collection: Collection) -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads(write_collection(collection))
    return told


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """Lend a file beside `path` that takes its place when all went well."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        os.close(handle)
        part = Path(name)
        try:
            yield part
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.chmod(0o644)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise DiskFailed(path=path, reason=disk_reason(error)) from error


def _open(source: Path) -> tuple[list[dict[str, Any]], Iterable[tuple[Place, Any]]]:
    """Return the collections and items of a file or folder."""
    if source.is_dir():
        from landzicht.records.static import read_static

        collections, found = read_static(source)
        return collections, ((str(path.relative_to(source)), item) for path, item in found)
    if source.suffix == ".parquet":
        from landzicht.records.geoparquet import read_geoparquet

        collections, rows = read_geoparquet(source)
        return collections, ((f"{source.name}:{n}", row) for n, row in enumerate(rows, 1))
    if source.suffix in {".ndjson", ".jsonl"}:
        return [], _lines(source)
    if source.suffix in {".json", ".geojson"}:
        return _whole(source)
    raise BadExchange(path=source, reason=_UNKNOWN)


def _lines(source: Path) -> Iterator[tuple[Place, Any]]:
    with source.open("rb") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            place = f"{source.name}:{number}"
            if not line.endswith(b"\n") and len(line) == _LONGEST_LINE:
                raise BadExchange(path=place, reason=_LONG)
            if line.strip():
                yield place, _decode(line)


def _whole(source: Path) -> tuple[list[dict[str, Any]], Iterable[tuple[Place, Any]]]:
    if source.stat().st_size > _MOST_BYTES:
        raise BadExchange(path=source, reason=_LONG)
    told = _decode(source.read_bytes())
    if not isinstance(told, dict):
        raise BadExchange(path=source, reason=_NOT_JSON)
    if told.get("type") == "Collection":
        return [told], []
    features = told.get("features") if told.get("type") == "FeatureCollection" else [told]
    if not isinstance(features, list):
        raise BadExchange(path=source, reason=_NOT_JSON)
    return [], ((f"{source.name}:{n}", each) for n, each in enumerate(features, 1))


def _decode(text: bytes) -> Any:  # noqa: ANN401 - JSON, or None when it is not
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _put_collections(
    catalog: Catalog, told: list[dict[str, Any]], source: Path, report: Imported
) -> set[str]:
    """Take collections in that are not there yet; return the ids of all."""
    known = {each.id for each in catalog.collections()}
    for each in told:
        try:
            collection = _collection(each)
            if collection.id not in known:
                catalog.put([collection], [])
                known.add(collection.id)
        except Invalid as error:
            _refuse(report, f"{source.name}: collection", error)
    return known


def _collection(told: dict[str, Any]) -> Collection:
    if "landzicht:count" in told:
        try:
            return read_collection(orjson.dumps({n: v for n, v in told.items() if n != "links"}))
        except LandzichtError:
            pass  # not quite ours
    return read_foreign_collection(told)


def _read(place: Place, told: object, data: Path, report: Imported) -> Scene | Item | None:
    try:
        return _own_scene(told, data) or read_foreign(told)
    except Invalid as error:
        _refuse(report, place, error)
        return None


def _own_scene(told: object, data: Path) -> Scene | None:
    """Return the scene that an item of ours was made from, when its files are here."""
    if not isinstance(told, dict) or not isinstance(told.get("properties"), dict):
        return None
    assets = told.get("assets")
    if "landzicht:source" not in told["properties"] or not isinstance(assets, dict) or not assets:
        return None
    if not all(isinstance(one, dict) and _is_here(one, data) for one in assets.values()):
        return None
    try:
        return read_item(orjson.dumps({n: v for n, v in told.items() if n != "links"}))
    except (LandzichtError, TypeError):
        return None


def _is_here(asset: dict[str, Any], data: Path) -> bool:
    """Return whether an asset is a file of ours, or lies at an address on the web."""
    href = asset.get("landzicht:file")
    if not isinstance(href, str):
        return False
    if is_remote(href):
        return True
    if not _OWN_FILE.fullmatch(href):
        return False
    try:
        return (data / href).stat().st_size == asset.get("file:size")
    except (OSError, ValueError):
        return False


def _put(
    catalog: Catalog,
    batch: list[tuple[Place, Scene | Item]],
    known: set[str],
    report: Imported,
) -> None:
    """Put a batch in; when it is refused, halves of it, down to the items that are to blame."""
    new = {scene.collection for _, scene in batch} - known
    if new:
        catalog.put([_plain_collection(name) for name in sorted(new)], [])
        known |= new
    pending = [batch[:]] if batch else []
    batch.clear()
    while pending:
        part = pending.pop()
        try:
            catalog.put([], [scene for _, scene in part])
            report.taken += len(part)
        except Invalid as error:
            if len(part) == 1:
                _refuse(report, part[0][0], error)
            else:
                middle = len(part) // 2
                pending += [part[middle:], part[:middle]]


def _plain_collection(name: str) -> Collection:
    """Return a collection for items that came without one."""
    title = Text(nl=name, en=name)
    return Collection(id=name, title=title, description=title)


def _refuse(report: Imported, place: Place, error: LandzichtError) -> None:
    report.refused += 1
    if len(report.told) < MOST_TOLD:
        report.told.append(Refused(place=place, error=error))
