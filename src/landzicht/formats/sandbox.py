"""Child processes in which foreign files are opened.

A file from outside may be made to exhaust memory, to loop, or to crash a decoder. In a child
process that costs the file, not the portal. One child lives as long as the run and serves many
files (starting one costs 0.4 s, asking one 1 ms), so the protection is affordable for each file.
A child has a limit on memory, each question one on time. It is not a jail against code execution:
the child has the rights of its user.
"""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading
import time
import weakref
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from landzicht.errors import LandzichtError, reasons
from landzicht.errors.files import UnreadableFile, WorkStopped

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import TracebackType


@dataclass(frozen=True, slots=True)
class Told:
    """What a child says while it is still at work."""

    done: int
    """How far it is."""
    total: int
    """Of how much."""


class Sandbox:
    """Children for opening foreign files; as many as threads ask at the same time."""

    def __init__(self, most: int | None = None) -> None:
        """Make a sandbox; children start when they are needed.

        Args:
            most: children at work at the same time, each some 150 MB; who comes later waits.
                None = no limit.
        """
        self._most = most
        self._idle: list[_Child] = []
        self._busy: list[_Child] = []
        self._is_stopped = False
        self._lock = threading.Lock()
        self._places: AbstractContextManager[object] = (
            nullcontext() if most is None else threading.BoundedSemaphore(most)
        )
        self._closed = weakref.finalize(self, _stop_all, self._idle)

    def call(
        self,
        verb: str,
        arguments: tuple[Any, ...],
        path: Path,
        *,
        seconds: float,
        tell: Callable[[int, int], None] | None = None,
    ) -> Any:  # noqa: ANN401
        """Run one of the verbs of `landzicht.formats.worker` in a child.

        Args:
            verb: name of the verb.
            arguments: its arguments; picklable.
            path: file that it is about, for the message when things go wrong.
            seconds: how long it may take.
            tell: called with `(done, in all)` when the verb tells how far it is.

        Raises:
            UnreadableFile: the child crashed, ran out of memory or took too long.
            WorkStopped: see `interrupt`.
            LandzichtError: whatever the verb itself raised.
        """
        with self._places:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            child = child or _Child()
            self._busy.append(child)
            try:
                answer = child.ask(verb, arguments, path, seconds, tell)
            except BaseException as error:
                child.stop()
                if self._is_stopped and isinstance(error, UnreadableFile):
                    raise WorkStopped from error
                raise
            finally:
                self._busy.remove(child)
            with self._lock:
                self._idle.append(child)
        if isinstance(answer, LandzichtError):
            raise answer
        return answer

    def interrupt(self) -> None:
        """Stop children at work; who waits for them gets `WorkStopped`.

        Takes no lock, so that a signal handler may call it.
        """
        self._is_stopped = True
        for child in tuple(self._busy):
            child.kill()

    def close(self) -> None:
        """Stop the children; the sandbox starts new ones when it is used again."""
        with self._lock:
            idle, self._idle[:] = list(self._idle), []
        _stop_all(idle)

    def __reduce__(self) -> tuple[type[Sandbox], tuple[int | None]]:
        """Travel to another process without the children: it starts its own."""
        return (Sandbox, (self._most,))

    def __enter__(self) -> Self:
        """Return itself; the children stop at the end of the `with` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the children."""
        self.close()


class _Child:
    """One child process and the line to it. It ends by itself when the line is cut."""

    def __init__(self) -> None:
        # Two one-way pipes, not a socket: they work where sockets are forbidden.
        questions, self._questions = multiprocessing.Pipe(duplex=False)
        self._answers, answers = multiprocessing.Pipe(duplex=False)
        try:
            handles = (questions.fileno(), answers.fileno())
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "landzicht.formats.worker", *map(str, handles)],
                pass_fds=handles,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        finally:
            questions.close()
            answers.close()

    def ask(
        self,
        verb: str,
        arguments: tuple[Any, ...],
        path: Path,
        seconds: float,
        tell: Callable[[int, int], None] | None,
    ) -> Any:  # noqa: ANN401
        end = time.monotonic() + seconds
        try:
            self._questions.send((verb, arguments))
            while self._answers.poll(max(0.0, end - time.monotonic())):
                answer = self._answers.recv()
                if not isinstance(answer, Told):
                    return answer
                if tell is not None:
                    tell(answer.done, answer.total)
            reason = reasons.TOO_SLOW.fill(seconds=round(seconds))
            raise UnreadableFile(path=path, reason=reason)
        except (EOFError, ConnectionError, BrokenPipeError) as error:
            raise UnreadableFile(path=path, reason=reasons.CRASHED) from error

    def kill(self) -> None:
        self._process.kill()

    def stop(self) -> None:
        self._questions.close()
        self._answers.close()
        self._process.kill()
        self._process.wait()


def _stop_all(children: list[_Child]) -> None:
    for child in children:
        child.stop()
