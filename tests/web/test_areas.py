"""Registered areas: from files and official servers, picked over HTTP, and measured."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
import shapely
from fastapi.testclient import TestClient

from landzicht.errors.series import AreasFailed, UnknownAreas
from landzicht.formats.features import FeatureSource
from landzicht.portal import Portal
from landzicht.portal.parcels.areas import AreasQuery, read_areas
from landzicht.portal.parcels.areas_add import OFFICIAL, AreasFile, OfficialOrder, add_official
from landzicht.testing import shared_data
from landzicht.testing.fields import GRID, add_dates, features, in_degrees, shapes_in_grid
from landzicht.testing.pixels import make_services
from landzicht.testing.vectors import write_vectors
from landzicht.web.app import create_app

TOKEN = "a-token-of-enough-letters"
KEY = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def services(tmp_path):
    services = make_services(tmp_path / "data")
    return replace(services, settings=replace(services.settings, write_token=TOKEN))


@pytest.fixture
def portal(services):
    return Portal(services)


@pytest.fixture
def client(portal):
    with TestClient(create_app(portal, warm=False)) as client:
        yield client


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "My Fields.geojson"
    path.write_text(json.dumps(features(40)))
    return path


def test_a_file_becomes_areas_that_can_be_measured(client, portal, services, file):
    add_dates(services, 2)
    told = portal.add_areas(AreasFile(path=file, title="Fields"))
    assert (told.id, told.rows, told.crs) == ("my-fields", 40, "EPSG:4326")
    assert "crop" in told.columns
    by_areas = client.post(
        "/api/v1/series", json={"collection": "fields", "layer": "red", "areas": "my-fields"}
    )
    by_shapes = client.post(
        "/api/v1/series", json={"collection": "fields", "layer": "red", "parcels": features(40)}
    )
    lines = sorted(by_areas.text.splitlines())
    assert lines == sorted(by_shapes.text.splitlines())
    assert len(lines) == 80


def test_areas_in_another_system_keep_it(portal, services, tmp_path):
    shapes = shapes_in_grid(6)
    path = tmp_path / "utm.gpkg"
    write_vectors(path, shapes, GRID.crs, {"naam": [f"n{n}" for n in range(6)]})
    told = portal.add_areas(AreasFile(path=path))
    assert told.crs == GRID.crs
    checked = read_areas(services.settings, "utm")
    assert set(checked.names) == {f"n{n}" for n in range(6)}
    assert sorted(shapely.area(checked.shapes)) == pytest.approx(sorted(shapely.area(shapes)))
    (middle,) = in_degrees(shapely.centroid(shapes[2:3]))
    found = portal.area_items(AreasQuery(id="utm", point=(middle.x, middle.y)))
    picked = [shapely.geometry.shape(feature["geometry"]) for feature in found["features"]]
    assert any(shape.contains(middle) for shape in picked)
    assert "n2" in {feature["properties"]["name"] for feature in found["features"]}


def test_picking_by_box_place_and_name(client, portal, file):
    portal.add_areas(AreasFile(path=file))
    shapes = in_degrees(shapes_in_grid(40))
    address = "/api/v1/areas/my-fields/items"
    box = shapely.box(*shapes[:3].tolist()[0].bounds)
    expected = {f"p{n}" for n, shape in enumerate(shapes) if shape.intersects(box)}
    told = client.get(address, params={"bbox": ",".join(map(str, box.bounds))}).json()
    assert {feature["id"] for feature in told["features"]} == expected
    middle = shapes[7].centroid
    expected = {f"p{n}" for n, shape in enumerate(shapes) if shape.intersects(middle)}
    told = client.get(address, params={"point": f"{middle.x},{middle.y}"}).json()
    assert {feature["id"] for feature in told["features"]} == expected
    assert client.get(address, params={"point": "0,0"}).json()["features"] == []
    told = client.get(address, params={"q": "FIELD 1"}).json()
    assert {f["properties"]["name"] for f in told["features"]} == {
        "Field 1",
        *(f"Field {n}" for n in range(10, 20)),
    }
    told = client.get(address, params={"limit": 5}).json()
    assert len(told["features"]) == told["numberReturned"] == 5
    assert told["more"] is True


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("bbox=1,2,3", 400),
        ("point=x", 400),
        ("point=1,2,3", 400),
        ("point=nan,2", 400),
        ("point=200,2", 400),
        ("limit=0", 400),
        ("limit=9999999", 400),
        ("q=%00", 200),
        ("q=.*%25'%22;drop", 200),
    ],
)
def test_wrong_questions_about_areas(client, portal, file, query, status):
    portal.add_areas(AreasFile(path=file))
    answer = client.get(f"/api/v1/areas/my-fields/items?{query}")
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("area", ["none", "UPPER", "..", "%2e%2e%2fcatalogue", "a" * 100])
def test_unknown_areas(client, area):
    for address in (f"/api/v1/areas/{area}", f"/api/v1/areas/{area}/items"):
        assert client.get(address).status_code == 404


def test_upload_takes_the_token_and_a_limit(client, portal, services):
    body = json.dumps(features(3))
    address = "/api/v1/areas?id=sent"
    assert client.post(address, content=body).status_code == 401
    assert (
        client.post(address, content=body, headers={"authorization": "Bearer x"}).status_code == 401
    )
    made = client.post(address, content=body, headers=KEY)
    assert made.status_code == 201, made.text
    assert made.json()["rows"] == 3
    assert [areas["id"] for areas in client.get("/api/v1/areas").json()["areas"]] == ["sent"]
    for wrong in ("/api/v1/areas?id=../x", "/api/v1/areas?id=", "/api/v1/areas"):
        assert client.post(wrong, content=body, headers=KEY).status_code == 400
    assert client.post(address, content=b"no areas", headers=KEY).status_code == 400
    assert client.delete("/api/v1/areas/sent").status_code == 401
    assert client.delete("/api/v1/areas/sent", headers=KEY).status_code == 204
    assert client.get("/api/v1/areas/sent").status_code == 404
    assert not list(services.settings.areas.glob("*.parquet"))
    small = replace(services, settings=replace(services.settings, areas_upload_mb=0))
    with TestClient(create_app(Portal(small), warm=False)) as other:
        assert other.post(address, content=body, headers=KEY).status_code == 413
    closed = replace(services, settings=replace(services.settings, write_token=""))
    with TestClient(create_app(Portal(closed), warm=False)) as other:
        assert other.post(address, content=body, headers=KEY).status_code == 403
        assert other.delete("/api/v1/areas/x", headers=KEY).status_code == 403


def test_areas_of_the_same_name_are_replaced_as_a_whole(portal, services, file, tmp_path):
    portal.add_areas(AreasFile(path=file, id="a"))
    other = tmp_path / "other.geojson"
    other.write_text(json.dumps(features(2, seed=5)))
    assert portal.add_areas(AreasFile(path=other, id="a")).rows == 2
    assert len(list(services.settings.areas.glob("*.parquet"))) == 1
    assert len(read_areas(services.settings, "a").parcels) == 2
    portal.remove_areas("a")
    with pytest.raises(UnknownAreas):
        portal.remove_areas("a")


def test_the_file_is_geoparquet_that_others_read(portal, services, file):
    import pyarrow.parquet as pq

    told = portal.add_areas(AreasFile(path=file))
    path = services.settings.areas / told.file
    geo = json.loads(pq.read_schema(path).metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    covering = geo["columns"]["geometry"]["covering"]["bbox"]
    assert covering["xmin"] == ["bbox", "xmin"]
    again = portal.add_areas(AreasFile(path=path, id="again"))
    assert again.rows == told.rows


def test_a_file_that_says_it_is_made_up_is_marked(portal, tmp_path):
    told = features(3)
    path = tmp_path / "made.geojson"
    for rows, wanted in ((3, True), (2, False)):
        for number, feature in enumerate(told["features"]):
            feature["properties"]["simulated"] = number < rows
        path.write_text(json.dumps(told))
        assert portal.add_areas(AreasFile(path=path)).simulated is wanted


class Stand(BaseHTTPRequestHandler):
    """A small server of OGC API Features, with pages of three."""

    mode = "good"
    asked: ClassVar[list[str]] = []

    def do_GET(self):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        type(self).asked.append(self.path)
        start = int(query.get("offset", 0))
        every = features(8)["features"]
        told = {"type": "FeatureCollection", "features": every[start : start + 3]}
        here = f"http://127.0.0.1:{self.server.server_port}"
        if start + 3 < len(every):
            following = f"{parts.path}?f=json&offset={start + 3}"
            if self.mode == "elsewhere":
                following = f"http://127.0.0.1:1{following}"
            if self.mode == "circle":
                following = f"{here}{self.path}"
            told["links"] = [{"rel": "self", "href": here}, {"rel": "next", "href": following}]
        body = json.dumps(told).encode()
        if self.mode == "html":
            body = b"<html>"
        if self.mode == "long":
            body = b" " * 200_000 + body
        self.send_response({"error": 503, "redirect": 302}.get(self.mode, 200))
        if self.mode == "redirect":
            self.send_header("location", "http://127.0.0.1:1/")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Be quiet."""


