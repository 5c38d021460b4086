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
from landzicht.portal.areas import read_areas
from landzicht.portal.series import SeriesRequest, plan_series
from landzicht.portal.series_answer import Form, answer_series
from landzicht.portal.series_cost import estimate
from landzicht.portal.view import View
from landzicht.series.check import check_shapes, name_column
from landzicht.series.statistics import parse_statistics
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from landzicht.kinds import Span
    from landzicht.portal.series_answer import SeriesAnswer
    from landzicht.portal.series_cost import Estimate
    from landzicht.portal.services import Services
    from landzicht.series.check import Checked


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
    out: Path | None = None
    """File to write; its ending tells the form. None = CSV."""


def read_parcels(order: SeriesOrder) -> Checked:
    """Read and check the parcels of a file.

    Raises:
        UnreadableVectors: the file cannot be read.
        VectorsTooLarge: it has more than we read.
    """
    import shapely

    from landzicht.formats.vectors import read_vectors

    found = read_vectors(order.path, layer=order.parcel_layer, name=order.name, crs=order.crs)
    shapes = shapely.from_wkb(
        found.table["geometry"].to_numpy(zero_copy_only=False), on_invalid="ignore"
    )
    ids = found.names(order.name)
    called = name_column(found.table.column_names)
    names = found.names(called) if called else [None] * len(ids)
    return check_shapes(zip(ids, shapes, names, strict=True), found.crs)


def series_file(
    services: Services, order: SeriesOrder, progress: Callable[[str, int, int], None]
) -> tuple[Checked, Iterator[bytes]]:
    """Measure the parcels of a file.

    Args:
        services: adapters of the portal.
        order: what to measure, and where to write it.
        progress: is told `(what, done, total)`.

    Returns:
        What is to be said of the parcels; and the bytes, which are written to `order.out` too
        while they are taken, when there is one: to the end or not at all.

    Raises:
        LandzichtError: those of `read_parcels` and `plan_series`; before the first byte.
    """
    keep_freed_memory()
    form = replace(_form(order.out), smooth=order.smooth)
    request, checked = _request(services, order)
    answer = answer_series(services, request, checked, form, progress)
    if order.out is None:
        return checked, answer.chunks
    return checked, _written(answer, order.out)


def series_file_cost(services: Services, order: SeriesOrder) -> Estimate:
    """Return what `series_file` costs; reads the parcels, and no date.

    Raises:
        LandzichtError: those of `series_file`.
    """
    request, _ = _request(services, order)
    return estimate(services, plan_series(services, request), request.statistics)


def _request(services: Services, order: SeriesOrder) -> tuple[SeriesRequest, Checked]:
    checked = read_areas(services.settings, order.areas) if order.areas else read_parcels(order)
    request = SeriesRequest(
        collection=order.collection,
        parcels=checked.parcels,
        view=View(layer=order.layer, expression=order.expression),
        span=order.span,
        statistics=parse_statistics(order.stats),
        clear=order.clear,
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
