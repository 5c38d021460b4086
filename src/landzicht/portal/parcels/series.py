"""Use case: numbers of parcels through time, as a stream of tables."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from landzicht.errors.catalogue import BadQuery
from landzicht.grid.bounds import Bounds
from landzicht.grid.crs import WGS84, transform_bounds
from landzicht.kinds import Query
from landzicht.portal.access import visible
from landzicht.portal.maps.view import View, resolve
from landzicht.portal.scenes import Selection, is_simulated, mask_of, newest_scene, scene_of
from landzicht.render.evaluate import evaluate
from landzicht.rules import Action
from landzicht.series.plan import Question, left_out, overpasses
from landzicht.series.run import Land, measure
from landzicht.series.statistics import Statistics
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from numpy.typing import NDArray

    from landzicht.kinds import Collection, Scene, Span
    from landzicht.kinds.parcels import Parcels
    from landzicht.portal.services import Services
    from landzicht.render.formula import Formula
    from landzicht.series.plan import LeftOut, Overpass
    from landzicht.series.run import Measured
    from landzicht.series.sheet import Failure

_PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRequest:
    """Numbers of parcels through time."""

    collection: str
    """Id of the collection."""
    parcels: Parcels
    """What to measure."""
    view: View = field(default_factory=View)
    """Layer, band or formula of one channel."""
    span: Span | None = None
    """Only scenes in this period; None = all."""
    statistics: Statistics = field(default_factory=Statistics)
    """What to compute."""
    clear: bool | None = None
    """Leave out clouds; None = when the collection tells where they are."""
    raw: bool = False
    """Stored numbers instead of physical values."""
    who: str = "public"
    """Whom we serve."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeriesTable:
    """What one overpass says of the parcels that it met; one row for each."""

    moment: datetime
    """Of the overpass, UTC."""
    parcels: NDArray[np.intp]
    """`(row,)`, numbers of the parcels."""
    scenes: tuple[str, ...]
    """`(row,)`, id of the scene, or ids with `;` between."""
    count: NDArray[np.float64]
    """`(row,)`, pixels that count, area-weighted."""
    valid: NDArray[np.float64]
    """`(row,)`, share 0-1 of the parcel that they are."""
    values: NDArray[np.float64]
    """`(row, statistic)`, in the order that was asked for; NaN where nothing counts."""
    histogram: NDArray[np.float64]
    """`(row, bin)`, pixels; no columns when there is no histogram."""
    simulated: bool
    """Whether no satellite ever saw this."""
    failures: tuple[Failure, ...] = ()
    """Parcels without a row, because their scene cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPlan:
    """What is going to be read, known before any pixel is."""

    collection: Collection
    """Of which collection."""
    question: Question
    """Which value a pixel has."""
    passes: tuple[Overpass, ...]
    """The dates, the oldest first."""
    simulated: bool
    """Whether it is made up."""
    unit: str | None
    """Unit of the values."""
    name: str
    """Layer or formula, as the reader knows it."""
    land: Land
    """The parcels, divided once for every use of this plan."""
    left_out: tuple[LeftOut, ...] = ()
    """Scenes of the period that cannot answer it."""


def plan_series(services: Services, request: SeriesRequest) -> SeriesPlan:
    """Find out which scenes a question needs.

    Raises:
        UnknownCollection: there is none with this id, or not for this use.
        BadQuery: a view with three channels, or a mask that is not there.
        LandzichtError: any of those of `landzicht.portal.maps.view.resolve`.
    """
    collection = visible(services, request.collection, Action.MEASURE, request.who)
    clear = collection.mask is not None if request.clear is None else request.clear
    selection = Selection(span=request.span, clear=clear)
    seen = resolve(
        collection,
        request.view,
        lambda: newest_scene(services, collection, selection),
        raw=request.raw,
        values_only=True,
    )
    if len(seen.style.channels) != 1:
        reason = Text(
            nl="kies een laag, band of formule met één waarde per pixel",
            en="choose a layer, band or formula with one value for each pixel",
        )
        raise BadQuery(name="layer", reason=reason)
    formula = seen.style.channels[0].formula
    question = Question(
        keys=formula.names,
        formula=partial(_compute, formula),
        mask=mask_of(collection, selection),
        raw=request.raw,
        text=formula.text,
    )
    scenes = tuple(_scenes(services, request))
    band = next((band for band in collection.bands if band.name == formula.text), None)
    return SeriesPlan(
        collection=collection,
        question=question,
        passes=overpasses(scenes, question),
        simulated=is_simulated(collection, scenes),
        unit=seen.layer.unit if seen.layer else band.unit if band and not request.raw else None,
        name=seen.layer.name if seen.layer else formula.text,
        land=Land(request.parcels),
        left_out=left_out(scenes, question),
    )


def series(
    services: Services, request: SeriesRequest, plan: SeriesPlan | None = None
) -> Iterator[SeriesTable]:
    """Measure parcels, one overpass after the other.

    Args:
        services: adapters of the portal.
        request: what to measure.
        plan: of `plan_series` for this request, when the caller has it already.

    A file that is gone or damaged costs the parcels on it their row, and is told in `failures`.

    Raises:
        LandzichtError: any of those of `plan_series`, before the first table.
    """
    plan = plan or plan_series(services, request)
    tools = (services.reader, services.runner)
    kept, wanted = services.kept, request.statistics
    for found in measure(plan.land, plan.passes, plan.question, wanted, tools, kept):
        yield _table(found, request.statistics, simulated=plan.simulated)


def _compute(formula: Formula, bands: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the values of a formula `(n,)`; at module level, so that it can be pickled."""
    return evaluate(formula, bands).astype(np.float64, copy=False)


def _scenes(services: Services, request: SeriesRequest) -> Iterator[Scene]:
    """Yield the scenes in the period that meet the box around all parcels."""
    if not len(request.parcels):
        return
    boxes = request.parcels.boxes()
    around = Bounds(
        *(
            float(edge)
            for edge in (*np.nanmin(boxes[:, :2], axis=0), *np.nanmax(boxes[:, 2:], axis=0))
        )
    )
    query = Query(
        collections=(request.collection,),
        span=request.span,
        bounds=transform_bounds(around, request.parcels.crs, WGS84),
        limit=_PAGE,
    )
    while True:
        page = services.catalog.search(query)
        yield from (scene_of(body) for body in page.bodies)
        if page.next is None:
            return
        query = replace(query, token=page.next)


def _table(found: Measured, wanted: Statistics, *, simulated: bool) -> SeriesTable:
    """Keep the parcels that the overpass met."""
    rows = np.array([number for number, ids in enumerate(found.scenes) if ids], np.intp)
    table = found.table[rows]
    joined = {scenes: ";".join(scenes) for scenes in set(found.scenes)}
    valid: NDArray[np.float64] = np.minimum(1.0, table[:, 0] / found.areas[rows])
    columns = len(wanted.columns)
    return SeriesTable(
        moment=found.moment,
        parcels=rows,
        scenes=tuple(map(joined.__getitem__, map(found.scenes.__getitem__, rows.tolist()))),
        count=table[:, 0],
        valid=np.round(valid, 6),
        values=wanted.pick(table),
        histogram=table[:, columns:],
        simulated=simulated,
        failures=found.failures,
    )
