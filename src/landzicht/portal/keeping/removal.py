"""Use case: remove what a plan lets go, so that it can be brought back for a while.

A removal is a folder in the bin, `files/.bin/<run>` in the data folder. What is about to go is
written there first, every description word for word; from that moment on the removal is carried
out, by whoever comes first when this process is killed. Then the scenes leave the catalogue, then
the files that no other scene needs move to the folder, then a receipt is added to
`receipts/retention.ndjson`. Bringing back goes the other way.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors.catalogue import UnknownCollection, UnknownScene
from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.errors.records import SameSource
from landzicht.errors.retention import BinBusy, PlanChanged, UnknownRemoval
from landzicht.ingest.company import Company
from landzicht.ingest.store import storing
from landzicht.kinds import Stored
from landzicht.portal.catalogue.moving import restore, scenes_by_id
from landzicht.portal.keeping.cleaning import AGE_SECONDS
from landzicht.portal.keeping.retention import files_of, needed_files, plan
from landzicht.portal.keeping.trash import BIN, DONE, ITEMS, RUN, age_of, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from landzicht.kinds import Item
    from landzicht.portal.keeping.retention import Plan
    from landzicht.portal.services import Services

RECEIPTS = "receipts/retention.ndjson"
"""What was removed and brought back, a line of JSON each, below the data folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A removal that is done."""

    run: str
    """Its name."""
    at: str
    """When (RFC 3339)."""
    scenes: int
    """Images that went."""
    bytes: int
    """Bytes of their files in the bin, or that became free at once when there is no bin."""
    young: int
    """Files that are younger than a day and stay until `landzicht catalogue clean`: another
    process may be about to use them."""
    until: str
    """Until when it can be brought back (RFC 3339); empty = not at all."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def apply(
    services: Services, id: str, now: datetime | None = None, *, age_s: float = AGE_SECONDS
) -> Removal:
    """Carry out a plan that was looked at.

    Args:
        services: adapters of the portal.
        id: name of the plan.
        now: moment that the rules count from; None = now.
        age_s: files that got their name later stay; see `Removal.young`.

    Raises:
        PlanChanged: what would go is not what was shown.
        BinBusy: another process is at it.
        NoRetention, BadRetention: as `retention.plan`.
        DiskFailed: the disk or catalogue failed; the next command goes on with it.
    """
    with _bin(services) as folder:
        _finish_all(services, folder, age_s)
        found = plan(services, now)
        if found.id != id or not found.leaving:
            raise PlanChanged(plan=id[:80])
        run = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{found.id}"
        _begin(folder / run, list(_lines(services, found)))
        return _finish(services, folder / run, age_s)


def undo(services: Services, run: str) -> int:
    """Bring back the images of a removal, and return how many.

    One whose place was taken meanwhile stays away: the newer one wins.

    Raises:
        UnknownRemoval: there is none, or its files are gone.
        UnknownCollection: a collection of these images was removed; nothing is changed.
        SimulatedAndReal: what is in it by now is real and these are simulated, or the other way
            round; nothing is changed.
        OtherWorld: what is in it by now shows another made-up land; nothing is changed.
        BinBusy: another process is at it.
        DiskFailed: the disk or catalogue failed; doing it again goes on.
    """
    with _bin(services) as folder:
        _finish_all(services, folder, AGE_SECONDS)
        place = folder / run
        if not RUN.fullmatch(run) or not (place / DONE).is_file():
            raise UnknownRemoval(run=run[:80])
        lines = _read(place / DONE)
        for name in sorted({line["collection"] for line in lines}):
            # Somebody may have removed it, or filled it with what may not lie with these: then
            # nothing is moved.
            company = Company(services.catalog, services.catalog.collection(name))
            company.admit_all(_item(line) for line in lines if line["collection"] == name)
        data = services.settings.data
        names = {name for line in lines for name in files_of(line["body"].encode())}
        for name in sorted(names):
            source, target = place / name, data / "files" / name[:2] / name
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                with storing(data):
                    source.replace(target)
        back = [line for line in lines if _bring_back(services, line)]
        _receive(data, [_receipt(line, run, "restored") for line in back])
        shutil.rmtree(place)
        return len(back)


def removals(services: Services) -> tuple[Removal, ...]:
    """Return what is in the bin, oldest first, after finishing what a kill left half.

    Raises:
        BinBusy: another process is at it.
        DiskFailed: the disk or catalogue failed.
    """
    with _bin(services) as folder:
        _finish_all(services, folder, AGE_SECONDS)
        runs = sorted(path for path in folder.iterdir() if (path / DONE).is_file())
        return tuple(_told(services, path, _read(path / DONE)) for path in runs)


def empty(services: Services) -> int:
    """Empty the bin for good, and return how many bytes became free.

    Raises:
        BinBusy: another process is at it.
        DiskFailed: the disk or catalogue failed.
    """
    with _bin(services) as folder:
        _finish_all(services, folder, AGE_SECONDS)
        freed = 0
        for place in sorted(folder.iterdir()):
            if (place / DONE).is_file():
                freed += size_of(place)
                shutil.rmtree(place)
        return freed


@contextmanager
def _bin(services: Services) -> Iterator[Path]:
    """Yield the bin, held by nobody else; a disk that fails becomes one of our errors."""
    folder = services.settings.files / BIN
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BinBusy from error
            yield folder
    except OSError as error:
        raise DiskFailed(path=folder, reason=disk_reason(error)) from error


