"""One grammar for band maths: the reader of the page against that of the server."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest

from landzicht.testing.formulas import (
    BANDS,
    broken_formula,
    expected,
    golden,
    random_formula,
    stable,
    steady,
)
from landzicht.testing.node import run_page

FILE = Path(__file__).with_name("formulas.json")
PAGE = Path(__file__).parents[2] / "page"

READ = """
import { parseFormula, BadFormula } from 'PAGE/lib/formula.ts';
import { evaluate } from 'PAGE/lib/evaluate.ts';

const told = (value) => Number.isFinite(value) ? value
  : Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';

function tree(node) {
  switch (node.kind) {
    case 'number': return ['number', told(node.value)];
    case 'name': return ['name', node.key];
    case 'negative': return ['negative', tree(node.operand)];
    case 'call': return ['call', node.name, ...node.values.map(tree)];
    default: return [node.kind, node.sign, tree(node.left), tree(node.right)];
  }
}

function answer({ texts, bands }) {
  const pixels = Object.fromEntries(Object.entries(bands).map(
    ([key, values]) => [key, Float32Array.from(values, (value) => value ?? NaN)]));
  return texts.map((text) => {
    try {
      const formula = parseFormula(text);
      const found = { tree: tree(formula.tree), names: formula.names };
      if (formula.names.every((name) => name in pixels)) {
        found.values = [...evaluate(formula, pixels)].map(told);
      }
      return found;
    } catch (error) {
      if (!(error instanceof BadFormula)) throw error;
      return { position: error.position, ...error.reason };
    }
  });
}
"""


def read_by_the_page(tmp_path, texts: list[str]) -> list[dict]:
    return run_page(PAGE, tmp_path, READ, {"texts": texts, "bands": BANDS})


def assert_same(text: str, page: dict, server: dict, which=stable) -> None:
    """Trees, names and errors must be equal; values may differ by the rounding of sin and log."""
    for told in (page, server):
        told.pop("text", None)
    ours, theirs = page.pop("values", None), server.pop("values", None)
    assert page == server, text
    assert (ours is None) == (theirs is None), text
    sure = which(text) if theirs else []
    for one, other, counts in zip(ours or [], theirs or [], sure, strict=True):
        if not counts:
            continue
        if isinstance(other, str):
            assert one == other, text
        else:
            assert math.isclose(one, other, rel_tol=1e-4, abs_tol=1e-6), (text, one, other)


def test_the_server_still_reads_the_golden_formulas_so() -> None:
    kept = json.loads(FILE.read_text())
    assert len(kept) > 200
    assert sum("tree" in each for each in kept) > 100
    assert sum("position" in each for each in kept) > 60
    sure = [one for each in kept if "values" in each for one in stable(each["text"])]
    assert sum(sure) > 0.95 * len(sure)  # nearly all values count
    for each, now in zip(kept, golden(), strict=True):
        assert each["text"] == now["text"], (
            "python -m landzicht.testing.formulas tests/page/formulas.json"
        )
        assert_same(each["text"], dict(each), now)


def test_the_page_reads_the_golden_formulas_so(tmp_path) -> None:
    kept = json.loads(FILE.read_text())
    for each, page in zip(
        kept, read_by_the_page(tmp_path, [each["text"] for each in kept]), strict=True
    ):
        assert_same(each["text"], page, dict(each))


def test_other_formulas_too(tmp_path) -> None:
    """Others each time: what fails is told with its text and belongs into the golden ones."""
    chance = random.Random(random.getrandbits(64))  # of the seed that pytest tells
    texts = [random_formula(chance, 4) for _ in range(150)]
    texts += [broken_formula(chance) for _ in range(150)]
    for text, page in zip(texts, read_by_the_page(tmp_path, texts), strict=True):
        assert_same(text, page, expected(text), steady)


@pytest.mark.parametrize("ending", [" " * 5, "\t\n"])
def test_space_at_the_end_does_not_move_the_error(tmp_path, ending: str) -> None:
    (page,) = read_by_the_page(tmp_path, [f"B04 +{ending}"])
    assert page["position"] == expected(f"B04 +{ending}")["position"] == 6
