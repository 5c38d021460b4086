"""The four first-time journeys: to the answer in at most four actions, and what follows from it."""

from __future__ import annotations

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import shapely

from landzicht.testing.pdf import PdfFile

pytestmark = pytest.mark.browser

PHONE = (360, 740)
LAPTOP = (1366, 768)
MOST_ACTIONS = 4
PUPILS = 30
SETTLED = """() => {
  const busy = document.querySelector('#part-measure .busy');
  return !busy || busy.classList.contains('lz-hidden');
}"""
A3_POINTS = (1190.55, 841.89)


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
        self.page.wait_for_function(SETTLED)
        return self.page.locator(".story").inner_text()

    def open_saving(self) -> Any:
        """Open the box for saving and sharing, and return it."""
        self.page.get_by_role("button", name="Deel", exact=True).click()
        box = self.page.get_by_role("dialog")
        box.get_by_label("Link naar deze kaart").wait_for()
        return box

    def share(self) -> str:
        """Return the link that the page gives to be sent, as far as it says what is shown."""
        self.visit.wait_for_link("v=")
        self.page.wait_for_timeout(600)  # the map comes to rest, and then the link follows
        link = self.open_saving().get_by_label("Link naar deze kaart").input_value()
        return f"#{link.partition('#')[2]}"

    def save_paper(self, *choices: str) -> PdfFile:
        """Make a map on paper and return it."""
        box = self.open_saving()
        box.get_by_role("button", name="Kaart op papier").click()
        for choice in choices:
            box.get_by_role("radio", name=choice).check()
        with self.page.expect_download() as coming:
            box.get_by_role("button", name="Maak", exact=True).click()
        return PdfFile(Path(coming.value.path()).read_bytes())


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


def test_farmer_in_the_yard(start, visit, portal):
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
    # The pattern inside the parcel: the map has come so near that it can be seen.
    farmer.page.wait_for_function("() => Number(location.hash.split('v=')[1].split('/')[0]) > 13.5")
    link = farmer.share()
    friend = Acting(visit(link=link, size=PHONE, locale="nl-NL"))
    friend.press("Meer")
    assert friend.told() == answer, "who gets the link reads the same"


def test_farmer_taps_the_parcel(start):
    farmer = start(PHONE)
    farmer.press("Hoe staat mijn gewas?")
    farmer.page.get_by_role("status").filter(has_text="Tik op uw perceel op de kaart.").wait_for()
    farmer.visit.settle()
    farmer.tap_map(0.45, 0.45)
    assert "het groenst" in farmer.told()
    assert farmer.count <= MOST_ACTIONS
    farmer.visit.wait_for_link("a=zonderland-parcels")


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
    take_text_of_the_method(planner)
    swipe(planner)
    paper = planner.save_paper("A3", "Liggend")
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper.page)
    assert tuple(map(float, box.groups())) == pytest.approx(A3_POINTS, abs=1)
    assert "GESIMULEERD" in " ".join(paper.lines)


def take_text_of_the_method(planner: Acting) -> None:
    planner.page.get_by_text("Zo is dit gemeten").click()
    told = planner.page.get_by_label("Tekst voor in een verslag").input_value()
    for part in ("Hoe groen is het?", "landzicht-series/1", "CC0-1.0", "50%"):
        assert part in told


def swipe(planner: Acting) -> None:
    """Slide between two days, and read off the map which they are."""
    planner.page.get_by_role("button", name="Vergelijk", exact=True).click()
    planner.page.get_by_role("radio", name="Schuif").check()
    planner.visit.wait_for_link("cmp=swipe:")
    planner.visit.settle()
    days = planner.page.locator(".label span").all_inner_texts()
    assert len(set(days)) == 2
    line = planner.page.get_by_label("Plaats van de lijn")
    line.focus()
    planner.page.keyboard.press("ArrowLeft")
    assert line.get_attribute("aria-valuetext") == "Lijn op 49% van links"


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
    look_at_the_difference(analyst)
    tell_licence_and_addresses(analyst)


def look_at_the_difference(analyst: Acting) -> None:
    analyst.page.get_by_role("button", name="Vergelijk", exact=True).click()
    analyst.page.get_by_role("radio", name="Verschil").check()
    analyst.visit.wait_for_link("cmp=difference:")
    analyst.visit.settle()
    assert analyst.page.locator(".label").inner_text().startswith("Verandering van ")


def tell_licence_and_addresses(analyst: Acting) -> None:
    analyst.page.get_by_role("button", name="Over deze kaart").click()
    about = analyst.page.locator("#part-about")
    about.get_by_text("CC0-1.0: vrij te gebruiken").wait_for()
    assert "Bron" in about.inner_text()
    box = analyst.open_saving()
    box.get_by_text("Voor experts").click()
    fields = box.locator("textarea").evaluate_all("all => all.map((one) => one.value)")
    programs = [text for text in fields if "import" in text]
    assert programs
    for program in programs:
        ast.parse(program)
        assert analyst.visit.base in program


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
    play_the_days(teacher)
    mistype_a_formula(teacher)

    for size in (PHONE, LAPTOP):
        pupil = visit(link=f"#{link.partition('#')[2]}", size=size, locale="nl-NL")
        assert pupil.page.locator("input[name=day]:checked").get_attribute("value") == "2024-02-25"
        assert all("layer=ndvi" in address for address in pupil.tiles)
        if size == PHONE:
            pupil.page.get_by_role("button", name="Toon de opdracht").click()
        assert pupil.page.get_by_text("Lesvoorbeeld: een jaar zien groeien").last.is_visible()
        assert pupil.page.locator(".lesson li").count() == 4

    assert_worksheet(pupil)
    # The others are not browsers, but they ask for the same tiles at the same time.
    paths = [address.removeprefix(portal.base) for address in sorted(asked)]
    with ThreadPoolExecutor(PUPILS) as pupils:
        answers = list(
            pupils.map(lambda _: [portal.get(path).body for path in paths], range(PUPILS))
        )
    assert all(answer == answers[0] for answer in answers)


def play_the_days(teacher: Acting) -> None:
    before = teacher.page.locator("input[name=day]:checked").get_attribute("value")
    teacher.press("Speel af, dag na dag")
    teacher.page.wait_for_function(
        "before => document.querySelector('input[name=day]:checked').value > before", arg=before
    )
    teacher.press("Stop en ga terug")
    teacher.visit.wait_for_link(f"d={before}")


def mistype_a_formula(teacher: Acting) -> None:
    """A formula with a typo is told with its place, and the map stays as it was."""
    teacher.press("Wat wilt u zien?")
    teacher.page.locator("summary").filter(has_text="Kleuren aanpassen").click()
    field = teacher.page.get_by_label("Formule")
    field.fill("(B08-B04")
    field.press("Enter")
    teacher.page.get_by_role("alert").filter(has_text="gaat niet dicht").wait_for()
    assert "f=" not in teacher.visit.link
    teacher.visit.settle()


def assert_worksheet(pupil: Any) -> None:
    """On paper are the steps with lines to write on, the map, and the link to it; no more."""
    pupil.page.emulate_media(media="print")
    pupil.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    sheet = pupil.page.locator(".lesson")
    assert sheet.locator("li").count() == 4
    assert sheet.get_by_text("q=lesson").is_visible()
    assert pupil.page.locator("#map").is_visible()
    for hidden in (".lesson button", "#part-ask > ul", ".part h2", ".peek", ".save", "#dates"):
        assert not pupil.page.locator(hidden).first.is_visible(), hidden
