"""Saving and sharing: the link, the files that really come, and what is said when they do not."""

from __future__ import annotations

import ast
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import imagecodecs
import pytest

from landzicht.formats.gdal import load_rasterio
from landzicht.testing.pdf import PdfFile

pytestmark = pytest.mark.browser

PHONE = (390, 844)
WORDS = {
    "nl": ("Deel", "Kaart op papier", "Plaatje", "Filmpje", "Meetwaarden", "Maak"),
    "en": ("Share", "Map on paper", "Picture", "Film", "Measured values", "Make"),
}


def open_box(here, language: str = "nl") -> None:
    here.page.get_by_role("button", name=WORDS[language][0], exact=True).click()
    here.page.get_by_role("dialog").wait_for()


def made(here, name: str, make: str = "Maak") -> tuple[str, bytes]:
    """Unfold a kind of file, make one, and return its name and bytes."""
    row = here.page.get_by_role("dialog").get_by_role("button", name=name)
    if row.get_attribute("aria-expanded") == "false":
        row.click()
    with here.page.expect_download() as coming:
        here.page.get_by_role("button", name=make, exact=True).click()
    found = coming.value
    here.page.get_by_role("status").filter(has_text=found.suggested_filename).wait_for()
    return found.suggested_filename, Path(found.path()).read_bytes()


def asked(here, part: str) -> dict[str, list[str]]:
    """Return the query of the last request to an address with `part` in it."""
    return parse_qs(urlsplit([url for url in here.requests if part in url][-1]).query)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_kind_of_file_comes(visit, language: str) -> None:
    here = visit(f"#lang={language}&l=ndvi&d=2025-06-10")
    here.wait_for_link("v=")
    open_box(here, language)
    _, paper, picture, film, values, make = WORDS[language]
    name, content = made(here, paper, make)
    assert name == "zonderland-s2-ndvi-2025-06-10.pdf"
    told = " ".join(PdfFile(content).lines)
    for part in {"nl": ("10 juni 2025", "Legenda", "GESIMULEERD"),
                 "en": ("10 June 2025", "Legend", "SIMULATED")}[language]:  # fmt: skip
        assert part in told
    state = here.link.removeprefix("#")
    assert state in told.replace(" ", ""), "the link on paper is that of the screen"
    if language == "en":
        return
    name, content = made(here, picture, make)
    assert name.endswith(".png")
    assert imagecodecs.png_decode(content).shape[0] > 1000
    name, content = made(here, film, make)
    assert name == "zonderland-s2-ndvi.webp"
    assert content[8:12] == b"WEBP"
    box = [float(edge) for edge in asked(here, "film.webp")["bbox"][0].split(",")]
    name, content = made(here, values, make)
    with load_rasterio().MemoryFile(content) as memory, memory.open() as file:
        assert file.tags()["SIMULATED"] == "YES"
        assert file.bounds.left == pytest.approx(box[0], abs=1e-5)


def test_choices_are_asked_for(visit) -> None:
    here = visit("#lang=nl&l=visual&d=2025-06-10&v=15/52.575/5.24", size=PHONE)
    open_box(here)
    dialog = here.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Kaart op papier").click()
    dialog.get_by_label("Titel").fill("Mijn kaart")
    dialog.get_by_role("radio", name="A3").check()
    dialog.get_by_role("radio", name="Liggend").check()
    _, content = made(here, "Kaart op papier")
    told = asked(here, "sheet.pdf")
    assert told["paper"] == ["a3"]
    assert told["orientation"] == ["landscape"]
    assert "Mijn kaart" in PdfFile(content).lines
    west, south, east, north = (float(edge) for edge in told["bbox"][0].split(","))
    assert west < 5.24 < east
    assert south < 52.575 < north


def test_link_restores_the_map_in_another_browser(visit) -> None:
    here = visit("#lang=en&l=moisture&d=2025-06-10")
    here.page.get_by_role("button", name="Zoom in").click()
    here.wait_for_link("l=moisture")
    here.page.wait_for_timeout(500)
    open_box(here, "en")
    shared = here.page.get_by_label("Link to this map").input_value()
    assert shared == here.page.url
    other = visit(shared.removeprefix(f"{here.base}/"))
    other.wait_for_link("v=")
    assert other.link == here.link
    assert other.page.get_by_role("radio", name="How moist").is_checked()


