"""A real portal in a process of its own, as a newcomer starts it; for tests of whole journeys."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from email.message import Message

PROGRAM = str(Path(sys.executable).with_name("landzicht"))
PATIENCE_S = 120
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the portal answered."""

    status: int
    """HTTP status."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    """Content, not decoded."""

    def json(self) -> Any:
        """Return the content read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Running:
    """A portal that answers."""

    base: str
    """Address without a slash at the end."""
    data: Path
    """Data folder."""
    process: subprocess.Popen[str]
    """The running `landzicht up`."""

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for one address; `If_None_Match="x"` becomes a header. Errors are answers too."""
        wanted = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.base + path, headers=wanted)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, _lower(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _lower(error.headers), error.read())

    def wait_for(self, what: Callable[[], T], patience: float = PATIENCE_S) -> T:
        """Ask until `what()` is true and return it.

        Raises:
            RuntimeError: it did not come true in time, or the portal stopped.
        """
        end = time.monotonic() + patience
        while not (found := what()):
            if time.monotonic() > end or self.process.poll() is not None:
                message = "it did not come true in time, or the portal stopped"
                raise RuntimeError(message)
            time.sleep(0.2)
        return found


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def run(*arguments: str | Path, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command of the command line."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments), "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ | environment,
    )


@contextmanager
def portal_in(data: Path, *flags: str) -> Iterator[Running]:
    """Start `landzicht up` on a free port and stop it as Ctrl-C does."""
    command = [PROGRAM, "up", "--data", str(data), "--port", "0", *flags]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as process:
        try:
            running = Running(_address(process), data, process)
            running.wait_for(lambda: _alive(running))
            yield running
        finally:
            process.send_signal(2)
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _alive(running: Running) -> bool:
    try:
        return running.get("/health").status == 200
    except urllib.error.URLError:
        return False


def _address(process: subprocess.Popen[str]) -> str:
    for line in process.stdout or ():
        if found := re.search(r"http://\S+", line):
            return found[0]
    message = "the portal stopped before it told its address"
    raise RuntimeError(message)
