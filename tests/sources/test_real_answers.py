"""Profiles and paging against what real APIs answered."""

from __future__ import annotations

import gzip
import json
from collections import deque
from datetime import UTC, datetime
from typing import Any

import pytest

from landzicht.formats.remote.parts import Lasting
from landzicht.sources.adapt import Unwanted, Wanted, adapt, sentinel2_offset
from landzicht.sources.checksum import read_checksum
from landzicht.sources.fetch import cannot_compare
from landzicht.sources.profile import profile_at, profile_named
from landzicht.sources.search import Answer, Api, Question
from landzicht.testing.shared import shared_data


def read(name: str) -> Any:
    path = shared_data("stac") / name
    return json.loads(gzip.open(path).read() if name.endswith(".gz") else path.read_bytes())


def wanted(profile: str, collection: str) -> Wanted:
    theme = profile_named(profile).themes[collection]
    return Wanted(collection=collection, into=theme.collection.id, theme=theme)


class Replay:
    """Gives stored answers, one after the other, and remembers the questions."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = deque(answers), []

    def json(self, url, body=None, headers=None):
        self.asked.append((url, body))
        return self.answers.popleft()


def items_of(api: Api, question: Question, answer: Answer) -> list[Any]:
    return list(api.search(question, answer, lambda ask: ask()))


@pytest.mark.parametrize(
    ("landing", "address"),
    [
        ("earthsearch-landing.json", "https://earth-search.aws.element84.com/v1"),
        ("pc-landing.json", "https://planetarycomputer.microsoft.com/api/stac/v1"),
        ("cdse-landing.json", "https://stac.dataspace.copernicus.eu/v1"),
    ],
)
def test_real_landing_pages_are_understood(landing, address):
    api = Api(Replay(read(landing)), address)
    assert api.uses_post
    assert api.knows_updated
    assert profile_at(f"{address}/") is not None


def test_the_token_of_earth_search_is_sent_back_as_it_came():
    page = read("earthsearch-search-p1.json")
    last = {**page, "features": [], "links": []}
    replay = Replay(read("earthsearch-landing.json"), page, last)
    api = Api(replay, "https://earth-search.aws.element84.com/v1")
    answer = Answer()
    found = items_of(
        api, Question(collection="sentinel-2-c1-l2a", when="2025-07-31T00:00:00Z/.."), answer
    )
    assert len(found) == 10
    url, body = replay.asked[2]
    assert url == "https://earth-search.aws.element84.com/v1/search"
    assert body == page["links"][0]["body"]
    assert answer.matched == 115_912_757  # it says so, and gives ten
    assert "wrong-count" in dict(answer.remarks)


def test_the_token_of_planetary_computer_is_sent_back_as_it_came():
    page = read("pc-landsat-c2-l2-nl-20.json")
    replay = Replay(read("pc-landing.json"), page, {"features": [], "links": []})
    api = Api(replay, "https://planetarycomputer.microsoft.com/api/stac/v1")
    found = items_of(api, Question(collection="landsat-8-c2-l2", when=""), Answer())
    assert len(found) == 20
    assert replay.asked[2][1]["token"] == "next:landsat-8-c2-l2:LC08_L2SP_198022_20190307_02_T2"


def test_a_real_page_that_comes_again_and_again_is_left():
    page = read("pc-landsat-c2-l2-nl-20.json")
    replay = Replay(read("pc-landing.json"), *([page] * 9))
    api = Api(replay, "https://planetarycomputer.microsoft.com/api/stac/v1")
    answer = Answer()
    assert len(items_of(api, Question(collection="landsat-8-c2-l2", when=""), answer)) == 20
    assert len(replay.asked) == 3
    assert "pages-repeat" in dict(answer.remarks)


def test_earth_search_says_an_offset_that_is_in_the_pixels_already():
    """Its own flag tells; what its bands tell is wrong."""
    page = read("earthsearch-search-p1.json")
    seen = set()
    for item in page["features"]:
        if not item["collection"].startswith("sentinel-2-") or item["collection"].endswith("l1c"):
            continue
        ready = adapt(item, wanted("earth-search", item["collection"]))
        assert len(ready.assets) == 13
        told = item["assets"]["red"]["raster:bands"][0]["offset"]
        assert told == -0.1
        applied = item["properties"].get("earthsearch:boa_offset_applied")
        red = ready.assets["B04"]
        assert red["raster:offset"] == (0.0 if applied else -0.1)
        assert red["raster:scale"] == 0.0001
        assert red["eo:common_name"] == "red"
        assert red["nodata"] == 0
        assert red["href"].endswith("/B04.tif")
        assert ready.assets["SCL"]["raster:offset"] == 0.0
        assert ready.observation.startswith("sentinel-2b|mgrs-")
        assert "_n05" not in ready.observation
        seen.add(applied)
    assert seen == {True, None}


def test_two_editions_of_one_image_are_one_observation():
    page = read("earthsearch-search-p1.json")
    by_id = {item["id"]: item for item in page["features"]}
    first = adapt(
        by_id["S2B_T20EPT_20250731T131905_L2A"], wanted("earth-search", "sentinel-2-c1-l2a")
    )
    second = adapt(by_id["S2B_20EPT_20250731_0_L2A"], wanted("earth-search", "sentinel-2-l2a"))
    assert first.observation == second.observation
    assert first.version != second.version


def test_landsat_of_planetary_computer():
    told = read("pc-landsat-c2-l2-nl-250.json.gz")["features"]
    theme = wanted("planetary-computer", "landsat-8-c2-l2")
    ready = [adapt(item, theme) for item in told]
    assert len(ready) == 250
    whole = [one for one in ready if len(one.assets) == 9]
    assert len(whole) > 200  # those without temperature (L2SR) have eight
    assert {len(one.assets) for one in ready} <= {8, 9}
    one = whole[0]
    assert one.assets["red"]["raster:scale"] == 2.75e-05
    assert one.assets["red"]["raster:offset"] == -0.2
    assert one.assets["lwir11"]["unit"] == "K"
    assert one.assets["red"]["href"].endswith("_SR_B4.TIF")
    assert "classification:classes" in one.assets["qa_pixel"]
    assert len({one.observation for one in ready}) == len(ready)


def test_sentinel_2_of_the_copernicus_data_space():
    (item, *_) = read("cdse-s2-l2a-item-stac110.json")["features"]
    told = item["assets"]["B04_10m"]["file:checksum"]
    assert read_checksum(told).name == "sha3_256"
    # Beside the bands are MD5 values, and SHA3-256 values with the number of MD5.
    assert read_checksum(item["assets"]["thumbnail"]["file:checksum"]).name == "md5"
    assert read_checksum(item["assets"]["product_metadata"]["file:checksum"]) is None
    ready = adapt(item, wanted("cdse", "sentinel-2-l2a"))
    assert len(ready.assets) == 13
    assert cannot_compare(ready) == ()
    for ours, fields in ready.assets.items():
        assert fields["href"].startswith("s3://eodata/")
        assert fields["type"] == "image/jp2"
        assert read_checksum(fields["file:checksum"]).name == "sha3_256"
        assert fields["file:size"] > 0
        if ours != "SCL":
            finest = {"B01": 20, "B09": 60, "B02": 10, "B03": 10, "B04": 10, "B08": 10}.get(
                ours, 20
            )
            theirs = item["assets"][f"{ours}_{finest}m"]
            assert fields["raster:offset"] == theirs["raster:offset"] == -0.1
            assert fields["raster:scale"] == theirs["raster:scale"]
    assert ready.order[0] == 5.0
    assert ready.moment == datetime(2020, 3, 22, 7, 46, 9, 24_000, UTC)


def test_names_and_numbers_of_profiles_are_those_of_the_real_collections():
    told = {one["id"]: one for one in read("pc-collections.json.gz")["collections"]}
    themes = profile_named("planetary-computer").themes
    checked = 0
    for name, theme in themes.items():
        assets = told.get(name, {}).get("item_assets", {})
        bands = {band.name: band for band in theme.collection.bands}
        for ours, theirs in theme.assets.items():
            found = [one for one in theirs if one in assets]
            if name != "landsat-8-c2-l2":  # no longer in the list of collections
                assert found, (name, ours)
            for one in found:
                raster = (assets[one].get("raster:bands") or [{}])[0]
                for field, mine in (("scale", "scale"), ("offset", "offset"), ("nodata", "nodata")):
                    if field in raster:
                        assert getattr(bands[ours], mine) == raster[field], (name, ours, field)
                        checked += 1
    assert checked > 20


def test_the_offset_of_real_products_is_what_their_makers_say():
    """The stactools items were made from the metadata of the products themselves."""
    checked = 0
    for path in sorted((shared_data("stac") / "stactools-s2").glob("*MSIL2A*.json")):
        item = json.loads(path.read_bytes())
        told = item["assets"]["red"]["raster:bands"][0]
        assert sentinel2_offset(item["properties"]) / 10_000 == pytest.approx(told.get("offset", 0))
        checked += 1
    assert checked >= 4


def test_radar_that_lies_on_no_map_is_refused_by_name():
    assert profile_named("earth-search").themes["sentinel-1-grd"].refused is not None
    item = read("pc-sentinel-1-grd.item.json")
    ready = adapt(item, Wanted(collection=item["collection"], into="s1"))
    assert set(ready.assets) == {"vv", "vh"}
    with pytest.raises(Unwanted):
        adapt({**item, "assets": {}}, Wanted(collection=item["collection"], into="s1"))


def test_an_answer_that_is_no_api_is_refused():
    with pytest.raises(Lasting):
        Api(Replay({"links": []}), "https://example.org")
    with pytest.raises(Lasting):
        Api(Replay({"links": [{"rel": "search", "href": "http://inside/"}]}), "https://example.org")
