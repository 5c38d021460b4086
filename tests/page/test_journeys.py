"""The four first-time journeys: from nothing to the answer in at most four actions."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import shapely

pytestmark = pytest.mark.browser

PHONE = (360, 740)
LAPTOP = (1366, 768)
MOST_ACTIONS = 4
PUPILS = 30


@pytest.fixture(scope="module")
def portal(seasons):
    """These journeys look at two years."""
    return seasons


@dataclass
class Acting:
    """A person at the page: everything that they do is counted."""

    visit: Any
    count: int = 0

    @property
    def page(self) -> Any:
        return self.visit.page

    def press(self, name: str | re.Pattern[str], role: str = "button") -> None:
        self.count += 1
        self.page.get_by_role(role, name=name).click()

    def give(self, path: Path) -> None:
        """Choose a file; opening the file box and choosing in it are two actions."""
        self.count += 2
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Bestand").click()
        chooser.value.set_files(path)

    def tap_map(self, x: float, y: float) -> None:
        """Tap at a share of the map's width and height."""
        self.count += 1
        box = self.page.locator("#map").bounding_box()
        at = (box["x"] + x * box["width"], box["y"] + y * box["height"])
        self.page.touchscreen.tap(*at) if self.is_phone else self.page.mouse.click(*at)

    @property
    def is_phone(self) -> bool:
        return self.page.viewport_size["width"] < 600

    def told(self) -> str:
        """Wait for the answer and return it."""
        self.page.wait_for_selector(".story p")
        return self.page.locator(".story").inner_text()


@pytest.fixture
def start(visit):
    """Arrive as somebody who never was here: no link, no language chosen."""

    def arrive(size: tuple[int, int], **options: Any) -> Acting:
        here = visit(link="", size=size, locale="nl-NL", **options)
        return Acting(here)

    return arrive


def parcels(portal) -> list[dict]:
    return portal.get("/api/v1/areas/zonderland-parcels/items?limit=1000").json()["features"]


def inside(portal) -> tuple[float, float]:
    """Return longitude and latitude within the largest parcel."""
    largest = max(parcels(portal), key=lambda each: each["properties"]["area_ha"])
    point = shapely.geometry.shape(largest["geometry"]).representative_point()
    return point.x, point.y


def test_farmer_in_the_yard(start, portal):
    lon, lat = inside(portal)
    farmer = start(
        PHONE,
        geolocation={"longitude": lon, "latitude": lat},
        permissions=["geolocation"],
    )
    assert farmer.page.get_by_role("heading", name="Wat wilt u weten?").is_visible()
    farmer.press("Hoe staat mijn gewas?")
    farmer.press("Mijn plek")
    answer = farmer.told()
    assert re.search(r"Op \d+ \w+ was perceel \d+ het groenst \(0,\d\d\)", answer)
    assert "Dit is geen advies" in farmer.page.locator("#part-measure").inner_text()
    assert farmer.count <= MOST_ACTIONS
    farmer.visit.wait_for_link("a=zonderland-parcels")


def test_farmer_taps_the_parcel(start):
    farmer = start(PHONE)
    farmer.press("Hoe staat mijn gewas?")
    farmer.page.get_by_role("status").filter(has_text="Tik op uw perceel op de kaart.").wait_for()
    farmer.visit.settle()
    farmer.tap_map(0.45, 0.45)
    assert "het groenst" in farmer.told()
    assert farmer.count <= MOST_ACTIONS


def test_city_planner_finds_where_little_is_green(start, portal):
    planner = start(LAPTOP)
    planner.press("Waar is weinig groen?")
    answer = planner.told()
    names = planner.page.locator("#part-measure tbody th").all_inner_texts()
    told = portal.get("/api/v1/areas/zonderland-municipalities/items").json()["features"]
    assert sorted(names) == sorted(each["properties"]["name"] for each in told)
    values = planner.page.locator("#part-measure tbody td:nth-child(3)").all_inner_texts()
    numbers = [float(value.replace(",", ".")) for value in values]
    assert numbers == sorted(numbers), "the least green comes first"
    assert answer.startswith(f"{names[0]} heeft het minste groen ({values[0]})")
    with planner.page.expect_download() as saved:
        planner.press("Bewaar als CSV")
    assert saved.value.suggested_filename == "landzicht-zonderland-s2-ndvi.csv"
    assert planner.count <= MOST_ACTIONS


