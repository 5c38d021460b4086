"""How long to wait before asking again."""

from __future__ import annotations

import random

FIRST_S = 30.0
"""After the first failure."""
LONGEST_S = 6 * 3600.0
"""However often it failed."""


def pause(
    tries: int,
    told: float | None = None,
    *,
    first: float = FIRST_S,
    longest: float = LONGEST_S,
    chance: random.Random | None = None,
) -> float:
    """Return the seconds to wait after so many failures in a row.

    It doubles each time, with chance in it: many portals that saw a source fail at one moment do
    not come back at one moment. What the other computer told (`Retry-After`) is never shortened.

    Args:
        tries: failures so far, 1 or more.
        told: seconds that the other computer asked for; None = nothing.
        first: seconds after the first failure.
        longest: the most, unless the other computer asks for more.
        chance: where the chance comes from.
    """
    most = min(longest, first * 2.0 ** min(max(0, tries - 1), 40))
    wait = (chance or random).uniform(most / 2, most)
    return wait if told is None else told + (wait if told < wait else wait / 10)
