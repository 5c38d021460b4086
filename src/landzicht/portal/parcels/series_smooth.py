"""Rows of a series with doubts and a smooth line beside the values, which stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pyarrow as pa

from landzicht.errors.catalogue import BadQuery
from landzicht.portal.parcels.means import Means
from landzicht.series.outliers import REASONS, doubts
from landzicht.series.smooth import METHOD, smooth
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from landzicht.portal.parcels.series import SeriesTable
    from landzicht.portal.parcels.series_rows import Rows
    from landzicht.series.statistics import Statistics
    from landzicht.text import Language

MOST_VALUES = 20_000_000
"""Parcels times dates: all dates of a parcel are needed before its first row, 64 bytes each."""
_AT_ONCE = 4_096
_FLOAT = 8
_COLUMNS = 10
"""What is kept of a row besides its values: names, shares, the line."""
_STEPS = 60
"""Days from a date to the next, times arrays of days: what smoothing some parcels works with."""
_ADDED = (
    pa.field("flagged", pa.bool_()),
    pa.field("reason", pa.string()),
    pa.field("smoothed", pa.float64()),
    pa.field("low", pa.float64()),
    pa.field("high", pa.float64()),
    pa.field("filled", pa.bool_()),
    pa.field("smooth_method", pa.string()),
)


def smoothed_schema(rows: Rows) -> pa.Schema:
    """Return the columns of `smoothed_rows`.

    Raises:
        BadQuery: the mean, which is what is smoothed, is not asked for, or it is too much at once.
    """
    if "mean" not in rows.wanted.names:
        _wrong("vraag ook om “mean”", "ask for “mean” too")
    if len(rows.checked.parcels) * len(rows.plan.passes) > MOST_VALUES:
        _wrong(
            f"hoogstens {MOST_VALUES} percelen maal datums tegelijk",
            f"at most {MOST_VALUES} parcels times dates at once",
        )
    schema = rows.schema
    for field in _ADDED:
        schema = schema.append(field)
    return schema


def held_bytes(parcels: int, dates: int, wanted: Statistics) -> int:
    """Return the bytes of all dates together, which are kept until the last one has come."""
    bins = max(0, len(wanted.edges) - 1)
    columns = len(wanted.names) + bins + _COLUMNS
    return parcels * dates * columns * _FLOAT + _AT_ONCE * dates * _STEPS * _FLOAT


class Lines(Means):
    """What is added to the rows of each date, once the means of all dates are known."""

    def __init__(self, parcels: int, moments: Sequence[datetime], language: Language) -> None:
        """Make room for the means of so many parcels on these dates, in order of time."""
        super().__init__(parcels, moments)
        self._language: Language = language

    def draw(self) -> None:
        """Draw the lines; to be called after the last `learn` and before the first `add`."""
        self._codes, self._lines = _all(self._days, self._values, self._valid)

    def add(
        self, date: int, parcels: NDArray[np.intp], batch: pa.RecordBatch, schema: pa.Schema
    ) -> pa.RecordBatch:
        """Return the rows of a date with the columns of `smoothed_schema`.

        Args:
            date: which.
            parcels: `(row,)`, numbers of the parcels; rows after these are failures.
            batch: rows as they are without this.
            schema: of the result.
        """
        told = self._codes[parcels, date]
        line = self._lines[:, parcels, date]
        is_told = np.isfinite(line[0])
        said = [each.say(self._language) if each else None for each in REASONS]
        columns = {
            "flagged": [bool(code) for code in told],
            "reason": [said[code] for code in told],
            "smoothed": line[0],
            "low": line[1],
            "high": line[2],
            "filled": is_told & np.isnan(self._values[parcels, date]),
            "smooth_method": [METHOD if known else None for known in is_told],
        }
        return _with(batch, schema, columns)


def smoothed_rows(rows: Rows, tables: Iterator[SeriesTable]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of `series_rows.all_rows` with more columns; in order, after the last date.

    `flagged` and `reason` tell which means a missed cloud probably spoilt; `smoothed`, `low` and
    `high` are the line without those. Gaps stay gaps in the values themselves; where the line goes
    on through one, `filled` says so.
    """
    schema = smoothed_schema(rows)
    refused = rows.refusals()
    if refused is not None:
        yield without_line(refused, schema)
    every = list(tables)
    at = rows.wanted.names.index("mean")
    count = len(rows.checked.parcels)
    lines = Lines(count, [table.moment for table in every], rows.language)
    met = np.zeros(count, np.bool_)
    for number, table in enumerate(every):
        lines.learn(number, table.parcels, table.values[:, at], table.valid)
        met[table.parcels] = True
        for failure in table.failures:
            met[failure.members] = True
    lines.draw()
    for number, table in enumerate(every):
        yield lines.add(number, table.parcels, rows.of(table), schema)
    unmet = rows.unmet(met)
    if unmet is not None:
        yield without_line(unmet, schema)


def without_line(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return rows that have no line with the columns of `smoothed_schema`, without values."""
    return _with(batch, schema, {})


def _all(
    days: NDArray[np.float64], values: NDArray[np.float64], valid: NDArray[np.float64]
) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Return codes of doubt `(parcel, date)`, and `(3, parcel, date)` line, low and high."""
    codes = np.zeros(values.shape, np.int8)
    lines = np.full((3, *values.shape), np.nan)
    if not days.size:
        return codes, lines
    at = (days - days[0]).astype(np.intp)
    for first in range(0, len(values), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        doubted = doubts(days, values[part], valid[part])
        kept = np.where(doubted.flagged, np.nan, values[part])
        line = smooth(days, kept, valid[part])
        codes[part] = doubted.code
        lines[:, part] = [each[:, at] for each in (line.values, line.low, line.high)]
    return codes, lines


def _with(
    batch: pa.RecordBatch, schema: pa.Schema, columns: Mapping[str, Iterable[object]]
) -> pa.RecordBatch:
    """Return a batch with more columns; rows beyond those told (failures) have none."""
    arrays = list(batch.columns)
    for field in _ADDED:
        told = list(columns.get(field.name, ()))
        told += [None] * (batch.num_rows - len(told))
        arrays.append(pa.array(told, field.type, from_pandas=True))
    return pa.record_batch(arrays, schema=schema)


def _wrong(nl: str, en: str) -> NoReturn:
    raise BadQuery(name="smooth", reason=Text(nl=nl, en=en))
