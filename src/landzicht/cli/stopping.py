"""Ctrl-C and SIGTERM: end in order, also in the middle of a conversion of an hour."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it: 128 plus the signal."""
TERMINATED = 143
"""Exit code after SIGTERM."""


class Terminated(KeyboardInterrupt):
    """Somebody sent SIGTERM: a service manager, `timeout`, `kill`."""


@contextmanager
def stoppable() -> Iterator[list[Callable[[], object]]]:
    """Let SIGTERM end the work in order, as Ctrl-C does.

    Yields a list for what is to be called at that moment, before anybody waits for threads.
    """
    stops: list[Callable[[], object]] = []
    if threading.current_thread() is not threading.main_thread():  # only there signals arrive
        yield stops
        return

    def stop(number: int, _: object) -> NoReturn:
        for each in stops:
            each()
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stops
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
