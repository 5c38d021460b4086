"""Bad input and bad luck: a friendly sentence in the reader's language, and never a blank map."""

from __future__ import annotations

import re
import shutil
import signal

import imagecodecs
import pytest

from landzicht.testing.serving import portal_in

pytestmark = pytest.mark.browser

LARGE = 300_000_000
START = "#lang=nl&q=crop&v=15/52.6000/5.2000"


@pytest.fixture(scope="module")
def portal(seasons):
    return seasons


def is_blank(visit) -> bool:
    """Whether the middle of the map has one colour."""
    width, height = (visit.page.viewport_size[side] for side in ("width", "height"))
    middle = {"x": width // 2, "y": height // 4, "width": width // 4, "height": height // 4}
    picture = imagecodecs.png_decode(visit.page.screenshot(clip=middle))
    return bool(picture[..., :3].astype(float).std() < 5)


@pytest.fixture(scope="module")
def here(stay):
    return stay(START, locale="nl-NL")


def upload(visit, path) -> str:
    """Send a file and return what is said about it."""
    if not visit.page.locator("input[type=file]").count():
        visit.page.get_by_role("button", name="Waar?").click()
    visit.page.set_input_files("input[type=file]", path)
    alert = visit.page.locator("#part-where [role=alert] p")
    alert.wait_for()
    return alert.inner_text()


def test_an_upload_of_300_mb_is_refused_before_it_is_sent(here, tmp_path):
    path = tmp_path / "groot.gpkg"
    before = len([address for address in here.requests if "own-areas" in address])
    with path.open("wb") as file:
        file.truncate(LARGE)
    told = upload(here, path)
    assert "Dit bestand is 300 MB. Wij lezen tot 50 MB." in told
    assert len([address for address in here.requests if "own-areas" in address]) == before
    assert not is_blank(here)


@pytest.mark.parametrize(
    ("name", "body", "says"),
    [
        ("brief.docx", b"PK\x03\x04 not a map", "kunnen wij geen gebieden lezen"),
        ("foto.jpg", b"\xff\xd8\xff\xe0 picture", "kunnen wij geen gebieden lezen"),
        ("lijst.csv", b"naam;prijs\nA;1\n", "geen tabel met kolommen lat en lon"),
        ("leeg.geojson", b'{"type": "FeatureCollection", "features": []}', "geen"),
        ("kapot.kml", b"<kml><Document>", "kunnen wij geen gebieden lezen"),
        ("lijn.geojson", b'{"type":"LineString","coordinates":[[5,52],[5.1,52]]}', "geen"),
    ],
)
def test_an_upload_that_is_no_map(here, tmp_path, name, body, says):
    path = tmp_path / name
    path.write_bytes(body)
    assert says in upload(here, path)
    here.forgive("400")


def test_the_sentence_follows_the_reader(visit, tmp_path):
    arrived = visit("#lang=en&q=crop")
    path = tmp_path / "letter.docx"
    path.write_bytes(b"not a map")
    arrived.page.set_input_files("input[type=file]", path)
    arrived.page.get_by_role("alert").filter(
        has_text="We cannot read areas from letter.docx"
    ).wait_for()
    arrived.forgive("400")


BROKEN = (
    "zonderland-parcels:99999",
    "nothing:1",
    "nothing:",
    "@99,999",
    "@x,y",
    "~zz",
    "~%00",
    "%",
    "+".join(["zonderland-parcels:1"] * 40),
    "x" * 5000,
    "<script>alert(1)</script>",
)


def test_a_broken_link_says_so(here):
    """Each is followed on the same page, as when somebody pastes one link after the other."""
    banner = here.page.locator(".banners").filter(has_text="link klopt niet")
    for places in BROKEN:
        here.page.evaluate("a => { location.hash = `#lang=nl&a=${a}&v=15/52.6/5.2` }", places)
        try:
            banner.wait_for()
        except Exception as error:
            raise AssertionError(places) from error
        banner.get_by_role("button", name="Sluit").click()
        banner.wait_for(state="detached")
    assert not is_blank(here)
    here.forgive("404")


def test_a_question_that_does_not_exist(visit):
    arrived = visit("#lang=nl&q=lottery")
    arrived.page.locator(".banners").filter(has_text="link klopt niet").wait_for()


def test_a_place_without_images(visit):
    arrived = visit("#lang=nl&l=ndvi&a=@51.0,4.0&v=14/52.6/5.2")
    told = arrived.page.locator(".story p")
    told.wait_for()
    assert "is er in de laatste twee jaar geen bruikbaar beeld" in told.inner_text()
    assert not arrived.page.locator("figure svg").count(), "an empty chart says nothing"
    assert not is_blank(arrived)


def test_an_answer_that_breaks_off_keeps_what_came(visit):
    arrived = visit(START)

    def cut(route) -> None:
        """Send half of the rows, the last of them broken off."""
        body = route.fetch().body()
        route.fulfill(body=body[: len(body) * 3 // 4 - 20], content_type="application/x-ndjson")

    arrived.page.route("**/api/v1/series", cut)
    field = arrived.page.get_by_role("combobox", name="Zoek een plek")
    field.fill("39")
    arrived.page.locator("#place-found li").first.click()
    told = arrived.page.get_by_role("alert").filter(has_text="De verbinding viel weg")
    told.wait_for()
    kept = arrived.page.locator("#part-measure summary").first.inner_text()
    assert 4 < int(re.search(r"\d+", kept)[0]) < 12
    arrived.page.unroute_all()
    arrived.page.get_by_role("button", name="Meet opnieuw").click()
    told.wait_for(state="detached")
    arrived.page.wait_for_selector(".story p")
    assert "het groenst" in arrived.page.locator(".story").inner_text()


def test_the_server_dies_while_it_measures(visit, portal, tmp_path):
    shutil.copytree(portal.data, tmp_path / "data", ignore=shutil.ignore_patterns("run", "*.lock"))
    with portal_in(tmp_path / "data", "--no-demo") as mortal:
        arrived = visit(link=None)
        arrived.base = mortal.base
        arrived.go(START)
        arrived.settle()
        arrived.page.get_by_role("combobox", name="Zoek een plek").fill("39")
        arrived.page.wait_for_selector("#place-found li")
        arrived.page.locator("#place-found li").first.click()
        arrived.page.wait_for_selector(".story p")
        # It falls silent, gets the next question, and is gone.
        mortal.process.send_signal(signal.SIGSTOP)
        with arrived.page.expect_request("**/api/v1/series"):
            arrived.page.get_by_role("button", name="Wat wilt u zien").click()
            arrived.page.get_by_label("Hoe vochtig is het gewas?").check()
        mortal.process.kill()
        arrived.page.get_by_role("button", name="Meet").click()
        arrived.page.get_by_role("alert").filter(has_text="De verbinding viel weg").wait_for()
        assert not is_blank(arrived)
        arrived.forgive("ERR_")  # the browser writes down every request that found nobody


def test_a_failing_server_is_told_in_words(visit):
    arrived = visit(START)
    arrived.page.route("**/api/v1/series", lambda route: route.fulfill(status=500, body="oops"))
    arrived.page.route("**/api/v1/series/insight", lambda route: route.abort())
    arrived.page.get_by_role("combobox", name="Zoek een plek").fill("39")
    arrived.page.locator("#place-found li").first.click()
    arrived.page.get_by_role("alert").filter(has_text="Het meten lukte nu niet").wait_for()
    arrived.forgive("500", "ERR_FAILED")
