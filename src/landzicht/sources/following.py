"""Looking through a STAC API: the newest first, then the past, then what was corrected.

The past is worked through by months, the newest month first: the images that people wait for are
there within minutes, and a kill costs no more than looking through one month again. The last days
are looked at in every round, since images come late; months of long ago once in a while, since
they are made anew. Nothing depends on our own clock but when to look: which images are new is told
by what the source says of them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from landzicht.errors import LandzichtError
from landzicht.formats.remote.parts import Lasting, Passing
from landzicht.kinds import format_instant
from landzicht.sources.adapt import Unwanted, adapt
from landzicht.sources.backoff import pause
from landzicht.sources.fetch import NotHad, cannot_compare
from landzicht.sources.months import (
    changed_at,
    has_new,
    instant,
    moment_at,
    months_between,
    next_month,
)
from landzicht.sources.search import Answer, Api, Question
from landzicht.sources.source import Mode
from landzicht.sources.state import Came, Outcome, because
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from landzicht.formats.remote import Fetcher
    from landzicht.sources.adapt import Ready, Wanted
    from landzicht.sources.source import Source
    from landzicht.sources.state import State

RECENT_DAYS = 10
"""Days that are looked at in every round."""
DEFAULT_DAYS = 90
"""Days of the past that are wanted when nobody says."""
_DAY_S = 86_400.0
_REMARKS_S = 7 * _DAY_S
_OVERLAP = timedelta(hours=2)
"""How much earlier than the last change known is asked for: items become visible in disorder."""
_TRIES = 3
_MOST_IN_A_ROW = 5
"""Failures in a row after which the source is left alone for a while."""
_MOST_RETRIES = 50
_MOST_KNOWN = 500_000
_TELL_S = 5.0
_ITEM_FIRST_S = 120.0
_API_LASTING_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of an item that was taken in."""

    collection: str
    """Where it is."""
    scene: str
    """What it is called here."""
    size: int = 0
    """Bytes that were fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a round ended."""

    more: bool
    """Whether there is more of the past to work through at once."""
    wait: float = 0.0
    """Seconds to leave the source alone; 0 = as its rhythm is."""
    failed: bool = False
    """Whether the source itself failed."""


@dataclass(slots=True, kw_only=True)
class Work:
    """All that a round needs."""

    source: Source
    state: State
    fetcher: Fetcher
    wanted: Wanted
    take: Callable[[Ready, Came | None], Taken]
    """Takes an item in; the second is what came of the version before it, under another id.

    Raises `NotHad`, `Unwanted`, or `LandzichtError` when nothing at all can be taken in now.
    """
    stop: Callable[[], bool] = lambda: False
    """Whether to end soon."""
    say: Callable[[Came], None] = lambda _: None
    """Hears what came of each item that was worked on."""
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    looked: float = 0.0
    """When the newest were looked at last."""
    in_a_row: int = 0
    """Items that failed since one that did not."""
    versions: dict[str, Came] = field(default_factory=dict)
    """Observation → its newest version."""
    told: float = 0.0
    """When others were told last how far it is, by the monotonic clock."""


class _Resting(Exception):
    """So many items failed that the source had better be left alone."""

    def __init__(self, reason: Text, wait: float | None) -> None:
        super().__init__(reason.en)
        self.reason, self.wait = reason, wait


def look(work: Work) -> Look:
    """Look once at the newest, at what was changed, and at one part of the past.

    Whatever the source does, this ends and raises nothing of it; failures of our own disk or
    catalogue are raised.

    Raises:
        LandzichtError: nothing can be taken in now.
        InterruptedError: `work.stop` said so.
    """
    state = work.state
    work.versions = _by_observation(state)
    try:
        api = _patiently(work, lambda: Api(work.fetcher, work.source.place))
        more = _look_through(work, api)
    except Passing as error:
        return _left_alone(work, error.reason, error.wait)
    except Lasting as error:
        return _left_alone(work, error.reason, _API_LASTING_S)
    except _Resting as error:
        return _left_alone(work, error.reason, error.wait)
    except InterruptedError:
        state.tell()
        raise
    state.move(fails=0, next_try=0.0)
    state.tell(looked=work.now(), error=None, more=more, next_try=0.0)
    return Look(more=more)


def _left_alone(work: Work, reason: Text, told: float | None) -> Look:
    fails = int(work.state.cursor.get("fails", 0)) + 1
    wait = pause(fails, told)
    again = work.now() + wait
    work.state.move(fails=fails, next_try=again)
    error = {"nl": reason.nl, "en": reason.en}
    work.state.tell(looked=work.now(), error=error, next_try=again)
    return Look(more=False, wait=wait, failed=True)


