"""A small machine for band maths: a list of steps, run over pieces of an image that fit in cache.

`landzicht.render.formula_program` writes them. Each step is a loop without branches over one
piece, so that the compiler makes it work on many pixels at once, and what it finds stays in a
register of this machine: a row of numbers in the processor's nearest cache. Nothing of the size of
the image is made but the answer. One machine serves all formulas; none is compiled by itself.

Each step gives the bits that numpy gives: the same rounding, no reordering, no fused
multiply-add. Of equal zeros `min` and `max` give the second, as numpy does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from landzicht.kernels.steps import (
    ABSOLUTE,
    ADD,
    CHOOSE,
    DIVIDE,
    EQUAL,
    HIGHEST,
    LESS,
    LOAD,
    LOWEST,
    MULTIPLY,
    NOT_MORE,
    ROOT,
    STORE,
    SUBTRACT,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Row = NDArray[np.floating[Any]]


@njit(nogil=True, cache=True, error_model="numpy")
def run(
    steps: NDArray[np.int64],
    bands: tuple[Row, ...],
    scales: Row,
    registers: Row,
    begin: int,
    end: int,
    usable: NDArray[np.bool_],
    out: Row,
    shown: NDArray[np.bool_],
    stretch: NDArray[np.float32],
    shades: NDArray[np.uint8],
) -> None:
    """Run steps over pixels `begin` up to `end`, in pieces as long as a register.

    Args:
        steps: `(step, 5)` int64: which, the register it writes, and up to three that it reads,
            none of which is the one it writes. `LOAD` reads a band, `STORE` writes the answer.
        bands: `MOST_BANDS` arrays `(n,)`, all float32 or all float64, read-only.
        scales: `(band, 3)` of that dtype: factor, addend, and 0 when both are to be left out.
        registers: `(register, piece)` of that dtype; holds the constants already.
        begin: first pixel.
        end: pixel after the last one.
        usable: `(n,)`, read-only; or `(0,)` when nothing is asked about `shown`.
        out: `(n,)` of that dtype; the values; or `(0,)` when they are not wanted.
        shown: `(n,)`; whether usable and finite; or `(0,)`.
        stretch: `(4,)` float32: gain, addend with half a step, lowest and highest shade.
        shades: `(n,)` uint8; the values stretched as by `landzicht.kernels.stretch`, 0 where not
            shown; or `(0,)` when they are not wanted.
    """
    width = registers.shape[1]
    for start in range(begin, end, width):
        stop = min(start + width, end)
        size = stop - start
        for k in range(steps.shape[0]):
            step, to, a, b, c = steps[k]
            row = registers[to, :size]
            if step == LOAD:
                _load(bands[a][start:stop], scales[a], row)
                continue
            first, second = registers[a, :size], registers[b, :size]
            if step == STORE:
                _store(first, usable[start:stop], out[start:stop], shown[start:stop])
                _shade(first, shown[start:stop], stretch, shades[start:stop])
            elif step == CHOOSE:
                _choose(first, second, registers[c, :size], row)
            elif step <= ROOT:
                _compute(step, first, second, row)
            elif step <= HIGHEST:
                _pick(step, first, second, row)
            else:
                _compare(step, first, second, row)


@njit(nogil=True, cache=True, error_model="numpy")
def _load(band: Row, scale: Row, row: Row) -> None:
    factor, added = scale[0], scale[1]
    if scale[2] == 0:
        for i in range(row.size):
            row[i] = band[i]
    else:
        for i in range(row.size):
            row[i] = band[i] * factor + added


@njit(nogil=True, cache=True, error_model="numpy")
def _store(row: Row, usable: NDArray[np.bool_], out: Row, shown: NDArray[np.bool_]) -> None:
    for i in range(out.size):
        out[i] = row[i]
    most = row.dtype.type(np.inf)
    for i in range(usable.size):
        shown[i] = usable[i] & (abs(row[i]) < most)


@njit(nogil=True, cache=True, error_model="numpy")
def _shade(
    row: Row,
    shown: NDArray[np.bool_],
    stretch: NDArray[np.float32],
    shades: NDArray[np.uint8],
) -> None:
    gain, added, low, high = stretch
    for i in range(shades.size):
        shade = np.float32(np.float32(np.float32(row[i]) * gain) + added)
        kept = np.uint8(np.int32(min(max(shade, low), high)))
        shades[i] = kept if shown[i] else np.uint8(0)


@njit(nogil=True, cache=True, error_model="numpy")
def _compute(step: int, a: Row, b: Row, row: Row) -> None:
    if step == ADD:
        for i in range(row.size):
            row[i] = a[i] + b[i]
    elif step == SUBTRACT:
        for i in range(row.size):
            row[i] = a[i] - b[i]
    elif step == MULTIPLY:
        for i in range(row.size):
            row[i] = a[i] * b[i]
    elif step == DIVIDE:
        for i in range(row.size):
            row[i] = a[i] / b[i]
    elif step == ABSOLUTE:
        for i in range(row.size):
            row[i] = abs(a[i])
    else:
        for i in range(row.size):
            row[i] = np.sqrt(a[i])


@njit(nogil=True, cache=True, error_model="numpy")
def _compare(step: int, a: Row, b: Row, row: Row) -> None:
    one, zero = row.dtype.type(1), row.dtype.type(0)
    if step == LESS:
        for i in range(row.size):
            row[i] = one if a[i] < b[i] else zero
    elif step == NOT_MORE:
        for i in range(row.size):
            row[i] = one if a[i] <= b[i] else zero
    elif step == EQUAL:
        for i in range(row.size):
            row[i] = one if a[i] == b[i] else zero
    else:
        for i in range(row.size):
            row[i] = one if a[i] != b[i] else zero
    for i in range(row.size):  # unknown is neither true nor false
        x, y, found = a[i], b[i], row[i]
        found = y if y != y else found  # noqa: PLR0124 - not a number
        row[i] = x if x != x else found  # noqa: PLR0124 - not a number


@njit(nogil=True, cache=True, error_model="numpy")
def _pick(step: int, a: Row, b: Row, row: Row) -> None:
    if step == LOWEST:
        for i in range(row.size):
            x, y = a[i], b[i]
            row[i] = x if (x < y) | (x != x) else y  # noqa: PLR0124 - not a number
    else:
        for i in range(row.size):
            x, y = a[i], b[i]
            row[i] = x if (x > y) | (x != x) else y  # noqa: PLR0124 - not a number


@njit(nogil=True, cache=True, error_model="numpy")
def _choose(condition: Row, yes: Row, no: Row, row: Row) -> None:
    for i in range(row.size):
        asked, one, other = condition[i], yes[i], no[i]  # all are read, so that it needs no branch
        chosen = one if asked != 0 else other
        row[i] = asked if asked != asked else chosen  # noqa: PLR0124 - not a number
