"""Following an API: its past, what is new, what was corrected, and the ways in which it lies."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from landzicht.errors import LandzichtError
from landzicht.grid import Window
from landzicht.sources.register import folder_of
from landzicht.sources.state import open_state
from landzicht.stac import read_item
from landzicht.testing.far_scenes import BANDS, BEFORE, BOX, DAYS, NOW, FarScene, far_item, pixels


def scene(day, id=None, **fields):
    return FarScene(id=id or f"S2B_31UFT_{day}", moment=f"{day}T10:40:00Z", **fields)


def fill(api, *scenes):
    api.items = [far_item(api.server, one) for one in scenes]


def stored(portal, id, collection="sentinel-2-l2a"):
    return read_item(portal.services.catalog.body(collection, id))


def values(portal, scene, key, raw=True):
    asset = scene.assets[key]
    grid = portal.services.reader.levels(asset)[0]
    block = portal.services.reader.read(asset, 0, Window(0, 0, *grid.shape))
    return block.values[0] if raw else block.values[0] * asset.band.scale + asset.band.offset


@pytest.mark.parametrize("paging", ["body", "merge", "token"])
@pytest.mark.parametrize("methods", [("GET",), ("GET", "POST")])
def test_all_of_the_past_comes_in_page_by_page(api, follow, portal, paging, methods):
    api.paging, api.methods, api.page = paging, methods, 1
    fill(api, *(scene(day) for day in DAYS))
    follower = follow()
    assert follower.once() == {}
    assert follower.scenes() == sorted(f"S2B_31UFT_{day}" for day in DAYS)
    first = stored(portal, f"S2B_31UFT_{DAYS[0]}")
    for theirs, ours in BANDS.items():
        np.testing.assert_array_equal(values(portal, first, ours), pixels(theirs, 1))
    collection = portal.collection("sentinel-2-l2a")
    assert [layer.name for layer in collection.layers][:2] == ["visual", "ndvi"]
    assert collection.mask.asset == "SCL"
    assert collection.extra["landzicht:revisit_days"] == 10


def test_the_newest_come_first(api, follow):
    fill(api, *(scene(day) for day in DAYS))
    follower = follow()
    follower.once()
    months = [one.moment[:7] for one in follower.said]
    assert months == sorted(months, reverse=True)


def test_looking_again_takes_nothing_in_and_fetches_nothing(api, follow):
    fill(api, *(scene(day) for day in DAYS[:2]))
    follower = follow()
    follower.once()
    before = api.server.count()
    follower.said.clear()
    follower.once()
    assert follower.said == []
    asked = [one.path for one in api.server.asked[before:]]
    assert not [path for path in asked if path.endswith(".tif")]


def test_new_images_come_in_later(api, follow):
    fill(api, scene(DAYS[0]))
    follower = follow()
    follower.once()
    api.items.append(far_item(api.server, scene(DAYS[3], number=2, updated=NOW)))
    follower.once()
    assert len(follower.scenes()) == 2


def test_an_unknown_change_is_found_without_the_query_extension(api, follow, portal):
    api.query = False
    fill(api, scene(DAYS[0]))
    follower = follow()
    follower.once()
    fill(api, scene(DAYS[0], number=7, updated=NOW))
    with open_state(folder_of(portal.services.settings.data, follower.source.id)) as state:
        # as if the month was looked at long ago
        state.move(months={**state.cursor["months"], DAYS[0][:7]: 1.0})
    follower.once()
    newest = stored(portal, f"S2B_31UFT_{DAYS[0]}")
    np.testing.assert_array_equal(values(portal, newest, "B04"), pixels("red", 7))


def test_a_corrected_image_takes_the_place_and_the_old_one_stays_addressable(api, follow, portal):
    fill(api, scene(DAYS[0]), scene(DAYS[1], number=3))
    follower = follow()
    follower.once()
    old = stored(portal, f"S2B_31UFT_{DAYS[0]}")
    fill(api, scene(DAYS[0], number=2, updated=NOW), scene(DAYS[1], number=3))
    follower.once()
    assert len(follower.scenes()) == 2
    new = stored(portal, f"S2B_31UFT_{DAYS[0]}")
    np.testing.assert_array_equal(values(portal, new, "B04"), pixels("red", 2))
    (kept,) = follower.scenes("sentinel-2-l2a-earlier")
    earlier = stored(portal, kept, "sentinel-2-l2a-earlier")
    assert kept.startswith(f"S2B_31UFT_{DAYS[0]}-")
    assert earlier.assets == old.assets
    assert earlier.properties["deprecated"] is True
    np.testing.assert_array_equal(values(portal, earlier, "B04"), pixels("red", 1))


def test_a_reprocessed_image_of_another_name_takes_the_place(api, follow, portal):
    old = scene(DAYS[0], id="S2B_N0400", baseline="04.00", applied=False)
    fill(api, old)
    follower = follow()
    follower.once()
    new = scene(DAYS[0], id="S2B_N0511", baseline="05.11", number=2, updated=NOW)
    fill(api, old, new)
    follower.once()
    assert follower.scenes() == ["S2B_N0511"]
    assert len(follower.scenes("sentinel-2-l2a-earlier")) == 1
    follower.once()
    assert follower.scenes() == ["S2B_N0511"]


def test_an_older_version_that_comes_later_is_left_out(api, follow):
    fill(
        api,
        scene(DAYS[0], id="S2B_N0511", baseline="05.11", number=2),
        scene(DAYS[0], id="S2B_N0400", baseline="04.00"),
    )
    follower = follow()
    follower.once()
    assert follower.scenes() == ["S2B_N0511"]
    assert follower.outcomes()["S2B_N0400"] == "older-version"


@pytest.mark.parametrize(
    ("baseline", "applied", "offset"),
    [
        ("05.11", None, -0.1),
        ("04.00", None, -0.1),
        ("04.00", False, -0.1),
        ("05.11", True, 0.0),
        ("03.01", None, 0.0),
        ("02.14", False, 0.0),
    ],
)
@pytest.mark.parametrize("hosts", ["", "{base}, *"], ids=["mirror", "link"])
def test_the_offset_is_applied_once_and_never_twice(
    api, portal, follow, baseline, applied, offset, hosts
):
    fill(api, scene(DAYS[0], baseline=baseline, applied=applied))
    follower = follow(link=bool(hosts))
    assert follower.once() == {}
    found = stored(portal, f"S2B_31UFT_{DAYS[0]}")
    assert found.assets["B04"].band.offset == pytest.approx(offset)
    assert found.assets["SCL"].band.offset == 0
    expected = pixels("red", 1) * 0.0001 + offset
    np.testing.assert_allclose(values(portal, found, "B04", raw=False), expected, atol=1e-9)


@pytest.mark.parametrize("hosts", ["{base}, *"])
def test_linked_files_stay_where_they_are(api, portal, follow, hosts):
    fill(api, scene(DAYS[0]))
    follower = follow(link=True)
    assert follower.once() == {}
    found = stored(portal, f"S2B_31UFT_{DAYS[0]}")
    for theirs, ours in BANDS.items():
        assert found.assets[ours].href == api.items[0]["assets"][theirs]["href"]
        np.testing.assert_array_equal(values(portal, found, ours), pixels(theirs, 1))
    assert not list((portal.services.settings.data / "files").glob("??/*.tif"))


def test_cloud_area_and_first_day_are_kept_to_also_when_the_api_does_not(api, follow):
    api.lies = {"ignores-datetime", "ignores-bbox"}
    fill(api, scene(DAYS[0], cloud=85), scene(DAYS[1]), scene(BEFORE))
    far = far_item(api.server, scene(DAYS[2], id="elsewhere"))
    ring = [[20.0, 40.0], [21.0, 40.0], [21.0, 41.0], [20.0, 41.0], [20.0, 40.0]]
    far["geometry"]["coordinates"] = [ring]
    api.items.append(far)
    follower = follow(cloud=80, area="5.0,52.0,5.1,52.1")
    follower.once()
    assert follower.scenes() == [f"S2B_31UFT_{DAYS[1]}"]
    said = follower.outcomes()
    assert said[f"S2B_31UFT_{DAYS[0]}"] == "too-cloudy"
    assert said["elsewhere"] == "outside-area"
    assert said[f"S2B_31UFT_{BEFORE}"] == "before-since"


def test_only_the_blocks_inside_the_area(api, follow, portal):
    fill(api, scene(DAYS[0]))
    west, south = BOX[0], BOX[1]
    half = (BOX[0] + BOX[2]) / 2
    follower = follow(area=f"{west - 1},{south - 1},{half},{south + 1}", only_area=True)
    assert follower.once() == {}
    found = stored(portal, f"S2B_31UFT_{DAYS[0]}")
    grid = found.assets["B04"].grid
    assert grid.height == 256
    assert 0 < grid.width < 256
    whole = pixels("red", 1)
    np.testing.assert_array_equal(values(portal, found, "B04"), whole[:, : grid.width])


def test_only_some_bands(api, follow, portal):
    fill(api, scene(DAYS[0]))
    follower = follow(bands=("B04", "SCL"))
    follower.once()
    assert set(stored(portal, f"S2B_31UFT_{DAYS[0]}").assets) == {"B04", "SCL"}
    assert api.server.count(f"/S2B_31UFT_{DAYS[0]}/B08.tif") == 0


@pytest.mark.parametrize("lie", ["count", "repeat", "same-page", "doubles"])
def test_lies_about_pages_are_told_and_do_no_harm(api, follow, portal, lie):
    api.page, api.lies = 1, {lie}
    fill(api, *(scene(DAYS[0], id=f"S2B_{n}", datatake=f"GS2B_{n}", number=n) for n in range(3)))
    follower = follow()
    assert follower.once() == {}
    got = len(follower.scenes())
    assert got == 3 if lie in ("count", "doubles") else 1 <= got <= 3
    (told,) = portal.sources()
    codes = {one["code"] for one in told.remarks}
    expected = {"count": "wrong-count", "doubles": "ids-repeat"}.get(lie, "pages-repeat")
    assert expected in codes


@pytest.mark.parametrize("lie", ["html", "half-json", "list", "no-features"])
def test_an_api_that_answers_nonsense_is_left_alone_for_a_while(api, follow, portal, lie):
    fill(api, scene(DAYS[0]))
    api.lies = {lie}
    follower = follow()
    assert set(follower.once()) == {follower.source.id}
    (told,) = portal.sources()
    assert told.error is not None
    assert told.next_try
    assert follower.scenes() == []
    api.lies = set()
    assert follower.once() == {}
    assert len(follower.scenes()) == 1
    assert portal.sources()[0].error is None


def test_another_computer_is_never_asked(api, follow, portal, tmp_path):
    from landzicht.testing.ranges import range_server

    folder = tmp_path / "inside"
    folder.mkdir()
    with range_server(folder) as inside:
        api.page, api.lies, api.elsewhere = 1, {"elsewhere"}, f"{inside.base}/stac"
        fill(api, *(scene(day) for day in DAYS[:2]))
        for place, href in enumerate(
            [f"{inside.base}/x.tif", "http://169.254.169.254/latest/x.tif", "http://[::1]/x.tif",
             "file:///etc/passwd", "/etc/passwd", "http://2130706433/x.tif", "s3://secret/x.tif"]
        ):  # fmt: skip
            bad = far_item(api.server, scene(DAYS[2], id=f"bad-{place}"))
            bad["properties"]["s2:datatake_id"] = f"other-{place}"
            bad["assets"]["red"]["href"] = href
            api.items.append(bad)
        api.page = 0
        api.server.elsewhere = f"{inside.base}/x.tif"
        api.server.break_next(f"/S2B_31UFT_{DAYS[0]}/B04.tif", *(["redirect"] * 9))
        follower = follow()
        follower.once()
        follower.once()
        assert inside.asked == []
    said = follower.outcomes()
    assert all(said[f"bad-{place}"] in {"address-not-allowed", "asset-outside", "bad-address"}
               for place in range(7)), said  # fmt: skip
    assert said[f"S2B_31UFT_{DAYS[0]}"] == "asset-failed"
    assert follower.scenes() == [f"S2B_31UFT_{DAYS[1]}"]


def test_the_next_page_may_not_be_on_another_computer(api, follow, portal, tmp_path):
    api.page, api.lies, api.elsewhere = 1, {"elsewhere"}, "http://127.0.0.1:9/stac"
    fill(api, scene(DAYS[0]), scene(DAYS[0], id="S2B_other", datatake="GS2B_other", number=2))
    follower = follow()
    assert follower.once() == {}
    assert len(follower.scenes()) == 1
    assert "next-leads-elsewhere" in {one["code"] for one in portal.sources()[0].remarks}


BROKEN = {
    "no item": 7,
    "nothing": None,
    "no id": {"type": "Feature", "assets": {}, "properties": {}},
    "no assets": {"type": "Feature", "id": "a", "properties": {}},
    "no date": {"id": "b", "properties": {"datetime": "yesterday"}, "assets": {}, "geometry": {}},
    "no place": {
        "id": "c",
        "properties": {"datetime": f"{DAYS[0]}T00:00:00Z"},
        "assets": {},
        "geometry": None,
    },
    "odd place": {
        "id": "d",
        "properties": {"datetime": f"{DAYS[0]}T00:00:00Z"},
        "assets": {},
        "geometry": {"type": "Polygon", "coordinates": [[[1e9, "x"]]]},
    },
    "far place": {
        "id": "e",
        "properties": {"datetime": f"{DAYS[0]}T00:00:00Z"},
        "assets": {},
        "geometry": {"type": "Point", "coordinates": [4e5, 5e6]},
    },
    "odd id": {"id": "f\n", "properties": {}, "assets": {}},
    "odd year": {
        "id": "g",
        "properties": {"datetime": "0001-01-01T00:00:00+14:00"},
        "assets": {},
        "geometry": None,
    },
}


def test_broken_items_are_skipped_with_a_reason_and_the_good_one_comes_in(api, follow, portal):
    fill(api, scene(DAYS[0]))
    api.items = [*BROKEN.values(), *api.items]
    follower = follow()
    assert follower.once() == {}
    assert follower.scenes() == [f"S2B_31UFT_{DAYS[0]}"]
    (told,) = portal.sources()
    assert set(told.skips) == {"not-an-item", "date-missing", "broken-geometry"}
    assert told.counts["in"] == 1


FAULTS = {
    "drop": "in",
    "truncate": "in",
    "500": "asset-failed",
    "503": "asset-failed",
    "404": "asset-failed",
    "403": "asset-failed",
    "etag": "in",
    "wrong-range": "asset-failed",
    "no-range-header": "asset-failed",
    "gzip": "asset-failed",
    "nonsense": "asset-failed",
    "redirect": "asset-failed",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_files_cost_a_try_and_no_more(api, follow, portal, fault):
    fill(api, scene(DAYS[0]), scene(DAYS[1], number=2))
    path = f"/S2B_31UFT_{DAYS[0]}/B04.tif"
    api.server.break_next(path, fault)
    follower = follow()
    follower.once()
    assert f"S2B_31UFT_{DAYS[1]}" in follower.scenes()
    assert follower.outcomes()[f"S2B_31UFT_{DAYS[0]}"] in ("asset-failed", "in")
    _make_due(portal, follower)
    follower.once()
    assert len(follower.scenes()) == 2
    found = stored(portal, f"S2B_31UFT_{DAYS[0]}")
    np.testing.assert_array_equal(values(portal, found, "B04"), pixels("red", 1))


def _make_due(portal, follower):
    """As if time went by."""
    folder = folder_of(portal.services.settings.data, follower.source.id)
    with open_state(folder) as state:
        for one in list(state.came.values()):
            if one.outcome.value == "failed":
                from dataclasses import replace

                state.note(replace(one, next_try=1.0))


def test_retry_after_is_honoured(api, follow, portal):
    fill(api, scene(DAYS[0]))
    api.server.break_next(f"/S2B_31UFT_{DAYS[0]}/B04.tif", "429")
    follower = follow()
    assert set(follower.once()) == {follower.source.id}
    (failed,) = [one for one in follower.said if one.outcome.value == "failed"]
    assert failed.next_try >= failed.at + 1
    assert portal.sources()[0].next_try
    _make_due(portal, follower)
    assert follower.once() == {}
    assert len(follower.scenes()) == 1


@pytest.mark.parametrize("what", ["checksum", "size"])
def test_a_file_that_is_not_what_the_item_tells_is_not_taken_in(api, follow, what):
    fill(api, scene(DAYS[0]), scene(DAYS[1], number=2))
    asset = api.items[0]["assets"]["nir"]
    if what == "checksum":
        asset["file:checksum"] = "1220" + "0" * 64
    else:
        asset["file:size"] += 1
        del asset["file:checksum"]
    follower = follow()
    follower.once()
    assert follower.outcomes()[f"S2B_31UFT_{DAYS[0]}"] == f"wrong-{what}"
    assert follower.scenes() == [f"S2B_31UFT_{DAYS[1]}"]


def test_checksums_of_many_kinds_are_compared_and_what_cannot_be_is_said(api, follow, portal):
    fill(api, *(scene(day, number=place) for place, day in enumerate(DAYS)))
    codes = {"red": ("d501", hashlib.md5), "nir": ("16", hashlib.sha3_256)}
    for item in api.items:
        for key, (code, function) in codes.items():
            content = (api.server.folder / item["id"] / f"{BANDS[key]}.tif").read_bytes()
            digest = function(content)
            told = f"{code}{digest.digest_size:02x}{digest.hexdigest()}"
            item["assets"][key]["file:checksum"] = told
    for item, key in zip(api.items, codes, strict=False):  # of the first two one is wrong
        asset = item["assets"][key]
        asset["file:checksum"] = asset["file:checksum"][:-2] + "00"
    follower = follow()
    follower.once()
    wrong = [f"S2B_31UFT_{day}" for day in DAYS[:2]]
    assert [follower.outcomes()[name] for name in wrong] == ["wrong-checksum"] * 2
    assert follower.scenes() == sorted(f"S2B_31UFT_{day}" for day in DAYS[2:])
    assert [one["code"] for one in portal.sources()[0].remarks] == []
    for item, kind in zip(api.items[:2], ("blake3", "blake3"), strict=True):
        item["properties"]["updated"] = NOW
        for key in codes:
            item["assets"][key]["file:checksum"] = f"1e20{kind.encode().ljust(32).hex()}"
    api.items[1]["assets"]["red"]["file:size"] += 1
    follower.once()
    assert follower.outcomes()[wrong[0]] == "in"
    assert follower.outcomes()[wrong[1]] == "wrong-size"  # of which there is still the size
    (remark,) = portal.sources()[0].remarks
    assert remark["code"] == "unknown-checksum"
    assert wrong[0] in remark["nl"] or wrong[1] in remark["nl"]


def test_a_source_whose_files_all_fail_is_left_alone(api, follow, portal):
    fill(api, *(scene(DAYS[3], id=f"S2B_{n}", datatake=f"GS2B_{n}") for n in range(9)))
    api.server.always = ""
    for item in api.items:
        api.server.break_next(f"/{item['id']}/B04.tif", *["500"] * 9)
    follower = follow()
    assert set(follower.once()) == {follower.source.id}
    assert len(follower.said) == 5


def test_the_quota_stops_it_and_room_lets_it_go_on(api, follow, portal):
    fill(api, *(scene(DAYS[3], id=f"S2B_{n}", datatake=f"GS2B_{n}", number=n) for n in range(6)))
    settings = portal.services.settings
    object.__setattr__(settings, "quota_mb", 1)
    follower = follow()
    (reason,) = follower.once().values()
    assert "quota_mb" in reason.nl
    assert "quota_mb" in reason.en
    some = follower.scenes()
    assert 0 < len(some) < 6
    stored = settings.data.rglob("*.tif")
    assert sum(path.stat().st_size for path in stored) <= 1_000_000
    assert all(one.outcome.value == "in" for one in follower.said)  # no image is to blame
    object.__setattr__(settings, "quota_mb", 50)
    assert follower.once() == {}
    assert follower.scenes() == [f"S2B_{n}" for n in range(6)]
    assert sorted(one.key for one in follower.said) == follower.scenes()  # each once


def test_a_clock_that_is_years_ahead_makes_nobody_deaf(api, follow, portal):
    fill(api, scene(DAYS[0], updated="2099-01-01T00:00:00Z"))
    follower = follow()
    follower.once()
    with open_state(folder_of(portal.services.settings.data, follower.source.id)) as state:
        assert state.cursor["updated"] < "2098"


def test_wishes_that_make_no_sense_are_refused_with_a_reason(api, portal, follow, tmp_path):
    file = tmp_path / "bad.geojson"
    file.write_text("{}")
    for wishes in (
        {"collection": ""},
        {"collection": "a/b"},
        {"profile": "nobody"},
        {"since": "2025-13-01"},
        {"cloud": 101},
        {"cloud": float("nan")},
        {"every_s": 0},
        {"bandwidth_mbs": float("inf")},
        {"bands": ("B99",)},
        {"area": "1,2,3"},
        {"area": "5,52,4,53"},
        {"area": str(file)},
        {"area": "no-such-areas"},
        {"only_area": True},
        {"link": True},
        {"collection": "sentinel-1-grd"},
    ):
        with pytest.raises(LandzichtError):
            follow(**wishes)
    assert portal.sources() == ()


def test_a_private_api_needs_the_word_of_the_operator(api, tmp_path):
    from landzicht.portal import open_portal
    from landzicht.portal.following.source_order import Following
    from landzicht.portal.settings import Settings

    with open_portal(Settings(data=tmp_path / "strict", threads=1)) as strict:
        order = Following(place=api.address, collection="sentinel-2-c1-l2a")
        source = strict.add_source(order)
        import threading

        failed = strict.follow_once(frozenset({source.id}), lambda *_: None, threading.Event())
    assert set(failed) == {source.id}
    assert api.server.asked == []


def test_nothing_secret_is_in_the_catalogue(api, follow, portal):
    fill(api, scene(DAYS[0]))
    for asset in api.items[0]["assets"].values():
        del asset["file:checksum"]
    api.items[0]["links"] = [{"rel": "self", "href": "https://user:secret@host/x"}]
    follower = follow()
    follower.once()
    body = portal.item("sentinel-2-l2a", f"S2B_31UFT_{DAYS[0]}")
    assert b"secret" not in body
    assert json.loads(body)["id"] == f"S2B_31UFT_{DAYS[0]}"


@pytest.mark.parametrize(
    "fault", ["drop", "truncate", "500", "503", "429", "gzip", "nonsense", "redirect", "403"]
)
def test_faults_of_the_api_itself(api, follow, portal, fault):
    fill(api, scene(DAYS[3]))
    api.server.elsewhere = f"{api.server.base}/stac/search"
    api.server.break_next("/stac/search", fault)
    follower = follow(since=DAYS[2])
    failed = follower.once()
    passing = fault not in ("redirect", "403")
    assert (failed == {}) == passing
    assert follower.once() == {}
    assert follower.scenes() == [f"S2B_31UFT_{DAYS[3]}"]


def test_an_api_that_stays_away_is_asked_less_and_less(api, follow, portal):
    api.server.always = "503"
    follower = follow()
    waits = []
    for _ in range(3):
        follower.once()
        folder = folder_of(portal.services.settings.data, follower.source.id)
        with open_state(folder) as state:
            waits.append(state.cursor["next_try"] - state.told["looked"])
            assert state.cursor["fails"] == len(waits)
    assert waits[0] >= 15
    assert waits[2] > waits[0]
    assert follower.portal.sources()[0].next_try


def test_a_moment_of_a_clock_that_was_wrong_counts_for_nothing(portal, follow):
    import time

    from landzicht.portal.following.following import next_look

    follower = follow()
    data = portal.services.settings.data
    assert next_look(data, follower.source) <= time.time()
    with open_state(folder_of(data, follower.source.id)) as state:
        state.tell(looked=time.time() + 1e8)
    assert next_look(data, follower.source) == 0.0
    with open_state(folder_of(data, follower.source.id)) as state:
        state.tell(looked=time.time() - 5, next_try=time.time() + 1e8)
    assert next_look(data, follower.source) < time.time() + follower.source.every_s


def test_others_see_how_far_it_is_while_a_month_is_worked_through(api, follow, portal, monkeypatch):
    from landzicht.sources import following

    monkeypatch.setattr(following, "_TELL_S", 0.0)
    fill(api, *(scene(DAYS[0], id=f"S2B_{n}", datatake=f"GS2B_{n}", number=n) for n in range(3)))
    follower = follow()
    seen = []

    def hear(_, came):
        seen.append(portal.sources()[0].counts.get("in", 0))

    import threading

    portal.follow_once(frozenset({follower.source.id}), hear, threading.Event())
    assert seen[1] == 1
    assert portal.sources()[0].counts["in"] == 3
