"""Zonderland for an empty portal: through the front door, once, and finished after a kill."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import imagecodecs
import pytest
from fastapi.testclient import TestClient

from landzicht.errors.portal import DemoRefused
from landzicht.formats.writer import CogWriter
from landzicht.kinds import Outcome
from landzicht.portal import demo, open_portal
from landzicht.portal.demo import further_images, make_demo, make_world_files, start_demo
from landzicht.portal.progress import at_work, is_at_work, read_progress
from landzicht.portal.settings import Settings, load_settings
from landzicht.runners import Inline
from landzicht.text import Text
from landzicht.web.app import create_app
from landzicht.world import (
    COLLECTION_ID,
    SENSORS,
    WorldSpec,
    acquisitions,
    collection,
    make_world,
)

SMALL = WorldSpec(size=128, dates=3)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def test_all_dates_come_in_with_their_collection(settings: Settings) -> None:
    make_demo(settings, SMALL)
    with open_portal(settings) as portal:
        told = portal.collection(COLLECTION_ID)
        assert told.simulated
        assert told.count == 3
        assert [layer.name for layer in told.layers] == [x.name for x in collection().layers]
        assert portal.task() is not None
    progress = read_progress(settings.demo_progress)
    assert progress
    assert progress.is_finished
    assert not (settings.data / "run" / "zonderland").exists()


def test_the_order_is_that_of_beauty_and_again_changes_nothing(settings: Settings) -> None:
    make_demo(settings, SMALL)
    with open_portal(settings) as portal:
        before = portal.services.catalog.version(COLLECTION_ID)
    make_demo(settings, SMALL)
    with open_portal(settings) as portal:
        assert portal.services.catalog.version(COLLECTION_ID) == before
        for acquisition in acquisitions(SMALL):
            assert portal.has_scene(COLLECTION_ID, acquisition.id)


def test_a_portal_with_own_data_gets_no_demo(settings: Settings) -> None:
    from landzicht.testing.scenes import make_collection

    with open_portal(settings) as portal:
        portal.services.catalog.put([make_collection("mine")], [])
    assert start_demo(settings) is None


def test_killed_half_way_the_next_start_finishes(settings: Settings) -> None:
    code = (
        "import sys; from landzicht.portal.demo import make_demo; "
        "from landzicht.portal.settings import load_settings; "
        "from landzicht.world import WorldSpec; "
        "make_demo(load_settings(sys.argv[1]), WorldSpec(size=128, dates=3))"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(settings.data)]) as process:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            told = read_progress(settings.demo_progress)
            if told and told.done >= 1:
                break
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert not is_at_work(settings.demo_progress)
    make_demo(settings, SMALL)
    with open_portal(settings) as portal:
        assert portal.collection(COLLECTION_ID).count == 3


def test_a_second_maker_leaves_it_to_the_first(settings: Settings) -> None:
    with at_work(settings.demo_progress):
        make_demo(settings, SMALL)
        assert start_demo(settings) is None
    assert not (settings.data / "catalogue.sqlite").exists()


def test_a_refused_image_is_told_and_not_counted(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from landzicht.kinds import Finding, Receipt
    from landzicht.portal import Portal

    finding = Finding(code="c", message=Text(nl="stuk", en="damaged"), path="x")
    refused = Receipt(path="x", outcome=Outcome.REFUSED, findings=(finding,))
    monkeypatch.setattr(Portal, "ingest", lambda *_args, **_kwargs: (refused,))
    with pytest.raises(DemoRefused) as caught:
        make_demo(settings, SMALL)
    assert "damaged" in caught.value.say("en")
    assert not (settings.data / "run" / "zonderland").exists()


def test_why_it_stopped_is_told_without_paths(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(settings.data))

    monkeypatch.setenv("LANDZICHT_DATA", str(settings.data))
    monkeypatch.setattr(demo, "make_demo", full)
    assert demo.main() == 1
    told = read_progress(settings.demo_progress)
    assert told
    assert told.error == "disk-failed"
    assert told.reason == Text(nl="de schijf is vol", en="the disk is full")
    with open_portal(settings) as portal, TestClient(create_app(portal, warm=False)) as client:
        status = client.get("/api/v1/status").json()
    assert status["failed"] == "disk-failed"
    assert status["failed_reason"] == {"nl": "de schijf is vol", "en": "the disk is full"}
    assert str(settings.data) not in str(status)


def test_another_land_comes_in_beside_it_and_never_among_it(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Images of one place and day of two lands have one name: they must not become one map."""
    make_demo(settings, SMALL)
    folder, other = tmp_path_factory.mktemp("other"), WorldSpec(size=128, dates=1, seed=8)
    make_world(other, folder / "bare", CogWriter(), Inline())
    make_world_files(other, folder / "named", 1, own_names=True)
    with open_portal(settings) as portal:
        (refused,) = portal.ingest([folder / "bare" / "images"])
        assert refused.outcome is Outcome.REFUSED
        assert [found.code for found in refused.findings] == ["other-world"]
        (chosen,) = portal.ingest([folder / "bare" / "images"], collection="its-own")
        (named,) = portal.ingest([folder / "named" / "images"])
        assert [one.outcome for one in (chosen, named)] == [Outcome.ADDED] * 2
        assert {each.id: each.count for each in portal.collections()} == {
            COLLECTION_ID: 3, "its-own": 1, "zonderland-s2-8-128": 1,
        }  # fmt: skip
        told = portal.collection("zonderland-s2-8-128").title
        assert told != portal.collection(COLLECTION_ID).title
    (known,) = scene_folder(settings, folder / "again")
    assert known is Outcome.KNOWN, "the same land is the same images"


