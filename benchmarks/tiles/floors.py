"""What is asked of each row: the least to ship and the aim, and what no run may fall below."""

from __future__ import annotations

import statistics

GROUPS = {"own": "own"}
"""Files in our own form have floors of their own; all other forms are those of others."""
FLOORS = {
    ("foreign", "cold", "png"): (6, 10),
    ("foreign", "cold", "jpg"): (3, 4),
    ("foreign", "cold", "webp"): (3, 4),
    ("foreign", "warm", "png"): (50, 100),
    ("foreign", "warm", "jpg"): (25, 40),
    ("foreign", "view"): (12, 25),
    ("own", "warm", "png"): (50, 100),
    ("own", "warm", "jpg"): (25, 40),
    ("own", "view"): (12, 25),
    ("own", "cold", "png"): (8, 15),
    ("own", "cold", "jpg"): (6, 10),
}
"""What is asked of the ratio to TiTiler over HTTP: the least to ship, and the aim."""
GDAL_FLOORS = {"cold": (2, 3), "warm": (8, 20)}
"""The same of the ratio to tuned GDAL, in process, of what they were set for: bands in files of
their own, the nearest pixel, tiles of 256."""
SET_FOR_GDAL = frozenset({"rgb", "ndvi"})
START_S, WORKERS, BUSY = 2.0, 1.6, 0.1
"""Asked: seconds to the first tile, and what two workers serve of one; and the share of the machine
that others may take before the latter says nothing."""
GUARD, GUARDS = 0.5, {"bilinear": 0.3}
"""Of a floor: below this something is broken, however busy the machine. A filter looks at each
pixel of the file below a tile, and misses the floor of a warm tile, set for the nearest pixel."""


def ratio(case: dict, peer: str, ours: str = "landzicht") -> float:
    """Return the median over the rounds of how many times ours a peer takes."""
    rounds = zip(case["cpu_ms"][peer], case["cpu_ms"][ours], strict=True)
    return statistics.median(theirs / mine for theirs, mine in rounds)


def asked_of(case: dict, peer: str) -> tuple[float, float] | None:
    """Return the least to ship and the aim, if this case has them."""
    if peer == "titiler":
        state = (GROUPS.get(case["form"], "foreign"), case["state"])
        return FLOORS.get(state) or FLOORS.get((*state, case["ending"]))
    if peer == "gdal" and case["product"] in SET_FOR_GDAL:
        return GDAL_FLOORS.get(case["state"])
    return None


def check_floors(case: dict) -> None:
    """Make sure that a measured case is not far below what is asked of it.

    Where the limit itself misses a floor, half of what the limit would reach is asked.
    """
    for peer in case["cpu_ms"]:
        asked = asked_of(case, peer)
        if asked is None:
            continue
        least = float(asked[0])
        if "limit" in case["cpu_ms"]:
            least = min(least, ratio(case, peer, "limit"))
        found = ratio(case, peer)
        assert found >= GUARDS.get(case["product"], GUARD) * least, (
            f"x{found:.1f} of {peer}, and x{asked[0]} is asked"
        )
