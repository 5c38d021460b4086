"""A file of the reader's own: read, given back in degrees, and not kept."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from fastapi.testclient import TestClient

from landzicht.portal import Portal
from landzicht.portal.parcels.own_areas import MOST_BYTES, MOST_CORNERS, MOST_ROWS
from landzicht.testing.pixels import make_services
from landzicht.testing.vectors import write_vectors
from landzicht.web.app import create_app

RD = "EPSG:28992"
NL = {"accept-language": "nl"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("own") / "data"


@pytest.fixture(scope="module")
def client(data):
    services = make_services(data)
    with TestClient(create_app(Portal(services), warm=False)) as client:
        yield client


@pytest.fixture(scope="module")
def boxes():
    shapes = np.empty(3, object)
    shapes[:] = [
        shapely.box(155_000 + 200 * n, 463_000, 155_100 + 200 * n, 463_080) for n in (0, 1, 2)
    ]
    return shapes


def send(client, body: bytes, name: str = "mine", **headers: str):
    return client.post("/api/v1/own-areas", params={"name": name}, content=body, headers=headers)


@pytest.mark.parametrize("ending", [".gpkg", ".kml", ".geojson", ".zip", ".fgb"])
def test_every_form_comes_back_in_degrees(client, boxes, tmp_path, ending):
    forth = pyproj.Transformer.from_crs(RD, "EPSG:4326", always_xy=True)
    degrees = shapely.transform(boxes, lambda xy: np.column_stack(forth.transform(*xy.T)))
    is_degrees = ending in {".kml", ".geojson"}
    kind = ".shp" if ending == ".zip" else ending
    path = write_vectors(
        tmp_path / f"mine{kind}",
        degrees if is_degrees else boxes,
        "EPSG:4326" if is_degrees else RD,
        {"naam": ["een", "twee", "drie"]},
    )
    body = zipped(tmp_path) if ending == ".zip" else path.read_bytes()
    told = send(client, body, path.name)
    assert told.status_code == 200
    found = told.json()["features"]
    assert len(found) == 3
    if ending != ".kml":
        assert {each["properties"]["name"] for each in found} == {"een", "twee", "drie"}
    # FlatGeobuf keeps them in an order of its own.
    west_first = sorted((shapely.geometry.shape(each["geometry"]) for each in found), key=west_of)
    for given, shape in zip(west_first, degrees, strict=True):
        assert shapely.symmetric_difference(given, shape).area < 0.002 * shape.area


def west_of(shape) -> float:
    return shape.bounds[0]


def zipped(folder: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in folder.glob("mine.*"):
            archive.write(path, path.name)
    return out.getvalue()


def test_a_table_with_rd_becomes_places(client):
    told = send(client, b"naam;x;y\nKade;155000;463000\nNiets;;\n", "sites.csv", **NL).json()
    (place,) = told["features"]
    forth = pyproj.Transformer.from_crs(RD, "EPSG:4326", always_xy=True)
    assert place["geometry"]["coordinates"] == pytest.approx(
        forth.transform(155_000, 463_000), abs=1e-6
    )
    assert place["properties"] == {"name": "Kade"}
    assert told["refusedCount"] == 1
    assert "geen getallen" in told["refused"][0]["reason"]


def test_nothing_is_kept(client, data, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = sorted(data.rglob("*"))
    box = {"type": "Polygon", "coordinates": [[[5, 52], [5.1, 52], [5.1, 52.1], [5, 52]]]}
    feature = {"type": "Feature", "properties": {}, "geometry": box}
    assert send(client, json.dumps(feature).encode()).status_code == 200
    assert send(client, b"naam;x;y\nKade;155000;463000\n").status_code == 200
    assert list(tmp_path.iterdir()) == []
    assert sorted(data.rglob("*")) == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not a map at all",
        b"\x00\x01\x02\x03" * 50,
        b"{",
        b"PK\x03\x04 broken",
        b"SQLite format 3\0",
    ],
)
def test_what_is_no_map_gets_a_sentence(client, body):
    told = send(client, body, "<b>raar</b>/../x.gpkg", **NL)
    assert told.status_code == 400
    assert told.json()["code"] in {"unreadable-areas", "no-parcels"}
    assert "probeer" in told.json()["detail"].lower() or "Sla" in told.json()["detail"]
    assert ".." not in told.json()["title"]


def test_a_large_file_is_refused(client):
    assert send(client, b"x" * (MOST_BYTES + 1)).status_code == 413


def test_many_areas_are_refused(client):
    lines = "x;y\n" + "155000;463000\n" * (MOST_ROWS + 1)
    told = send(client, lines.encode())
    assert (told.status_code, told.json()["code"]) == (413, "areas-too-large")


def test_many_corners_are_refused(client):
    angles = np.linspace(0, 2 * np.pi, MOST_CORNERS + 10)
    ring = np.column_stack((5 + 0.1 * np.cos(angles), 52 + 0.1 * np.sin(angles)))
    ring[-1] = ring[0]
    feature = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {},
                "geometry": {"type": "Polygon", "coordinates": [ring.tolist()]},
            }
        ],
    }
    told = send(client, json.dumps(feature).encode())
    assert (told.status_code, told.json()["code"]) == (413, "areas-too-large")
