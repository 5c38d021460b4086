"""Measuring over HTTP: every form of answer, every refusal, what a file that is damaged does."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from fastapi.testclient import TestClient

from landzicht.grid.crs import transformer
from landzicht.portal import Portal
from landzicht.rules import Decision
from landzicht.testing.fields import FIRST, GRID, add_dates, features, pixels_of
from landzicht.testing.pixels import make_services
from landzicht.text import Text
from landzicht.web.app import create_app

DATES = 3
QUESTION = {"collection": "fields", "layer": "red", "stats": ["mean", "max", "p10", "count"]}
NDJSON = "application/x-ndjson"
ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"


class HidesSecret:
    """Hides one collection."""

    def judge(self, use, collection):
        text = Text(nl="Dit is geheim.", en="This is secret.")
        return Decision(False, text) if collection == "secret" else None


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("series"), (HidesSecret(),))
    add_dates(services, DATES)
    add_dates(services, 1, "secret")
    add_dates(services, 1, "made-up", simulated=True)
    return Portal(services)


@pytest.fixture(scope="module")
def client(portal):
    with TestClient(create_app(portal, warm=False), raise_server_exceptions=False) as client:
        yield client


def ask(client, accept=NDJSON, headers=None, **fields):
    body = {**QUESTION, "parcels": features(4), **fields}
    body = {name: value for name, value in body.items() if value is not None}
    told = {"accept": accept, **(headers or {})}
    return client.post("/api/v1/series", content=json.dumps(body), headers=told)


def rows_of(answer):
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_one_row_for_each_parcel_and_date(client):
    answer = ask(client)
    rows = rows_of(answer)
    assert answer.headers["content-type"].startswith(NDJSON)
    assert [row["parcel"] for row in rows] == [f"p{n}" for n in range(4)] * DATES
    assert {row["name"] for row in rows} == {f"Field {n}" for n in range(4)}
    assert {row["datetime"] for row in rows[:4]} == {FIRST.isoformat().replace("+00:00", "Z")}
    assert {row["scene"] for row in rows} == {"s0", "s1", "s2"}
    assert all(row["method"].startswith("landzicht-series/") for row in rows)
    assert all(0 < row["valid"] <= 1 and row["p10"] <= row["mean"] <= row["max"] for row in rows)
    assert not any(row["simulated"] for row in rows)


def test_every_form_says_the_same(client):
    rows = rows_of(ask(client))
    text = list(csv.DictReader(io.StringIO(ask(client, "text/csv").text)))
    arrow = pa.ipc.open_stream(ask(client, ARROW).content).read_all()
    parquet = pq.read_table(io.BytesIO(ask(client, PARQUET).content))
    assert arrow.equals(parquet)
    assert arrow.column("parcel").to_pylist() == [row["parcel"] for row in rows]
    assert [row["scene"] for row in text] == [row["scene"] for row in rows]
    moments = [[datetime.fromisoformat(row["datetime"]) for row in each] for each in (text, rows)]
    assert moments[0] == moments[1]
    for name in ("mean", "max", "p10", "count", "valid"):
        wanted = np.array([row[name] for row in rows])
        np.testing.assert_array_equal(arrow.column(name).to_numpy(), wanted)
        np.testing.assert_allclose([float(row[name]) for row in text], wanted, rtol=1e-12)
    assert arrow.schema.metadata[b"simulated"] == b"NO"
    assert arrow.schema.metadata[b"collection"] == b"fields"


def test_an_unknown_form_gives_the_usual_one(client):
    assert ask(client, "image/png").headers["content-type"].startswith(NDJSON)
    assert ask(client, "text/html, text/csv;q=0.9").headers["content-type"].startswith("text/csv")


def test_simulated_data_are_marked_in_every_form(client):
    told = {"collection": "made-up"}
    answer = ask(client, **told)
    assert answer.headers["x-landzicht-simulated"] == "true"
    assert all(row["simulated"] for row in rows_of(answer))
    assert ask(client, "text/csv", **told).text.count("true") >= 4
    for table in (
        pa.ipc.open_stream(ask(client, ARROW, **told).content).read_all(),
        pq.read_table(io.BytesIO(ask(client, PARQUET, **told).content)),
    ):
        assert table.schema.metadata[b"simulated"] == b"YES"
        assert all(table.column("simulated").to_pylist())


def test_geoparquet_keeps_shapes_ids_and_names(client):
    answer = ask(client, PARQUET, geometry=True)
    table = pq.read_table(io.BytesIO(answer.content))
    geo = json.loads(table.schema.metadata[b"geo"])
    assert geo["primary_column"] == "geometry"
    assert geo["columns"]["geometry"]["encoding"] == "WKB"
    assert geo["columns"]["geometry"]["geometry_types"] == ["Polygon"]
    assert "crs" not in geo["columns"]["geometry"]  # longitude, latitude: the default
    sent = {f["id"]: shapely.geometry.shape(f["geometry"]) for f in features(4)["features"]}
    for row in table.to_pylist():
        assert shapely.equals(shapely.from_wkb(row["geometry"]), sent[row["parcel"]])
        assert row["name"] == f"Field {row['parcel'][1:]}"
    assert ask(client, NDJSON, geometry=True).status_code == 400


def test_a_point_is_the_pixel_it_lies_in(client):
    point = {"type": "Point", "coordinates": [5.05, 52.09]}
    rows = rows_of(ask(client, parcels=point, mask=False, stats=["mean", "min", "max"]))
    red, _ = pixels_of(0)
    x, y = transformer("EPSG:4326", GRID.crs).transform(5.05, 52.09)
    column, row = ~GRID.transform @ (x, y)
    assert rows[0]["mean"] == rows[0]["min"] == rows[0]["max"]
    assert rows[0]["mean"] == pytest.approx(red[int(row), int(column)] * 1e-4)
    assert rows[0]["count"] == rows[0]["valid"] == 1


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"parcels": None}, 400, "bad-query"),
        ({"parcels": []}, 400, "bad-query"),
        ({"collection": None}, 400, "bad-query"),
        ({"collection": 3}, 400, "bad-query"),
        ({"collection": "nothing"}, 404, "unknown-collection"),
        ({"collection": "secret"}, 404, "unknown-collection"),
        ({"layer": "nothing"}, 404, "unknown-layer"),
        ({"layer": None, "expression": "B04+("}, 400, "bad-formula"),
        ({"stats": ["mode"]}, 400, "bad-statistic"),
        ({"stats": "mean"}, 400, "bad-query"),
        ({"histogram": [2, 1]}, 400, "bad-statistic"),
        ({"histogram": ["a"]}, 400, "bad-query"),
        ({"datetime": "yesterday"}, 400, "bad-datetime"),
        ({"mask": "yes"}, 400, "bad-query"),
        ({"geometry": "yes"}, 400, "bad-query"),
        ({"stat": ["max"]}, 400, "bad-query"),
        ({"crs": "EPSG:28992"}, 400, "bad-query"),
        ({"areas": "none", "parcels": None}, 404, "unknown-areas"),
        ({"areas": "../x", "parcels": None}, 404, "unknown-areas"),
    ],
)
def test_refusals_in_two_languages(client, change, status, code):
    dutch = ask(client, headers={"accept-language": "nl"}, **change)
    english = ask(client, headers={"accept-language": "en"}, **change)
    assert dutch.status_code == english.status_code == status, english.text
    assert dutch.headers["content-type"] == "application/problem+json"
    assert dutch.json()["code"] == english.json()["code"] == code
    assert dutch.json()["detail"] != english.json()["detail"]
    assert english.json()["todo"]


def test_geojson_of_before_rfc_7946_tells_its_system(client):
    parcels = features(2)
    forth = transformer("EPSG:4326", "EPSG:28992")
    for feature in parcels["features"]:
        rings = feature["geometry"]["coordinates"]
        feature["geometry"]["coordinates"] = [
            [list(forth.transform(*corner)) for corner in ring] for ring in rings
        ]
    name = "urn:ogc:def:crs:EPSG::28992"
    parcels["crs"] = {"type": "name", "properties": {"name": name}}
    wanted = {(row["parcel"], row["scene"]): row["mean"] for row in rows_of(ask(client))}
    found = rows_of(ask(client, parcels=parcels))
    assert len(found) == 2 * DATES
    for row in found:
        assert row["mean"] == pytest.approx(wanted[row["parcel"], row["scene"]], abs=1e-5)
    parcels["crs"]["properties"]["name"] = "EPSG:999999"
    answer = ask(client, parcels=parcels)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown-crs")


def test_a_hidden_collection_is_as_if_it_did_not_exist(client):
    for plan in ("", "?plan=true"):
        body = {**QUESTION, "parcels": features(1)}
        hidden = client.post(f"/api/v1/series{plan}", json=body | {"collection": "secret"})
        absent = client.post(f"/api/v1/series{plan}", json=body | {"collection": "absent"})
        assert hidden.status_code == absent.status_code == 404
        assert hidden.text.replace("secret", "absent") == absent.text


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b'"text"'])
def test_what_is_no_json_object_is_refused(client, body):
    answer = client.post("/api/v1/series", content=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "unreadable-request"


def test_a_body_that_is_too_long_is_refused(client, monkeypatch):
    monkeypatch.setattr("landzicht.web.api.series.MOST_BYTES", 1_000)
    answer = ask(client, parcels=features(20))
    assert answer.status_code == 413
    assert answer.json()["code"] == "request-too-large"


def test_bad_parcels_come_as_rows_and_the_others_still_come(client):
    parcels = features(3)
    parcels["features"][1]["geometry"]["coordinates"] = [[[5, 52], [5.1, 52], [5, 52]]]
    parcels["features"].append("no feature")
    rows = rows_of(ask(client, parcels=parcels, headers={"accept-language": "nl"}))
    wrong = [row for row in rows if "error" in row]
    assert [row["error"] for row in wrong] == ["bad-parcel"] * len(wrong)
    assert {row["parcel"] for row in wrong} == {"p1", "4"}
    assert set(wrong[0]) == {"parcel", "error", "detail"}
    assert {row["parcel"] for row in rows[len(wrong) :]} == {"p0", "p2"}


def test_a_damaged_file_costs_its_date_and_no_other(tmp_path):
    services = make_services(tmp_path)
    scenes = add_dates(services, 3)
    with Portal(services) as portal, TestClient(create_app(portal, warm=False)) as client:
        (tmp_path / scenes[1].assets["B04"].href).write_bytes(b"II*\0 nothing more")
        rows = rows_of(ask(client))
        wrong = [row for row in rows if "error" in row]
        assert len(rows) == 4 * 3
        assert {row["scene"] for row in wrong} == {"s1"}
        assert {row["error"] for row in wrong} == {"stored-file-failed"}
        assert {row["parcel"] for row in wrong} == {f"p{n}" for n in range(4)}
        assert all("beschadigd" in row["detail"] or "damaged" in row["detail"] for row in wrong)
        assert all(row["datetime"].startswith("2025-05-06") for row in wrong)
        assert {row["scene"] for row in rows if "error" not in row} == {"s0", "s2"}
        text = list(csv.DictReader(io.StringIO(ask(client, "text/csv").text)))
        assert sum(row["error"] == "stored-file-failed" for row in text) == 4


def test_what_it_costs_is_told_before(client):
    body = {**QUESTION, "parcels": features(4, seed=9)}
    told = client.post("/api/v1/series?plan=true", json=body).json()
    assert told["parcels"] == 4
    assert told["dates"] == told["scenes"] == DATES
    assert told["stored"] == 0
    assert told["pixels"] == DATES * 2 * 256 * 256  # red and the classes, one block each
    assert told["bytes"] == DATES * 3 * 256 * 256
    counts = rows_of(ask(client, parcels=body["parcels"], stats=["count"]))
    assert told["covered"] > sum(row["count"] for row in counts)
    # At least what is decoded for a date, and not more than all blocks of all dates.
    assert 3 * 256 * 256 < told["memory"] < 20_000_000
    assert 0 < told["seconds"] < 60
    assert told["direct"] is True
    assert told["left_out"] == {"count": 0, "scenes": []}
    assert len(rows_of(client.post("/api/v1/series", json=body))) == 4 * DATES
    again = client.post("/api/v1/series?plan=true", json=body).json()
    assert again["stored"] == DATES
    assert again["pixels"] == again["seconds"] == 0


@pytest.mark.parametrize("features", [[], None, {}, "none"])
def test_nothing_to_measure_is_refused(client, features):
    """An answer without rows would be taken for one."""
    parcels = {"type": "FeatureCollection", "features": features}
    for address in ("/api/v1/series", "/api/v1/series?plan=true"):
        answer = client.post(address, json={**QUESTION, "parcels": parcels})
        assert (answer.status_code, answer.json()["code"]) == (400, "no-parcels")


def test_what_was_repaired_is_noted_in_every_form(client):
    parcels = features(3)
    x, y = parcels["features"][1]["geometry"]["coordinates"][0][0]
    bow = [[x, y], [x + 0.001, y + 0.001], [x + 0.001, y], [x, y + 0.001], [x, y]]
    parcels["features"][1]["geometry"]["coordinates"] = [bow]
    parcels["features"][2]["id"] = "p0"
    told = {"parcels": parcels, "headers": {"accept-language": "nl"}}
    answer = ask(client, **told)
    rows = rows_of(answer)
    assert answer.headers["x-landzicht-repaired"] == "2"
    notes = {row["parcel"]: row.get("note") for row in rows}
    assert notes["p0"] is None
    assert "hersteld" in notes["p1"]
    assert "dezelfde naam" in notes["p0#3"]
    assert all("note" not in row for row in rows if row["parcel"] == "p0")
    english = {row["parcel"]: row.get("note") for row in rows_of(ask(client, parcels=parcels))}
    assert "repaired" in english["p1"]
    text = list(csv.DictReader(io.StringIO(ask(client, "text/csv", **told).text)))
    arrow = pa.ipc.open_stream(ask(client, ARROW, **told).content).read_all()
    parquet = pq.read_table(io.BytesIO(ask(client, PARQUET, **told).content))
    assert [row["note"] or None for row in text] == [row.get("note") for row in rows]
    for table in (arrow, parquet):
        assert table.column("note").to_pylist() == [row.get("note") for row in rows]
    smooth = rows_of(ask(client, smooth=True, **told))
    assert {row["parcel"]: row.get("note") for row in smooth} == notes


def test_images_that_are_left_out_are_told(tmp_path):
    """A scene without the band of clouds gives no numbers, and says so."""
    services = make_services(tmp_path)
    scenes = add_dates(services, 2)
    assets = {"B04": scenes[1].assets["B04"]}
    services.catalog.put([], [replace(scenes[1], assets=assets)])
    with TestClient(create_app(Portal(services), warm=False)) as client:
        answer = ask(client)
        assert {row["scene"] for row in rows_of(answer)} == {"s0"}
        assert answer.headers["x-landzicht-left-out"] == "1"
        body = {**QUESTION, "parcels": features(4)}
        told = client.post("/api/v1/series?plan=true", json=body).json()["left_out"]
        assert told["count"] == 1
        (scene,) = told["scenes"]
        assert scene["scene"] == "s1"
        assert scene["datetime"].startswith("2025-05-06T10:40:00")
        assert "SCL" in scene["en"]
        assert "SCL" in scene["nl"]
        assert scene["en"] != scene["nl"]
        for table in (
            pa.ipc.open_stream(ask(client, ARROW).content).read_all(),
            pq.read_table(io.BytesIO(ask(client, PARQUET).content)),
        ):
            assert json.loads(table.schema.metadata[b"left-out"]) == told
        (first, *_) = rows_of(ask(client, datetime="2025-05-06"))
        assert first["error"] == "nothing-here"
        assert "1 images were left out" in first["detail"]
        assert "SCL" in first["detail"]
        assert ask(client, mask=False).headers["x-landzicht-left-out"] == "0"


def test_the_unit_of_time_is_utc(client):
    rows = rows_of(ask(client, datetime="2025-05-01"))
    assert {datetime.fromisoformat(row["datetime"]) for row in rows} == {FIRST}


def test_a_parcel_that_no_image_shows_is_told_once(client):
    parcels = features(2)
    for each in parcels["features"][1]["geometry"]["coordinates"][0]:
        assert each[0] < each[1]
    swapped = [[y, x] for x, y in parcels["features"][1]["geometry"]["coordinates"][0]]
    parcels["features"][1]["geometry"]["coordinates"] = [swapped]
    rows = rows_of(ask(client, parcels=parcels))
    assert [row["parcel"] for row in rows] == ["p0"] * DATES + ["p1"]
    assert rows[-1]["error"] == "nothing-here"
    assert "axes" in rows[-1]["detail"]
    rows = rows_of(ask(client, datetime="1999-06"))
    assert [row["error"] for row in rows] == ["nothing-here"] * 4
