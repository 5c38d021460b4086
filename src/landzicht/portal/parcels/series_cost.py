"""What a question about parcels costs on this machine, told before the work."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from landzicht.errors.series import SeriesTooHeavy, SeriesTooLarge
from landzicht.portal.parcels.series_rate import learn, rate_of
from landzicht.series.cost import cost_of, most_covered, most_pixels
from landzicht.series.run import stored_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landzicht.portal.parcels.series import SeriesPlan, SeriesTable
    from landzicht.portal.services import Services
    from landzicht.series.cost import Cost
    from landzicht.series.plan import LeftOut
    from landzicht.series.statistics import Statistics

_MILLION = 1_000_000
_LEAST_SECONDS = 0.5
_LITTLE = 2_000_000
"""Pixels under parcels that need no second thought."""
_AT_ONCE = 4
"""Questions of the largest size that are answered at once, or half of them beside a job."""
MOST_LEFT_OUT = 100
"""Scenes that are left out, and told by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What an answer costs here."""

    cost: Cost
    """What has to be done."""
    seconds: float
    """How long that takes, at the rate that was measured on this machine."""
    direct: bool
    """Whether it is answered at once; else it becomes a job."""
    left_out: tuple[LeftOut, ...] = ()
    """Scenes of the period that cannot answer it."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            **asdict(self.cost),
            "seconds": self.seconds,
            "direct": self.direct,
            "left_out": told_of(self.left_out),
        }


def told_of(left_out: tuple[LeftOut, ...]) -> dict[str, Any]:
    """Return scenes that are left out as plain values for JSON: how many, and the first of them."""
    return {
        "count": len(left_out),
        "scenes": [
            {
                "scene": each.scene,
                "datetime": each.moment.isoformat().replace("+00:00", "Z"),
                "nl": each.reason.nl,
                "en": each.reason.en,
            }
            for each in left_out[:MOST_LEFT_OUT]
        ],
    }


def estimate(
    services: Services, plan: SeriesPlan, wanted: Statistics, *, smooth: bool = False
) -> Estimate:
    """Return what an answer costs; the first time on a machine a little is tried to find out.

    Args:
        services: adapters of the portal.
        plan: what is read.
        wanted: what is computed.
        smooth: whether rows have doubts and a smooth line: all dates are kept for these.

    Raises:
        SeriesTooLarge: more than the operator allows.
        SeriesTooHeavy: it takes more memory than the operator allows.
    """
    cost = affordable(services, plan, wanted, smooth=smooth)
    rate = rate_of(services, plan) if cost.pixels else None
    seconds = rate.seconds(cost, wanted, services.settings.worker_threads) if rate else 0.0
    return Estimate(
        cost=cost,
        seconds=round(seconds, 4),
        direct=is_direct(services, cost),
        left_out=plan.left_out,
    )


def affordable(
    services: Services, plan: SeriesPlan, wanted: Statistics, *, smooth: bool = False
) -> Cost:
    """Return what has to be done for an answer.

    Raises:
        SeriesTooLarge: more than the operator allows.
        SeriesTooHeavy: it takes more memory than the operator allows.
    """
    from landzicht.portal.parcels.series_smooth import held_bytes

    settings, known = services.settings, _known(services, plan, wanted)
    cost = cost_of(plan.land, plan.passes, plan.question, wanted, known, settings.worker_threads)
    if smooth:
        held = held_bytes(len(plan.land.parcels), len(plan.passes), wanted)
        cost = replace(cost, memory=cost.memory + held)
    work = max(cost.pixels, cost.covered)
    if work > settings.series_most_mpx * _MILLION:
        raise SeriesTooLarge(pixels=work // _MILLION, most=settings.series_most_mpx)
    if cost.memory > settings.series_memory_mb * _MILLION:
        raise SeriesTooHeavy(memory=cost.memory // _MILLION, most=settings.series_memory_mb)
    return cost


def is_direct(services: Services, cost: Cost) -> bool:
    """Return whether so much is answered at once; else it becomes a job, of which one runs."""
    settings = services.settings
    return (
        max(cost.pixels, cost.covered) <= settings.series_direct_mpx * _MILLION
        and cost.memory * _AT_ONCE <= settings.series_memory_mb * _MILLION
    )


def is_small(services: Services, plan: SeriesPlan) -> bool:
    """Return whether it is cheap for sure: in pixels, in what is counted, and so in memory."""
    settings = services.settings
    limit = min(settings.series_direct_mpx, settings.series_most_mpx) * _MILLION
    return most_pixels(plan.passes, plan.question) <= limit and most_covered(
        plan.passes, plan.land.parcels
    ) <= min(limit, _LITTLE)


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
        learn(services, cost, wanted, spent)


def _known(services: Services, plan: SeriesPlan, wanted: Statistics) -> list[bool]:
    """Return of which overpasses the answer is kept."""
    kept = services.kept
    if not kept:
        return [False] * len(plan.passes)
    keys = stored_keys(plan.land, plan.passes, plan.question, wanted, services.reader)
    return [bool(key and kept.holds(key)) for key in keys]
