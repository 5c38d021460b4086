"""Functions that conditions need and SQLite does not have; each gives NULL for NULL."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from landzicht.stac.cql2.moments import read_instant, ticks
from landzicht.stac.cql2.texts import drop_accents, fold_case, is_like

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

Function = tuple[int, "Callable[..., Any]"]
"""Number of arguments, and what it does."""


def add_functions(db: sqlite3.Connection, functions: Mapping[str, Function]) -> None:
    """Let a connection know functions; those of an earlier query are replaced."""
    for name, (count, function) in functions.items():
        db.create_function(name, count, function, deterministic=True)


def _moment(text: str | None) -> int | None:
    instant = read_instant(text) if isinstance(text, str) else None
    return None if instant is None else ticks(instant)


def _like(text: str | None, pattern: str | None) -> int | None:
    return None if text is None or pattern is None else int(is_like(text, pattern))


def _casei(text: str | None) -> str | None:
    return None if text is None else fold_case(text)


def _accenti(text: str | None) -> str | None:
    return None if text is None else drop_accents(text)


def _calculate(how: Callable[[float, float], float]) -> Callable[..., float | None]:
    def safe(one: float | None, other: float | None) -> float | None:
        if one is None or other is None:
            return None
        try:
            return how(one, other)
        except (ZeroDivisionError, OverflowError, ValueError):
            return None

    return safe


FUNCTIONS: dict[str, Function] = {
    "lz_moment": (1, _moment),
    "lz_like": (2, _like),
    "lz_casei": (1, _casei),
    "lz_accenti": (1, _accenti),
    "lz_mod": (2, _calculate(math.fmod)),
    "lz_pow": (2, _calculate(math.pow)),
    "lz_div": (2, _calculate(lambda one, other: float(math.trunc(one / other)))),
}
"""By name; what a condition uses is added to the connection before it runs."""
