"""From tables of a series to the columns that are handed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from landzicht.portal.series import METHOD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landzicht.portal.series import SeriesPlan, SeriesTable
    from landzicht.series.check import Remark
    from landzicht.series.statistics import Statistics

_ALWAYS = ("count",)


def series_schema(plan: SeriesPlan, wanted: Statistics) -> pa.Schema:
    """Return the columns of an answer, with what holds for all rows as metadata of the schema."""
    values = [name for name in wanted.names if name not in _ALWAYS]
    fields = [
        pa.field("parcel", pa.string()),
        pa.field("datetime", pa.timestamp("ms", tz="UTC")),
        pa.field("scene", pa.string()),
        pa.field("count", pa.float64()),
        pa.field("valid", pa.float64()),
        *(pa.field(name, pa.float64()) for name in values),
    ]
    if wanted.edges:
        fields.append(pa.field("histogram", pa.list_(pa.float64())))
    fields += [
        pa.field("method", pa.string()),
        pa.field("simulated", pa.bool_()),
        pa.field("error", pa.string()),
        pa.field("detail", pa.string()),
    ]
    told = {
        "collection": plan.collection.id,
        "value": plan.name,
        "unit": plan.unit or "",
        "license": plan.collection.license,
        "method": METHOD,
        "simulated": "YES" if plan.simulated else "NO",
    }
    if wanted.edges:
        told["histogram_edges"] = ",".join(f"{edge:g}" for edge in wanted.edges)
    return pa.schema(fields, metadata=told)


def remark_rows(schema: pa.Schema, remarks: Sequence[Remark], language: str) -> pa.RecordBatch:
    """Return one row for each parcel that cannot be measured: `parcel`, `error`, `detail`."""
    told = {
        "parcel": [remark.parcel for remark in remarks],
        "error": ["bad-parcel"] * len(remarks),
        "detail": [f"{remark.row}: {getattr(remark.reason, language)}" for remark in remarks],
    }
    empty = [None] * len(remarks)
    columns = [pa.array(told.get(name, empty), schema.field(name).type) for name in schema.names]
    return pa.record_batch(columns, schema=schema)


def series_rows(
    schema: pa.Schema, ids: Sequence[str], wanted: Statistics, tables: Iterator[SeriesTable]
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of each overpass; NaN, which means that nothing counted, becomes null."""
    names = np.array(ids, object)
    for table in tables:
        rows = table.parcels.size
        columns = {
            "parcel": names[table.parcels],
            "datetime": [table.moment] * rows,
            "scene": table.scenes,
            "count": table.count,
            "valid": table.valid,
            "method": [METHOD] * rows,
            "simulated": [table.simulated] * rows,
        }
        for number, name in enumerate(wanted.names):
            if name not in _ALWAYS:
                columns[name] = table.values[:, number]
        if wanted.edges:
            columns["histogram"] = list(table.histogram)
        empty = [None] * rows
        yield pa.record_batch(
            [
                pa.array(columns.get(field.name, empty), field.type, from_pandas=True)
                for field in schema
            ],
            schema=schema,
        )