def test_citation_and_addresses_work(visit) -> None:
    here = visit("#lang=en&l=ndvi&d=2025-06-10")
    open_box(here, "en")
    told = here.page.get_by_label("How to name the source").input_value()
    for part in ("10 June 2025", "CC0-1.0", "simulated data", here.base, "Landzicht"):
        assert part in told
    here.page.get_by_text("For experts").click()
    fields = {
        label: here.page.get_by_label(label).input_value()
        for label in (
            "Tiles (XYZ)",
            "TileJSON",
            "Images of this day (STAC)",
            "GeoTIFF of what you see",
        )
    }
    tile = fields.pop("Tiles (XYZ)").replace("{z}/{x}/{y}", "13/4215/2688")
    answers = {address: here.page.request.get(address) for address in [tile, *fields.values()]}
    assert {answer.status for answer in answers.values()} == {200}
    found = answers[fields["Images of this day (STAC)"]].json()
    assert [one["properties"]["datetime"][:10] for one in found["features"]] == ["2025-06-10"]


def test_what_cannot_be_made_is_told(visit) -> None:
    here = visit("#lang=nl&l=ndvi&d=2025-06-10")
    open_box(here)
    problem = {"landzicht:text": {"nl": "Dit stuk is te groot. Zoom in.", "en": "Too large."}}

    def refuse(route) -> None:
        route.fulfill(status=413, content_type="application/problem+json", body=json.dumps(problem))

    here.page.route("**/sheet.pdf*", refuse)
    here.page.route("**/film.webp*", lambda route: route.abort())
    dialog = here.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Kaart op papier").click()
    dialog.get_by_role("button", name="Maak", exact=True).click()
    dialog.get_by_text("Dit stuk is te groot. Zoom in.").wait_for()
    dialog.get_by_role("button", name="Filmpje").click()
    dialog.get_by_role("button", name="Maak", exact=True).click()
    dialog.get_by_text("De server antwoordt niet").wait_for()
    here.forgive("413", "ERR_FAILED")


def test_my_area_goes_into_the_files(visit, portal) -> None:
    west, south, east, north = portal.get("/api/v1/collections").json()["collections"][0]["bounds"]
    spot = f"@{(south + north) / 2:.5f},{(west + east) / 2:.5f},300"
    here = visit(f"#lang=nl&l=ndvi&d=2025-06-10&a={spot}")
    open_box(here)
    dialog = here.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Meetwaarden").click()
    dialog.get_by_role("radio", name="Uw gebied").check()
    _, content = made(here, "Meetwaarden")
    with load_rasterio().MemoryFile(content) as memory, memory.open() as file:
        assert file.crs.is_geographic
        degree = 111_195.08
        metres = degree**2 * math.cos(math.radians((south + north) / 2))
        inside = file.read(1, masked=True).count() * file.res[0] * file.res[1] * metres
        assert inside == pytest.approx(math.pi * 300**2, rel=0.04)
    with here.page.expect_download() as coming:
        dialog.get_by_role("button", name="GeoJSON").click()
    told = json.loads(Path(coming.value.path()).read_bytes())
    assert told["type"] == "FeatureCollection"
    assert len(told["features"]) == 1


def test_about_tells_everything_in_plain_words(visit) -> None:
    here = visit("#lang=nl&l=ndvi&d=2025-06-10")
    here.page.get_by_role("button", name="Over deze kaart").click()
    here.page.get_by_role("link", name="SIM_S2A_31UFU_20250610").wait_for()
    told = here.page.locator("aside").inner_text()
    for part in ("Gesimuleerd", "CC0-1.0", "10 meter", "Zonderland", "10 juni 2025", "10:46 UTC",
                 "Simulated-2a", "Neem geen besluit"):  # fmt: skip
        assert part in told
    here.page.get_by_role("link", name="Alles over deze gegevens").click()
    here.page.wait_for_url("**/data/zonderland-s2*")


