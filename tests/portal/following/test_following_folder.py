"""Following a folder: new, half-copied, changed, renamed and removed deliveries."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from landzicht.formats.gdal import load_rasterio
from landzicht.grid import Window
from landzicht.kinds import Query
from landzicht.portal import open_portal
from landzicht.portal.following import following_folder
from landzicht.portal.following.following import follow_once
from landzicht.portal.settings import load_settings
from landzicht.sources.register import folder_of, keep_source
from landzicht.sources.source import Kind, Mode, Source
from landzicht.sources.state import Came, Outcome, read_summary
from landzicht.stac import read_item
from landzicht.testing.photos import noise_photo, write_photo
from landzicht.testing.products import make_landsat, make_safe

QUIET_S = 0.3


class Watched:
    """A portal that follows one folder."""

    def __init__(self, portal, folder: Path, **fields) -> None:
        self.portal = portal
        self.folder = folder
        self.source = Source(
            id="drop", kind=Kind.FOLDER, place=str(folder), extra={"quiet_s": QUIET_S}, **fields
        )
        keep_source(portal.services.settings.data, self.source)

    def look(self) -> dict[str, Came]:
        came: dict[str, Came] = {}
        follow_once(
            self.portal.services, self.source, lambda _, one: came.update({one.key: one}), bool
        )
        return came

    def told(self) -> dict:
        return read_summary(folder_of(self.portal.services.settings.data, "drop"))

    def scenes(self) -> set[str]:
        bodies = self.portal.search(Query(limit=100)).bodies
        return {f"{scene.collection}/{scene.id}" for scene in map(read_item, bodies)}


@pytest.fixture
def watched(tmp_path):
    folder = tmp_path / "drop"
    folder.mkdir()
    with open_portal(load_settings(tmp_path / "data", linked_roots=str(folder))) as portal:
        yield Watched(portal, folder)


def aged(path: Path) -> Path:
    """As if it was delivered a while ago: nothing needs to be waited for."""
    time.sleep(QUIET_S)
    return path


def test_what_is_new_comes_in_once(watched) -> None:
    noise_photo(watched.folder / "a-20250601.tif", 1)
    aged(noise_photo(watched.folder / "deep" / "er" / "b-20250602.tif", 2))
    came = watched.look()
    assert {key: one.outcome for key, one in came.items()} == {
        "a-20250601.tif": Outcome.IN,
        "deep/er/b-20250602.tif": Outcome.IN,
    }
    assert came["a-20250601.tif"].moment.startswith("2025-06-01")
    assert watched.scenes() == {"a/a-20250601", "b/b-20250602"}
    assert watched.look() == {}
    told = watched.told()
    assert told["counts"] == {"in": 2, "skipped": 0, "failed": 0}
    assert told["last"].startswith("2025-06-02")
    assert (told["error"], told["deliveries"], told["waiting"]) == (None, 2, [])


def test_a_file_that_is_still_copied_is_waited_for(watched, tmp_path) -> None:
    quiet_s = 1.2  # a busy machine may halt the copying for long
    watched.source = replace(watched.source, extra={"quiet_s": quiet_s})
    whole = noise_photo(tmp_path / "a-20250601.tif", 1, side=900).read_bytes()
    target = watched.folder / "a-20250601.tif"
    copied = threading.Event()

    def copy() -> None:
        with target.open("wb") as file:
            for start in range(0, len(whole), len(whole) // 8):
                file.write(whole[start : start + len(whole) // 8])
                file.flush()
                time.sleep(quiet_s / 6)
        copied.set()

    thread = threading.Thread(target=copy)
    thread.start()
    outcomes = []
    while not outcomes:
        outcomes += [one.outcome for one in watched.look().values()]
        assert copied.is_set() or not outcomes
    thread.join()
    assert outcomes == [Outcome.IN]
    assert watched.told()["counts"]["failed"] == 0


def test_half_copies_hidden_files_and_links_are_left_out(watched, tmp_path) -> None:
    outside = noise_photo(tmp_path / "secret-20250601.tif", 1)
    for name in (".a-20250601.tif", "a-20250601.tif.part", "b-20250601.tif~"):
        shutil.copy(outside, watched.folder / name)
    (watched.folder / "link-20250601.tif").symlink_to(outside)
    (watched.folder / "folder").symlink_to(tmp_path, target_is_directory=True)
    (watched.folder / "empty-20250601.tif").touch()
    os.mkfifo(watched.folder / "pipe-20250601.tif")
    aged(watched.folder)
    assert watched.look() == {}
    assert watched.scenes() == set()


def test_a_changed_file_replaces_and_the_earlier_stays_addressable(watched) -> None:
    path = watched.folder / "a-20250601.tif"
    aged(noise_photo(path, 1))
    watched.look()
    first = read_item(watched.portal.item("a", "a-20250601"))
    aged(noise_photo(path, 2))
    (came,) = watched.look().values()
    assert (came.outcome, came.scene) == (Outcome.IN, "a-20250601")
    second = read_item(watched.portal.item("a", "a-20250601"))
    assert second.source != first.source
    (earlier,) = watched.scenes() - {"a/a-20250601"}
    assert earlier.startswith("a-earlier/a-20250601-")
    aged(noise_photo(path, 1))  # and as it was at first
    (came,) = watched.look().values()
    assert (came.outcome, came.collection, came.scene) == (Outcome.IN, "a", "a-20250601")
    third = read_item(watched.portal.item("a", "a-20250601"))
    assert third.source == first.source
    assert watched.portal.collection("a").count == 1


def test_touched_renamed_or_copied_is_the_same_scene(watched) -> None:
    path = watched.folder / "a-20250601.tif"
    aged(noise_photo(path, 1))
    watched.look()
    os.utime(path)
    aged(path)
    assert [one.outcome for one in watched.look().values()] == [Outcome.IN]
    other = path.rename(watched.folder / "other-20250601.tif")
    shutil.copy(other, watched.folder / "copy-20250601.tif")
    aged(other)
    came = watched.look()
    assert {one.scene for one in came.values()} == {"a-20250601"}
    assert watched.scenes() == {"a/a-20250601"}
    assert watched.told()["gone"] == 1


def test_two_files_of_one_name_in_two_folders_are_two_scenes(watched) -> None:
    noise_photo(watched.folder / "north" / "a-20250601.tif", 1)
    aged(noise_photo(watched.folder / "south" / "a-20250601.tif", 2))
    watched.look()
    scenes = watched.scenes()
    assert len(scenes) == 2
    assert not any("earlier" in each for each in scenes)
    aged(noise_photo(watched.folder / "south" / "a-20250601.tif", 3))
    (came,) = watched.look().values()
    assert came.outcome is Outcome.IN
    now = watched.scenes()
    assert sum("earlier" in each for each in now) == 1
    assert sum("earlier" not in each for each in now) == 2


def test_what_was_removed_there_stays_here(watched) -> None:
    path = aged(noise_photo(watched.folder / "a-20250601.tif", 1))
    noise_photo(watched.folder / "b-20250601.tif", 2)
    aged(path)
    watched.look()
    path.unlink()
    assert watched.look() == {}
    assert "a/a-20250601" in watched.scenes()
    assert watched.told()["counts"]["in"] == 1


def test_linked_files_that_are_gone_go_from_the_catalogue(watched, tmp_path) -> None:
    watched.source = replace(watched.source, mode=Mode.LINK)
    paths = [
        noise_photo(watched.folder / f"{name}-20250601.tif", seed)
        for seed, name in enumerate("abc")
    ]
    aged(paths[0])
    watched.look()
    assert len(watched.scenes()) == 3
    assert not list((watched.portal.services.settings.data / "files").glob("??/*.tif"))
    paths[0].unlink()
    paths[1].rename(watched.folder / "moved-20250601.tif")
    aged(watched.folder)
    watched.look()
    scenes = watched.scenes()
    assert "a/a-20250601" not in scenes
    assert len(scenes) == 2
    for body in watched.portal.search(Query(limit=10)).bodies:  # and they can be read
        for asset in read_item(body).assets.values():
            assert watched.portal.services.reader.levels(asset)
    # A disk that is not mounted is no reason to remove anything.
    shutil.move(watched.folder, tmp_path / "away")
    watched.folder.mkdir()
    watched.look()
    assert len(watched.scenes()) == 2
    assert "leeg" in watched.told()["error"]["nl"]
    watched.folder.rmdir()
    watched.look()
    assert "cannot be read" in watched.told()["error"]["en"]
    assert len(watched.scenes()) == 2


def test_failures_are_told_and_tried_again(watched, monkeypatch) -> None:
    path = watched.folder / "a-20250601.tif"
    path.write_bytes(b"II*\x00 this is no image" * 9)
    aged(path)
    (came,) = watched.look().values()
    assert (came.outcome, came.tries) == (Outcome.FAILED, 1)
    assert came.code == "unreadable-file"
    assert came.nl != came.en
    assert came.next_try > time.time() + 30
    assert watched.look() == {}  # not yet
    assert watched.told()["reasons"] == {"unreadable-file": 1}
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + 3600)
    (came,) = watched.look().values()
    assert came.tries == 2
    monkeypatch.undo()
    path.unlink()
    aged(noise_photo(path, 1))
    (came,) = watched.look().values()
    assert came.outcome is Outcome.IN
    assert watched.told()["reasons"] == {}


def test_a_clock_that_runs_ahead_holds_nothing_up(watched) -> None:
    path = noise_photo(watched.folder / "a-20250601.tif", 1)
    os.utime(path, (time.time() + 9e6,) * 2)
    (came,) = watched.look().values()
    assert came.outcome is Outcome.IN


def test_bands_of_one_moment_are_one_scene_also_when_one_comes_later(watched) -> None:
    values = np.ones((1, 30, 30), np.uint16)
    for band in ("B02", "B03"):
        write_photo(watched.folder / f"s2_20250601_{band}.tif", values * int(band[1:]))
    aged(watched.folder)
    (came,) = watched.look().values()
    assert came.key == "s2@20250601T000000"
    scene = read_item(watched.portal.item(came.collection, came.scene))
    assert set(scene.assets) == {"B02", "B03"}
    aged(write_photo(watched.folder / "s2_20250601_B04.tif", values * 4))
    (came,) = watched.look().values()
    scene = read_item(watched.portal.item(came.collection, came.scene))
    assert set(scene.assets) == {"B02", "B03", "B04"}
    assert sum("earlier" not in each for each in watched.scenes()) == 1


def test_a_file_that_changes_while_it_is_taken_in_is_taken_in_again(watched, monkeypatch) -> None:
    path = aged(noise_photo(watched.folder / "a-20250601.tif", 1))
    whole = following_folder._land

    def and_then_it_changes(*arguments):
        receipts = whole(*arguments)
        noise_photo(path, 2)
        return receipts

    monkeypatch.setattr(following_folder, "_land", and_then_it_changes)
    watched.look()
    monkeypatch.undo()
    aged(path)
    (came,) = watched.look().values()
    assert (came.outcome, came.scene) == (Outcome.IN, "a-20250601")
    (asset,) = read_item(watched.portal.item("a", "a-20250601")).assets.values()
    with load_rasterio().open(path, driver="GTiff") as dataset:
        expected = dataset.read(1)
    block = watched.portal.services.reader.read(asset, 0, Window(0, 0, *asset.grid.shape))
    np.testing.assert_array_equal(block.values[0], expected)
    assert watched.look() == {}


def test_a_landsat_folder_and_photos_beside_it(watched) -> None:
    make_landsat(watched.folder)
    aged(noise_photo(watched.folder / "a-20250601.tif", 1))
    came = watched.look()
    assert len(came) == 2
    assert {one.outcome for one in came.values()} == {Outcome.IN}
    assert {one.collection for one in came.values()} == {"a", "landsat-c2-l2"}


def safe_zip(product, target: Path, *extra: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(product.path.rglob("*")):
            if path.is_file():
                archive.write(path, f"{product.path.name}/{path.relative_to(product.path)}")
        for name, content in extra:
            archive.writestr(name, content)
    return target


@pytest.mark.parametrize("zipped", [False, True])
def test_sentinel_2_products_as_folder_and_as_zip(watched, tmp_path, zipped: bool) -> None:
    place = tmp_path if zipped else watched.folder
    product = make_safe(place, level="L2A")
    if zipped:
        safe_zip(product, watched.folder / "delivery.zip")
    aged(watched.folder)
    (came,) = watched.look().values()
    assert came.outcome is Outcome.IN, came.en
    assert came.collection == "sentinel-2-l2a"
    scene = read_item(watched.portal.item(came.collection, came.scene))
    assert {"B02", "B8A", "SCL"} <= set(scene.assets)
    band = scene.assets["B04"].band
    assert (band.scale, band.offset) == (0.0001, -0.1)  # the offset of baseline 04.00
    work = folder_of(watched.portal.services.settings.data, "drop") / "work"
    assert not work.exists() or not any(work.iterdir())


def test_zips_that_lie_are_refused(watched, tmp_path) -> None:
    product = make_safe(tmp_path, level="L1C")
    safe_zip(product, watched.folder / "climb.zip", ("../../evil.xml", b"x"))
    (watched.folder / "broken.zip").write_bytes(b"PK\x03\x04" + b"x" * 500)
    whole = safe_zip(product, tmp_path / "whole.zip").read_bytes()
    (watched.folder / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with zipfile.ZipFile(watched.folder / "many.zip", "w") as archive:
        for number in range(5_001):
            archive.writestr(f"{number}.tif", b"")
    link = zipfile.ZipInfo("a.tif")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(watched.folder / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with zipfile.ZipFile(watched.folder / "nothing.zip", "w") as archive:
        archive.writestr("readme.txt", b"hello")
    aged(watched.folder)
    came = watched.look()
    assert {key: one.code for key, one in came.items()} == {
        "broken.zip": "zip-damaged",
        "climb.zip": "zip-paths",
        "cut.zip": "zip-damaged",
        "link.zip": "zip-paths",
        "many.zip": "zip-too-large",
        "nothing.zip": "nothing-found",
    }
    assert not list(tmp_path.rglob("evil.xml"))
    assert watched.scenes() == set()


def test_the_quota_stops_it_and_room_lets_it_go_on(tmp_path) -> None:
    folder = tmp_path / "drop"
    for number in range(1, 5):
        noise_photo(folder / f"a-202506{number:02}.tif", number, side=700)
    aged(folder)
    settings = load_settings(tmp_path / "data", quota_mb=1)
    with open_portal(settings) as portal:
        watched = Watched(portal, folder)
        came = watched.look()
        assert [one.outcome for one in came.values()] == [Outcome.IN]
        told = watched.told()
        assert told["error"]["code"] == "quota-reached"
        assert "quota_mb" in told["error"]["nl"]
        assert told["next_try"] > time.time()
        assert told["counts"]["failed"] == 0
    with open_portal(replace(settings, quota_mb=50)) as portal:
        watched = Watched(portal, folder)
        assert len(watched.look()) == 3
        assert watched.told()["error"] is None


def test_the_data_folder_in_a_watched_folder_is_passed_over(tmp_path) -> None:
    noise_photo(tmp_path / "a-20250601.tif", 1)
    with open_portal(tmp_path / "data") as portal:
        watched = Watched(portal, tmp_path)
        aged(tmp_path)
        assert len(watched.look()) == 1
        aged(tmp_path)
        assert watched.look() == {}


RUN = """
import sys
from landzicht.portal import open_portal
from landzicht.portal.following.following import follow_once
from landzicht.sources.register import one_source
with open_portal(sys.argv[1]) as portal:
    source = one_source(portal.services.settings.data, "drop")
    print("ready", flush=True)
    say = lambda _, came: print(came.outcome.value, flush=True)
    follow_once(portal.services, source, say, bool)
