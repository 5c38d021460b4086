"""Deliveries of many gigabytes: killed half-way they go on, and what they lack is told."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from landzicht.errors.files import WorkStopped
from landzicht.formats import CogWriter
from landzicht.ingest import Options, identity, land, sniff
from landzicht.ingest.converting import Effort
from landzicht.kinds import Outcome
from landzicht.records import SqliteCatalog

EFFORT = Effort(large=1, checkpoint_rows=512)

RUN = """
import sys
from pathlib import Path
from landzicht.formats import CogWriter, GdalInspector, Sandbox
from landzicht.ingest import Harbour, Options, land, sniff
from landzicht.ingest.converting import Effort
from landzicht.records import SqliteCatalog
from landzicht.runners import Threads
data = Path(sys.argv[1])
with Sandbox() as sandbox, SqliteCatalog(data / "catalogue.sqlite") as catalog:
    harbour = Harbour(
        data=data, catalog=catalog, writer=CogWriter(sandbox), runner=Threads(workers=2),
        effort=Effort(large=1, checkpoint_rows=512),
    )
    drafts = sniff([Path(p) for p in sys.argv[2:]], GdalInspector(sandbox), Options())
    tell = lambda *told: print(*told, flush=True)
    for receipt in land(drafts, harbour, tell):
        print(receipt.outcome.value, flush=True)
