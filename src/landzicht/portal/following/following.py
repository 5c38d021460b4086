"""Use case: follow sources: look, take in what is new, and go on until somebody says stop."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors import Broken, LandzichtError
from landzicht.errors.catalogue import UnknownCollection, UnknownScene
from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed, QuotaReached
from landzicht.formats.remote import (
    Fetcher,
    FetchOptions,
    KeyKind,
    S3Access,
    find_keys,
    read_api_address,
)
from landzicht.ingest.earlier import keep_earlier
from landzicht.ingest.land import CONTENT
from landzicht.kinds import Outcome as Landed
from landzicht.portal.following.following_folder import follow_folder
from landzicht.portal.following.source_collection import collection_of_api
from landzicht.portal.following.source_order import permissions_of
from landzicht.portal.land import take_item
from landzicht.portal.quota import must_fit
from landzicht.sources.adapt import Wanted
from landzicht.sources.fetch import Area, NotHad, Way, fetch_item, remove_folder
from landzicht.sources.following import Look, Taken, Work, look
from landzicht.sources.profile import profile_named
from landzicht.sources.register import folder_of, list_sources
from landzicht.sources.source import Kind, Mode, Source
from landzicht.sources.state import open_state, read_summary, replace_file
from landzicht.stac import read_item, write_collection
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from landzicht.formats.remote import Keys
    from landzicht.kinds import Collection
    from landzicht.portal.services import Services
    from landzicht.sources.adapt import Ready
    from landzicht.sources.profile import Access, Profile
    from landzicht.sources.state import Came, State

    Say = Callable[[Source, Came], None]
    Stop = Callable[[], bool]
    Follower = Callable[[Services, Source, State, Stop, Callable[[Came], None]], Look]

WORK = "work"
"""Folder with what is being fetched, below that of a source."""
_STEP_S = 1.0
_OURS_S = 600.0
"""Seconds to wait when our own disk or catalogue does not work."""
_OLD_S = 14 * 86_400.0
_MOST_MB_S = 1_000_000.0
log = logging.getLogger("landzicht.sources")


def follow_once(services: Services, source: Source, say: Say, stop: Stop) -> Look | None:
    """Look at a source once and take in what is new; None when another process is at it.

    Whatever the source does, this ends and raises nothing of it. Nor does a failure of our own
    raise: it is told in the state of the source.
    """
    folder = folder_of(services.settings.data, source.id)
    try:
        with open_state(folder) as state:
            if state is None:
                return None
            try:
                return FOLLOWERS[source.kind](services, source, state, stop, partial(say, source))
            except InterruptedError:
                return Look(more=True)
            except LandzichtError as error:
                return _ours_failed(state, error)
            except OSError as error:
                reason = disk_reason(error)
                return _ours_failed(state, DiskFailed(path=folder, reason=reason))
            except Exception as error:
                log.exception("following a source failed")
                return _ours_failed(state, Broken(reason=type(error).__name__))
    except OSError as error:
        raise DiskFailed(path=folder, reason=disk_reason(error)) from error


def follow_all(
    services: Services, say: Say, stop: threading.Event, names: frozenset[str] | None = None
) -> None:
    """Follow sources until somebody says stop; a thread for each, so that none waits for another.

    Args:
        services: adapters of the portal.
        say: hears what came of each item; from several threads.
        stop: ends it, after the item under way.
        names: only these, also when they are paused or by hand; None = all that are not.
    """
    threads: dict[str, threading.Thread] = {}
    while not stop.is_set():
        for source in list_sources(services.settings.data):
            thread = threads.get(source.id)
            if not is_wanted(source, names) or (thread is not None and thread.is_alive()):
                continue
            if next_look(services.settings.data, source) > time.time():
                continue
            job = partial(_turn, services, source, say, stop, names)
            threads[source.id] = threading.Thread(target=job, name=source.id, daemon=True)
            threads[source.id].start()
        stop.wait(_STEP_S)
    for thread in threads.values():
        thread.join()


def is_wanted(source: Source, names: frozenset[str] | None) -> bool:
    """Whether a source is to be followed now."""
    return source.id in names if names is not None else not (source.paused or source.by_hand)


def next_look(data: Path, source: Source) -> float:
    """Return when a source is to be looked at again, seconds since 1970; 0 = at once.

    A moment that lies further ahead than any pause is of a clock that was wrong: it counts for
    nothing.
    """
    told = read_summary(folder_of(data, source.id))
    looked, again = _seconds(told, "looked"), _seconds(told, "next_try")
    now = time.time()
    if looked > now + 60:
        return 0.0
    due = 0.0 if told.get("more") and not told.get("error") else looked + source.every_s
    return max(due, again if again < now + 2 * 86_400 else 0.0)


def _seconds(told: Mapping[str, Any], name: str) -> float:
    value = told.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _turn(
    services: Services,
    source: Source,
    say: Say,
    stop: threading.Event,
    names: frozenset[str] | None,
) -> None:
    """Work on one source until its past is through, or it has to wait."""

    def ended() -> bool:
        if stop.is_set():
            return True
        now = next((one for one in list_sources(services.settings.data) if one == source), None)
        return now is None or not is_wanted(now, names)  # removed, changed or paused meanwhile

    with suppress(DiskFailed):  # the next turn finds out whether it is over
        while not ended():
            told = follow_once(services, source, say, _now_and_then(ended))
            if told is None or not told.more:
                return


def _now_and_then(ended: Stop, every: float = 1.0) -> Stop:
    """Ask no more than once a second, as it looks at files."""
    last, said = 0.0, False

    def ask() -> bool:
        nonlocal last, said
        if time.monotonic() - last >= every:
            last, said = time.monotonic(), ended()
        return said

    return ask


def _ours_failed(state: State, error: LandzichtError) -> Look:
    again = time.time() + _OURS_S
    told = {"nl": error.say("nl"), "en": error.say("en"), "code": error.code}
    with suppress(OSError):  # a full disk cannot take the news that it is full
        state.tell(looked=time.time(), error=told, next_try=again)
    return Look(more=False, wait=_OURS_S, failed=True)


# ------------------------------------------------------------------ STAC APIs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taking:
    """What taking in the items of one source needs."""

    services: Services
    source: Source
    fetcher: Fetcher
    collection: Collection | None
    area: Any
    stop: Stop


def follow_api(
    services: Services, source: Source, state: State, stop: Stop, say: Callable[[Came], None]
) -> Look:
    """Look at a STAC API once; see `sources.following.look`."""
    import shapely

    profile = profile_named(source.profile) if source.profile else None
    fetcher = open_fetcher(services, source, profile)
    try:
        theme = profile.themes.get(source.collection) if profile else None
        shape = shapely.from_geojson(orjson.dumps(source.area)) if source.area else None
        if shape is not None:
            shapely.prepare(shape)
        wanted = Wanted(
            collection=source.collection,
            into=source.into or source.collection,
            theme=theme,
            bands=tuple((source.extra or {}).get("bands", ())),
            area=shape,
            cloud=source.cloud,
            since=datetime.fromisoformat(source.since).replace(tzinfo=UTC)
            if source.since
            else None,
        )
        if theme is not None:
            collection: Collection | None = replace(theme.collection, id=wanted.into)
        else:
            collection = collection_of_api(services, fetcher, source, wanted.into)
        _remove_old_work(folder_of(services.settings.data, source.id) / WORK)
        taking = _Taking(
            services=services,
            source=source,
            fetcher=fetcher,
            collection=collection,
            area=shape if source.only_area else None,
            stop=stop,
        )
        work = Work(
            source=source,
            state=state,
            fetcher=fetcher,
            wanted=wanted,
            take=partial(_take, taking),
            stop=stop,
            say=say,
        )
        return look(work)
    finally:
        fetcher.close()


def open_fetcher(services: Services, source: Source, profile: Profile | None) -> Fetcher:
    """Return what asks the computers of a source.

    Raises:
        NoCredential: it needs a key, and there is none.
    """
    settings = services.settings
    place = read_api_address(source.place)
    keys = None
    s3 = S3Access(endpoint=settings.s3_endpoint, region=settings.s3_region)
    if profile is not None:
        access = profile.access_to(source.collection)
        names = access.keys
        if names.kind in (KeyKind.BASIC, KeyKind.BEARER):
            # The key is for the computer that the operator named, and those of the profile.
            names = replace(names, hosts=(place.host, *profile.hosts))
        keys = find_keys(names, profile.title.en)
        s3 = _store(s3, access, keys)
    options = FetchOptions(
        permissions=permissions_of(services, source.place, profile),
        s3=s3,
        rate=min(source.bandwidth_mbs, _MOST_MB_S) * 1e6,
    )
    return Fetcher(replace(options, keys=keys) if keys is not None else options)


def _store(plain: S3Access, access: Access, keys: Keys) -> S3Access:
    made = replace(plain, payer=access.payer)
    if access.endpoint or access.region:
        # The store of the source: the one in the settings is of the operator's own files.
        made = replace(made, endpoint=access.endpoint, region=access.region)
    if access.keys.kind is not KeyKind.S3:
        return made
    return replace(made, key=keys.user, secret=keys.secret, token=keys.token)


def _take(taking: _Taking, ready: Ready, other: Came | None) -> Taken:
    """Take one item in; see `Work.take`."""
    services, source = taking.services, taking.source
    name = hashlib.sha256(f"{ready.key}\n{ready.version}".encode()).hexdigest()[:32]
    folder = folder_of(services.settings.data, source.id) / WORK / name
    before = taking.fetcher.fetched
    if source.mode is Mode.MIRROR:
        told = (table.get("file:size") for table in ready.assets.values())
        must_fit(services, sum(size for size in told if isinstance(size, int)))
    _describe(folder, taking.collection)
    if source.mode is Mode.LINK:
        path = folder / "item.json"
        replace_file(path, orjson.dumps(dict(ready.fields)))
    else:
        area = Area(shape=taking.area, inspector=services.inspector) if taking.area else None
        way = Way(
            fetcher=taking.fetcher,
            area=area,
            stop=taking.stop,
            must_fit=partial(must_fit, services),
        )
        path = fetch_item(ready, way, folder)
    receipt = take_item(services, path, link=source.mode is Mode.LINK)
    if receipt.outcome is Landed.REFUSED:
        _refused(receipt.findings)
    if other is not None and (other.collection, other.scene) != (receipt.collection, receipt.scene):
        _make_place(services, other)
    remove_folder(folder)
    return Taken(
        collection=receipt.collection or ready.fields["collection"],
        scene=receipt.scene or ready.id,
        size=taking.fetcher.fetched - before,
    )


def _describe(folder: Path, collection: Collection | None) -> None:
    """Put what is known of the collection beside the item, where landing looks for it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if collection is not None:
            replace_file(folder / "collection.json", write_collection(collection))
    except OSError as error:
        raise DiskFailed(path=folder, reason=disk_reason(error)) from error


