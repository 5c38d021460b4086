"""Attacks R15 to R17: hostile zips, XML and areas, through the doors that take areas.

Each is sent over HTTP to a whole portal; how long it took and how much memory of the portal and
its children is looked at too. An honest twin of each shows that the door is open otherwise.
"""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from contextlib import nullcontext

import numpy as np
import pytest
from affine import Affine
from fastapi.testclient import TestClient

from landzicht.formats.gdal import load_rasterio
from landzicht.kinds import Outcome
from landzicht.portal import open_portal
from landzicht.testing import peak
from landzicht.web.app import create_app

SECRET = "the secret of this computer"
SECONDS, MB = 2.0, 200
"""What an attack may take: seconds of processor, children included (others keep the machine busy),
and memory above what the portal holds."""


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    with open_portal(tmp_path_factory.mktemp("portal")) as portal:
        path = tmp_path_factory.mktemp("in") / "b_2025-06-08.tif"
        profile = {
            "driver": "GTiff", "count": 1, "width": 64, "height": 64, "dtype": "uint8",
            "crs": "EPSG:32631", "transform": Affine(10, 0, 6e5, 0, -10, 5.7e6), "nodata": 255,
        }  # fmt: skip
        with load_rasterio().open(path, "w", **profile) as image:
            image.write(np.ones((1, 64, 64), np.uint8))
        (receipt,) = portal.ingest([path], collection="open")
        assert receipt.outcome is Outcome.ADDED
        yield portal


@pytest.fixture(scope="module")
def client(portal):
    with TestClient(create_app(portal, warm=False), raise_server_exceptions=False) as client:
        honest = json.dumps(ring(20))
        assert client.post("/tiles/open/feature.npy", content=honest).status_code in (200, 404)
        assert upload(client, "x.geojson", honest).status_code == 200  # what starts once, started
        yield client


def upload(client, name, body):
    return client.post("/api/v1/own-areas", params={"name": name}, content=body)


def spent():
    return sum(os.times()[:4])


def attack(job):
    """Do something hostile: the answer, and that it took neither long nor much."""
    with peak.watch() if peak.CAN_WATCH else nullcontext(peak.Peak()) as took:
        begin = spent()
        answer = job()
        seconds = spent() - begin
    assert seconds < SECONDS, answer.text[:300]
    assert took.mb < MB, answer.text[:300]
    return answer


def refused(answer, *statuses):
    assert answer.status_code in statuses, answer.text[:500]
    told = answer.json()
    assert told["code"]
    assert told["landzicht:text"]["nl"]
    assert SECRET not in answer.text
    return told["code"]


# ---------------------------------------------------------------------- R15: zips


