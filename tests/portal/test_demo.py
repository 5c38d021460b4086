"""Zonderland for an empty portal: through the front door, once, and finished after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from landzicht.errors.portal import DemoRefused
from landzicht.portal import open_portal
from landzicht.portal.demo import make_demo, start_demo
from landzicht.portal.progress import at_work, is_at_work, read_progress
from landzicht.portal.settings import Settings, load_settings
from landzicht.world import COLLECTION_ID, WorldSpec, acquisitions, collection

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
    from landzicht.kinds import Finding, Outcome, Receipt
    from landzicht.portal import Portal
    from landzicht.text import Text

    finding = Finding(code="c", message=Text(nl="stuk", en="damaged"), path="x")
    refused = Receipt(path="x", outcome=Outcome.REFUSED, findings=(finding,))
    monkeypatch.setattr(Portal, "ingest", lambda *_args, **_kwargs: (refused,))
    with pytest.raises(DemoRefused) as caught:
        make_demo(settings, SMALL)
    assert "damaged" in caught.value.say("en")
    assert not (settings.data / "run" / "zonderland").exists()


def test_settings_come_from_the_environment_in_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDZICHT_DATA", str(tmp_path))
    assert load_settings().data == tmp_path