"""


def aerial(rows: int, columns: int, dtype: str = "uint8") -> np.ndarray:
    rng = np.random.default_rng(rows)
    return rng.integers(1, 250, (4, rows, columns)).astype(dtype)


def stored(data: Path) -> set[str]:
    return {path.name for path in (data / "files").glob("??/*.tif")}


def left(data: Path) -> list[Path]:
    return list((data / "files" / ".incoming").iterdir())


def safe_rows(data: Path) -> int:
    """Return the rows of all bands that a next run need not make again."""
    rows = 0
    for place in range(4):
        (folder,) = left(data)
        if (folder / f"{place}.tif.done").is_file():
            rows += 6000
        elif (folder / f"{place}.tif.work" / "state").is_file():
            with np.load(folder / f"{place}.tif.work" / "state") as state:
                rows += int(state["row"])
    return rows


@pytest.mark.parametrize("seed", range(20) if os.environ.get("LANDZICHT_SOAK") else [1])
def test_killed_again_and_again_it_goes_on_to_the_same_bytes(
    port, make_tiff, tmp_path, seed: int
) -> None:
    """Stored files are named after their bytes, so equal names are equal bytes."""
    photo = make_tiff(
        "photo-20250601.tif", aerial(6000, 900), tiled=True, compress="deflate", photometric="RGB"
    )
    port.take(photo)
    whole = stored(port.harbour.data)
    assert len(whole) == 4
    data = tmp_path / "killed"
    data.mkdir()
    rng = random.Random(seed)
    rows: list[int] = []  # that are safe after each kill
    for _ in range(6 if os.environ.get("LANDZICHT_SOAK") else 2):
        run = subprocess.Popen(
            [sys.executable, "-c", RUN, str(data), str(photo)], stdout=subprocess.PIPE, text=True
        )
        assert run.stdout is not None
        for line in run.stdout:
            if "MB" in line:
                break
        time.sleep(rng.uniform(0.0, 0.8))
        run.send_signal(signal.SIGKILL)
        run.communicate()
        if stored(data):
            break
        rows.append(safe_rows(data))
    subprocess.run(
        [sys.executable, "-c", RUN, str(data), str(photo)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert stored(data) == whole
    assert left(data) == []
    assert rows == sorted(rows)  # what is safe stays safe
    with SqliteCatalog(data / "catalogue.sqlite") as catalog:
        assert catalog.collection("photo").count == 1


class Stops(CogWriter):
    """Somebody stops the program in the third band."""

    def __init__(self, sandbox, error: BaseException) -> None:
        super().__init__(sandbox)
        self.error = error
        self.made: list[int] = []

    def convert(self, job, target, tell=None):
        if len(self.made) == 2 and self.error:
            raise self.error
        self.made.append(job.index)
        return super().convert(job, target, tell)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), WorkStopped()])
def test_bands_that_were_ready_are_not_made_again(port, make_tiff, sandbox, error) -> None:
    photo = make_tiff("photo-20250601.tif", aerial(600, 300), photometric="RGB")
    first = Stops(sandbox, error)
    harbour = replace(port.harbour, writer=first, effort=EFFORT)
    try:
        list(land(sniff([photo], port.inspector, Options()), harbour))
    except KeyboardInterrupt:
        pass
    assert first.made == [1, 2]
    (folder,) = left(harbour.data)
    assert folder.name.startswith("large-")
    second = Stops(sandbox, None)
    told: list[tuple[str, int, int]] = []
    (receipt,) = land(
        sniff([photo], port.inspector, Options()),
        replace(harbour, writer=second),
        lambda *each: told.append(each),
    )
    assert receipt.outcome is Outcome.ADDED
    assert second.made == [3, 4]
    assert left(harbour.data) == []
    assert [each for each in told if each[0] == "photo-20250601 · MB"]


def test_reading_a_large_file_is_told_as_well(port, make_tiff, monkeypatch) -> None:
    photo = make_tiff("photo-20250601.tif", aerial(900, 900), photometric="RGB")
    plain = identity.digest_of(photo)
    monkeypatch.setattr(identity, "LARGE_BYTES", 1_000_000)
    monkeypatch.setattr(identity, "_PIECE", 1_000_000)
    told: list[tuple[str, int, int]] = []
    (receipt,) = land(
        sniff([photo], port.inspector, Options()), port.harbour, lambda *each: told.append(each)
    )
    assert receipt.outcome is Outcome.ADDED
    read = [each[1:] for each in told if each[0] == "photo-20250601 ⋯ MB"]
    assert read == [(1, 3), (2, 3), (3, 3), (3, 3)]
    assert identity.digest_of(photo, lambda *_: None) == plain


def test_damaged_remains_are_made_again(port, make_tiff, sandbox) -> None:
    photo = make_tiff("photo-20250601.tif", aerial(600, 300), photometric="RGB")
    harbour = replace(port.harbour, writer=Stops(sandbox, KeyboardInterrupt()), effort=EFFORT)
    with pytest.raises(KeyboardInterrupt):
        list(land(sniff([photo], port.inspector, Options()), harbour))
    (folder,) = left(harbour.data)
    done = json.loads((folder / "0.tif.done").read_bytes())
    assert done["size"] == (folder / "0.tif").stat().st_size
    (folder / "0.tif").write_bytes(b"x" * done["size"])
    again = Stops(sandbox, None)
    (receipt,) = land(sniff([photo], port.inspector, Options()), replace(harbour, writer=again))
    assert receipt.outcome is Outcome.ADDED
    assert again.made == [1, 3, 4]


def test_an_error_leaves_nothing(port, make_tiff) -> None:
    photo = make_tiff(
        "photo-20250601.tif", aerial(2000, 300), tiled=True, compress="deflate", photometric="RGB"
    )
    whole = photo.read_bytes()
    middle = len(whole) * 2 // 3
    photo.write_bytes(whole[:middle] + b"x" * 50_000 + whole[middle + 50_000 :])
    harbour = replace(port.harbour, effort=EFFORT)
    (receipt,) = land(sniff([photo], port.inspector, Options()), harbour)
    assert receipt.outcome is Outcome.REFUSED
    assert receipt.findings[-1].code == "unreadable-file"
    assert left(harbour.data) == []


def test_remains_go_after_a_week_and_when_the_scene_is_in(port, make_tiff, sandbox) -> None:
    photo = make_tiff("photo-20250601.tif", aerial(600, 300), photometric="RGB")
    harbour = replace(port.harbour, writer=Stops(sandbox, KeyboardInterrupt()), effort=EFFORT)
    with pytest.raises(KeyboardInterrupt):
        list(land(sniff([photo], port.inspector, Options()), harbour))
    (folder,) = left(harbour.data)
    other = make_tiff("other-20250601.tif")
    port.take(other)
    assert folder.is_dir()
    os.utime(folder, (0, 0))
    port.take(make_tiff("third-20250601.tif"))
    assert not folder.exists()
    # Killed between registering and tidying up.
    (receipt,) = port.take(photo)
    folder.mkdir()
    (folder / "lock").touch()
    assert port.take(photo)[0].outcome is Outcome.KNOWN
    assert receipt.source
    assert not folder.exists()


def test_two_that_take_in_the_same_do_not_share_a_folder(tmp_path) -> None:
    from landzicht.ingest.store import incoming

    with incoming(tmp_path, "abc") as first, incoming(tmp_path, "abc") as second:
        assert first.name == "large-abc"
        assert second != first
        assert second.is_dir()
    assert left(tmp_path) == []

    def stopped() -> None:
        with incoming(tmp_path, "abc") as folder:
            (folder / "0.tif").write_bytes(b"x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    with incoming(tmp_path, "abc") as again:
        assert (again / "0.tif").read_bytes() == b"x"


LAYOUTS = [
    {"tiled": True, "compress": "jpeg", "photometric": "RGB", "interleave": "band"},
    {"blockysize": 1, "compress": "lzw", "photometric": "RGB"},
    {"tiled": True, "compress": "deflate", "dtype": "uint16"},
    {"blockysize": 32, "compress": "jpeg", "photometric": "RGB"},
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_usual_layout_comes_in_pixel_by_pixel(port, make_tiff, layout) -> None:
    from landzicht.formats.gdal import load_rasterio

    options = dict(layout)
    values = aerial(700, 900, options.pop("dtype", "uint8"))
    photo = make_tiff("photo-20250601.tif", values, **options)
    with load_rasterio().open(photo, driver="GTiff") as dataset:
        truth = dataset.read()  # JPEG loses; what it holds must stay
    harbour = replace(port.harbour, effort=EFFORT)
    (receipt,) = land(sniff([photo], port.inspector, Options()), harbour)
    scene = port.scene(receipt)
    assert len(scene.assets) == 4
    for asset, expected in zip(scene.assets.values(), truth, strict=True):
        np.testing.assert_array_equal(port.read(asset), expected)


def test_infrared_that_is_marked_as_transparency_is_pointed_out(port, make_tiff) -> None:
    """GDAL marks a fourth band of bytes as transparency when nobody says what it is."""
    (receipt,) = port.take(make_tiff("photo-20250601.tif", aerial(300, 300)))
    assert receipt.outcome is Outcome.ADDED
    (found,) = receipt.findings
    assert (found.code, found.blocks) == ("fourth-is-transparency", False)
    for text in (found.message.nl, found.message.en):
        assert "gdal_edit.py -colorinterp_4 undefined" in text
    (second,) = port.take(make_tiff("b-20250601.tif", aerial(301, 300), photometric="RGB"))
    assert second.findings == ()
    assert len(second.assets) == 4


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("with_world_file", [False, True])
def test_without_a_place_it_is_refused_with_advice(port, make_tiff, with_world_file) -> None:
    from affine import Affine

    photo = make_tiff("photo-20250601.tif", aerial(100, 100), crs=None, transform=Affine.identity())
    if with_world_file:
        photo.with_suffix(".tfw").write_text("0.25\n0\n0\n-0.25\n100000\n450000\n")
    (receipt,) = port.take(photo)
    assert receipt.outcome is Outcome.REFUSED
    (found,) = [each for each in receipt.findings if each.blocks]
    assert found.code == ("only-world-file" if with_world_file else "not-georeferenced")
    if with_world_file:
        for text in (found.message.nl, found.message.en):
            assert "gdal_translate -a_srs EPSG:28992" in text
