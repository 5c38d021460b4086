"""Use case: follow a folder: take in what was delivered there, once it stands still."""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landzicht.errors import LandzichtError
from landzicht.errors.catalogue import UnknownCollection, UnknownScene
from landzicht.errors.disk import read_reason
from landzicht.errors.files import DiskFailed, QuotaReached, WorkStopped
from landzicht.ingest.earlier import keep_earlier
from landzicht.ingest.land import CONTENT
from landzicht.kinds import Outcome as Landed
from landzicht.kinds import format_instant
from landzicht.portal.land import harbour_of
from landzicht.portal.quota import must_fit
from landzicht.sources.backoff import pause
from landzicht.sources.fetch import NotHad, remove_folder
from landzicht.sources.folder import ZIP, look_through
from landzicht.sources.following import Look
from landzicht.sources.source import Mode
from landzicht.sources.state import Came, Outcome
from landzicht.sources.unpack import unpack
from landzicht.stac import read_item
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landzicht.ingest import Draft
    from landzicht.kinds import Finding, Receipt
    from landzicht.portal.services import Services
    from landzicht.sources.folder import Delivery
    from landzicht.sources.source import Source
    from landzicht.sources.state import State

    Stop = Callable[[], bool]

QUIET_S = 30.0
"""Seconds that a delivery must stand still before it counts as whole."""
_MOST_ROUNDS = 3
"""Times that is waited for deliveries that are still being copied, in one look."""
_STEP_S = 0.5
_FIRST_S, _LONGEST_S = 120.0, 86_400.0
_OURS_S = 600.0
_SHOWN = 20
_OURS = (DiskFailed.code, QuotaReached.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """What a look needs."""

    services: Services
    source: Source
    state: State
    stop: Stop
    say: Callable[[Came], None]
    quiet: float


class _NotNow(Exception):
    """Our own disk or quota does not let anything in."""

    def __init__(self, reason: Finding) -> None:
        super().__init__(reason.code)
        self.reason = reason


def follow_folder(
    services: Services, source: Source, state: State, stop: Stop, say: Callable[[Came], None]
) -> Look:
    """Look through a folder once, and take in what is new or changed and stands still.

    What is still being copied is waited for a little. What was removed there stays here, unless
    its files were used where they were.

    Raises:
        LandzichtError: nothing can be taken in now.
        InterruptedError: `stop` said so.
        OSError: the state cannot be written.
    """
    quiet = float((source.extra or {}).get("quiet_s", QUIET_S))
    watch = _Watch(services=services, source=source, state=state, stop=stop, say=say, quiet=quiet)
    remove_folder(state.folder / "work")  # what a killed run had unpacked
    waiting: list[Delivery] = []
    for number in range(_MOST_ROUNDS):
        try:
            found, locked = look_through(Path(source.place), services.settings.data)
        except OSError as error:
            return _unreadable(watch, error)
        try:
            waiting = _work_through(watch, found)
        except _NotNow as error:
            return _left_alone(watch, error.reason)
        if not waiting or number == _MOST_ROUNDS - 1:
            break
        _wait(watch)
    is_empty = not found and any(one.outcome is Outcome.IN for one in state.came.values())
    gone = 0 if is_empty else _forget_gone(watch, found, locked)
    state.tell(
        looked=time.time(),
        error=_plain(_EMPTY) if is_empty else None,
        next_try=0.0,
        more=bool(waiting),  # looked at again at once, by who follows on
        waiting=[each.key for each in waiting[:_SHOWN]],
        locked=locked[:_SHOWN],
        gone=gone,
        deliveries=len(found),
    )
    return Look(more=False, failed=is_empty)


def _work_through(watch: _Watch, found: Sequence[Delivery]) -> list[Delivery]:
    """Take in what is due and stands still, the newest first; return what does not yet."""
    now = time.time()
    state = watch.state
    seen: dict[str, Any] = dict(state.cursor.get("seen", {}))
    fresh: dict[str, Any] = {}
    ready, waiting = [], []
    for each in found:
        if not state.is_due(each.key, each.version, now):
            continue
        if _is_still(watch, each, seen.get(each.key), now):
            ready.append(each)
        else:
            known = seen.get(each.key)
            same = known is not None and known[0] == each.version and known[1] <= now
            fresh[each.key] = known if same else [each.version, now]
            waiting.append(each)
    if fresh != seen:
        state.move(seen=fresh)
    for each in sorted(ready, key=lambda one: (-one.changed, one.key)):
        if watch.stop():
            raise InterruptedError
        _work_on(watch, each)
    return waiting


def _is_still(watch: _Watch, delivery: Delivery, seen: Any, now: float) -> bool:  # noqa: ANN401
    """Whether nothing in a delivery changed for a while.

    By the clock of its disk; when that runs ahead of ours, by how long we have seen it so.
    """
    if now - delivery.changed >= watch.quiet:
        return True
    return bool(seen) and seen[0] == delivery.version and now - seen[1] >= watch.quiet


def _wait(watch: _Watch) -> None:
    end = time.monotonic() + watch.quiet
    while (left := end - time.monotonic()) > 0:
        if watch.stop():
            raise InterruptedError
        time.sleep(min(_STEP_S, left))


def _work_on(watch: _Watch, delivery: Delivery) -> None:
    before = watch.state.came.get(delivery.key)
    tries = before.tries if before is not None and before.version == delivery.version else 0
    try:
        receipts = _take(watch, delivery, before)
    except NotHad as error:
        came = _failed(delivery, error.code, error.reason, tries + 1)
    except OSError as error:  # gone or locked since we looked
        came = _failed(delivery, "no-access", read_reason(error), tries + 1)
    else:
        came = _came(watch, delivery, receipts, tries)
        if came.outcome is Outcome.IN and before is not None:
            _make_place(watch, before, came)
    if came.outcome is Outcome.FAILED and before is not None and before.outcome is Outcome.IN:
        # Its earlier version is still in, and is what a next one replaces.
        came = replace(came, collection=before.collection, scene=before.scene)
    watch.state.note(came)
    watch.say(came)


def _take(watch: _Watch, delivery: Delivery, before: Came | None) -> list[Receipt]:
    """Take a delivery in.

    Raises:
        NotHad: it is a zip that cannot be unpacked.
        OSError: it cannot be read.
    """
    if delivery.paths[0].suffix.lower() != ZIP:
        return _land(watch, delivery.paths, before)
    name = hashlib.sha256(delivery.key.encode()).hexdigest()[:16]
    folder = watch.state.folder / "work" / name
    try:
        folder.mkdir(parents=True)
        unpack(delivery.paths[0], folder, partial(must_fit, watch.services))
        return _land(watch, (folder,), before)
    finally:
        remove_folder(folder)


def _land(watch: _Watch, paths: tuple[Path, ...], before: Came | None) -> list[Receipt]:
    from landzicht.ingest import Options, land, sniff

    services, source = watch.services, watch.source
    linking = source.mode is Mode.LINK and paths[0].is_relative_to(Path(source.place))
    options = Options(
        collection=source.into or source.collection or None,
        linker=services.linker if linking else None,
        together=len(paths) > 1,
    )
    receipts: list[Receipt] = []
    for draft in sniff(paths, services.inspector, options):
        harbour = harbour_of(services, newer=_is_newer(draft, before))
        receipts += land([draft], harbour)
    return receipts


def _is_newer(draft: Draft, before: Came | None) -> bool:
    """Whether the scene of this id is the earlier version of the same delivery.

    Two files of one name in two folders are two scenes, not two versions of one.
    """
    return before is not None and (draft.collection.id, draft.id) == (
        before.collection,
        before.scene,
    )


def _came(watch: _Watch, delivery: Delivery, receipts: Sequence[Receipt], tries: int) -> Came:
    blocking = [found for one in receipts for found in one.findings if found.blocks]
    for found in blocking:
        if found.code in _OURS:
            raise _NotNow(found)
        if found.code == WorkStopped.code:
            raise InterruptedError
    refused = [one for one in receipts if one.outcome is Landed.REFUSED]
    if refused or not receipts:
        texts = list(dict.fromkeys(found.message for found in blocking))[:3]
        reason = Text(
            nl=" ".join(text.nl for text in texts) or _NOTHING.nl,
            en=" ".join(text.en for text in texts) or _NOTHING.en,
        )
        code = blocking[0].code if blocking else "nothing-found"
        return _failed(delivery, code, reason, tries + 1)
    first = receipts[0]
    scenes = [[one.collection, one.scene] for one in receipts]
    return Came(
        key=delivery.key,
        version=delivery.version,
        outcome=Outcome.IN,
        collection=first.collection or "",
        scene=first.scene or "",
        moment=_moment(watch.services, first.collection or "", first.scene or ""),
        size=delivery.size,
        at=time.time(),
        extra={"scenes": scenes},
    )


def _moment(services: Services, collection: str, scene: str) -> str:
    try:
        return format_instant(read_item(services.catalog.body(collection, scene)).moment)
    except LandzichtError:  # somebody removed it at once
        return ""


def _failed(delivery: Delivery, code: str, reason: Text, tries: int) -> Came:
    wait = pause(tries, first=_FIRST_S, longest=_LONGEST_S)
    return Came(
        key=delivery.key,
        version=delivery.version,
        outcome=Outcome.FAILED,
        code=code,
        nl=reason.nl,
        en=reason.en,
        tries=tries,
        next_try=time.time() + wait,
        at=time.time(),
    )


def _make_place(watch: _Watch, before: Came, came: Came) -> None:
    """Move an earlier version that has another id to the earlier versions."""
    if not before.scene or (before.collection, before.scene) == (came.collection, came.scene):
        return
    if _is_shared(watch.state, before):
        return
    catalog = watch.services.catalog
    try:
        scene = read_item(catalog.body(before.collection, before.scene))
        keep_earlier(catalog, scene, str(scene.properties.get(CONTENT, "")))
        catalog.delete(before.collection, before.scene)
    except (UnknownScene, UnknownCollection):
        return


def _is_shared(state: State, came: Came) -> bool:
    """Whether another delivery became the same scene: a copy under another name."""
    place = (came.collection, came.scene)
    others = (one for one in state.came.values() if one.key != came.key)
    return any((one.collection, one.scene) == place for one in others)


def _forget_gone(watch: _Watch, found: Sequence[Delivery], locked: Sequence[str]) -> int:
    """Forget what is not there any more; scenes whose files were used there go as well."""
    here = {each.key for each in found}
    unseen = tuple(f"{folder}/" for folder in locked)
    gone = [
        one
        for key, one in watch.state.came.items()
        if key not in here and not key.startswith(unseen) and key not in locked
    ]
    for one in gone:
        linked = watch.source.mode is Mode.LINK and one.outcome is Outcome.IN
        if linked and not _is_shared(watch.state, one):
            with suppress(UnknownScene, UnknownCollection):
                watch.services.catalog.delete(one.collection, one.scene)
        watch.state.forget(one.key)
    return len(gone)


def _unreadable(watch: _Watch, error: OSError) -> Look:
    """The folder is not there: a disk that is not mounted, or rights that are missing."""
    fails = int(watch.state.cursor.get("fails", 0)) + 1
    wait = pause(fails, longest=_OURS_S)
    watch.state.move(fails=fails)
    reason = _AWAY.fill(path=watch.source.place, reason=read_reason(error))
    watch.state.tell(looked=time.time(), error=_plain(reason), next_try=time.time() + wait)
    return Look(more=False, wait=wait, failed=True)


def _left_alone(watch: _Watch, found: Finding) -> Look:
    told = {**_plain(found.message), "code": found.code}
    watch.state.tell(looked=time.time(), error=told, next_try=time.time() + _OURS_S)
    return Look(more=False, wait=_OURS_S, failed=True)


def _plain(text: Text) -> dict[str, str]:
    return {"nl": text.nl, "en": text.en}


_EMPTY = Text(
    nl="De map is leeg, terwijl er eerder beelden in stonden. Is de schijf er wel? Er is niets "
    "verwijderd.",
    en="The folder is empty, and there were images in it before. Is its disk there? Nothing was "
    "removed.",
)
_AWAY = Text(
    nl="De map {path} is niet te lezen: {reason}.", en="The folder {path} cannot be read: {reason}."
)
_NOTHING = Text(
    nl="Er zit geen beeld in dat wij herkennen.", en="It holds no image that we recognise."
)
