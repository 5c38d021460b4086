"""Long questions about parcels as jobs: kept on disk date by date, so that no crash costs much.

A job is a folder below `jobs/` in the data folder: `request.json` as it was asked (and `parcels`,
when these came as a file), `state.json` with how far it is, and a file of rows for each overpass.
Whoever holds the lock of that folder works on the jobs, the oldest first; when the process dies the
system lets go of the lock, and the next one goes on with the overpasses that have no file yet.
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.errors.series import JobNotDone, TooManyJobs, UnknownJob
from landzicht.formats.tables import ENCODERS
from landzicht.portal.access import visible
from landzicht.portal.parcels.series import series
from landzicht.portal.parcels.series_answer import form_of, read_question
from landzicht.portal.parcels.series_cost import estimate
from landzicht.portal.parcels.series_parcels import ParcelFile
from landzicht.rules import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from landzicht.portal.parcels.series import SeriesPlan, SeriesRequest
    from landzicht.portal.parcels.series_answer import Asked, Form
    from landzicht.portal.parcels.series_rows import Rows
    from landzicht.portal.services import Services
    from landzicht.portal.settings import Settings
    from landzicht.series.check import Checked
    from landzicht.text import Language

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
OVER = (DONE, FAILED)
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_DAY_S = 86_400.0
_PARCELS = "parcels"
"""Name of the file that came with a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A long question and how far it is."""

    id: str
    """Nobody can guess it, so who knows it may see the answer."""
    collection: str
    """What is measured in."""
    status: str
    """`queued`, `running`, `done` or `failed`."""
    created: str
    """When it was asked (RFC 3339)."""
    done: int
    """Dates that are ready."""
    total: int
    """Dates in all."""
    parcels: int
    """Parcels that are measured."""
    seconds: float
    """How long all of it takes, as told at the start."""
    parts: tuple[str, ...] = ()
    """Files of the answer, in order, when it is done."""
    error: Mapping[str, Any] | None = None
    """Why it failed: `code`, `nl`, `en`."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        told = asdict(self)
        del told["parts"]
        return told


def submit(services: Services, asked: Asked, language: Language) -> Job:
    """Keep a question as a job; `JobKeeper` works on it.

    Raises:
        TooManyJobs: there are as many as the operator allows.
        SeriesTooLarge: it costs more than the operator allows.
        SeriesTooHeavy: it takes more memory than the operator allows.
        DiskFailed: the disk is full or read-only.
        BadQuery: a smooth line of what cannot have one.
    """
    settings = services.settings
    request, checked, plan = asked.request, asked.checked, asked.plan
    form = form_of(asked.told, "", language)
    _refuse_early(_rows_of(plan, request, checked, form), form)
    keeps = form.smooth or form.seasons
    price = estimate(services, plan, request.statistics, smooth=keeps)
    clean(settings)
    if len(list(settings.jobs.glob("*/state.json"))) >= settings.max_jobs:
        raise TooManyJobs(most=settings.max_jobs)
    job = Job(
        id=secrets.token_urlsafe(16),
        collection=request.collection,
        status=QUEUED,
        created=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        done=0,
        total=len(plan.passes),
        parcels=len(checked.parcels),
        seconds=price.seconds,
    )
    folder = settings.jobs / job.id
    try:
        folder.mkdir(parents=True)
        _keep_question(folder, asked, language)
        _write(settings, job)  # last: a job without a state is none
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise DiskFailed(path=folder, reason=disk_reason(error)) from error
    return job


def _keep_question(folder: Path, asked: Asked, language: Language) -> None:
    """Write a question, with its file of parcels, so that it can be read again."""
    told: dict[str, Any] = {"told": asked.told, "language": language}
    if asked.file is not None:
        shutil.copyfile(asked.file.path, folder / _PARCELS)
        told["file"] = {"layer": asked.file.layer, "name": asked.file.name, "crs": asked.file.crs}
    (folder / "request.json").write_bytes(orjson.dumps(told))


def _read_question(services: Services, folder: Path) -> tuple[Asked, Form]:
    told = orjson.loads((folder / "request.json").read_bytes())
    file = ParcelFile(path=folder / _PARCELS, **told["file"]) if "file" in told else None
    return read_question(services, told["told"], file), form_of(told["told"], "", told["language"])


def job_of(services: Services, id: str, who: str = "public") -> Job:
    """Return a job.

    Raises:
        UnknownJob: there is none with this id.
        UnknownCollection: its collection may not be used any more.
    """
    job = _read(services.settings, id)
    if job is None:
        raise UnknownJob(job=id[:80])
    visible(services, job.collection, Action.MEASURE, who)
    return job


