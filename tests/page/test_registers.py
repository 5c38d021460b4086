"""Registers of a whole country on a page about a small place: what counts, is drawn, is taken."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import shapely

from landzicht.testing.serving import run

pytestmark = pytest.mark.browser

PHONE = (360, 740)
ROWS = 342
NEAR = 5


@pytest.fixture(scope="module")
def portal(seasons):
    return seasons


@pytest.fixture(scope="module")
def bounds(portal):
    return portal.get("/api/v1/collections").json()["collections"][0]["bounds"]


@pytest.fixture
def municipalities(portal, bounds, tmp_path):
    """As many as the Netherlands has, five of them where there are images."""
    west, south, east, north = bounds
    wide, high = (east - west) / NEAR, north - south
    near = [
        shapely.box(west + (n + 0.1) * wide, south + 0.3 * high, west + (n + 0.9) * wide, north)
        for n in range(NEAR)
    ]
    far = [
        shapely.box(x, y, x + 0.04, y + 0.04)
        for x in (3.5 + 0.05 * column for column in range(20))
        for y in (50.8 + 0.05 * row for row in range(20))
    ]
    features = [
        {
            "type": "Feature",
            "properties": {"id": f"GM{n:04}", "name": f"Gemeente {n}"},
            "geometry": shapely.geometry.mapping(shape),
        }
        for n, shape in enumerate([*far[: ROWS - NEAR], *near])
    ]
    path = tmp_path / "gemeenten.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    done = run("areas", "add", path, "--id", "gemeenten", "--title", "Gemeenten", data=portal.data)
    assert done.returncode == 0, done.stderr
    yield "gemeenten"
    run("areas", "remove", "gemeenten", data=portal.data)


def only(*ids: str):
    """Answer as a portal that has some of its registers only."""

    def areas(route) -> None:
        told = route.fetch().json()["areas"]
        route.fulfill(json={"areas": [each for each in told if each["id"] in ids]})

    return areas


def test_of_a_whole_country_the_areas_with_images_are_put_in_order(visit, municipalities) -> None:
    here = visit(link=None, locale="nl-NL")
    here.page.route("**/api/v1/areas", only(municipalities))
    here.go()
    here.settle()
    here.page.get_by_role("button", name="Waar is weinig groen?").click()
    here.page.locator("#part-measure .story p").first.wait_for()
    names = here.page.locator("#part-measure tbody th").all_inner_texts()
    assert sorted(names) == sorted(f"Gemeente {n}" for n in range(ROWS - NEAR, ROWS))
    here.page.get_by_role("button", name="Waar?").click()
    here.page.get_by_text("Of een hele lijst").click()
    assert here.page.get_by_role("button", name=f"Gemeenten ({NEAR})").is_visible()
    link = here.link
    other = visit(link=None)
    other.go(link)
    other.page.locator("#part-measure .story p").first.wait_for()
    assert sorted(other.page.locator("#part-measure tbody th").all_inner_texts()) == sorted(names)


def test_of_a_list_that_is_too_long_the_part_in_view_is_taken(visit, portal) -> None:
    """As if 200 were reached: the portal says `more` of all that is asked of the whole place."""
    here = visit("#lang=nl&l=ndvi&v=15/52.6/5.19")

    def crowded(route) -> None:
        told = route.fetch().json()
        box = parse_qs(urlsplit(route.request.url).query).get("bbox")
        route.fulfill(json=told | {"more": box is None})

    here.page.route(re.compile("zonderland-parcels/items"), crowded)
    here.page.get_by_role("button", name="Waar?").click()
    here.page.get_by_text("Of een hele lijst").click()
    here.page.get_by_role("button", name="percelen").click()
    here.page.get_by_text("Deze lijst is lang. U ziet wat nu op de kaart ligt.").wait_for()
    here.page.locator("#part-measure .story p").first.wait_for()
    rows = here.page.locator("#part-measure tbody tr").count()
    assert 0 < rows < portal.get("/api/v1/areas/zonderland-parcels").json()["rows"]


def test_who_asks_about_a_crop_sees_the_parcels_and_takes_one(visit, portal) -> None:
    features = portal.get("/api/v1/areas/zonderland-parcels/items?limit=1000").json()["features"]
    largest = max(features, key=lambda each: each["properties"]["area_ha"])
    point = shapely.geometry.shape(largest["geometry"]).representative_point()
    here = visit(f"#lang=nl&l=ndvi&q=crop&v=15/{point.y:.5f}/{point.x:.5f}", size=PHONE)
    with here.page.expect_request(re.compile("zonderland-parcels/items.*bbox=")):
        here.page.get_by_role("button", name="Zoom uit").click()
    here.page.locator("#map").focus()
    here.page.keyboard.press("Enter")
    here.wait_for_link("a=zonderland-parcels")
    assert here.link.count(f"zonderland-parcels%3A{largest['id']}") or here.link.count(
        f"zonderland-parcels:{largest['id']}"
    )


@pytest.mark.parametrize(
    ("language", "says"), [("nl", "Hier is geen perceel."), ("en", "There is no parcel here.")]
)
def test_beside_the_parcels_there_is_none_and_no_municipality_is_taken(
    visit, portal, language: str, says: str
) -> None:
    lon, lat = between(portal)
    here = visit(f"#lang={language}&l=ndvi&q=crop&v=16/{lat:.6f}/{lon:.6f}", size=PHONE)
    here.page.locator("#map").focus()
    here.page.keyboard.press("Enter")
    here.page.get_by_role("alert").filter(has_text=says).locator("visible=true").wait_for()
    assert "a=" not in here.link
    # Without the question it is a place in a municipality.
    link = f"#lang={language}&l=ndvi&v=16/{lat:.6f}/{lon:.6f}"
    here.page.evaluate("link => { location.hash = link; }", link)
    here.page.wait_for_function("() => !location.hash.includes('q=crop')")
    here.page.locator("#map").focus()
    here.page.keyboard.press("Enter")
    here.wait_for_link("a=zonderland-municipalities")


def between(portal) -> tuple[float, float]:
    """Return a place in a municipality that is far from every parcel."""
    shapes = {}
    for name in ("parcels", "municipalities"):
        told = portal.get(f"/api/v1/areas/zonderland-{name}/items?limit=1000").json()["features"]
        shapes[name] = shapely.union_all(
            [shapely.geometry.shape(each["geometry"]) for each in told]
        )
    free = shapes["municipalities"].intersection(shapely.box(*shapes["parcels"].bounds))
    point = shapely.maximum_inscribed_circle(free.difference(shapes["parcels"])).coords[0]
    return point[0], point[1]


def test_a_register_that_fails_takes_no_names_of_others(visit) -> None:
    here = visit(link=None)
    here.page.route(
        re.compile("zonderland-parcels/items"), lambda route: route.fulfill(status=500, json={})
    )
    here.go("#lang=nl&q=drought&l=moisture")
    here.settle()
    here.page.get_by_role("combobox", name="Zoek een plek").fill("verz")
    here.page.get_by_role("option", name=re.compile("Verzonnum")).wait_for()
    here.forgive("500")
