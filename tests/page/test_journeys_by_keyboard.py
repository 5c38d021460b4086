"""The four first-time journeys with keys alone: each stop can be seen, and few keys are needed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import shapely

pytestmark = pytest.mark.browser

LAPTOP = (1366, 768)
FURTHEST = 45
"""Most keys to one thing; the page has no more stops at once."""
STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const label = at.closest('label');
  const names = [at.getAttribute('aria-label'), at.labels?.[0]?.innerText, at.innerText, at.id];
  const thumb = at.matches('input[type=range]');
  const isDrawn =
    [label, at].some((each) => each && getComputedStyle(each).outlineStyle !== 'none') ||
    parseFloat(getComputedStyle(at, '::after').borderTopWidth) > 0 || thumb;
  const box = (label ?? at).getBoundingClientRect();
  const shares = [0.05, 0.25, 0.5, 0.75, 0.95];
  const isFree = shares.flatMap((x) => shares.map((y) => [x, y])).some(([x, y]) => {
    const top = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
    return top !== null && (at.contains(top) || label?.contains(top) === true);
  });
  return { name: names.find((name) => name?.trim())?.trim() ?? at.tagName, isDrawn, isFree };
}"""


@pytest.fixture(scope="module")
def portal(seasons):
    return seasons


@dataclass
class Typing:
    """A person with a keyboard: no mouse, no finger."""

    visit: Any
    count: int = 0

    @property
    def page(self) -> Any:
        return self.visit.page

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.count += 1
            self.page.keyboard.press(key)

    def go_to(self, name: str, key: str = "Tab") -> None:
        """Press Tab until that has the focus; where it is must be seen at each stop."""
        passed = []
        for _ in range(FURTHEST):
            self.press(key)
            stop = self.page.evaluate(STOP)
            if stop is None:  # the end of the page: the browser goes on from its start
                continue
            passed.append(stop["name"])
            assert stop["isDrawn"], f"no focus ring on {stop['name']}"
            assert stop["isFree"], f"{stop['name']} is covered"
            if stop["name"].startswith(name):
                return
        message = f"{name} cannot be reached by keyboard, only {passed}"
        raise AssertionError(message)

    def go_back_to(self, name: str) -> None:
        self.go_to(name, "Shift+Tab")

    def push(self, name: str) -> None:
        self.go_to(name)
        self.press("Enter")

    def told(self) -> str:
        self.page.wait_for_selector(".story p")
        return self.page.locator(".story").inner_text()


@pytest.fixture
def start(visit):
    """Arrive as somebody who never was here."""

    def arrive(**options: Any) -> Typing:
        return Typing(visit(link="", size=LAPTOP, locale="nl-NL", **options))

    return arrive


def test_farmer(start) -> None:
    farmer = start(permissions=["clipboard-read", "clipboard-write"])
    farmer.push("Hoe staat mijn gewas?")
    # Skip what lies between: the first stop of the page leads to the map.
    farmer.page.get_by_role("application").wait_for()
    farmer.go_to("Kaart met satellietbeeld")
    farmer.press("+")
    farmer.visit.settle()
    assert farmer.page.locator(".cross").is_visible()
    for _ in range(6):
        farmer.press("Enter")
        farmer.page.wait_for_selector(".story p, #part-where [role=alert] p")
        if farmer.page.locator(".story p").count():
            break
        farmer.press("ArrowUp")  # on a road or a ditch: a little further
        farmer.page.wait_for_timeout(400)
    assert re.search(r"was perceel \d+ het groenst", farmer.told())
    farmer.go_back_to("Deel")
    farmer.press("Enter")
    farmer.push("Kopieer")
    farmer.page.get_by_text("De link is gekopieerd.").wait_for()
    assert "a=zonderland-parcels" in farmer.page.evaluate("navigator.clipboard.readText()")
    farmer.press("Escape")
    assert farmer.page.evaluate(STOP)["name"] == "Deel", "the focus goes back to where it was"
    assert farmer.count <= 60


def test_city_planner(start) -> None:
    planner = start()
    planner.push("Waar is weinig groen?")
    assert "heeft het minste groen" in planner.told()
    with planner.page.expect_download() as saved:
        planner.push("Bewaar als CSV")
    assert saved.value.suggested_filename.endswith(".csv")
    planner.go_back_to("Vergelijk")
    planner.press("Enter")
    planner.go_to("Niet vergelijken")
    planner.press("ArrowDown")
    planner.visit.wait_for_link("cmp=swipe:")
    planner.visit.settle()
    planner.go_to("Plaats van de lijn")
    planner.press("ArrowLeft", 3)
    planner.visit.wait_for_link(":47")
    planner.go_back_to("Deel")
    planner.press("Enter")
    planner.push("Kaart op papier")
    planner.go_to("A4")
    planner.press("ArrowRight")
    with planner.page.expect_download() as made:
        planner.push("Maak")
    assert made.value.suggested_filename.endswith(".pdf")
    assert "paper=a3" in [url for url in planner.visit.requests if "sheet.pdf" in url][-1]
    assert planner.count <= 110


