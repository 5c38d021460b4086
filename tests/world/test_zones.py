"""Two UTM zones show the same ground: neither is a picture of the other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pystac
import pytest
import shapely

from landzicht.formats.gdal import load_rasterio
from landzicht.formats.writer import CogWriter
from landzicht.grid.crs import transform_bounds, transformer
from landzicht.kinds import Outcome
from landzicht.portal.maps.view import View
from landzicht.portal.maps.windows import WindowRequest
from landzicht.portal.portal import open_portal
from landzicht.portal.scenes import Selection
from landzicht.portal.settings import Settings
from landzicht.render.picture import Picture
from landzicht.runners import Inline
from landzicht.testing.truth import read_truth
from landzicht.testing.worlds import two_zones
from landzicht.world import COLLECTION_ID, Manifest, WorldSpec, acquisitions, landscape, make_world
from landzicht.world.materials import Material
from landzicht.world.msi import OFFSET, SCALE
from landzicht.world.sheets import EAST_CRS, east_sheet, in_the_east
from landzicht.world.sky import CLEAR, THICK, UNSEEN

SPEC = WorldSpec(size=256, dates=2, zones=2)


def ndvi(bands) -> np.ndarray:
    red, near = (np.asarray(bands[name], float) * SCALE + OFFSET for name in ("B04", "B08"))
    return (near - red) / (near + red)


def on_the_map(values: np.ndarray, grid, count: int, method: str = "bilinear") -> np.ndarray:
    """Return an image of the other zone on the pixels of the map; GDAL is the oracle."""
    load_rasterio()
    from rasterio.warp import Resampling, reproject

    out = np.full((count, count), np.nan)
    world = landscape(WorldSpec(size=count)).grid
    reproject(
        values.astype(float),
        out,
        src_transform=grid.transform,
        src_crs=grid.crs,
        src_nodata=np.nan,
        dst_transform=world.transform,
        dst_crs=world.crs,
        dst_nodata=np.nan,
        resampling=Resampling[method],
    )
    return out


def shift(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return by how many pixels `other` lies off `one`, down and right: least squares."""
    rows, columns = np.gradient(one)
    known = np.stack([rows.ravel(), columns.ravel()], -1)
    seen = np.isfinite(known).all(1) & np.isfinite((one - other).ravel())
    down, right = np.linalg.lstsq(known[seen], (one - other).ravel()[seen], rcond=None)[0]
    return float(down), float(right)


def test_both_zones_show_the_same_ground_in_the_same_place() -> None:
    pair = two_zones(size=512)
    west = ndvi(pair.west.bands)
    seen = np.where(pair.east.bands["B04"] > 0, ndvi(pair.east.bands), np.nan)
    east = on_the_map(seen, pair.east_grid, 512)
    both = np.isfinite(east)
    assert 0.4 < both.mean() < 0.7, "the overlap"
    assert np.abs((east - west)[both]).mean() < 0.03
    assert np.corrcoef(east[both], west[both])[0, 1] > 0.97
    assert np.hypot(*shift(west, east)) < 0.05, "pixels; GDAL itself is within 0.125"
    off = np.roll(east, 1, 1)
    assert np.hypot(*shift(west, off)) > 0.3, "the measure sees a pixel"


def test_edges_coincide() -> None:
    """The border of the towns and fields, drawn twice, is the same line to a tenth of a pixel."""
    spec = WorldSpec(size=256)
    one, other = landscape(spec), in_the_east(spec, 2025)
    water = np.zeros(99999)
    water[[Material.RIVER, Material.SEA]] = 1
    share = on_the_map(
        np.where(other.sheet.inside, other.mixture.paint(water), np.nan), other.grid, 256
    )
    there = np.isfinite(share)
    first = one.mixture.paint(water)
    assert np.hypot(*shift(first, share)) < 0.05
    assert share[there].sum() == pytest.approx(first[there].sum(), rel=0.01), "equal area"


def test_a_parcel_has_its_area_in_both_zones() -> None:
    spec = WorldSpec(size=256)
    one, other = landscape(spec), in_the_east(spec, 2025)
    box = shapely.bounds(one.geography.parcels)
    whole = (box[:, 0] > 1400) & (box[:, 2] < 2500) & (box[:, 1] > 60) & (box[:, 3] < 2500)
    assert whole.sum() > 20
    mine = np.zeros(len(Material) + len(one.parent))
    mine[len(Material) :] = whole[one.fields.parcel[one.parent]]
    here, there = (scene.mixture.paint(mine).sum(dtype=float) for scene in (one, other))
    # A metre is 1.0004 m long in that zone and 0.9999 m in this one.
    assert there / here == pytest.approx(1.001, abs=0.002)
    assert here * 100 == pytest.approx(shapely.area(one.geography.parcels[whole]).sum(), rel=0.002)


def test_clouds_hang_over_the_same_place() -> None:
    pair = two_zones(day=191, size=256)
    there = pair.east.cloud_truth != UNSEEN
    codes = np.where(there, pair.east.cloud_truth, np.nan)
    east = on_the_map(codes, pair.east_grid, 256, "nearest")
    west = pair.west.cloud_truth
    both = np.isfinite(east)
    assert (west[both] == THICK).mean() > 0.05
    assert (east[both] == west[both]).mean() > 0.93
    assert ((east == THICK) == (west == THICK))[both].mean() > 0.97