def _look_through(work: Work, api: Api) -> bool:
    state, now = work.state, work.now()
    since = _since(work)
    recent = max(since, moment_at(now) - timedelta(days=RECENT_DAYS))
    known = state.cursor.get("updated")
    remarks = _ask(work, api, f"{instant(recent)}/..")
    work.looked = now
    if api.knows_updated and known:
        start = datetime.fromisoformat(known) - _OVERLAP
        remarks += _ask(work, api, f"{instant(since)}/..", instant(start))
    _try_again(work, api)
    months = dict(state.cursor.get("months", {}))
    full = api.knows_updated and bool(state.cursor.get("updated"))
    month = next_month(months, list(months_between(since, recent)), now, full=full)
    if month is not None:
        first, last = month

        def look_again() -> None:
            """Look at the newest when a month of the past takes long."""
            if work.now() - work.looked >= work.source.every_s:
                work.looked = work.now()
                _ask(work, api, f"{instant(recent)}/..")

        remarks += _ask(
            work, api, f"{instant(max(first, since))}/{instant(last)}", between=look_again
        )
        months[f"{first:%Y-%m}"] = now
        state.move(months=months)
    state.tell(remarks=_recent_remarks(state, remarks, now), first=instant(since))
    return has_new(months, since, recent)


def _recent_remarks(state: State, fresh: list[dict[str, Any]], now: float) -> list[dict[str, Any]]:
    """Return what was odd this week, each kind once, the newest first."""
    known = state.told.get("remarks") or []
    by_code = {
        one["code"]: one
        for one in known
        if isinstance(one, dict) and now - _REMARKS_S < float(one.get("at") or 0.0) <= now
    }
    by_code |= {one["code"]: {**one, "at": now} for one in fresh}
    return sorted(by_code.values(), key=lambda one: -float(one["at"]))


def _since(work: Work) -> datetime:
    if work.wanted.since is not None:
        return work.wanted.since
    told = work.state.cursor.get("since")
    if not told:
        told = instant(moment_at(work.now()) - timedelta(days=DEFAULT_DAYS))
        work.state.move(since=told)  # what was wanted once stays wanted, however long it takes
    return datetime.fromisoformat(told)


def _ask(
    work: Work,
    api: Api,
    when: str,
    updated: str = "",
    between: Callable[[], None] = lambda: None,
) -> list[dict[str, Any]]:
    """Work on all items that the answer to a question has; return what was odd about it."""
    box = tuple(work.wanted.area.bounds) if work.wanted.area is not None else None
    question = Question(collection=work.wanted.collection, when=when, box=box, updated=updated)
    answer = Answer()
    newest = ""
    for item in api.search(question, answer, lambda ask: _patiently(work, ask)):
        if work.stop():
            raise InterruptedError
        _work_on(work, item, answer)
        newest = max(newest, changed_at(item))
        between()
    # A source whose clock is far ahead must not make us deaf to what it changes from now on.
    newest = min(newest, instant(moment_at(work.now()) + timedelta(days=1)))
    if newest > str(work.state.cursor.get("updated", "")):
        work.state.move(updated=newest)
    return [{"code": code, "nl": text.nl, "en": text.en} for code, text in answer.remarks]


def _patiently(work: Work, ask: Callable[[], Any]) -> Any:  # noqa: ANN401 - what `ask` returns
    """Ask, and ask again after a moment when that may help; longer waits are for `look`."""
    for attempt in range(1, _TRIES + 1):
        try:
            return ask()
        except Passing as error:
            wait = pause(attempt, error.wait, first=1.0, longest=4.0)
            if attempt == _TRIES or wait > 10.0:
                raise
            work.sleep(wait)
        except LandzichtError as error:  # an address that may not be asked
            raise Lasting(Text(nl=error.say("nl"), en=error.say("en"))) from error
    raise AssertionError  # the last attempt returned or raised


def _try_again(work: Work, api: Api) -> None:
    """Try what failed before and has had its pause; it may be on no page that is looked at."""
    now = work.now()
    due = [
        one
        for one in work.state.came.values()
        if one.outcome is Outcome.FAILED and one.next_try <= now and not one.key.startswith("?")
    ]
    for one in sorted(due, key=lambda each: each.next_try)[:_MOST_RETRIES]:
        if work.stop():
            raise InterruptedError
        try:
            item = _patiently(work, lambda key=one.key: api.item(work.wanted.collection, key))  # type: ignore[misc]
        except Lasting as error:
            reason = because("gone", _GONE.fill(nl=error.reason.nl, en=error.reason.en))
            work.state.note(_came(one.key, one.version, Outcome.SKIPPED, **reason))
            continue
        if item.get("id") == one.key:
            _work_on(work, item)


