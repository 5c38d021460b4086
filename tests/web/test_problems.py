"""Every error becomes a problem document with the right status, in the reader's language."""

from __future__ import annotations

import logging

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from landzicht.errors.base import Broken, Denied, Empty, Invalid, Missing, SourceFailed, TooLarge
from landzicht.errors.catalogue import UnknownLayer
from landzicht.web.problems import add_problem_handlers

STATUS = {
    Invalid: 400, Missing: 404, Denied: 403, Empty: 404, TooLarge: 413, SourceFailed: 502,
    Broken: 500,
}  # fmt: skip


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    add_problem_handlers(app)

    @app.get("/raise/{name}")
    def fail(name: str) -> None:
        raise {kind.__name__: kind for kind in STATUS}[name]

    @app.get("/layer")
    def layer() -> None:
        raise UnknownLayer(collection="c", layer="<script>", known="visual")

    @app.get("/bug")
    def bug() -> None:
        raise ZeroDivisionError("secret of the server")

    @app.get("/number/{n}")
    def number(n: int) -> int:
        return n

    @app.post("/body")
    def body(n: dict[str, int]) -> int:
        return len(n)

    app.add_api_route("/both", layer, methods=["GET"])
    app.add_api_route("/both", body, methods=["POST"])
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("kind", STATUS, ids=lambda kind: kind.__name__)
def test_family_decides_the_status(client: TestClient, kind: type[Invalid]) -> None:
    answer = client.get(f"/raise/{kind.__name__}")
    assert answer.status_code == STATUS[kind]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == kind.code
    assert answer.json()["status"] == answer.status_code


def test_language_of_the_reader(client: TestClient) -> None:
    dutch = client.get("/layer", headers={"accept-language": "nl-NL,nl;q=0.9"})
    english = client.get("/layer")
    assert dutch.headers["content-language"] == "nl"
    assert "heeft geen laag" in dutch.json()["detail"]
    assert "has no layer" in english.json()["detail"]
    assert dutch.json()["landzicht:text"] == english.json()["landzicht:text"]
    assert english.json()["todo"] == "Choose one of: visual."


def test_a_bug_tells_a_reference_and_nothing_of_the_inside(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = client.get("/bug")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.json()["reference"] in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "no-such-address"),
        ("DELETE", "/layer", 405, "no-such-method"),
        ("GET", "/number/seven", 400, "bad-query"),
    ],
)
def test_http_itself(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["code"] == code


def test_a_refused_method_is_told_with_all_that_are_possible(client: TestClient) -> None:
    assert client.delete("/layer").headers["allow"] == "GET, HEAD"
    assert client.delete("/body").headers["allow"] == "POST"
    assert client.delete("/both").headers["allow"] == "GET, HEAD, POST"


def test_a_broken_body_is_the_callers_to_mend(client: TestClient) -> None:
    answer = client.post("/body", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "unreadable-request"
