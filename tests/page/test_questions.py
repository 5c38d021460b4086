"""Question cards: only those that the data can answer, and each leads to layer, day and place."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.browser

PHONE = (360, 740)
ALL = [
    "Hoe staat mijn gewas?",
    "Is het hier droog?",
    "Waar staat water?",
    "Waar is weinig groen?",
    "Wat is er veranderd?",
    "Volg mijn locaties",
    "Lesvoorbeeld",
    "Alles zelf kiezen",
]


@pytest.fixture(scope="module")
def portal(seasons):
    return seasons


@pytest.fixture(scope="module")
def here(stay):
    """A first visit, on which one question after the other is asked."""
    return stay(link="", locale="nl-NL")


def cards(visit) -> list[str]:
    return visit.page.locator("#part-ask .title").all_inner_texts()


def test_a_first_visitor_sees_questions_a_map_and_a_day(visit):
    for size in (PHONE, (1366, 768)):
        arrived = visit(link="", size=size, locale="nl-NL")
        assert arrived.page.get_by_role("heading", name="Wat wilt u weten?").is_visible()
        assert arrived.page.get_by_role("button", name="Hoe staat mijn gewas?").is_visible()
        assert arrived.page.locator("#dates").is_visible()
        share = arrived.page.evaluate(
            "() => document.querySelector('aside').getBoundingClientRect().height / innerHeight"
        )
        assert size != PHONE or share < 0.25, "the map comes first on a phone"


def open_cards(visit) -> None:
    if not visit.page.locator("#part-ask li").count():
        visit.page.get_by_role("button", name="Wat wilt u weten?").click()


def test_all_that_zonderland_can_answer_is_asked(here):
    open_cards(here)
    here.page.wait_for_function("() => document.querySelectorAll('#part-ask ul li').length >= 8")
    assert cards(here) == ALL


@pytest.mark.parametrize(
    ("card", "layer", "part", "says"),
    [
        ("Hoe staat mijn gewas?", "ndvi", "where", "Tik op uw perceel"),
        ("Is het hier droog?", "moisture", "where", "Tik op de plek"),
        ("Waar staat water?", "water", "where", "Blauw is water"),
        ("Waar is weinig groen?", "ndvi", "measure", "Zonderland: gemeenten"),
        ("Volg mijn locaties", "ndvi", "where", "Kies een bestand met uw locaties"),
        ("Lesvoorbeeld", "ndvi", "ask", "een jaar zien groeien"),
        ("Wat is er veranderd?", "visual", "compare", ""),
        ("Alles zelf kiezen", "", "see", ""),
    ],
)
def test_a_question_leads_to_layer_day_and_place(here, card, layer, part, says):
    open_cards(here)
    here.page.get_by_role("button", name=card).click()
    if layer:
        here.wait_for_link(f"l={layer}&")
    if part != "compare":
        here.page.locator(f"#part-{part}").filter(has_text=says).wait_for()
    here.settle()


def without(*layers: str):
    """Answer as a portal whose collection lacks some layers."""

    def collections(route) -> None:
        body = route.fetch().json()
        for collection in body["collections"]:
            collection["layers"] = [
                layer for layer in collection["layers"] if layer["name"] not in layers
            ]
        route.fulfill(content_type="application/json", body=json.dumps(body))

    return collections


def test_no_card_leads_nowhere(visit):
    arrived = visit(link=None, locale="nl-NL")
    arrived.page.route("**/api/v1/collections", without("ndvi", "moisture"))
    arrived.page.route(
        "**/api/v1/areas", lambda route: route.fulfill(json={"areas": []}, status=200)
    )
    arrived.go()
    arrived.settle()
    assert cards(arrived) == ["Waar staat water?", "Wat is er veranderd?", "Alles zelf kiezen"]


def test_a_question_is_in_the_link_and_in_english(visit):
    arrived = visit("#lang=en&q=drought&l=moisture")
    assert arrived.page.get_by_text("Tap the place that you want to know about.").is_visible()
    assert arrived.page.get_by_role("combobox", name="Find a place").is_visible()
