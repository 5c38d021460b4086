"""Assets that lie elsewhere: their address is in the item, and comes back."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from landzicht.stac import read_item, splice, write_item
from landzicht.testing.scenes import make_scene


def scene_at(href, **fields):
    scene = make_scene()
    asset = replace(scene.assets["B04"], href=href, **fields)
    return replace(scene, assets={"B04": asset})


@pytest.mark.parametrize(
    ("href", "media_type"),
    [
        ("https://data.example.org/a/B04.tif", "image/tiff; application=geotiff"),
        ("http://nas.example.org:8080/B04.TIFF", "image/tiff; application=geotiff"),
        ("s3://bucket/a b/B04.jp2", "image/jp2"),
        ("https://example.org/lz-asset:/x.tif", "image/tiff; application=geotiff"),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_an_asset_on_another_computer_keeps_its_address(href, media_type, known):
    fields = {} if known else {"size": 0, "sha256": ""}
    scene = scene_at(href, etag='"abc"' if known else "", **fields)
    body = write_item(scene)
    assert read_item(body) == scene
    served = orjson.loads(splice(body, "https://portal.example.nl/assets", []))
    asset = served["assets"]["B04"]
    assert (asset["href"], asset["type"]) == (href, media_type)
    assert ("file:size" in asset, "file:checksum" in asset) == (known, known)


def test_a_linked_file_of_this_computer_is_served_by_the_portal():
    scene = scene_at("linked:images/a/B04.tif")
    body = write_item(scene)
    assert read_item(body) == scene
    served = orjson.loads(splice(body, "https://portal.example.nl/assets", []))
    assert served["assets"]["B04"]["href"].startswith("https://portal.example.nl/assets/")
