"""What a question about parcels costs on this machine, told before the work."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors import SourceFailed
from landzicht.errors.series import SeriesTooLarge
from landzicht.series.cost import cost_of, most_pixels
from landzicht.series.measure import measure_cell
from landzicht.series.run import stored_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from landzicht.portal.series import SeriesPlan, SeriesTable
    from landzicht.portal.services import Services
    from landzicht.series.cost import Cost
    from landzicht.series.statistics import Statistics

_RATE = "rate.json"
_MILLION = 1_000_000
_LEAST_PIXELS = 1_000_000
"""A shorter run says little of a longer one."""
_LEAST_SECONDS = 0.5
_WEIGHT = 0.3
"""Of the last run in the remembered rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What an answer costs here."""

    cost: Cost
    """What has to be done."""
    seconds: float
    """How long that takes, at the rate that was measured on this machine."""
    direct: bool
    """Whether it is answered at once; else it becomes a job."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {**asdict(self.cost), "seconds": self.seconds, "direct": self.direct}


def estimate(services: Services, plan: SeriesPlan, wanted: Statistics) -> Estimate:
    """Return what an answer costs; the first time on a machine one cell is read to find out.

    Raises:
        SeriesTooLarge: more than the operator allows.
    """
    settings, known = services.settings, _known(services, plan, wanted)
    cost = cost_of(plan.land, plan.passes, plan.question, wanted, known, settings.worker_threads)
    if cost.pixels > settings.series_most_mpx * _MILLION:
        raise SeriesTooLarge(pixels=cost.pixels // _MILLION, most=settings.series_most_mpx)
    rate = _rate(settings.series_cache) or _measured_rate(services, plan, wanted)
    return Estimate(
        cost=cost,
        seconds=round(cost.pixels / rate, 1) if rate and cost.pixels else 0.0,
        direct=cost.pixels <= settings.series_direct_mpx * _MILLION,
    )


def is_small(services: Services, plan: SeriesPlan) -> bool:
    """Return whether it is cheap for sure, whatever the parcels."""
    settings = services.settings
    limit = min(settings.series_direct_mpx, settings.series_most_mpx) * _MILLION
    return most_pixels(plan.passes, plan.question) <= limit


def metered(
    services: Services, plan: SeriesPlan, wanted: Statistics, tables: Iterator[SeriesTable]
) -> Iterator[SeriesTable]:
    """Yield tables, and remember at the end how quick it went."""
    known, spent = _known(services, plan, wanted), 0.0
    while True:
        start = time.perf_counter()
        table = next(tables, None)
        spent += time.perf_counter() - start
        if table is None:
            break
        yield table
    if spent > _LEAST_SECONDS:
        threads = services.settings.worker_threads
        cost = cost_of(plan.land, plan.passes, plan.question, wanted, known, threads)
        remember(services, cost.pixels, spent)


def _known(services: Services, plan: SeriesPlan, wanted: Statistics) -> list[bool]:
    """Return of which overpasses the answer is kept."""
    kept = services.kept
    if not kept:
        return [False] * len(plan.passes)
    keys = stored_keys(plan.land, plan.passes, plan.question, wanted)
    return [bool(key and kept.holds(key)) for key in keys]


def remember(services: Services, pixels: int, seconds: float) -> None:
    """Remember how quick this machine was."""
    if pixels < _LEAST_PIXELS or seconds <= 0:
        return
    folder = services.settings.series_cache
    before = _rate(folder)
    rate = pixels / seconds
    if before:
        rate = before * (1 - _WEIGHT) + rate * _WEIGHT
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{_RATE}.{time.monotonic_ns()}"
        part.write_bytes(orjson.dumps({"pixels_per_second": rate}))
        part.replace(folder / _RATE)


def _rate(folder: Path) -> float | None:
    try:
        found = float(orjson.loads((folder / _RATE).read_bytes())["pixels_per_second"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found > 0 else None


def _measured_rate(services: Services, plan: SeriesPlan, wanted: Statistics) -> float | None:
    """Read the first cell that can be read and return the pixels per second of all threads."""
    for overpass in plan.passes:
        _, cells = plan.land.division(tuple(source.grid for source in overpass.sources))
        for source, own in zip(overpass.sources, cells, strict=True):
            for cell in own[:1]:
                try:
                    measure_cell(services.reader, source, cell, plan.question, wanted)  # compiles
                    start = time.perf_counter()
                    measure_cell(services.reader, source, cell, plan.question, wanted)
                except SourceFailed:
                    continue
                seconds = time.perf_counter() - start
                bands = len(plan.question.keys) + bool(plan.question.mask)
                pixels = cell.window.height * cell.window.width * bands
                return pixels / seconds * services.settings.worker_threads
    return None
