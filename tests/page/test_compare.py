"""Two dates beside each other: with a line, on two maps, as a difference."""

from __future__ import annotations

import re

import imagecodecs
import numpy as np
import pytest

pytestmark = pytest.mark.browser

BEFORE, AFTER = "2025-04-26", "2025-08-09"
VIEW = "g=-&v=13.00/52.58700/5.22200"
CLIP = {"x": 600, "y": 130, "width": 440, "height": 280}
PHONE = (390, 844)


def screen(visit, clip: dict[str, int] = CLIP) -> np.ndarray:
    visit.settle()
    return imagecodecs.png_decode(visit.page.screenshot(clip=clip))[..., :3].astype(float)


def choose(visit, mode: str) -> None:
    visit.page.get_by_role("button", name="Vergelijk", exact=True).click()
    visit.page.get_by_label(mode).check()


def test_line_shows_one_date_left_and_the_other_right(tab) -> None:
    shots = {}
    here = tab(f"#lang=nl&l=visual&d={AFTER}&cmp=swipe:{BEFORE}:50&{VIEW}")
    for share in (100, 0, 50):
        here.page.get_by_label("Plaats van de lijn").fill(str(share))
        here.wait_for_link(f"cmp=swipe:{BEFORE}:{share}")
        here.page.wait_for_timeout(300)
        shots[share] = screen(here)
    line = here.page.locator(".line").bounding_box()
    at = round(line["x"] + line["width"] / 2 - CLIP["x"])
    before, after, both = shots[100], shots[0], shots[50]
    assert np.abs(before - after).mean() > 8
    margin = 30  # the line and its knob
    assert np.abs(both - before)[:, : at - margin].mean() < 1
    assert np.abs(both - after)[:, at + margin :].mean() < 1


def test_the_chosen_day_is_at_the_right_however_they_are_shown(tab) -> None:
    """Each half of two maps, and each side of the line, is the picture of its label."""
    alone = {}
    for day in (BEFORE, AFTER):
        here = tab(f"#lang=en&l=visual&d={day}&g=-&v=14.00/52.58700/5.22200")
        alone[day] = middle(here, here.page.locator("#map").bounding_box(), left=344)
    here = tab(f"#lang=en&l=visual&d={AFTER}&cmp=side:{BEFORE}:50&g=-&v=14.00/52.58700/5.22200")
    here.page.wait_for_selector("#second-map[data-state=complete]")
    for name, day, left in (("#second-map", BEFORE, 344), ("#map", AFTER, 0)):
        found = middle(here, here.page.locator(name).bounding_box(), left=left)
        other = alone[AFTER if day == BEFORE else BEFORE]
        assert np.abs(found - alone[day]).mean() < np.abs(found - other).mean() / 2, name
    for mode in ("swipe", "side"):
        link = f"#lang=en&l=visual&d={AFTER}&cmp={mode}:{BEFORE}:50"
        here.page.evaluate("link => { location.hash = link; }", link)
        here.wait_for_link(f"cmp={mode}")
        labels = here.page.locator(".label span")
        labels.first.wait_for()
        told = {one.bounding_box()["x"]: one.inner_text().split("\n") for one in labels.all()}
        assert [told[x] for x in sorted(told)] == [
            ["Left:", "26 April 2025"],
            ["Right:", "9 August 2025"],
        ]
        panel = here.page.locator("#part-compare")
        panel.get_by_label("Which day on the left?").wait_for()
        assert "On the right is the day of the time bar: 9 August 2025." in panel.inner_text()


def middle(here, box: dict[str, float], left: float) -> np.ndarray:
    """Return the mean colours of small blocks around the middle of what is free of a map."""
    here.settle()
    here.page.wait_for_timeout(300)
    right = 0 if here.page.locator("#second-map").count() and left else 68
    across = box["x"] + left + 14 + (box["width"] - left - 14 - right) / 2
    clip = {"x": across - 120, "y": 230, "width": 240, "height": 160}
    pixels = imagecodecs.png_decode(here.page.screenshot(clip=clip))[..., :3].astype(float)
    return pixels.reshape(8, 20, 12, 20, 3).mean((1, 3))


