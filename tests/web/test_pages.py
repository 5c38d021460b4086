"""The page's addresses: what is served how, and that foreign text stays text."""

from __future__ import annotations

import gzip
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from landzicht.errors.catalogue import UnknownCollection
from landzicht.kinds import Band, Layer
from landzicht.kinds.collection import Mask
from landzicht.portal.settings import Settings
from landzicht.testing.scenes import make_collection
from landzicht.text import Text
from landzicht.web.pages import mount, routes
from landzicht.web.pages.built import accepted_codings, read_built
from landzicht.web.problems import add_problem_handlers

SCRIPT = b"console.log('landzicht');" * 40
PLAIN_PAGES = ["/data", "/uitleg", "/toegankelijkheid", "/privacy", "/algoritmes"]


class Outline(HTMLParser):
    """Tags, links and language of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        known = dict(attrs)
        if tag == "html":
            self.language = known.get("lang") or ""
        self.links += [known["href"] or ""] if "href" in known else []


class FakePortal:
    """The part of `Portal` that the pages use."""

    def __init__(self, *collections) -> None:
        self.found = collections
        self.services = SimpleNamespace(settings=Settings(data=Path()))

    def collections(self):
        return self.found

    def collection(self, id: str):
        for each in self.found:
            if each.id == id:
                return each
        raise UnknownCollection(collection=id)

    def dates(self, id: str):
        return [{"date": "2025-06-08", "scenes": 1, "cloud_cover": 12.4}]

    def theme(self) -> bytes:
        return b""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built page of two files."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Kaart</title>")
    script = tmp_path / "assets/index-abc_12.js"
    script.write_bytes(SCRIPT)
    script.with_name(script.name + ".gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "secret.txt").write_text("a diary")
    monkeypatch.setattr(routes, "built_folder", lambda: tmp_path)
    return tmp_path


def open_app(*collections) -> TestClient:
    app = FastAPI()
    add_problem_handlers(app)
    mount(app, FakePortal(*collections))
    return TestClient(app, raise_server_exceptions=False)


def test_index_is_asked_for_each_time_and_hashed_files_never_again(folder: Path) -> None:
    client = open_app()
    index = client.get("/")
    assert index.headers["cache-control"] == "no-cache"
    assert client.get("/", headers={"if-none-match": index.headers["etag"]}).status_code == 304
    asset = client.get("/assets/index-abc_12.js", headers={"accept-encoding": "gzip, br"})
    assert "immutable" in asset.headers["cache-control"]
    assert asset.headers["content-type"].startswith("text/javascript")
    assert asset.headers["content-encoding"] == "gzip"
    assert asset.content == SCRIPT


def test_a_page_built_anew_is_served_anew(folder: Path) -> None:
    client = open_app()
    before = client.get("/")
    (folder / "index.html").write_text("<!doctype html><title>Een andere kaart</title>")
    after = client.get("/", headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert "andere" in after.text


def test_plain_bytes_for_a_client_that_knows_no_coding(folder: Path) -> None:
    asset = open_app().get("/assets/index-abc_12.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in asset.headers
    assert asset.content == SCRIPT


@pytest.mark.parametrize(("told", "host"), [("", ""), ("brt", " https://service.pdok.nl")])
def test_policy_of_the_map_names_only_base_maps_that_are_allowed(
    folder: Path, told: str, host: str
) -> None:
    portal = FakePortal()
    portal.services.settings = Settings(data=Path(), base_maps=told)
    app = FastAPI()
    mount(app, portal)
    client = TestClient(app)
    policy = client.get("/").headers["content-security-policy"]
    assert f"img-src 'self'{host} data: blob:;" in policy
    assert "pdok" not in client.get("/uitleg").headers["content-security-policy"]


def test_head_answers_without_a_body(folder: Path) -> None:
    answer = open_app().head("/")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone.js",
        "/assets/..%2Fsecret.txt",
        "/assets/%2e%2e/secret.txt",
        "/assets/.hidden",
        "/assets/index-abc_12.js%00",
        "/static/routes.py",
        "/static/..%2Froutes.py",
        "/assets/" + "x" * 5000,
    ],
)
def test_nothing_else_is_given_out(folder: Path, path: str) -> None:
    answer = open_app().get(path)
    assert answer.status_code == 404
    assert b"diary" not in answer.content


@pytest.mark.parametrize("name", ["..", "../secret.txt", "", "a/b", ".x", "x\0"])
def test_only_plain_names_are_looked_up(folder: Path, name: str) -> None:
    assert read_built(folder, "assets", name) is None


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip, br;q=1.0", {"gzip", "br"}),
        ("br;q=0, GZIP", {"gzip"}),
        ("", {""}),
        (";;;=,,q", {"", "q"}),
    ],
)
def test_accept_encoding(header: str, accepted: set[str]) -> None:
    assert accepted_codings(header) == accepted


@pytest.mark.parametrize("language", ["nl", "en"])
def test_missing_build_says_how_to_make_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(routes, "built_folder", lambda: tmp_path / "dist")
    answer = open_app().get("/", headers={"accept-language": language})
    assert answer.status_code == 503
    assert "python hatch_build.py" in answer.text
    assert Outline(answer.text).language == language


@pytest.mark.parametrize("path", PLAIN_PAGES)
def test_plain_pages_speak_both_languages_without_scripts(path: str) -> None:
    client = open_app(make_collection())
    dutch = client.get(path, headers={"accept-language": "nl-NL,nl;q=0.9,en;q=0.8"})
    english = client.get(f"{path}?lang=en", headers={"accept-language": "nl"})
    assert (Outline(dutch.text).language, Outline(english.text).language) == ("nl", "en")
    assert dutch.text != english.text
    for answer in (dutch, english):
        outline = Outline(answer.text)
        assert outline.tags.count("h1") == 1
        assert not {"script", "style"} & set(outline.tags)
        assert "style=" not in answer.text
        assert f"{path}?lang=" in answer.text
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", [*PLAIN_PAGES, "/"])
def test_strange_language_is_no_error(folder: Path, path: str) -> None:
    assert open_app().get(f"{path}?lang=<script>&lang=xx").status_code == 200


def test_data_lists_collections_with_their_links() -> None:
    one = replace(make_collection(), id="een twee/drie", simulated=True, resolution_m=2.5)
    answer = open_app(one).get("/data?lang=nl")
    links = Outline(answer.text).links
    assert "/data/een%20twee%2Fdrie?lang=nl" in links
    assert "/stac/collections/een%20twee%2Fdrie/items" in links
    assert "/#lang=nl&c=een%20twee%2Fdrie" in links
    assert "GESIMULEERD" in answer.text
    assert "2,5 × 2,5 m" in answer.text


def test_foreign_text_stays_text() -> None:
    evil = '<script>alert("x")</script>'
    one = replace(
        make_collection(),
        title=Text(nl=evil, en=evil),
        description=Text(nl=evil, en=evil),
        license=evil,
        sources=(evil,),
        simulated=False,
    )
    answer = open_app(one).get("/data")
    assert "script" not in Outline(answer.text).tags
    assert "&lt;script&gt;" in answer.text


def test_no_data_says_what_to_do() -> None:
    assert "landzicht ingest" in open_app().get("/data?lang=nl").text


def test_theme_of_an_organisation(monkeypatch: pytest.MonkeyPatch) -> None:
    css = b":root { --lz-brand: #005; }"
    monkeypatch.setattr(FakePortal, "theme", lambda _: css)
    answer = open_app().get("/theme.css")
    assert answer.content == css
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_record_tells_all_of_a_collection() -> None:
    evil = Text(nl="<script>alert(1)</script>", en="<script>alert(1)</script>")
    band = Band(name="B04", dtype="uint16", title="Red <b>", unit="1", wavelength_um=0.665)
    layer = Layer(name="a b", title=evil, description=evil, assets=("B04",), colormap="viridis")
    mask = Mask(asset="SCL", valid=(4,))
    collection = make_collection("x", title=evil, bands=(band,), layers=(layer,), mask=mask,
                                 simulated=True, count=2)  # fmt: skip
    for language, words in (
        ("nl", ("GESIMULEERD", "0,665 µm", "8 juni 2025 – 12% wolken", "SCL", "Legenda van")),
        ("en", ("SIMULATED", "0.665 µm", "8 June 2025 – 12% clouds", "SCL", "Legend of")),
    ):
        answer = open_app(collection).get(f"/data/x?lang={language}")
        assert answer.status_code == 200
        read = Outline(answer.text)
        assert "script" not in read.tags
        assert "&lt;script&gt;" in answer.text
        assert "Red &lt;b&gt;" in answer.text
        for word in words:
            assert word in answer.text, word
        assert "/tiles/x/legend.png?layer=a%20b" in answer.text
        assert f"/tiles/x/sheet.pdf?lang={language}" in read.links
        assert read.language == language


def test_a_record_that_is_not_there_is_a_page_with_a_way_on() -> None:
    answer = open_app().get("/data/absent?lang=nl")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "/data?lang=nl" in Outline(answer.text).links


def test_files_of_the_installed_page(folder: Path) -> None:
    (folder / "icons").mkdir()
    (folder / "icons/192.png").write_bytes(b"png")
    (folder / "sw.js").write_text("self;")
    (folder / "manifest.webmanifest").write_text("{}")
    client = open_app()
    worker = client.get("/sw.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["cache-control"] == "no-cache"
    manifest = client.get("/manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    assert client.get("/icons/192.png").headers["content-type"] == "image/png"
    assert client.get("/icons/..%2Fsecret.txt").status_code == 404
    assert client.get("/icons/absent.png").status_code == 404


def test_static_files_and_icon() -> None:
    client = open_app()
    assert client.get("/static/plain.css").headers["content-type"].startswith("text/css")
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"
