"""Conversions of large images: stopped at any row they go on there, to the very same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
from affine import Affine

from landzicht.errors.files import WorkStopped
from landzicht.formats import CogWriter, Sandbox
from landzicht.formats.checkpoint import WORK
from landzicht.formats.room import Room, need_of
from landzicht.formats.statistics import Sampler
from landzicht.formats.writer import convert_here
from landzicht.grid import Grid
from landzicht.kinds import Band, BandKind, Conversion

RD = Affine(0.5, 0, 100_000, 0, -0.5, 450_000)


class Stop(BaseException):
    """As Ctrl-C: no error that somebody would handle."""


def order(source: Path, shape: tuple[int, int], band: Band, mask: str = "none") -> Conversion:
    grid = Grid(crs="EPSG:28992", transform=RD, height=shape[0], width=shape[1])
    return Conversion(
        source=source,
        driver="GTiff",
        subdataset=None,
        index=1,
        band=band,
        grid=grid,
        mask=mask,
        checkpoint_rows=512,
    )


LAYOUTS = [
    ((2600, 700), "uint8", {"tiled": True, "interleave": "pixel"}, BandKind.CONTINUOUS),
    ((2111, 901), "uint16", {"blockysize": 1, "interleave": "pixel"}, BandKind.CONTINUOUS),
    ((2048, 513), "uint16", {"blockysize": 700, "compress": "deflate"}, BandKind.CONTINUOUS),
    ((1777, 300), "float32", {"tiled": True, "compress": "lzw"}, BandKind.CONTINUOUS),
    ((2001, 333), "uint8", {"tiled": True, "compress": "jpeg"}, BandKind.CATEGORICAL),
]


@pytest.mark.parametrize(("shape", "dtype", "layout", "kind"), LAYOUTS)
@pytest.mark.parametrize("masked", [False, True])
def test_stopped_at_any_row_the_bytes_are_the_same(
    tmp_path, make_tiff, shape, dtype, layout, kind, masked
) -> None:
    rng = np.random.default_rng(shape[0])
    values = rng.integers(0, 250, (4, *shape)).astype(dtype)
    mask = (rng.random(shape) > 0.3).astype(np.uint8) * 255 if masked else None
    source = make_tiff(values, mask=mask, **layout)
    band = Band(name="red", dtype=dtype, nodata=None if masked else 0, kind=kind)
    job = order(source, shape, band, "internal" if masked else "nodata")
    whole = tmp_path / "whole.tif"
    told = convert_here(job, whole)
    target = tmp_path / "stopped.tif"
    begun: list[int] = []
    for stop_at in sorted(rng.integers(1, shape[0] - 1500, 2).tolist()):
        first = True

        def tell(done: int, total: int, stop_at: int = stop_at) -> None:
            nonlocal first
            assert total == shape[0]
            if first:
                begun.append(done)
                first = False
            if done >= stop_at:
                raise Stop

        with pytest.raises(Stop):
            convert_here(job, target, tell)
        assert not target.exists()
    rows: list[int] = []
    again = convert_here(job, target, lambda done, _: rows.append(done))
    assert target.read_bytes() == whole.read_bytes()
    assert again == told
    assert target.with_name(target.name + WORK).is_dir()  # until somebody says that it is safe
    CogWriter().tidy(target)
    assert not target.with_name(target.name + WORK).exists()
    assert rows[-1] == shape[0]
    assert rows[0] > begun[0], "it began anew"


@pytest.mark.parametrize("harm", ["source", "state", "cut", "spool", "other order"])
def test_what_does_not_fit_is_begun_anew(tmp_path, make_tiff, harm: str) -> None:
    values = np.random.default_rng(3).integers(0, 250, (1, 2100, 600)).astype(np.uint8)
    source = make_tiff(values, tiled=True)
    job = order(source, (2100, 600), Band(name="red", dtype="uint8"))
    target = tmp_path / "out.tif"

    def stop(done: int, _: int) -> None:
        if done > 1600:
            raise Stop

    with pytest.raises(Stop):
        convert_here(job, target, stop)
    work = target.with_name(target.name + WORK)
    state = work / "state"
    if harm == "source":
        os.utime(source, ns=(1, 1))
    elif harm == "state":
        state.write_bytes(b"PK\x03\x04" + b"x" * 100)
    elif harm == "cut":
        state.write_bytes(state.read_bytes()[:-300])
    elif harm == "spool":
        (work / "0.tiles").write_bytes(b"")
    else:
        job = order(source, (2100, 600), Band(name="red", dtype="uint8", nodata=7))
    rows: list[int] = []
    convert_here(job, target, lambda done, _: rows.append(done))
    assert rows[0] <= 512
    expected = tmp_path / "expected.tif"
    convert_here(job, expected)
    assert target.read_bytes() == expected.read_bytes()


def test_progress_comes_from_the_child_and_it_can_be_stopped(tmp_path, make_tiff) -> None:
    values = np.random.default_rng(3).integers(0, 250, (1, 9000, 700)).astype(np.uint8)
    source = make_tiff(values, tiled=True, compress="deflate")
    job = order(source, (9000, 700), Band(name="red", dtype="uint8"))
    target = tmp_path / "out.tif"
    seen: list[tuple[int, int]] = []
    with Sandbox() as sandbox:
        writer = CogWriter(sandbox)

        def tell(done: int, total: int) -> None:
            seen.append((done, total))
            if done > 3000:
                writer.interrupt()

        with pytest.raises(WorkStopped) as caught:
            writer.convert(job, target, tell)
        assert "goes on" in caught.value.say("en")
        assert "verder" in caught.value.say("nl")
    assert target.with_name(target.name + WORK).is_dir()
    rows = []
    with Sandbox() as sandbox:
        CogWriter(sandbox).convert(job, target, lambda done, _: rows.append(done))
    assert rows[0] > 2500
    assert seen[-1][1] == 9000


PEAK = """
import os, sys
from pathlib import Path
os.environ["GDAL_CACHEMAX"] = "128"
from affine import Affine
from landzicht.formats.room import need_of
from landzicht.formats.writer import convert_here
from landzicht.grid import Grid
from landzicht.kinds import Band, Conversion
source, target, height, width, dtype = sys.argv[1:]
grid = Grid(crs="EPSG:28992", transform=Affine(0.3, 0, 100_000, 0, -0.3, 450_000),
            height=int(height), width=int(width))
