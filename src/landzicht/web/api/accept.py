"""What a client accepts and prefers, as it says in its headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 1_000


def chosen_type(accept: str, known: Sequence[str]) -> str:
    """Return the first media type that is accepted and known; the first known when none is."""
    for part in accept[:_MOST].split(","):
        name = part.split(";")[0].strip().lower()
        if name in known:
            return name
    return known[0]


def prefers_later(prefer: str) -> bool:
    """Return whether the header `Prefer` asks to be answered later (RFC 7240, 4.1)."""
    wishes = (part.split(";")[0].strip().lower() for part in prefer[:_MOST].split(","))
    return "respond-async" in wishes
