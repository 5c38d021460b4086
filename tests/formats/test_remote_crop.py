"""The part of a remote image that lies in an area: pixel for pixel what rasterio reads there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from rasterio.windows import Window

from landzicht.formats.remote import FarImage, Fetcher, FetchOptions, Permissions, Pixels, crop
from landzicht.formats.tags import OtherProfile
from landzicht.testing.ranges import range_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from landzicht.testing.ranges import RangeServer

KINDS: dict[str, dict[str, Any]] = {
    "plain": {"dtype": "uint16", "compress": "deflate", "predictor": 2, "nodata": 0},
    "float": {"dtype": "float32", "compress": "zstd", "predictor": 3, "nodata": -9999},
    "big-endian": {"dtype": "int16", "compress": "lzw", "ENDIANNESS": "BIG"},
    "big": {"dtype": "uint8", "compress": "none", "BIGTIFF": "YES"},
    "four-bands": {"dtype": "uint8", "count": 4, "compress": "deflate"},
    "apart": {"dtype": "uint16", "count": 3, "compress": "deflate", "interleave": "band"},
    "jpeg": {"dtype": "uint8", "count": 3, "compress": "jpeg", "photometric": "ycbcr"},
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RangeServer]:
    folder = tmp_path / "far"
    folder.mkdir()
    with range_server(folder) as running:
        yield running


@pytest.fixture
def fetcher(server: RangeServer) -> Iterator[Fetcher]:
    permissions = Permissions.read(server.base, "127.0.0.1")
    made = Fetcher(FetchOptions(permissions=permissions))
    yield made
    made.close()


def _write(path: Path, *, mask: bool = False, rotated: bool = False, **options: Any) -> None:
    profile = {"count": 1, "tiled": True, "blockxsize": 64, "blockysize": 32} | options
    transform = rasterio.Affine(10, 0, 600_000, 0, -10, 5_800_000)
    if rotated:
        transform = transform @ rasterio.Affine.rotation(20)
    random = np.random.default_rng(len(str(options)))
    values = random.integers(0, 250, (profile["count"], 300, 417)).astype(profile["dtype"])
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(
            path, "w", driver="GTiff", width=417, height=300, crs=32631, transform=transform,
            **profile,
        ) as image,
    ):  # fmt: skip
        image.write(values)
        image.update_tags(SIMULATED="YES")
        if mask:
            image.write_mask(random.random((300, 417)) > 0.4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mask", [False, True])
def test_the_part_has_the_very_pixels(
    server: RangeServer, fetcher: Fetcher, tmp_path: Path, kind: str, *, mask: bool
) -> None:
    _write(server.folder / "a.tif", mask=mask, **KINDS[kind])
    window = Pixels(left=70, top=100, right=200, bottom=130)
    image = FarImage(fetcher, server.address("a.tif"))
    crop(image, window, tmp_path / "part.tif")
    whole = Window(64, 96, 256 - 64, 160 - 96)
    with (
        rasterio.open(server.folder / "a.tif") as far,
        rasterio.open(tmp_path / "part.tif") as part,
    ):
        assert part.profile | {"BIGTIFF": 0} == far.profile | {
            "width": 192,
            "height": 64,
            "transform": far.transform @ rasterio.Affine.translation(64, 96),
            "BIGTIFF": 0,
        }
        np.testing.assert_array_equal(part.read(), far.read(window=whole))
        np.testing.assert_array_equal(part.dataset_mask(), far.dataset_mask(window=whole))
        assert part.tags()["SIMULATED"] == "YES"
        assert part.crs == far.crs


def test_a_turned_image_stays_in_its_place(
    server: RangeServer, fetcher: Fetcher, tmp_path: Path
) -> None:
    _write(server.folder / "a.tif", rotated=True, **KINDS["plain"])
    image = FarImage(fetcher, server.address("a.tif"))
    crop(image, Pixels(left=300, top=250, right=417, bottom=300), tmp_path / "part.tif")
    whole = Window(256, 224, 417 - 256, 300 - 224)
    with (
        rasterio.open(server.folder / "a.tif") as far,
        rasterio.open(tmp_path / "part.tif") as part,
    ):
        assert part.transform.almost_equals(
            far.transform @ rasterio.Affine.translation(256, 224), 1e-6
        )
        np.testing.assert_array_equal(part.read(), far.read(window=whole))


def test_blocks_that_were_never_written_or_are_one_piece(
    server: RangeServer, fetcher: Fetcher, tmp_path: Path
) -> None:
    with rasterio.open(
        server.folder / "a.tif", "w", driver="GTiff", width=512, height=512, count=1,
        dtype="uint8", tiled=True, blockxsize=64, blockysize=64, SPARSE_OK=True, nodata=7,
        crs=28992, transform=rasterio.Affine(1, 0, 0, 0, -1, 512), compress="deflate",
    ) as image:  # fmt: skip
        image.write(np.full((1, 64, 64), 9, "uint8"), window=Window(128, 128, 64, 64))
    far_image = FarImage(fetcher, server.address("a.tif"))
    crop(far_image, Pixels(left=64, top=64, right=256, bottom=256), tmp_path / "part.tif")
    with rasterio.open(tmp_path / "part.tif") as part:
        found = part.read(1)
    assert found.shape == (192, 192)
    assert (found[64:128, 64:128] == 9).all()
    assert (found == 7).sum() == 192 * 192 - 64 * 64


def test_no_more_is_fetched_than_is_wanted(
    server: RangeServer, fetcher: Fetcher, tmp_path: Path
) -> None:
    values = np.random.default_rng(1).integers(0, 60_000, (1, 4096, 4096), dtype="uint16")
    with rasterio.open(
        server.folder / "a.tif", "w", driver="GTiff", width=4096, height=4096, count=1,
        dtype="uint16", tiled=True, blockxsize=256, blockysize=256, crs=32631,
        transform=rasterio.Affine(10, 0, 600_000, 0, -10, 5_800_000),
    ) as image:  # fmt: skip
        image.write(values)
    size = (server.folder / "a.tif").stat().st_size
    image = FarImage(fetcher, server.address("a.tif"))
    fetched = crop(image, Pixels(left=10, top=10, right=500, bottom=250), tmp_path / "part.tif")
    assert 2 * 256 * 256 * 2 <= fetched < size / 50
    assert fetcher.fetched < size / 50
    with rasterio.open(tmp_path / "part.tif") as part:
        np.testing.assert_array_equal(part.read(1), values[0, :256, :512])


def test_strips_and_other_files_are_not_cropped(
    server: RangeServer, fetcher: Fetcher, tmp_path: Path
) -> None:
    with rasterio.open(
        server.folder / "a.tif", "w", driver="GTiff", width=64, height=64, count=1, dtype="uint8",
        crs=28992, transform=rasterio.Affine(1, 0, 0, 0, -1, 64),
    ) as image:  # fmt: skip
        image.write(np.zeros((1, 64, 64), "uint8"))
    (server.folder / "b.tif").write_bytes(b"<html>no</html>")
    window = Pixels(left=0, top=0, right=10, bottom=10)
    far_image = FarImage(fetcher, server.address("a.tif"))
    with pytest.raises(OtherProfile):
        crop(far_image, window, tmp_path / "part.tif")
    with pytest.raises(OtherProfile):
        FarImage(fetcher, server.address("b.tif"))
