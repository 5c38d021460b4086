"""Use case: how the portal does, in numbers for a monitoring system.

What all processes of a portal share is told, so it does not matter which of them is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import landzicht
from landzicht.portal.catalogue.freshness import freshness
from landzicht.portal.following.source_status import source_status
from landzicht.portal.parcels.jobs import unfinished
from landzicht.portal.quota import room_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landzicht.portal.catalogue.freshness import Freshness
    from landzicht.portal.following.source_status import SourceStatus
    from landzicht.portal.quota import Room
    from landzicht.portal.services import Services

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One number."""

    value: float
    """The number."""
    labels: tuple[tuple[str, str], ...] = ()
    """What it is of: name and value, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Numbers of one kind."""

    name: str
    """As a monitoring system knows it; its end tells the unit."""
    help: str
    """What it is, in English."""
    samples: tuple[Sample, ...] = field(default_factory=tuple)
    """The numbers; none when there is nothing to count."""


def metrics(services: Services, now: datetime | None = None) -> tuple[Family, ...]:
    """Return all numbers; those of hidden collections are left out.

    Raises:
        DiskFailed: the data folder cannot be read.
    """
    moment = now or datetime.now(UTC)
    version = (("version", landzicht.__version__),)
    jobs = len(unfinished(services.settings))
    return (
        Family(
            name="landzicht_info",
            help="Version of the portal.",
            samples=(Sample(value=1, labels=version),),
        ),
        *_of_store(room_of(services)),
        *_of_collections(freshness(services, moment)),
        *_of_sources(source_status(services, moment)),
        Family(
            name="landzicht_jobs_unfinished",
            help="Long questions that wait or are worked on.",
            samples=(Sample(value=jobs),),
        ),
    )


def _of_store(room: Room) -> Iterator[Family]:
    yield _one("landzicht_stored_bytes", "Stored images and those in the bin.", room.used)
    yield _one("landzicht_quota_bytes", "Most of these; 0 = no limit.", room.quota)
    yield _one("landzicht_quota_reached", "1 = nothing more is taken in.", int(room.is_full))
    yield _one("landzicht_disk_free_bytes", "Free space where the data are.", room.free)


def _one(name: str, help: str, value: float) -> Family:
    return Family(name=name, help=help, samples=(Sample(value=value),))


def _of_collections(told: Sequence[Freshness]) -> Iterator[Family]:
    def family(name: str, help: str, pairs: list[tuple[Freshness, float | None]]) -> Family:
        samples = tuple(
            Sample(value=value, labels=(("collection", each.collection.id),))
            for each, value in pairs
            if value is not None
        )
        return Family(name=f"landzicht_collection_{name}", help=help, samples=samples)

    yield family("scenes", "Scenes.", [(each, each.collection.count) for each in told])
    yield family(
        "last_image_timestamp_seconds",
        "When the newest image was taken.",
        [(each, each.last.timestamp() if each.last else None) for each in told],
    )
    yield family(
        "lag_seconds", "Seconds since then.", [(each, _lag(each.lag_days)) for each in told]
    )
    yield family(
        "gaps",
        "Days on which the rhythm of the satellite promised an image and there is none.",
        [(each, each.gaps if each.rhythm else None) for each in told],
    )


def _of_sources(told: Sequence[SourceStatus]) -> Iterator[Family]:
    def family(name: str, help: str, pairs: list[tuple[SourceStatus, float | None]]) -> Family:
        samples = tuple(
            Sample(value=value, labels=_whose(each)) for each, value in pairs if value is not None
        )
        return Family(name=f"landzicht_source_{name}", help=help, samples=samples)

    def counted(name: str, help: str, label: str, counts: str) -> Family:
        samples = tuple(
            Sample(value=number, labels=(*_whose(each), (label, word)))
            for each in told
            for word, number in sorted(getattr(each, counts).items())
        )
        return Family(name=f"landzicht_source_{name}", help=help, samples=samples)

    yield family(
        "up",
        "1 = the last look went well.",
        [(each, int(each.error is None)) for each in told if each.looked],
    )
    yield family("paused", "1 = it waits.", [(each, int(each.paused)) for each in told])
    yield family(
        "last_look_timestamp_seconds",
        "When it was looked at.",
        [(each, _seconds(each.looked)) for each in told],
    )
    yield family(
        "last_image_timestamp_seconds",
        "When its newest image was taken.",
        [(each, _seconds(each.last)) for each in told],
    )
    yield family(
        "lag_seconds", "Seconds since then.", [(each, _lag(each.lag_days)) for each in told]
    )
    yield family(
        "gaps",
        "Days on which its rhythm promised an image and there is none; at most 100.",
        [(each, len(each.gaps)) for each in told],
    )
    yield family(
        "fetched_bytes",
        "Bytes fetched for the images that are known.",
        [(each, each.bytes) for each in told],
    )
    yield counted("items", "Images by what came of them.", "outcome", "counts")
    yield counted(
        "failures", "Images that failed and are tried again, by reason.", "reason", "reasons"
    )


def _whose(told: SourceStatus) -> tuple[tuple[str, str], ...]:
    return (("source", told.id), ("kind", told.kind))


def _lag(days: float | None) -> float | None:
    return None if days is None else round(days * _DAY_S)


def _seconds(moment: str) -> float | None:
    try:
        return datetime.fromisoformat(moment).timestamp()
    except ValueError:
        return None