def packed(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return content.getvalue()


def claiming(content, size):
    """Let both headers of the only file in a zip claim another size."""
    found = bytearray(content)
    at = found.find(b"PK\x01\x02")
    found[at + 24 : at + 28] = found[22:26] = struct.pack("<L", size)
    return bytes(found)


def test_r15_an_honest_zip_comes_in(client):
    answer = upload(client, "x.zip", packed({"x.geojson": json.dumps(ring(20))}))
    assert answer.status_code == 200, answer.text


ZIPS = {
    "of 4 GB, as it says": (claiming(packed({"x.geojson": bytes(10**6)}), 2**32 - 2), {413}),
    "of more than it says": (claiming(packed({"x.geojson": bytes(10**8)}), 10), {400, 413}),
    "of nothing but zeros": (packed({"x.geojson": bytes(10**8)}), {400}),
    "in a zip": (packed({"y.zip": packed({"x.geojson": json.dumps({})})}), {400}),
    "called a map": (packed({"x.geojson": packed({"x.geojson": "{}"})}), {400}),
    "of very many": (packed({f"{number}.txt": b"" for number in range(20_000)}), {413}),
    "of broken shapes": (packed({"x.shp": bytes(100), "x.dbf": bytes(100)}), {400}),
    "with a way out": (packed({"../../x.geojson": json.dumps({})}), {400}),
}


@pytest.mark.parametrize("name", ZIPS)
def test_r15_hostile_zips(client, name):
    content, statuses = ZIPS[name]
    refused(attack(lambda: upload(client, "x.zip", content)), *statuses)


# ---------------------------------------------------------------------- R16: XML

BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
DECLARED = {
    "honest": ("", "place"),
    "bomb": (f"{BOMB}]>", "&j;"),
    "outside": ('<!DOCTYPE a [<!ENTITY s SYSTEM "file://{secret}">]>', "&s;"),
    "parameter": ('<!DOCTYPE a [<!ENTITY % s SYSTEM "file://{secret}"> %s;]>', "place"),
    "stylesheet": ('<!DOCTYPE a SYSTEM "file://{secret}">', "place"),
}
FORMS = {
    "kml": (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>{word}</name>'
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>5,52 5.1,52 5.1,52.1 5,52"
        "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"
    ),
    "gml": (
        '<c xmlns:gml="http://www.opengis.net/gml"><gml:featureMember><f><word>{word}</word>'
        '<gml:Polygon srsName="EPSG:28992"><gml:outerBoundaryIs><gml:LinearRing>'
        "<gml:coordinates>155000,463000 155100,463000 155100,463100 155000,463000"
        "</gml:coordinates></gml:LinearRing></gml:outerBoundaryIs></gml:Polygon></f>"
        "</gml:featureMember></c>"
    ),
    "gpx": (
        '<gpx xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="52" lon="5"><name>{word}</name>'
        "</wpt></gpx>"
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", DECLARED)
def test_r16_entities_are_not_followed(client, tmp_path, form, kind):
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    declared, word = (part.replace("{secret}", str(secret)) for part in DECLARED[kind])
    text = f'<?xml version="1.0"?>{declared}{FORMS[form].format(word=word)}'
    answer = attack(lambda: upload(client, f"x.{form}", text))
    if kind == "honest" and form != "gpx":  # of GPX we read nothing at all
        assert answer.status_code == 200, answer.text
        assert "place" in answer.text or form == "gml"
        return
    assert refused(answer, 400) == "unreadable-areas"


# ---------------------------------------------------------------------- R17: areas


def ring(count):
    at = np.linspace(0, 2 * np.pi, count)
    points = np.stack([5 + 0.1 * np.cos(at), 52 + 0.1 * np.sin(at)], axis=1).round(9).tolist()
    points[-1] = points[0]
    return {"type": "Polygon", "coordinates": [points]}


def with_number(word):
    return json.dumps(ring(10)).replace("5.1,", f"{word},", 1)


def polygon(*corners):
    return json.dumps({"type": "Polygon", "coordinates": [[list(each) for each in corners]]})


GPX = (
    '<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
    + '<trkpt lat="52.1" lon="5.1"/>' * 10**6
    + "</trkseg></trk></gpx>"
)
CROSSING = polygon((5, 52), (6, 53), (6, 52), (5, 53), (5, 52))
AREAS = {
    "a million corners": (json.dumps(ring(1_000_000)), 413),
    "too many corners": (json.dumps(ring(20_000)), 413),
    "crosses itself": (CROSSING, 400),
    "beyond the earth": (polygon((5, 52), (1e9, 52), (6, 53), (5, 52)), 400),
    "across the antimeridian": (polygon((179, 0), (181, 0), (181, 1), (179, 1), (179, 0)), 404),
    "a thousand levels": (
        '{"type":"Polygon","coordinates":' + "[" * 5_000 + "]" * 5_000 + "}",
        400,
    ),
    "not a number": (with_number("NaN"), 400),
    "without end": (with_number("Infinity"), 400),
    "without begin": (with_number("-Infinity"), 400),
    "too large a number": (with_number("1e999"), 400),
    "a track of a million points": (GPX, 413),
}


@pytest.mark.parametrize("name", AREAS)
def test_r17_hostile_areas_are_refused(client, name):
    body, status = AREAS[name]
    refused(attack(lambda: client.post("/tiles/open/feature.npy", content=body)), status)


FILES = {
    "a million corners": (AREAS["a million corners"][0], {413}),
    "a track of a million points": (GPX, {400}),
    "not a number": (with_number("NaN"), {400}),
    "without end": (with_number("Infinity"), {400}),
    "crosses itself": (CROSSING, {200, 400}),
}


@pytest.mark.parametrize("name", FILES)
def test_r17_hostile_areas_in_files(client, name):
    body, statuses = FILES[name]
    ending = "gpx" if "track" in name else "geojson"
    answer = attack(lambda: upload(client, f"x.{ending}", body))
    assert answer.status_code in statuses, answer.text[:300]
