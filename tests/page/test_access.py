"""Automatic accessibility checks; what they cannot find stands on /toegankelijkheid."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "page/node_modules/axe-core/axe.min.js"
LAPTOP = (1366, 768)
PHONE = (390, 844)
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
"""Each language is looked at in one of the two colour schemes: both count in every state."""
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
    for language, scheme in LANGUAGES.items():
        here.page.emulate_media(color_scheme=scheme)
        here.page.evaluate(
            "lang => document.querySelector(`.languages [lang=${lang}]`).click()", language
        )
        here.page.wait_for_function("lang => document.documentElement.lang === lang", arg=language)
        found[state, language] = violations(here)
    return found


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


def test_saving_works_by_keyboard_alone(visit) -> None:
    here = visit("#lang=en&l=ndvi&d=2025-06-10")
    keyboard = here.page.keyboard
    here.page.locator(".share .open").focus()
    keyboard.press("Enter")
    dialog = here.page.get_by_role("dialog")
    dialog.get_by_label("Link to this map").wait_for()
    for _ in range(12):
        keyboard.press("Tab")
        if "Map on paper" in here.page.evaluate("document.activeElement.textContent"):
            break
    keyboard.press("Enter")
    dialog.get_by_label("Title").wait_for()
    keyboard.press("Tab")
    keyboard.type("By keyboard")
    keyboard.press("Tab")
    keyboard.press("ArrowRight")
    assert dialog.get_by_role("radio", name="A3").is_checked()
    keyboard.press("Tab")
    keyboard.press("Tab")
    with here.page.expect_download() as coming:
        keyboard.press("Enter")
    assert coming.value.suggested_filename.endswith(".pdf")
    keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    at = here.page.evaluate("document.activeElement.className")
    assert "open" in at, "the focus goes back to where it was"


def test_on_paper_is_the_map_and_not_the_panels(visit) -> None:
    here = visit("#lang=nl&l=ndvi")
    here.page.emulate_media(media="print")
    for hidden in ("aside", ".share", "#dates"):
        assert not here.page.locator(hidden).first.is_visible(), hidden
    assert here.page.locator("#map").is_visible()
    assert here.page.locator(".credit").is_visible()


def test_focus_can_be_seen_everywhere(visit) -> None:
    here = visit()
    seen: list[str] = []
    for _ in range(40):
        here.page.keyboard.press("Tab")
        told = here.page.evaluate(
            """() => {
              const at = document.activeElement;
              if (!at || at === document.body) return null;
              const box = at.closest('label') ?? at;
              const drawn = [box, at].some((e) => getComputedStyle(e).outlineStyle !== 'none')
                || getComputedStyle(at, '::after').borderTopWidth !== '0px';
              return [at.id || at.className || at.tagName, drawn];
            }"""
        )
        if told is None:
            break
        seen.append(told[0])
        assert told[1], f"no focus ring on {told[0]}"
    assert "map" in seen
    assert len(seen) > 8


def test_forced_colours_keep_the_choice_visible(visit) -> None:
    here = visit(forced_colors="active")
    chosen = here.page.locator(".choice:has(:checked)")
    assert chosen.evaluate("e => getComputedStyle(e).borderTopWidth") == "2px"
