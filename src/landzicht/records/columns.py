"""STAC items as columns: the types that fit all of them, and values of those types.

Parquet wants one type for each column; JSON does not care. So the items are looked through first,
and where one field holds different kinds of values (a text here, a number there) it becomes JSON
text, and the file says so in its metadata.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
import pyarrow as pa

NOTHING, TRUTH, WHOLE, NUMBER, TEXT, LIST, OBJECT, JSON = range(8)
_PLAIN = {TRUTH: pa.bool_(), WHOLE: pa.int64(), NUMBER: pa.float64(), TEXT: pa.string()}
_EXACT = 2**53
MOST_FIELDS = 1000
"""An object with more different fields is kept as text: they are data, not names."""


@dataclass(slots=True)
class Column:
    """What the values of a field have in common."""

    kind: int = NOTHING
    inner: Column | None = None
    """Of a list: what its values have in common."""
    fields: dict[str, Column] = field(default_factory=dict)
    """Of an object: its fields."""

    def see(self, value: Any) -> None:  # noqa: ANN401 - JSON
        """Widen the column so that a value fits."""
        if value is None or self.kind == JSON:
            return
        kind = _kind(value)
        if self.kind in {NOTHING, kind}:
            self.kind = kind
        elif {self.kind, kind} == {WHOLE, NUMBER}:
            self.kind = NUMBER
        else:
            self.kind, self.inner, self.fields = JSON, None, {}
            return
        if kind == LIST:
            self.inner = self.inner or Column()
            for each in value:
                if each is None:  # a list with holes is rare, and not the same as a shorter one
                    self.kind, self.inner = JSON, None
                    return
                self.inner.see(each)
        elif kind == OBJECT:
            for name, each in value.items():
                self.fields.setdefault(name, Column()).see(each)
            if len(self.fields) > MOST_FIELDS:
                self.kind, self.fields = JSON, {}

    def type(self) -> pa.DataType:
        """Return the Arrow type."""
        if self.kind == LIST:
            return pa.list_((self.inner or Column()).type())
        if self.kind == OBJECT:
            return pa.struct([(name, each.type()) for name, each in self.fields.items()])
        return _PLAIN.get(self.kind, pa.string())

    def give(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        """Return a value as the type wants it."""
        if value is None:
            return None
        if self.kind == JSON:
            return orjson.dumps(value).decode()
        if self.kind == NUMBER:
            return float(value)
        if self.kind == LIST:
            assert self.inner is not None
            return [self.inner.give(each) for each in value]
        if self.kind == OBJECT:
            return {name: self.fields[name].give(each) for name, each in value.items()}
        return value

    def as_json(self, path: tuple[str, ...] = ()) -> list[list[str]]:
        """Return the paths of all fields that became JSON text; `[]` stands for a list."""
        if self.kind == JSON:
            return [list(path)]
        if self.kind == LIST and self.inner is not None:
            return self.inner.as_json((*path, "[]"))
        told = (each.as_json((*path, name)) for name, each in self.fields.items())
        return [one for some in told for one in some]


def _kind(value: object) -> int:
    if isinstance(value, bool):
        return TRUTH
    if isinstance(value, int):
        return WHOLE if abs(value) <= _EXACT else JSON
    if isinstance(value, float):
        return NUMBER
    if isinstance(value, str):
        return TEXT
    if isinstance(value, list):
        return LIST
    return OBJECT if value else JSON  # Parquet has no objects without fields


def plain_json(value: Any, paths: list[list[str]]) -> Any:  # noqa: ANN401 - JSON
    """Return what `Column.give` was given: JSON text read, fields without a value left out.

    Args:
        value: of the column.
        paths: where JSON text stands, as `as_json` told, below this value.
    """
    if value is None:
        return None
    if [] in paths:
        return orjson.loads(value)
    if isinstance(value, list):
        inner = [path[1:] for path in paths if path[0] == "[]"]
        return [plain_json(each, inner) for each in value]
    if isinstance(value, dict):
        return {
            name: plain_json(each, [path[1:] for path in paths if path[0] == name])
            for name, each in value.items()
            if each is not None
        }
    return value
