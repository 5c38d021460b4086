"""A question about parcels as people put it, and its answer as bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from landzicht.errors.catalogue import BadQuery
from landzicht.formats.tables import ARROW, ENCODERS, PARQUET
from landzicht.kinds import Span
from landzicht.portal.maps.view import View
from landzicht.portal.parcels.series import SeriesRequest, plan_series, series
from landzicht.portal.parcels.series_cost import metered
from landzicht.portal.parcels.series_parcels import read_parcel_file, some_of
from landzicht.series.check import check_shapes, read_features, system_of
from landzicht.series.statistics import parse_statistics
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from landzicht.portal.parcels.series import SeriesPlan, SeriesTable
    from landzicht.portal.parcels.series_parcels import ParcelFile
    from landzicht.portal.services import Services
    from landzicht.series.check import Checked, Remark
    from landzicht.text import Language

SERIES_TYPES = tuple(ENCODERS)
"""Media types of answers; the first is the usual one."""
QUESTION = (
    *("collection", "layer", "expression", "datetime", "stats", "histogram", "mask", "raw"),
    *("parcels", "areas", "smooth", "seasons", "geometry"),
)
"""Parts of a question."""
_MOST_TEXT = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesAnswer:
    """An answer that is made while it is read."""

    plan: SeriesPlan
    """What is read for it."""
    checked: Checked
    """The parcels, and what is to be said of some."""
    media_type: str
    """What the bytes are."""
    chunks: Iterator[bytes]
    """The bytes."""

    @property
    def repaired(self) -> tuple[Remark, ...]:
        """Parcels that were changed so that they could be measured."""
        return self.checked.repaired


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How an answer is given."""

    media_type: str = SERIES_TYPES[0]
    """One of `SERIES_TYPES`."""
    language: Language = "en"
    """Of refusals."""
    with_geometry: bool = False
    """Whether rows have the shape of their parcel; in Parquet and Arrow only."""
    smooth: bool = False
    """Whether rows have doubts and a smooth line; they come after the last date then."""
    seasons: bool = False
    """Whether rows are the seasons and events of each parcel, instead of its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that was read and planned once, for whatever is done with it."""

    told: Mapping[str, Any]
    """As it was asked."""
    file: ParcelFile | None
    """With the parcels, when they are not in `told`."""
    request: SeriesRequest
    """What is to be measured."""
    checked: Checked
    """The parcels, and what is to be said of some."""
    plan: SeriesPlan
    """What is read for it."""


def read_question(
    services: Services, told: Mapping[str, Any], file: ParcelFile | None = None
) -> Asked:
    """Read and plan a question.

    Raises:
        LandzichtError: any of those of `read_series_request` and `plan_series`.
    """
    request, checked = read_series_request(services, told, file)
    plan = plan_series(services, request)
    return Asked(told=told, file=file, request=request, checked=checked, plan=plan)


def form_of(told: Mapping[str, Any], media_type: str, language: Language) -> Form:
    """Return how to answer the JSON of `POST /api/v1/series`.

    Raises:
        BadQuery: `geometry`, `smooth` or `seasons` is neither true nor false, or both of the last.
    """
    smooth, seasons = bool(_flag(told, "smooth")), bool(_flag(told, "seasons"))
    if smooth and seasons:
        _wrong("seasons", "kies smooth of seasons", "choose smooth or seasons")
    return Form(
        media_type=media_type,
        language=language,
        with_geometry=bool(_flag(told, "geometry")),
        smooth=smooth,
        seasons=seasons,
    )


