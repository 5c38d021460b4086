"""The addresses of pages and films: parameters, headers, statuses. Pixels: tests/portal."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import numpy as np
import pytest
from affine import Affine
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.errors.catalogue import NothingHere
from landzicht.grid import Grid
from landzicht.kinds import Band, Layer
from landzicht.portal import Portal
from landzicht.testing.pdf import PdfFile
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text
from landzicht.web.app import create_app

GRID = Grid(
    crs="EPSG:28992", transform=Affine(10, 0, 130_000, 0, -10, 460_000), height=64, width=64
)
BAND = Band(name="b", dtype="uint8")
LAYER = Layer(
    name="b", title=Text(nl="Laag b", en="Layer b"), assets=("b",), rescale=((0.0, 255.0),)
)
SHEET = "/tiles/polder/sheet.pdf?dpi=72"
FILM = "/tiles/polder/film.webp?max_size=160"
RING = [[5.024, 52.125], [5.027, 52.125], [5.026, 52.127], [5.024, 52.125]]
AREA = {"type": "Polygon", "coordinates": [RING]}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    services = make_services(tmp_path_factory.mktemp("sheets"))
    pixels = {"b": (np.full(GRID.shape, 90, np.uint8), BAND)}
    scene = store_scene(services, "polder", "p-1", GRID, pixels)
    services.catalog.put([make_collection("polder", bands=(BAND,), layers=(LAYER,))], [scene])
    app = create_app(Portal(services), warm=False)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def lines(answer) -> str:
    return " ".join(PdfFile(answer.content).lines)


def test_page(client) -> None:
    answer = client.get(f"{SHEET}&layer=b&lang=nl&datetime=2025-06-08&state=lang=nl%26l=b")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="polder-b-2025-06-08.pdf"'
    assert answer.headers["x-landzicht-scenes"] == "p-1"
    assert answer.headers["x-landzicht-simulated"] == "false"
    told = lines(answer)
    assert "Laag b" in told
    assert "http://testserver/#lang=nl&l=b" in told


@pytest.mark.parametrize(("lang", "says"), [("nl", "te lang voor papier"), ("en", "too long for")])
def test_a_link_that_is_too_long_is_left_out_and_the_page_says_so(client, lang, says) -> None:
    for length, is_long in ((1_990, False), (2_010, True), (9_000, True)):
        state = "f=" + "x" * (length - 2)
        answer = client.get(f"{SHEET}&lang={lang}&state={state}")
        assert answer.status_code == 200
        assert (says in lines(answer)) == is_long
        assert (b"/URI" in answer.content) != is_long


def test_two_days_beside_each_other(client) -> None:
    one = client.get(f"{SHEET}&datetime=2025-06-08")
    two = client.get(f"{SHEET}&datetime=2025-06-08&compare=2025-06-01/2025-06-30")
    assert two.status_code == 200
    assert one.headers["etag"] != two.headers["etag"]
    counts = [len(PdfFile(each.content).named(b"/DCTDecode")) for each in (one, two)]
    assert counts == [1, 2]
    area = client.post(f"{SHEET}&datetime=2025-06-08&compare=2025-06-08", json=AREA)
    assert len(PdfFile(area.content).named(b"/DCTDecode")) == 2


def test_language_by_address_or_browser(client) -> None:
    dutch = client.get(SHEET, headers={"accept-language": "nl"})
    assert "Legenda" in lines(dutch)
    english = client.get(f"{SHEET}&lang=en", headers={"accept-language": "nl"})
    assert "Legend " in lines(english)


def test_legends_speak_the_language_of_the_address(client) -> None:
    dutch, english = (
        client.get(f"/tiles/polder/legend.png?layer=b&lang={lang}") for lang in ("nl", "en")
    )
    assert dutch.status_code == english.status_code == 200
    assert dutch.content != english.content
    assert dutch.headers["etag"] != english.headers["etag"]


def test_known_pages_and_films_are_not_sent_again(client) -> None:
    for address in (SHEET, FILM):
        first = client.get(address)
        again = client.get(address, headers={"if-none-match": first.headers["etag"]})
        assert again.status_code == 304
        assert not again.content


def test_page_of_an_area(client) -> None:
    answer = client.post(SHEET, json=AREA)
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")


def test_film(client) -> None:
    answer = client.get(f"{FILM}&lang=nl&frame_ms=500")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["x-landzicht-dates"] == "2025-06-08"
    gif = client.get(FILM.replace("webp", "gif"))
    assert gif.headers["content-type"] == "image/gif"
    assert gif.content.startswith(b"GIF89a")


LINES = {"accept": "application/x-ndjson"}


def test_a_film_in_lines_tells_how_far_it_is(client) -> None:
    answer = client.get(FILM, headers=LINES)
    assert answer.headers["content-type"] == "application/x-ndjson"
    *steps, last = [json.loads(line) for line in answer.text.splitlines()]
    assert steps == [{"done": 0, "total": 1}, {"done": 1, "total": 1}]
    assert base64.b64decode(last["content"]) == client.get(FILM).content
    assert last["media_type"] == "image/webp"
    assert last["dates"] == ["2025-06-08"]


def test_a_film_in_lines_that_cannot_be_made_is_a_problem_as_always(client) -> None:
    answer = client.get("/tiles/absent/film.webp", headers=LINES)
    assert answer.status_code == 404
    assert answer.json()["code"] == "unknown-collection"


def test_what_goes_wrong_half_way_is_the_last_line(client, monkeypatch) -> None:
    def broken(*_args: object, **_more: object) -> None:
        raise NothingHere(collection="polder")

    monkeypatch.setattr("landzicht.portal.maps.films.draw_frame", broken)
    *steps, last = [json.loads(line) for line in client.get(FILM, headers=LINES).text.splitlines()]
    assert steps == [{"done": 0, "total": 1}]
    assert last["error"]["code"] == "nothing-here"
    assert last["error"]["nl"] != last["error"]["en"]


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/tiles/absent/sheet.pdf", 404, "unknown-collection"),
        ("/tiles/polder/sheet.docx", 404, "unknown-format"),
        ("/tiles/polder/film.mp4", 404, "unknown-format"),
        (f"{SHEET}&paper=letter", 400, "bad-query"),
        (f"{SHEET}&orientation=round", 400, "bad-query"),
        (f"{SHEET}&dpi=9999", 400, "bad-query"),
        (f"{SHEET}&state=<script>", 400, "bad-query"),
        (f"{SHEET}&title={'x' * 200}", 400, "bad-query"),
        (f"{SHEET}&layer=absent", 404, "unknown-layer"),
        (f"{SHEET}&expression=b%2B", 400, "bad-formula"),
        (f"{SHEET}&bbox=1,2,3", 400, "bad-bbox"),
        (f"{SHEET}&bbox=100,10,101,11", 404, "nothing-here"),
        (f"{SHEET}&datetime=never", 400, "bad-datetime"),
        (f"{SHEET}&compare=never", 400, "bad-datetime"),
        (f"{SHEET}&compare=1999-01-01", 404, "nothing-here"),
        (f"{FILM}&cloud=many", 400, "bad-query"),
        (f"{FILM}&cloud=nan", 400, "bad-query"),
        (f"{FILM}&frame_ms=0", 400, "bad-query"),
        (f"{FILM}&max_size=99999", 400, "bad-query"),
        (f"{FILM}&datetime=1999-01-01", 404, "no-usable-dates"),
    ],
)
def test_what_is_wrong_is_told(client, address, status, code) -> None:
    for language in ("nl", "en"):
        answer = client.get(address, headers={"accept-language": language})
        assert answer.status_code == status, answer.text
        told = answer.json()
        assert told["code"] == code
        assert told["detail"] == told["landzicht:text"][language]


def test_a_body_that_is_no_area_is_told(client) -> None:
    assert client.post(SHEET, json={"type": "Point"}).status_code == 400
    assert client.post(SHEET, content=b"no json").status_code == 400
    assert client.post(SHEET, content=b" " * 1_000_001).status_code == 413


@given(st.dictionaries(
    st.sampled_from(["bbox", "paper", "orientation", "dpi", "title", "state", "lang", "layer",
                     "cloud", "frame_ms", "datetime", "max_size"]),
    st.text(max_size=12), max_size=3,
))  # fmt: skip
@settings(max_examples=15)
def test_no_parameter_breaks_it(client, query) -> None:
    for address in ("/tiles/polder/sheet.png", "/tiles/polder/film.gif"):
        told = {"dpi": "72", "max_size": "160"} | query
        assert client.get(address, params=told).status_code in {200, 400, 404}