def test_both_dates_are_always_printed(tab) -> None:
    here = tab(f"#lang=en&l=ndvi&d={AFTER}&cmp=swipe:{BEFORE}:50")
    for mode in ("swipe", "side", "difference"):
        link = f"#lang=en&l=ndvi&d={AFTER}&cmp={mode}:{BEFORE}:50"
        here.page.evaluate("link => { location.hash = link; }", link)
        here.wait_for_link(f"cmp={mode}")
        for day in ("26 April 2025", "9 August 2025"):
            here.page.locator(".label").get_by_text(day).wait_for()


def test_from_the_panel_with_the_keyboard_only(tab) -> None:
    here = tab(f"#lang=nl&l=ndvi&d={AFTER}")
    part = here.page.get_by_role("button", name="Vergelijk", exact=True)
    part.focus()
    here.page.keyboard.press("Enter")
    off = here.page.get_by_label("Niet vergelijken")
    off.focus()
    here.page.keyboard.press("ArrowDown")
    here.wait_for_link("cmp=swipe:")
    line = here.page.get_by_label("Plaats van de lijn")
    line.focus()
    for _ in range(5):
        here.page.keyboard.press("ArrowLeft")
    here.wait_for_link(":45")
    assert line.get_attribute("aria-valuetext") == "Lijn op 45% van links"
    off.focus()
    here.page.keyboard.press("Space")
    here.page.wait_for_function("() => !location.hash.includes('cmp=')")
    here.settle()
    assert not here.page.locator(".label").count()


def test_two_maps_move_together(tab) -> None:
    here = tab(f"#lang=nl&l=visual&d={AFTER}&cmp=side:{BEFORE}:50")
    here.page.wait_for_selector("#second-map[data-state=complete]")
    dates = {date for url in here.tiles for date in re.findall(r"datetime=([\d-]+)", url)}
    assert {BEFORE, AFTER} <= dates
    boxes = [here.page.locator(name).bounding_box() for name in ("#map", "#second-map")]
    assert boxes[1]["x"] + boxes[1]["width"] == pytest.approx(boxes[0]["x"], abs=2)

    def second() -> np.ndarray:
        here.page.wait_for_selector("#second-map[data-state=complete]")
        clip = {"x": 400, "y": 130, "width": 400, "height": 280}
        return imagecodecs.png_decode(here.page.screenshot(clip=clip))[..., :3].astype(float)

    still = second()
    assert still.std() > 8, "the second map is blank"
    here.page.locator("#map").focus()
    here.page.keyboard.press("ArrowDown")
    here.page.wait_for_timeout(700)
    assert np.abs(second() - still).mean() > 3, "the second map stayed behind"
    view = here.link
    here.page.mouse.move(600, 300)
    here.page.mouse.down()
    here.page.mouse.move(560, 260, steps=3)
    here.page.mouse.up()
    here.page.wait_for_function("before => location.hash !== before", arg=view)


def test_the_second_map_shows_areas_and_places_and_takes_the_keyboard(tab) -> None:
    """Without either, with areas, with a place: each can be seen on the second map."""
    clip = {"x": 400, "y": 130, "width": 400, "height": 280}

    def second(link: str) -> np.ndarray:
        here.page.evaluate("link => { location.hash = link; }", link)
        here.page.wait_for_function("link => location.hash.includes(link)", arg=link.split("&")[-2])
        here.page.wait_for_selector("#second-map[data-state=complete]")
        here.page.wait_for_load_state("networkidle")
        here.page.wait_for_timeout(600)
        return imagecodecs.png_decode(here.page.screenshot(clip=clip))[..., :3].astype(float)

    view = "v=13.00/52.58700/5.22200"
    start = f"#lang=nl&l=visual&d={AFTER}&cmp=side:{BEFORE}:50"
    here = tab(f"{start}&g=-&{view}")
    here.page.wait_for_selector("#second-map[data-state=complete]")
    bare = second(f"{start}&g=-&{view}")
    areas = second(f"{start}&g=zonderland-parcels&{view}")
    assert (np.abs(areas - bare).max(-1) > 12).mean() > 0.01, "no areas on the second map"
    second(f"{start}&g=-&{view}")
    here.page.locator("#second-map").focus()
    before = here.link
    here.page.keyboard.press("Tab")
    here.page.keyboard.press("Shift+Tab")
    assert here.page.evaluate("document.activeElement.id") == "second-map"
    ring = here.page.evaluate(
        "getComputedStyle(document.getElementById('second-map'), '::after').borderTopWidth"
    )
    assert ring == "4px"
    here.page.keyboard.press("ArrowRight")
    here.page.wait_for_function("before => location.hash !== before", arg=before)
    here.page.keyboard.press("Enter")
    here.page.wait_for_function("() => /[&#]a=/.test(location.hash)")
    here.page.wait_for_timeout(900)
    chosen = imagecodecs.png_decode(here.page.screenshot(clip=clip))[..., :3].astype(float)
    edge = (np.abs(chosen - (16, 33, 31)).max(-1) < 24).sum()
    assert edge > 60, "the place is not drawn on the second map"


