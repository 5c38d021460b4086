"""Automatic accessibility checks; what they cannot find stands on /toegankelijkheid."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "page/node_modules/axe-core/axe.min.js"
LAPTOP = (1366, 768)
PHONE = (390, 844)
NARROW = (320, 700)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


RUN = """async (rules) => {
  const { violations } = await axe.run(document, { runOnly: rules });
  // Of a button in what scrolls, axe measures only the part that is scrolled into view.
  const scrolls = (element) => element !== null && (
    /auto|scroll/.test(getComputedStyle(element).overflow) || scrolls(element.parentElement));
  const isWhole = ({ target: [place] }) => {
    const found = document.querySelector(place);
    const box = found?.getBoundingClientRect();
    return box && Math.min(box.width, box.height) >= 24 && scrolls(found);
  };
  for (const one of violations) {
    if (one.id === 'target-size') one.nodes = one.nodes.filter((node) => !isWhole(node));
  }
  return violations.filter(({ nodes }) => nodes.length);
}"""


def violations(visit) -> list[str]:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: python hatch_build.py --force")
    visit.page.evaluate(AXE.read_text())
    return [
        f"{one['id']}: {one['help']} {[node['html'][:160] for node in one['nodes']]}"
        for one in visit.page.evaluate(RUN, RULES)
    ]


LANGUAGES = {"nl": "light", "en": "dark"}
"""On a wide page; on a narrow one crosswise, so that each state is seen in all four."""
CROSSED = {"nl": "dark", "en": "light"}
SCHEMES = {LAPTOP: LANGUAGES, PHONE: CROSSED, NARROW: CROSSED}
PLAIN = ("data", "data/zonderland-s2", "uitleg", "toegankelijkheid", "privacy", "algoritmes",
         "actualiteit")  # fmt: skip


def open_part(here, part: str) -> None:
    """Open a part of the panel, on a phone with its sheet."""
    head = here.page.locator(f"[aria-controls=part-{part}]")
    if not head.is_visible():
        here.page.locator(".toggle").click()
    if head.get_attribute("aria-expanded") == "false":
        head.click()


def open_saving(here) -> None:
    here.page.locator(".share .open").click()
    dialog = here.page.get_by_role("dialog")
    dialog.locator("[aria-controls=save-paper]").click()
    dialog.locator("summary").click()


STATES = {
    "first": lambda here: None,
    "question": lambda here: open_part(here, "ask"),
    "layers": lambda here: open_part(here, "see"),
    "compare": lambda here: open_part(here, "compare"),
    "measure": lambda here: open_part(here, "measure"),
    "about": lambda here: open_part(here, "about"),
    "save": open_saving,
}


def look(here, wish: str) -> None:
    """Follow a link of the same place, with one wish more; the language stays."""
    language = here.page.evaluate("document.documentElement.lang")
    link = f"#lang={language}&l=ndvi&d=2025-06-10&{wish}"
    here.page.evaluate("link => { location.hash = link; }", link)
    here.wait_for_link(wish.split(":", maxsplit=1)[0])
    here.settle()


def type_wrong_formula(here) -> None:
    look(here, "p=cividis")
    open_part(here, "see")
    here.page.locator("summary").filter(has_text="Kleuren aanpassen").click()
    formula = here.page.locator("#formula")
    formula.fill("(B08-B04")
    formula.press("Enter")
    here.page.locator("#formula-problem").filter(has_text="9").wait_for()


LOOKS = {
    "formula error": type_wrong_formula,
    **{
        mode: lambda here, mode=mode: look(here, f"cmp={mode}:2025-04-26:50")
        for mode in ("swipe", "side", "difference")
    },
    "rd": lambda here: look(here, "crs=rd"),
}
"""Looks of the map itself; each in both languages, on the page of a laptop or a phone."""


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_no_look_of_the_map_has_a_violation(visit, size: tuple[int, int]) -> None:
    """Five looks on one page, in two languages, each in one of the colour schemes."""
    here = visit("#lang=nl&l=ndvi&d=2025-06-10", size=size)
    found = {}
    for state, reach in LOOKS.items():
        reach(here)
        found |= in_both_languages(here, state)
    assert [f"{each}: {told}" for each, told in found.items() if told] == []
    assert len(found) == 10


def in_both_languages(here, state: str) -> dict[tuple[str, str], list[str]]:
    found = {}
    size = here.page.viewport_size
    for language, scheme in SCHEMES[size["width"], size["height"]].items():
        here.page.emulate_media(color_scheme=scheme)
        here.page.evaluate(
            "lang => document.querySelector(`.languages [lang=${lang}]`).click()", language
        )
        here.page.wait_for_function("lang => document.documentElement.lang === lang", arg=language)
        found[state, language] = violations(here)
        width = here.page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{state} scrolls sideways"
    return found


def type_coordinates(here) -> None:
    open_part(here, "where")
    here.page.locator("#part-where details").evaluate_all(OPEN_ALL)


def find_by_name(here) -> None:
    here.page.locator("#place-search").fill("ver")
    here.page.wait_for_selector("#place-found li")


def measured(places: str):
    """Show places, as a link does, with the sheet up on a phone and all unfolded."""

    def reach(here) -> None:
        here.page.evaluate("a => { location.hash = `#l=ndvi&a=${a}&v=14/52.6/5.2` }", places)
        here.page.wait_for_function("() => location.hash.includes('c=zonderland')")
        if not here.page.locator("#part-measure").is_visible():
            here.page.locator(".toggle").click()
        here.page.wait_for_selector("#part-measure .story p")
        here.page.locator("#part-measure details").evaluate_all(OPEN_ALL)

    return reach


OPEN_ALL = "(all) => all.forEach((one) => { one.open = true })"
ASKED = {
    "waiting for a place": lambda here: None,
    "typing coordinates": type_coordinates,
    "found by name": find_by_name,
    "one place": measured("zonderland-parcels:39"),
    "two places": measured("@52.6,5.2+@52.601,5.201"),
    "a table of places": measured("zonderland-municipalities:"),
}


@pytest.mark.parametrize("size", [LAPTOP, NARROW], ids=["laptop", "narrow"])
def test_asking_and_measuring_have_no_violation(visit, size: tuple[int, int]) -> None:
    """Question, place, chart, two charts and a table, in both languages and colour schemes."""
    here = visit("#lang=nl&q=crop&l=ndvi", size=size)
    found = {}
    for state, reach in ASKED.items():
        reach(here)
        found |= in_both_languages(here, state)
        if state == "found by name":
            here.page.locator("#place-search").fill("")
    assert [f"{each}: {told}" for each, told in found.items() if told] == []
    assert len(found) == 12


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_no_state_has_a_violation(visit, size: tuple[int, int]) -> None:
    """Seven states, in two languages, on two widths."""
    here = visit("#lang=nl&l=ndvi&d=2025-06-10", size=size)
    found = {}
    for state, reach in STATES.items():
        if state != "first":
            reach(here)
            here.page.wait_for_load_state("networkidle")
        found |= in_both_languages(here, state)
    assert [f"{each}: {told}" for each, told in found.items() if told] == []
    assert len(found) == 14


def test_plain_pages(visit) -> None:
    here = visit(link=None, size=PHONE, java_script_enabled=True)
    found = {}
    for path in PLAIN:
        for language, scheme in LANGUAGES.items():
            here.page.emulate_media(color_scheme=scheme)
            here.go(f"{path}?lang={language}")
            assert here.page.locator("html").get_attribute("lang") == language
            found[path, language] = violations(here)
            assert here.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path
    assert [f"{each}: {told}" for each, told in found.items() if told] == []
