"""Bands that are fetched before anybody asks, so that a step to another day asks for nothing."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

pytestmark = pytest.mark.browser

DAY = "2025-06-10"


def screen(visit) -> np.ndarray:
    """Return the part of the map that holds the image, without panels."""
    visit.settle()
    clip = {"x": 600, "y": 110, "width": 440, "height": 420}
    return imagecodecs.png_decode(visit.page.screenshot(clip=clip))[..., :3].astype(float)


def bands_asked(visit) -> list[str]:
    return [url for url in visit.requests if ".bands" in url]


def test_a_date_step_asks_for_nothing(visit) -> None:
    """Bands of the usable days before and after are fetched ahead: of the same few tiles."""
    here = visit(f"#lang=nl&l=ndvi&d={DAY}&p=cividis&g=-")

    def asked_of(date: str) -> set[str]:
        return {url.split("?")[0] for url in bands_asked(here) if f"datetime={date}" in url}

    own = asked_of(DAY)
    for _ in range(200):
        if asked_of("2025-04-26") == asked_of("2025-08-09") == own:
            break
        here.page.wait_for_timeout(50)
    assert asked_of("2025-04-26") == asked_of("2025-08-09") == own
    here.page.wait_for_load_state("networkidle")
    before, first = len(here.requests), screen(here)
    here.page.get_by_role("button", name="Volgende dag met beeld").click()
    here.wait_for_link("d=2025-08-09")
    second = screen(here)
    assert np.abs(second - first).mean() > 5
    here.page.get_by_role("button", name="Vorige dag met beeld").click()
    here.wait_for_link(f"d={DAY}")
    assert np.abs(screen(here) - first).max() <= 2
    new = [url for url in here.requests[before:] if "/tiles/" in url or "/api/" in url]
    assert new == []
    assert asked_of("2025-07-10") == set(), "a cloudy day is not fetched"


def test_who_saves_data_gets_no_bands_ahead(visit) -> None:
    here = visit(link=None)
    here.page.add_init_script(
        "Object.defineProperty(navigator, 'connection', { value: { saveData: true } });"
    )
    here.go(f"#lang=nl&l=ndvi&d={DAY}&p=cividis&g=-")
    here.settle()
    here.page.wait_for_timeout(500)
    asked = bands_asked(here)
    assert asked
    assert all(f"datetime={DAY}" in url for url in asked)
    here.page.get_by_role("button", name="Volgende dag met beeld").click()
    here.wait_for_link("d=2025-08-09")
    here.settle()
    assert len(bands_asked(here)) == 2 * len(asked)


def test_after_moving_the_map_the_days_beside_are_here_too(visit) -> None:
    """Server-painted tiles: what comes into view is fetched of the neighbours when idle."""
    here = visit(f"#lang=nl&l=ndvi&d={DAY}&g=-&v=15.5/52.59000/5.20500")

    def asked_of(date: str) -> set[str]:
        return {url.split("?")[0] for url in here.tiles if f"datetime={date}" in url}

    here.page.wait_for_load_state("networkidle")
    first = asked_of(DAY)
    here.page.locator("#map").focus()
    for _ in range(6):
        here.page.keyboard.press("ArrowRight")
        here.page.wait_for_timeout(150)
    for _ in range(300):
        fresh = asked_of(DAY) - first
        if fresh and fresh <= asked_of("2025-04-26") & asked_of("2025-08-09"):
            return
        here.page.wait_for_timeout(50)
    raise AssertionError(fresh - asked_of("2025-04-26"))