@pytest.fixture
def stand(monkeypatch):
    server = HTTPServer(("127.0.0.1", 0), Stand)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(Stand, "mode", "good")
    monkeypatch.setattr(Stand, "asked", [])
    base = f"http://127.0.0.1:{server.server_port}/collections/gemeentegebied"
    yield replace(OFFICIAL["gemeenten"], source=FeatureSource(base=base, crs="EPSG:28992"))
    server.shutdown()
    server.server_close()


def test_official_areas_come_page_by_page(services, stand):
    seen = []
    order = OfficialOrder(name="gemeenten")
    told = add_official(services.settings, order, lambda *each: seen.append(each), official=stand)
    assert told.rows == 8
    assert told.id == "gemeenten"
    assert told.crs == "EPSG:4326"  # the server did not give the system that was asked for
    assert len(Stand.asked) == 3
    assert "EPSG%2F0%2F28992" in Stand.asked[0]
    assert seen[-1][1] == 8
    assert set(read_areas(services.settings, "gemeenten").names) == {f"Field {n}" for n in range(8)}


@pytest.mark.parametrize("mode", ["elsewhere", "circle", "html", "error", "redirect", "long"])
def test_a_server_that_misbehaves_is_left_alone(services, stand, monkeypatch, mode):
    monkeypatch.setattr(Stand, "mode", mode)
    monkeypatch.setattr("landzicht.formats.features.MOST_BYTES", 100_000)
    with pytest.raises(AreasFailed) as told:
        add_official(services.settings, OfficialOrder(name="gemeenten"), official=stand)
    assert "127.0.0.1" in str(told.value)
    assert not list(services.settings.areas.glob("*"))


