"""Where: by name, by numbers, by drawing, from a file, by tapping; and what the link keeps."""

from __future__ import annotations

import json
import re

import numpy as np
import pyproj
import pytest
import shapely

pytestmark = pytest.mark.browser

PHONE = (360, 740)
# Metres for each pixel at zoom 0 on the equator, in OpenLayers' web-mercator views.
METRES_AT_ZERO = 156_543.034
LOOKS_WITHIN = """([west, south, east, north]) => {
  const [, lat, lon] = location.hash.split('v=')[1].split('/').map(Number);
  return west < lon && lon < east && south < lat && lat < north;
}"""


@pytest.fixture(scope="module")
def portal(seasons):
    return seasons


START = "#lang=nl&q=crop&v=15/52.6000/5.2000"


@pytest.fixture(scope="module")
def standing(stay):
    """One page for all tests that need nothing of their own; a link brings it back to the start."""
    return stay(START, permissions=["geolocation"], locale="nl-NL")


@pytest.fixture
def here(standing):
    standing.page.evaluate("() => { location.hash = '#lang=en' }")
    standing.wait_for_link("lang=en&c=")  # it was followed, and written anew
    standing.page.evaluate(f"() => {{ location.hash = '{START}' }}")
    standing.page.get_by_role("combobox", name="Zoek een plek").fill("")
    standing.page.wait_for_function("() => !location.hash.includes('a=')")
    return standing


def linked(here) -> list[str]:
    """Return the places in the link."""
    here.page.wait_for_function("() => new URLSearchParams(location.hash.slice(1)).has('a')")
    return here.page.evaluate("new URLSearchParams(location.hash.slice(1)).get('a')").split(" ")


def spots(here) -> list[tuple[float, float]]:
    found = [re.fullmatch(r"@(-?[\d.]+),(-?[\d.]+)(,\d+)?", part) for part in linked(here)]
    return [(float(each[1]), float(each[2])) for each in found]


def search(here, text: str) -> None:
    field = here.page.get_by_role("combobox", name="Zoek een plek")
    field.fill(text)
    here.page.wait_for_selector("#place-found li")


def test_a_name_is_found_by_keyboard(here):
    field = here.page.get_by_role("combobox", name="Zoek een plek")
    field.focus()
    field.press_sequentially("verz")
    here.page.get_by_role("option", name=re.compile("Verzonnum")).wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    field.press("ArrowDown")
    assert here.page.locator("[aria-selected=true]").inner_text().startswith("Verzonnum")
    field.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert field.input_value() == "verz"
    field.press("Escape")
    assert field.input_value() == ""
    field.press_sequentially("verz")
    here.page.get_by_role("option", name=re.compile("Verzonnum")).wait_for()
    field.press("Enter")
    here.page.get_by_role("button", name="Toon Verzonnum op de kaart").wait_for()
    assert linked(here)[0].startswith("zonderland-municipalities:")


def test_a_parcel_is_found_by_its_number_and_by_its_crop_note(here):
    search(here, "39")
    first = here.page.locator("#place-found li").first
    assert first.inner_text().startswith("Perceel 39")
    assert "Gerst" in first.inner_text()
    first.click()
    assert linked(here) == ["zonderland-parcels:39"]


def test_names_are_found_without_a_connection(here, portal):
    items = portal.get("/api/v1/areas/zonderland-municipalities/items").json()["features"]
    (far,) = [one for one in items if one["properties"]["name"] == "Nergenshuizen"]
    here.page.get_by_role("combobox", name="Zoek een plek").focus()
    here.page.wait_for_function("() => localStorage.getItem('landzicht.directory') !== null")
    here.page.context.set_offline(True)
    search(here, "nergens")
    assert "Nergenshuizen" in here.page.locator("#place-found").inner_text()
    here.page.locator("#place-found li").first.click()
    told = "De kaart toont waar Nergenshuizen ligt."
    here.page.get_by_role("alert").filter(has_text=told).wait_for()
    here.page.wait_for_function(LOOKS_WITHIN, arg=shapely.geometry.shape(far["geometry"]).bounds)
    assert "a=" not in here.link, "its exact shape is not known, so nothing is chosen"
    here.page.context.set_offline(False)
    here.forgive("ERR_INTERNET_DISCONNECTED")


def rd(x: float, y: float) -> tuple[float, float]:
    lon, lat = pyproj.Transformer.from_crs("EPSG:28992", "EPSG:4326", always_xy=True).transform(
        x, y
    )
    return lat, lon


