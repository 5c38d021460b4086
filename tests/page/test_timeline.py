"""The dates on which a place can be seen: listed, counted, stepped through, fetched ahead."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest

pytestmark = pytest.mark.browser

CLOUDY = "2025-07-10"
CLEAR = ["2025-04-26", "2025-06-10", "2025-08-09"]
PHONE = (390, 844)
SAVES_DATA = """
Object.defineProperty(navigator, 'connection', { value: { saveData: true } });
"""


def listed(visit) -> list[str]:
    return visit.page.locator("#dates .chip").evaluate_all("all => all.map((e) => e.dataset.date)")


def wait_for_list(visit, dates: list[str]) -> None:
    visit.page.wait_for_function(
        "dates => [...document.querySelectorAll('#dates .chip')]"
        ".map((e) => e.dataset.date).join() === dates.join()",
        arg=dates,
    )


def sights(base: str, box: list[float]) -> dict[str, dict]:
    """Return what the server says of a box, by date."""
    path = f"{base}/api/v1/collections/zonderland-s2/usable-dates?bbox={','.join(map(str, box))}"
    with urllib.request.urlopen(path) as answer:
        return {day["date"]: day for day in json.load(answer)["dates"]}


@pytest.mark.parametrize("size", [(1366, 768), PHONE], ids=["laptop", "phone"])
def test_lists_only_days_on_which_the_place_can_be_seen(tab, size) -> None:
    here = tab("#lang=nl", size=size)
    wait_for_list(here, CLEAR)
    assert "3 van 4 dagen" in here.page.locator("#dates").inner_text()
    here.page.get_by_label("Ook bewolkte dagen").check()
    wait_for_list(here, sorted([*CLEAR, CLOUDY]))
    here.wait_for_link("k=1")
    here.page.locator(f"[data-date='{CLOUDY}']").click()
    here.wait_for_link(f"d={CLOUDY}")
    here.page.get_by_label("Ook bewolkte dagen").uncheck()
    assert CLOUDY in listed(here), "the chosen day stays in the list"


def test_link_with_cloudy_days(tab) -> None:
    here = tab("#lang=en&k=1")
    wait_for_list(here, sorted([*CLEAR, CLOUDY]))
    assert here.page.get_by_label("Cloudy days, too").is_checked()


PATIENCE = 200
"""Looks, four in a second."""


def test_says_what_the_server_says_of_this_part_of_the_map(tab) -> None:
    here = tab("#lang=en&k=1&d=2025-07-10&v=16.50/52.58700/5.22000")
    whole = {
        day["date"]: day["cloud_cover"]
        for day in json.load(
            urllib.request.urlopen(f"{here.base}/api/v1/collections/zonderland-s2/dates")
        )["dates"]
    }
    head, told = here.page.locator("#dates .head"), {}
    for _ in range(PATIENCE):  # it asks once more when the panel has taken its place
        asked = [url for url in here.requests[here.start :] if "usable-dates" in url]
        if asked:
            box = [float(edge) for edge in re.search(r"bbox=([^&]+)", asked[-1])[1].split(",")]
            told = sights(here.base, box)
            share = f"{round(told[CLOUDY]['cloud_cover'])}%"
            if head.get_by_text(f"{share} clouds here").count():
                break
        here.page.wait_for_timeout(250)
    assert f"{share} clouds here" in head.inner_text()
    assert abs(told[CLOUDY]["cloud_cover"] - whole[CLOUDY]) > 3, "choose a spot that differs"
    expected = sorted(
        date
        for date, day in told.items()
        if day["coverage"] >= 50 and (day["cloud_cover"] or 0) <= 20
    )
    marked = here.page.locator("#dates .chip:not(.away)")
    assert marked.evaluate_all("all => all.map((e) => e.dataset.date)") == expected


def test_arrow_keys_and_buttons_pass_by_cloudy_days(tab) -> None:
    here = tab("#lang=nl&d=2025-06-10")
    wait_for_list(here, CLEAR)
    here.page.locator("input[name=day]:checked").focus()
    here.page.keyboard.press("ArrowRight")
    here.wait_for_link("d=2025-08-09")
    here.page.get_by_role("button", name="Vorige dag met beeld").click()
    here.wait_for_link("d=2025-06-10")


def test_each_day_is_told_in_words(tab) -> None:
    here = tab("#lang=en&k=1")
    wait_for_list(here, sorted([*CLEAR, CLOUDY]))
    spoken = here.page.locator(f"[data-date='{CLOUDY}'] input").get_attribute("aria-label")
    assert re.match(r"Thursday,? 10 July 2025, \d+% clouds here", spoken)


def test_nothing_is_fetched_ahead_for_readers_who_save_data(visit) -> None:
    here = visit(link=None)
    here.page.add_init_script(SAVES_DATA)
    here.go("#lang=nl&d=2025-06-10")
    here.settle()
    here.page.wait_for_timeout(1500)
    dates = {date for url in here.tiles for date in re.findall(r"datetime=([\d-]+)", url)}
    assert dates == {"2025-06-10"}


def test_when_the_server_does_not_tell_the_images_themselves_count(tab) -> None:
    here = tab(link=None)
    here.page.route("**/usable-dates**", lambda route: route.fulfill(status=413, body="{}"))
    here.go("#lang=nl")
    here.settle()
    wait_for_list(here, CLEAR)
    here.forgive("413")


def test_days_are_those_of_the_place_that_was_chosen(tab) -> None:
    here = tab(link=None)
    with here.page.expect_request(
        lambda asked: "usable-dates" in asked.url and asked.method == "POST"
    ) as told:
        here.go("#lang=en&k=1&d=2025-07-10&a=@52.59,5.222,150")
    here.settle()
    body = json.loads(told.value.post_data)
    assert body["geometry"]["type"] == "Polygon"
    again = urllib.request.Request(
        told.value.url, told.value.post_data.encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(again) as answer:
        days = {day["date"]: day for day in json.load(answer)["dates"]}
    share = f"{round(days[CLOUDY]['cloud_cover'])}%"
    here.page.locator("#dates .head").get_by_text(f"{share} clouds here").wait_for()
    # Moving the map does not change what is asked: the place stays the place.
    asked = len([url for url in here.requests if "usable-dates" in url])
    here.page.locator("#map").focus()
    here.page.keyboard.press("ArrowRight")
    here.page.wait_for_timeout(1200)
    assert len([url for url in here.requests if "usable-dates" in url]) == asked
