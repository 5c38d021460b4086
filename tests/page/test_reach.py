"""Reaching and seeing everything: by keys, by finger, in large letters, without motion."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.browser

LAPTOP, PHONE, NARROW = (1366, 768), (390, 844), (320, 700)


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
    assert chosen.evaluate("e => getComputedStyle(e).outline").endswith("solid 2px")


def told(here) -> str:
    return here.page.locator(".whole > [role=status]").inner_text()


BEFORE, AFTER = "2025-04-26", "2025-08-09"
PLAIN = f"l=ndvi&d={AFTER}"
SENTENCES = {
    PLAIN: (
        "De kaart toont “Hoe groen is het?” op 9 augustus 2025.",
        "The map shows “How green is it?” on 9 August 2025.",
    ),
    f"l=ndvi&d={BEFORE}": (
        "De kaart toont “Hoe groen is het?” op 26 april 2025.",
        "The map shows “How green is it?” on 26 April 2025.",
    ),
    f"{PLAIN}&f=B08-B04": (
        "De kaart toont “eigen formule B08-B04” op 9 augustus 2025.",
        "The map shows “own formula B08-B04” on 9 August 2025.",
    ),
    f"{PLAIN}&cmp=swipe:{BEFORE}:50": (
        (
            "De kaart toont “Hoe groen is het?”. "
            "Links van de lijn is 26 april 2025, rechts 9 augustus 2025."
        ),
        (
            "The map shows “How green is it?”. "
            "Left of the line is 26 April 2025, right is 9 August 2025."
        ),
    ),
    f"{PLAIN}&cmp=side:{BEFORE}:50": (
        "Twee kaarten van “Hoe groen is het?”. Links is 9 augustus 2025, rechts 26 april 2025.",
        "Two maps of “How green is it?”. Left is 9 August 2025, right is 26 April 2025.",
    ),
    f"{PLAIN}&cmp=difference:{BEFORE}:50": (
        (
            "De kaart toont wat er veranderde bij “Hoe groen is het?” "
            "tussen 26 april 2025 en 9 augustus 2025."
        ),
        "The map shows what changed in “How green is it?” between 26 April 2025 and 9 August 2025.",
    ),
    f"l=visual&d={AFTER}&cmp=difference:{BEFORE}:50": (
        "De kaart toont “Gewone kleuren” op 9 augustus 2025.",
        "The map shows “Natural colours” on 9 August 2025.",
    ),
}
"""State of the map, as a link says it → what a screen reader is told, in both languages."""


def test_the_map_is_told_in_one_sentence(visit) -> None:
    here = visit(f"#lang=nl&{PLAIN}")
    for link, sentences in SENTENCES.items():
        here.page.evaluate("link => { location.hash = link; }", f"#{link}")
        for language, sentence in zip(("nl", "en"), sentences, strict=True):
            here.page.evaluate(
                "lang => document.querySelector(`.languages [lang=${lang}]`).click()", language
            )
            here.page.locator(".whole > [role=status]", has_text=sentence).wait_for(
                state="attached"
            )
            assert told(here) == sentence


SMALL = """([least, skipped]) => {
  const box = (element) => {
    const { width, height } = (element.closest('label') ?? element).getBoundingClientRect();
    return [width, height];
  };
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true })
    && box(element).every((side) => side > 1);
  return [...document.querySelectorAll('button, a[href], input, select, summary, textarea')]
    .filter((element) => isSeen(element) && !element.matches(skipped))
    .map((element) => [element.outerHTML.slice(0, 120), ...box(element).map(Math.round)])
    .filter(([, width, height]) => Math.min(width, height) < least);
}"""
INLINE = "p a, li a, dd a, .skips a, .ol-scale-line *"
"""Links within a sentence may be as high as its letters (WCAG 2.5.8)."""


@pytest.mark.parametrize(("size", "least"), [(LAPTOP, 24), (PHONE, 44)], ids=["mouse", "finger"])
def test_what_can_be_pressed_is_large_enough(visit, size: tuple[int, int], least: int) -> None:
    here = visit(f"#lang=nl&{PLAIN}&a=zonderland-parcels:39&cmp=swipe:{BEFORE}:50", size=size)
    found = {}
    for part in ("ask", "where", "see", "compare", "measure", "about"):
        head = here.page.locator(f"[aria-controls=part-{part}]")
        if not head.is_visible():
            here.page.locator(".toggle").click()
        if head.get_attribute("aria-expanded") == "false":
            head.click()
        here.page.wait_for_load_state("networkidle")
        here.page.locator(f"#part-{part} details:not([open]) > summary").evaluate_all(
            "all => all.forEach((one) => one.click())"
        )
        here.page.wait_for_timeout(150)
        found[part] = here.page.evaluate(SMALL, [least, INLINE])
    here.page.keyboard.press("Escape")  # the sheet goes down, and the days come back
    found["map"] = here.page.evaluate(SMALL, [least, INLINE])
    here.page.locator(".share .open").click()
    here.page.locator("[aria-controls=save-paper]").click()
    here.page.get_by_role("dialog").locator("summary").click()
    found["save"] = here.page.evaluate(SMALL, [least, INLINE])
    assert {part: small for part, small in found.items() if small} == {}


CUT = """() => {
  const shown = [...document.querySelectorAll('button, h1, h2, label, p, summary, legend, td, th')]
    .filter((e) => e.checkVisibility() && !e.closest('.lz-hidden, .strip')
      && getComputedStyle(e).position !== 'absolute' && getComputedStyle(e).overflow === 'hidden'
      && getComputedStyle(e).textOverflow !== 'ellipsis');
  const isCut = (e) => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1;
  return shown.filter(isCut)
    .map((e) => e.outerHTML.slice(0, 120));
}"""
LAPPED = """() => {
  const plates = [...document.querySelectorAll(
    'header h1, .languages, .stamp, .share .open, .zoom, #dates, aside, .credit')]
    .filter((e) => e.checkVisibility()).map((e) => [e, e.getBoundingClientRect()]);
  const laps = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
  return plates.flatMap(([one, a], i) => plates.slice(i + 1)
    .filter(([, b]) => laps(a, b)).map(([other]) => [one.className, other.className]));
}"""
REACHED = """(element) => {
  element.scrollIntoView({ block: 'center', inline: 'center' });
  const box = element.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const top = document.elementFromPoint(x, y);
  return top !== null && (element.contains(top) || top.contains(element));
}"""


@pytest.fixture(scope="module")
def enlarged(browser) -> Iterator[Any]:
    """A browser of somebody who set its letters to twice the usual size."""
    flags = ["--no-sandbox", "--disable-gpu", "--blink-settings=defaultFontSize=32"]
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    large = browser.browser_type.launch(executable_path=path, args=flags)
    yield large
    large.close()


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_letters_of_twice_the_size(enlarged, portal, size: tuple[int, int]) -> None:
    context = enlarged.new_context(
        viewport={"width": size[0], "height": size[1]},
        is_mobile=size == PHONE,
        has_touch=size == PHONE,
        reduced_motion="reduce",
        service_workers="block",
    )
    page = context.new_page()
    page.goto(f"{portal.base}/#lang=nl&{PLAIN}")
    page.wait_for_selector("#map[data-state=complete]")
    assert page.evaluate("getComputedStyle(document.querySelector('h2')).fontSize") == "32px"
    assert_all_can_be_reached(page)
    context.close()


def test_zoomed_in_to_twice_the_size(visit) -> None:
    """A window of 1366 by 768, zoomed in to 200%, is half as wide for the page."""
    assert_all_can_be_reached(visit(f"#lang=nl&{PLAIN}", size=(683, 384)).page)


def assert_all_can_be_reached(page: Any) -> None:
    """Nothing is cut off or covered, and nothing scrolls aside."""
    width = page.viewport_size["width"]
    for control in (".share .open", "#dates .step >> nth=1", ".zoom button >> nth=0", ".toggle",
                    ".languages button >> nth=1"):  # fmt: skip
        found = page.locator(control)
        if found.is_visible():
            assert found.evaluate(REACHED), control
    assert page.evaluate(LAPPED) == []
    for part in ("ask", "where", "see", "compare"):
        head = page.locator(f"[aria-controls=part-{part}]")
        if not head.is_visible():
            page.locator(".toggle").click()
        if head.get_attribute("aria-expanded") == "false":
            head.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, part
        assert page.evaluate(CUT) == [], part
        assert head.evaluate(REACHED), part
        for button in page.locator(f"#part-{part} button:visible").all()[:6]:
            assert button.evaluate(REACHED), button.evaluate("e => e.outerHTML")


STILL = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const scale = document.querySelector('.ol-scale-line-inner');
  const now = () => `${scale.style.width} ${scale.textContent}`;
  const before = now();
  document.querySelector('.zoom button:last-child').click();
  for (let i = 0; i < 3; i += 1) await frame();
  const after = now();
  await new Promise((done) => setTimeout(done, 1500));
  return [before, after, now()];
}"""


def test_the_map_does_not_fly_for_who_wants_no_motion(visit) -> None:
    here = visit(f"#lang=nl&{PLAIN}&v=15/52.59/5.2", reduced_motion="reduce")
    before, after, end = here.page.evaluate(STILL)
    assert before != end, "all images were in view already"
    assert after == end, "it is there at once"
    assert here.page.evaluate("document.querySelector('.play .at') === null"), "nothing plays"
