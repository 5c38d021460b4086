"""Use case: how each followed source does: its newest image, gaps, and what failed and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from landzicht.errors.files import QuotaReached
from landzicht.portal.catalogue.freshness import REVISIT, rhythm_of
from landzicht.portal.memory import recall_collection
from landzicht.rules import Action, Use, decide
from landzicht.sources.profile import profiles
from landzicht.sources.register import folder_of, list_sources
from landzicht.sources.source import Kind
from landzicht.sources.state import is_worked_on, read_summary
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landzicht.portal.services import Services
    from landzicht.sources.source import Source

_MOST_GAPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """How a source does."""

    id: str
    """Its name."""
    kind: str
    """`stac` or `folder`."""
    title: Text
    """What people call it."""
    place: str
    """Address of the API; of a folder the last part of its path alone."""
    collection: str
    """Collection there."""
    into: tuple[str, ...]
    """Collections here that its images are in."""
    mode: str
    """`link` or `mirror`."""
    paused: bool
    """Whether it waits until somebody lets it go on."""
    by_hand: bool
    """Whether it is looked at only when somebody asks."""
    at_work: bool
    """Whether somebody works on it now."""
    looked: str
    """When it was looked at last (RFC 3339), or empty."""
    last: str
    """When its newest image was taken (RFC 3339), or empty."""
    lag_days: float | None
    """Days since then."""
    gaps: tuple[str, ...]
    """Days on which its rhythm promised an image and there is none, newest first."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Items by outcome: `in`, `skipped`, `failed`."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Failures by reason."""
    skips: Mapping[str, int] = field(default_factory=dict)
    """Items that are not wanted, by reason."""
    failures: tuple[Mapping[str, Any], ...] = ()
    """The newest failures: `key`, `code`, `nl`, `en`, `tries`, `at`, `next_try`."""
    remarks: tuple[Mapping[str, Any], ...] = ()
    """What was odd about its answers: `code`, `nl`, `en`."""
    bytes: int = 0
    """Bytes fetched for the images that are known."""
    error: Text | None = None
    """Why it could not be looked at the last time."""
    error_code: str = ""
    """The same as a stable word, when the reason is on our side: `quota-reached`, …"""
    next_try: str = ""
    """When it is tried again after that (RFC 3339)."""

    @property
    def state(self) -> Text:
        """The state in a word or two."""
        if self.paused:
            return _PAUSED
        if self.at_work:
            return _AT_WORK
        if self.error_code == QuotaReached.code:
            return _NO_ROOM
        if self.error is not None:
            return _FAILING
        return _BY_HAND if self.by_hand else (_WAITING if self.looked else _NEW)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        told = asdict(self)
        told["title"] = {"nl": self.title.nl, "en": self.title.en}
        told["error"] = {"nl": self.error.nl, "en": self.error.en} if self.error else None
        told["failures"] = [dict(one) for one in self.failures]
        return told


def source_status(
    services: Services, now: datetime | None = None, who: str = "public"
) -> tuple[SourceStatus, ...]:
    """Return how each source does, by name, but for those of hidden collections."""
    moment = now or datetime.now(UTC)
    found = []
    for source in list_sources(services.settings.data):
        told = read_summary(folder_of(services.settings.data, source.id))
        into = tuple(dict.fromkeys([*filter(None, [source.into]), *told.get("collections", [])]))
        use = Use(action=Action.DISCOVER, who=who)
        if all(decide(use, one, services.policies).allowed for one in into):
            found.append(_status(services, source, told, into, moment))
    return tuple(found)


def _status(
    services: Services,
    source: Source,
    told: Mapping[str, Any],
    into: tuple[str, ...],
    now: datetime,
) -> SourceStatus:
    last, error = str(told.get("last") or ""), _text(told.get("error"))
    days = [day for day in map(_day, told.get("days", [])) if day is not None]
    is_folder = source.kind is Kind.FOLDER
    return SourceStatus(
        id=source.id,
        kind=source.kind.value,
        title=_title(source),
        place=source.place.rstrip("/").rpartition("/")[2] if is_folder else source.place,
        collection=source.collection,
        into=into,
        mode=source.mode.value,
        paused=source.paused,
        by_hand=source.by_hand,
        at_work=is_worked_on(folder_of(services.settings.data, source.id)),
        looked=_instant(told.get("looked")),
        last=last,
        lag_days=_lag(last, now),
        gaps=_gaps(days, _cycle(services, into), now),
        counts=told.get("counts", {}),
        reasons=told.get("reasons", {}),
        skips=told.get("skips", {}),
        failures=tuple(one for one in told.get("failures", ()) if _text(one)),
        remarks=tuple(one for one in told.get("remarks", ()) if _text(one)),
        bytes=int(told.get("bytes", 0)),
        error=error,
        error_code=str(told["error"].get("code", "")) if error else "",
        next_try=_instant(told.get("next_try")) if error else "",
    )


def _text(told: object) -> Text | None:
    """Return a text in both languages that was kept, or None when it is none."""
    if not isinstance(told, dict) or not {"nl", "en"} <= told.keys():
        return None
    return Text(nl=str(told["nl"]), en=str(told["en"]))


def _day(told: object) -> date | None:
    try:
        return date.fromisoformat(str(told))
    except ValueError:
        return None


def _title(source: Source) -> Text:
    if source.kind is Kind.FOLDER:
        name = source.place.rstrip("/").rpartition("/")[2]
        return _FOLDER.fill(name=name)
    title = next((one.title for one in profiles() if one.id == source.profile), None)
    if title is None:
        name = source.place.partition("://")[2].partition("/")[0]
        title = Text(nl=name, en=name)
    return _API.fill(nl=title.nl, en=title.en, collection=source.collection)


def _cycle(services: Services, into: Sequence[str]) -> int | None:
    """Return the rhythm in days that a collection tells, if it does."""
    for name in into:
        if all(each.id != name for each in services.catalog.collections()):
            continue
        version = services.catalog.version(name)
        told = recall_collection(services, name, version).extra.get(REVISIT)
        if isinstance(told, int) and 0 < told <= 400:
            return told
    return None


def _gaps(days: Sequence[date], cycle: int | None, now: datetime) -> tuple[str, ...]:
    rhythm = rhythm_of(days, cycle)
    if rhythm is None:
        return ()
    seen = set(days)
    promised = rhythm.days(min(days), now.date() - timedelta(days=1))
    missing = [day.isoformat() for day in promised if day not in seen]
    return tuple(missing[::-1][:_MOST_GAPS])


def _lag(last: str, now: datetime) -> float | None:
    try:
        return round((now - datetime.fromisoformat(last)).total_seconds() / 86_400, 2)
    except (ValueError, TypeError):
        return None


def _instant(told: object) -> str:
    if not isinstance(told, int | float) or not told:
        return ""
    try:
        return datetime.fromtimestamp(told, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return ""


_PAUSED = Text(nl="wacht (stilgezet)", en="waits (paused)")
_AT_WORK = Text(nl="wordt bijgewerkt", en="is being worked on")
_NO_ROOM = Text(nl="wacht op ruimte", en="waits for room")
_FAILING = Text(nl="antwoordt niet goed", en="does not answer well")
_BY_HAND = Text(nl="alleen op verzoek", en="on request only")
_WAITING = Text(nl="is bij", en="is up to date")
_NEW = Text(nl="nog niet bekeken", en="not looked at yet")
_FOLDER = Text(nl="map {name}", en="folder {name}")
_API = Text(nl="{nl}: {collection}", en="{en}: {collection}")