def test_logistics_analyst_with_forty_sites(start, portal, tmp_path):
    lines = ["naam;lat;lon"]
    for number, feature in enumerate(parcels(portal)[:38], 1):
        point = shapely.geometry.shape(feature["geometry"]).representative_point()
        lines.append(f"Kade {number};{point.y:.6f};{point.x:.6f}".replace(".", ","))
    lines += ["Elders 1;51,0;4,0", "Elders 2;51,1;4,1"]
    path = tmp_path / "locaties.csv"
    path.write_text("\n".join(lines))

    analyst = start(LAPTOP)
    analyst.press("Volg mijn locaties")
    analyst.give(path)
    assert "Van 2 plekken is er geen bruikbaar beeld" in analyst.told()
    rows = analyst.page.locator("#part-measure tbody tr")
    assert rows.count() == 40
    analyst.press(re.compile("^Verandering"))
    told = analyst.page.locator("#part-measure tbody td:nth-child(4)").all_inner_texts()
    changes = [
        float(re.match(r"[+−]?[\d,]+", text)[0].replace(",", ".").replace("−", "-"))
        for text in told
    ]
    assert len(changes) == 38
    assert changes == sorted(changes)
    assert rows.nth(39).inner_text().count("geen bruikbaar beeld") == 1
    assert analyst.page.locator("th[aria-sort=ascending]").inner_text().startswith("Verandering")
    assert all("sinds" in text for text in told)
    assert analyst.count <= MOST_ACTIONS
    assert "Kade" not in analyst.visit.link, "private places must not be in the link"


def test_teacher_gives_thirty_pupils_the_same_map(start, visit, portal):
    teacher = start(LAPTOP, permissions=["clipboard-read", "clipboard-write"])
    teacher.press("Lesvoorbeeld")
    teacher.visit.wait_for_link("q=lesson")
    teacher.visit.settle()
    assert teacher.page.get_by_role("listitem").filter(has_text="dag voor dag vooruit").is_visible()
    teacher.press("Kopieer de link voor de klas")
    teacher.page.get_by_text("De link is gekopieerd.").wait_for()
    link = teacher.page.evaluate("navigator.clipboard.readText()")
    assert teacher.count <= MOST_ACTIONS
    asked = {address for address in teacher.visit.tiles if "datetime=2024-02-25" in address}
    assert asked

    for size in (LAPTOP, (1024, 768)):
        pupil = visit(link=f"#{link.partition('#')[2]}", size=size, locale="nl-NL")
        assert pupil.page.locator("input[name=day]:checked").get_attribute("value") == "2024-02-25"
        assert all("layer=ndvi" in address for address in pupil.tiles)
        assert pupil.page.get_by_text("Lesvoorbeeld: een jaar zien groeien").is_visible()

    # The others are not browsers, but they ask for the same tiles at the same time.
    paths = [address.removeprefix(portal.base) for address in sorted(asked)]
    with ThreadPoolExecutor(PUPILS) as pupils:
        answers = list(
            pupils.map(lambda _: [portal.get(path).body for path in paths], range(PUPILS))
        )
    assert all(answer == answers[0] for answer in answers)


def test_a_whole_journey_by_keyboard_alone(start):
    someone = start(LAPTOP)
    keyboard = someone.page.keyboard

    def go_to(name: str) -> None:
        """Press Tab until that has the focus."""
        for _ in range(60):
            keyboard.press("Tab")
            focused = someone.page.evaluate(
                "(document.activeElement.getAttribute('aria-label')"
                " || document.activeElement.innerText || document.activeElement.id || '').trim()"
            )
            if focused.startswith(name):
                return
        message = f"{name} cannot be reached by keyboard"
        raise AssertionError(message)

    go_to("Hoe staat mijn gewas?")
    keyboard.press("Enter")
    go_to("place-search")
    keyboard.type("39")
    someone.page.wait_for_selector("#place-found li")
    keyboard.press("ArrowDown")
    assert someone.page.locator("#place-search").get_attribute("aria-activedescendant") == "place-0"
    keyboard.press("Enter")
    assert "perceel 39" in someone.told()
    go_to("Tabel")
    keyboard.press("Enter")
    go_to("Toon 2")
    keyboard.press("Enter")
    someone.visit.wait_for_link("d=2025-10-13")
    someone.visit.settle()
    assert (
        json.loads(someone.page.evaluate("JSON.stringify(document.activeElement.tagName)"))
        == "BUTTON"
    )
