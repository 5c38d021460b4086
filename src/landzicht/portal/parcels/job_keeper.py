"""A thread that works on jobs, one at a time in all processes of a portal together."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from landzicht.errors import Broken, LandzichtError
from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.portal.parcels.jobs import fail, run_job, unfinished
from landzicht.portal.progress import at_work

if TYPE_CHECKING:
    from collections.abc import Callable

    from landzicht.portal.parcels.jobs import Job
    from landzicht.portal.services import Services

_WAIT_S = 1.0
_PATIENCE_S = 10.0
log = logging.getLogger("landzicht.jobs")


class JobKeeper:
    """Works on what is unfinished; sleeps, without a thread, when there is nothing to do."""

    def __init__(self, services: Services, measuring: Callable[[], Services] | None = None) -> None:
        """Make a keeper.

        Args:
            services: of the portal.
            measuring: returns those that measure, when a job begins; None = the same.
        """
        self._services = services
        self._measuring = measuring or (lambda: services)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Start when there is something to do, also what a crash left behind."""
        with self._lock:
            if self._stop.is_set() or not unfinished(self._services.settings):
                return
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop after the part under way; the next start goes on there."""
        self._stop.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_PATIENCE_S)

    def _work(self) -> None:
        settings = self._services.settings
        while not self._stop.is_set():
            with at_work(settings.jobs / "keeper.json") as is_ours:
                if is_ours:
                    for job in unfinished(settings):
                        if not self._stop.is_set():
                            self._do(job)
            with self._lock:
                if not unfinished(settings):
                    self._thread = None
                    return
            self._stop.wait(_WAIT_S)

    def _do(self, job: Job) -> None:
        """Work on one job; whatever happens, the next one gets its turn."""
        settings = self._services.settings
        try:
            run_job(self._measuring(), job, self._stop.is_set)
        except LandzichtError as error:
            self._fail(job, error)
        except FileNotFoundError as error:
            if (settings.jobs / job.id).is_dir():  # else it was cancelled
                self._fail(job, DiskFailed(path=settings.jobs, reason=disk_reason(error)))
        except OSError as error:
            self._fail(job, DiskFailed(path=settings.jobs, reason=disk_reason(error)))
        except Exception as error:
            log.exception("a job failed")
            if not self._stop.is_set():
                self._fail(job, Broken(reason=type(error).__name__))

    def _fail(self, job: Job, error: LandzichtError) -> None:
        if not self._stop.is_set():
            fail(self._services.settings, job, error.code, error.say("nl"), error.say("en"))
