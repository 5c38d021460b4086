"""Landing: once, whole, and again after anything went wrong."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from landzicht.errors.files import DiskFailed
from landzicht.formats import CogWriter
from landzicht.ingest import Options, land, sniff
from landzicht.ingest.recipe import parse_recipe
from landzicht.kinds import Outcome
from landzicht.records import SqliteCatalog
from landzicht.runners import Threads
from landzicht.stac import read_item
from landzicht.testing.products import make_safe

RECIPE = """
[collection]
id = "x"
[files]
pattern = '(?P<date>\\d{8})'
[bands.a]
scale = SCALE
[layers.a]
assets = ["a"]
rescale = [0, TOP]
"""


def recipe(scale: str = "0.5", top: str = "9"):
    return parse_recipe(RECIPE.replace("SCALE", scale).replace("TOP", top))


def noise(seed: int, size: int = 20) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 60_000, (1, size, size)).astype(np.uint16)


def test_twice_is_once(port, make_tiff, tmp_path) -> None:
    path = make_tiff("a-20200101.tif")
    (first,) = port.take(path)
    stored = port.files()
    (second,) = port.take(path)
    copy = tmp_path / "elsewhere" / "b-20200101.tif"
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    (third,) = port.take(copy)
    assert [r.outcome for r in (first, second, third)] == [Outcome.ADDED, *[Outcome.KNOWN] * 2]
    assert (third.collection, third.scene) == (first.collection, first.scene)
    assert (second.scene, second.source, second.assets) == (first.scene, first.source, first.assets)
    assert port.files() == stored
    (elsewhere,) = port.take(copy, collection="chosen")
    assert (elsewhere.outcome, elsewhere.collection) == (Outcome.ADDED, "chosen")


def test_a_copy_under_the_same_recipe_is_known(port, make_tiff) -> None:
    (first,) = port.take(make_tiff("a-20200101.tif"), recipe=recipe())
    (second,) = port.take(make_tiff("copy/b_20200101.tif"), recipe=recipe())
    assert (second.outcome, second.scene) == (Outcome.KNOWN, first.scene)
    assert second.source == first.source


def test_files_are_named_after_their_content(port, make_tiff) -> None:
    import hashlib

    (receipt,) = port.take(make_tiff("a-20200101.tif"))
    for key, digest in receipt.assets.items():
        asset = port.scene(receipt).assets[key]
        content = (port.harbour.data / asset.href).read_bytes()
        assert asset.href == f"files/{digest[:2]}/{digest}.tif"
        assert hashlib.sha256(content).hexdigest() == digest == asset.sha256
        assert asset.size == len(content)


def test_our_own_file_keeps_its_bytes(port, make_tiff, tmp_path) -> None:
    """What we wrote can be taken in again without change: the writer is deterministic."""
    (first,) = port.take(make_tiff("a-20200101.tif", noise(0, 700)), recipe=recipe())
    asset = port.scene(first).assets["a"]
    copy = tmp_path / "again_20200102.tif"
    copy.write_bytes((port.harbour.data / asset.href).read_bytes())
    (second,) = port.take(copy, recipe=recipe())
    assert second.outcome is Outcome.ADDED
    assert second.assets == first.assets


def test_a_corrected_recipe_replaces_the_scene(port, make_tiff) -> None:
    path = make_tiff("a-20200101.tif")
    (first,) = port.take(path, recipe=recipe("0.5"))
    (second,) = port.take(path, recipe=recipe("0.25"))
    assert (second.outcome, second.scene) == (Outcome.ADDED, first.scene)
    assert second.source != first.source
    assert port.scene(second).assets["a"].band.scale == 0.25
    assert port.harbour.catalog.collection("x").count == 1


def test_a_corrected_layer_needs_no_conversion(port, make_tiff) -> None:
    path = make_tiff("a-20200101.tif")
    port.take(path, recipe=recipe(top="9"))
    (receipt,) = port.take(path, recipe=recipe(top="5"))
    assert receipt.outcome is Outcome.KNOWN
    assert port.harbour.catalog.collection("x").layers[0].rescale == ((0, 5),)


def test_other_bytes_of_the_same_name_are_another_scene(port, make_tiff) -> None:
    (first,) = port.take(make_tiff("one/a-20200101.tif", noise(1)))
    (second,) = port.take(make_tiff("two/a-20200101.tif", noise(2)))
    assert first.scene == "a-20200101"
    assert second.scene.startswith("a-20200101-")
    assert port.harbour.catalog.collection("a").count == 2


@pytest.mark.parametrize("harm", ["gone", "cut", "changed"])
def test_taking_in_again_mends_a_damaged_store(port, make_tiff, harm: str) -> None:
    path = make_tiff("a-20200101.tif")
    (first,) = port.take(path)
    file = port.harbour.data / port.scene(first).assets["a"].href
    whole = file.read_bytes()
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(whole[:100] if harm == "cut" else bytes(len(whole)))
    (again,) = port.take(path)
    assert (again.outcome, again.scene) == (Outcome.ADDED, first.scene)
    assert file.read_bytes() == whole


def test_somebodys_layers_stay(port, make_tiff) -> None:
    port.take(make_tiff("a-20200101.tif", noise(1)))
    catalog = port.harbour.catalog
    chosen = catalog.collection("a")
    layer = replace(chosen.layers[0], rescale=((0.0, 123.0),))
    catalog.put([replace(chosen, layers=(layer,), license="CC0-1.0")], [])
    port.take(make_tiff("a-20200111.tif", noise(2)))
    now = catalog.collection("a")
    assert (now.layers[0].rescale, now.license, now.count) == (((0.0, 123.0),), "CC0-1.0", 2)


def test_progress_is_told(port, make_tiff, tmp_path) -> None:
    told: list[tuple[str, int, int]] = []
    product = make_safe(tmp_path, level="L1C")
    drafts = sniff([product.path], port.inspector, Options())
    list(land(drafts, port.harbour, lambda *args: told.append(args)))
    converting = [entry for entry in told if not entry[0].endswith("⋯")]
    assert [entry[1:] for entry in converting] == [(done, 13) for done in range(1, 14)]


@pytest.mark.parametrize("workers", [1, 4])
def test_runners_give_equal_files(port, make_tiff, tmp_path, workers: int) -> None:
    product = make_safe(tmp_path, level="L1C")
    (one,) = port.take(product.path)
    harbour = replace(port.harbour, runner=Threads(workers=workers), data=tmp_path / "other")
    with SqliteCatalog(tmp_path / "other.sqlite") as catalog:
        harbour = replace(harbour, catalog=catalog)
        (two,) = land(sniff([product.path], port.inspector, Options()), harbour)
    assert (one.assets, one.source) == (two.assets, two.source)


class FullDisk(CogWriter):
    """A disk that is full after some files."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room
        self.asked = 0

    def convert(self, job, target):
        self.asked += 1
        if self.asked > self.room:
            raise DiskFailed(path=target, reason="full")
        return super().convert(job, target)


