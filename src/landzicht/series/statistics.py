"""Which statistics are wanted, and computing them for many parcels at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from landzicht.errors.series import BadStatistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PLAIN = ("count", "mean", "std", "min", "max")
"""Statistics that are always computed, in this order."""
DEFAULT = ("mean", "std", "min", "max", "median")
"""What is told when nobody chooses."""
MOST = 40
"""Most statistics in one question."""
MOST_BINS = 256
"""Most bins of a histogram."""
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,3})?|100)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What to compute of the values in a parcel."""

    names: tuple[str, ...] = DEFAULT
    """`mean`, `std`, `min`, `max`, `median`, `count`, `p0` … `p100`, in the order of the answer."""
    edges: tuple[float, ...] = ()
    """Rising edges of the bins of a histogram, physical values; empty = no histogram."""

    @property
    def quantiles(self) -> tuple[float, ...]:
        """Shares 0 to 1 of the percentiles among the names, each once, rising."""
        return _shares(self.names)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of `summarise`, without those of the histogram."""
        return (*PLAIN, *(f"q{share:g}" for share in self.quantiles))

    def pick(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the columns of `summarise` in the order of `names`."""
        columns = self.columns
        chosen = []
        for name in self.names:
            share = _share(name)
            chosen.append(columns.index(name if share is None else f"q{share:g}"))
        return table[:, chosen]


def parse_statistics(names: Sequence[str], edges: Sequence[float] = ()) -> Statistics:
    """Check what somebody wants to know.

    Args:
        names: as `Statistics.names`; empty = the usual ones.
        edges: as `Statistics.edges`.

    Raises:
        BadStatistic: there is no such statistic, or there are too many, or edges do not rise.
    """
    wanted = tuple(dict.fromkeys(names)) or DEFAULT
    for name in wanted:
        if name not in PLAIN and _share(name) is None:
            raise BadStatistic(name=name[:40])
    if len(wanted) > MOST:
        raise BadStatistic(name=f"{len(wanted)} > {MOST}")
    bins = np.asarray(edges, np.float64)
    rising = bins.size != 1 and np.isfinite(bins).all() and bool((np.diff(bins) > 0).all())
    if not rising or bins.size > MOST_BINS + 1:
        raise BadStatistic(name="histogram")
    return Statistics(names=wanted, edges=tuple(bins.tolist()))


def summarise(
    starts: NDArray[np.int64],
    values: NDArray[np.float64],
    share: NDArray[np.float32],
    usable: NDArray[np.bool_],
    wanted: Statistics,
) -> NDArray[np.float64]:
    """Return the statistics of each group of weighted values.

    Args:
        starts: `(parcel + 1,)`; a parcel has `values[starts[p]:starts[p + 1]]`.
        values: `(n,)`, physical.
        share: `(n,)`, share of the pixel in the parcel.
        usable: `(n,)`, True = counts.
        wanted: what to compute.

    Returns:
        `(parcel, column)`: `wanted.columns`, then one column for each bin; NaN, and count 0,
        when nothing counts.
    """
    from landzicht.kernels import zonal

    parts = [zonal.moments(starts, values, share, usable)]
    if wanted.quantiles:
        shares = np.array(wanted.quantiles)
        parts.append(zonal.quantiles(starts, values, share, usable, shares))
    if wanted.edges:
        edges = np.array(wanted.edges)
        parts.append(zonal.histograms(starts, values, share, usable, edges))
    return np.concatenate(parts, axis=1)


def merge(
    first: NDArray[np.float64], second: NDArray[np.float64], wanted: Statistics
) -> NDArray[np.float64]:
    """Return what values in two places come to, from what they come to in each.

    Mean and deviation by the formula of Chan, Golub & LeVeque (The American Statistician 37(3),
    1983), which loses no digits; so nobody has to keep the values. Percentiles cannot be made so:
    theirs are of no use afterwards.

    Args:
        first: `(parcel, column)`, as of `summarise`.
        second: of the same parcels, elsewhere.
        wanted: what is computed.
    """
    count, mean, deviation, lowest, highest = range(len(PLAIN))
    bins = len(wanted.columns)
    out: NDArray[np.float64] = np.where(second[:, count, None] > 0, second, first)
    out[:, bins:] = first[:, bins:] + second[:, bins:]
    both = np.flatnonzero((first[:, count] > 0) & (second[:, count] > 0))
    one, other = first[both], second[both]
    total = one[:, count] + other[:, count]
    step, part = other[:, mean] - one[:, mean], other[:, count] / total
    squares = one[:, count] * one[:, deviation] ** 2 + other[:, count] * other[:, deviation] ** 2
    squares += step**2 * one[:, count] * part
    out[both, count] = total
    out[both, mean] = one[:, mean] + step * part
    out[both, deviation] = np.sqrt(squares / total)
    out[both, lowest] = np.minimum(one[:, lowest], other[:, lowest])
    out[both, highest] = np.maximum(one[:, highest], other[:, highest])
    return out


@lru_cache(maxsize=64)
def _shares(names: tuple[str, ...]) -> tuple[float, ...]:
    """Return the shares of percentiles, each once, rising; every cell of every date asks."""
    return tuple(sorted({share for name in names if (share := _share(name)) is not None}))


def _share(name: str) -> float | None:
    """Return the share of a percentile, or None when it is none."""
    if name == "median":
        return 0.5
    found = _PERCENTILE.fullmatch(name)
    return float(found[1]) / 100 if found else None
