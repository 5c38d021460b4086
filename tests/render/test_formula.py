"""Formulas: read right, computed as numpy would, refused politely."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.pixels import BadFormula
from landzicht.render.evaluate import evaluate
from landzicht.render.formula import MOST_DEPTH, MOST_OPERATIONS, parse_formula

RNG = np.random.default_rng(3)
BANDS = {key: RNG.uniform(0.1, 2, 50) for key in ("B04", "B08", "a_1", "nan")} | {
    "B-9.x": RNG.normal(size=50)
}
A, B = (part.ravel() for part in np.meshgrid([0.0, 1.0, 2.0], [0.0, 1.0, 2.0]))


def value(text):
    return evaluate(parse_formula(text), BANDS)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("(B08-B04)/(B08+B04)", ("B08", "B04")),
        ("B04 ** 2 ** 0.5", ("B04",)),
        ("-B04 ** 2", ("B04",)),
        ("2 * -B04 - -1e-3", ("B04",)),
        ("a_1 / B04 * B08 - 1.5", ("a_1", "B04", "B08")),
        ("((B04))", ("B04",)),
        (".5 + B04 + 3.", ("B04",)),
    ],
)
def test_arithmetic_is_that_of_python(text, names):
    expected = eval(text, {"__builtins__": {}}, BANDS)  # the oracle
    np.testing.assert_allclose(value(text), expected)
    assert parse_formula(text).names == names


def test_functions():
    red, nir = BANDS["B04"], BANDS["B08"]
    np.testing.assert_allclose(value("where(B04 > B08, B04, 0)"), np.where(red > nir, red, 0))
    np.testing.assert_allclose(value("min(B04, B08, 1)"), np.minimum(np.minimum(red, nir), 1))
    np.testing.assert_allclose(value("max(B04, B08)"), np.maximum(red, nir))
    np.testing.assert_allclose(value("sqrt(abs(-B04)) + log(B08)"), np.sqrt(red) + np.log(nir))
    np.testing.assert_allclose(value("(B04 <= B08) + (B04 != B08)"), (red <= nir) + 1.0)
    np.testing.assert_allclose(value('"B-9.x" * 2'), BANDS["B-9.x"] * 2)


def test_functions_of_one_value_are_those_of_numpy():
    red = BANDS["B04"]
    for name in ("abs", "exp", "log", "log10", "sqrt", "sin", "cos", "tanh"):
        np.testing.assert_allclose(value(f"{name}(B04)"), getattr(np, name)(red))
    np.testing.assert_allclose(value("clip(B04, 0.2, 0.3)"), np.clip(red, 0.2, 0.3))
    np.testing.assert_allclose(value("if(B04 > B08, B04, 0)"), value("where(B04 > B08, B04, 0)"))
    np.testing.assert_allclose(value("B04 * pi"), red * np.pi)
    assert np.isnan(value("where(B04 == B04, nan, 1)")).all()
    np.testing.assert_allclose(value('"nan" + 1'), BANDS["nan"] + 1)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a > 1 & b > 1", (A > 1) & (B > 1)),
        ("(a > 1) & (b > 1)", (A > 1) & (B > 1)),
        ("a > 1 | b > 1", (A > 1) | (B > 1)),
        ("a > 1 or b > 1 and a < b", (A > 1) | ((B > 1) & (A < B))),
        ("(a > 1 or b > 1) and a < b", ((A > 1) | (B > 1)) & (A < B)),
        ("not a > 1", ~(A > 1)),
        ("!a > 1 and !(b == 2)", ~(A > 1) & ~(B == 2)),
        ("not not a", A != 0),
        ("1 - (a & b)", 1 - ((A != 0) & (B != 0))),
    ],
)
def test_conditions_join(text, plain):
    found = evaluate(parse_formula(text), {"a": A, "b": B})
    np.testing.assert_array_equal(found, plain.astype(float))


def test_what_is_unknown_is_neither_true_nor_false():
    bands = {"a": np.array([np.nan, np.nan, 1.0]), "b": np.array([0.0, 1.0, np.nan])}
    for text in ("a & b", "a | b", "not (a > b)", "not a + b"):
        assert np.isnan(evaluate(parse_formula(text), bands)).all()


def test_what_has_no_value_is_not_a_number():
    bands = {"a": np.array([0.0, -1.0, np.nan, 1.0]), "b": np.array([0.0, 1.0, 1.0, 1.0])}
    assert not np.isfinite(evaluate(parse_formula("a/b"), bands)[[0, 2]]).any()
    assert np.isnan(evaluate(parse_formula("sqrt(a)"), bands)[[1, 2]]).all()
    unknown = evaluate(parse_formula("where(a > 0, 1, 2)"), bands)
    np.testing.assert_array_equal(unknown, [2, 2, np.nan, 1])
    assert np.isnan(evaluate(parse_formula("where(a/b > 0, 1, 2)"), bands)[0])


def test_dtype_follows_the_bands():
    bands = {"a": np.ones((2, 3), np.float32)}
    for text in ("a * 2.5", "where(a > 0.1, 1, 0)", "a ** 0.5", "1 + 0 * a", "max(a, 3)"):
        found = evaluate(parse_formula(text), bands)
        assert found.dtype == np.float32
        assert found.shape == (2, 3)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("   ", 1),
        ("B04 +", 6),
        ("(B04", 5),
        ("B04)", 4),
        ("B04 B08", 5),
        ("B04 && B08", 6),
        ("B04 ^ B08", 5),
        ("not", 4),
        ("and(B04)", 1),
        ("B04.__class__", 4),
        ("[B04]", 1),
        ("lambda: 1", 7),
        ("__import__(B04)", 1),
        ("eval(B04)", 1),
        ("min(B04)", 1),
        ("where(B04, B08)", 1),
        ("min()", 5),
        ("B04 < B08 < 1", 11),
        ("9**9**9**9", 1),
        ("1 + 1", 1),
        ('"B04', 1),
        ("B04 ==", 7),
        ("B04 = 1", 5),
        ("é * B04", 1),
        ("B04 ** ** 2", 8),
    ],
)
def test_wrong_formulas_say_where(text, position):
    with pytest.raises(BadFormula) as caught:
        parse_formula(text)
    assert caught.value.facts["position"] == position
    assert f"position {position}" in caught.value.say("en")
    assert caught.value.say("nl") != caught.value.say("en")


def test_limits():
    parse_formula("(" * MOST_DEPTH + "B" + ")" * MOST_DEPTH)
    parse_formula("+".join(["B"] * (MOST_OPERATIONS + 1)))
    for text in (
        "(" * (MOST_DEPTH + 1) + "B" + ")" * (MOST_DEPTH + 1),
        "not " * (MOST_DEPTH + 1) + "B",
        "!" * 2000 + "B",
        "&".join(["B"] * (MOST_OPERATIONS + 2)),
        "-" * (MOST_DEPTH + 1) + "B",
        "**".join(["B"] * (MOST_DEPTH + 2)),
        "abs(" * (MOST_DEPTH + 1) + "B" + ")" * (MOST_DEPTH + 1),
        "+".join(["B"] * (MOST_OPERATIONS + 2)),
        "B" + " " * 3000,
        "(" * 100_000,
    ):
        with pytest.raises(BadFormula):
            parse_formula(text)


@given(st.text(alphabet='B04()+-*/ <>=,."\n eé', max_size=60))
def test_any_text_is_a_formula_or_refused(text):
    try:
        formula = parse_formula(text)
    except BadFormula:
        return
    bands = dict.fromkeys(formula.names, np.ones(3, np.float32))
    assert evaluate(formula, bands).shape == (3,)


@given(st.text(max_size=60))
def test_no_text_at_all_breaks_it(text):
    with suppress(BadFormula):
        parse_formula(text)
