"""`/metrics`: what Prometheus reads, by its published grammar."""

from __future__ import annotations

import re
import time

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from landzicht.portal import open_portal
from landzicht.portal.following.following import follow_once
from landzicht.portal.metrics import Family, Sample
from landzicht.portal.settings import load_settings
from landzicht.sources.register import folder_of, keep_source
from landzicht.sources.source import Kind, Source
from landzicht.sources.state import Came, Outcome, open_state
from landzicht.testing.photos import noise_photo
from landzicht.web.app import create_app
from landzicht.web.metrics import text_of

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
NUMBER = r"(?:[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|[-+]Inf|NaN)"
LINE = re.compile(rf"({NAME})(?:\{{((?:{LABEL})(?:,{LABEL})*)?\}})? ({NUMBER})")


def read(text: str) -> dict[tuple[str, str], float]:
    """Return the samples of a text; fails on anything that is not in the format."""
    assert text.endswith("\n")
    found: dict[tuple[str, str], float] = {}
    typed: list[str] = []
    described: set[str] = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.removeprefix("# TYPE ").split(" ")
            assert kind == "gauge"
            assert name not in typed, "a family is told once, in one piece"
            typed.append(name)
            continue
        if line.startswith("# HELP "):
            described.add(line.split(" ")[2])
            continue
        match = LINE.fullmatch(line)
        assert match, line
        assert match[1] == typed[-1]
        key = (match[1], match[2] or "")
        assert key not in found
        found[key] = float(match[3])
    assert set(typed) == described
    return found


@given(st.text(), st.floats(), st.text())
def test_any_label_and_number_can_be_told(word: str, value: float, help: str) -> None:
    family = Family(name="a_b", help=help, samples=(Sample(value=value, labels=(("x", word),)),))
    text = text_of([family, Family(name="empty", help="x")])
    *_, line, end = text.split("\n")
    assert end == ""
    match = LINE.fullmatch(line)
    assert match, line
    escaped = match[2].removeprefix('x="').removesuffix('"')
    back = re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), escaped)
    assert back == word
    told = float(match[3])
    assert told == value or (told != told and value != value)


@pytest.fixture
def portal(tmp_path):
    with open_portal(load_settings(tmp_path / "data", quota_mb=1)) as portal:
        yield portal


def scrape(portal) -> dict[tuple[str, str], float]:
    with TestClient(create_app(portal, warm=False)) as client:
        answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    return read(answer.text)


def test_an_empty_portal_has_numbers(portal) -> None:
    found = scrape(portal)
    assert found["landzicht_stored_bytes", ""] == 0
    assert found["landzicht_quota_bytes", ""] == 1e6
    assert found["landzicht_quota_reached", ""] == 0
    assert found["landzicht_disk_free_bytes", ""] > 0
    assert not [key for key in found if "source" in key[0]]


def test_sources_failures_and_the_quota_are_seen(portal, tmp_path) -> None:
    drop = tmp_path / "drop"
    for number in range(1, 4):
        noise_photo(drop / f"a-202506{number:02}.tif", number, side=700)
    (drop / "b.tif").write_bytes(b"no image")
    time.sleep(0.2)
    source = Source(id="drop", kind=Kind.FOLDER, place=str(drop), extra={"quiet_s": 0.1})
    keep_source(portal.services.settings.data, source)
    follow_once(portal.services, source, lambda *_: None, bool)
    found = scrape(portal)
    whose = 'source="drop",kind="folder"'
    assert found["landzicht_source_up", whose] == 0  # the quota
    assert found["landzicht_source_items", f'{whose},outcome="in"'] == 1
    with TestClient(create_app(portal, warm=False)) as client:
        page = client.get("/actualiteit", headers={"accept-language": "nl"}).text
        (told,) = client.get("/api/v1/sources").json()["sources"]
    assert "wacht op ruimte" in page
    assert "quota_mb" in page
    assert told["error_code"] == "quota-reached"
    assert 500_000 < found["landzicht_stored_bytes", ""] <= 1e6
    assert found["landzicht_source_fetched_bytes", whose] > 400_000
    last = found["landzicht_source_last_image_timestamp_seconds", whose]
    assert found["landzicht_collection_last_image_timestamp_seconds", 'collection="a"'] == last
    lag = found["landzicht_source_lag_seconds", whose]
    assert abs(time.time() - last - lag) < 1_000
    assert found["landzicht_collection_scenes", 'collection="a"'] == 1


def test_failures_and_gaps_by_source(portal) -> None:
    data = portal.services.settings.data
    source = Source(id="s2", kind=Kind.STAC, place="https://stac.example.org", paused=True)
    keep_source(data, source)
    with open_state(folder_of(data, "s2")) as state:
        assert state
        for day in (1, 6, 11, 16, 26):  # each five days; that of the 21st is missing
            moment = f"2025-06-{day:02}T10:40:00Z"
            state.note(Came(key=f"{day}", version="1", outcome=Outcome.IN, moment=moment, size=10))
        for number, code in enumerate(["asset-missing", "asset-missing", 'odd "code"\n']):
            came = Came(key=f"f{number}", version="1", outcome=Outcome.FAILED, code=code, tries=1)
            state.note(came)
        state.tell(looked=1e9, error=None)
    found = scrape(portal)
    whose = 'source="s2",kind="stac"'
    assert found["landzicht_source_up", whose] == 1
    assert found["landzicht_source_paused", whose] == 1
    assert found["landzicht_source_failures", f'{whose},reason="asset-missing"'] == 2
    assert found["landzicht_source_failures", f'{whose},reason="odd \\"code\\"\\n"'] == 1
    assert found["landzicht_source_gaps", whose] > 0
    assert found["landzicht_source_fetched_bytes", whose] == 50
    assert found["landzicht_source_last_look_timestamp_seconds", whose] == 1e9
