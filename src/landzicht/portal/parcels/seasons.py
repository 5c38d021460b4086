"""Seasons and events: as plain values of one parcel, and as rows of all parcels of a region."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pyarrow as pa

from landzicht.errors.catalogue import BadQuery
from landzicht.portal.parcels.means import Means
from landzicht.series import events, phenology
from landzicht.series.outliers import doubts
from landzicht.series.smooth import LEAST_DATES, smooth
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from landzicht.portal.parcels.series import SeriesTable
    from landzicht.portal.parcels.series_rows import Rows
    from landzicht.series.outliers import Doubts
    from landzicht.series.smooth import Smoothed
    from landzicht.text import Language

MOST_VALUES = 20_000_000
"""Parcels times dates: all dates of a parcel are needed before its rows, 16 bytes each."""
SEASON, NOTHING = "season", "nothing"
_AT_ONCE = 1_024
"""Parcels whose lines, of each day, are in memory at once."""
_DATE, _TEXT = pa.date32(), pa.string()
_OWN = (
    pa.field("year", pa.int32()),
    pa.field("kind", _TEXT),
    *(
        pa.field(name, kind)
        for moment in ("start", "peak", "end")
        for name, kind in ((moment, _DATE), (f"{moment}_days", pa.int32()))
    ),
    pa.field("peak_value", pa.float64()),
    pa.field("after", _DATE),
    pa.field("before", _DATE),
    pa.field("drop", pa.float64()),
    pa.field("reason", _TEXT),
    pa.field("method", _TEXT),
    pa.field("simulated", pa.bool_()),
)
_FEW = Text(
    nl="op minder dan {least} datums was er genoeg van te zien",
    en="enough of it was seen on fewer than {least} dates",
)
_EVEN = Text(
    nl="in deze periode geen stijging of daling die groot genoeg is om te dateren",
    en="no rise or fall in this period that is large enough to date",
)


def told_seasons(line: Smoothed, number: int, year: int) -> list[dict[str, Any]]:
    """Return the seasons of a series in a year: `start`, `peak` and `end` or None, and `method`."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    return [
        {
            "start": _moment(season.start),
            "peak": _moment(season.peak),
            "end": _moment(season.end),
            "method": phenology.METHOD,
        }
        for season in phenology.seasons_of(line, number, first, last)
    ]


def told_events(
    days: NDArray[np.float64],
    values: NDArray[np.float64],
    doubted: Doubts,
    number: int,
    language: Language,
) -> list[dict[str, Any]]:
    """Return the events of a series, in the order of time.

    Args:
        days: `(date,)`, on Python's calendar (`date.toordinal`).
        values: `(parcel, date)`, NaN = gap.
        doubted: which of them; where a cloud was seen nothing is believed.
        number: which series.
        language: of the reasons.
    """
    trusted = np.where(doubted.clouded[number], np.nan, values[number])
    return [
        {
            "kind": str(event.kind),
            "after": day_of(event.after),
            "before": day_of(event.before),
            "drop": rounded(event.drop),
            "reason": event.reason.say(language),
            "method": events.METHOD,
        }
        for event in events.events_of(days, trusted)
    ]


def season_schema(rows: Rows) -> pa.Schema:
    """Return the columns of `season_rows`.

    Raises:
        BadQuery: the mean, from which seasons are told, is not asked for, or it is too much at
            once.
    """
    if "mean" not in rows.wanted.names:
        _wrong("vraag ook om “mean”", "ask for “mean” too")
    if len(rows.checked.parcels) * len(rows.plan.passes) > MOST_VALUES:
        _wrong(
            f"hoogstens {MOST_VALUES} percelen maal datums tegelijk",
            f"at most {MOST_VALUES} parcels times dates at once",
        )
    known = {field.name: field for field in rows.schema}
    first = [known[name] for name in ("parcel", "name") if name in known]
    last = [known[name] for name in ("error", "detail", "geometry") if name in known]
    return pa.schema([*first, *_OWN, *last], metadata=rows.schema.metadata)


