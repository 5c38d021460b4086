"""A link holds everything that the reader chose, and another browser shows the same."""

from __future__ import annotations

import pytest
import shapely

pytestmark = pytest.mark.browser

PARTS = {
    "lang": "en",
    "c": "zonderland-s2",
    "l": "visual",
    "d": "2025-06-10",
    "f": "(B08-B04)/(B08+B04)",
    "b": "-0.1,0.9",
    "p": "cividis",
    "cmp": "swipe:2025-04-26:40",
    "k": "1",
    "crs": "rd",
    "g": "zonderland-parcels",
    "q": "crop",
    "a": "zonderland-parcels:39 @52.6,5.2,80",
    "m": "moisture",
}
"""Every key of docs/page.md but `base`, which only some operators allow, and `v`."""


def parts(here) -> dict[str, str]:
    return here.page.evaluate("Object.fromEntries(new URLSearchParams(location.hash.slice(1)))")


def wait_for_all(here, keys: set[str]) -> dict[str, str]:
    here.page.wait_for_function(
        "keys => { const found = new URLSearchParams(location.hash.slice(1));"
        " return keys.every((key) => found.has(key)); }",
        arg=sorted(keys),
    )
    return parts(here)


def test_a_link_restores_everything(visit) -> None:
    here = visit(link=None)
    asked = {**PARTS, "v": "14.00/52.60000/5.20000"}
    here.go("#" + "&".join(f"{key}={value.replace('+', '%2B')}" for key, value in asked.items()))
    here.settle()
    assert wait_for_all(here, set(asked)) == asked
    assert not here.page.get_by_text("Part of the link is no longer right").count()
    again = here.link
    other = visit(link=None)
    other.go(again)
    other.settle()
    assert wait_for_all(other, set(asked)) == asked
    page = other.page
    assert page.locator(".label").get_by_text("26 April 2025").is_visible()
    if not page.locator("#part-measure").is_visible():
        page.get_by_role("button", name="Measure").click()
    for name in ("Parcel 39", "Place 52.6000, 5.2000"):
        page.locator("#part-measure").get_by_role("button", name=f"Show {name} on").wait_for()
    page.get_by_role("button", name="What do you want to see?").click()
    page.get_by_text("Base map and projection", exact=False).click()
    assert page.get_by_label("The Netherlands (RD)").is_checked()


def test_what_is_measured_of_a_picture_goes_with_the_link(visit) -> None:
    here = visit("#lang=nl&l=visual&a=@52.6,5.2&m=moisture&v=15/52.6/5.2")
    field = here.page.get_by_label("Wat meten wij?")
    field.wait_for()
    assert field.input_value() == "moisture"
    field.select_option("water")
    here.wait_for_link("m=water")


def test_a_link_to_a_place_without_a_view_goes_there(visit, portal) -> None:
    """At the first visit, and when it is pasted while another place is shown."""
    fields = portal.get("/api/v1/areas/zonderland-parcels/items?limit=60").json()["features"]
    here = visit(link=None)
    for field in (fields[16], fields[50]):
        west, south, east, north = shapely.geometry.shape(field["geometry"]).bounds
        here.go(f"#lang=nl&l=ndvi&a=zonderland-parcels:{field['id']}")
        here.page.wait_for_function(
            """([west, south, east, north]) => {
              const [, at = ''] = location.hash.split('&v=');
              const [zoom, lat, lon] = at.split('/').map(Number);
              return zoom > 14 && west <= lon && lon <= east && south <= lat && lat <= north;
            }""",
            arg=[west, south, east, north],
        )
        here.page.wait_for_selector(".story p")
    here.go("#lang=nl&l=ndvi&a=zonderland-parcels:17&v=12.00/52.58000/5.21000")
    here.page.wait_for_selector(".story p")
    here.wait_for_link("v=12.00/52.58000/5.21000")


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=["laptop", "phone"])
def test_the_back_button_undoes_a_question_and_a_place(visit, portal, size) -> None:
    fields = portal.get("/api/v1/areas/zonderland-parcels/items?limit=60").json()["features"]
    yard = shapely.geometry.shape(fields[50]["geometry"]).representative_point()
    here = visit(
        "",
        size=size,
        locale="nl-NL",
        permissions=["geolocation"],
        geolocation={"longitude": yard.x, "latitude": yard.y},
    )
    page = here.page
    here.wait_for_link("v=")
    page.get_by_role("button", name="Hoe staat mijn gewas?").click()
    here.wait_for_link("q=crop")
    page.get_by_role("button", name="Mijn plek").click()
    page.wait_for_selector(".story p")
    here.wait_for_link("a=zonderland-parcels")
    page.go_back()
    page.locator(".story").wait_for(state="detached")
    page.get_by_role("button", name="Mijn plek").wait_for()
    assert "q=crop" in here.link
    page.go_back()
    page.get_by_role("button", name="Mijn plek").wait_for(state="hidden")
    assert page.get_by_role("button", name="Hoe staat mijn gewas?").is_visible()
    here.wait_for_link("l=visual")
    assert "q=" not in here.link
    page.go_forward()
    here.wait_for_link("q=crop")
    page.go_forward()
    page.wait_for_selector(".story p", state="attached")


def test_every_part_that_joins_the_link_is_tried_here() -> None:
    """A key that is new in the page must be added above."""
    import re
    from pathlib import Path

    page = Path(__file__).parents[2] / "page/src"
    found = set()
    for path in page.rglob("*.ts"):
        text = path.read_text()
        if "keepInLink({" in text:
            found |= set(re.findall(r"key: '(\w+)'", text))
    assert found - {"base"} == set(PARTS) - {"lang", "c", "l", "d"}
