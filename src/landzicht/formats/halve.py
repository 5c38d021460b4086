"""Halving an image for an overview, exactly also when its size is odd.

A reader places the pixels of an overview evenly over the full extent. With 2n+1 pixels becoming
n+1, a new pixel therefore covers a little less than two old ones, and never the same two: taking
pairs would shift the picture by up to half an overview pixel at the far edge, again at each level.
So each new pixel is made of the old ones that it really covers, by their share.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[Any]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taps:
    """Which old pixels along one axis make up each new one."""

    first: NDArray[np.int64]
    """`(new,)`: index of the first old pixel under each new one."""
    weights: NDArray[np.float64]
    """`(tap, new)`: share of old pixel `first + tap`, 0-1; columns sum to `old / new`."""
    even: bool
    """True when each new pixel covers exactly two whole old ones."""


@lru_cache(maxsize=64)
def taps(old: int) -> Taps:
    """Return how `old` pixels become `ceil(old / 2)`."""
    new = -(-old // 2)
    if old % 2 == 0:
        return Taps(first=np.arange(new) * 2, weights=np.ones((2, new)), even=True)
    cell = np.arange(new)
    first = cell * old // new
    # In units of 1/new of an old pixel everything is a whole number, so shares are exact.
    low, high = cell * old, (cell + 1) * old
    weights = np.empty((3, new))
    for tap in range(3):
        start = (first + tap) * new
        covered = np.minimum(start + new, high) - np.maximum(start, low)
        weights[tap] = np.maximum(covered, 0) / new
    return Taps(first=first, weights=weights, even=False)


def average(
    values: Values, valid: Flags | None, rows: Taps, columns: Taps
) -> tuple[Values, Flags | None]:
    """Return the mean of the usable pixels under each new one.

    Args:
        values: `(y, x)`, any real dtype; whole numbers are rounded half up.
        valid: `(y, x)`, True = usable; None = all are.
        rows: taps along y; `rows.first` counts from the first row of `values`.
        columns: taps along x.

    Returns:
        New values (0 where nothing is usable) and their validity: True when at least one of the
        old pixels is usable.
    """
    if values.dtype.kind in "ui" and values.dtype.itemsize <= 4 and rows.even and columns.even:
        return _whole_average(values, valid, rows)
    numbers = values.astype(np.float64)
    if valid is not None:
        numbers[~valid] = 0
    total = _gather(numbers, rows, columns)
    if valid is None:
        weight: Any = rows.weights.sum(axis=0)[:, None] * columns.weights.sum(axis=0)[None, :]
        usable = None
    else:
        weight = _gather(valid.astype(np.float64), rows, columns)
        usable = weight > 0
        weight = np.where(usable, weight, 1.0)
    return _to_dtype(total / weight, values.dtype), usable


def mode(
    values: Values, valid: Flags | None, rows: Taps, columns: Taps
) -> tuple[Values, Flags | None]:
    """Return the value that covers most of each new pixel; on a tie the first in reading order.

    Args and returns as `average`; new pixels without a usable old one are 0.
    """
    if rows.even and columns.even:
        return _whole_mode(values, valid, rows)
    pieces = _pieces(values, valid, rows, columns)
    best = np.zeros(pieces[0][0].shape, values.dtype)
    score = np.zeros(best.shape)
    for value, weight in pieces:
        votes = sum(np.where(other == value, share, 0.0) for other, share in pieces)
        wins = (votes > score + 1e-9) & (weight > 0)
        best[wins] = value[wins]
        score = np.where(wins, votes, score)
    return best, None if valid is None else score > 0


def _whole_average(values: Values, valid: Flags | None, rows: Taps) -> tuple[Values, Flags | None]:
    """As `average`, for whole numbers and even sizes in whole numbers: exact, and quicker."""
    start, new = int(rows.first[0]), len(rows.first)
    part = values[start : start + 2 * new]
    wide = np.dtype(np.int32 if values.dtype.itemsize <= 2 else np.int64)
    if valid is None:
        return ((_fours(part, wide) + 2) >> 2).astype(values.dtype), None
    flags = valid[start : start + 2 * new]
    count = _fours(flags, np.dtype(np.int8))
    total = _fours(np.where(flags, part, values.dtype.type(0)), wide)
    twice = np.maximum(count, 1).astype(wide) * 2
    return ((2 * total + twice // 2) // twice).astype(values.dtype), count > 0


def _whole_mode(values: Values, valid: Flags | None, rows: Taps) -> tuple[Values, Flags | None]:
    """As `mode` for even sizes: four pixels of equal weight, counted in bytes."""
    start, new = int(rows.first[0]), len(rows.first)
    four = _corners(values[start : start + 2 * new])
    usable = None if valid is None else _corners(valid[start : start + 2 * new])
    votes = [np.ones(four[0].shape, np.uint8) for _ in four]
    for one in range(4):
        for other in range(one + 1, 4):
            equal = four[one] == four[other]
            if usable is not None:
                equal &= usable[one] & usable[other]
            votes[one] += equal
            votes[other] += equal
    if usable is not None:
        votes = [vote * flag for vote, flag in zip(votes, usable, strict=True)]
    best, score = four[0].copy(), votes[0]
    for value, vote in zip(four[1:], votes[1:], strict=True):
        wins = vote > score
        np.copyto(best, value, where=wins)
        score = np.maximum(score, vote)
    if usable is None:
        return best, None
    found = score > 0
    best[~found] = 0
    return best, found


def _corners(part: Values) -> list[Values]:
    """Return each two by two pixels in reading order."""
    return [part[0::2, 0::2], part[0::2, 1::2], part[1::2, 0::2], part[1::2, 1::2]]


def _fours(part: Values, wide: np.dtype[Any]) -> Values:
    """Sum each two by two pixels."""
    pairs = np.add(part[0::2], part[1::2], dtype=wide)
    return np.add(pairs[:, 0::2], pairs[:, 1::2], dtype=wide)


def _gather(numbers: NDArray[np.float64], rows: Taps, columns: Taps) -> NDArray[np.float64]:
    """Sum `numbers` under each new pixel by share, first along y, then along x."""
    last_row, last_column = numbers.shape[0] - 1, numbers.shape[1] - 1
    if rows.even and columns.even:
        start = int(rows.first[0])
        return _fours(numbers[start : start + 2 * len(rows.first)], np.dtype(np.float64))
    tall = sum(
        numbers[np.minimum(rows.first + tap, last_row)] * weight[:, None]
        for tap, weight in enumerate(rows.weights)
    )
    total = sum(
        tall[:, np.minimum(columns.first + tap, last_column)] * weight[None, :]
        for tap, weight in enumerate(columns.weights)
    )
    return np.asarray(total)


def _pieces(
    values: Values, valid: Flags | None, rows: Taps, columns: Taps
) -> list[tuple[Values, NDArray[np.float64]]]:
    """Return the old pixels under each new one, with their share (0 where not usable)."""
    last_row, last_column = values.shape[0] - 1, values.shape[1] - 1
    pieces = []
    for row_tap, row_weight in enumerate(rows.weights):
        chosen_rows = np.minimum(rows.first + row_tap, last_row)[:, None]
        for column_tap, column_weight in enumerate(columns.weights):
            chosen = (chosen_rows, np.minimum(columns.first + column_tap, last_column)[None, :])
            weight = row_weight[:, None] * column_weight[None, :]
            if valid is not None:
                weight = np.where(valid[chosen], weight, 0.0)
            pieces.append((values[chosen], weight))
    return pieces


def _to_dtype(numbers: NDArray[np.float64], dtype: np.dtype[Any]) -> Values:
    if dtype.kind == "f":
        return numbers.astype(dtype)
    limits = np.iinfo(dtype)
    whole = np.floor(numbers + 0.5)
    if dtype.itemsize == 8:  # the largest int64 has no float64 of its own
        return np.clip(whole, float(limits.min), np.nextafter(float(limits.max), 0)).astype(dtype)
    return np.clip(whole, limits.min, limits.max).astype(dtype)
