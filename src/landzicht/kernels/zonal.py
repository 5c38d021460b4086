"""Statistics of many groups of weighted values: one group for each parcel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

COUNT, MEAN, STD, LOWEST, HIGHEST = range(5)
"""Columns of the answer of `moments`."""


@njit(nogil=True, cache=True, error_model="numpy")
def moments(
    starts: NDArray[np.int64],
    values: NDArray[np.float64],
    share: NDArray[np.float32],
    usable: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return count, mean, standard deviation, minimum and maximum of each group.

    The deviation is that of the population, `sqrt(Σw(v-m)² / Σw)`, in two passes, so that it does
    not lose digits where all values are alike.

    Args:
        starts: `(group + 1,)`; group `g` is `values[starts[g]:starts[g + 1]]`.
        values: `(n,)`.
        share: `(n,)`, weight of each value: the share of its pixel that lies in the parcel.
        usable: `(n,)`, True = counts.

    Returns:
        `(group, 5)`: Σw, mean, deviation, minimum, maximum; NaN, and count 0, when none counts.
    """
    groups = starts.size - 1
    out = np.full((groups, 5), np.nan)
    for group in range(groups):
        count, total = 0.0, 0.0
        lowest, highest = math.inf, -math.inf
        for i in range(starts[group], starts[group + 1]):
            if usable[i]:
                count += share[i]
                total += share[i] * values[i]
                lowest, highest = min(lowest, values[i]), max(highest, values[i])
        out[group, COUNT] = count
        if count == 0.0:
            continue
        mean = total / count
        squares = 0.0
        for i in range(starts[group], starts[group + 1]):
            if usable[i]:
                squares += share[i] * (values[i] - mean) ** 2
        out[group, MEAN], out[group, STD] = mean, math.sqrt(squares / count)
        out[group, LOWEST], out[group, HIGHEST] = lowest, highest
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def quantiles(
    starts: NDArray[np.int64],
    values: NDArray[np.float64],
    share: NDArray[np.float32],
    usable: NDArray[np.bool_],
    wanted: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return weighted quantiles of each group.

    Sorted values `v_0 … v_{n-1}` with weights `w` stand at `s_k = k·w_k + (n-1)·Σ_{j<k} w_j`; the
    quantile `q` lies at `q·(n-1)·Σw`, and is interpolated between its neighbours. With equal
    weights that is the usual quantile (type 7 of Hyndman & Fan, 1996). This is the definition of
    `exactextract`, but that counts equal values as one: to it the median of 1, 1, 1, 5 is 3.

    Args:
        starts: `(group + 1,)`, as for `moments`.
        values: `(n,)`.
        share: `(n,)`, weights.
        usable: `(n,)`, True = counts.
        wanted: `(q,)`, each 0 to 1.

    Returns:
        `(group, q)`; NaN when nothing counts.
    """
    groups = starts.size - 1
    out = np.full((groups, wanted.size), np.nan)
    for group in range(groups):
        chosen = np.flatnonzero(usable[starts[group] : starts[group + 1]]) + starts[group]
        if chosen.size == 0:
            continue
        order = np.argsort(values[chosen])
        sorted_values, weight = values[chosen][order], share[chosen][order].astype(np.float64)
        _sort_ties(sorted_values, weight)
        steps = chosen.size - 1
        at, before = np.empty(chosen.size), 0.0
        for k in range(chosen.size):
            at[k] = k * weight[k] + steps * before
            before += weight[k]
        for number in range(wanted.size):
            place = wanted[number] * steps * before
            right = np.searchsorted(at, place, side="right")
            if right > steps:
                out[group, number] = sorted_values[steps]
                continue
            low, high = sorted_values[right - 1], sorted_values[right]
            part = (place - at[right - 1]) / (at[right] - at[right - 1])
            out[group, number] = low + part * (high - low)
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def _sort_ties(values: NDArray[np.float64], weight: NDArray[np.float64]) -> None:
    """Put the weights of equal sorted values in order: that of the pixels must not matter."""
    first = 0
    for last in range(1, values.size + 1):
        if last == values.size or values[last] != values[first]:
            if last - first > 1:
                weight[first:last] = np.sort(weight[first:last])
            first = last


@njit(nogil=True, cache=True, error_model="numpy")
def histograms(
    starts: NDArray[np.int64],
    values: NDArray[np.float64],
    share: NDArray[np.float32],
    usable: NDArray[np.bool_],
    edges: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the weight of each group in each bin.

    Args:
        starts: `(group + 1,)`, as for `moments`.
        values: `(n,)`.
        share: `(n,)`, weights.
        usable: `(n,)`, True = counts.
        edges: `(bin + 1,)`, rising; a bin holds its lower edge, the last one also its upper.

    Returns:
        `(group, bin)`; values outside the edges are in no bin.
    """
    groups, bins = starts.size - 1, edges.size - 1
    out = np.zeros((groups, bins))
    for group in range(groups):
        for i in range(starts[group], starts[group + 1]):
            if not usable[i] or not edges[0] <= values[i] <= edges[bins]:
                continue
            place = np.searchsorted(edges, values[i], side="right") - 1
            out[group, min(place, bins - 1)] += share[i]
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def weights(
    starts: NDArray[np.int64], share: NDArray[np.float32], usable: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the summed weight of what counts, `(group,)`.

    Args:
        starts: `(group + 1,)`, as for `moments`.
        share: `(n,)`, weights.
        usable: `(n,)`, True = counts.
    """
    out = np.zeros(starts.size - 1)
    for group in range(out.size):
        for i in range(starts[group], starts[group + 1]):
            if usable[i]:
                out[group] += share[i]
    return out
