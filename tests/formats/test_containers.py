"""JPEG 2000, NetCDF and other TIFFs where they lie: read by GDAL in a child, equal to rasterio."""

from __future__ import annotations

import importlib
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from affine import Affine

from landzicht.errors.files import StoredFileFailed, UnreadableFile
from landzicht.formats import CogReader, Sandbox
from landzicht.formats.foreign import Plane
from landzicht.formats.gdal import load_rasterio
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band
from landzicht.testing import shared_data

HEIGHT, WIDTH = 700, 530
PLACE = {"crs": "EPSG:32631", "transform": Affine(10, 0, 600_000, 0, -10, 5_700_000)}
KINDS = {
    "jp2": {"driver": "JP2OpenJPEG", "REVERSIBLE": "YES", "QUALITY": "100"},
    "jp2 tiled": {
        "driver": "JP2OpenJPEG", "REVERSIBLE": "YES", "QUALITY": "100",
        "BLOCKXSIZE": "256", "BLOCKYSIZE": "256",
    },
    "jp2 codestream": {"driver": "JP2OpenJPEG", "REVERSIBLE": "YES", "QUALITY": "100",
                       "CODEC": "J2K"},
    "netcdf 3": {"driver": "netCDF", "FORMAT": "NC"},
    "netcdf 3, 64 bits": {"driver": "netCDF", "FORMAT": "NC2"},
    "netcdf 4": {"driver": "netCDF", "FORMAT": "NC4", "COMPRESS": "DEFLATE"},
    "12 bits": {"driver": "GTiff", "NBITS": "12"},
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(2) as sandbox:
        yield sandbox


def write(path, values, **options):
    """Write `(band, y, x)` by GDAL; formats that are only made in one go come from memory."""
    rasterio = load_rasterio()
    real, path = path, path.with_name("made.nc")
    count, height, width = values.shape
    profile = {"count": count, "height": height, "width": width, "dtype": values.dtype} | PLACE
    with rasterio.MemoryFile() as memory:
        with memory.open(driver="GTiff", **profile) as image:
            image.write(values)
        with memory.open() as image:
            importlib.import_module("rasterio.shutil").copy(image, path, **options)
    return path.replace(real)


def asset_of(path, **fields):
    grid = Grid(**PLACE, height=HEIGHT, width=WIDTH)
    band = Band(name="b", dtype="uint16")
    plain = {"key": "b", "href": path.name, "band": band, "grid": grid, "size": 1, "sha256": ""}
    return Asset(**(plain | fields))


def pixels(count=1):
    down, across = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [(2000 * np.sin(down / 30 + k) * np.cos(across / 20) + 2000) for k in range(count)]
    return np.stack(planes).astype("uint16")


@pytest.mark.parametrize("kind", KINDS)
def test_equals_rasterio_under_any_name(tmp_path, sandbox, kind):
    path = write(tmp_path / "x.tif", pixels(3), **KINDS[kind])
    rasterio = load_rasterio()
    reader = CogReader(tmp_path, sandbox=sandbox)
    array = None
    name = str(path)
    if kind.startswith("netcdf"):  # a variable for each band
        array, name = "Band2", f'NETCDF:"{path}":Band2'
    asset = asset_of(path, array=array, index=1 if array else 2)
    levels = reader.levels(asset)
    assert (len(levels) > 1) == ("jp2" in kind)
    for level, grid in enumerate(levels):
        options = {"overview_level": level - 1} if level else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(name, driver=KINDS[kind]["driver"], **options) as image:
                expected = image.read(asset.index)
        assert grid.shape == expected.shape
        height, width = grid.shape
        for part in (Window(0, 0, height, width), Window(height // 3, width // 4, 20, 23)):
            block = reader.read(asset, level, part)
            np.testing.assert_array_equal(
                block.values[0],
                expected[part.row : part.stop_row, part.column : part.stop_column],
            )
    if array is None:
        np.testing.assert_array_equal(
            reader.read(asset, 0, Window(0, 0, HEIGHT, WIDTH)).values[0], pixels(3)[1]
        )
    assert reader.routes["gdal"] > 0
    assert reader.routes["own"] == 0
    assert reader.cache["hits"] > 0


@pytest.mark.parametrize("name", ["", "Band9", '/etc/passwd":x', "a:b", "../x", "Band1\0"])
def test_names_of_arrays_never_reach_gdal_unchecked(tmp_path, sandbox, name):
    path = write(tmp_path / "x.nc", pixels(2), **KINDS["netcdf 4"])
    with pytest.raises(StoredFileFailed):
        CogReader(tmp_path, sandbox=sandbox).levels(asset_of(path, array=name))


@pytest.mark.parametrize("kind", ["jp2", "12 bits"])
def test_an_array_of_a_file_that_has_none(tmp_path, sandbox, kind):
    path = write(tmp_path / "x.jp2", pixels(), **KINDS[kind])
    with pytest.raises(StoredFileFailed):
        CogReader(tmp_path, sandbox=sandbox).levels(asset_of(path, array="Band1"))


def test_a_container_needs_the_name_of_an_array(tmp_path, sandbox):
    path = write(tmp_path / "x.nc", pixels(2), **KINDS["netcdf 4"])
    with pytest.raises(StoredFileFailed):
        CogReader(tmp_path, sandbox=sandbox).levels(asset_of(path))


@pytest.mark.parametrize(
    "content",
    [
        b"<VRTDataset/>",
        b"PK\x03\x04",
        b"\x89PNG\r\n\x1a\n" + bytes(99),
        b"x",
        b"",
        b"II",
        bytes(99),
    ],
)
def test_other_content_is_refused(tmp_path, sandbox, content):
    path = tmp_path / "x.tif"
    path.write_bytes(content)
    with pytest.raises(StoredFileFailed):
        CogReader(tmp_path, sandbox=sandbox).levels(asset_of(path))


@pytest.mark.parametrize("kind", ["jp2", "netcdf 3", "netcdf 4", "12 bits"])
def test_damage_is_told(tmp_path, sandbox, kind):
    path = write(tmp_path / "x.tif", pixels(), **KINDS[kind])
    content = path.read_bytes()
    array = "Band1" if kind.startswith("netcdf") else None
    rng = np.random.default_rng(0)
    for number in range(12):
        changed = bytearray(content[: len(content) // 2] if number % 3 == 0 else content)
        for place in rng.integers(0, min(len(changed), 4_000), 20).tolist():
            changed[place] = int(rng.integers(256))
        other = tmp_path / f"{number}.tif"
        other.write_bytes(changed)
        try:
            block = CogReader(tmp_path, sandbox=sandbox).read(
                asset_of(other, array=array), 0, Window(0, 0, HEIGHT, WIDTH)
            )
        except StoredFileFailed:
            continue
        assert block.values.shape == (1, HEIGHT, WIDTH)


def test_a_child_that_dies_costs_one_picture(tmp_path):
    path = write(tmp_path / "x.jp2", pixels(), **KINDS["jp2 tiled"])
    with Sandbox(1) as sandbox:
        reader = CogReader(tmp_path, sandbox=sandbox)
        asset = asset_of(path)
        reader.read(asset, 0, Window(0, 0, 9, 9))
        sandbox._idle[0]._process.kill()
        sandbox._idle[0]._process.wait()
        with pytest.raises(StoredFileFailed):
            reader.read(asset, 0, Window(600, 500, 9, 9))
        assert reader.read(asset, 0, Window(600, 500, 9, 9)).values.shape == (1, 9, 9)


def test_no_more_children_than_allowed(tmp_path):
    path = write(tmp_path / "x.jp2", pixels(), **KINDS["jp2 tiled"])
    with Sandbox(1) as sandbox:
        reader = CogReader(tmp_path, 0, sandbox=sandbox)
        wrong = []

        def look():
            for _ in range(3):
                found = reader.read(asset_of(path), 0, Window(0, 0, 300, 300))
                wrong.extend([1] if found.values[0, 5, 5] != pixels()[0, 5, 5] else [])

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong
        assert len(sandbox._idle) == 1


def test_children_are_limited_and_know_the_limits(tmp_path):
    """Every process that opens stored files by GDAL has the limits: the child itself is asked."""
    path = write(tmp_path / "x.jp2", pixels(), **KINDS["jp2"])
    with Sandbox(1) as sandbox:
        CogReader(tmp_path, sandbox=sandbox).levels(asset_of(path))
        process = sandbox._idle[0]._process.pid
        limits = Path(f"/proc/{process}/limits").read_text()
        memory = next(line for line in limits.splitlines() if line.startswith("Max address space"))
        assert "unlimited" not in memory
        path.unlink()
        path.write_text('<VRTDataset rasterXSize="4" rasterYSize="4"/>')
        with pytest.raises(UnreadableFile):
            sandbox.call("describe", (path, None), path, seconds=20)
        arguments = (path, "VRT", None, Plane(0, 1, mask=False), Window(0, 0, 4, 4))
        with pytest.raises(UnreadableFile):
            sandbox.call("read", arguments, path, seconds=20)


def test_a_file_that_was_replaced_is_read_anew(tmp_path, sandbox):
    path = write(tmp_path / "x.jp2", pixels(), **KINDS["jp2"])
    first = CogReader(tmp_path, sandbox=sandbox).read(asset_of(path), 0, Window(0, 0, 9, 9))
    time.sleep(0.01)
    other = write(tmp_path / "y.jp2", pixels() + 5, **KINDS["jp2"])
    other.replace(path)
    second = CogReader(tmp_path, sandbox=sandbox).read(asset_of(path), 0, Window(0, 0, 9, 9))
    np.testing.assert_array_equal(second.values, first.values + 5)


def test_a_real_cube(sandbox):
    folder = shared_data("be-worldcereal-s1s2")
    path = folder / "worldcereal_preprocessed_inputs.nc"
    with load_rasterio().open(f'NETCDF:"{path}":S2-L2A-B02') as image:
        expected, transform, dtype = image.read(7), image.transform, image.dtypes[0]
    grid = Grid(
        crs="EPSG:32631", transform=transform, height=expected.shape[0], width=expected.shape[1]
    )
    band = Band(name="b", dtype=dtype)
    asset = asset_of(path, array="S2-L2A-B02", index=7, grid=grid, band=band)
    block = CogReader(folder, sandbox=sandbox).read(asset, 0, Window(0, 0, *grid.shape))
    np.testing.assert_array_equal(block.values[0], expected)