@pytest.mark.parametrize(
    ("typed", "lat_lon"),
    [
        ("155000, 463000", rd(155_000, 463_000)),
        ("rd 187654.3 316543.2", rd(187_654.3, 316_543.2)),
        ("x=233000 y=582000", rd(233_000, 582_000)),
        ("155.000, 463.000", rd(155_000, 463_000)),
        ("52.1 5.2", (52.1, 5.2)),
        ("52,1 5,2", (52.1, 5.2)),
        ("5.2, 52.1", (52.1, 5.2)),
        ("-12.5 130.25", (-12.5, 130.25)),
        ("52°9'N 5°23'E", (52.15, 5 + 23 / 60)),
        ("N 52° 9' 18,5\"  O 5° 23' 14\"", (52 + 9 / 60 + 18.5 / 3600, 5 + 23 / 60 + 14 / 3600)),
        ("5.2E 52.1N", (52.1, 5.2)),
        ("12°30'Z 68°15'W", (-12.5, -68.25)),
    ],
)
def test_coordinates_in_every_usual_way(here, typed, lat_lon):
    search(here, typed)
    assert here.page.locator("#place-found li").count() == 1
    shown = here.page.locator("#place-found li span").first.inner_text()
    lat, lon = (float(part.replace(",", ".")) for part in re.findall(r"-?\d+,\d+", shown))
    # RD by a polynomial: within half a metre, and five decimals are a metre.
    assert (lat, lon) == pytest.approx(lat_lon, abs=1.2e-5)


@pytest.mark.parametrize(
    "typed", ["52", "999999, 999999", "95 200", "52°70'N 5°23'E", "N52 N5", "1;2;3", "52°N", "()"]
)
def test_what_is_no_place_is_not_made_one(here, typed):
    field = here.page.get_by_role("combobox", name="Zoek een plek")
    field.fill(typed)
    here.page.wait_for_timeout(400)
    assert not any(
        "Ga naar" in option for option in here.page.locator("#place-found li").all_inner_texts()
    )


def test_my_place(here, portal):
    features = portal.get("/api/v1/areas/zonderland-parcels/items?limit=1000").json()["features"]
    wanted = next(each for each in features if each["id"] == "26")
    point = shapely.geometry.shape(wanted["geometry"]).representative_point()
    where = {"longitude": point.x, "latitude": point.y}
    here.page.context.set_geolocation(where)
    here.page.get_by_role("button", name="Mijn plek").click()
    assert linked(here) == ["zonderland-parcels:26"]


def test_my_place_that_is_not_told(visit):
    here = visit(START)
    here.page.get_by_role("button", name="Mijn plek").click()
    here.page.get_by_role("alert").filter(has_text="Uw plek is niet bekend").wait_for()


def test_enter_picks_what_lies_in_the_middle(here, portal):
    here.page.evaluate("() => { location.hash = '#lang=nl&q=crop&v=16/52.60128/5.18997' }")
    here.page.locator("#map").focus()
    here.page.keyboard.press("Enter")
    assert linked(here) == ["zonderland-parcels:39"]


def test_outside_all_registers_a_circle_is_taken(here):
    here.page.evaluate("() => { location.hash = '#lang=nl&q=crop&v=16/52.7/5.5' }")
    here.page.locator("#map").focus()
    here.page.keyboard.press("Enter")
    (spot,) = spots(here)
    assert spot == pytest.approx((52.7, 5.5), abs=1e-4)
    assert "cirkel van 50 meter" in here.page.locator("#part-measure").inner_text()


def test_an_area_is_drawn(here):
    here.page.get_by_role("button", name="Teken").click()
    here.page.get_by_role("group", name="Teken").wait_for()
    # The chunk that draws has come when the map has its pointer.
    for _ in range(600):
        if any("/draw-" in url for url in here.requests):
            break
        here.page.wait_for_timeout(100)
    here.page.wait_for_timeout(300)
    corners = [(700, 250), (860, 250), (860, 370), (700, 370)]
    for x, y in corners:
        here.page.mouse.click(x, y)
        here.page.wait_for_timeout(350)
    here.page.get_by_role("button", name="Klaar").click()
    (told,) = linked(here)
    assert told.startswith("~")
    size = here.page.locator("#part-measure .note").first.inner_text()
    metres = METRES_AT_ZERO * np.cos(np.radians(52.6)) / 2**15
    wanted = 160 * 120 * metres**2 / 10_000
    assert float(size.removesuffix(" ha").replace(",", ".")) == pytest.approx(wanted, rel=0.01)
    again = here.link
    here.go(again)
    here.page.reload()
    here.page.wait_for_selector("#part-measure .note")
    assert linked(here) == [told]


def test_drawing_can_be_stopped(here):
    here.page.get_by_role("button", name="Teken").click()
    here.page.get_by_role("button", name="Stop").click()
    assert not here.page.get_by_role("group", name="Teken").count()
    here.page.mouse.click(800, 300)
    here.page.wait_for_selector("#part-measure .note")