job = Conversion(source=Path(source), driver="GTiff", subdataset=None, index=2,
                 band=Band(name="green", dtype=dtype), grid=grid, mask="none",
                 checkpoint_rows=1024)
convert_here(job, Path(target))
# Not getrusage, which begins with the peak of the process that started this one.
status = Path("/proc/self/status").read_text()
peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
print(int(peak) * 1024, need_of(job))
"""


def sparse(path: Path, height: int, width: int, dtype: str, **layout: object) -> None:
    """Four bands of mostly nothing: quick to write, as large as any to convert."""
    from landzicht.formats.gdal import load_rasterio

    rasterio = load_rasterio()
    noise = np.random.default_rng(0).integers(0, 250, (4, 512, 512)).astype(dtype)
    profile = {"driver": "GTiff", "count": 4, "height": height, "width": width, "dtype": dtype}
    profile |= {"crs": "EPSG:28992", "transform": Affine(0.3, 0, 100_000, 0, -0.3, 450_000)}
    with (
        rasterio.Env(GDAL_CACHEMAX=64),
        rasterio.open(
            path, "w", SPARSE_OK=True, interleave="pixel", BIGTIFF="YES", **(profile | layout)
        ) as target,
    ):
        for row in range(0, height - 512, 2048):
            column = (row * 3) % (width - 512)
            target.write(noise, window=rasterio.windows.Window(column, row, 512, 512))


WIDE = [(4200, 60_000, "uint16", {"tiled": True, "blockxsize": 512, "blockysize": 512})]
if os.environ.get("LANDZICHT_SOAK"):
    WIDE += [
        (40_000, 60_000, "uint8", {"tiled": True, "blockxsize": 512, "blockysize": 512}),
        (20_000, 100_000, "uint16", {"blockysize": 8, "compress": "lzw"}),
    ]


@pytest.mark.timeout(3000)
@pytest.mark.parametrize(("height", "width", "dtype", "layout"), WIDE)
def test_memory_does_not_grow_with_the_image(tmp_path, height, width, dtype, layout) -> None:
    source = tmp_path / "vhr.tif"
    sparse(source, height, width, dtype, **layout)
    arguments = [sys.executable, "-c", PEAK, str(source), str(tmp_path / "out.tif")]
    arguments += [str(height), str(width), dtype]
    answer = subprocess.run(arguments, capture_output=True, text=True, check=True)
    peak, need = map(int, answer.stdout.split())
    assert peak < 350 * 2**20 + need
    assert need <= 256 * 2**20  # what all conversions together may hold


def test_the_sample_keeps_no_strip_in_memory() -> None:
    """A view of one row of each strip once held a whole delivery of 5 GB in memory."""
    grid = Grid(crs="EPSG:28992", transform=RD, height=4000, width=60_000)
    sampler = Sampler(grid, Band(name="red", dtype="uint8"))
    for rows in (1, 3, 200):
        strip = np.zeros((rows, 60_000), np.uint8)
        watched = weakref.ref(strip)
        sampler.add(strip, None)
        del strip
        assert watched() is None


def test_who_needs_more_than_there_is_comes_alone() -> None:
    room = Room(100)
    with room.hold(1000):
        pass
    with room.hold(60), room.hold(40):
        assert room._free == 0
    assert room._free == 100
    grid = Grid(crs="EPSG:28992", transform=RD, height=10, width=1000)
    job = order(Path("x"), (10, 1000), Band(name="a", dtype="uint16"))
    assert job.grid == grid
    assert need_of(job) == int(2.5 * 512 * 1000 * 2)