def result_of(services: Services, id: str, media_type: str, who: str = "public") -> Iterator[bytes]:
    """Return the answer of a job that is done, as a stream.

    Raises:
        UnknownJob: there is none with this id.
        JobNotDone: it is not done, or failed.
    """
    import pyarrow as pa

    from landzicht.portal.parcels.job_parts import read_rows, read_schema

    job = job_of(services, id, who)
    if job.status != DONE:
        raise JobNotDone(job=job.id, status=job.status)
    folder = services.settings.jobs / job.id
    try:
        schema = read_schema(folder / job.parts[0])
    except (OSError, pa.ArrowInvalid) as error:
        raise UnknownJob(job=job.id) from error

    def batches() -> Iterator[pa.RecordBatch]:
        for name in job.parts:
            yield from read_rows(folder / name)

    return ENCODERS[media_type](schema, batches())


def cancel(services: Services, id: str, who: str = "public") -> None:
    """Stop a job when it runs, and remove it with its answer.

    Raises:
        UnknownJob: there is none with this id.
    """
    job = job_of(services, id, who)
    folder = services.settings.jobs / job.id
    with suppress(OSError):
        (folder / "state.json").unlink()  # first: without a state it is no job any more
    shutil.rmtree(folder, ignore_errors=True)


def unfinished(settings: Settings) -> list[Job]:
    """Return the jobs that are to be done, the oldest first."""
    jobs = [_read(settings, path.parent.name) for path in settings.jobs.glob("*/state.json")]
    found = [job for job in jobs if job and job.status not in OVER]
    return sorted(found, key=lambda job: (job.created, job.id))


def clean(settings: Settings) -> None:
    """Remove jobs that are older than the operator keeps them, and remains of others."""
    oldest = time.time() - settings.job_days * _DAY_S
    for folder in settings.jobs.glob("*/"):
        with suppress(OSError):
            told = folder / "state.json"
            if (told if told.is_file() else folder).stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)


def run_job(services: Services, job: Job, is_stopped: Callable[[], bool]) -> None:
    """Work on a job until it is done, cancelled or stopped; what is ready stays ready.

    Raises:
        LandzichtError: any of those of `plan_series`.
        OSError: the disk is full or read-only.
    """
    from landzicht.portal.parcels.job_parts import finish, part_name, write_numbered

    settings = services.settings
    folder = settings.jobs / job.id
    asked, form = _read_question(services, folder)
    request, checked, plan = asked.request, asked.checked, asked.plan
    rows = _rows_of(plan, request, checked, form)
    names = [part_name(rows, overpass) for overpass in plan.passes]
    todo = [
        (overpass, name)
        for overpass, name in zip(plan.passes, names, strict=True)
        if not (folder / name).is_file()
    ]
    ready = len(names) - len(todo)
    job = replace(job, status=RUNNING, done=ready, total=len(names), parcels=len(checked.parcels))
    if not _write(settings, job, must_exist=True):
        return
    left = replace(plan, passes=tuple(overpass for overpass, _ in todo))
    tables = series(services, request, left)
    for number, (_, name) in enumerate(todo, 1):
        table = next(tables)
        if is_stopped():
            return
        write_numbered(folder / name, rows.of(table), table.parcels)
        job = replace(job, done=ready + number)
        if not _write(settings, job, must_exist=True):
            return  # cancelled
    parts = finish(folder, rows, names, form)
    _write(settings, replace(job, status=DONE, parts=parts), must_exist=True)


def _refuse_early(rows: Rows, form: Form) -> None:
    """Refuse now what could not be told after the last date.

    Raises:
        BadQuery: it is too much at once, or asked for without the mean.
    """
    from landzicht.portal.parcels.seasons import season_schema
    from landzicht.portal.parcels.series_smooth import smoothed_schema

    if form.smooth:
        smoothed_schema(rows)
    if form.seasons:
        season_schema(rows)


def _rows_of(plan: SeriesPlan, request: SeriesRequest, checked: Checked, form: Form) -> Rows:
    from landzicht.portal.parcels.series_rows import Rows

    return Rows(
        plan=plan,
        checked=checked,
        wanted=request.statistics,
        language=form.language,
        with_geometry=form.with_geometry,
    )


def fail(settings: Settings, job: Job, code: str, nl: str, en: str) -> None:
    """Write down why a job cannot be done."""
    told = _read(settings, job.id) or job
    with suppress(OSError):
        error = {"code": code, "nl": nl, "en": en}
        _write(settings, replace(told, status=FAILED, error=error), must_exist=True)


def _write(settings: Settings, job: Job, *, must_exist: bool = False) -> bool:
    """Write a state as a whole; return False when the job was cancelled meanwhile."""
    path = settings.jobs / job.id / "state.json"
    if must_exist and not path.is_file():
        return False
    part = path.with_suffix(f".{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(orjson.dumps(asdict(job)))
        part.replace(path)
    except FileNotFoundError:
        return False
    return True


def _read(settings: Settings, id: str) -> Job | None:
    if not _ID.fullmatch(id):
        return None
    try:
        told = orjson.loads((settings.jobs / id / "state.json").read_bytes())
        return Job(**told | {"parts": tuple(told["parts"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
