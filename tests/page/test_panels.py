"""Asking, choosing and measuring for everybody: axe finds nothing, and nothing scrolls aside."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "page/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPEN_ALL = "(all) => all.forEach((one) => { one.open = true })"


@pytest.fixture(scope="module")
def portal(seasons):
    return seasons


def check(here, state: str) -> None:
    here.page.evaluate(AXE.read_text())
    found = here.page.evaluate(
        "async (rules) => (await axe.run(document, { runOnly: rules })).violations", RULES
    )
    told = [
        f"{state}: {one['id']} {[node['html'][:160] for node in one['nodes']]}" for one in found
    ]
    assert told == []
    width = here.page.evaluate("document.documentElement.scrollWidth")
    assert width <= here.page.viewport_size["width"], f"{state} scrolls sideways"


def follow(here, places: str) -> None:
    """Show places, as a link does, with the sheet up on a phone."""
    here.page.evaluate("a => { location.hash = `#l=ndvi&a=${a}&v=14/52.6/5.2` }", places)
    here.page.wait_for_function("() => location.hash.includes('c=zonderland')")
    if not here.page.locator("#part-measure").is_visible():
        here.page.locator(".toggle").click()
    here.page.wait_for_selector("#part-measure .story p")
    here.page.locator("#part-measure details").evaluate_all(OPEN_ALL)


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [("nl", "light", (1366, 768)), ("en", "dark", (320, 700))],
    ids=["laptop", "phone"],
)
def test_no_panel_has_a_violation(visit, language, scheme, size) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: python hatch_build.py --force")
    here = visit(f"#lang={language}&q=crop&l=ndvi", size=size, color_scheme=scheme)
    check(here, "waiting for a place")
    if not here.page.locator("#place-search").is_visible():
        here.page.locator(".toggle").click()
    here.page.locator("#part-where details").evaluate_all(OPEN_ALL)
    check(here, "typing coordinates")
    here.page.locator("#place-search").fill("ver")
    here.page.wait_for_selector("#place-found li")
    check(here, "found by name")
    here.page.locator("#place-search").fill("")
    follow(here, "zonderland-parcels:39")
    check(here, "one place")
    follow(here, "@52.6,5.2+@52.601,5.201")
    check(here, "two places")
    follow(here, "zonderland-municipalities:")
    check(here, "a table of places")