def test_logistics_analyst(start, portal, tmp_path: Path) -> None:
    areas = portal.get("/api/v1/areas/zonderland-parcels/items?limit=12").json()["features"]
    points = [shapely.geometry.shape(one["geometry"]).representative_point() for one in areas]
    path = tmp_path / "locaties.csv"
    path.write_text(
        "naam,lat,lon\n" + "".join(f"Kade {i},{p.y},{p.x}\n" for i, p in enumerate(points))
    )
    analyst = start()
    chosen: list[Any] = []

    def keep(chooser: Any) -> None:
        chosen.append(chooser)

    analyst.page.on("filechooser", keep)  # before the key, which is quicker than a click
    analyst.push("Volg mijn locaties")
    analyst.go_to("Bestand")
    analyst.press("Enter")
    for _ in range(100):
        if chosen:
            break
        analyst.page.wait_for_timeout(100)
    chosen[0].set_files(path)
    assert "heeft het minste groen" in analyst.told()
    analyst.push("Verandering")
    assert analyst.page.locator("th[aria-sort=ascending]").inner_text().startswith("Verandering")
    analyst.push("Toon Kade")
    analyst.page.wait_for_selector("tr.looked")
    analyst.go_back_to("Vergelijk")
    analyst.press("Enter")
    analyst.go_to("Niet vergelijken")
    analyst.press("ArrowUp")
    analyst.visit.wait_for_link("cmp=difference:")
    analyst.push("Over deze kaart")
    analyst.page.locator("#part-about").get_by_text("CC0-1.0").wait_for()
    assert analyst.count <= 90


def test_teacher(start) -> None:
    teacher = start(permissions=["clipboard-read", "clipboard-write"])
    teacher.push("Lesvoorbeeld")
    teacher.visit.wait_for_link("q=lesson")
    teacher.visit.settle()
    teacher.push("Kopieer de link voor de klas")
    teacher.page.get_by_text("De link is gekopieerd.").wait_for()
    assert "q=lesson" in teacher.page.evaluate("navigator.clipboard.readText()")
    teacher.push("Wat wilt u zien?")
    teacher.push("Kleuren aanpassen")
    teacher.page.wait_for_selector("#formula")
    teacher.go_to("Formule")
    teacher.page.keyboard.type("(B08-B04")
    teacher.press("Enter")
    teacher.page.get_by_role("alert").filter(has_text="gaat niet dicht").wait_for()
    teacher.page.keyboard.type(")/(B08+B04)")
    teacher.press("Enter")
    teacher.visit.wait_for_link("f=")
    teacher.visit.settle()
    teacher.push("Speel af, dag na dag")
    teacher.push("Stop en ga terug")
    assert teacher.count <= 140


def test_an_area_is_drawn_with_keys(start) -> None:
    """Enter puts a corner in the centre of the map, and Backspace takes it away."""
    someone = start()
    someone.push("Waar?")
    someone.push("Teken")
    someone.page.get_by_text("Enter zet een hoek in het midden").wait_for()
    someone.page.wait_for_function("() => document.activeElement.id === 'map'")
    # The first key shows the cross.
    for way in ("+", "ArrowRight", "ArrowDown", "ArrowRight"):
        someone.press(way)
        someone.page.wait_for_timeout(350)
        someone.press("Enter")
    someone.press("Backspace")
    someone.go_back_to("Klaar")
    someone.press("Enter")
    someone.visit.wait_for_link("a=%7E")
    someone.told()
    ring = someone.page.evaluate("new URLSearchParams(location.hash.slice(1)).get('a')")
    assert ring.startswith("~")
    assert "Getekend gebied" in someone.page.locator("#part-measure").inner_text()


def test_language_layer_and_day_by_keys(start) -> None:
    someone = start()
    someone.push("EN")
    assert someone.page.evaluate("document.documentElement.lang") == "en"
    someone.push("What do you want to see?")
    someone.go_to("Natural colours")
    someone.press("ArrowDown")
    layer = someone.page.locator("input[name=layer]:checked").get_attribute("value")
    assert layer != "visual"
    someone.visit.wait_for_link(f"l={layer}")
    before = someone.page.locator("input[name=day]:checked").get_attribute("value")
    day = someone.page.locator("input[name=day]:checked").get_attribute("aria-label")
    someone.go_to(day)
    someone.press("ArrowRight")
    someone.page.wait_for_function("day => !location.hash.includes(day)", arg=f"d={before}")
    assert someone.page.evaluate(STOP)["isDrawn"]
