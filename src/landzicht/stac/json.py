"""Writing JSON that can be spliced later, and reading it back."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors.records import BadRecord, DamagedRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEME = "lz-asset:"
"""Only the address of an asset may hold these bytes; `splice` replaces them."""
_MARK = SCHEME.encode()
DISGUISED = _MARK.replace(b"-", b"\\u002d")
"""How they are written in a text of somebody else."""
_OPTIONS = (
    orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def dump(value: Mapping[str, Any], record: str, field: str, *, is_finite: bool = False) -> bytes:
    r"""Write a value as JSON in which `lz-asset:` does not occur.

    Where it does, its hyphen is written as the equal escape `\u002d`: the same text for every
    reader of JSON, but nothing that `splice` would take for the address of an asset. The scheme
    can only stand inside a string, and a hyphen is never part of another escape.

    Args:
        value: what is written.
        record: where it belongs, for the message.
        field: the same.
        is_finite: that all its numbers are was seen before.

    Raises:
        BadRecord: the value has no JSON form (a number that is not finite, an object, …).
    """
    try:
        text = orjson.dumps(value, option=_OPTIONS)
    except (TypeError, RecursionError) as error:
        raise BadRecord(record=record, field=field, value=str(error)[:200]) from error
    if (
        not is_finite and b"null" in text
    ):  # so orjson writes NaN; looking for one costs more than writing
        check_finite(value, record, field)
    return text.replace(_MARK, DISGUISED)


def load(body: bytes, record: str) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        DamagedRecord: the bytes are not a JSON object.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise DamagedRecord(record=record) from error
    if not isinstance(value, dict):
        raise DamagedRecord(record=record)
    return value


def check_finite(value: object, record: str, field: str) -> None:
    """Refuse NaN and infinity: JSON has no such numbers and would quietly say `null`.

    Raises:
        BadRecord: one of the numbers is not finite; the error names its place.
    """
    pending = [(field, value)]
    while pending:
        name, part = pending.pop()
        if isinstance(part, float) and not math.isfinite(part):
            raise BadRecord(record=record, field=name, value=part)
        if isinstance(part, dict):
            pending.extend((str(key), each) for key, each in part.items())
        elif isinstance(part, (list, tuple)):
            pending.extend((name, each) for each in part)


def mark_of(body: bytes) -> str:
    """Return the SHA-256 of a stored body, hexadecimal: equal for equal bytes only."""
    return hashlib.sha256(body).hexdigest()
