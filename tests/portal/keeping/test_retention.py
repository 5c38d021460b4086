"""Rules of what is kept: shown first, done exactly so, with receipts, and undone."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.errors.catalogue import UnknownCollection
from landzicht.errors.files import DiskFailed
from landzicht.errors.ingest import SimulatedAndReal
from landzicht.errors.retention import (
    BadRetention,
    BinBusy,
    NoRetention,
    PlanChanged,
    UnknownRemoval,
)
from landzicht.kinds import Query
from landzicht.portal import open_portal
from landzicht.portal.keeping import removal, retention
from landzicht.portal.keeping.removal import RECEIPTS, apply, empty, removals, undo
from landzicht.portal.keeping.retention import plan
from landzicht.portal.keeping.retention_rules import read_rules
from landzicht.portal.quota import room_of
from landzicht.portal.settings import load_settings
from landzicht.stac import read_item
from landzicht.testing.photos import noise_photo
from landzicht.testing.scenes import make_collection, make_scene

NOW = datetime(2026, 6, 15, tzinfo=UTC)


def rules(portal, text: str) -> None:
    (portal.services.settings.data / "retention.toml").write_text(text)


def ids(portal, collection: str = "a") -> set[str]:
    bodies = portal.search(Query(collections=(collection,), limit=1000)).bodies
    return {read_item(body).id for body in bodies}


def put(portal, *scenes, collection: str = "polder") -> None:
    portal.services.catalog.put([make_collection(collection)], scenes)


def receipts(portal) -> list[dict]:
    path = portal.services.settings.data / RECEIPTS
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def portal(tmp_path):
    with open_portal(load_settings(tmp_path / "data")) as portal:
        yield portal


@pytest.fixture
def with_photos(portal, tmp_path):
    """Three images of 2024 and one of 2026, with files."""
    days = ("20240103", "20240110", "20240220", "20260601")
    paths = [noise_photo(tmp_path / f"a-{day}.tif", int(day)) for day in days]
    portal.ingest(paths)
    return portal


def test_a_plan_shows_and_removes_nothing(with_photos) -> None:
    rules(
        with_photos, "[collections.a]\nkeep_months = 12\n[collections.nothing]\nkeep_months = 1\n"
    )
    before = ids(with_photos)
    found = plan(with_photos.services, NOW)
    assert [one.id for one in found.leaving] == ["a-20240103", "a-20240110", "a-20240220"]
    assert {one.why for one in found.leaving} == {"older"}
    assert (found.kept, found.unknown) == (1, ("nothing",))
    scenes = [read_item(with_photos.item("a", one.id)) for one in found.leaving]
    assert found.bytes == sum(a.size for scene in scenes for a in scene.assets.values())
    assert ids(with_photos) == before
    assert plan(with_photos.services, NOW).id == found.id
    assert orjson.loads(orjson.dumps(found.as_dict()))["id"] == found.id


def test_applied_it_removes_exactly_that_and_can_be_undone(with_photos) -> None:
    portal = with_photos
    rules(portal, "[collections.a]\nkeep_months = 12\nbest_per_month = 1\n")
    data = portal.services.settings.data
    before = set(portal.search(Query(limit=100)).bodies)
    files = {path: path.read_bytes() for path in (data / "files").glob("??/*.tif")}
    found = plan(portal.services, NOW)
    (gone,) = found.leaving
    assert gone.why == "not-best"
    assert gone.id == "a-20240103"  # no clouds are known: the newest counts
    done = apply(portal.services, found.id, NOW, age_s=0)
    assert (done.scenes, done.bytes, done.young) == (1, found.bytes, 0)
    assert ids(portal) == {"a-20240110", "a-20240220", "a-20260601"}
    assert len(list((data / "files").glob("??/*.tif"))) == 3
    assert room_of(portal.services).used > sum(map(len, files.values()))  # the bin counts
    (told,) = receipts(portal)
    assert (told["did"], told["id"], told["why"]) == ("removed", "a-20240103", "not-best")
    assert told["rule"]["keep_months"] == 12
    assert len(told["files"]) == 1
    assert [each.run for each in removals(portal.services)] == [done.run]
    assert undo(portal.services, done.run) == 1
    assert set(portal.search(Query(limit=100)).bodies) == before
    assert {path: path.read_bytes() for path in (data / "files").glob("??/*.tif")} == files
    assert [each["did"] for each in receipts(portal)] == ["removed", "restored"]
    assert removals(portal.services) == ()
    with pytest.raises(UnknownRemoval):
        undo(portal.services, done.run)


def test_what_was_not_shown_is_not_done(with_photos, tmp_path) -> None:
    portal = with_photos
    rules(portal, "[collections.a]\nkeep_months = 12\n")
    found = plan(portal.services, NOW)
    portal.ingest([noise_photo(tmp_path / "a-20240105.tif", 9)])
    with pytest.raises(PlanChanged):
        apply(portal.services, found.id, NOW)
    rules(portal, "[collections.a]\nkeep_months = 1\n")
    with pytest.raises(PlanChanged):
        apply(portal.services, found.id, NOW)
    rules(portal, "[collections.a]\nkeep_months = 1000\n")
    nothing = plan(portal.services, NOW)
    assert nothing.leaving == ()
    with pytest.raises(PlanChanged):
        apply(portal.services, nothing.id, NOW)
    assert len(ids(portal)) == 5


def test_the_clearest_of_each_month_and_tile_stay(portal) -> None:
    scenes = []
    for tile in ("MGRS-31UFT", "MGRS-31UGT"):
        for day, cloud in ((1, 80.0), (11, 5.0), (21, 40.0), (25, None)):
            properties = {"grid:code": tile} | ({} if cloud is None else {"eo:cloud_cover": cloud})
            moment = datetime(2024, 3, day, 10, 40, tzinfo=UTC)
            scenes.append(make_scene(f"{tile}-{day}", moment=moment, properties=properties))
    put(portal, *scenes)
    rules(portal, "[collections.polder]\nkeep_months = 12\nbest_per_month = 2\n")
    found = plan(portal.services, NOW)
    assert {one.id for one in found.leaving} == {
        f"MGRS-{tile}-{day}" for tile in ("31UFT", "31UGT") for day in (1, 25)
    }


def test_an_area_says_where_it_must_be_clear(portal) -> None:
    from landzicht.grid import Bounds

    here, there = Bounds(5.0, 52.0, 5.1, 52.1), Bounds(6.0, 53.0, 6.1, 53.1)
    moment = datetime(2024, 3, 5, tzinfo=UTC)
    scenes = [
        make_scene(f"here-{n}", bounds=here, moment=moment + timedelta(days=n)) for n in range(3)
    ]
    scenes += [make_scene(f"there-{n}", bounds=there, moment=moment) for n in range(2)]
    put(portal, *scenes)
    rules(
        portal,
        '[collections.polder]\nkeep_months = 12\nbest_per_month = 1\narea = "5,52,5.05,52.05"',
    )
    assert {one.id for one in plan(portal.services, NOW).leaving} == {"here-0", "here-1"}
    rules(portal, '[collections.polder]\nkeep_months = 12\narea = "nowhere"')
    with pytest.raises(BadRetention, match="nowhere"):
        plan(portal.services, NOW)


@settings(max_examples=30)
@given(st.integers(1, 1200), st.dates(datetime(2000, 1, 1).date(), datetime(2100, 1, 1).date()))
def test_whole_months_are_kept(months: int, day) -> None:
    from landzicht.portal.keeping.retention import _months_before

    now = datetime(day.year, day.month, day.day, tzinfo=UTC)
    first = _months_before(now, months)
    assert first.day == 1
    assert (now.year - first.year) * 12 + now.month - first.month == months


def test_a_file_that_another_image_needs_stays(with_photos) -> None:
    portal = with_photos
    scene = read_item(portal.item("a", "a-20240103"))
    put(portal, replace(scene, collection="polder", id="twin", source="f" * 64))
    rules(portal, "[collections.a]\nkeep_months = 12\n")
    found = plan(portal.services, NOW)
    assert found.shared == 1
    apply(portal.services, found.id, NOW, age_s=0)
    (asset,) = scene.assets.values()
    assert (portal.services.settings.data / asset.href).is_file()
    assert "a-20240103" not in ids(portal)


def test_an_image_that_is_being_measured_stays(with_photos) -> None:
    portal = with_photos
    folder = portal.services.settings.jobs / ("x" * 22)
    folder.mkdir(parents=True)
    job = {
        "id": "x" * 22, "collection": "a", "status": "queued", "created": "2026-01-01", "done": 0,
        "total": 1, "parcels": 1, "seconds": 1.0, "parts": [], "error": None,
    }  # fmt: skip
    (folder / "state.json").write_bytes(orjson.dumps(job))
    rules(portal, "[collections.a]\nkeep_months = 12\n")
    found = plan(portal.services, NOW)
    assert found.leaving == ()
    ((held),) = found.held
    assert (held.collection, held.number, held.needed_by) == ("a", 3, "x" * 22)


def test_young_files_are_left_for_cleaning(with_photos) -> None:
    portal = with_photos
    rules(portal, "[collections.a]\nkeep_months = 12\n")
    done = apply(portal.services, plan(portal.services, NOW).id, NOW)
    assert (done.young, done.bytes) == (3, 0)
    assert len(list(portal.services.settings.files.glob("??/*.tif"))) == 4
    assert undo(portal.services, done.run) == 3  # they are still there
    assert len(ids(portal)) == 4


@pytest.mark.parametrize("days", [0, 7])
def test_the_bin_is_emptied(tmp_path, days: int) -> None:
    with open_portal(load_settings(tmp_path / "data", bin_days=days)) as portal:
        portal.ingest([noise_photo(tmp_path / f"a-2024010{n}.tif", n) for n in range(1, 4)])
        used = room_of(portal.services).used
        rules(portal, "[collections.a]\nkeep_months = 12\n")
        done = apply(portal.services, plan(portal.services, NOW).id, NOW, age_s=0)
        assert done.bytes == used
        bin_ = portal.services.settings.files / ".bin"
        if days:
            assert done.until
            os.utime(bin_ / done.run / "done.ndjson", (0, 0))
        assert removals(portal.services) == ()
        assert [path.name for path in bin_.iterdir()] == ["lock"]


def test_emptied_by_hand_and_when_the_quota_asks_for_it(tmp_path) -> None:
    from landzicht.portal.quota import room

    data = load_settings(tmp_path / "data", quota_mb=1)
    with open_portal(data) as portal:
        portal.ingest([noise_photo(tmp_path / "a-20240101.tif", 1, side=700)])
        rules(portal, "[collections.a]\nkeep_months = 12\n")
        done = apply(portal.services, plan(portal.services, NOW).id, NOW, age_s=0)
        assert room(portal.services, 600_000) is not None
        os.utime(data.files / ".bin" / done.run / "done.ndjson", (0, 0))
        assert room(portal.services, 600_000) is None
        portal.ingest([noise_photo(tmp_path / "a-20240102.tif", 2, side=700)])
        done = apply(portal.services, plan(portal.services, NOW).id, NOW, age_s=0)
        assert empty(portal.services) == done.bytes
        with pytest.raises(UnknownRemoval):
            undo(portal.services, done.run)


STEPS = ["_begin", "_leave", "_move_files", "_receive"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_killed_at_each_step_it_is_finished_by_the_next(
    with_photos, monkeypatch, step: str, after: bool
) -> None:
    """A kill is an error that nobody catches, before or right after a step."""
    portal = with_photos
    rules(portal, "[collections.a]\nkeep_months = 12\n")
    found = plan(portal.services, NOW)
    whole = getattr(removal, step)

    class Kill(BaseException):
        pass

    def die(*arguments):
        if after:
            whole(*arguments)
        raise Kill

    monkeypatch.setattr(removal, step, die)
    with pytest.raises(Kill):
        apply(portal.services, found.id, NOW, age_s=0)
    monkeypatch.undo()
    told = removals(portal.services)
    if step == "_begin" and not after:
        assert told == ()
        assert len(ids(portal)) == 4
        return
    (done,) = told
    assert done.scenes == 3
    assert ids(portal) == {"a-20260601"}
    assert [each["did"] for each in receipts(portal)] == ["removed"] * 3
    assert undo(portal.services, done.run) == 3
    assert len(ids(portal)) == 4
    for body in portal.search(Query(limit=10)).bodies:
        for asset in read_item(body).assets.values():
            assert (portal.services.settings.data / asset.href).is_file()


def test_one_that_came_back_by_itself_wins(with_photos, tmp_path) -> None:
    portal = with_photos
    rules(portal, "[collections.a]\nkeep_months = 12\n")
    done = apply(portal.services, plan(portal.services, NOW).id, NOW, age_s=0)
    portal.ingest([tmp_path / "a-20240103.tif"])
    assert undo(portal.services, done.run) == 2
    assert len(ids(portal)) == 4


def test_without_its_collection_it_stays_in_the_bin(with_photos) -> None:
    portal = with_photos
    rules(portal, "[collections.a]\nkeep_months = 12\n")
    done = apply(portal.services, plan(portal.services, NOW).id, NOW, age_s=0)
    kept = portal.collection("a")
    portal.services.catalog.delete_collection("a")
    with pytest.raises(UnknownCollection):
        undo(portal.services, done.run)
    (still,) = removals(portal.services)
    assert still.bytes == done.bytes
    portal.services.catalog.put([replace(kept, bounds=None, span=None, count=0)], [])
    assert undo(portal.services, done.run) == 3


def test_clouds_over_the_area_count_more_than_those_of_the_whole_image(portal, monkeypatch) -> None:
    """What the mask says is `clouds.cloud_share`, tested with pixels where it lives."""
    seen = {"clear-here": 0.1, "clear-elsewhere": 0.9, "no-mask": None}
    whole = {"clear-here": 80.0, "clear-elsewhere": 1.0, "no-mask": 50.0}
    moment = datetime(2024, 3, 5, tzinfo=UTC)
    put(
        portal,
        *(
            make_scene(name, moment=moment, properties={"eo:cloud_cover": cloud})
            for name, cloud in whole.items()
        ),
    )
    monkeypatch.setattr(retention, "cloud_share", lambda _, scene, *__: seen[scene.id])
    text = "[collections.polder]\nkeep_months = 12\nbest_per_month = 1\n"
    rules(portal, text)
    assert {one.id for one in plan(portal.services, NOW).leaving} == {"clear-here", "no-mask"}
    rules(portal, f'{text}area = "5,52,5.1,52.1"')
    found = {one.id: one.cloud for one in plan(portal.services, NOW).leaving}
    assert found == {"clear-elsewhere": 90.0, "no-mask": 50.0}


def test_two_at_once_and_a_disk_that_fails(with_photos, monkeypatch) -> None:
    portal = with_photos
    rules(portal, "[collections.a]\nkeep_months = 12\n")
    with removal._bin(portal.services), pytest.raises(BinBusy):
        removals(portal.services)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(removal, "_begin", fail)
    with pytest.raises(DiskFailed):
        apply(portal.services, plan(portal.services, NOW).id, NOW)
    assert len(ids(portal)) == 4


WRONG = [
    "x = 1",
    "[collections.a]\nkeep_months = 0",
    "[collections.a]\nkeep_months = 1.5",
    "[collections.a]\nkeep_months = true",
    "[collections.a]\nkeep_months = 1\nkeep_years = 2",
    "[collections.a]\nkeep_months = 1\nbest_per_month = -1",
    "[collections.a]\nkeep_months = 1\narea = 5",
    "[collections]\na = 3",
    "collections = 4",
    "no toml",
]


@pytest.mark.parametrize("text", WRONG)
def test_wrong_rules_remove_nothing_and_are_told(tmp_path, text: str) -> None:
    path = tmp_path / "retention.toml"
    path.write_text(text)
    with pytest.raises(BadRetention) as caught:
        read_rules(tmp_path)
    assert caught.value.say("nl") != caught.value.say("en")


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_rules_or_refused(tmp_path_factory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "retention.toml").write_bytes(content)
    try:
        read_rules(folder)
    except BadRetention:
        pass
    finally:
        shutil.rmtree(folder)


def test_without_rules_an_example_is_given(portal) -> None:
    with pytest.raises(NoRetention, match="keep_months = 24"):
        plan(portal.services)
    Path(portal.services.settings.data, "retention.toml").mkdir()
    with pytest.raises(BadRetention):
        plan(portal.services)


def test_what_was_removed_does_not_come_back_among_the_other_kind(portal, tmp_path) -> None:
    """Made-up images in the place of real ones: undoing tells, and leaves everything as it is."""
    paths = [noise_photo(tmp_path / f"a-{day}.tif", day) for day in (20240103, 20240110)]
    portal.ingest(paths)
    rules(portal, "[collections.a]\nkeep_months = 12\nbest_per_month = 0\n")
    done = apply(portal.services, plan(portal.services, NOW).id, NOW, age_s=0)
    assert done.scenes == 2
    made_up = make_scene("made-up", "a", simulated=True)
    portal.services.catalog.put([make_collection("a", simulated=True)], [made_up])
    with pytest.raises(SimulatedAndReal):
        undo(portal.services, done.run)
    assert ids(portal) == {"made-up"}
    portal.services.catalog.delete("a", "made-up")
    assert undo(portal.services, done.run) == 2
    assert not portal.collection("a").simulated
