"""A smooth line through a series with gaps, and how certain it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHOD = "whittaker-2/1"
"""Name and version of the method: second differences."""
COVERAGE = 0.90
"""Share of clear observations that the band holds."""
LEAST_DATES = round(COVERAGE / (1 - COVERAGE))
"""Fewer observations give no honest band of this coverage: nine (Vovk 2005)."""
STIFFNESS = tuple(10.0**power for power in (1, 2, 3, 4, 5))
"""Penalties that are tried, for steps of a day: from a week or two to a season."""
_LEAST_WEIGHT = 0.25
_LEAST_LEFT = 1e-9
"""A line through an observation itself leaves nothing of it; rounding must not make that less."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Smoothed:
    """What the line says; the observations themselves are elsewhere, and as they were."""

    days: NDArray[np.float64]
    """`(day,)`: each day from the first observation of all to the last."""
    values: NDArray[np.float64]
    """`(series, day)`; NaN before its first and after its last observation, or of too few."""
    low: NDArray[np.float64]
    """`(series, day)`: between this …"""
    high: NDArray[np.float64]
    """… and this lie 90 % of clear observations."""
    error: NDArray[np.float64]
    """`(series, day)`: standard error of the line itself."""
    gap: NDArray[np.float64]
    """`(series, day)`: days between the observations around this day; 0 on one."""
    stiffness: NDArray[np.float64]
    """`(series,)`: the penalty that predicts left-out observations best."""


def smooth(
    days: NDArray[np.float64], values: NDArray[np.float64], valid: NDArray[np.float64]
) -> Smoothed:
    """Smooth series, each with the penalty that predicts its own observations best.

    The penalty is chosen by leaving out each observation in turn, which costs nothing extra:
    the left-out residual is `r / (1 - w s)`, with `s` the diagonal of the inverse (Eilers 2003,
    Craven & Wahba 1979). The band is made of the same residuals: their quantile of 90 %, with the
    rank of conformal prediction (Vovk 2005; Barber 2021, "jackknife"), times
    `sqrt(1 + s)`, which widens it where observations are far away. So no distribution is supposed.

    Args:
        days: `(date,)`, whole days, rising.
        values: `(series, date)`, NaN = gap, also for what should not count.
        valid: `(series, date)`, share 0-1 of the parcel that counted: the weight.
    """
    first, last = int(days[0]), int(days[-1])
    axis = np.arange(first, last + 1, dtype=np.float64)
    if axis.size < 3:
        axis = np.arange(first, first + 3, dtype=np.float64)
    at = days.astype(np.intp) - first
    known = np.isfinite(values)
    known &= (known.sum(axis=1) >= LEAST_DATES)[:, None]
    daily, weights = np.zeros((2, len(values), axis.size))
    daily[:, at] = np.where(known, values, 0.0)
    weights[:, at] = np.where(known, np.maximum(valid, _LEAST_WEIGHT), 0.0)
    stiffness, line, spread, score = _best(daily, weights)
    scale = _quantile(score, weights > 0)
    gap = _gaps(weights > 0)
    outside = ~np.isfinite(gap) | ~np.isfinite(scale)[:, None]
    line[outside] = np.nan
    half = scale[:, None] * np.sqrt(1 + spread)
    # The quantile of 90 % of a normal distribution is 1.645 of its standard deviations.
    error = np.where(outside, np.nan, scale[:, None] / 1.645 * np.sqrt(spread))
    return Smoothed(
        days=axis,
        values=line,
        low=line - half,
        high=line + half,
        error=error,
        gap=gap,
        stiffness=stiffness,
    )


def _best(
    daily: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the best penalty of each series, its line, its spread and its left-out residuals."""
    from landzicht.kernels.whittaker import smooth as run

    count = len(daily)
    best = np.full(count, np.inf)
    stiffness = np.full(count, np.nan)
    line, spread, score = (np.full(daily.shape, np.nan) for _ in range(3))
    for penalty in STIFFNESS:
        fitted, loose = np.empty((2, *daily.shape))
        run(daily, weights, np.full(count, penalty), fitted, loose)
        left = np.maximum(1 - weights * loose, _LEAST_LEFT)
        error = (weights * ((daily - fitted) / left) ** 2).sum(axis=1) / weights.sum(axis=1).clip(1)
        better = error < best
        best[better], stiffness[better] = error[better], penalty
        line[better], spread[better] = fitted[better], loose[better]
        # The left-out residual, divided by how far from the line an observation may be there.
        scaled = np.abs(daily - fitted) * np.sqrt(weights) / np.sqrt(left)
        score[better] = scaled[better]
    return stiffness, line, spread, score


def _quantile(score: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the quantile of `COVERAGE` of each series, NaN where there are too few."""
    count = known.sum(axis=1)
    rank = np.ceil((count + 1) * COVERAGE).astype(int)
    ordered = np.sort(np.where(known, score, np.inf), axis=1)
    place = np.minimum(rank, ordered.shape[1]) - 1
    out = ordered[np.arange(len(score)), place]
    return np.where((count >= LEAST_DATES) & np.isfinite(out), out, np.nan)


def _gaps(known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the days between the observations around each day, NaN outside them."""
    steps = np.arange(known.shape[1], dtype=np.float64)
    before = np.maximum.accumulate(np.where(known, steps, -np.inf), axis=1)
    after = np.minimum.accumulate(np.where(known, steps, np.inf)[:, ::-1], axis=1)[:, ::-1]
    gap: NDArray[np.float64] = after - before
    return np.where(np.isfinite(gap), gap, np.nan)
