"""From tables of a series to the columns that are handed out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa

from landzicht.errors.catalogue import NothingHere
from landzicht.grid.crs import WGS84
from landzicht.portal.parcels.series_cost import told_of
from landzicht.series.stored import METHOD
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from landzicht.portal.parcels.series import SeriesPlan, SeriesTable
    from landzicht.series.check import Checked, Remark
    from landzicht.series.plan import LeftOut
    from landzicht.series.sheet import Failure
    from landzicht.series.statistics import Statistics
    from landzicht.text import Language

_ALWAYS = ("count",)
_UNMET = Text(
    nl="In deze periode is er geen beeld van deze plek (staan de assen goed: eerst lengte, dan "
    "breedte?).",
    en="No image of this period shows this place (are the axes right: longitude, then latitude?).",
)
_UNUSED = Text(
    nl="Geen bruikbaar beeld van deze periode toont deze plek; {count} beelden zijn overgeslagen. "
    "Zo {scene}: dat {reason}.",
    en="No usable image of this period shows this place; {count} images were left out. Such as "
    "{scene}: it {reason}.",
)
GEOMETRY = "geometry"
"""Column with the shape of the parcel, as WKB in the system in which it came."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Makes rows of one question."""

    plan: SeriesPlan
    """What is read."""
    checked: Checked
    """The parcels."""
    wanted: Statistics
    """The statistics."""
    language: Language = "en"
    """Of what is said of parcels that cannot be measured."""
    with_geometry: bool = False
    """Whether each row has the shape of its parcel."""

    @cached_property
    def schema(self) -> pa.Schema:
        """Columns of an answer, with what holds for all rows as metadata."""
        values = [name for name in self.wanted.names if name not in _ALWAYS]
        fields = [pa.field("parcel", pa.string())]
        if self.checked.names:
            fields.append(pa.field("name", pa.string()))
        fields += [
            pa.field("datetime", pa.timestamp("ms", tz="UTC")),
            pa.field("scene", pa.string()),
            pa.field("count", pa.float64()),
            pa.field("valid", pa.float64()),
            *(pa.field(name, pa.float64()) for name in values),
        ]
        if self.wanted.edges:
            fields.append(pa.field("histogram", pa.list_(pa.float64())))
        fields += [
            pa.field("method", pa.string()),
            pa.field("simulated", pa.bool_()),
            pa.field("note", pa.string()),
            pa.field("error", pa.string()),
            pa.field("detail", pa.string()),
        ]
        if self.with_geometry:
            fields.append(pa.field(GEOMETRY, pa.binary()))
        return pa.schema(fields, metadata=self._metadata())

    def refusals(self) -> pa.RecordBatch | None:
        """Return one row for each parcel that cannot be measured: `parcel`, `error`, `detail`."""
        remarks = self.checked.refused
        if not remarks:
            return None
        return self._batch(
            {
                "parcel": [remark.parcel for remark in remarks],
                "error": ["bad-parcel"] * len(remarks),
                "detail": [_said(remark, self.language) for remark in remarks],
            },
            len(remarks),
        )

    def unmet(self, met: NDArray[np.bool_]) -> pa.RecordBatch | None:
        """Return one row for each parcel that no image of the period meets.

        Args:
            met: `(parcel,)`, True = it has a row.
        """
        members = np.flatnonzero(~met)
        if not members.size:
            return None
        columns = {
            "parcel": self._ids[members],
            "error": [NothingHere.code] * members.size,
            "detail": [_unmet(self.plan.left_out).say(self.language)] * members.size,
        }
        if self._notes is not None:
            columns["note"] = self._notes[members]
        if self.checked.names:
            columns["name"] = self._names[members]
        return self._batch(columns, members.size)

    def of(self, table: SeriesTable) -> pa.RecordBatch:
        """Return the rows of an overpass; NaN, which means that nothing counted, becomes null.

        Parcels whose scene cannot be read come last, with `error` and `detail`.
        """
        members = np.concatenate(
            (table.parcels, *(failure.members for failure in table.failures))
        ).astype(np.intp)
        rows, whole = table.parcels.size, members.size
        columns: dict[str, Any] = {
            "parcel": self._ids[members],
            "datetime": [table.moment] * whole,
            "scene": [*table.scenes, *_of_failures(table.failures, lambda each: each.scene)],
            "count": _padded(table.count, whole),
            "valid": _padded(table.valid, whole),
            "method": [METHOD] * rows + [None] * (whole - rows),
            "simulated": [table.simulated] * whole,
        }
        if self.checked.names:
            columns["name"] = self._names[members]
        if self._notes is not None:
            columns["note"] = self._notes[members]
        for number, name in enumerate(self.wanted.names):
            if name not in _ALWAYS:
                columns[name] = _padded(table.values[:, number], whole)
        if self.wanted.edges:
            columns["histogram"] = [*table.histogram, *[None] * (whole - rows)]
        if table.failures:
            told = [None] * rows
            columns["error"] = told + _of_failures(table.failures, lambda each: each.error.code)
            columns["detail"] = told + _of_failures(
                table.failures, lambda each: each.error.say(self.language)
            )
        if self.with_geometry:
            columns[GEOMETRY] = self._shapes[members]
        return self._batch(columns, whole)

    def _batch(self, columns: Mapping[str, Any], rows: int) -> pa.RecordBatch:
        arrays = [
            pa.array(columns[field.name], field.type, from_pandas=True)
            if field.name in columns
            else pa.nulls(rows, field.type)
            for field in self.schema
        ]
        return pa.record_batch(arrays, schema=self.schema)

    def _metadata(self) -> dict[str, str]:
        plan = self.plan
        told = {
            "collection": plan.collection.id,
            "value": plan.name,
            "unit": plan.unit or "",
            "license": plan.collection.license,
            "method": METHOD,
            "simulated": "YES" if plan.simulated else "NO",
        }
        if plan.left_out:
            told["left-out"] = orjson.dumps(told_of(plan.left_out)).decode()
        if self.wanted.edges:
            told["histogram_edges"] = ",".join(f"{edge:g}" for edge in self.wanted.edges)
        if self.with_geometry:
            told["geo"] = _geo(self.checked.parcels.crs, self._kinds)
        return told

    @cached_property
    def _ids(self) -> NDArray[Any]:
        return np.array(self.checked.parcels.ids, object)

    @cached_property
    def _names(self) -> NDArray[Any]:
        return np.array(self.checked.names, object)

    @cached_property
    def _notes(self) -> NDArray[Any] | None:
        return self.checked.notes(self.language)

    @cached_property
    def _shapes(self) -> NDArray[Any]:
        import shapely

        wkb: NDArray[Any] = shapely.to_wkb(self.checked.shapes)
        return wkb

    @cached_property
    def _kinds(self) -> list[str]:
        return sorted({shape.geom_type for shape in self.checked.shapes})