def _refused(findings: Any) -> None:  # noqa: ANN401 - tuple of Finding
    blocking = [one for one in findings if one.blocks] or list(findings)
    for one in blocking:
        if one.code in (DiskFailed.code, QuotaReached.code):
            raise DiskFailed(path=one.path, reason=one.message)
    first = blocking[0]
    nl = " ".join(dict.fromkeys(one.message.nl for one in blocking[:3]))
    en = " ".join(dict.fromkeys(one.message.en for one in blocking[:3]))
    asked = first.code in ("remote-failed", "remote-changed")
    raise NotHad(first.code, Text(nl=nl, en=en), asked=asked)


def _make_place(services: Services, other: Came) -> None:
    """Move the version before, which has another id, to the earlier versions."""
    catalog = services.catalog
    try:
        scene = read_item(catalog.body(other.collection, other.scene))
        keep_earlier(catalog, scene, str(scene.properties.get(CONTENT, "")))
        catalog.delete(other.collection, other.scene)
    except (UnknownScene, UnknownCollection):
        return  # somebody was quicker, or we were killed just after this


def _remove_old_work(folder: Path) -> None:
    """Remove what was begun long ago and never finished: its item changed, or is gone."""
    with suppress(OSError):
        for one in folder.iterdir():
            if time.time() - one.stat().st_mtime > _OLD_S:
                remove_folder(one)


FOLLOWERS: dict[Kind, Follower] = {Kind.STAC: follow_api, Kind.FOLDER: follow_folder}
"""What looks at each kind of source once; raises what is our own fault."""
