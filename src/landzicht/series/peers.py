"""Where a parcel stands among others, without telling anything about one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_GROUP = 11
"""Smallest group: ten others, even when the parcel itself is one of them."""
STEP = 0.01
"""Values of the group are rounded to this …"""
COARSE = 5
"""… percentiles to so many points, and sizes down to so many parcels."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """A parcel in its group, `(date,)`; NaN where fewer than `LEAST_GROUP` are known."""

    size: NDArray[np.float64]
    """Parcels that are known on a date, rounded down."""
    low: NDArray[np.float64]
    """A tenth of the group lies below this."""
    middle: NDArray[np.float64]
    """The median."""
    high: NDArray[np.float64]
    """A tenth of the group lies above this."""
    percentile: NDArray[np.float64]
    """Share of the group below the parcel, 0 to 100, rounded; also NaN where it is unknown."""


def compare(own: NDArray[np.float64], group: NDArray[np.float64]) -> Standing:
    """Return where a parcel stands.

    Nobody can be found back by asking twice: the group is a fixed one, whoever asks; only quantiles
    are told, no sums; and all of it is rounded.

    Args:
        own: `(date,)`, NaN = gap.
        group: `(parcel, date)`, NaN = gap.
    """
    known = np.isfinite(group)
    count = known.sum(axis=0)
    enough = count >= LEAST_GROUP
    quantiles = np.full((3, own.size), np.nan)
    if enough.any():
        told = np.nanquantile(group[:, enough], (0.1, 0.5, 0.9), axis=0)
        quantiles[:, enough] = np.round(told / STEP) * STEP
    with np.errstate(invalid="ignore"):
        # Of equals half counts as below (mean rank, Hyndman & Fan).
        below = (group < own).sum(axis=0) + 0.5 * (group == own).sum(axis=0)
    share = np.round(100 * below / np.maximum(count, 1) / COARSE) * COARSE
    return Standing(
        size=np.where(enough, count // COARSE * COARSE, np.nan),
        low=quantiles[0],
        middle=quantiles[1],
        high=quantiles[2],
        percentile=np.where(enough & np.isfinite(own), share, np.nan),
    )
