from __future__ import annotations

from html.parser import HTMLParser

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from landzicht.web import reference
from landzicht.web.reference.errors import all_errors


class Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids |= {value for name, value in attrs if name == "id" and value}


@pytest.fixture
def client() -> TestClient:
    app = FastAPI(docs_url=None)

    @app.get("/things/{id}", summary="A <b>thing</b>", tags=["Things"])
    def thing(id: str, colour: str = "red") -> str:
        return id + colour

    reference.mount(app)
    return TestClient(app)


def outline(text: str) -> Outline:
    parser = Outline()
    parser.feed(text)
    return parser


def test_addresses_are_listed_and_escaped(client: TestClient) -> None:
    page = client.get("/docs")
    assert "/things/{id}" in page.text
    assert "colour" in page.text
    assert "<b>" not in page.text
    assert "script" not in outline(page.text).tags
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_every_error_can_be_linked_to(client: TestClient) -> None:
    page = client.get("/docs/errors", headers={"accept-language": "nl"})
    assert 'lang="nl"' in page.text
    assert {kind.code for kind in all_errors()} <= outline(page.text).ids


def test_style_is_served_from_the_package(client: TestClient) -> None:
    assert client.get("/docs/style.css").headers["content-type"].startswith("text/css")