class Years(Means):
    """Means of all parcels on all dates, until their seasons can be told."""

    def __init__(self, parcels: int, moments: Sequence[datetime]) -> None:
        """Make room for the means of so many parcels on these dates, in order of time."""
        super().__init__(parcels, moments)
        self._years = sorted({moment.year for moment in moments})
        self._met = np.zeros(parcels, np.bool_)

    def learn(
        self,
        date: int,
        parcels: NDArray[np.intp],
        means: NDArray[np.float64],
        valid: NDArray[np.float64],
    ) -> None:
        """Take the means of a date, NaN where nothing counts, and the valid shares of parcels."""
        super().learn(date, parcels, means, valid)
        self._met[parcels] = True

    def rows(self, rows: Rows) -> Iterator[pa.RecordBatch]:
        """Yield what is told of each parcel that was met on a date, in their order."""
        schema = season_schema(rows)
        for first in range(0, len(self._values), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            told = [
                {"_number": first + number, **row}
                for number, facts in enumerate(self._facts(part, rows))
                for row in facts
            ]
            if told:
                yield _batch(rows, schema, told)

    def _facts(self, part: slice, rows: Rows) -> Iterator[list[dict[str, Any]]]:
        """Yield the rows of one parcel after the other."""
        values, valid, met = self._values[part], self._valid[part], self._met[part]
        if not self._days.size:
            return
        doubted = doubts(self._days, values, valid)
        kept = np.where(doubted.flagged, np.nan, values)
        line = smooth(self._days, kept, valid)
        for number in range(len(values)):
            if not met[number]:
                yield []
                continue
            found = [
                _season_row(year, season)
                for year in self._years
                for season in told_seasons(line, number, year)
            ]
            found += [
                {"year": date.fromisoformat(event["before"]).year, **event}
                for event in told_events(self._days, values, doubted, number, rows.language)
            ]
            yield found or [_nothing(kept[number], rows.language)]


def season_rows(rows: Rows, tables: Iterator[SeriesTable]) -> Iterator[pa.RecordBatch]:
    """Yield the refusals, what could not be read, and after the last date what parcels tell.

    A parcel of which nothing can be told has one row of the kind `nothing`, with the reason.
    """
    schema = season_schema(rows)
    refused = rows.refusals()
    if refused is not None:
        yield as_columns(refused, schema)
    at = rows.wanted.names.index("mean")
    count = len(rows.checked.parcels)
    years = Years(count, [overpass.moment for overpass in rows.plan.passes])
    met = np.zeros(count, np.bool_)
    for number, table in enumerate(tables):
        years.learn(number, table.parcels, table.values[:, at], table.valid)
        met[table.parcels] = True
        for failure in table.failures:
            met[failure.members] = True
        if table.failures:
            yield as_columns(rows.of(table).slice(table.parcels.size), schema)
    yield from years.rows(rows)
    unmet = rows.unmet(met)
    if unmet is not None:
        yield as_columns(unmet, schema)


def as_columns(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return rows that tell an error in the columns of `season_schema`."""
    arrays = [
        batch.column(field.name)
        if field.name in batch.schema.names and field not in _OWN
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.record_batch(arrays, schema=schema)


def day_of(day: float) -> str:
    """Return a day of Python's calendar as `2025-06-08`."""
    return date.fromordinal(round(day)).isoformat()


def rounded(value: float) -> float | None:
    """Return a number with four decimals, None for NaN."""
    return round(float(value), 4) if np.isfinite(value) else None


def _moment(moment: phenology.Moment | None) -> dict[str, Any] | None:
    if moment is None:
        return None
    return {
        "date": day_of(moment.day),
        "plus_minus_days": round(moment.plus_minus),
        "value": rounded(moment.value),
    }


def _season_row(year: int, season: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"year": year, "kind": SEASON, "method": season["method"]}
    for name in ("start", "peak", "end"):
        moment = season[name]
        if moment is not None:
            row[name], row[f"{name}_days"] = moment["date"], moment["plus_minus_days"]
    if season["peak"] is not None:
        row["peak_value"] = season["peak"]["value"]
    return row


def _nothing(kept: NDArray[np.float64], language: Language) -> dict[str, Any]:
    few = int(np.isfinite(kept).sum()) < LEAST_DATES
    reason = _FEW.fill(least=LEAST_DATES) if few else _EVEN
    return {"kind": NOTHING, "reason": reason.say(language)}


def _batch(rows: Rows, schema: pa.Schema, told: list[dict[str, Any]]) -> pa.RecordBatch:
    import shapely

    numbers = [row["_number"] for row in told]
    checked = rows.checked
    columns: dict[str, Any] = {
        "parcel": [checked.parcels.ids[number] for number in numbers],
        "simulated": [rows.plan.simulated] * len(told),
    }
    if "name" in schema.names:
        columns["name"] = [checked.names[number] for number in numbers]
    if "geometry" in schema.names:
        columns["geometry"] = list(shapely.to_wkb(checked.shapes[numbers]))
    arrays = []
    for field in schema:
        values = columns.get(field.name) or [row.get(field.name) for row in told]
        if field.type == _DATE:
            values = [date.fromisoformat(day) if day else None for day in values]
        arrays.append(pa.array(values, field.type, from_pandas=True))
    return pa.record_batch(arrays, schema=schema)


def _wrong(nl: str, en: str) -> NoReturn:
    raise BadQuery(name="seasons", reason=Text(nl=nl, en=en))