def test_only_official_hosts():
    assert {official.source.host for official in OFFICIAL.values()} == {"api.pdok.nl"}
    assert set(OFFICIAL) == {"gemeenten", "provincies", "waterschappen", "brp"}
    assert all(official.source.base.startswith("https://") for official in OFFICIAL.values())


def test_real_municipalities(portal):
    path = shared_data("nl-vector") / "gemeentegrenzen.geojson"
    told = portal.add_areas(AreasFile(path=path, id="gemeenten"))
    assert told.rows > 300
    found = portal.area_items(AreasQuery(id="gemeenten", point=(5.1214, 52.0907)))
    assert len(found["features"]) == 1
    assert "Utrecht" in json.dumps(found["features"][0]["properties"])


def test_one_area_and_boxes_of_all(client, portal, services, file):
    portal.add_areas(AreasFile(path=file))
    whole = client.get("/api/v1/areas/my-fields/items?limit=1000").json()["features"]
    boxes = client.get("/api/v1/areas/my-fields/items?limit=1000&shapes=box").json()["features"]
    assert [each["id"] for each in boxes] == [each["id"] for each in whole]
    for box, each in zip(boxes, whole, strict=True):
        around = shapely.geometry.shape(each["geometry"])
        assert shapely.geometry.shape(box["geometry"]).bounds == around.bounds
        assert box["properties"] == each["properties"]
    one = client.get(f"/api/v1/areas/my-fields/items/{whole[7]['id']}").json()
    assert {name: one[name] for name in whole[7]} == whole[7]
    assert one["landzicht:simulated"] is False
    for path, code in (("my-fields/items/nobody", "unknown-area"), ("x/items/1", "unknown-areas")):
        told = client.get(f"/api/v1/areas/{path}")
        assert (told.status_code, told.json()["code"]) == (404, code)
    assert client.get("/api/v1/areas/my-fields/items?shapes=dots").status_code == 400