def answer_series(
    services: Services,
    request: SeriesRequest,
    checked: Checked,
    form: Form,
    progress: Callable[[str, int, int], None] | None = None,
    plan: SeriesPlan | None = None,
) -> SeriesAnswer:
    """Return the answer to a request as a stream; refusals of single parcels come first.

    Args:
        services: adapters of the portal.
        request: what to measure.
        checked: where its parcels come from.
        form: how to give it.
        progress: is told `(what, done, total)` for each date.
        plan: of `plan_series` for this request, when the caller has it already.

    Raises:
        BadQuery: geometry is asked for in text.
        LandzichtError: any of those of `plan_series`; nothing was sent then.
    """
    from landzicht.portal.parcels.seasons import season_rows, season_schema
    from landzicht.portal.parcels.series_rows import Rows, all_rows
    from landzicht.portal.parcels.series_smooth import smoothed_rows, smoothed_schema

    if form.with_geometry and form.media_type not in (PARQUET, ARROW):
        _wrong("geometry", "vraag om Parquet of Arrow", "ask for Parquet or Arrow")
    plan = plan or plan_series(services, request)
    rows = Rows(
        plan=plan,
        checked=checked,
        wanted=request.statistics,
        language=form.language,
        with_geometry=form.with_geometry,
    )
    tables = metered(services, plan, request.statistics, series(services, request, plan))
    tables = _told(tables, len(plan.passes), progress)
    if form.smooth:
        chunks = ENCODERS[form.media_type](smoothed_schema(rows), smoothed_rows(rows, tables))
    elif form.seasons:
        chunks = ENCODERS[form.media_type](season_schema(rows), season_rows(rows, tables))
    else:
        chunks = ENCODERS[form.media_type](rows.schema, all_rows(rows, tables))
    return SeriesAnswer(plan=plan, checked=checked, media_type=form.media_type, chunks=chunks)


def _told(
    tables: Iterator[SeriesTable],
    total: int,
    progress: Callable[[str, int, int], None] | None,
) -> Iterator[SeriesTable]:
    for number, table in enumerate(tables, 1):
        yield table
        if progress:
            progress("dates", number, total)


def read_series_request(
    services: Services, told: Mapping[str, Any], file: ParcelFile | None = None
) -> tuple[SeriesRequest, Checked]:
    """Read the JSON of `POST /api/v1/series`.

    Args:
        services: adapters of the portal.
        told: the question.
        file: with the parcels, instead of those in `told`.

    Raises:
        NoParcels: there is nothing to measure, and nothing to say of anything.
        UnreadableVectors: the file cannot be read.
        VectorsTooLarge: it has more than we read.
        UnknownAreas: there are no such registered areas.
        BadQuery: a part is missing, or not what it should be.
        BadStatistic: a statistic that we do not compute.
        BadDatetime: not a moment or period.
    """
    for name in told:
        if name not in QUESTION:
            known = ", ".join(QUESTION)
            _wrong(str(name)[:40], f"kies uit {known}", f"choose from {known}")
    checked = _parcels(services, told) if file is None else read_parcel_file(file)
    moment = _text(told, "datetime")
    request = SeriesRequest(
        collection=_text(told, "collection", needed=True) or "",
        parcels=checked.parcels,
        view=View(layer=_text(told, "layer"), expression=_text(told, "expression")),
        span=Span.parse(moment) if moment else None,
        statistics=parse_statistics(
            _list(told, "stats", str) or (["mean"] if told.get("seasons") is True else []),
            _list(told, "histogram", (int, float)),
        ),
        clear=_flag(told, "mask"),
        raw=bool(_flag(told, "raw")),
    )
    return request, checked


def _parcels(services: Services, told: Mapping[str, Any]) -> Checked:
    """Return the parcels in a question, or the registered areas that it names."""
    parcels, areas = told.get("parcels"), _text(told, "areas")
    if areas is not None and parcels is None:
        from landzicht.portal.parcels.areas import read_areas

        return read_areas(services.settings, areas)
    if not isinstance(parcels, dict) or areas is not None:
        _wrong(
            "parcels",
            "geef een GeoJSON FeatureCollection, of met “areas” geregistreerde gebieden",
            "give a GeoJSON FeatureCollection, or registered areas with “areas”",
        )
    return some_of(check_shapes(read_features(parcels), system_of(parcels)))


def _text(told: Mapping[str, Any], name: str, *, needed: bool = False) -> str | None:
    value = told.get(name)
    if value is None and not needed:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_TEXT:
        _wrong(name, "geef een tekst", "give a text")
    return str(value)


def _flag(told: Mapping[str, Any], name: str) -> bool | None:
    value = told.get(name)
    if value is not None and not isinstance(value, bool):
        _wrong(name, "kies true of false", "choose true or false")
    return value


def _list(told: Mapping[str, Any], name: str, kind: Any) -> list[Any]:  # noqa: ANN401 - types
    value = told.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, kind) for each in value):
        _wrong(name, "geef een lijst", "give a list")
    return list(value)


def _wrong(name: str, nl: str, en: str) -> NoReturn:
    raise BadQuery(name=name, reason=Text(nl=nl, en=en))
