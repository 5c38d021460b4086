"""The golden formulas: what the server's reader makes of many formulas, good and bad.

`python -m landzicht.testing.formulas tests/page/formulas.json` writes them anew. A test holds the
reader of the server and that of the page against that file.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.errors.pixels import BadFormula
from landzicht.render.evaluate import evaluate
from landzicht.render.formula import (
    FUNCTIONS,
    MOST_BYTES,
    Call,
    Comparison,
    Name,
    Negative,
    Node,
    Number,
    Operation,
    parse_formula,
)
from landzicht.render.formula_arrays import evaluate_arrays
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLAT = 6.0
"""From here on `tanh` is within 2e-5 of 1."""
BANDS: dict[str, list[float | None]] = {
    "B04": [0.04, 0.31, 0.0, -0.02, 1.0, None],
    "B08": [0.42, 0.28, 0.0, 0.02, 1.6, 0.5],
    "a b": [3.0, -2.0, 0.5, 1e-3, 80.0, 7.0],
}
"""A few pixels of three bands; None = no value."""
HAND = [
    "B04",
    "(B08-B04)/(B08+B04)",
    "B08 ** 2 ** 0.5 - -B04",
    "2**-B04",
    "-B04**2",
    "1e400*B04",
    '"a b" + "B04"',
    "where(B08 > 0.3 and not B04 >= .1, B08, nan)",
    "if(B04|B08&B04, pi, 0)",
    "min(B04, B08, 1.5e-1) + max(B04,B08)",
    "clip(B08, 0, 1) * log10(exp(1)) + tanh(sqrt(abs(sin(cos(log(B08))))))",
    "!B04 == 1",
    "not not B04",
    "B04 < B08 == 1",
    "B04 == nan",
    "pi + B04",
    "nan(B04)",
    "B04 B08",
    "(B04",
    "B04)",
    "((B04)",
    "B04 +",
    "B04 + * 2",
    "",
    "   ",
    "1 + 2",
    "B04 $ 2",
    "B04 + é",
    "😀",
    'B04 + "é😀" * &',
    "wortel(B04)",
    "sqrt(B04, B08)",
    "min(B04)",
    "clip(B04, 1)",
    "max(1,2,3,4,5,6,7,8,B04)",
    "abs()",
    "__import__('os')",
    "B04.real",
    "B04; B08",
    "٣*B04",
    "B04\u00a0+\u2009B08",
    "B04\ufeff",
    "\x1c B04 \x85",
    '"',
    '""',
    '"' + "x" * 100 + '"',
    '"' + "x" * 101 + '"',
    "(" * 32 + "B04" + ")" * 32,
    "(" * 33 + "B04" + ")" * 33,
    "-" * 33 + "B04",
    "!" * 33 + "B04",
    "+".join(["B04"] * 65),
    "+".join(["B04"] * 66),
    "B04" + " " * (MOST_BYTES - 3),
    "B04" + " " * (MOST_BYTES - 2),
    "é" * (MOST_BYTES // 2 + 1),
    "1.B04",
    "1..5+B04",
    ".5.5*B04",
    "1e5e5*B04",
    "0x10*B04",
    "B04 =< 2",
    "B04 = 2",
    "B04 // 2",
    "B04 *** 2",
    "and B04",
    "B04 and",
    "andB04",
    'B04 "("',
    '(B04 ")"',
]
_SIGNS = ["+", "-", "*", "/", "**", "<", "<=", ">", ">=", "==", "!=", "&", "|", " and ", " or "]
_SEED = 4
_RANDOM = 180


def random_formula(chance: random.Random, depth: int = 3) -> str:
    """Return a formula; nearly always one that can be read."""
    kind = chance.random() if depth else 0.0
    if kind < 0.3:
        number = f"{chance.uniform(0, 3):.3g}"
        return chance.choice(["B04", "B08", '"a b"', number, "B04", "B08", "pi"])
    inner = [random_formula(chance, depth - 1) for _ in range(3)]
    if kind < 0.65:
        return f"{inner[0]}{chance.choice(_SIGNS[:5])}{inner[1]}"
    if kind < 0.75:
        return f"({inner[0]}{chance.choice(_SIGNS)}{inner[1]})"
    if kind < 0.8:
        return chance.choice(["-", "+", "!", "not "]) + inner[0]
    name = chance.choice(sorted(FUNCTIONS))
    return f"{name}({', '.join(inner[: max(FUNCTIONS[name][0], 1)])})"


def broken_formula(chance: random.Random) -> str:
    """Return a formula with a few signs lost, doubled or put in."""
    text = list(random_formula(chance))
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text) + 1)
        text[at : at + chance.randint(0, 1)] = chance.choice(
            ["", "(", ")", ",", "é", "**", " ", "$"]
        )
    return "".join(text)


def texts() -> list[str]:
    """Return all golden formulas."""
    chance = random.Random(_SEED)  # noqa: S311 - a sequence that is the same each time
    made = [
        random_formula(chance) if number % 3 else broken_formula(chance)
        for number in range(_RANDOM)
    ]
    return HAND + made


def expected(text: str) -> dict[str, Any]:
    """Return what the server's reader says: tree, names and values, or what is wrong and where."""
    try:
        formula = parse_formula(text)
    except BadFormula as error:
        reason = error.facts["reason"]
        assert isinstance(reason, Text)
        return {"position": error.facts["position"], "nl": reason.nl, "en": reason.en}
    told: dict[str, Any] = {"tree": _tree(formula.tree), "names": list(formula.names)}
    if set(formula.names) <= BANDS.keys():
        told["values"] = [_told(value) for value in evaluate(formula, _bands(np.float32))]
    return told


