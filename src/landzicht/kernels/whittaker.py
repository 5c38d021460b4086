"""Whittaker's smoother for many series at once, with the variance of every point.

The smoothed series `z` minimises `sum w (y - z)^2 + lambda * sum (second differences of z)^2`
(Whittaker 1923; Eilers 2003, "A perfect smoother", Analytical Chemistry 75(14)). Its equations
`(W + lambda D'D) z = W y` have five diagonals, so a series costs time in proportion to its length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(nogil=True, cache=True, error_model="numpy")
def smooth(
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
    stiffness: NDArray[np.float64],
    fitted: NDArray[np.float64],
    spread: NDArray[np.float64],
) -> None:
    """Smooth series, and tell how loose each point is.

    Args:
        values: `(series, step)`, anything where the weight is 0.
        weights: `(series, step)`, 0 = unknown; at least two are above 0, else the answer is NaN.
        stiffness: `(series,)`, the penalty lambda, above 0.
        fitted: `(series, step)`, written.
        spread: `(series, step)`, written: the diagonal of `(W + lambda D'D)^-1`.
    """
    steps = values.shape[1]
    pivot, near, far = np.empty(steps), np.empty(steps), np.empty(steps)
    for row in range(values.shape[0]):
        known = 0
        for i in range(steps):
            known += weights[row, i] > 0
        if known < 2 or steps < 3:
            fitted[row], spread[row] = np.nan, np.nan
            continue
        _factor(weights[row], stiffness[row], pivot, near, far)
        _solve(values[row], weights[row], pivot, near, far, fitted[row])
        _inverse_diagonal(pivot, near, far, spread[row])


@njit(nogil=True, cache=True, error_model="numpy")
def _factor(
    weights: NDArray[np.float64],
    stiffness: float,
    pivot: NDArray[np.float64],
    near: NDArray[np.float64],
    far: NDArray[np.float64],
) -> None:
    """Write `L` (unit, first and second diagonal below) and the diagonal of `L diag L'`."""
    steps = weights.size
    for i in range(steps):
        # How many second differences a point is in, with which weight: 1, 5, 6, …, 6, 5, 1.
        main, one = 0.0, 0.0
        if i + 2 < steps:
            main += 1.0
            one -= 2.0
        if 1 <= i < steps - 1:
            main += 4.0
            one -= 2.0
        if i >= 2:
            main += 1.0
        two = 1.0 if i + 2 < steps else 0.0
        diagonal = weights[i] + stiffness * main
        beside = stiffness * one
        if i >= 1:
            diagonal -= near[i - 1] ** 2 * pivot[i - 1]
            beside -= near[i - 1] * far[i - 1] * pivot[i - 1]
        if i >= 2:
            diagonal -= far[i - 2] ** 2 * pivot[i - 2]
        pivot[i] = diagonal
        near[i] = beside / diagonal if i + 1 < steps else 0.0
        far[i] = stiffness * two / diagonal


@njit(nogil=True, cache=True, error_model="numpy")
def _solve(
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
    pivot: NDArray[np.float64],
    near: NDArray[np.float64],
    far: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    steps = values.size
    for i in range(steps):
        right = weights[i] * values[i] if weights[i] > 0 else 0.0
        if i >= 1:
            right -= near[i - 1] * out[i - 1]
        if i >= 2:
            right -= far[i - 2] * out[i - 2]
        out[i] = right
    for i in range(steps - 1, -1, -1):
        left = out[i] / pivot[i]
        if i + 1 < steps:
            left -= near[i] * out[i + 1]
        if i + 2 < steps:
            left -= far[i] * out[i + 2]
        out[i] = left


@njit(nogil=True, cache=True, error_model="numpy")
def _inverse_diagonal(
    pivot: NDArray[np.float64],
    near: NDArray[np.float64],
    far: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Write the diagonal of the inverse (Takahashi 1973: only entries inside the band are needed).

    With `Z` the inverse: `Z[i, j] = (i == j) / pivot[i] - sum over k > i of L[k, i] Z[k, j]`.
    """
    steps = pivot.size
    next_next, next_two, beside = 0.0, 0.0, 0.0  # Z[i+1,i+1], Z[i+2,i+2], Z[i+1,i+2]
    for i in range(steps - 1, -1, -1):
        one = -near[i] * next_next - far[i] * beside
        two = -near[i] * beside - far[i] * next_two
        out[i] = 1.0 / pivot[i] - near[i] * one - far[i] * two
        next_two, next_next, beside = next_next, out[i], one