def test_coordinates_become_an_area_without_drawing(here):
    here.page.get_by_text("Coördinaten plakken").click()
    field = here.page.get_by_label("Hoekpunten, één per regel")
    use = here.page.get_by_role("button", name="Gebruik deze plek")
    field.fill("52.600 5.195\n52.602")
    use.click()
    here.page.get_by_role("alert").filter(has_text="Regel 2 begrijpen wij niet").wait_for()
    field.fill("52.600 5.195\n52.602 5.195")
    use.click()
    here.page.get_by_role("alert").filter(has_text="Twee punten zijn geen gebied").wait_for()
    field.fill("52.600 5.195\n52.602 5.195\n52.602 5.199\n52.600 5.199")
    use.click()
    assert linked(here)[0].startswith("~")
    east, north = 0.004 * 111_195.08 * np.cos(np.radians(52.6)), 0.002 * 111_195.08
    size = here.page.locator("#part-measure .note").first.inner_text()
    assert float(size.removesuffix(" ha").replace(",", ".")) == pytest.approx(
        east * north / 10_000, rel=0.01
    )


def test_a_circle_of_any_size(here):
    here.page.get_by_text("Coördinaten plakken").click()
    here.page.get_by_label("Hoekpunten, één per regel").fill("52.6 5.2")
    here.page.get_by_label("Straal van de cirkel, in meter").fill("150")
    here.page.get_by_role("button", name="Gebruik deze plek").click()
    assert linked(here) == ["@52.6,5.2,150"]
    assert "cirkel van 150 meter" in here.page.locator("#part-measure").inner_text()


def test_a_file_with_a_few_areas(here, tmp_path):
    box = shapely.box(5.195, 52.6, 5.197, 52.601)
    features = [
        {
            "type": "Feature",
            "properties": {"naam": name},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for name, shape in (
            ("Linker veld", box),
            ("<i>Rechts</i>", shapely.affinity.translate(box, 0.003)),
        )
    ]
    path = tmp_path / "velden.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    here.page.set_input_files("input[type=file]", path)
    here.page.wait_for_selector("#part-measure .note")
    told = here.page.locator("#part-measure").inner_text()
    assert "Linker veld" in told
    assert "<i>Rechts</i>" in told
    assert "a=" not in here.link, "what somebody brings stays on the device"


def test_places_in_a_link_come_back(visit):
    here = visit("#lang=en&l=ndvi&a=zonderland-parcels:39+@52.6,5.2&v=14/52.6/5.2")
    here.page.get_by_role("button", name="Show Parcel 39 on the map").wait_for()
    here.page.get_by_role("button", name=re.compile("Show Place 52.6000, 5.2000")).wait_for()
    assert linked(here) == ["zonderland-parcels:39", "@52.6,5.2"]


def test_six_places_and_no_more(visit):
    six = "+".join(f"zonderland-parcels:{number}" for number in (26, 39, 52, 59, 65, 152))
    here = visit(f"#lang=nl&l=ndvi&a={six}&v=14/52.6/5.2")
    here.page.get_by_role("button", name="Toon Perceel 152 op de kaart").wait_for()
    assert not here.page.get_by_role("button", name="Vergelijk met nog een plek").count()
    here.page.get_by_role("button", name="Haal Perceel 39 weg").click()
    here.page.wait_for_function("() => !location.hash.includes('zonderland-parcels:39')")
    assert len(linked(here)) == 5
    here.page.get_by_role("button", name="Vergelijk met nog een plek").click()
    search(here, "52,6 5,2")
    here.page.locator("#place-found li").first.click()
    here.page.wait_for_function("() => location.hash.includes('%4052.6')")
    assert len(linked(here)) == 6


def test_a_double_click_zooms_and_takes_no_place(visit):
    """What a tap needs is asked at once; when it becomes a double click, nothing is chosen."""
    here = visit("#lang=nl&l=ndvi&v=15.00/52.60000/5.20000")
    here.page.wait_for_load_state("networkidle")
    with here.page.expect_request(re.compile(r"items\?point=")):
        here.page.mouse.dblclick(900, 300)
    here.page.wait_for_function("() => !location.hash.includes('v=15.00/')")
    here.page.wait_for_timeout(600)
    assert "a=" not in here.link
    assert not here.page.locator("#part-measure .story p").count()
    series = [url for url in here.requests if url.endswith("/api/v1/series")]
    here.page.mouse.click(900, 300)
    here.wait_for_link("a=zonderland")
    here.page.wait_for_selector("#part-measure .story p")
    after = [url for url in here.requests if url.endswith("/api/v1/series")]
    assert len(after) == len(series) + 1, "the answer that was asked ahead is used"
