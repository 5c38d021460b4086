"""Files with the rows of a job: one for each overpass, each whole or not there."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from landzicht.portal.parcels.seasons import Years, as_columns, season_schema
from landzicht.portal.parcels.series_smooth import Lines, smoothed_schema, without_line
from landzicht.series.stored import METHOD, told_of_asset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from landzicht.portal.parcels.series_answer import Form
    from landzicht.portal.parcels.series_rows import Rows
    from landzicht.series.plan import Overpass

REFUSALS, UNMET, SEASONS = "refusals.arrow", "unmet.arrow", "seasons.arrow"
_NUMBER = "_number"
"""Column with the number of the parcel, empty for a failure; not part of an answer."""


def part_name(rows: Rows, overpass: Overpass) -> str:
    """Return a name that changes with the method, the parcels, the scenes, their files and columns.

    So a job that goes on after an upgrade, or after a band got another scale, mixes nothing.
    """
    question, mask = rows.plan.question, rows.plan.question.mask
    told = [METHOD, rows.plan.land.fingerprint, overpass.moment.isoformat(), *rows.schema.names]
    told += [question.text, str(question.raw), str(mask)]
    for source in overpass.sources:
        told += [source.scene.id, source.scene.source]
        told += [told_of_asset(each) for _, each in sorted(source.scene.assets.items())]
    digest = hashlib.sha256("\n".join(told).encode()).hexdigest()[:24]
    return f"{overpass.moment:%Y%m%d}-{digest}.arrow"


def write_rows(path: Path, schema: pa.Schema, batch: pa.RecordBatch | None) -> None:
    """Write rows as one file: whole, or not at all."""
    with _writing(path, schema) as write:
        if batch is not None:
            write(batch)


@contextmanager
def _writing(path: Path, schema: pa.Schema) -> Iterator[Callable[[pa.RecordBatch], None]]:
    """Yield what writes rows to a file, which is there when all went well."""
    part = path.with_suffix(".part")
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(str(part), schema, options=options) as writer:
        yield writer.write_batch
    part.replace(path)


def write_numbered(path: Path, batch: pa.RecordBatch, parcels: NDArray[np.intp]) -> None:
    """Write the rows of an overpass with the numbers of their parcels.

    Args:
        path: of the file.
        batch: rows; those beyond `parcels` are failures.
        parcels: `(row,)`, numbers.
    """
    numbers = [*parcels.tolist(), *[None] * (batch.num_rows - parcels.size)]
    numbered = batch.append_column(_NUMBER, pa.array(numbers, pa.int64()))
    write_rows(path, numbered.schema, numbered)


def finish(folder: Path, rows: Rows, names: Sequence[str], form: Form) -> tuple[str, ...]:
    """Write what can only be known after the last date; return the files of the answer.

    Args:
        folder: of the job.
        rows: what the rows look like.
        names: of the overpasses, in order of time.
        form: whether rows are to have doubts and a smooth line, or to be seasons.
    """
    if form.seasons:
        return _seasons(folder, rows, names)
    if not form.smooth:
        write_rows(folder / REFUSALS, rows.schema, rows.refusals())
        write_rows(folder / UNMET, rows.schema, rows.unmet(_met(folder, rows, names)))
        return (REFUSALS, *names, UNMET)
    schema = smoothed_schema(rows)
    unmet = rows.unmet(_met(folder, rows, names))
    for name, batch in ((REFUSALS, rows.refusals()), (UNMET, unmet)):
        write_rows(folder / name, schema, None if batch is None else without_line(batch, schema))
    return (REFUSALS, *_smooth(folder, rows, names), UNMET)


def read_rows(path: Path) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file, as they are handed out."""
    with pa.OSFile(str(path)) as file:
        reader = pa.ipc.open_file(file)
        for number in range(reader.num_record_batches):
            yield _handed_out(reader.get_batch(number))


def read_schema(path: Path) -> pa.Schema:
    """Return the columns of a file, as they are handed out."""
    with pa.OSFile(str(path)) as file:
        schema = pa.ipc.open_file(file).schema
    place = schema.get_field_index(_NUMBER)
    return schema if place < 0 else schema.remove(place)


def _handed_out(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.drop_columns([_NUMBER]) if _NUMBER in batch.schema.names else batch


def _numbered(path: Path) -> tuple[pa.RecordBatch, NDArray[np.intp]]:
    """Return the one batch of an overpass, and the numbers of its parcels."""
    with pa.OSFile(str(path)) as file:
        batch = pa.ipc.open_file(file).get_batch(0)
    numbers = batch.column(_NUMBER).drop_null().to_numpy(zero_copy_only=False)
    return _handed_out(batch), numbers.astype(np.intp)


def _smooth(folder: Path, rows: Rows, names: Sequence[str]) -> Iterator[str]:
    """Write the rows of each overpass anew, with the line; yield the names of the files."""
    moments = [overpass.moment for overpass in rows.plan.passes]
    lines = Lines(len(rows.checked.parcels), moments, rows.language)
    for date, name in enumerate(names):
        batch, parcels = _numbered(folder / name)
        means, valid = (
            batch.column(column).to_numpy(zero_copy_only=False)[: parcels.size]
            for column in ("mean", "valid")
        )
        lines.learn(date, parcels, means, valid)
    lines.draw()
    schema = smoothed_schema(rows)
    for date, name in enumerate(names):
        batch, parcels = _numbered(folder / name)
        write_rows(folder / f"smooth-{name}", schema, lines.add(date, parcels, batch, schema))
        yield f"smooth-{name}"


def _seasons(folder: Path, rows: Rows, names: Sequence[str]) -> tuple[str, ...]:
    """Write the seasons of all parcels; return the files of the answer."""
    schema = season_schema(rows)
    years = Years(len(rows.checked.parcels), [overpass.moment for overpass in rows.plan.passes])
    with _writing(folder / SEASONS, schema) as write:
        for date, name in enumerate(names):
            batch, parcels = _numbered(folder / name)
            means, valid = (
                batch.column(column).to_numpy(zero_copy_only=False)[: parcels.size]
                for column in ("mean", "valid")
            )
            years.learn(date, parcels, means, valid)
            if batch.num_rows > parcels.size:
                write(as_columns(batch.slice(parcels.size), schema))
        for told in years.rows(rows):
            write(told)
    for name, batch in (
        (REFUSALS, rows.refusals()),
        (UNMET, rows.unmet(_met(folder, rows, names))),
    ):
        write_rows(folder / name, schema, None if batch is None else as_columns(batch, schema))
    return (REFUSALS, SEASONS, UNMET)


def _met(folder: Path, rows: Rows, names: Sequence[str]) -> NDArray[np.bool_]:
    """Return which parcels have a row in one of the parts."""
    known: set[str] = set()
    for name in names:
        for batch in read_rows(folder / name):
            known.update(batch.column("parcel").to_pylist())
    return np.array([each in known for each in rows.checked.parcels.ids], np.bool_)
