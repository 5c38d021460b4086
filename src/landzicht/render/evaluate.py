"""Computing a formula: by the compiled machine over pieces of an image, or by numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.kernels.steps import MOST_BANDS
from landzicht.kernels.warm import is_warming
from landzicht.render.formula_arrays import evaluate_arrays
from landzicht.render.formula_program import Outside, write_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from landzicht.render.formula import Formula
    from landzicht.render.formula_program import Program

    Values = NDArray[np.floating[Any]]

FEWEST_PIXELS = 4_096
"""Below this numpy is as fast, and needs nothing compiled."""
_PIECE_BYTES = 8_192
"""Length of a register: a few of them fit in the nearest cache (32 to 48 kB)."""
_LONG_PIECE_BYTES = 65_536
"""The same when numpy has steps of its own, each of which costs a call."""
_APART_BYTES = 320
"""Added to the length, as the processor confuses addresses that are a multiple of 4,096 apart."""
_LINE_BYTES = 64
_KINDS = frozenset({"float32", "float64"})
_NO_BOOLS = np.zeros(0, np.bool_)


def evaluate(formula: Formula, bands: Mapping[str, Values]) -> Values:
    """Return the values of a formula; NaN or infinite where it has none (0 / 0, log of -1).

    Args:
        formula: what to compute.
        bands: physical values by key, all of one shape and floating dtype, which the result
            shares; NaN where there is no value.
    """
    arrays = [bands[key] for key in formula.names]
    if not _may_run(arrays):
        return evaluate_arrays(formula, bands)
    return _run(formula, arrays, [(1, 0)] * len(arrays), _NO_BOOLS)[0]


def evaluate_stored(
    formula: Formula,
    stored: Mapping[str, tuple[Values, float, float]],
    usable: NDArray[np.bool_],
) -> tuple[Values, NDArray[np.bool_]]:
    """Return the values of a formula over stored numbers, and where they exist.

    Args:
        formula: what to compute.
        stored: by key, arrays of one shape and dtype (float32 or float64), each with the scale
            and offset that make it physical.
        usable: of that shape; True = there is a value in all bands.

    Returns:
        Values of the shape and dtype of the bands, and where they are usable and finite.
    """
    found = [stored[key] for key in formula.names]
    if _may_run([values for values, _, _ in found]):
        scales = [(scale, offset) for _, scale, offset in found]
        return _run(formula, [values for values, _, _ in found], scales, usable)
    values = evaluate_arrays(formula, {key: physical(*stored[key]) for key in formula.names})
    return values, usable & np.isfinite(values)


def physical(values: Values, scale: float, offset: float) -> Values:
    """Return physical values of stored numbers, in their dtype."""
    if scale == 1 and offset == 0:
        return values
    kind = values.dtype.type
    found: Values = values * kind(scale) + kind(offset)
    return found


def _may_run(arrays: Sequence[Values]) -> bool:
    """Whether the machine knows such arrays, is worth its while, and keeps nobody waiting."""
    first = arrays[0]
    return (
        first.size >= FEWEST_PIXELS
        and len(arrays) <= MOST_BANDS
        and first.dtype.name in _KINDS
        and all(each.dtype == first.dtype and each.shape == first.shape for each in arrays)
        and not is_warming()
    )


def _run(
    formula: Formula,
    arrays: Sequence[Values],
    scales: Sequence[tuple[float, float]],
    usable: NDArray[np.bool_],
) -> tuple[Values, NDArray[np.bool_]]:
    """Run a formula; the second answer is empty when `usable` is."""
    from landzicht.kernels.formula import run

    first = arrays[0]
    program = write_program(formula, first.dtype.name)
    bands = tuple(_flat(each) for each in arrays)
    bands += bands[:1] * (MOST_BANDS - len(bands))
    factors = np.array([(*each, each != (1, 0)) for each in scales], first.dtype)
    out, shown = np.empty(first.shape, first.dtype), np.empty(usable.shape, np.bool_)
    asked = np.ascontiguousarray(usable).reshape(-1)
    answers = asked, out.reshape(-1), shown.reshape(-1)
    if len(program.parts) == 1:
        registers = _registers(program, first.dtype, _PIECE_BYTES)
        run(program.parts[0], bands, factors, registers, 0, first.size, *answers)
        return out, shown
    registers = _registers(program, first.dtype, _LONG_PIECE_BYTES)
    width = registers.shape[1]
    with np.errstate(all="ignore"):
        for begin in range(0, first.size, width):
            end = min(begin + width, first.size)
            for part in program.parts:
                if isinstance(part, Outside):
                    rows = registers[:, : end - begin]
                    taken = [rows[o] if isinstance(o, int) else o for o in part.operands]
                    part.function(*taken, out=rows[part.to])
                else:
                    run(part, bands, factors, registers, begin, end, *answers)
    return out, shown


def _flat(values: Values) -> Values:
    """Return values `(n,)` as the kernel knows them: not to be changed, one after the other."""
    flat = np.ascontiguousarray(values).reshape(-1).view()
    flat.flags.writeable = False
    return flat


def _registers(program: Program, dtype: np.dtype[Any], size: int) -> Values:
    """Return registers `(register, piece)`, each at a line of the cache, with their constants."""
    length = size + _APART_BYTES
    room = np.empty(program.registers * length + _LINE_BYTES, np.uint8)
    begin = -room.ctypes.data % _LINE_BYTES
    rows = room[begin : begin + program.registers * length].view(dtype)
    registers: Values = rows.reshape(program.registers, -1)
    for place, number in program.constants:
        registers[place] = number
    return registers
