"""Whole catalogues out and in: stac-geoparquet, a static STAC folder, lines of JSON."""

from __future__ import annotations

import os
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
from landzicht.ingest.company import Company
from landzicht.kinds import Collection
from landzicht.portal.catalogue.exchange_ready import Looked, ready_items
from landzicht.portal.catalogue.moving import scenes_by_id
from landzicht.stac import read_collection, write_collection
from landzicht.stac.foreign import with_links
from landzicht.stac.foreign_collection import read_foreign_collection
from landzicht.stac.json import SCHEME
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from landzicht.ports import Bulk, Catalog

    Tell = Callable[[str, int, int], None]
    Place = str
    """File, and line or number within it."""

BATCH = 15_000
"""Items in one transaction. Each touches pages all over the indices, and the more come together the
more of them share one: 15,000 at a time write a third less into a million than 5000 do. More would
make others who write wait too long, and hold too much memory."""
BATCH_PLAIN = 2000
"""The same for a catalogue that takes items as they are, which hold much more memory."""
TOLD_EACH = 1000
"""Items from one message about the progress to the next."""
MOST_TOLD = 1000
"""Refused items that are kept in memory; the others are counted, and told one by one."""


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
    write: Callable[[Refused], None] | None = None
    """Is called with every one of them."""


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
                if tell is not None and done % TOLD_EACH == 0:
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


def import_items(
    catalog: Catalog,
    source: Path,
    data: Path,
    tell: Tell | None = None,
    write: Callable[[Refused], None] | None = None,
) -> Imported:
    """Take items in from a file or folder; a bad one is reported and stops no other.

    Args:
        catalog: where they go.
        source: `.parquet`, `.ndjson`, `.json` or a folder with a static catalogue.
        data: the data folder: an item of ours whose files lie there becomes the same scene again.
        tell: is called with the name of the file and how many items were looked at.
        write: is called with every item that is refused, as soon as it is.

    Raises:
        BadExchange: the file cannot be read at all.
        LandzichtError: the store failed; what was acknowledged is in.
    """
    report = Imported(write=write)
    try:
        bulk: Bulk[Any] | None = getattr(catalog, "bulk", None)
        pack = bulk.packer() if bulk else None
        collections, items = ready_items(source, data, pack)
        known = _put_collections(catalog, collections, source, report)
        batch: list[Looked] = []
        most = BATCH if pack else BATCH_PLAIN
        for number, looked in enumerate(items, 1):
            if looked.error is not None:
                _refuse(report, looked.place, looked.error)
            else:
                batch.append(looked)
            if len(batch) >= most:
                _put(catalog, batch, known, report)
            if tell is not None and number % TOLD_EACH == 0:
                tell(source.name, number, number)
        _put(catalog, batch, known, report)
    except OSError as error:
        raise BadExchange(path=source, reason=disk_reason(error)) from error
    return report


def _public_items(catalog: Catalog, collection: str, files: Path) -> Iterator[dict[str, Any]]:
    for stored in scenes_by_id(catalog, collection):
        item = with_links(orjson.loads(stored.body))
        for asset in item["assets"].values():
            if str(asset.get("href", "")).startswith(SCHEME):
                asset["href"] = (files / asset["landzicht:file"]).as_posix()
        yield item


def _public_collection(collection: Collection) -> dict[str, Any]:
    return with_links(orjson.loads(write_collection(collection)))


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


def _put(catalog: Catalog, batch: list[Looked], known: set[str], report: Imported) -> None:
    """Put a batch in; when it is refused, halves of it, down to the items that are to blame."""
    new = {looked.scene.collection for looked in batch if looked.scene} - known
    if new:
        catalog.put([_plain_collection(name) for name in sorted(new)], [])
        known |= new
    pending = [batch[:]] if batch else []
    batch.clear()
    while pending:
        part = pending.pop()
        try:
            _join(catalog, part)
            report.taken += len(part)
        except Invalid as error:
            if len(part) == 1:
                _refuse(report, part[0].place, error)
            else:
                middle = len(part) // 2
                pending += [part[middle:], part[:middle]]


def _join(catalog: Catalog, part: list[Looked]) -> None:
    """Put scenes in their collections; raises when one may not lie with the others there."""
    scenes: list[Any] = [looked.scene for looked in part]
    names = {scene.collection for scene in scenes}
    companies = {name: Company(catalog, catalog.collection(name)) for name in names}
    for scene, looked in zip(scenes, part, strict=True):
        simulated, world = looked.company
        companies[scene.collection].admit(scene.id, simulated=simulated, world=world)
    bulk: Bulk[Any] | None = getattr(catalog, "bulk", None)
    put: Any = bulk.put_packed if bulk else catalog.put
    put([new for company in companies.values() for new in company.changed()], scenes)


def _plain_collection(name: str) -> Collection:
    """Return a collection for items that came without one."""
    title = Text(nl=name, en=name)
    return Collection(id=name, title=title, description=title)


def _refuse(report: Imported, place: Place, error: LandzichtError) -> None:
    report.refused += 1
    refused = Refused(place=place, error=error)
    if len(report.told) < MOST_TOLD:
        report.told.append(refused)
    if report.write is not None:
        report.write(refused)