def test_a_link_that_is_too_long_for_paper_is_left_out(visit) -> None:
    """A formula of 1,500 signs makes a link that nobody types over; the page comes, and says so."""
    formula = "+".join(["(" * 20 + "B08" + ")" * 20 + "*0.001"] * 30)
    assert len(formula) == 1_499
    here = visit(f"#lang=nl&l=ndvi&d=2025-06-10&f={formula.replace('+', '%2B')}")
    here.wait_for_link("v=")
    assert len(here.link) > 2_100
    open_box(here)
    for name in ("Kaart op papier", "Plaatje"):
        _, content = made(here, name)
    _, content = made(here, "Kaart op papier")
    assert "De link is te lang voor papier." in " ".join(PdfFile(content).lines)
    assert len(asked(here, "sheet.pdf")["state"][0]) > 2_000


def test_who_compares_gets_both_days_on_paper(visit) -> None:
    here = visit("#lang=nl&l=ndvi&d=2025-06-10&cmp=side:2025-04-26:50")
    here.wait_for_link("v=")
    open_box(here)
    dialog = here.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Kaart op papier").click()
    dialog.get_by_text("Twee kaarten naast elkaar: 26 april 2025 en 10 juni 2025.").wait_for()
    _, content = made(here, "Kaart op papier")
    page = PdfFile(content)
    assert len(page.named(b"/DCTDecode")) == 2
    told = " ".join(page.lines)
    assert told.index("26 april 2025") < told.rindex("10 juni 2025")


def test_a_film_tells_how_far_it_is(visit) -> None:
    here = visit("#lang=nl&l=ndvi&d=2025-06-10")
    open_box(here)
    lines = [{"done": n, "total": 4} for n in range(3)]
    here.page.route(
        "**/film.webp*",
        lambda route: route.fulfill(
            content_type="application/x-ndjson",
            body="\n".join(
                json.dumps(line)
                for line in [*lines, {"error": {"nl": "De schijf is vol.", "en": "x"}}]
            ),
        ),
    )
    dialog = here.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Filmpje").click()
    here.page.evaluate(
        """() => {
            window.told = [];
            const look = () => document.querySelectorAll('dialog progress + label').forEach(
                (one) => window.told.push(one.textContent));
            new MutationObserver(look).observe(document.body, { subtree: true, childList: true,
                characterData: true });
        }"""
    )
    dialog.get_by_role("button", name="Maak", exact=True).click()
    dialog.get_by_text("De schijf is vol.").wait_for()
    here.page.unroute_all()
    here.page.evaluate("window.told = []")
    _, content = made(here, "Filmpje")
    assert content[8:12] == b"WEBP"
    told = here.page.evaluate("window.told")
    assert any(re.fullmatch(r"(\d+) van \1 dagen zitten erin", each) for each in told)


@pytest.mark.parametrize("place", ["", "&a=zonderland-parcels:39"])
def test_the_programs_run(visit, place: str) -> None:
    here = visit(f"#lang=en&l=ndvi&d=2025-06-10&v=14/52.6/5.2{place}")
    if place:
        here.page.locator("#part-measure .story p").first.wait_for()
    open_box(here, "en")
    here.page.get_by_text("For experts").click()
    search = here.page.get_by_label("Python: the images of this day").input_value()
    done = subprocess.run(
        [sys.executable, "-c", search], capture_output=True, text=True, check=True
    )
    assert "20250610" in done.stdout
    assert "B08" in done.stdout
    assert here.page.get_by_label("Catalogue (STAC)").input_value() == f"{here.base}/stac"
    series = here.page.get_by_label("Python: the numbers through time").input_value()
    done = subprocess.run(
        [sys.executable, "-c", series], capture_output=True, text=True, check=True
    )
    rows = [ast.literal_eval(line) for line in done.stdout.splitlines()]
    assert {row["datetime"][:10] for row in rows} >= {"2025-04-26", "2025-06-10"}
    assert any(row["mean"] is not None for row in rows)


def test_a_link_that_is_pasted_while_the_page_writes_its_own_is_followed(visit) -> None:
    """The browser tells of the new link later than the page wants to write its own."""
    here = visit("#lang=nl&l=visual&d=2025-06-10")
    here.settle()
    here.wait_for_link("v=")
    here.page.locator("#map").press("+")  # now it is going to write
    here.page.evaluate("history.replaceState(null, '', '#lang=nl&l=ndvi&d=2025-06-10')")
    here.page.wait_for_timeout(1500)
    here.page.evaluate("dispatchEvent(new HashChangeEvent('hashchange'))")
    here.wait_for_link("v=")
    assert "l=ndvi" in here.link
