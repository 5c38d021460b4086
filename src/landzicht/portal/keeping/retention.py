"""Use case: which images the rules let go, and which of those must stay all the same.

A plan only looks. Its name follows from the rules and from every image in it, so that what is
done later can be compared with what was shown.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors import LandzichtError
from landzicht.errors.catalogue import UnknownCollection
from landzicht.errors.retention import BadRetention
from landzicht.portal.catalogue.clouds import cloud_share
from landzicht.portal.catalogue.moving import scenes_by_id
from landzicht.portal.following.source_order import read_area
from landzicht.portal.keeping.retention_rules import FILE, read_rules
from landzicht.portal.parcels.jobs import unfinished
from landzicht.stac import read_item
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from landzicht.kinds import Stored
    from landzicht.portal.keeping.retention_rules import Rule
    from landzicht.portal.services import Services
    from landzicht.ports import Catalog

POINTS = re.compile(rb'"landzicht:file":"files/[0-9a-f]{2}/([0-9a-f]{64}\.tif)"')
"""Where the body of a scene names a stored file."""
_WORST = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """An image that the rules let go."""

    collection: str
    """Its collection."""
    id: str
    """Its id."""
    moment: str
    """When it was taken (RFC 3339)."""
    cloud: float | None
    """Percent of clouds that it was judged by, or None when nothing tells."""
    why: str
    """Which rule: `older` (than is kept) or `not-best` (of its month and place)."""
    source: str
    """Identity of what it was made of."""
    files: tuple[str, ...]
    """Names of its stored files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Images that the rules let go and that stay for now."""

    collection: str
    """Their collection."""
    number: int
    """How many."""
    needed_by: str
    """Job that measures in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the rules let go now."""

    id: str
    """Name of exactly this plan."""
    rules: tuple[Rule, ...]
    """The rules."""
    leaving: tuple[Leaving, ...]
    """Images that go."""
    held: tuple[Held, ...]
    """Images that would go, and are needed now."""
    kept: int
    """Images of the collections with rules that stay."""
    bytes: int
    """Stored bytes that become free."""
    shared: int
    """Files that other images need as well, and that therefore stay."""
    unknown: tuple[str, ...]
    """Collections with a rule that are not here."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {**asdict(self), "rules": [rule.as_dict() for rule in self.rules]}


@dataclass(frozen=True, slots=True)
class _Known:
    stored: Stored
    item: Mapping[str, Any]
    cloud: float | None
    place: str


def plan(services: Services, now: datetime | None = None) -> Plan:
    """Find out what the rules of the data folder let go.

    Raises:
        NoRetention: there are no rules.
        BadRetention: they cannot be read, or name an area that is none.
        DiskFailed: the catalogue cannot be reached.
    """
    moment = now or datetime.now(UTC)
    rules = read_rules(services.settings.data)
    leaving: list[Leaving] = []
    held: list[Held] = []
    unknown: list[str] = []
    kept = 0
    busy = {job.collection: job.id for job in unfinished(services.settings)}
    for rule in rules:
        try:
            count = services.catalog.collection(rule.collection).count
        except UnknownCollection:
            unknown.append(rule.collection)
            continue
        found = _leaving(services, rule, moment)
        if found and rule.collection in busy:
            job = busy[rule.collection]
            held.append(Held(collection=rule.collection, number=len(found), needed_by=job))
            found = []
        leaving += found
        kept += count - len(found)
    size, shared = _freed(services, leaving)
    return Plan(
        id=_name(rules, leaving),
        rules=rules,
        leaving=tuple(leaving),
        held=tuple(held),
        kept=kept,
        bytes=size,
        shared=shared,
        unknown=tuple(unknown),
    )


def _leaving(services: Services, rule: Rule, now: datetime) -> list[Leaving]:
    """Return the images of one collection that its rule lets go, oldest first."""
    first = _months_before(now, rule.keep_months)
    area = _area(services, rule)
    months: dict[tuple[str, str], list[_Known]] = defaultdict(list)
    for stored in scenes_by_id(services.catalog, rule.collection):
        if (stored.end or stored.moment) >= first:
            continue
        item = orjson.loads(stored.body)
        if area is not None and not _touches(item, area):
            continue
        cloud = _cloud(services, stored, item, area, rule) if rule.best_per_month else None
        known = _Known(stored, item, cloud, _place(item))
        months[f"{stored.moment:%Y-%m}", known.place].append(known)
    gone: list[Leaving] = []
    for group in months.values():
        group.sort(key=_clearest_first)
        why = "not-best" if rule.best_per_month else "older"
        gone += [_told(rule, one, why) for one in group[rule.best_per_month :]]
    return sorted(gone, key=lambda one: (one.moment, one.id))