def _lines(services: Services, found: Plan) -> Iterator[dict[str, Any]]:
    """Yield all that is needed to carry out and undo the removal of each image."""
    for rule in found.rules:
        leaving = {one.id: one for one in found.leaving if one.collection == rule.collection}
        for stored in scenes_by_id(services.catalog, rule.collection) if leaving else ():
            one = leaving.get(stored.id)
            if one is None or one.source != stored.source:
                continue  # another one since the plan was made
            yield {
                "collection": one.collection,
                "id": one.id,
                "source": one.source,
                "moment": stored.moment.isoformat(),
                "end": stored.end.isoformat() if stored.end else None,
                "why": one.why,
                "cloud": one.cloud,
                "rule": rule.as_dict(),
                "body": stored.body.decode(),
            }


def _begin(place: Path, lines: list[dict[str, Any]]) -> None:
    """Write down what goes; from here on it is carried out, whatever happens."""
    place.mkdir()
    fresh = place / f"{ITEMS}.new"
    with fresh.open("wb") as file:
        file.writelines(orjson.dumps(line) + b"\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(place / ITEMS)


def _finish_all(services: Services, folder: Path, age_s: float) -> None:
    """Carry out what killed processes began, and drop what they had not yet decided."""
    for place in sorted(folder.iterdir()):
        if (place / ITEMS).is_file():
            _finish(services, place, age_s)
        elif RUN.fullmatch(place.name) and not (place / DONE).is_file():
            shutil.rmtree(place, ignore_errors=True)
    days = services.settings.bin_days
    for place in sorted(folder.iterdir()):
        if (place / DONE).is_file() and age_of(place) >= days * 86_400:
            shutil.rmtree(place)


def _finish(services: Services, place: Path, age_s: float) -> Removal:
    lines = _read(place / ITEMS)
    for line in lines:
        _leave(services, line)
    young = _move_files(services, place, lines, age_s)
    data = services.settings.data
    _receive(data, [_receipt(line, place.name, "removed") for line in lines])
    (place / ITEMS).replace(place / DONE)
    os.utime(place / DONE)  # its days in the bin begin now
    told = replace(_told(services, place, lines), young=young)
    if not services.settings.bin_days:
        shutil.rmtree(place)
    return told


def _leave(services: Services, line: dict[str, Any]) -> None:
    """Take one image out of the catalogue, unless it is another one by now."""
    catalog = services.catalog
    with suppress(UnknownScene, UnknownCollection):
        if catalog.body(line["collection"], line["id"]) == line["body"].encode():
            catalog.delete(line["collection"], line["id"])


def _move_files(services: Services, place: Path, lines: list[dict[str, Any]], age_s: float) -> int:
    """Move the files that nobody needs to the bin; return how many are too young."""
    names = {name for line in lines for name in files_of(line["body"].encode())}
    needed = needed_files(services.catalog, names, set())
    data = services.settings.data
    young = 0
    for name in sorted(names - needed):
        path = data / "files" / name[:2] / name
        with storing(data, alone=True):
            try:
                is_old = time.time() - path.lstat().st_ctime >= age_s
            except FileNotFoundError:
                continue
            if is_old:
                path.replace(place / name)
            else:
                young += 1
    return young


def _item(line: dict[str, Any]) -> Item:
    """Return a removed scene as it was in the catalogue."""
    stored = Stored(
        id=line["id"],
        source=line["source"],
        moment=datetime.fromisoformat(line["moment"]),
        end=datetime.fromisoformat(line["end"]) if line["end"] else None,
        body=line["body"].encode(),
    )
    return restore(line["collection"], stored)


def _bring_back(services: Services, line: dict[str, Any]) -> bool:
    catalog = services.catalog
    try:
        catalog.body(line["collection"], line["id"])
    except UnknownScene:
        pass
    else:
        return False
    try:
        item, company = _item(line), Company(catalog, catalog.collection(line["collection"]))
        company.admit_all([item])
        catalog.put(company.changed(), [item])
    except SameSource:  # taken in again under another id
        return False
    return True


def _told(services: Services, place: Path, lines: list[dict[str, Any]]) -> Removal:
    days = services.settings.bin_days
    path = place / DONE
    at = path.stat().st_mtime
    return Removal(
        run=place.name,
        at=_instant(at),
        scenes=len(lines),
        bytes=size_of(place),
        young=0,
        until=_instant(at + days * 86_400) if days else "",
    )


def _read(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines() if line]


def _receipt(line: dict[str, Any], run: str, did: str) -> dict[str, Any]:
    names = ("collection", "id", "source", "why", "cloud", "rule")
    files = list(files_of(line["body"].encode()))
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"did": did, "at": at, "run": run, "files": files} | {name: line[name] for name in names}


def _receive(data: Path, receipts: list[dict[str, Any]]) -> None:
    """Add receipts that are not there yet, on disk when it returns."""
    path = data / RECEIPTS
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        file.seek(0)
        content = file.read()
        known = set()
        for line in content.splitlines():
            with suppress(ValueError, KeyError, TypeError):
                told = orjson.loads(line)
                known.add((told["did"], told["run"], told["collection"], told["id"]))
        if content and not content.endswith(b"\n"):  # a kill cut the last line short
            file.write(b"\n")
        for each in receipts:
            if (each["did"], each["run"], each["collection"], each["id"]) not in known:
                file.write(orjson.dumps(each) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