def _work_on(work: Work, item: Any, answer: Answer | None = None) -> None:  # noqa: ANN401 - JSON
    """Take one item in, or note why not; what is odd about it is remarked in the answer."""
    try:
        ready = adapt(item, work.wanted)
    except Unwanted as error:
        _skip(work, _key(item), "", error.code, error.reason)
        return
    state = work.state
    if not state.is_due(ready.key, ready.version, work.now()):
        return
    if answer is not None and work.source.mode is Mode.MIRROR and cannot_compare(ready):
        answer.remark("unknown-checksum", _UNKNOWN_SUM.fill(item=ready.key))
    other = work.versions.get(ready.observation) if ready.observation else None
    if other is not None and other.key != ready.key:
        if tuple((other.extra or {}).get("order", ())) > ready.order:
            _skip(work, ready.key, ready.version, "older-version", _OLDER.fill(other=other.key))
            return
    else:
        other = None
    before = state.came.get(ready.key)
    tries = before.tries if before is not None and before.version == ready.version else 0
    try:
        taken = work.take(ready, other)
    except Unwanted as error:
        _skip(work, ready.key, ready.version, error.code, error.reason)
        return
    except NotHad as error:
        _fail(work, ready, error, tries + 1)
        return
    work.in_a_row = 0
    extra = {"observation": ready.observation, "order": list(ready.order)}
    came = _came(
        ready.key,
        ready.version,
        Outcome.IN,
        collection=taken.collection,
        scene=taken.scene,
        moment=format_instant(ready.moment),
        size=taken.size,
        extra=extra,
    )
    state.note(came)
    if other is not None:
        _skip(work, other.key, other.version, "older-version", _OLDER.fill(other=ready.key))
    if ready.observation:
        work.versions[ready.observation] = came
    work.say(came)
    _tell_now_and_then(work)


def _tell_now_and_then(work: Work) -> None:
    """Tell others how far it is: a month of the past may take hours."""
    begin = time.monotonic()
    if begin - work.told >= _TELL_S:
        work.state.tell()
        # Telling takes longer the more is known: it may not take all the time.
        work.told = time.monotonic() + 20 * (time.monotonic() - begin)


def _fail(work: Work, ready: Ready, error: NotHad, tries: int) -> None:
    wait = pause(tries, error.wait, first=_ITEM_FIRST_S, longest=_DAY_S)
    came = _came(
        ready.key,
        ready.version,
        Outcome.FAILED,
        moment=format_instant(ready.moment),
        tries=tries,
        next_try=work.now() + wait,
        **because(error.code, error.reason),
    )
    work.state.note(came)
    work.say(came)
    _tell_now_and_then(work)
    work.in_a_row += error.asked
    if work.in_a_row >= _MOST_IN_A_ROW or (error.wait or 0.0) > 0:
        work.in_a_row = 0
        raise _Resting(error.reason, error.wait)


def _skip(work: Work, key: str, version: str, code: str, reason: Text) -> None:
    """Note that an item is not taken in; nothing when that is known."""
    known = work.state.came.get(key)
    if known is not None and known.code == code and known.version == version:
        return
    if known is not None and known.outcome is Outcome.IN and code != "older-version":
        return  # what is in stays in, whatever the API says of it now
    if len(work.state.came) > _MOST_KNOWN:
        return  # an API that names things without end must not fill our memory
    came = _came(key, version, Outcome.SKIPPED, **because(code, reason))
    work.state.note(came)
    work.say(came)


def _came(key: str, version: str, outcome: Outcome, **fields: Any) -> Came:  # noqa: ANN401
    return Came(key=key, version=version, outcome=outcome, at=time.time(), **fields)


def _by_observation(state: State) -> dict[str, Came]:
    found: dict[str, Came] = {}
    for one in state.came.values():
        name = (one.extra or {}).get("observation")
        if one.outcome is Outcome.IN and name:
            found[name] = one
    return found


def _key(item: object) -> str:
    """Return what an item is called, as far as it can be told; “?” for one without a name."""
    key = item.get("id") if isinstance(item, dict) else None
    good = isinstance(key, str) and 0 < len(key) <= 300 and key.isprintable()
    return str(key) if good else "?"


_GONE = Text(nl="de bron heeft het niet meer ({nl})", en="the source has it no more ({en})")
_OLDER = Text(
    nl="er is een nieuwere versie van dit beeld: {other}",
    en="there is a newer version of this image: {other}",
)
_UNKNOWN_SUM = Text(
    nl="controlesommen in een vorm die wij niet kennen (eerst van {item}): alleen de grootte telt",
    en="checksums in a form that we do not know (first of {item}): only sizes are compared",
)
