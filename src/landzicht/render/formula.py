"""Band maths: a small grammar, read into a typed tree.

choice     = both { ("|" | "or") both }
both       = opposite { ("&" | "and") opposite }
opposite   = ("!" | "not") opposite | comparison
comparison = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
sum        = product { ("+" | "-") product }
product    = unary { ("*" | "/") unary }
unary      = ("-" | "+") unary | power
power      = atom [ "**" unary ]
atom       = number | "nan" | "pi" | band | function "(" choice { "," choice } ")" | "(" choice ")"

A band is its asset key; keys that do not look like a name, or are one of the words above, stand in
double quotes. Nothing is ever
evaluated as code, and size, depth and number of operations are limited before anything is computed.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn, TypeAlias

from landzicht.errors.pixels import BadFormula
from landzicht.text import Text

MOST_BYTES = 2_048
"""Longest formula."""
MOST_DEPTH = 32
"""Deepest nesting of parentheses, functions, signs and powers."""
MOST_OPERATIONS = 64
"""Most operators and functions in one formula."""
FUNCTIONS = {
    "abs": (1, 1),
    "clip": (3, 3),
    "cos": (1, 1),
    "exp": (1, 1),
    "if": (3, 3),
    "log": (1, 1),
    "log10": (1, 1),
    "max": (2, 8),
    "min": (2, 8),
    "sin": (1, 1),
    "sqrt": (1, 1),
    "tanh": (1, 1),
    "where": (3, 3),
}
"""Function → fewest and most arguments. `log` is natural; `where(a > b, yes, no)` and
`if` are one; `clip(value, lowest, highest)`."""
CONSTANTS = {"nan": math.nan, "pi": math.pi}
"""Words that stand for a number; `where(cloud > 0, nan, B04)` leaves pixels empty."""
_SPOKEN = {"and": "&", "or": "|", "not": "!"}
COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |"(?P<quoted>[^"]{1,100})"
    |(?P<sign>\*\*|<=|>=|==|!=|[-+*/()<>,&|!]))""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """The values of a band."""

    key: str


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus something."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Operation:
    """`left sign right`, sign one of `+ - * / **`."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left sign right`: 1 when true, 0 when not; sign may also be `&` or `|`."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function of other parts."""

    function: str
    arguments: tuple[Node, ...]


Node: TypeAlias = Number | Name | Negative | Operation | Comparison | Call


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that may be computed."""

    text: str
    """As it was written."""
    tree: Node
    """What it says."""
    names: tuple[str, ...]
    """Keys of the bands in it, each once, in order of appearance."""


@lru_cache(maxsize=512)
def parse_formula(text: str) -> Formula:
    """Read a formula.

    Raises:
        BadFormula: it cannot be read, asks for more than the limits, or holds no band.
    """
    if len(text.encode(errors="replace")) > MOST_BYTES:
        _wrong(
            MOST_BYTES, f"langer dan {MOST_BYTES} tekens", f"longer than {MOST_BYTES} characters"
        )
    reader = _Reader(_tokens(text))
    tree = reader.choice()
    kind, found, position = reader.next()
    if kind != "end":
        _wrong(position, f"“{found}” past hier niet", f"“{found}” does not fit here")
    if not reader.names:
        _wrong(1, "er staat geen band in", "there is no band in it")
    return Formula(text, tree, tuple(dict.fromkeys(reader.names)))


def band(key: str) -> Formula:
    """Return the formula that is just one band, whatever its key looks like."""
    return Formula(key, Name(key), (key,))


_Token: TypeAlias = tuple[str, str, int]


def _tokens(text: str) -> list[_Token]:
    """Return `(kind, text, position)` of each word and sign, positions from 1."""
    tokens: list[_Token] = []
    at = 0
    stop = len(text.rstrip())
    while at < stop:
        match = _TOKEN.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            _wrong(at + 1, f"“{text[at]}” kennen wij niet", f"“{text[at]}” is not known")
        kind = str(match.lastgroup)
        word = match[kind]
        if kind == "name" and word in _SPOKEN:
            kind, word = "sign", _SPOKEN[word]
        tokens.append((kind, word, match.start(str(match.lastgroup)) + 1))
        at = match.end()
    tokens.append(("end", "", stop + 1))
    return tokens