def stable(text: str) -> list[bool]:
    """Return for which pixels single and double precision give the same value.

    Where they do not, a comparison, a remainder or a power of a negative number hangs on the last
    bit, and no two programs need agree. Only for formulas that can be read.
    """
    formula = parse_formula(text)
    single, double = (evaluate(formula, _bands(kind)) for kind in (np.float32, np.float64))
    return [bool(each) for each in np.isclose(single, double, rtol=1e-4, equal_nan=True)]


def steady(text: str) -> list[bool]:
    """Return for which pixels the last bit of a band makes no difference either.

    The sine of a large number hangs on that bit, and single precision may be near double by chance.
    For formulas that nobody has looked at.
    """
    formula = parse_formula(text)
    bands = _bands(np.float32)
    exact = evaluate(formula, _bands(np.float64))
    sure = np.array(stable(text))
    for aim in (np.float32(np.inf), np.float32(-np.inf)):
        near = {key: np.nextafter(values, aim) for key, values in bands.items()}
        sure &= np.isclose(evaluate(formula, near), exact, rtol=2e-5, equal_nan=True)
    for node in _nodes(formula.tree):
        if isinstance(node, Call) and node.function == "tanh":  # may round to 1, and be equal to it
            inner = evaluate_arrays(replace(formula, tree=node.arguments[0]), bands)
            sure &= ~(np.abs(inner) > _FLAT)
    return [bool(each) for each in sure]


def _nodes(node: Node) -> Iterator[Node]:
    """Yield a part of a formula and all parts of it."""
    yield node
    match node:
        case Negative(operand):
            yield from _nodes(operand)
        case Operation(_, left, right) | Comparison(_, left, right):
            yield from _nodes(left)
            yield from _nodes(right)
        case Call(_, arguments):
            for each in arguments:
                yield from _nodes(each)


def _bands(kind: type[np.floating[Any]]) -> dict[str, Any]:
    return {
        key: np.array([np.nan if value is None else value for value in values], kind)
        for key, values in BANDS.items()
    }


def _tree(node: Node) -> list[Any]:
    match node:
        case Number(value):
            return ["number", _told(value)]
        case Name(key):
            return ["name", key]
        case Negative(operand):
            return ["negative", _tree(operand)]
        case Operation(sign, left, right):
            return ["operation", sign, _tree(left), _tree(right)]
        case Comparison(sign, left, right):
            return ["comparison", sign, _tree(left), _tree(right)]
        case Call(function, arguments):
            return ["call", function, *(_tree(each) for each in arguments)]


def _told(value: float) -> float | str:
    return float(value) if np.isfinite(value) else str(float(value))


def golden() -> list[dict[str, Any]]:
    """Return the file's content, made anew."""
    return [{"text": text, **expected(text)} for text in texts()]


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(each, ensure_ascii=True) for each in golden())
    Path(sys.argv[1]).write_text(f"[\n{lines}\n]\n")
