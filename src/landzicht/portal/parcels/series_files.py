"""Numbers of the parcels in a file, written to a file."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from landzicht.blocks.heap import keep_freed_memory
from landzicht.errors.catalogue import BadQuery
from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.formats.tables import CSV, ENDINGS
from landzicht.portal.maps.view import View
from landzicht.portal.parcels.areas import read_areas
from landzicht.portal.parcels.series import SeriesRequest, plan_series
from landzicht.portal.parcels.series_answer import Form, answer_series
from landzicht.portal.parcels.series_cost import estimate
from landzicht.portal.parcels.series_parcels import ParcelFile, read_parcel_file
from landzicht.series.statistics import parse_statistics
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from landzicht.kinds import Span
    from landzicht.portal.parcels.series import SeriesPlan
    from landzicht.portal.parcels.series_answer import SeriesAnswer
    from landzicht.portal.parcels.series_cost import Estimate
    from landzicht.portal.services import Services
    from landzicht.series.check import Checked
    from landzicht.text import Language


_NO_LIMIT = 2**40
"""Million pixels: more than there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesOrder:
    """Which numbers of which parcels, and where to write them."""

    path: Path
    """File with the parcels; not looked at when there are `areas`."""
    collection: str
    """Id of the collection."""
    layer: str | None = None
    """A layer with one value for each pixel."""
    expression: str | None = None
    """Or a formula."""
    span: Span | None = None
    """Only scenes in this period; None = all."""
    stats: tuple[str, ...] = ()
    """Statistics; empty = the usual ones."""
    edges: tuple[float, ...] = ()
    """Rising edges of the bins of a histogram; empty = none."""
    raw: bool = False
    """Stored numbers instead of physical values."""
    name: str | None = None
    """Column with the names of the parcels."""
    parcel_layer: str | None = None
    """Layer of the file; None = the first."""
    crs: str | None = None
    """System of a file that does not tell its own."""
    clear: bool | None = None
    """Leave out clouds; None = when the collection tells where they are."""
    areas: str | None = None
    """Id of registered areas, instead of a file."""
    smooth: bool = False
    """Add doubts and a smooth line."""
    seasons: bool = False
    """Seasons and events of each parcel instead of its values."""
    beyond: bool = False
    """Also above the limits of the operator (`series_most_mpx`, `series_memory_mb`)."""
    out: Path | None = None
    """File to write; its ending tells the form. None = CSV."""
    language: Language = "en"
    """Of what rows tell in words."""


def read_parcels(order: SeriesOrder) -> Checked:
    """Read and check the parcels of a file.

    Raises:
        UnreadableVectors: the file cannot be read.
        VectorsTooLarge: it has more than we read.
        NoParcels: there is nothing in it.
    """
    return read_parcel_file(
        ParcelFile(path=order.path, layer=order.parcel_layer, name=order.name, crs=order.crs)
    )


def series_file(
    services: Services,
    order: SeriesOrder,
    progress: Callable[[str, int, int], None],
    told: Callable[[Estimate], None] | None = None,
) -> tuple[Checked, Iterator[bytes]]:
    """Measure the parcels of a file.

    Args:
        services: adapters of the portal.
        order: what to measure, and where to write it.
        progress: is told `(what, done, total)`.
        told: is told what it costs, before anything is measured.

    Returns:
        What is to be said of the parcels; and the bytes, which are written to `order.out` too
        while they are taken, when there is one: to the end or not at all.

    Raises:
        SeriesTooLarge: more than the operator allows, and the order does not go beyond that.
        LandzichtError: those of `read_parcels` and `plan_series`; before the first byte.
    """
    keep_freed_memory()
    form = replace(
        _form(order.out), language=order.language, smooth=order.smooth, seasons=order.seasons
    )
    request, checked = _request(services, order)
    plan = plan_series(services, request)
    price = _price(services, order, plan, request)
    if told is not None:
        told(price)
    answer = answer_series(services, request, checked, form, progress, plan)
    if order.out is None:
        return checked, answer.chunks
    return checked, _written(answer, order.out)


def series_file_cost(services: Services, order: SeriesOrder) -> Estimate:
    """Return what `series_file` costs; reads the parcels, and no date.

    Raises:
        LandzichtError: those of `series_file`.
    """
    request, _ = _request(services, order)
    plan = plan_series(services, request)
    return _price(services, order, plan, request)


def _price(
    services: Services, order: SeriesOrder, plan: SeriesPlan, request: SeriesRequest
) -> Estimate:
    keeps = order.smooth or order.seasons
    return estimate(_limits(services, order), plan, request.statistics, smooth=keeps)


def _limits(services: Services, order: SeriesOrder) -> Services:
    """Return services with the limits that hold for an order."""
    if not order.beyond:
        return services
    settings = replace(services.settings, series_most_mpx=_NO_LIMIT, series_memory_mb=_NO_LIMIT)
    return replace(services, settings=settings)


def _request(services: Services, order: SeriesOrder) -> tuple[SeriesRequest, Checked]:
    checked = read_areas(services.settings, order.areas) if order.areas else read_parcels(order)
    request = SeriesRequest(
        collection=order.collection,
        parcels=checked.parcels,
        view=View(layer=order.layer, expression=order.expression),
        span=order.span,
        statistics=parse_statistics(
            order.stats or (["mean"] if order.seasons else []), order.edges
        ),
        clear=order.clear,
        raw=order.raw,
    )
    return request, checked


def _form(out: Path | None) -> Form:
    if out is None:
        return Form(media_type=CSV)
    if out.suffix.lower() not in ENDINGS:
        known = " ".join(ENDINGS)
        reason = Text(
            nl=f"de naam eindigt op een van {known}", en=f"the name ends in one of {known}"
        )
        raise BadQuery(name="--out", reason=reason)
    ending = out.suffix.lower()
    return Form(media_type=ENDINGS[ending], with_geometry=ending == ".geoparquet")


def _written(answer: SeriesAnswer, out: Path) -> Iterator[bytes]:
    """Write beside the file and rename at the end: half an answer is never taken for one."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            for chunk in answer.chunks:
                file.write(chunk)
                yield chunk
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        raise DiskFailed(path=out, reason=disk_reason(error)) from error
    finally:
        part.unlink(missing_ok=True)
