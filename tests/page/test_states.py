"""What the page says when there is nothing yet, not enough, or something is wrong."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.browser

TASK = {
    "name": "zonderland",
    "title": {"nl": "Zonderland wordt gemaakt", "en": "Zonderland is being made"},
    "total": 24,
}


def answer(route, body: object, status: int = 200) -> None:
    route.fulfill(status=status, content_type="application/json", body=json.dumps(body))


def status_of(task: object) -> dict[str, object]:
    return {"ready": True, "task": task, "failed": None, "version": "0"}


def test_first_start_shows_how_far_it_is_and_then_the_map(tab) -> None:
    here = tab(link=None)
    done = {"steps": 0}

    def status(route) -> None:
        busy = done["steps"] < 24
        answer(route, status_of({**TASK, "done": done["steps"]} if busy else None))

    def collections(route) -> None:
        if done["steps"]:
            route.continue_()
        else:
            answer(route, {"collections": []})

    here.page.route("**/api/v1/status", status)
    here.page.route("**/api/v1/collections", collections)
    here.go("#lang=en")
    here.page.get_by_text("0 of 24 dates ready").wait_for()
    assert here.page.get_by_role("progressbar").is_visible()
    done["steps"] = 3
    here.page.get_by_text("3 of 24 dates ready").wait_for()
    here.settle()
    shown = len(here.tiles)
    done["steps"] = 5
    here.page.get_by_text("5 of 24 dates ready").wait_for()
    assert len(here.tiles) - shown <= 12, "the same picture is loaded again and again"
    done["steps"] = 24
    here.page.get_by_text("of 24 dates ready").wait_for(state="detached")
    asked = len([url for url in here.requests if url.endswith("/status")])
    here.page.wait_for_timeout(2500)
    assert len([url for url in here.requests if url.endswith("/status")]) == asked


def test_empty_portal_tells_how_to_fill_it(tab) -> None:
    here = tab(link=None)
    here.page.route("**/api/v1/collections", lambda route: answer(route, {"collections": []}))
    here.go("#lang=nl")
    here.page.get_by_text("landzicht ingest").wait_for()
    assert here.page.get_by_role("link", name="Lees in de uitleg").is_visible()


@pytest.mark.parametrize(
    ("language", "title", "why"),
    [
        ("nl", "De eerste beelden zijn niet gelukt", "De reden: de schijf is vol."),
        ("en", "The first images could not be made", "The reason: the disk is full."),
    ],
)
def test_a_first_start_that_failed_is_no_empty_portal(tab, language, title, why) -> None:
    here = tab(link=None)
    reason = {"nl": "de schijf is vol", "en": "the disk is full"}
    told = status_of(None) | {"failed": "disk-failed", "failed_reason": reason}
    here.page.route("**/api/v1/status", lambda route: answer(route, told))
    here.page.route("**/api/v1/collections", lambda route: answer(route, {"collections": []}))
    here.go(f"#lang={language}")
    here.page.get_by_role("heading", name=title).wait_for()
    card = here.page.get_by_role("status").filter(has_text=title)
    assert why in card.inner_text()
    assert "landzicht ingest" not in card.inner_text()


def test_what_was_made_before_it_failed_can_be_looked_at(tab) -> None:
    here = tab(link=None)
    reason = {"nl": "de schijf is vol", "en": "the disk is full"}
    told = status_of(None) | {"failed": "disk-failed", "failed_reason": reason}
    here.page.route("**/api/v1/status", lambda route: answer(route, told))
    here.go("#lang=nl")
    here.settle()
    here.page.get_by_text("Wat klaar is, kunt u bekijken. De reden: de schijf is vol.").wait_for()


def test_a_collection_without_images_says_so(tab) -> None:
    here = tab(link=None)
    here.page.route("**/zonderland-s2/dates*", lambda route: answer(route, {"dates": []}))
    for language, title in (("nl", "Nog geen beelden"), ("en", "No images in this collection")):
        here.go(f"#lang={language}")
        here.page.reload()
        here.page.get_by_role("heading", name=title).wait_for()


def test_server_that_comes_back_is_noticed(tab) -> None:
    here = tab(link=None)
    here.page.route("**/api/v1/status", lambda route: answer(route, {}, 503))
    here.go("#lang=nl")
    here.page.get_by_text("De server antwoordt niet").wait_for()
    here.page.unroute_all()
    here.settle()
    assert "De server antwoordt niet" not in here.page.locator("main").inner_text()
    here.forgive("503")


def test_tiles_that_fail_can_be_tried_again(tab) -> None:
    here = tab(link=None)
    here.page.route("**/WebMercatorQuad/**", lambda route: answer(route, {}, 500))
    here.go("#lang=nl")
    here.page.get_by_text("Dit beeld kon niet worden geladen").wait_for()
    here.page.unroute_all()
    here.page.get_by_role("button", name="Probeer opnieuw").click()
    here.page.get_by_text("Dit beeld kon niet worden geladen").wait_for(state="detached")
    here.forgive("500")


def test_failed_value_says_so(tab) -> None:
    here = tab("#lang=nl&l=ndvi")
    here.page.route("**/point/**", lambda route: answer(route, {}, 500))
    here.page.locator("#map").focus()
    here.page.keyboard.press("ArrowRight")
    here.page.get_by_text("De waarde kon niet worden opgehaald").wait_for()
    here.forgive("500")


def test_texts_of_the_server_are_text(tab) -> None:
    here = tab(link=None)

    def collections(route) -> None:
        body = route.fetch().json()
        evil = "<img src=x onerror=alert(1)>"
        body["collections"][0]["title"] = {"nl": evil, "en": evil}
        body["collections"][0]["sources"] = [evil]
        answer(route, body)

    here.page.route("**/api/v1/collections", collections)
    here.go("#lang=nl")
    here.settle()
    assert "<img src=x" in here.page.locator(".credit").inner_text()
    assert here.page.locator("img[src=x]").count() == 0
