"""Landing a draft: convert, keep, and only then register, in one transaction."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from landzicht.errors import LandzichtError
from landzicht.errors.catalogue import UnknownCollection, UnknownScene
from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.errors.records import DamagedRecord, SameSource
from landzicht.ingest.check import check
from landzicht.ingest.collections import joined
from landzicht.ingest.company import Company
from landzicht.ingest.converting import Effort, conversions, convert_all, is_large, unpacked_size
from landzicht.ingest.earlier import earlier_id, keep_earlier
from landzicht.ingest.footprint import footprint
from landzicht.ingest.guard import found_in
from landzicht.ingest.identity import Digests, digest_of, identify
from landzicht.ingest.link import linked_assets
from landzicht.ingest.store import (
    FILES,
    incoming,
    keep,
    registering,
    remove_lasting,
    remove_leftovers,
)
from landzicht.ingest.succession import (
    ORIGIN,
    harbour_for,
    is_overwritten,
    origin_of,
    told_of,
)
from landzicht.kinds import (
    OWN_MASKS,
    Asset,
    Finding,
    Outcome,
    Receipt,
    Scene,
    is_remote,
)
from landzicht.stac import read_item
from landzicht.stac.mark import WORLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from landzicht.ingest.draft import Draft
    from landzicht.ingest.identity import Identity
    from landzicht.kinds import Collection
    from landzicht.ports import Catalog, Runner, Writer

    Tell = Callable[[str, int, int], None]

CONTENT = "landzicht:content"
"""Property of a scene with the SHA-256 of its source bytes alone, without the recipe."""
_SUFFIX = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Harbour:
    """What landing needs from the outside."""

    data: Path
    """Data folder of the portal."""
    catalog: Catalog
    """Where scenes are registered."""
    writer: Writer
    """Makes the stored files."""
    runner: Runner
    """Where the conversions run."""
    sample: Callable[[Asset], Mapping[str, float]] = lambda _: {}
    """Gives approximate statistics of a file that stays where it is."""
    place: Callable[[str], Path] | None = None
    """Finds files of this computer by their address; None = all are below the data folder."""
    newer: bool = False
    """True = what has the id already is an earlier version: it makes place (see `earlier`)."""
    must_fit: Callable[[int], None] = lambda _: None
    """Raises `QuotaReached` when so many bytes may not come in."""
    added: Callable[[int], None] = lambda _: None
    """Hears how many bytes came in."""
    effort: Effort = field(default_factory=Effort)
    """What is so large that a killed run goes on where it was."""

    def path(self, href: str) -> Path:
        """Return where a file of this computer is; raises `StoredFileFailed`."""
        return self.place(href) if self.place else self.data / href


def land(drafts: Iterable[Draft], harbour: Harbour, tell: Tell | None = None) -> Iterator[Receipt]:
    """Take drafts in, one after the other, and yield a receipt for each.

    A scene is in the catalogue with all its files or not at all. After the disk failed nothing
    more is written; what is known already is still recognised.

    Args:
        drafts: as `sniff` yields them.
        harbour: catalogue, writer, runner and folder.
        tell: called with `(what, done, in all)`.
    """
    remove_leftovers(harbour.data)
    run = _Run(harbour=harbour, tell=tell)
    for draft in drafts:
        started = time.monotonic()
        receipt = _land_one(draft, run)
        failed = (found for found in receipt.findings if found.code == DiskFailed.code)
        run.broken = run.broken or next(failed, None)
        yield replace(receipt, seconds=time.monotonic() - started)


@dataclass(slots=True, kw_only=True)
class _Run:
    """What drafts that land one after the other share."""

    harbour: Harbour
    tell: Tell | None
    digests: Digests = field(default_factory=Digests)
    broken: Finding | None = None
    """Why the disk takes nothing more."""
    landed: set[tuple[str, str]] = field(default_factory=set)
    """Scenes that came in: nothing of the same run takes their place."""


def _land_one(draft: Draft, run: _Run) -> Receipt:
    receipt = Receipt(
        path=draft.path,
        outcome=Outcome.REFUSED,
        collection=draft.collection.id,
        findings=draft.findings,
    )
    try:
        receipt = replace(receipt, findings=check(draft))
        if any(found.blocks for found in receipt.findings) or not draft.assets:
            return receipt
        return _take_in(draft, receipt, run)
    except SameSource as error:  # another ingest was quicker
        return replace(receipt, outcome=Outcome.KNOWN, scene=str(error.facts["known"]))
    except OSError:  # our own disk: nothing of this file
        raise
    except Exception as error:  # noqa: BLE001 - one source never stops the others; it is logged
        return replace(receipt, findings=(*receipt.findings, found_in(error, draft.path)))


def _take_in(draft: Draft, receipt: Receipt, run: _Run) -> Receipt:
    """Take in a draft with which nothing is wrong; raises what stands in the way."""
    tell = run.tell
    reading = partial(tell, f"{draft.id} ⋯") if tell else None
    large = partial(tell, f"{draft.id} ⋯ MB") if tell else None
    identity = identify(draft, run.digests, reading, large)
    receipt = replace(receipt, source=identity.source, bytes_in=identity.size)
    taken = _taken(draft, run.harbour.catalog)
    harbour = run.harbour
    if (draft.collection.id, draft.id) not in run.landed:
        harbour = harbour_for(draft, taken, harbour)
    known = _known(draft, identity, harbour)
    if known is not None:
        remove_lasting(harbour.data, identity.source)
        return replace(receipt, outcome=Outcome.KNOWN, **_registered(known))
    if run.broken is not None:
        broken = replace(run.broken, path=draft.path)
        return replace(receipt, findings=(*receipt.findings, broken))
    _admit(draft, harbour.catalog)  # before the work; once more when it is done
    make = _link_and_register if draft.linked else _convert_and_register
    scene = make(draft, identity, harbour, tell)
    run.landed.add((scene.collection, scene.id))
    is_new = scene.source == identity.source
    is_other = taken is not None and taken.properties.get(CONTENT) != identity.content
    if taken is not None and is_new and is_other and not run.harbour.newer:
        remarks = (*receipt.findings, *told_of(draft, taken, scene))
        receipt = replace(receipt, findings=remarks)
    outcome = Outcome.ADDED if is_new else Outcome.KNOWN
    return replace(receipt, outcome=outcome, **_registered(scene))


def _registered(scene: Scene) -> dict[str, Any]:
    return {
        "collection": scene.collection,
        "scene": scene.id,
        "assets": {key: asset.sha256 for key, asset in scene.assets.items()},
        "bytes_out": sum(asset.size for asset in scene.assets.values()),
    }


def _known(draft: Draft, identity: Identity, harbour: Harbour) -> Scene | None:
    """Return the scene made of this source, when it is in and its files are whole."""
    place = harbour.catalog.sources([identity.source]).get(identity.source)
    if place is None or (harbour.newer and place[0] == earlier_id(draft.collection.id)):
        return None  # or it is in as an earlier version, and is to be the newest again
    try:
        scene = read_item(harbour.catalog.body(*place))
        whole = all(_is_whole(asset, harbour) for asset in scene.assets.values())
    except LandzichtError:
        return None
    if whole and draft.by_recipe:  # its layers may have changed all the same
        with registering(harbour.data):
            collection = harbour.catalog.collection(scene.collection)
            wanted = joined(collection, draft, scene.assets)
            if wanted != collection:
                harbour.catalog.put([wanted], [])
    return scene if whole else None


def _is_whole(asset: Asset, harbour: Harbour) -> bool:
    """Whether the file of an asset is as it was when it came in; of far ones we do not know."""
    if is_remote(asset.href):
        return True
    return digest_of(harbour.path(asset.href)) == asset.sha256


def _link_and_register(
    draft: Draft, identity: Identity, harbour: Harbour, tell: Tell | None
) -> Scene:
    """Register files where they are; of the first scene of a collection some pixels are read."""
    is_first = _collection(harbour.catalog, draft.collection.id) is None
    sample = harbour.sample if is_first or draft.by_recipe else _nothing
    links = [(asset.link, asset.info.path) for asset in draft.assets]
    digests = {
        link.href: identity.files[path] for link, path in links if link and path in identity.files
    }
    assets = linked_assets(draft, digests, sample)
    if tell:
        tell(draft.id, len(assets), len(assets))
    try:
        (harbour.data / FILES).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskFailed(path=harbour.data, reason=disk_reason(error)) from error
    return _register(draft, identity, harbour, assets)


def _nothing(_: Asset) -> Mapping[str, float]:
    return {}


def _convert_and_register(
    draft: Draft, identity: Identity, harbour: Harbour, tell: Tell | None
) -> Scene:
    harbour.must_fit(min(unpacked_size(draft), identity.size + identity.size // 2))
    lasting = identity.source if is_large(draft, harbour.effort) else None
    with incoming(harbour.data, lasting) as folder:
        orders = [
            (job, folder / f"{place}.tif")
            for place, job in enumerate(conversions(draft, harbour.effort))
        ]
        made = list(convert_all(orders, harbour.writer, harbour.runner, draft.id, tell))
        size = sum(one.size for one in made)
        harbour.must_fit(size)  # once more: now it is known, and others worked meanwhile
        assets: dict[str, Asset] = {}
        for (job, part), asset, one in zip(orders, draft.assets, made, strict=True):
            assets[asset.key] = Asset(
                key=asset.key,
                href=keep(part, one.digest, harbour.data),
                band=job.band,
                grid=job.grid,
                size=one.size,
                sha256=one.digest,
                statistics=one.statistics,
                has_mask=asset.info.mask in OWN_MASKS,
            )
        harbour.added(size)
        return _register(draft, identity, harbour, assets)


def _register(
    draft: Draft, identity: Identity, harbour: Harbour, assets: Mapping[str, Asset]
) -> Scene:
    assert draft.moment is not None
    finest = min(assets.values(), key=lambda asset: asset.grid.resolution)
    place = footprint(finest.grid)
    with registering(harbour.data):
        taken = _taken(draft, harbour.catalog)
        if taken is not None and _holds(taken.assets, assets, taken, draft):
            return taken
        known = _admit(draft, harbour.catalog)
        free = _free_id(draft, identity, taken, assets)
        if harbour.newer and taken is not None and free != draft.id:
            if not is_overwritten(draft, taken):
                keep_earlier(harbour.catalog, taken, str(taken.properties.get(CONTENT, "")))
            free = draft.id
        scene = Scene(
            id=free,
            collection=draft.collection.id,
            moment=draft.moment,
            end=draft.end,
            bounds=place.bounds,
            footprint=place.geometry,
            assets=assets,
            source=identity.source,
            properties={
                **draft.properties,
                CONTENT: identity.content,
                ORIGIN: origin_of(draft),
            },
            simulated=draft.simulated,
        )
        harbour.catalog.put([joined(known, draft, assets)], [scene])
    return scene


def _admit(draft: Draft, catalog: Catalog) -> Collection | None:
    """Return the collection that a draft may join, or None when it is new.

    Raises:
        SimulatedAndReal: its scenes are real and the draft is simulated, or the other way round.
        OtherWorld: its scenes show another made-up land.
    """
    known = _collection(catalog, draft.collection.id)
    world = draft.properties.get(WORLD)
    Company(catalog, known).admit(draft.id, simulated=draft.simulated, world=world)
    return known


def _collection(catalog: Catalog, id: str) -> Collection | None:
    try:
        return catalog.collection(id)
    except UnknownCollection:
        return None


def _taken(draft: Draft, catalog: Catalog) -> Scene | None:
    """Return the scene that has the draft's id already, or None when it is free."""
    try:
        return read_item(catalog.body(draft.collection.id, draft.id))
    except (UnknownScene, UnknownCollection, DamagedRecord):
        return None


def _free_id(
    draft: Draft, identity: Identity, taken: Scene | None, assets: Mapping[str, Asset]
) -> str:
    """Return the draft's id, or a longer one when a scene of other bytes has it already.

    Equal bytes under another recipe replace the scene: that is how a recipe is corrected. So does
    the whole of a product of which a part was in.
    """
    if taken is None or taken.properties.get(CONTENT) == identity.content:
        return draft.id
    if _holds(assets, taken.assets, taken, draft):
        return draft.id
    return f"{draft.id}-{identity.content[:_SUFFIX]}"


def _holds(
    whole: Mapping[str, Asset], part: Mapping[str, Asset], taken: Scene, draft: Draft
) -> bool:
    """Whether one is a satellite product and the other the same with bands missing.

    Compared by the stored bytes and what they mean, not by the product's name alone: nothing that
    differs in a single pixel is ever taken for the same.
    """
    if not draft.papers or taken.moment != draft.moment or not part.keys() < whole.keys():
        return False
    return all(
        (asset.sha256, asset.band, asset.grid)
        == (whole[key].sha256, whole[key].band, whole[key].grid)
        for key, asset in part.items()
    )