def _clearest_first(one: _Known) -> tuple[float, float, str]:
    cloud = _WORST if one.cloud is None else one.cloud
    return (cloud, -one.stored.moment.timestamp(), one.stored.id)


def _told(rule: Rule, one: _Known, why: str) -> Leaving:
    return Leaving(
        collection=rule.collection,
        id=one.stored.id,
        moment=one.stored.moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        cloud=one.cloud,
        why=why,
        source=one.stored.source,
        files=files_of(one.stored.body),
    )


def files_of(body: bytes) -> tuple[str, ...]:
    """Return the names of the stored files that a scene points to."""
    return tuple(dict.fromkeys(name.decode() for name in POINTS.findall(body)))


def _months_before(now: datetime, months: int) -> datetime:
    """Return the begin of the month so many months ago: whole months are kept."""
    number = max(12, now.year * 12 + now.month - 1 - months)  # not before the year 1
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def _place(item: Mapping[str, Any]) -> str:
    """Return what makes images comparable: the tile, or else about the same box."""
    code = item["properties"].get("grid:code")
    if isinstance(code, str) and code:
        return code
    return ",".join(f"{number:.1f}" for number in item.get("bbox", ()))


def _area(services: Services, rule: Rule) -> Any:  # noqa: ANN401 - a shapely geometry
    if not rule.area:
        return None
    import shapely

    try:
        return shapely.from_geojson(orjson.dumps(read_area(services, rule.area)))
    except LandzichtError as error:
        path = services.settings.data / FILE
        reason = Text(
            nl=f"{rule.collection}: {error.say('nl')}", en=f"{rule.collection}: {error.say('en')}"
        )
        raise BadRetention(path=path, reason=reason) from error


def _touches(item: Mapping[str, Any], area: Any) -> bool:  # noqa: ANN401
    import shapely

    try:
        return bool(shapely.from_geojson(orjson.dumps(item["geometry"])).intersects(area))
    except (shapely.errors.ShapelyError, KeyError, TypeError):
        return False  # where it lies nobody knows: it is left alone


def _cloud(
    services: Services,
    stored: Stored,
    item: Mapping[str, Any],
    area: Any,  # noqa: ANN401
    rule: Rule,
) -> float | None:
    """Return the percent of clouds: over the area by the mask, else what the image itself says."""
    if area is not None:
        try:
            share = cloud_share(services, read_item(stored.body), area, f"retention:{rule.area}")
        except LandzichtError:  # an item of somebody else, without pixels of ours
            share = None
        if share is not None:
            return round(share * 100, 3)
    told = item["properties"].get("eo:cloud_cover")
    return float(told) if isinstance(told, int | float) and told == told else None  # noqa: PLR0124 - NaN


def _freed(services: Services, leaving: Sequence[Leaving]) -> tuple[int, int]:
    """Return the bytes that become free, and how many files others need."""
    names = {name for one in leaving for name in one.files}
    goes = {(one.collection, one.id) for one in leaving}
    needed = needed_files(services.catalog, names, goes)
    size = 0
    for name in names - needed:
        try:
            size += (services.settings.files / name[:2] / name).stat().st_size
        except OSError:
            continue
    return size, len(needed)


def needed_files(catalog: Catalog, names: Iterable[str], without: set[tuple[str, str]]) -> set[str]:
    """Return which of these stored files a scene points to.

    Args:
        catalog: all scenes are looked at.
        names: of files.
        without: scenes, as `(collection, id)`, that do not count.
    """
    wanted = set(names)
    needed: set[str] = set()
    if not wanted:
        return needed
    for collection in catalog.collections():
        for stored in scenes_by_id(catalog, collection.id):
            if (collection.id, stored.id) not in without:
                needed |= wanted.intersection(files_of(stored.body))
    return needed


def _name(rules: Sequence[Rule], leaving: Sequence[Leaving]) -> str:
    told: list[Any] = [rule.as_dict() for rule in rules]
    told += [[one.collection, one.id, one.source] for one in leaving]
    return hashlib.sha256(orjson.dumps(told)).hexdigest()[:12]
