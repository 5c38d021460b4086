"""A film as lines that tell how far it is: for readers who want to see that something happens."""

from __future__ import annotations

import asyncio
import base64
from threading import Event
from typing import TYPE_CHECKING

import orjson

from landzicht.errors import Broken, LandzichtError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from landzicht.portal.maps.films import Film

MEDIA_TYPE = "application/x-ndjson"
"""Lines of JSON."""


class _LeftError(Exception):
    """The reader is gone: there is nobody to make it for."""


def wants_lines(accept: str) -> bool:
    """Whether a caller asks to hear how far it is."""
    return MEDIA_TYPE in accept


async def film_lines(
    make: Callable[[Callable[[int, int], None]], Awaitable[Film]],
) -> AsyncIterator[bytes]:
    """Make a film and return its lines: `done` and `total` after each frame, at last the film.

    What is wrong with the question is raised here, before there is any line. What goes wrong later
    is the last line: `error` with `code`, `nl` and `en`.

    Args:
        make: makes the film in a thread; what it is given hears of each frame.

    Raises:
        LandzichtError: the question is wrong.
    """
    loop = asyncio.get_running_loop()
    events: asyncio.Queue[tuple[int, int] | None] = asyncio.Queue()
    left = Event()

    def tell(done: int, total: int) -> None:
        """Hear of a frame, in the thread that makes it."""
        if left.is_set():
            raise _LeftError
        loop.call_soon_threadsafe(events.put_nowait, (done, total))

    def over(task: asyncio.Task[Film]) -> None:
        """Hear that it ended, well or not."""
        if not task.cancelled():
            task.exception()  # it was looked at
        events.put_nowait(None)

    async def work() -> Film:
        """Make it."""
        return await make(tell)

    task = asyncio.create_task(work())
    task.add_done_callback(over)
    try:
        first = await events.get()
    except asyncio.CancelledError:
        left.set()
        raise
    if first is None:
        task.result()  # raises what is wrong

    async def lines() -> AsyncIterator[bytes]:
        """Yield the lines."""
        event = first
        try:
            while event is not None:
                yield _line({"done": event[0], "total": event[1]})
                event = await events.get()
            yield _line(_ending(task))
        finally:
            left.set()

    return lines()


def _ending(task: asyncio.Task[Film]) -> dict[str, object]:
    error = task.exception()
    if error is not None:
        told = error if isinstance(error, LandzichtError) else Broken()
        return {"error": {"code": told.code, "nl": told.say("nl"), "en": told.say("en")}}
    made = task.result()
    return {
        "media_type": made.picture.media_type,
        "dates": made.dates,
        "scenes": made.picture.scenes,
        "simulated": made.picture.simulated,
        "content": base64.b64encode(made.picture.content).decode(),
    }


def _line(told: dict[str, object]) -> bytes:
    return orjson.dumps(told) + b"\n"
