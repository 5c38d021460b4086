"""Formulas by the compiled machine: the very bits of numpy, for every formula and many pixels."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.pixels import BadFormula
from landzicht.kernels import steps, warm
from landzicht.kernels.stretch import stretch
from landzicht.render import evaluate as machine
from landzicht.render.evaluate import evaluate, evaluate_stored, physical, shade_stored
from landzicht.render.formula import FUNCTIONS, MOST_OPERATIONS, parse_formula
from landzicht.render.formula_arrays import evaluate_arrays
from landzicht.render.formula_program import Outside, write_program
from landzicht.render.indices import INDICES
from landzicht.testing.formulas import random_formula

GOLDEN = Path(__file__).parents[1] / "page" / "formulas.json"
DTYPES = [np.dtype(np.float32), np.dtype(np.float64)]
SPECIAL = [0, -0.0, 1, -1, 2, 0.5, np.nan, np.inf, -np.inf, 1e-30, 1e30, -3]
SIZE = 20_003
"""Pixels: some pieces of the machine, and of the longer ones for numpy, and a rest."""


def bands(dtype, keys=("B04", "B08", "a b"), size=SIZE):
    """Return bands with many numbers that are awkward, and never the same one twice in a row."""
    chance = np.random.default_rng(size)
    found = {}
    for key in keys:
        usual, odd = chance.normal(0, 3, size), chance.choice(SPECIAL, size)
        found[key] = np.where(chance.random(size) < 0.4, odd, usual).astype(dtype)
    return found


BANDS = {dtype: bands(dtype) for dtype in DTYPES}


@pytest.fixture(autouse=True)
def _always_the_machine(monkeypatch):
    monkeypatch.setattr(machine, "FEWEST_PIXELS", 1)
    monkeypatch.setattr(machine, "MANY_PIXELS", 1)


def assert_same_bits(found, expected):
    """Compare every bit, but those of NaN that say which NaN it is."""
    assert found.dtype == expected.dtype
    bits = f"u{found.dtype.itemsize}"
    one, other = (np.where(np.isnan(each), 7, each).view(bits) for each in (found, expected))
    np.testing.assert_array_equal(one, other)


def compare(text, known):
    formula = parse_formula(text)
    with np.errstate(all="ignore"):
        assert_same_bits(evaluate(formula, known), evaluate_arrays(formula, known))


def golden_texts():
    kept = json.loads(GOLDEN.read_text())
    return [each["text"] for each in kept if "tree" in each and set(each["names"]) <= {*BANDS32}]


BANDS32 = BANDS[DTYPES[0]]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_the_golden_formulas(dtype):
    texts = golden_texts()
    assert len(texts) > 100
    assert all(any(f"{name}(" in text for text in texts) for name in FUNCTIONS)
    for text in texts:
        compare(text, BANDS[dtype])


@given(seed=st.integers(0, 2**32), depth=st.integers(1, 6), dtype=st.sampled_from(DTYPES))
def test_any_formula(seed, depth, dtype):
    try:
        formula = parse_formula(random_formula(random.Random(seed), depth))
    except BadFormula:
        return  # too long, or without a band
    compare(formula.text, BANDS[dtype])


def test_spectral_indices():
    assert len(INDICES) > 40
    for index in INDICES.values():
        names = parse_formula(index.formula).names
        compare(index.formula, bands(np.float32, names, 5_000))


@pytest.mark.parametrize("size", [1, 7, 2_047, 2_048, 2_049, 16_384, 16_465])
@pytest.mark.parametrize("text", ["2*B04/B08-1", "exp(B04)*B08", "B04**B08"])
def test_pieces_of_any_length(size, text):
    compare(text, bands(np.float32, size=size))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("text", ["(B08+B04)/(B08-B04)", "log(B08)+B04**2", "where(B04>1,B08,nan)"])
@pytest.mark.parametrize("scale", [(1, 0), (0.5, 0.25), (3, 1)])
def test_stored_numbers_to_values_and_shades(dtype, text, scale):
    formula, chance = parse_formula(text), np.random.default_rng(1)
    stored = {
        key: (chance.integers(-1, 3, (90, 111)).astype(dtype), *scale) for key in formula.names
    }
    usable = chance.random((90, 111)) > 0.2
    with np.errstate(all="ignore"):
        plain = evaluate_arrays(formula, {key: physical(*each) for key, each in stored.items()})
    exists = usable & np.isfinite(plain)
    assert exists.sum() not in (0, usable.sum()), "the test has pixels of both kinds"
    values, shown = evaluate_stored(formula, stored, usable)
    assert_same_bits(values, plain)
    np.testing.assert_array_equal(shown, exists)
    expected = np.empty(plain.size, np.uint8)
    with np.errstate(all="ignore"):
        flat = plain.astype(np.float32).ravel()
    stretch(flat, exists.ravel(), 90.0, 70.0, 1, 255, expected)
    shades, shown = shade_stored(formula, stored, usable, (90.0, 70.0, 1, 255))
    np.testing.assert_array_equal(shades.ravel(), expected)
    np.testing.assert_array_equal(shown, exists)


def test_arrays_that_do_not_lie_in_a_row_or_may_not_be_changed():
    wide = {key: values.reshape(83, 241).T for key, values in BANDS32.items()}
    for each in wide.values():
        each.flags.writeable = False
    compare("B04*B08+1", wide)
    compare("B04+1", {"B04": np.broadcast_to(np.float32(3), (70, 80))})


def test_bands_that_the_machine_does_not_know_are_left_to_numpy(monkeypatch):
    monkeypatch.setattr(machine, "_run", None)  # would fail when called
    many = [f"b{k}" for k in range(steps.MOST_BANDS + 1)]
    compare("+".join(many), bands(np.float32, many, 50))
    compare("a*2", {"a": np.ones(9, np.float16)})
    compare("a*b", {"a": np.ones(9, np.float32), "b": np.ones(9)})
    compare("a*2", {"a": np.ones(9, ">f4")})
    compare("a*2", {"a": np.ones(0, np.float32)})


def test_as_many_bands_as_there_are_places():
    keys = [f"b{k}" for k in range(steps.MOST_BANDS)]
    compare("+".join(f"{k}*{key}" for k, key in enumerate(keys)), bands(np.float32, keys, 3_000))


def program(text):
    return write_program(parse_formula(text), DTYPES[0])


def done(text):
    """Return the steps of the machine beside loading and storing."""
    (only,) = program(text).parts
    return [step for step in only[:, 0].tolist() if step not in (steps.LOAD, steps.STORE)]


def test_nothing_is_done_twice():
    assert done("(a-b)*(a-b)") == [steps.SUBTRACT, steps.MULTIPLY]
    assert done("(a-b)**2") == [steps.SUBTRACT, steps.MULTIPLY]
    assert done("a*(2+3*sqrt(4))") == [steps.MULTIPLY]
    assert len(program("a*3+b*3").constants) == 1
    assert len(program("where(a > 0.0, -0.0, 1)").constants) == 3, "two zeros are two numbers"


def test_no_step_writes_what_it_reads():
    chance = random.Random(5)
    for _ in range(200):
        with_band = f"B04+{random_formula(chance, 5)}"
        try:
            found = program(with_band)
        except BadFormula:
            continue
        fixed = {place for place, _ in found.constants}
        for part in found.parts:
            if isinstance(part, Outside):
                assert part.to not in {*part.operands} | fixed
                continue
            for step, to, *read in part.tolist():
                if step not in (steps.LOAD, steps.STORE):
                    assert to not in read[: 3 if step == steps.CHOOSE else 1]
                assert to not in fixed


def test_the_longest_formulas_need_few_registers():
    assert program("+".join(["a*2"] * (MOST_OPERATIONS // 2))).registers <= 6
    deep = "a" + "".join(f"*(a+{k}" for k in range(30)) + ")" * 30
    assert program(deep).registers <= 30 + 35


def test_while_kernels_are_made_numpy_does_it():
    code = (
        "import sys, numpy as np\n"
        "from landzicht.kernels import warm\n"
        "from landzicht.render.evaluate import evaluate\n"
        "from landzicht.render.formula import parse_formula\n"
        "warm._begun.set(); warm._can_paint.set()\n"
        "evaluate(parse_formula('2*a+1'), {'a': np.ones(10**6, np.float32)})\n"
        "print('numba' in sys.modules)\n"
        "warm._all_ready.set()\n"
        "evaluate(parse_formula('2*a+1'), {'a': np.ones(10**6, np.float32)})\n"
        "print('numba' in sys.modules)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "True"]


def test_all_that_is_asked_was_compiled_at_warm_up():
    from landzicht.kernels.formula import run

    for dtype in DTYPES:
        warm._formula(dtype.name)
    known = len(run.signatures)
    usable = np.broadcast_to(np.True_, (50, 60))
    for dtype in DTYPES:
        stored = {"a": (np.ones((50, 60), dtype), 2.0, 1.0)}
        for text in ("2*a", "exp(a)"):
            formula = parse_formula(text)
            evaluate(formula, {"a": stored["a"][0]})
            evaluate_stored(formula, stored, usable)
            shade_stored(formula, stored, usable.copy(), (1.0, 1.0, 0, 255))
    assert len(run.signatures) == known


def test_small_arrays_are_left_to_numpy(monkeypatch):
    monkeypatch.undo()
    formula = parse_formula("exp(a)")
    fused = parse_formula("a*2")
    side = int(machine.FEWEST_PIXELS**0.5)
    few, many = np.ones(side * side - 1, np.float32), np.ones(side * side, np.float32)
    assert not machine._may_run(fused, [few])
    assert machine._may_run(fused, [many]) or warm.is_warming()
    assert not machine._may_run(formula, [many])
