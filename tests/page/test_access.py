"""Automatic accessibility checks; what they cannot find stands on /toegankelijkheid."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "page/node_modules/axe-core/axe.min.js"
LAPTOP = (1366, 768)
PHONE = (390, 844)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(visit) -> list[str]:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: python hatch_build.py --force")
    visit.page.evaluate(AXE.read_text())
    found = visit.page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    return [
        f"{one['id']}: {one['help']} {[node['html'][:160] for node in one['nodes']]}"
        for one in found["violations"]
    ]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_map(visit, language: str, size: tuple[int, int]) -> None:
    here = visit(f"#lang={language}&l=ndvi", size=size)
    assert violations(here) == []


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_everything_open(visit, language: str, size: tuple[int, int]) -> None:
    here = visit(f"#lang={language}&l=scl", size=size)
    if size == PHONE:
        here.page.locator(".toggle").click()
    for summary in here.page.locator("summary").all():
        summary.click()
    assert violations(here) == []


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_share_box(visit, size: tuple[int, int]) -> None:
    here = visit(size=size)
    here.page.locator(".share .open").click()
    assert violations(here) == []


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_dark(visit, size: tuple[int, int]) -> None:
    here = visit("#lang=nl&l=ndvi", size=size, color_scheme="dark")
    assert violations(here) == []


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("path", ["data", "uitleg", "toegankelijkheid"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_plain_pages(visit, path: str, language: str, scheme: str) -> None:
    here = visit(link=None, size=PHONE, color_scheme=scheme)
    here.go(f"{path}?lang={language}")
    assert violations(here) == []
    assert here.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


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