def scene_folder(settings: Settings, folder: Path) -> list[Outcome]:
    """Ingest the first image of `SMALL`, made once more as files."""
    make_world(replace(SMALL, dates=1), folder, CogWriter(), Inline())
    with open_portal(settings) as portal:
        return [receipt.outcome for receipt in portal.ingest([folder / "images"])]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data=tmp_path_factory.mktemp("everything"))
    make_demo(settings, replace(SMALL, dates=2), more=True)
    return settings


def test_a_second_look_finds_a_year_before_and_all_instruments(everything: Settings) -> None:
    progress = read_progress(everything.demo_progress)
    assert progress
    assert (progress.done, progress.total) == (9, 9)
    with open_portal(everything) as portal:
        assert {each.id: each.count for each in portal.collections()} == {
            COLLECTION_ID: 4, "zonderland-s1": 2, "zonderland-landsat": 2, "zonderland-vhr": 1,
        }  # fmt: skip
        days = [day["date"] for day in portal.dates(COLLECTION_ID, None)]
        assert {day[:4] for day in days} == {"2024", "2025"}
        assert len({day[5:7] for day in days if day.startswith("2024")}) == 2
        for sensor in SENSORS.values():
            told, described = portal.collection(sensor.collection().id), sensor.collection()
            assert told.simulated
            assert (told.title, told.mask) == (described.title, described.mask)
        mask = portal.collection("zonderland-landsat").mask
        assert mask is not None
        assert mask.asset == "qa_pixel"


def test_every_layer_of_every_instrument_is_marked(everything: Settings) -> None:
    with (
        open_portal(everything) as portal,
        TestClient(create_app(portal, warm=False), client=("127.0.0.1", 50_000)) as client,
    ):
        told = client.get("/api/v1/collections").json()["collections"]
        assert told[0]["id"] == COLLECTION_ID, "a first visit begins with what looks like a photo"
        assert len(told) == len(SENSORS)
        for each in told:
            for layer in each["layers"]:
                address = f"/tiles/{each['id']}/preview.png?layer={layer['name']}&max_size=400"
                marked, plain = (
                    imagecodecs.png_decode(client.get(address + more).content)[..., :3].astype(int)
                    for more in ("", "&mark=false")
                )
                assert (marked != plain).any(-1).mean() > 0.001, address
                assert plain.std() > 3, address


def test_clouds_in_heat_are_told_by_its_mask(everything: Settings) -> None:
    with open_portal(everything) as portal, TestClient(create_app(portal, warm=False)) as client:
        bounds = portal.collection("zonderland-landsat").bounds
        assert bounds
        box = ",".join(map(str, bounds.as_list()))
        address = f"/api/v1/collections/zonderland-landsat/usable-dates?bbox={box}"
        days = client.get(address).json()["dates"]
    assert len(days) == 2
    assert all(0 <= day["cloud_cover"] <= 100 for day in days)


def test_what_comes_later_never_comes_first() -> None:
    spec = WorldSpec(dates=24)
    later = further_images(spec)
    assert [name for name, _ in later] == ["s2"] * 8 + ["s1"] * 3 + ["thermal"] * 2 + ["vhr"]
    assert {one.date.year for name, one in later if name == "s2"} == {2024}
    assert max(one.river for name, one in later if name == "s1") > 0.4, "the flood"
    warm = [one for name, one in later if name == "thermal"]
    assert all(150 < one.day < 250 and one.cloud < 0.2 for one in warm), "clear days in summer"
    names = {one.id for one in acquisitions(spec)}
    assert not names & {one.id for _, one in later}


def test_settings_come_from_the_environment_in_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDZICHT_DATA", str(tmp_path))
    assert load_settings().data == tmp_path
