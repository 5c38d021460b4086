"""Use case: look things up. A collection that may not be discovered is as if it did not exist."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from statistics import fmean
from typing import TYPE_CHECKING, Any

from landzicht.errors.catalogue import NotAllowed, UnknownBand
from landzicht.errors.files import StoredFileFailed
from landzicht.errors.remote import LinkedElsewhere
from landzicht.kinds import Query, format_instant, is_linked, is_remote
from landzicht.portal.access import visible
from landzicht.rules import Action, Use, decide
from landzicht.stac import read_item
from landzicht.stac.foreign import with_links

if TYPE_CHECKING:
    from pathlib import Path

    from landzicht.grid import Bounds
    from landzicht.kinds import Asset, Collection, Entry, Page
    from landzicht.portal.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file of a scene that may be handed out."""

    path: Path
    """Where it is: a regular file inside the portal's store."""
    sha256: str
    """Checksum, hexadecimal; the file's name in the cache of a client."""
    name: str
    """What a person who saves it would call it; says SIMULATED when it is."""
    simulated: bool
    """True when no satellite ever saw this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FarFile:
    """A file of a scene that lies on another computer, where whoever wants it may fetch it."""

    address: str
    """`https://…` or `http://…`."""


def collections(services: Services, who: str = "public") -> tuple[Collection, ...]:
    """Return the collections that may be known, by id."""
    return tuple(c for c in services.catalog.collections() if _discovers(services, c.id, who))


def collection(services: Services, id: str, who: str = "public") -> Collection:
    """Return one collection.

    Raises:
        UnknownCollection: there is none with this id, or nobody may know.
    """
    return visible(services, id, Action.DISCOVER, who)


def item(services: Services, collection: str, id: str, who: str = "public") -> bytes:
    """Return the stored STAC item of a scene, without links.

    Raises:
        UnknownCollection: there is none with this id, or nobody may know.
        UnknownScene: the collection has no such scene.
    """
    visible(services, collection, Action.DISCOVER, who)
    return services.catalog.body(collection, id)


def search(
    services: Services,
    query: Query,
    who: str = "public",
    measured: frozenset[str] = frozenset(),
) -> Page:
    """Return a page of scenes; what may not be known is not found and not counted.

    A limit above what this portal gives is lowered to it.

    Args:
        services: adapters of the portal.
        query: which scenes.
        who: whom we serve.
        measured: values for the place asked for that items should have, of `place.NAMES`; those
            that the filter or the order looks at are always there.

    Raises:
        BadQuery: the token, limit or geometry makes no sense.
        TooManyScenes: more scenes than are looked at for one place.
    """
    limit = min(query.limit, services.settings.max_items)
    narrowed = replace(narrow(services, query, who), limit=limit)
    if measured or query.filter is not None or query.sort:
        from landzicht.portal.catalogue.place import needs_place, search_near

        if measured or needs_place(query):
            return search_near(services, narrowed, measured, who)
    return services.catalog.search(narrowed)


def dates(
    services: Services, collection: str, bounds: Bounds | None = None, who: str = "public"
) -> list[dict[str, Any]]:
    """Return the days (UTC) that have scenes, newest first, as plain values.

    Each has `date`, `datetime` (of the newest scene), `scenes` (how many), `cloud_cover` (percent,
    mean of the scenes that tell it, or None) and `ids`.

    Args:
        services: adapters of the portal.
        collection: id of the collection.
        bounds: only scenes that meet this box (WGS84), which may be a point; None = all.
        who: whom we serve.

    Raises:
        UnknownCollection: there is none with this id, or nobody may know.
    """
    visible(services, collection, Action.DISCOVER, who)
    found = services.catalog.entries(Query(collections=(collection,), bounds=bounds))
    return [_day(list(entries)) for _, entries in groupby(found, lambda e: e.moment.date())]


def asset_path(
    services: Services, collection: str, item: str, key: str, who: str = "public"
) -> StoredFile | FarFile:
    """Return the file of an asset, for handing out as it is, or where else it lies.

    Raises:
        UnknownCollection: there is none with this id, or nobody may know.
        NotAllowed: the collection may be known, but its files may not be fetched.
        UnknownScene: the collection has no such scene.
        UnknownBand: the scene has no such asset.
        StoredFileFailed: the file is gone, damaged or not inside the store.
        LinkedElsewhere: it lies where HTTP cannot lead (`s3://`).
    """
    scene = read_item(_downloadable(services, collection, item, who))
    asset = scene.assets.get(key)
    if asset is None:
        raise UnknownBand(collection=collection, band=key, known=", ".join(scene.assets))
    if is_remote(asset.href):
        if asset.href.startswith("s3:"):
            raise LinkedElsewhere(address=asset.href)
        return FarFile(address=asset.href)
    mark = "SIMULATED_" if scene.simulated else ""
    return StoredFile(
        path=_stored(services, asset),
        sha256=asset.sha256,
        name=f"{mark}{item}_{key}.tif",
        simulated=scene.simulated,
    )


def local_items(services: Services, query: Query, who: str = "public") -> list[dict[str, Any]]:
    """Return the scenes of one page as STAC items whose assets are files of this machine.

    Scenes whose files may not be fetched are left out.

    Raises:
        BadQuery: the token, limit or geometry makes no sense.
        StoredFileFailed: a file is gone or damaged.
    """
    import orjson

    named = query.collections
    if named is None:
        named = tuple(c.id for c in services.catalog.collections())
    allowed = tuple(c for c in named if _decides(services, Action.DOWNLOAD, c, who))
    found = []
    for body in search(services, replace(query, collections=allowed), who).bodies:
        told: dict[str, Any] = orjson.loads(body)
        for key, asset in read_item(body).assets.items():
            if not is_remote(asset.href):  # that one has its own address already
                told["assets"][key]["href"] = str(_stored(services, asset))
        found.append(with_links(told))
    return found


def _downloadable(services: Services, collection: str, item_id: str, who: str) -> bytes:
    visible(services, collection, Action.DISCOVER, who)
    decision = decide(Use(action=Action.DOWNLOAD, who=who), collection, services.policies)
    if not decision.allowed:
        raise NotAllowed(reason=decision.reason)
    return services.catalog.body(collection, item_id)


def _stored(services: Services, asset: Asset) -> Path:
    """Return the path of a stored file, after a look at where it really is."""
    store = services.settings.files.resolve()
    path = services.linker.path(asset.href).resolve()
    inside = is_linked(asset.href) or path.is_relative_to(store)
    if not (inside and path.is_file() and path.stat().st_size == asset.size):
        raise StoredFileFailed(path=asset.href)
    return path


def narrow(services: Services, query: Query, who: str) -> Query:
    """Return a query for only those collections that may be known."""
    named = query.collections
    if named is None:
        named = tuple(c.id for c in services.catalog.collections())
    return replace(query, collections=tuple(c for c in named if _discovers(services, c, who)))


def _discovers(services: Services, collection: str, who: str) -> bool:
    return _decides(services, Action.DISCOVER, collection, who)


def _decides(services: Services, action: Action, collection: str, who: str) -> bool:
    return decide(Use(action=action, who=who), collection, services.policies).allowed


def _day(entries: list[Entry]) -> dict[str, Any]:
    clouds = [entry.cloud for entry in entries if entry.cloud is not None]
    return {
        "date": entries[0].moment.date().isoformat(),
        "datetime": format_instant(entries[0].moment),
        "scenes": len(entries),
        "cloud_cover": round(fmean(clouds), 2) if clouds else None,
        "ids": [entry.id for entry in entries],
    }
