"""Playing the days: waits for the picture, stops when asked, and never starts by itself."""

from __future__ import annotations

import itertools

import pytest

pytestmark = pytest.mark.browser

PLAY, PAUSE, STOP = "Speel af, dag na dag", "Pauze", "Stop en ga terug"
FOLLOW = """() => {
  window.seen = [];
  const map = document.getElementById('map');
  const day = () => document.querySelector('#dates input[type=radio]:checked')?.value;
  new MutationObserver(() => {
    if (map.dataset.state === 'complete') window.seen.push([day(), performance.now()]);
  }).observe(map, { attributeFilter: ['data-state'] });
}"""


def shown(here) -> str:
    return str(here.page.locator("#dates input[type=radio]:checked").get_attribute("value"))


def test_days_play_in_order_and_stop_goes_back(visit) -> None:
    here = visit("#lang=nl&l=ndvi&d=2025-04-26&k=1")
    first = shown(here)
    here.page.wait_for_timeout(1800)
    assert shown(here) == first, "it never starts by itself"
    days = [
        each.get_attribute("value") for each in here.page.locator("#dates input[type=radio]").all()
    ]
    here.page.evaluate(FOLLOW)
    here.page.get_by_role("button", name=PLAY).click()
    here.page.wait_for_function("() => window.seen.length >= 3", timeout=20_000)
    here.page.get_by_role("button", name=PAUSE).click()
    seen = here.page.evaluate("window.seen")
    at = days.index(first)
    order = [days[(at + n) % len(days)] for n in range(1, 4)]
    assert [day for day, _ in seen[:3]] == order
    gaps = [b - a for (_, a), (_, b) in itertools.pairwise(seen)]
    assert min(gaps) > 1500, "calm for who asked for less motion"
    paused = shown(here)
    here.page.wait_for_timeout(2200)
    assert shown(here) == paused
    here.page.get_by_role("button", name=STOP).click()
    here.page.wait_for_function(
        "day => document.querySelector('#dates input[type=radio]:checked')?.value === day",
        arg=first,
    )
    assert not here.page.get_by_role("button", name=STOP).is_visible()


def test_a_day_stays_until_its_picture_is_there(visit) -> None:
    """Tiles of the next days come late: no day is skipped, and the old picture stays."""
    here = visit("#lang=nl&l=ndvi&d=2025-04-26&k=1", reduced_motion="no-preference")
    held = []

    def hold(route) -> None:
        if held is None:
            route.continue_()
        else:
            held.append(route)

    here.page.route("**/WebMercatorQuad/**", hold)
    here.page.route("**/*.bands*", hold)
    here.page.get_by_role("button", name=PLAY).click()
    first = shown(here)
    here.page.wait_for_timeout(2500)
    assert shown(here) == first, "it waits"
    here.page.evaluate(FOLLOW)
    late, held = held, None
    for route in late:
        route.continue_()
    here.page.wait_for_function("() => window.seen.length >= 2", timeout=20_000)


def test_the_film_can_be_saved_from_the_player(visit) -> None:
    here = visit("#lang=nl&l=ndvi&d=2025-04-26")
    here.page.get_by_role("button", name=PLAY).click()
    here.page.keyboard.press("Escape")
    here.page.get_by_role("button", name=PLAY).wait_for()  # it paused
    here.page.get_by_role("button", name=PLAY).click()
    here.page.get_by_role("button", name="Bewaar als filmpje").click()
    dialog = here.page.get_by_role("dialog")
    dialog.wait_for()
    assert dialog.get_by_role("button", name="Filmpje").get_attribute("aria-expanded") == "true"
    assert here.page.get_by_role("button", name=PLAY).count() == 1, "it paused"
