"""Computing a formula with numpy, array by array: what the other way must equal in every bit.

It serves small arrays, formulas of very many bands, and requests while kernels are being compiled.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.render.formula import (
    Call,
    Comparison,
    Name,
    Negative,
    Number,
    Operation,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from landzicht.render.formula import Formula, Node

    Values = NDArray[np.floating[Any]]

_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
}
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "&": np.logical_and,
    "|": np.logical_or,
}
OF_ONE: dict[str, Callable[[Any], Any]] = {
    "abs": np.abs,
    "cos": np.cos,
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "sin": np.sin,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
}
"""Functions of one value."""
_OF_MORE: dict[str, Callable[[Any, Any], Any]] = {"min": np.minimum, "max": np.maximum}


def evaluate_arrays(formula: Formula, bands: Mapping[str, Values]) -> Values:
    """Return the values of a formula; NaN or infinite where it has none (0 / 0, log of -1).

    Args:
        formula: what to compute.
        bands: physical values by key, all of one shape and floating dtype, which the result
            shares; NaN where there is no value.
    """
    first = bands[formula.names[0]]
    with np.errstate(all="ignore"):
        found = np.asarray(evaluate_node(formula.tree, bands, first.dtype), first.dtype)
    return np.broadcast_to(found, first.shape)


def evaluate_node(node: Node, bands: Mapping[str, Values], dtype: np.dtype[Any]) -> Any:  # noqa: ANN401 - arrays or numbers
    """Return the values of a part of a formula; a number where no band is in it."""
    match node:
        case Number(value):
            return dtype.type(value)
        case Name(key):
            return bands[key]
        case Negative(operand):
            return -evaluate_node(operand, bands, dtype)
        case Operation(sign, left, right):
            sides = evaluate_node(left, bands, dtype), evaluate_node(right, bands, dtype)
            return _OPERATIONS[sign](*sides)
        case Comparison(sign, left, right):
            sides = evaluate_node(left, bands, dtype), evaluate_node(right, bands, dtype)
            return _compare(sign, *sides, dtype)
        case Call(function, arguments):
            return _call(function, [evaluate_node(each, bands, dtype) for each in arguments], dtype)


def _compare(sign: str, left: Any, right: Any, dtype: np.dtype[Any]) -> Any:  # noqa: ANN401
    """Return 1, 0, or NaN where a side has no value: unknown is neither true nor false."""
    answer = _COMPARISONS[sign](left, right).astype(dtype)
    return np.where(np.isnan(left) | np.isnan(right), dtype.type(np.nan), answer)


def _call(function: str, values: list[Any], dtype: np.dtype[Any]) -> Any:  # noqa: ANN401
    if function in OF_ONE:
        return OF_ONE[function](values[0])
    if function in _OF_MORE:
        return reduce(_OF_MORE[function], values)
    if function == "clip":
        value, lowest, highest = values
        return np.minimum(np.maximum(value, lowest), highest)
    condition, yes, no = values
    chosen = np.where(condition != 0, yes, no)
    return np.where(np.isnan(condition), dtype.type(np.nan), chosen)