def _padded(values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return values with NaN behind them."""
    return np.concatenate((values, np.full(size - values.size, np.nan)))


def _of_failures(failures: Sequence[Failure], say: Any) -> list[Any]:  # noqa: ANN401 - a function
    """Return something of each failure, as often as it has parcels."""
    told: list[Any] = []
    for failure in failures:
        told += [say(failure)] * failure.members.size
    return told


def _said(remark: Remark, language: Language) -> str:
    return f"{remark.row}: {getattr(remark.reason, language)}"


def _unmet(left_out: Sequence[LeftOut]) -> Text:
    """Return why no image shows a parcel."""
    if not left_out:
        return _UNMET
    first = left_out[0]
    return _UNUSED.fill(count=len(left_out), scene=first.scene, reason=first.reason)


def _geo(crs: str, kinds: list[str]) -> str:
    """Return the `geo` metadata of GeoParquet 1.1; its default system is longitude, latitude."""
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": kinds}
    if crs != WGS84:
        from pyproj import CRS

        column["crs"] = CRS.from_user_input(crs).to_json_dict()
    told = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    return orjson.dumps(told).decode()


def all_rows(rows: Rows, tables: Iterator[SeriesTable]) -> Iterator[pa.RecordBatch]:
    """Yield the refusals, the rows of each overpass, and the parcels that no image meets."""
    refused = rows.refusals()
    if refused is not None:
        yield refused
    met = np.zeros(len(rows.checked.parcels), np.bool_)
    for table in tables:
        met[table.parcels] = True
        for failure in table.failures:
            met[failure.members] = True
        yield rows.of(table)
    unmet = rows.unmet(met)
    if unmet is not None:
        yield unmet
