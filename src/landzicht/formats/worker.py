"""The child's side of `landzicht.formats.sandbox`: `python -m landzicht.formats.worker IN OUT`."""

from __future__ import annotations

import os
import queue
import resource
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MEMORY_LIMIT = 6 * 2**30
"""Address space of a child in bytes. Libraries map about 1 GB before the first pixel."""


def main(asked: int, answered: int) -> None:
    """Answer what comes in on one pipe on the other, until they are cut."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ctrl-C reaches all processes of a terminal; what becomes of us the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("GDAL_CACHEMAX", "128")
    line: Connection[Any, Any] = Connection(asked, writable=False)
    answers: Connection[Any, Any] = Connection(answered, readable=False)
    questions: queue.SimpleQueue[tuple[str, tuple[Any, ...]]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(line, questions), daemon=True).start()
    while True:
        verb, arguments = questions.get()
        answers.send(_answer(verb, arguments, answers))


def _listen(line: Connection[Any, Any], questions: queue.SimpleQueue[Any]) -> None:
    """Pass questions on; when the parent is gone, end at once, also in the middle of a file."""
    while True:
        try:
            questions.put(line.recv())
        except (EOFError, OSError):
            os._exit(0)


def _answer(verb: str, arguments: tuple[Any, ...], answers: Connection[Any, Any]) -> object:
    from landzicht.errors import LandzichtError
    from landzicht.formats.sandbox import Told

    def tell(done: int, total: int) -> None:
        answers.send(Told(done, total))

    try:
        if verb == "convert":  # the only one that takes long
            return _verbs()[verb](*arguments, tell)
        return _verbs()[verb](*arguments)
    except LandzichtError as error:
        return error
    except MemoryError:
        os._exit(1)


def _verbs() -> dict[str, Callable[..., Any]]:
    from landzicht.formats.foreign import describe_here, read_here
    from landzicht.formats.inspector import inspect_here
    from landzicht.formats.writer import convert_here

    return {
        "inspect": inspect_here,
        "convert": convert_here,
        "describe": describe_here,
        "read": read_here,
    }


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