class _Reader:
    """Recursive descent; depth and operations are counted on the way."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._operations = 0
        self.names: list[str] = []

    def next(self) -> _Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def choice(self) -> Node:
        left = self._both()
        while sign := self._take("|"):
            left = Comparison(sign, left, self._both())
        return left

    def _both(self) -> Node:
        left = self._opposite()
        while sign := self._take("&"):
            left = Comparison(sign, left, self._opposite())
        return left

    def _opposite(self) -> Node:
        if self._take("!"):
            self._deeper()
            operand = self._opposite()
            self._depth -= 1
            return Comparison("==", operand, Number(0.0))  # what is not, equals nothing
        return self._comparison()

    def _comparison(self) -> Node:
        left = self._sum()
        if sign := self._take(*COMPARISONS):
            left = Comparison(sign, left, self._sum())
            if again := self._take(*COMPARISONS):
                position = self._tokens[self._at - 1][2]
                _wrong(position, f"tweede “{again}”", f"a second “{again}”")
        return left

    def _sum(self) -> Node:
        left = self._product()
        while sign := self._take("+", "-"):
            left = Operation(sign, left, self._product())
        return left

    def _product(self) -> Node:
        left = self._unary()
        while sign := self._take("*", "/"):
            left = Operation(sign, left, self._unary())
        return left

    def _unary(self) -> Node:
        if sign := self._take("-", "+"):
            self._deeper()
            operand = self._unary()
            self._depth -= 1
            return Negative(operand) if sign == "-" else operand
        return self._power()

    def _power(self) -> Node:
        base = self._atom()
        if self._take("**"):
            self._deeper()
            base = Operation("**", base, self._unary())
            self._depth -= 1
        return base

    def _atom(self) -> Node:
        kind, text, position = self.next()
        if kind == "number":
            return Number(float(text))
        if kind == "name" and text in CONSTANTS and self._peek() != "(":
            return Number(CONSTANTS[text])
        if kind == "quoted" or (kind == "name" and self._peek() != "("):
            self.names.append(text)
            return Name(text)
        if kind == "name":
            return self._call(text, position)
        if text == "(":
            self._deeper()
            inner = self.choice()
            self._close(position)
            return inner
        shown = f"“{text}”" if text else "het einde"
        shown_en = f"“{text}”" if text else "the end"
        return _wrong(position, f"hier past {shown} niet", f"{shown_en} does not fit here")

    def _call(self, function: str, position: int) -> Node:
        if function not in FUNCTIONS:
            _wrong(position, f"de functie “{function}” bestaat niet", f"no function “{function}”")
        self._count(position)
        self._deeper()
        self.next()
        arguments = [self.choice()]
        while self._peek() == ",":
            self.next()
            arguments.append(self.choice())
        self._close(position)
        fewest, most = FUNCTIONS[function]
        if not fewest <= len(arguments) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest}-{most}"
            nl = f"“{function}” krijgt {len(arguments)} waarden in plaats van {wanted}"
            _wrong(position, nl, f"“{function}” gets {len(arguments)} values instead of {wanted}")
        return Call(function, tuple(arguments))

    def _close(self, opened: int) -> None:
        _, text, position = self.next()
        if text != ")":
            nl = f"het haakje van positie {opened} gaat niet dicht"
            _wrong(position, nl, f"the parenthesis of position {opened} is not closed")
        self._depth -= 1

    def _peek(self) -> str:
        return self._tokens[self._at][1]

    def _take(self, *signs: str) -> str | None:
        kind, text, position = self._tokens[self._at]
        if kind != "sign" or text not in signs:
            return None
        self._count(position)
        self._at += 1
        return text

    def _count(self, position: int) -> None:
        self._operations += 1
        if self._operations > MOST_OPERATIONS:
            nl = f"meer dan {MOST_OPERATIONS} bewerkingen"
            _wrong(position, nl, f"more than {MOST_OPERATIONS} operations")

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            position = self._tokens[self._at][2]
            nl = f"meer dan {MOST_DEPTH} lagen diep"
            _wrong(position, nl, f"more than {MOST_DEPTH} levels deep")


def _wrong(position: int, nl: str, en: str) -> NoReturn:
    reason = Text(nl=nl, en=en)
    raise BadFormula(position=position, reason=reason, functions=", ".join(FUNCTIONS))
