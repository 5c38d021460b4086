"""The items of a file made ready for the catalogue; of a large file by several processes."""

from __future__ import annotations

import gc
import os
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeGuard

from landzicht.errors import Invalid, LandzichtError
from landzicht.ingest.company import facts_of
from landzicht.portal.catalogue.exchange_items import Part, is_lines, open_items, parts_of, scene_of
from landzicht.runners.processes import Processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from landzicht.kinds import Item, Scene
    from landzicht.portal.catalogue.exchange_items import Place
    from landzicht.ports import Packed

_LARGE = 8_000_000
"""Bytes of lines from which other processes help: to start them takes half a second."""
_HELPERS = 2
"""As many processes keep the one that writes busy."""
_AHEAD = 16
"""Parts that each helper may be ahead, while a batch goes to disk."""
_MOST = 500
"""Items that are made ready at a time in this process."""


class Looked(NamedTuple):
    """What became of one item: exactly one of scene and error is there."""

    place: Place
    scene: Packed | Scene | Item | None
    error: LandzichtError | None
    company: tuple[bool, object] = (False, None)
    """Whether it is simulated, and of which made-up land."""


Pack: TypeAlias = "Callable[[Sequence[Scene | Item]], Sequence[Packed]]"
"""Makes scenes ready for the tables, one for each; raises `Invalid` for one that cannot be."""
Found: TypeAlias = "list[Looked | Exception]"
"""Items in their order; an exception where the file could not be read on."""


@dataclass(frozen=True, slots=True)
class _Look:
    """Makes items ready; may travel to another process."""

    data: Path
    pack: Pack | None

    def at_all(self, told: Iterable[tuple[Place, Any]]) -> Found:
        """Look at items, decoded or not, in their order."""
        found: Found = []
        with _without_collector():
            try:
                for place, each in told:
                    found.append(self._at(place, each))
            except (LandzichtError, OSError) as error:
                found.append(error)
            return found if self.pack is None else _packed(found, self.pack)

    def at_part(self, part: Part) -> tuple[Part, Found]:
        """Look at some lines of a file."""
        return part, self.at_all(part.texts())

    def _at(self, place: Place, told: Any) -> Looked:  # noqa: ANN401 - JSON
        try:
            scene = scene_of(told, self.data)
        except Invalid as error:
            return Looked(place, None, error)
        return Looked(place, scene, None, facts_of(scene))


def ready_items(
    source: Path, data: Path, pack: Pack | None
) -> tuple[list[dict[str, Any]], Iterator[Looked]]:
    """Return the collections, as JSON, and the items of a file or folder, each ready or refused.

    At a large file of lines other processes help, where there are cores for them.

    Args:
        source: `.parquet`, `.ndjson`, `.json` or a folder with a static catalogue.
        data: the data folder: an item of ours whose files lie there becomes the same scene again.
        pack: what the catalogue does to scenes first, or None when it takes them as they are.

    Raises:
        BadExchange: the file cannot be read at all.
        OSError: nor can it be opened, or not to its end.
    """
    look = _Look(data, pack)
    helpers = min(_HELPERS, len(os.sched_getaffinity(0)))
    if pack is not None and helpers > 1 and is_lines(source) and source.stat().st_size >= _LARGE:
        return [], _unfolded(_helped(look, source, helpers))
    collections, items = open_items(source)
    return collections, _unfolded(_alone(look, items))


def _unfolded(parts: Iterable[Found]) -> Iterator[Looked]:
    for part in parts:
        for each in part:
            if isinstance(each, Exception):
                raise each
            yield each


def _alone(look: _Look, items: Iterable[tuple[Place, Any]]) -> Iterator[Found]:
    left = iter(items)
    while found := look.at_all(islice(left, _MOST)):
        yield found


def _helped(look: _Look, source: Path, helpers: int) -> Iterator[Found]:
    """Have other processes look; without them, or when one is killed, go on in this one."""
    start = number = 0
    try:
        runner = Processes(workers=helpers, ahead=_AHEAD)
        for part, found in runner.map(look.at_part, parts_of(source)):
            yield found
            start, number = part.start + part.size, part.number + part.lines
    except (BrokenExecutor, ImportError, OSError):
        for part in parts_of(source, start, number):
            yield look.at_part(part)[1]


def _packed(found: Found, pack: Pack) -> Found:
    """Pack what is there; when one cannot be, each by itself, to know which."""
    scenes: list[Any] = [each.scene for each in found if _is_there(each)]
    try:
        done: Iterator[Packed | Invalid] = iter(pack(scenes))
    except Invalid:
        done = (_pack_one(scene, pack) for scene in scenes)
    return [_with(each, next(done)) if _is_there(each) else each for each in found]


def _is_there(each: Looked | Exception) -> TypeGuard[Looked]:
    return isinstance(each, Looked) and each.scene is not None


def _with(looked: Looked, packed: Packed | Invalid) -> Looked:
    if isinstance(packed, Invalid):
        return Looked(looked.place, None, packed)
    return looked._replace(scene=packed)


def _pack_one(scene: Scene | Item, pack: Pack) -> Packed | Invalid:
    try:
        return pack([scene])[0]
    except Invalid as error:
        return error


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep Python from looking for rings of objects: there are none in JSON.

    It would look at all items kept so far, again and again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