def test_a_full_disk_registers_nothing_half_and_goes_on_later(port, make_tiff, tmp_path) -> None:
    first = make_safe(tmp_path, level="L1C")
    second, third = make_tiff("b-20200101.tif", noise(1)), make_tiff("c-20200101.tif", noise(2))
    port.take(second)
    stored = port.files()
    writer = FullDisk(5)
    full = replace(port.harbour, writer=writer)
    drafts = sniff([first.path, second, third], port.inspector, Options())
    receipts = list(land(drafts, full))
    assert [r.outcome for r in receipts] == [Outcome.REFUSED, Outcome.KNOWN, Outcome.REFUSED]
    assert [r.findings[-1].code for r in receipts if r.findings] == ["disk-failed", "disk-failed"]
    assert writer.asked == 6  # the third was not even tried
    assert port.files() == stored
    assert port.harbour.catalog.collection("b").count == 1
    assert {r.outcome for r in port.take(first.path, third)} == {Outcome.ADDED}


def test_a_data_folder_that_cannot_be_written(port, make_tiff) -> None:
    (port.harbour.data / "files").write_text("in the way")
    (receipt,) = port.take(make_tiff("a-20200101.tif"))
    assert receipt.outcome is Outcome.REFUSED
    assert receipt.findings[-1].code == "disk-failed"


RUN = """
import sys
from pathlib import Path
from landzicht.formats import CogWriter, GdalInspector, Sandbox
from landzicht.ingest import Harbour, Options, land, sniff
from landzicht.records import SqliteCatalog
from landzicht.runners import Threads
data = Path(sys.argv[1])
with Sandbox() as sandbox, SqliteCatalog(data / "catalogue.sqlite") as catalog:
    harbour = Harbour(
        data=data, catalog=catalog, writer=CogWriter(sandbox), runner=Threads(workers=2)
    )
    drafts = sniff([Path(p) for p in sys.argv[2:]], GdalInspector(sandbox), Options())
    for receipt in land(drafts, harbour):
        print(receipt.outcome.value, flush=True)
"""


def start(data: Path, *paths: Path) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", RUN, str(data), *map(str, paths)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def whole(data: Path) -> set[str]:
    """Check that all that is registered is whole; return the ids."""
    if not (data / "catalogue.sqlite").exists():
        return set()
    from landzicht.ingest.identity import digest_of
    from landzicht.kinds import Query

    found = set()
    with SqliteCatalog(data / "catalogue.sqlite") as catalog:
        for body in catalog.search(Query(limit=1000)).bodies:
            scene = read_item(body)
            found.add(scene.id)
            for asset in scene.assets.values():
                assert digest_of(data / asset.href) == asset.sha256
    return found


@pytest.fixture
def delivery(make_tiff, tmp_path) -> Path:
    for number in range(12):
        make_tiff(f"delivery/a-202001{number + 10}.tif", noise(number, 400))
    return tmp_path / "delivery"


