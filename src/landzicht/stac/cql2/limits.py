"""How long and how deep a condition may be; looked at before anything recursive starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.errors.filters import BadFilter
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BYTES = 4096
"""Longest CQL2 text."""
DEEPEST = 64
"""Deepest nesting, of text and of JSON alike (coordinates of a place are not counted)."""
MOST_PARTS = 400
"""Most operators and functions in one condition."""
MOST_VALUES = 10_000
"""Most values in one list."""

TOO_LONG = Text(nl="het is langer dan {most} bytes", en="it is longer than {most} bytes")
TOO_DEEP = Text(
    nl="het is dieper genest dan {most} lagen", en="it is nested deeper than {most} levels"
)
TOO_MANY = Text(nl="het heeft meer dan {most} delen", en="it has more than {most} parts")


def check_text(text: str) -> None:
    """Refuse a text that is too long or nested too deep, in one pass without recursion.

    Raises:
        BadFilter: it is.
    """
    if len(text) > MOST_BYTES or len(text.encode(errors="surrogatepass")) > MOST_BYTES:
        raise BadFilter(place=MOST_BYTES, reason=TOO_LONG.fill(most=MOST_BYTES))
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth > DEEPEST:
            raise BadFilter(place=place + 1, reason=TOO_DEEP.fill(most=DEEPEST))


def check_tree(tree: object) -> None:
    """Refuse a JSON value that is nested too deep, without recursion.

    Raises:
        BadFilter: it is.
    """
    pending: list[tuple[object, int]] = [(tree, 0)]
    while pending:
        part, depth = pending.pop()
        if depth > 2 * DEEPEST:  # an operator is an object and a list
            raise BadFilter(place="args", reason=TOO_DEEP.fill(most=DEEPEST))
        if isinstance(part, dict):
            pending += [(each, depth + 1) for each in part.values()]
        elif isinstance(part, list) and not _is_plain(part):
            pending += [(each, depth + 1) for each in part]


def _is_plain(values: Sequence[object]) -> bool:
    """Whether a list holds no other lists or objects (numbers of a place, values of a list)."""
    return not any(isinstance(each, dict | list) for each in values)
