"""Long questions as jobs, over HTTP: state, answer, end, and a server that is killed half-way."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from landzicht.portal import Portal
from landzicht.portal.parcels.jobs import clean, unfinished
from landzicht.rules import Decision
from landzicht.testing.fields import add_dates, features
from landzicht.testing.pixels import make_services
from landzicht.text import Text
from landzicht.web.app import create_app

ASYNC = {"prefer": "respond-async"}
QUESTION = {"collection": "fields", "layer": "red", "stats": ["mean", "median"]}

HALTING_SERVER = """
import sys, time
from dataclasses import dataclass, replace
import uvicorn
from landzicht.portal import Portal, open_portal
from landzicht.web.app import create_app

@dataclass
class Halting:  # with two dates kept, so that it is half-way when it is killed
    reader: object
    def levels(self, asset):
        return self.reader.levels(asset)
    def read(self, asset, level, window):
        if len(list(services.settings.jobs.glob("*/2025*.arrow"))) >= 2:
            time.sleep(600)
        return self.reader.read(asset, level, window)

services = open_portal(sys.argv[1]).services
from landzicht.runners import Inline
portal = Portal(replace(services, reader=Halting(services.reader), runner=Inline()))
uvicorn.run(create_app(portal, warm=False), port=int(sys.argv[2]), log_level="warning")
"""


@pytest.fixture
def services(tmp_path):
    services = make_services(tmp_path)
    add_dates(services, 4)
    return services


@pytest.fixture
def client(services):
    with TestClient(create_app(Portal(services), warm=False)) as client:
        yield client


def body(**fields):
    return {**QUESTION, "parcels": features(5), **fields}


def wait_for(client, job, status="done", seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told = client.get(f"/api/v1/jobs/{job}").json()
        if told["status"] == status:
            return told
        time.sleep(0.05)
    raise AssertionError(told)


def test_a_job_gives_the_answer_that_the_stream_gives(client):
    asked = client.post("/api/v1/series", json=body(), headers=ASYNC)
    assert asked.status_code == 202, asked.text
    assert asked.headers["preference-applied"] == "respond-async"
    told = asked.json()
    assert asked.headers["location"].endswith(f"/api/v1/jobs/{told['id']}")
    done = wait_for(client, told["id"])
    assert done["done"] == done["total"] == 4
    assert done["parcels"] == 5
    stream = client.post("/api/v1/series", json=body())
    assert client.get(f"/api/v1/jobs/{told['id']}/result").text == stream.text
    accept = {"accept": "application/vnd.apache.parquet"}
    table = pq.read_table(
        io.BytesIO(client.get(f"/api/v1/jobs/{told['id']}/result", headers=accept).content)
    )
    assert table.num_rows == 20
    assert client.delete(f"/api/v1/jobs/{told['id']}").status_code == 204
    for address in ("", "/result"):
        assert client.get(f"/api/v1/jobs/{told['id']}{address}").status_code == 404


def test_a_smooth_job_says_what_the_smooth_stream_says(services):
    """Over more dates than a line needs, with a refused parcel, one under cloud, and twins."""
    add_dates(services, 14)
    parcels = features(5)
    twin = {**parcels["features"][1]}
    parcels["features"] += [twin, {"type": "Feature", "id": "bad", "geometry": None}]
    away = {"type": "Point", "coordinates": [-70.0, 10.0]}
    parcels["features"].append({"type": "Feature", "id": "away", "geometry": away})
    asked = body(parcels=parcels, smooth=True)
    with TestClient(create_app(Portal(services), warm=False)) as client:
        refused = client.post("/api/v1/series", json=body(smooth=1), headers=ASYNC)
        assert refused.status_code == 400
        no_mean = client.post("/api/v1/series", json={**asked, "stats": ["max"]}, headers=ASYNC)
        assert (no_mean.status_code, no_mean.json()["code"]) == (400, "bad-query")
        job = client.post("/api/v1/series", json=asked, headers=ASYNC).json()["id"]
        wait_for(client, job)
        told = client.get(f"/api/v1/jobs/{job}/result").text
        assert told == client.post("/api/v1/series", json=asked).text
    rows = [json.loads(line) for line in told.splitlines()]
    assert sum(row.get("error") is not None for row in rows) == 2
    assert sum(row.get("smooth_method") is not None for row in rows) > 40
    assert not any("_number" in row for row in rows)


def test_above_the_limit_it_becomes_a_job_or_is_refused(services):
    settings = replace(services.settings, series_direct_mpx=0)
    with TestClient(create_app(Portal(replace(services, settings=settings)), warm=False)) as client:
        asked = client.post("/api/v1/series", json=body())
        assert asked.status_code == 202
        assert wait_for(client, asked.json()["id"])["done"] == 4
        # What is known already costs nothing, so now it is answered at once.
        assert client.post("/api/v1/series", json=body()).status_code == 200
    settings = replace(settings, series_most_mpx=0)
    with TestClient(create_app(Portal(replace(services, settings=settings)), warm=False)) as client:
        for headers in ({}, ASYNC):
            refused = client.post("/api/v1/series", json=body(stats=["max"]), headers=headers)
            assert refused.status_code == 413
            assert refused.json()["code"] == "series-too-large"
        assert client.post("/api/v1/series?plan=true", json=body(stats=["max"])).status_code == 413


def test_a_job_tells_of_parcels_that_no_image_shows(client):
    parcels = features(3)
    parcels["features"].append(
        {"type": "Feature", "id": "far", "geometry": {"type": "Point", "coordinates": [50, 5]}}
    )
    asked = body(parcels=parcels)
    job = client.post("/api/v1/series", json=asked, headers=ASYNC).json()["id"]
    wait_for(client, job)
    result = client.get(f"/api/v1/jobs/{job}/result").text
    assert result == client.post("/api/v1/series", json=asked).text
    assert json.loads(result.splitlines()[-1])["parcel"] == "far"


def test_a_wrong_question_is_no_job(client, services):
    wrong = client.post("/api/v1/series", json=body(layer="nothing"), headers=ASYNC)
    assert wrong.status_code == 404
    assert not list(services.settings.jobs.glob("*/state.json"))


@pytest.mark.parametrize("id", ["nothing", "A" * 22, "..%2f..%2fcatalogue", "%00"])
def test_an_unknown_job(client, id):
    for method, address in (("GET", ""), ("GET", "/result"), ("DELETE", "")):
        answer = client.request(method, f"/api/v1/jobs/{id}{address}")
        assert answer.status_code == 404, answer.text


def test_jobs_are_counted_and_cleaned_up(services):
    settings = replace(services.settings, max_jobs=1, job_days=1)
    with TestClient(create_app(Portal(replace(services, settings=settings)), warm=False)) as client:
        first = client.post("/api/v1/series", json=body(), headers=ASYNC).json()["id"]
        wait_for(client, first)
        many = client.post("/api/v1/series", json=body(), headers=ASYNC)
        assert many.status_code == 429
        assert many.json()["code"] == "too-many-jobs"
        state = settings.jobs / first / "state.json"
        old = time.time() - 1.5 * 86_400
        os.utime(state, (old, old))
        clean(settings)
        assert not state.exists()
        assert client.post("/api/v1/series", json=body(), headers=ASYNC).status_code == 202


def test_a_job_that_cannot_be_done_says_why(client, services, monkeypatch):
    def broken(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr("landzicht.portal.parcels.job_keeper.run_job", broken)
    asked = client.post("/api/v1/series", json=body(), headers=ASYNC).json()
    failed = wait_for(client, asked["id"], "failed")
    assert failed["error"]["code"] == "broken"
    assert failed["error"]["nl"] != failed["error"]["en"]
    assert client.get(f"/api/v1/jobs/{asked['id']}/result").status_code == 400
    assert unfinished(services.settings) == []


def test_a_collection_that_is_hidden_later_hides_its_jobs(client, services):
    class Hides:
        def judge(self, use, collection):
            return Decision(False, Text(nl="Geheim.", en="Secret."))

    job = client.post("/api/v1/series", json=body(), headers=ASYNC).json()["id"]
    wait_for(client, job)
    closed = Portal(replace(services, policies=(Hides(),)))
    with TestClient(create_app(closed, warm=False)) as other:
        assert other.get(f"/api/v1/jobs/{job}").status_code == 404
        assert other.get(f"/api/v1/jobs/{job}/result").status_code == 404
        assert other.delete(f"/api/v1/jobs/{job}").status_code == 404
    assert client.get(f"/api/v1/jobs/{job}").status_code == 200


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def call(port, path, told=None, headers=None):
    data = None if told is None else json.dumps(told).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers or {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def until(say, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = say()
        except OSError:
            found = None
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it takes too long")


def test_killed_half_way_and_started_again_it_goes_on_where_it_was(tmp_path):
    services = make_services(tmp_path)
    add_dates(services, 8)
    asked = {**QUESTION, "parcels": features(5)}
    expected = b"".join(Portal(services).series_answer(asked, "application/x-ndjson").chunks)
    for path in services.settings.series_cache.glob("*/*"):
        path.unlink()
    port, environment = free_port(), os.environ | {"PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", HALTING_SERVER, str(tmp_path), str(port)]
    server = subprocess.Popen(command, env=environment)
    try:
        until(lambda: call(port, "/api/v1/areas"))
        job = json.loads(call(port, "/api/v1/series", asked, ASYNC))["id"]
        folder = services.settings.jobs / job
        state = folder / "state.json"
        until(lambda: json.loads(state.read_bytes())["done"] >= 2)
        server.send_signal(signal.SIGKILL)
        server.wait()
    finally:
        server.kill()
        server.wait()
    told = json.loads(state.read_bytes())
    assert told["status"] == "running"
    assert 2 <= told["done"] < 8
    ready = {path: path.stat().st_mtime_ns for path in folder.glob("2025*.arrow")}
    assert len(ready) >= 2
    program = Path(sys.executable).with_name("landzicht")
    command = [program, "up", "--no-demo", "--data", tmp_path, "--port", str(port)]
    server = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    try:
        done = until(lambda: json.loads(state.read_bytes())["status"] == "done")
        assert done
        result = until(lambda: call(port, f"/api/v1/jobs/{job}/result"))
    finally:
        server.terminate()
        server.wait()
    assert result == expected
    assert all(path.stat().st_mtime_ns == moment for path, moment in ready.items())
