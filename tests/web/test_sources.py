"""What everybody may know of the sources that are followed: as JSON and on the page."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
from fastapi.testclient import TestClient

from landzicht.portal import Portal
from landzicht.rules import Decision
from landzicht.sources.register import folder_of, keep_source
from landzicht.sources.source import Kind, Mode, Source
from landzicht.sources.state import Came, Outcome, open_state
from landzicht.testing.pixels import make_services
from landzicht.testing.scenes import make_collection
from landzicht.text import Text
from landzicht.web.app import create_app

NASTY = "<script>alert(1)</script>"
FIRST = datetime(2025, 1, 3, 10, 40, tzinfo=UTC)
ONE = Source(
    id="one",
    kind=Kind.STAC,
    place="https://planetarycomputer.microsoft.com/api/stac/v1",
    collection="sentinel-2-l2a",
    into="polder",
    mode=Mode.MIRROR,
    profile="planetary-computer",
)


class Hides:
    def judge(self, use, collection):
        no = Text(nl="geheim", en="secret")
        return Decision(False, no) if collection == "secret" else None


def fill(data, source):
    keep_source(data, source)
    with open_state(folder_of(data, source.id)) as state:
        for number in [*range(8), *range(9, 12)]:  # the ninth is missing
            moment = FIRST + timedelta(days=5 * number)
            state.note(
                Came(
                    key=f"s{number}", version="1", outcome=Outcome.IN, collection=source.into,
                    scene=f"s{number}", moment=moment.isoformat(), size=1_000,
                )
            )  # fmt: skip
        state.note(
            Came(
                key=NASTY, version="1", outcome=Outcome.FAILED, code="asset-failed", nl=NASTY,
                en=NASTY, tries=2, next_try=time.time() + 60,
            )
        )  # fmt: skip
        odd = {"code": "wrong-count", "nl": "te veel", "en": "too many"}
        state.tell(looked=time.time(), error=None, remarks=[odd])


@pytest.fixture
def portal(tmp_path):
    services = make_services(tmp_path, (Hides(),))
    services.catalog.put([make_collection(), make_collection("secret")], [])
    fill(services.settings.data, ONE)
    fill(services.settings.data, replace(ONE, id="hidden", into="secret"))
    with Portal(services) as portal:
        yield portal


@pytest.fixture
def client(portal):
    with TestClient(create_app(portal, warm=False)) as client:
        yield client


def test_last_image_lag_gaps_and_failures(portal):
    (told,) = portal.sources(FIRST + timedelta(days=57.5))
    assert told.last.startswith("2025-02-27")
    assert told.lag_days == 2.5
    assert told.gaps == ("2025-02-12",)
    assert told.counts == {"in": 11, "skipped": 0, "failed": 1}
    assert told.reasons == {"asset-failed": 1}
    assert told.bytes == 11_000
    assert told.error is None
    assert portal.sources(FIRST + timedelta(days=70))[0].gaps[0] == "2025-03-09"


def test_the_json_is_as_described_and_hides_what_is_hidden(client):
    answer = client.get("/api/v1/sources")
    assert answer.status_code == 200
    told = answer.json()
    assert [one["id"] for one in told["sources"]] == ["one"]
    described = client.get("/openapi.json").json()["paths"]["/api/v1/sources"]["get"]
    schema = described["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(told, schema)
    assert "secret" not in answer.text
    assert told["sources"][0]["title"]["en"] == "Planetary Computer (Microsoft): sentinel-2-l2a"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", ("Bronnen die het portaal volgt", "11 binnen", "Ontbreekt", "te veel")),
        ("en", ("Sources that the portal follows", "11 in", "Missing", "too many")),
    ],
)
def test_the_page_tells_it_and_believes_nothing(client, language, words):
    page = client.get("/actualiteit", headers={"accept-language": language}).text
    for word in words:
        assert word in page
    assert NASTY not in page
    assert "&lt;script&gt;" in page
    assert "hidden" not in page


def test_a_failing_and_a_paused_source_say_so(portal):
    data = portal.services.settings.data
    with open_state(folder_of(data, "one")) as state:
        error = {"nl": "de andere computer is te langzaam", "en": "the other computer is too slow"}
        state.tell(error=error, next_try=2e9)
        assert portal.sources()[0].at_work
    (told,) = portal.sources()
    assert told.state.en == "does not answer well"
    assert told.error.nl == "de andere computer is te langzaam"
    assert told.next_try == "2033-05-18T03:33:20Z"
    portal.pause_source("one")
    assert portal.sources()[0].state.nl == "wacht (stilgezet)"


def test_a_folder_tells_its_name_and_not_its_path(tmp_path):
    services = make_services(tmp_path)
    place = "/very/secret/place/deliveries"
    keep_source(services.settings.data, replace(ONE, kind=Kind.FOLDER, place=place, profile=""))
    with Portal(services) as portal:
        (told,) = portal.sources()
    assert told.place == "deliveries"
    assert "secret" not in str(told.as_dict())


def test_a_damaged_summary_is_no_summary(portal, client):
    folder = folder_of(portal.services.settings.data, "one")
    (folder / "summary.json").write_bytes(b"{\x00")
    assert client.get("/api/v1/sources").json()["sources"][0]["counts"] == {}
    assert client.get("/actualiteit").status_code == 200
    (folder / "source.json").write_bytes(b"[]")
    assert client.get("/api/v1/sources").json()["sources"] == []
