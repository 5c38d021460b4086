"""Tables as bytes, in the forms that people and programs ask for, as a stream."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

NDJSON = "application/x-ndjson"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"


_SELDOM = ("note", "error", "detail")
"""Columns that lines of JSON leave out when they are empty."""
_AT_ONCE = 10_000
"""Rows that are turned into text at once: as Python's own values they take much room."""


class _Drain(io.RawIOBase):
    """A file that is written to, and emptied after each piece."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:  # noqa: ANN401 - anything with a buffer
        self._parts.append(bytes(piece))
        self._size += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        return self._size

    def take(self) -> bytes:
        """Return what was written since the last time."""
        found, self._parts = b"".join(self._parts), []
        return found


def ndjson(_schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """Yield one JSON object on a line for each row, without its empty columns but null values.

    A row that tells of an error has only `parcel`, `error` and `detail`, and what else is known of
    `name`, `datetime`, `scene` and `note`; others have a `note` when there is one.
    """
    errors = {"parcel", "error", "detail", "name", "datetime", "scene", "note"}
    options = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
    for batch in _slices(batches):
        lines = []
        for row in batch.to_pylist():
            wrong = row.get("error") is not None
            told = {
                key: value
                for key, value in row.items()
                if (
                    key in errors and value is not None
                    if wrong
                    else key not in _SELDOM or value is not None
                )
            }
            lines.append(orjson.dumps(told, option=options))
        yield b"".join(lines)


def csv(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """Yield text with commas and a heading; times as in RFC 3339; histograms with `;` between."""
    import pyarrow as pa
    from pyarrow.csv import CSVWriter, WriteOptions

    drain = _Drain()
    plain = pa.schema([field.with_type(_plain(field.type)) for field in schema])
    with CSVWriter(drain, plain, write_options=WriteOptions(quoting_style="needed")) as writer:
        for batch in _slices(batches):
            columns = [_text(column) for column in batch.columns]
            writer.write_batch(pa.record_batch(columns, schema=plain))
            yield drain.take()
    yield drain.take()


def arrow(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """Yield an Arrow IPC stream."""
    import pyarrow as pa

    drain = _Drain()
    with pa.ipc.new_stream(drain, schema) as writer:
        yield drain.take()
        for batch in batches:
            writer.write_batch(batch)
            yield drain.take()
    yield drain.take()


def parquet(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """Yield a Parquet file, compressed with zstd; one row group for each batch."""
    from pyarrow.parquet import ParquetWriter

    drain = _Drain()
    with ParquetWriter(drain, schema, compression="zstd") as writer:
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(batch)
                yield drain.take()
    yield drain.take()


ENCODERS: dict[str, Callable[[pa.Schema, Iterable[pa.RecordBatch]], Iterator[bytes]]] = {
    NDJSON: ndjson,
    CSV: csv,
    ARROW: arrow,
    PARQUET: parquet,
}
"""By media type."""
ENDINGS = {
    ".ndjson": NDJSON,
    ".jsonl": NDJSON,
    ".csv": CSV,
    ".arrow": ARROW,
    ".arrows": ARROW,
    ".parquet": PARQUET,
    ".geoparquet": PARQUET,
}
"""By ending of a file's name."""


def _slices(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the same rows, not too many at once."""
    for batch in batches:
        for first in range(0, max(1, batch.num_rows), _AT_ONCE):
            yield batch.slice(first, _AT_ONCE)


def _plain(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    return pa.string() if pa.types.is_timestamp(kind) or pa.types.is_list(kind) else kind


def _text(column: pa.Array) -> pa.Array:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        import pyarrow.compute as pc

        return pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_list(column.type):
        rows = column.to_pylist()
        return pa.array([None if row is None else ";".join(f"{n:g}" for n in row) for row in rows])
    return column