@pytest.mark.parametrize("seed", range(35) if os.environ.get("LANDZICHT_SOAK") else [5])
def test_killed_at_any_moment_nothing_is_half(delivery, tmp_path, seed) -> None:
    """kill -9 at random moments; then running again finishes."""
    data = tmp_path / "killed"
    data.mkdir()
    rng = random.Random(seed)
    seen: set[str] = set()
    for round_number in range(6):
        process = start(data, delivery)
        if round_number:
            # Once it is at work (the imports are over), within the time of a few scenes.
            assert process.stdout is not None
            process.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.12))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        now = whole(data)
        assert seen <= now
        seen = now
    process = start(data, delivery)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert set(out.split()) <= {"added", "known"}
    assert len(whole(data)) == 12
    files = {path for path in (data / "files").rglob("*") if path.is_file()}
    assert not [path for path in files if path.name.endswith(".part")]
    assert not list((data / "files" / ".incoming").iterdir())


def test_two_at_once_do_not_hurt_each_other(delivery, tmp_path) -> None:
    data = tmp_path / "both"
    data.mkdir()
    runs = [start(data, delivery), start(data, delivery)]
    outcomes = [run.communicate(timeout=120)[0].split() for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert [len(each) for each in outcomes] == [12, 12]
    assert {word for each in outcomes for word in each} <= {"added", "known"}
    together = [word for each in outcomes for word in each]
    assert together.count("added") >= 12
    assert len(whole(data)) == 12


def test_two_with_other_bytes_of_one_name_are_both_kept(port, make_tiff, tmp_path) -> None:
    paths = [make_tiff(f"{n}/a-20200101.tif", noise(n)) for n in range(6)]
    receipts = []

    def run(path: Path) -> None:
        drafts = sniff([path], port.inspector, Options())
        receipts.extend(land(drafts, port.harbour))

    threads = [threading.Thread(target=run, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    findings = [found.message.en for receipt in receipts for found in receipt.findings]
    assert {receipt.outcome for receipt in receipts} == {Outcome.ADDED}, findings
    assert len({receipt.scene for receipt in receipts}) == 6
    assert port.harbour.catalog.collection("a").count == 6


def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(port, make_tiff, tmp_path) -> None:
    from landzicht.ingest.store import incoming

    place = port.harbour.data / "files" / ".incoming"
    dead = place / "123-abc"
    dead.mkdir(parents=True)
    (dead / "lock").touch()
    (dead / "0.tif").write_bytes(b"x")
    half = place / ".new-124-abc"
    half.mkdir()
    os.utime(half, (0, 0))
    with incoming(port.harbour.data) as living:
        port.take(make_tiff("a-20200101.tif"))
        assert not dead.exists()
        assert not half.exists()
        assert living.exists()
    assert list(place.iterdir()) == []


def test_a_folder_that_another_run_is_just_making_stays(port, make_tiff) -> None:
    """Between making its lock and holding it, a run must not lose its folder."""
    fresh = port.harbour.data / "files" / ".incoming" / ".new-125-abc"
    fresh.mkdir(parents=True)
    (fresh / "lock").touch()
    port.take(make_tiff("a-20200101.tif"))
    assert fresh.is_dir()
    os.utime(fresh, (0, 0))
    port.take(make_tiff("a-20200101.tif"))
    assert not fresh.exists()


READ_ONLY = """
import os, sys
from pathlib import Path
from landzicht.formats import CogWriter, GdalInspector, Sandbox
from landzicht.ingest import Harbour, Options, land, sniff
from landzicht.records import SqliteCatalog
from landzicht.runners import Inline
source, data = Path(sys.argv[1]), Path(sys.argv[2])
with Sandbox() as sandbox, SqliteCatalog(data / "catalogue.sqlite") as catalog:
    catalog.put([], [])
    harbour = Harbour(data=data, catalog=catalog, writer=CogWriter(sandbox), runner=Inline())
    drafts = list(sniff([source], GdalInspector(sandbox), Options()))
    source.chmod(0o444)
    data.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)  # root may write everywhere
    for receipt in land(drafts, harbour):
        print(receipt.outcome.value, receipt.findings[-1].code, receipt.findings[-1].message.en)
"""


def test_a_read_only_data_folder(make_tiff) -> None:
    source = make_tiff("a-20200101.tif")
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        data, copy = Path(place, "data"), Path(place, source.name)
        data.mkdir()
        copy.write_bytes(source.read_bytes())
        arguments = [sys.executable, "-c", READ_ONLY, str(copy), str(data)]
        answer = subprocess.run(arguments, capture_output=True, text=True, check=True)
        data.chmod(0o755)
    assert answer.stdout.startswith("refused disk-failed")
    assert "no permission" in answer.stdout


LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
"""


def test_a_disk_that_takes_no_more(delivery, tmp_path) -> None:
    """RLIMIT_FSIZE stands for a full disk: every write beyond it fails."""
    data = tmp_path / "full"
    data.mkdir()
    arguments = [sys.executable, "-c", LIMITED + RUN, str(data), str(delivery)]
    answer = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert set(answer.stdout.split()) == {"refused"}
    assert whole(data) == set()
    again = start(data, delivery)
    assert again.communicate(timeout=120)[0].split() == ["added"] * 12
