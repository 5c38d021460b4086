"""STAC items with files beside them; nothing elsewhere is ever opened."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from landzicht.kinds import BandKind, Outcome
from landzicht.stac import write_collection
from landzicht.testing.scenes import make_collection


def write_item(folder, assets: dict[str, Any], **properties: Any):
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": "scene-1",
        "collection": "polder",
        "geometry": None,
        "bbox": [0, 0, 1, 1],
        "properties": {"datetime": "2025-06-08T10:40:00Z"} | properties,
        "assets": assets,
        "links": [],
    }
    path = folder / "item.json"
    path.write_text(json.dumps(item))
    return path


def test_what_the_item_says_counts(port, make_tiff, tmp_path) -> None:
    make_tiff("in/r d.tif")
    make_tiff("in/classes.tif", np.ones((1, 20, 30), np.uint8))
    path = write_item(
        tmp_path / "in",
        {
            "B04": {
                "href": "./r%20d.tif",
                "type": "image/tiff; application=geotiff",
                "raster:scale": 0.5,
                "raster:offset": -1,
                "nodata": 3,
                "unit": "K",
                "bands": [{"name": "B04", "eo:common_name": "red"}],
            },
            "scl": {"href": "classes.tif", "classification:classes": [{"value": 1}]},
            "thumbnail": {"href": "https://example.org/x.png", "roles": ["thumbnail"]},
            "xml": {"href": "x.xml", "type": "application/xml"},
        },
        **{"eo:cloud_cover": 7.5, "platform": "test", "landzicht:simulated": True},
    )
    (receipt,) = port.take(path)
    assert receipt.outcome is Outcome.ADDED, receipt.findings
    scene = port.scene(receipt)
    assert (scene.collection, scene.id) == ("polder", "scene-1")
    assert scene.moment == datetime(2025, 6, 8, 10, 40, tzinfo=UTC)
    assert scene.simulated
    assert scene.properties["eo:cloud_cover"] == 7.5
    band = scene.assets["B04"].band
    assert (band.scale, band.offset, band.nodata, band.unit) == (0.5, -1, 3, "K")
    assert band.common_name == "red"
    assert scene.assets["scl"].band.kind is BandKind.CATEGORICAL
    assert set(scene.assets) == {"B04", "scl"}


def test_a_folder_with_an_item_is_that_item_only(port, make_tiff, tmp_path) -> None:
    make_tiff("in/a.tif")
    write_item(tmp_path / "in", {"a": {"href": "a.tif"}})
    make_tiff("in/b-20200101.tif", np.zeros((1, 5, 5), np.uint8))
    scenes = {receipt.scene for receipt in port.take(tmp_path / "in")}
    assert scenes == {"scene-1", "b-20200101"}


def test_a_period(port, make_tiff, tmp_path) -> None:
    make_tiff("in/a.tif")
    times = {"start_datetime": "2025-01-01T00:00:00Z", "end_datetime": "2025-02-01T00:00:00Z"}
    (receipt,) = port.take(write_item(tmp_path / "in", {"a": {"href": "a.tif"}}, **times))
    scene = port.scene(receipt)
    assert scene.end == datetime(2025, 2, 1, tzinfo=UTC)


def test_the_collection_beside_or_above_is_used(port, make_tiff, tmp_path) -> None:
    make_tiff("in/deep/a.tif")
    collection = make_collection("polder", license="CC-BY-4.0")
    (tmp_path / "in" / "collection.json").write_bytes(write_collection(collection))
    port.take(write_item(tmp_path / "in" / "deep", {"B04": {"href": "a.tif"}}))
    stored = port.harbour.catalog.collection("polder")
    assert (stored.license, stored.title) == ("CC-BY-4.0", collection.title)


ELSEWHERE = [
    "https://example.org/x.tif",
    "http://127.0.0.1:1/x.tif",
    "s3://bucket/x.tif",
    "file:///etc/passwd",
    "/etc/passwd",
    "/vsicurl/http://127.0.0.1/x.tif",
    "../secret.tif",
    "deep/../../secret.tif",
    "%2e%2e/secret.tif",
    "..%5csecret.tif",
    "link.tif",
    "zip+file://x.zip!a.tif",
    "x.tif\u0000.tif",
    "../missing.tif",
    "",
]


@pytest.mark.parametrize("href", ELSEWHERE)
def test_paths_and_addresses_elsewhere_are_never_opened(
    port, make_tiff, tmp_path, href: str
) -> None:
    """R07, R11, R12."""
    make_tiff("secret.tif")
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "link.tif").symlink_to(tmp_path / "secret.tif")
    path = write_item(tmp_path / "in", {"a": {"href": href, "type": "image/tiff"}})
    (receipt,) = port.take(path)
    assert receipt.outcome is Outcome.REFUSED
    assert [found.code for found in receipt.findings] == ["asset-outside"]


@pytest.mark.parametrize("href", ["missing.tif", "./deep/missing.tif"])
def test_a_file_that_is_missing_is_said_to_be_missing(port, tmp_path, href: str) -> None:
    (receipt,) = port.take(write_item(tmp_path, {"a": {"href": href, "type": "image/tiff"}}))
    (found,) = receipt.findings
    assert (receipt.outcome, found.code) == (Outcome.REFUSED, "asset-missing")
    assert "is missing" in found.message.en
    assert "ontbreekt" in found.message.nl
    assert href in found.message.nl


def test_an_item_above_its_files_is_that_item_only(port, make_tiff, tmp_path) -> None:
    make_tiff("in/deep/a-20200101.tif")
    write_item(tmp_path / "in", {"a": {"href": "deep/a-20200101.tif"}})
    assert [receipt.scene for receipt in port.take(tmp_path / "in")] == ["scene-1"]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"null", b'{"type": "Feature"}', b"\xff", b"[" * 5000, b'{"features": []}'],
)
def test_what_is_no_item_is_refused(port, tmp_path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    (receipt,) = port.take(path)
    assert receipt.outcome is Outcome.REFUSED
    assert receipt.findings[0].code == "bad-metadata"


@pytest.mark.parametrize(
    "fields",
    [
        {"href": 7},
        {"href": "a.tif", "bands": "x", "raster:scale": "y", "nodata": {}},
        {"href": "a.tif", "bands": [None, 3], "roles": "data", "unit": 4},
    ],
)
def test_odd_fields_do_not_break_anything(port, make_tiff, tmp_path, fields) -> None:
    make_tiff("in/a.tif")
    (receipt,) = port.take(write_item(tmp_path / "in", {"a": {"type": "image/tiff"} | fields}))
    expected = Outcome.ADDED if fields["href"] == "a.tif" else Outcome.REFUSED
    assert receipt.outcome is expected


def test_zonderland_made_as_files_keeps_its_titles_and_layers(tmp_path):
    from landzicht.portal import open_portal
    from landzicht.portal.demo import make_world_files
    from landzicht.world import COLLECTION_ID, WorldSpec, collection

    make_world_files(WorldSpec(size=128, dates=1), tmp_path / "files", 1)
    with open_portal(tmp_path / "data") as portal:
        portal.ingest([tmp_path / "files" / "images"])
        told = portal.collection(COLLECTION_ID)
    assert told.title == collection().title
    assert [layer.name for layer in told.layers] == [layer.name for layer in collection().layers]
    assert told.simulated
