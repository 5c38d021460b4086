"""Rows of a series with doubts and a smooth line beside the values, which stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pyarrow as pa

from landzicht.errors.catalogue import BadQuery
from landzicht.series.outliers import REASONS, doubts
from landzicht.series.smooth import METHOD, smooth
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from landzicht.portal.series import SeriesTable
    from landzicht.portal.series_rows import Rows

MOST_VALUES = 20_000_000
"""Parcels times dates: all dates of a parcel are needed before its first row, 64 bytes each."""
_AT_ONCE = 4_096
_ADDED = (
    pa.field("flagged", pa.bool_()),
    pa.field("reason", pa.string()),
    pa.field("smoothed", pa.float64()),
    pa.field("low", pa.float64()),
    pa.field("high", pa.float64()),
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


def smoothed_rows(rows: Rows, tables: Iterator[SeriesTable]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of `series_rows.all_rows` with more columns; in order, after the last date.

    `flagged` and `reason` tell which means a missed cloud probably spoilt; `smoothed`, `low` and
    `high` are the line without those, on the dates that have a mean: gaps stay gaps.
    """
    schema = smoothed_schema(rows)
    refused = rows.refusals()
    if refused is not None:
        yield _with(refused, schema, {})
    every = list(tables)
    at = rows.wanted.names.index("mean")
    shape = (len(rows.checked.parcels), len(every))
    values, valid = np.full(shape, np.nan), np.zeros(shape)
    for number, table in enumerate(every):
        values[table.parcels, number] = table.values[:, at]
        valid[table.parcels, number] = table.valid
    days = np.array([table.moment.toordinal() for table in every], np.float64)
    codes, lines = _all(days, values, valid)
    for number, table in enumerate(every):
        told = codes[table.parcels, number]
        line = lines[:, table.parcels, number]
        line[:, np.isnan(table.values[:, at])] = np.nan
        said = [each.say(rows.language) if each else None for each in REASONS]
        columns = {
            "flagged": [bool(code) for code in told],
            "reason": [said[code] for code in told],
            "smoothed": line[0],
            "low": line[1],
            "high": line[2],
            "smooth_method": [METHOD if known else None for known in np.isfinite(line[0])],
        }
        yield _with(rows.of(table), schema, columns)


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
