"""A question about parcels as people put it, and its answer as bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from landzicht.errors.catalogue import BadQuery
from landzicht.formats.tables import ENCODERS
from landzicht.kinds import Span
from landzicht.portal.series import SeriesRequest, plan_series, series
from landzicht.portal.view import View
from landzicht.series.check import check_shapes, read_features
from landzicht.series.statistics import parse_statistics
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa

    from landzicht.portal.series import SeriesPlan
    from landzicht.portal.services import Services
    from landzicht.series.check import Checked, Remark

SERIES_TYPES = tuple(ENCODERS)
"""Media types of answers; the first is the usual one."""
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


def answer_series(
    services: Services,
    request: SeriesRequest,
    checked: Checked,
    media_type: str,
    language: str = "en",
    progress: Callable[[str, int, int], None] | None = None,
) -> SeriesAnswer:
    """Return the answer to a request as a stream; refusals of single parcels come first.

    Args:
        services: adapters of the portal.
        request: what to measure.
        checked: where its parcels come from.
        media_type: one of `SERIES_TYPES`.
        language: `nl` or `en`, of refusals.
        progress: is told `(what, done, total)` for each date.

    Raises:
        LandzichtError: any of those of `plan_series`; nothing was sent then.
    """
    from landzicht.portal.series_rows import remark_rows, series_rows, series_schema

    plan = plan_series(services, request)
    schema = series_schema(plan, request.statistics)

    def batches() -> Iterator[pa.RecordBatch]:
        if checked.refused:
            yield remark_rows(schema, checked.refused, language)
        tables = series(services, request, plan)
        rows = series_rows(schema, request.parcels.ids, request.statistics, tables)
        for number, batch in enumerate(rows, 1):
            yield batch
            if progress:
                progress("dates", number, len(plan.passes))

    chunks = ENCODERS[media_type](schema, batches())
    return SeriesAnswer(plan=plan, checked=checked, media_type=media_type, chunks=chunks)


def read_series_request(told: Mapping[str, Any]) -> tuple[SeriesRequest, Checked]:
    """Read the JSON of `POST /api/v1/series`.

    Raises:
        BadQuery: a part is missing, or not what it should be.
        BadStatistic: a statistic that we do not compute.
        BadDatetime: not a moment or period.
    """
    parcels = told.get("parcels")
    if not isinstance(parcels, dict):
        _wrong("parcels", "geef een GeoJSON FeatureCollection", "give a GeoJSON FeatureCollection")
    checked = check_shapes(read_features(parcels))
    moment = _text(told, "datetime")
    request = SeriesRequest(
        collection=_text(told, "collection", needed=True) or "",
        parcels=checked.parcels,
        view=View(layer=_text(told, "layer"), expression=_text(told, "expression")),
        span=Span.parse(moment) if moment else None,
        statistics=parse_statistics(
            _list(told, "stats", str), _list(told, "histogram", (int, float))
        ),
        clear=_flag(told, "mask"),
        raw=bool(_flag(told, "raw")),
    )
    return request, checked


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
