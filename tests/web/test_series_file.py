"""Measuring the parcels in a file that is the body: every form, every refusal, and jobs."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from fastapi.testclient import TestClient

from landzicht.portal import Portal
from landzicht.portal.parcels.series_parcels import ParcelFile, read_parcel_file
from landzicht.series.check import UNREADABLE
from landzicht.testing.fields import GRID, add_dates, features, shapes_in_grid
from landzicht.testing.pixels import make_services
from landzicht.testing.vectors import write_vectors
from landzicht.web.app import create_app

ADDRESS = "/api/v1/series/file"
ASKED = {"collection": "fields", "layer": "red", "stats": "mean,max,p10"}
DATES = 3


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("series"))
    add_dates(services, DATES)
    return services


@pytest.fixture(scope="module")
def client(services):
    with TestClient(create_app(Portal(services), warm=False)) as client:
        yield client


def geoparquet(shapes, crs=GRID.crs, ids=None, wkb=None):
    """Return the bytes of a GeoParquet file."""
    from pyproj import CRS

    ids = ids or [f"p{number}" for number in range(len(shapes))]
    wkb = shapely.to_wkb(shapes) if wkb is None else wkb
    table = pa.table({"id": ids, "geometry": pa.array(wkb, pa.binary())})
    column = {
        "encoding": "WKB",
        "geometry_types": [],
        "crs": CRS.from_user_input(crs).to_json_dict(),
    }
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    out = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), out)
    return out.getvalue()


def file_of(kind, shapes, tmp_path):
    if kind == "geoparquet":
        return geoparquet(shapes)
    path = tmp_path / f"parcels.{kind}"
    names = [f"p{number}" for number in range(len(shapes))]
    write_vectors(path, shapes, GRID.crs, {"id": names})
    return path.read_bytes()


def ask(client, body, headers=None, **fields):
    asked = {name: value for name, value in {**ASKED, **fields}.items() if value is not None}
    return client.post(ADDRESS, content=body, params=asked, headers=headers or {})


def lines(answer):
    assert answer.status_code == 200, answer.text
    return sorted(answer.text.splitlines())


@pytest.mark.parametrize("kind", ["geoparquet", "gpkg", "fgb"])
def test_a_file_says_what_geojson_says(client, tmp_path, kind):
    shapes = shapes_in_grid(6)
    found = lines(ask(client, file_of(kind, shapes, tmp_path)))
    body = features(6)
    for each in body["features"]:
        del each["properties"]
    stats = ASKED["stats"].split(",")
    asked = {**ASKED, "stats": stats, "parcels": body}
    expected = lines(client.post("/api/v1/series", json=asked))
    assert len(found) == len(expected) == 6 * DATES
    for one, other in zip(map(json.loads, found), map(json.loads, expected), strict=True):
        assert one["parcel"] == other["parcel"]
        assert one["scene"] == other["scene"]
        # GeoJSON is in degrees: the same shapes but for rounding.
        assert one["mean"] == pytest.approx(other["mean"], rel=1e-4)


def test_what_it_costs(client):
    told = ask(client, geoparquet(shapes_in_grid(5, seed=4)), plan="true").json()
    assert (told["parcels"], told["dates"], told["stored"]) == (5, DATES, 0)
    assert told["covered"] > 5 * DATES
    assert told["left_out"] == {"count": 0, "scenes": []}


def test_forms_and_flags(client):
    body = geoparquet(shapes_in_grid(3))
    accept = {"accept": "application/vnd.apache.parquet"}
    answer = ask(client, body, accept, geometry="true", histogram="0,0.5,1", mask="false")
    table = pq.read_table(io.BytesIO(answer.content))
    assert table.num_rows == 3 * DATES
    assert "geometry" in table.column_names
    assert all(len(each) == 2 for each in table.column("histogram").to_pylist())
    assert answer.headers["x-landzicht-simulated"] == "false"


def test_a_job_keeps_the_file_and_says_the_same(client, services):
    body = geoparquet(shapes_in_grid(6))
    asked = ask(client, body, {"prefer": "respond-async"})
    assert asked.status_code == 202, asked.text
    job = asked.json()["id"]
    for _ in range(1200):
        told = client.get(f"/api/v1/jobs/{job}").json()
        if told["status"] in ("done", "failed"):
            break
        time.sleep(0.05)
    assert told["status"] == "done", told
    assert (services.settings.jobs / job / "parcels").read_bytes() == body
    assert client.get(f"/api/v1/jobs/{job}/result").text == ask(client, body).text
    assert client.delete(f"/api/v1/jobs/{job}").status_code == 204
    assert not (services.settings.jobs / job).exists()


@pytest.mark.parametrize(
    ("body", "fields", "status", "code"),
    [
        (b"", {}, 400, "unreadable-areas"),
        (b"hello", {}, 400, "unreadable-areas"),
        (b"PAR1 but no more", {}, 400, "unreadable-areas"),
        (None, {"crs": None, "name": "nothing"}, 400, "unreadable-areas"),
        (None, {"layer": "nothing"}, 404, "unknown-layer"),
        (None, {"collection": "nothing"}, 404, "unknown-collection"),
        (None, {"stats": "mode"}, 400, "bad-statistic"),
        (None, {"histogram": "a,b"}, 400, "bad-query"),
        (None, {"datetime": "yesterday"}, 400, "bad-datetime"),
        (None, {"geometry": "true"}, 400, "bad-query"),
    ],
)
def test_refusals_in_two_languages(client, body, fields, status, code):
    body = geoparquet(shapes_in_grid(2)) if body is None else body
    dutch = ask(client, body, {"accept-language": "nl"}, **fields)
    english = ask(client, body, {"accept-language": "en"}, **fields)
    assert dutch.status_code == english.status_code == status, english.text
    assert english.json()["code"] == code
    assert dutch.json()["detail"] != english.json()["detail"]


def test_without_a_collection_or_with_what_is_not_known(client):
    body = geoparquet(shapes_in_grid(1))
    assert ask(client, body, collection=None).status_code == 400
    assert ask(client, body, parcels="x").status_code == 400


def test_a_file_without_rows_is_refused(client):
    empty = geoparquet(shapes_in_grid(0), ids=[])
    answer = ask(client, empty)
    assert (answer.status_code, answer.json()["code"]) == (400, "no-parcels")


def test_a_file_that_is_too_long_is_refused(services):
    small = replace(services.settings, series_upload_mb=0)
    with TestClient(create_app(Portal(replace(services, settings=small)), warm=False)) as client:
        answer = ask(client, geoparquet(shapes_in_grid(1)))
    assert (answer.status_code, answer.json()["code"]) == (413, "request-too-large")


def test_what_is_no_shape_is_told_apart_from_nothing(tmp_path):
    """Bytes that are no WKB are damaged; only a row without any is empty."""
    shapes = shapes_in_grid(4)
    wkb = shapely.to_wkb(shapes).tolist()
    wkb[1], wkb[2] = wkb[1][:20], None
    path = tmp_path / "parcels.parquet"
    path.write_bytes(geoparquet(shapes, wkb=wkb))
    found = read_parcel_file(ParcelFile(path=path))
    assert found.parcels.ids == ("p0", "p3")
    assert [each.row for each in found.refused] == [2, 3]
    assert [each.reason == UNREADABLE for each in found.refused] == [True, False]