def test_the_swath_ends_on_the_same_ground() -> None:
    pair = two_zones(day=164, size=256)
    inside = east_sheet(2560.0).inside
    gone = np.where(inside, pair.east.cloud_truth == UNSEEN, np.nan)
    east = on_the_map(gone, pair.east_grid, 256, "nearest")
    both = np.isfinite(east)
    west = pair.west.cloud_truth == UNSEEN
    assert 0.3 < west[both].mean() < 0.9
    assert (east[both] == west[both]).mean() > 0.98
    for band, values in pair.east.bands.items():
        empty = pair.east.cloud_truth == UNSEEN
        assert (values[empty if values.shape == empty.shape else empty[::2, ::2]] == 0).all(), band


def test_noise_is_its_own() -> None:
    """Water shows the noise: the two images of it are not copies."""
    pair = two_zones(size=256)
    river = landscape(WorldSpec(size=256)).mixture.paint(np.arange(99999) == Material.RIVER) > 0.999
    near = np.where(pair.east.bands["B08"] > 0, pair.east.bands["B08"], np.nan)
    east = on_the_map(near, pair.east_grid, 256, "nearest")
    both = river & np.isfinite(east)
    assert both.sum() > 100
    west = pair.west.bands["B08"].astype(float)
    detail = [v[both] - np.mean(v[both]) for v in (west, east)]
    assert abs(np.corrcoef(*detail)[0, 1]) < 0.9


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("zones")
    return folder, make_world(SPEC, folder, CogWriter(), Inline())


def test_files_of_both_zones(made: tuple[Path, Manifest]) -> None:
    folder, manifest = made
    assert [image.date for image in manifest.images[:2]] == ["2025-04-26"] * 2
    sheet = east_sheet(SPEC.extent_m)
    bodies = [json.loads((folder / image.item).read_text()) for image in manifest.images[:2]]
    west, east = (pystac.Item.from_dict(body) for body in bodies)
    assert west.properties["proj:code"] == "EPSG:32631"
    assert east.properties["proj:code"] == EAST_CRS
    assert west.properties["datetime"] == east.properties["datetime"]
    assert east.id == "SIM_S2B_32UKD_20250426"
    shapes = [shapely.geometry.shape(body["geometry"]) for body in bodies]
    assert shapes[1].exterior.is_ccw
    assert shapes[0].buffer(1e-5).contains(shapes[1])
    with load_rasterio().open(
        folder / "images" / east.id / f"{east.id}_B8A.tif", driver="GTiff"
    ) as file:
        assert file.crs.to_epsg() == 32632
        assert file.transform.a == 20
        assert file.transform.c % 60 == 0
        assert (file.read(1) > 0).sum() == pytest.approx(sheet.inside.sum() / 4, rel=0.05)
    truth = read_truth(folder)
    cloud = truth.raster(east.id, "cloud")
    assert cloud is not None
    assert cloud.shape == sheet.grid.shape
    to_utm = transformer("EPSG:4326", EAST_CRS)
    for ship in truth.ships(east.id):
        x, y = to_utm.transform(ship.shape.x, ship.shape.y)
        row, column = (sheet.grid.transform.f - y) / 10, (x - sheet.grid.transform.c) / 10
        assert cloud[int(row), int(column)] == CLEAR or not ship.facts["visible"]


def test_the_first_zone_does_not_change_when_there_are_two(
    made: tuple[Path, Manifest], tmp_path: Path
) -> None:
    folder, _ = made
    make_world(WorldSpec(size=256, dates=1), tmp_path, CogWriter(), Inline())
    name = acquisitions(SPEC)[0].id
    one, other = (root / "images" / name / f"{name}_B04.tif" for root in (folder, tmp_path))
    assert one.read_bytes() == other.read_bytes()


def test_the_portal_joins_both_zones(made: tuple[Path, Manifest], tmp_path: Path) -> None:
    """In the Dutch grid each zone gives the same ground, and a mosaic of both has no seam."""
    folder, manifest = made
    names = [image.id for image in manifest.images[:2]]
    box = transform_bounds(landscape(SPEC).grid.bounds, "EPSG:32631", "EPSG:28992")
    with open_portal(Settings(data=tmp_path / "data")) as portal:
        receipts = portal.ingest([folder / "images"])
        assert all(receipt.outcome is not Outcome.REFUSED for receipt in receipts)

        def picture(*ids: str) -> np.ndarray:
            request = WindowRequest(
                collection=COLLECTION_ID,
                box=box,
                crs="EPSG:28992",
                width=round((box.east - box.west) / 10),
                height=round((box.north - box.south) / 10),
                ending="tif",
                view=View(expression="(B08-B04)/(B08+B04)"),
                selection=Selection(ids=ids, order="first"),
                resampling="bilinear",
            )
            made = portal.window(request)
            assert isinstance(made, Picture)
            with load_rasterio().MemoryFile(made.content) as memory, memory.open() as file:
                return np.where(file.dataset_mask() > 0, file.read(1), np.nan)

        west, east = picture(names[0]), picture(names[1])
        joined, turned = picture(*names), picture(*names[::-1])
    both = np.isfinite(west) & np.isfinite(east)
    assert 0.3 < both.mean() < 0.7
    assert np.abs((west - east)[both]).mean() < 0.03
    assert np.hypot(*shift(west, east)) < 0.05
    np.testing.assert_array_equal(joined[both], west[both])
    np.testing.assert_array_equal(turned[both], east[both])
    np.testing.assert_array_equal(np.isfinite(joined), np.isfinite(west) | np.isfinite(east))
    seam = np.isfinite(west) & ~np.isfinite(east)
    np.testing.assert_array_equal(turned[seam], west[seam])