"""


def test_killed_at_any_moment_it_goes_on(tmp_path) -> None:
    folder = tmp_path / "drop"
    for number in range(1, 9):
        noise_photo(folder / f"a-202506{number:02}.tif", number, side=300)
    with open_portal(tmp_path / "data") as portal:
        watched = Watched(portal, folder)
    aged(folder)
    rounds = 20 if os.environ.get("LANDZICHT_SOAK") else 2
    rng = np.random.default_rng(4)
    for _ in range(rounds):
        run = subprocess.Popen(
            [sys.executable, "-c", RUN, str(tmp_path / "data")], stdout=subprocess.PIPE, text=True
        )
        assert run.stdout is not None
        run.stdout.readline()
        time.sleep(rng.uniform(0.2, 1.2))
        run.send_signal(signal.SIGKILL)
        run.communicate()
    with open_portal(tmp_path / "data") as portal:
        watched.portal = portal
        watched.look()
        assert watched.told()["counts"] == {"in": 8, "skipped": 0, "failed": 0}
        assert len(watched.scenes()) == 8


def test_a_simulated_file_does_not_join_real_ones(watched) -> None:
    (watched.folder / "one").mkdir()
    noise_photo(watched.folder / "one" / "a_20250601.tif", 1)
    aged(watched.folder)
    watched.look()
    (collection,) = {scene.partition("/")[0] for scene in watched.scenes()}
    made_up = noise_photo(watched.folder / "one" / "a_20250602.tif", 2)
    with load_rasterio().open(made_up, "r+") as file:
        file.update_tags(SIMULATED="YES")
    aged(watched.folder)
    came = watched.look()
    assert {one.code for one in came.values()} == {"simulated-and-real"}
    assert not watched.portal.collection(collection).simulated