def test_difference_is_green_where_more_grew(tab) -> None:
    here = tab(f"#lang=nl&l=ndvi&d={AFTER}&cmp=difference:{BEFORE}:50&{VIEW}")
    asked = [url for url in here.requests[here.start :] if ".bands" in url]
    dates = [date for url in asked for date in re.findall(r"datetime=([\d-]+)", url)]
    assert set(dates) >= {BEFORE, AFTER}
    ahead = len(dates) - dates.count(BEFORE) - dates.count(AFTER)
    assert not set(dates[: len(dates) - ahead]) - {BEFORE, AFTER}, "other days come after these"
    here.page.get_by_role("button", name="Wat wilt u zien?").click()
    ends = here.page.locator(".ends").inner_text().lower()
    assert "minder" in ends
    assert "meer" in ends
    box = here.page.locator("#map").bounding_box()
    seen = 0
    for x, y in [(x, y) for y in range(180, 480, 60) for x in range(700, 1000, 70)]:
        here.page.mouse.move(box["x"] + x, box["y"] + y)
        here.page.wait_for_timeout(60)
        big = here.page.locator("aside .big")
        if not big.count():
            continue
        value = float(big.inner_text().replace(",", ".").replace("−", "-"))
        shot = imagecodecs.png_decode(
            here.page.screenshot(clip={"x": x - 1, "y": y - 1, "width": 3, "height": 3})
        )
        red, green, blue = shot[1, 1, :3].astype(int)
        if abs(value) > 0.2:
            seen += 1
            # PRGn: purple below, green above.
            assert (green > max(red, blue)) == (value > 0), (value, red, green, blue)
    assert seen > 3


def test_a_picture_without_numbers_has_no_difference_and_says_so(tab) -> None:
    here = tab(f"#lang=nl&l=visual&d={AFTER}&cmp=difference:{BEFORE}:50")
    here.page.get_by_role("alert").filter(has_text="geen getallen").wait_for()
    assert screen(here).std() > 8


def test_a_broken_comparison_in_a_link_is_one_picture(tab) -> None:
    here = tab(f"#lang=nl&l=visual&d={AFTER}&cmp=swipe")
    told = here.page.locator(".banners").get_by_text("link klopt niet")
    for part in ("cmp=x:2025-04-26", "cmp=swipe:2025-04-26:900", "cmp=side:nooit:50"):
        told.wait_for()
        assert not here.page.locator(".label").count()
        assert screen(here).std() > 8
        here.page.locator(".banners").get_by_role("button", name="Sluit").click()
        told.wait_for(state="detached")
        link = f"#lang=nl&l=visual&d={AFTER}&{part}"
        here.page.evaluate("link => { location.hash = link; }", link)
    told.wait_for()


@pytest.mark.parametrize("mode", ["swipe", "side"])
def test_fits_on_a_phone(tab, mode: str) -> None:
    here = tab(f"#lang=nl&l=visual&d={AFTER}&cmp={mode}:{BEFORE}:50", size=PHONE)
    here.page.locator(".label").wait_for()
    for box in here.page.locator(".label span").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect().toJSON())"
    ):
        assert box["left"] >= 0
        assert box["right"] <= PHONE[0]
    assert here.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
