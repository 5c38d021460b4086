"""Following inside `landzicht up`: a process of its own that is there when something is followed.

`python -m landzicht.portal.following.follow_keeper` follows everything in the data folder of
`LANDZICHT_DATA` until it is told to stop, or whoever started it is gone. It is not the process
that serves: fetching and converting must not hold up a map, and a crash of one leaves the other.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from landzicht.portal.settings import load_settings
from landzicht.sources.backoff import pause
from landzicht.sources.register import list_sources

if TYPE_CHECKING:
    from landzicht.portal.settings import Settings

POLITENESS = 10
"""Unix niceness: visitors go first."""
_LOOK_S = 5.0
_PATIENCE_S = 30.0
_SOUND_S = 600.0
"""A process that lived so long did not die of its start."""


class FollowKeeper:
    """Starts the process when there is something to follow, and again when it died."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="follow", daemon=True)

    def start(self) -> None:
        """Begin to look whether something is followed."""
        self._thread.start()

    def close(self) -> None:
        """End the process in order; what it was fetching is gone on with the next time."""
        self._stop.set()
        self._thread.join(_PATIENCE_S)
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _keep(self) -> None:
        deaths, started = 0, 0.0
        while not self._stop.is_set():
            process = self._process
            if process is not None and process.poll() is not None:
                deaths = 1 if time.monotonic() - started > _SOUND_S else deaths + 1
                self._process = process = None
                self._stop.wait(pause(deaths, first=5.0, longest=600.0))
            wanted = any(
                not (one.paused or one.by_hand) for one in list_sources(self._settings.data)
            )
            if process is None and wanted and not self._stop.is_set():
                started = time.monotonic()
                self._process = _start(self._settings)
            self._stop.wait(_LOOK_S)


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    # It gets our number, as by the time that it asks we may be gone.
    command = [sys.executable, "-m", "landzicht.portal.following.follow_keeper", str(os.getpid())]
    environment = os.environ | {"LANDZICHT_DATA": str(settings.data)}
    # A group of its own, so that Ctrl-C reaches the server first and it can stop us in order.
    return subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603


def follow_until_stopped(parent: int) -> None:
    """Follow everything until SIGTERM, or until the process that started us is gone."""
    from landzicht.portal.portal import open_portal

    stop = threading.Event()
    os.nice(POLITENESS)
    with open_portal(load_settings()) as portal:

        def end(*_: object) -> None:
            stop.set()
            portal.interrupt()

        def watch() -> None:
            while not stop.wait(1.0):
                if os.getppid() != parent:
                    end()

        signal.signal(signal.SIGTERM, end)
        threading.Thread(target=watch, name="parent", daemon=True).start()
        portal.follow_all(lambda *_: None, stop)


if __name__ == "__main__":
    follow_until_stopped(int(sys.argv[1]))
