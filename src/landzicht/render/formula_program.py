"""From the tree of a formula to a program for the machine of `landzicht.kernels.formula`.

Parts that occur twice are computed once, parts without a band when the program is written, and a
register is used again as soon as nobody needs what it holds. What numpy computes with rounding of
its own (`**`, `exp`, `log`, `log10`, `sin`, `cos`, `tanh`) stays numpy's work, piece by piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from landzicht.kernels import steps
from landzicht.render.formula import Call, Comparison, Name, Negative, Number, Operation
from landzicht.render.formula_arrays import OF_ONE, evaluate_node

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from landzicht.render.formula import Formula, Node

Constant: TypeAlias = "np.floating[Any]"

_SIGNS = {
    "+": steps.ADD,
    "-": steps.SUBTRACT,
    "*": steps.MULTIPLY,
    "/": steps.DIVIDE,
    "<": steps.LESS,
    "<=": steps.NOT_MORE,
    "==": steps.EQUAL,
    "!=": steps.UNEQUAL,
}
_TURNED = {">": "<", ">=": "<="}
_PICKED = {"min": steps.LOWEST, "max": steps.HIGHEST, "&": steps.LOWEST, "|": steps.HIGHEST}
_ALONE = {"abs": steps.ABSOLUTE, "sqrt": steps.ROOT}
_SQUARE = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Outside:
    """A step that numpy does."""

    function: Callable[..., Any]
    """A ufunc."""
    operands: tuple[int | Constant, ...]
    """Registers, or numbers."""
    to: int
    """Register."""


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """What the machine does for one formula, over bands of one dtype."""

    parts: tuple[NDArray[np.int64] | Outside, ...]
    """In order; steps `(step, 5)` as the machine reads them, and between them what numpy does."""
    constants: tuple[tuple[int, Constant], ...]
    """Registers that hold a number from the start."""
    registers: int
    """How many there are."""

    @property
    def is_all_fused(self) -> bool:
        """Whether numpy has nothing to do."""
        return len(self.parts) == 1


@lru_cache(maxsize=512)
def write_program(formula: Formula, dtype: np.dtype[Any]) -> Program:
    """Return the program of a formula.

    Args:
        formula: with at most `steps.MOST_BANDS` bands.
        dtype: of its bands: float32 or float64.
    """
    writer = _Writer(formula, dtype)
    with np.errstate(all="ignore"):
        answer = writer.visit(formula.tree)
    writer.put(steps.STORE, answer)
    return _assemble(writer.made, writer.numbers)


_Made: TypeAlias = tuple["int | str", tuple[int, ...]]


class _Writer:
    """Gives each different part of a tree a number; operands come before what uses them."""

    def __init__(self, formula: Formula, dtype: np.dtype[Any]) -> None:
        self._bands = {key: place for place, key in enumerate(formula.names)}
        self._dtype = dtype
        self._known: dict[_Made | bytes, int] = {}
        self.made: list[_Made] = []
        self.numbers: dict[int, Constant] = {}

    def put(self, step: int | str, *operands: int) -> int:
        """Return the number of a step; one that is there already is not done again."""
        made = (step, operands)
        if made not in self._known:
            self._known[made] = len(self.made)
            self.made.append(made)
        return self._known[made]

    def visit(self, node: Node) -> int:
        """Return the number of the step that computes a part of the tree."""
        if not _has_band(node):
            return self._number(evaluate_node(node, {}, self._dtype))
        match node:
            case Name(key):
                return self.put(steps.LOAD, self._bands[key])
            case Negative(operand):
                return self.put(steps.MULTIPLY, self._number(-1), self.visit(operand))
            case Operation(sign, left, right):
                return self._operation(sign, self.visit(left), self.visit(right))
            case Comparison(sign, left, right):
                return self._compare(sign, self.visit(left), self.visit(right))
            case Call(function, arguments):
                return self._call(function, [self.visit(each) for each in arguments])
            case _:
                raise AssertionError(node)

    def _number(self, value: Any) -> int:  # noqa: ANN401 - a number of any type
        number = self._dtype.type(value)
        place = self._known.setdefault(number.tobytes(), len(self.made))
        if place == len(self.made):
            self.made.append(("number", ()))
            self.numbers[place] = number
        return place

    def _operation(self, sign: str, left: int, right: int) -> int:
        if sign != "**":
            return self.put(_SIGNS[sign], left, right)
        if self.numbers.get(right) == _SQUARE:  # numpy multiplies too
            return self.put(steps.MULTIPLY, left, left)
        return self.put("**", left, right)

    def _compare(self, sign: str, left: int, right: int) -> int:
        if sign in _PICKED:  # the smaller of two sizes is not 0 when neither is
            sides = (self.put(steps.ABSOLUTE, left), self.put(steps.ABSOLUTE, right))
            return self.put(steps.UNEQUAL, self.put(_PICKED[sign], *sides), self._number(0))
        if sign in _TURNED:
            return self.put(_SIGNS[_TURNED[sign]], right, left)
        return self.put(_SIGNS[sign], left, right)

    def _call(self, function: str, values: list[int]) -> int:
        if function in _ALONE:
            return self.put(_ALONE[function], values[0])
        if function in OF_ONE:
            return self.put(function, values[0])
        if function in _PICKED:
            return reduce(lambda one, other: self.put(_PICKED[function], one, other), values)
        if function == "clip":
            value, lowest, highest = values
            return self.put(steps.LOWEST, self.put(steps.HIGHEST, value, lowest), highest)
        return self.put(steps.CHOOSE, *values)


def _has_band(node: Node) -> bool:
    match node:
        case Name():
            return True
        case Number():
            return False
        case Negative(operand):
            return _has_band(operand)
        case Operation(_, left, right) | Comparison(_, left, right):
            return _has_band(left) or _has_band(right)
        case Call(_, arguments):
            return any(_has_band(each) for each in arguments)


def _assemble(made: list[_Made], numbers: dict[int, Constant]) -> Program:
    """Give each step a register: never that of what it reads, or the loop could not be widened."""
    last = {}
    for place, (step, operands) in enumerate(made):
        last.update(dict.fromkeys(() if step == steps.LOAD else operands, place))
    register = {place: number for number, place in enumerate(numbers)}
    constants = tuple((register[place], value) for place, value in numbers.items())
    free: list[int] = []
    count = len(register)
    parts: list[list[list[int]] | Outside] = []
    fused: list[list[int]] = []
    for place, (step, operands) in enumerate(made):
        if place in numbers:
            continue
        if free:
            to = free.pop()
        else:
            to, count = count, count + 1
        register[place] = to
        read = operands if step == steps.LOAD else tuple(register[each] for each in operands)
        if isinstance(step, int):
            fused.append([step, to, *read, *[0] * (3 - len(read))])
        else:
            found = np.power if step == "**" else OF_ONE[step]
            values = [numbers.get(each, register[each]) for each in operands]
            parts += [fused, Outside(found, tuple(values), to)]
            fused = []
        if step != steps.LOAD:
            done = {each for each in operands if last[each] == place and each not in numbers}
            free += [register[each] for each in done]
    whole = [p if isinstance(p, Outside) else np.array(p, np.int64) for p in (*parts, fused) if p]
    return Program(tuple(whole), constants, count)
