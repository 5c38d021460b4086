"""Computing a formula: by the compiled machine over pieces of an image, or by numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.kernels.steps import MOST_BANDS
from landzicht.kernels.warm import is_warming
from landzicht.render.formula import Name
from landzicht.render.formula_arrays import evaluate_arrays
from landzicht.render.formula_program import Outside, write_program

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from landzicht.render.formula import Formula
    from landzicht.render.formula_program import Program

    Values = NDArray[np.floating[Any]]
    Answers = tuple[
        NDArray[np.bool_], Values, NDArray[np.bool_], NDArray[np.float32], NDArray[np.uint8]
    ]
    Piece = tuple[tuple[Values, ...], Values, Values, int, int]

FEWEST_PIXELS = 4_096
"""Below this numpy is as fast, and needs nothing compiled."""
MANY_PIXELS = 262_144
"""Below this numpy is as fast for formulas of which it does steps itself (`exp`, `**`)."""
_PIECE_BYTES = 8_192
"""Length of a register: a few of them fit in the nearest cache (32 to 48 kB)."""
_LONG_PIECE_BYTES = 65_536
"""The same when numpy has steps of its own, each of which costs a call."""
_APART_BYTES = 320
"""Added to the length, as the processor confuses addresses that are a multiple of 4,096 apart."""
_LINE_BYTES = 64
_KINDS = (np.dtype(np.float32), np.dtype(np.float64))
_NO_BOOLS, _NO_SHADES = np.zeros(0, np.bool_), np.zeros(0, np.uint8)
_AS_IT_IS = np.zeros(4, np.float32)


def evaluate(formula: Formula, bands: Mapping[str, Values]) -> Values:
    """Return the values of a formula; NaN or infinite where it has none (0 / 0, log of -1).

    Args:
        formula: what to compute.
        bands: physical values by key, all of one shape and floating dtype, which the result
            shares; NaN where there is no value.
    """
    arrays = [bands[key] for key in formula.names]
    if isinstance(formula.tree, Name) or not _may_run(formula, arrays):
        return evaluate_arrays(formula, bands)
    out = np.empty(arrays[0].shape, arrays[0].dtype)
    answers = (_flat(_NO_BOOLS), out.reshape(-1), _NO_BOOLS, _AS_IT_IS, _NO_SHADES)
    _run(formula, arrays, [(1, 0)] * len(arrays), answers)
    return out


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
    arrays = [stored[key][0] for key in formula.names]
    if not _may_run(formula, arrays):
        values = evaluate_arrays(formula, {key: physical(*stored[key]) for key in formula.names})
        return values, usable & np.isfinite(values)
    out, shown = np.empty(usable.shape, arrays[0].dtype), np.empty(usable.shape, np.bool_)
    asked = _flat(usable)
    answers = (asked, out.reshape(-1), shown.reshape(-1), _AS_IT_IS, _NO_SHADES)
    _run(formula, arrays, [stored[key][1:] for key in formula.names], answers)
    return out, shown


def physical(values: Values, scale: float, offset: float) -> Values:
    """Return physical values of stored numbers, in their dtype."""
    if scale == 1 and offset == 0:
        return values
    kind = values.dtype.type
    found: Values = values * kind(scale) + kind(offset)
    return found


def shade_stored(
    formula: Formula,
    stored: Mapping[str, tuple[Values, float, float]],
    usable: NDArray[np.bool_],
    stretch: tuple[float, float, int, int],
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]] | None:
    """Return the values of a formula stretched to shades, in one pass, and where they exist.

    Args:
        formula: what to compute.
        stored: as for `evaluate_stored`.
        usable: as for `evaluate_stored`.
        stretch: gain, bias, lowest and highest shade, as `landzicht.kernels.stretch` takes them.

    Returns:
        None when that does not go in one pass: the caller then takes one step after the other.
    """
    arrays = [stored[key][0] for key in formula.names]
    if not _may_run(formula, arrays):
        return None
    gain, bias, low, high = stretch
    wanted = np.array([gain, bias + 0.5, low, high], np.float32)
    shown, shades = np.empty(usable.shape, np.bool_), np.empty(usable.shape, np.uint8)
    asked = _flat(usable)
    nothing = np.zeros(0, arrays[0].dtype)
    answers = (asked, nothing, shown.reshape(-1), wanted, shades.reshape(-1))
    _run(formula, arrays, [stored[key][1:] for key in formula.names], answers)
    return shades, shown


def _may_run(formula: Formula, arrays: Sequence[Values]) -> bool:
    """Whether the machine knows such arrays, is worth its while, and keeps nobody waiting."""
    first = arrays[0]
    if first.size < FEWEST_PIXELS or len(arrays) > MOST_BANDS or is_warming():
        return False
    if first.dtype not in _KINDS or any(
        each.dtype != first.dtype or each.shape != first.shape for each in arrays[1:]
    ):
        return False
    return first.size >= MANY_PIXELS or write_program(formula, first.dtype).is_all_fused


def _run(
    formula: Formula,
    arrays: Sequence[Values],
    scales: Sequence[tuple[float, float]],
    answers: Answers,
) -> None:
    """Run a formula over flat bands; `answers` are the last arguments of the kernel."""
    dtype, size = arrays[0].dtype, arrays[0].size
    program = write_program(formula, dtype)
    bands = tuple(_flat(each) for each in arrays)
    bands += bands[:1] * (MOST_BANDS - len(bands))
    factors = np.array([(*each, each != (1, 0)) for each in scales], dtype)
    if program.is_all_fused:
        registers = _registers(program, dtype, _PIECE_BYTES)
        run = _machine()
        run(program.parts[0], bands, factors, registers, 0, size, *answers)
        return
    registers = _registers(program, dtype, _LONG_PIECE_BYTES)
    width = registers.shape[1]
    with np.errstate(all="ignore"):
        for begin in range(0, size, width):
            end = min(begin + width, size)
            _run_piece(program, (bands, factors, registers, begin, end), answers)


def _run_piece(program: Program, piece: Piece, answers: Answers) -> None:
    run = _machine()
    _, _, registers, begin, end = piece
    rows = registers[:, : end - begin]
    for part in program.parts:
        if isinstance(part, Outside):
            taken = [rows[each] if isinstance(each, int) else each for each in part.operands]
            part.function(*taken, out=rows[part.to])
        else:
            run(part, *piece, *answers)


def _machine() -> Callable[..., None]:
    """Return the kernel; who never needs it never loads numba."""
    from landzicht.kernels.formula import run

    return run


def _flat(values: NDArray[Any]) -> NDArray[Any]:
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
