"""Zonderland as files: the same bytes by any road, and marked at every exit."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pystac
import pytest
import shapely

from landzicht.errors.files import DiskFailed
from landzicht.errors.world import BadWorld
from landzicht.formats.gdal import load_rasterio
from landzicht.formats.writer import CogWriter
from landzicht.runners import Inline, Processes, Threads
from landzicht.stac import read_collection
from landzicht.testing.worlds import polder
from landzicht.world import WorldSpec, acquisitions, collection, make_world
from landzicht.world.making import Writing, write_acquisition
from landzicht.world.naming import own_collection

SPEC = WorldSpec(size=128, dates=3)
EVERYTHING = WorldSpec(size=128, dates=2, years=2, zones=2, seed=11)
"""Two zones, two years, more than one instrument."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    make_world(SPEC, folder, CogWriter(), Inline())
    return folder


def sums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    "runner", [Threads(workers=3), Processes(workers=2)], ids=["threads", "processes"]
)
def test_same_bytes_on_any_runner(made: Path, tmp_path: Path, runner) -> None:
    told: list[tuple[str, int, int]] = []
    manifest = make_world(SPEC, tmp_path, CogWriter(), runner, lambda *step: told.append(step))
    assert sums(tmp_path) == sums(made)
    assert [step[1:] for step in told] == [(1, 3), (2, 3), (3, 3)]
    assert manifest.simulated
    assert len(manifest.images) == 3


def test_same_bytes_of_everything(tmp_path: Path) -> None:
    """Both zones, both years, radar and heat, all forms of the truth: byte by byte."""
    for name, runner in (("one", Inline()), ("more", Processes(workers=3))):
        make_world(
            EVERYTHING, tmp_path / name, CogWriter(), runner, sensors=("s2", "s1", "thermal")
        )
    one, more = sums(tmp_path / "one"), sums(tmp_path / "more")
    assert one == more
    endings = {name.rpartition(".")[2] for name in one}
    assert endings == {"tif", "json", "geojson", "parquet"}
    assert sum("32UKD" in name for name in one) > 4 * 11


def test_another_seed_gives_other_bytes(made: Path, tmp_path: Path) -> None:
    one = acquisitions(WorldSpec(size=128, dates=1, seed=8))[0]
    written = write_acquisition(Writing(acquisition=one, folder=tmp_path, writer=CogWriter()))
    ours, theirs = sums(tmp_path), sums(made)
    name = f"images/{written.id}/{written.id}_B04.tif"
    assert ours[name] != theirs[name]


def test_every_file_is_marked(made: Path) -> None:
    rasterio = load_rasterio()
    rasters = sorted(made.rglob("*.tif"))
    assert len(rasters) >= 3 * 12
    for path in rasters:
        assert path.name.startswith("SIM_")
        with rasterio.open(path, driver="GTiff") as file:
            assert file.tags()["SIMULATED"] == "YES"
    for path in (*made.rglob("*.json"), *made.rglob("*.geojson")):
        assert re.search("simulated", path.read_text(), re.IGNORECASE)
    for path in made.rglob("*.geojson"):
        assert path.name.startswith("SIM_")
        content = json.loads(path.read_text())
        assert all(f["properties"]["simulated"] is True for f in content["features"])


def test_items_are_valid_and_point_to_their_files(made: Path) -> None:
    items = sorted((made / "images").glob("*/*.json"))
    assert len(items) == 3
    for path in items:
        body = json.loads(path.read_text())
        item = pystac.Item.from_dict(body)
        assert body["stac_version"] == "1.1.0"
        assert body["properties"]["landzicht:simulated"] is True
        assert "SIMULATED" in body["properties"]["title"]
        assert body["properties"]["platform"].startswith("simulated")
        assert (
            shapely.box(*body["bbox"])
            .buffer(1e-6)
            .contains(shapely.geometry.shape(body["geometry"]))
        )
        assert shapely.geometry.shape(body["geometry"]).exterior.is_ccw
        assert 52 < body["bbox"][1] < 53
        assert set(item.assets) == {band.name for band in collection().bands}
        for asset in body["assets"].values():
            assert asset["href"].startswith("./SIM_")
            assert (path.parent / asset["href"]).is_file()


def test_files_hold_what_was_seen(made: Path) -> None:
    from landzicht.world import landscape, observe

    one = acquisitions(SPEC)[2]
    seen = observe(landscape(SPEC), one)
    rasterio = load_rasterio()
    for band in collection().bands:
        path = made / "images" / one.id / f"{one.id}_{band.name}.tif"
        with rasterio.open(path, driver="GTiff") as file:
            values = seen.scl if band.name == "SCL" else seen.bands[band.name]
            np.testing.assert_array_equal(file.read(1), values)
            assert file.crs.to_epsg() == 32631
            assert file.transform.a == 1280 / values.shape[1]
            assert (file.transform.c, file.transform.f) == (648_000, 5_831_240)
            assert file.nodata == 0


def test_truth_lies_where_the_images_show_it(made: Path) -> None:
    """Parcels of the truth file, back on the grid, are the parcels of the landscape."""
    from landzicht.grid.crs import transformer
    from landzicht.world import landscape

    content = json.loads((made / "truth" / "SIM_parcels_2025.geojson").read_text())
    scene = landscape(SPEC)
    assert len(content["features"]) == len(scene.geography.parcels)
    back = transformer("EPSG:4326", "EPSG:32631")
    for feature, shape in zip(content["features"], scene.geography.parcels, strict=True):
        lon, lat = (
            feature["geometry"]["coordinates"][0][0][:2]
            if (feature["geometry"]["type"] == "Polygon")
            else feature["geometry"]["coordinates"][0][0][0]
        )
        x, y = back.transform(lon, lat)
        assert shape.distance(shapely.Point(x - 648_000, 5_831_240 - y)) < 0.05
        facts = feature["properties"]
        assert isinstance(facts["gewascode"], int)
        assert facts["category"] in ("Grasland", "Bouwland")


def test_collection_travels_through_stac(made: Path) -> None:
    body = (made / "images" / "zonderland-s2.json").read_bytes()
    assert read_collection(body) == collection()
    assert b"SIMULATED" in body
    assert b"GESIMULEERD" in body


def test_layers_use_bands_that_are_there() -> None:
    ours = collection()
    names = {band.name for band in ours.bands}
    for layer in ours.layers:
        used = set(layer.assets) | set(re.findall(r"B\d[\dA]", layer.expression or ""))
        assert used
        assert used <= names
    assert [layer.name for layer in ours.layers][:2] == ["visual", "ndvi"]
    assert ours.mask is not None
    assert ours.mask.asset in names


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DiskFailed) as caught:
        make_world(SPEC, tmp_path / "file" / "world", CogWriter(), Inline())
    assert caught.value.code == "disk-failed"
    assert "Traceback" not in caught.value.say("nl")


def test_the_item_is_written_last(tmp_path: Path) -> None:
    """A run that dies half-way leaves no item that promises files which are not there."""

    class Dying(CogWriter):
        def write(self, values, grid, band, target, tags):
            if band.name == "B8A":
                raise DiskFailed(path=str(target), reason="full")
            return super().write(values, grid, band, target, tags)

    order = Writing(acquisition=acquisitions(SPEC)[0], folder=tmp_path, writer=Dying())
    with pytest.raises(DiskFailed):
        write_acquisition(order)
    assert not list(tmp_path.rglob("*.json"))
    again = write_acquisition(
        Writing(acquisition=acquisitions(SPEC)[0], folder=tmp_path, writer=CogWriter())
    )
    assert (tmp_path / again.item).is_file()


def test_fixture_is_small_and_shared() -> None:
    assert polder() is polder()
    assert polder()["04-26"].acquisition.day == 116


def test_a_folder_holds_one_land(tmp_path: Path) -> None:
    """Nothing of another land is written; more of the same land is."""
    few = WorldSpec(size=128, dates=1)
    make_world(few, tmp_path, CogWriter(), Inline())
    before = sums(tmp_path)
    for other in ({"seed": 8}, {"size": 132}, {"difficulty": "easy"}, {"year": 2026}):
        with pytest.raises(BadWorld) as caught:
            make_world(replace(few, **other), tmp_path, CogWriter(), Inline(), sensors=("s1",))
        assert "7-128-real-2025" in caught.value.say("en")
        assert "lege map" in caught.value.say("nl")
    assert sums(tmp_path) == before
    make_world(replace(few, dates=2), tmp_path, CogWriter(), Inline())
    assert (
        sums(tmp_path).items()
        >= {name: digest for name, digest in before.items() if name.endswith(".tif")}.items()
    )
    assert len(list((tmp_path / "images").glob("*/*.json"))) == 2


def test_a_killed_run_is_finished_by_the_same_wish_only(tmp_path: Path, made: Path) -> None:
    class Dying(CogWriter):
        def write(self, values, grid, band, target, tags):
            if "SCL" in target.name:
                raise DiskFailed(path=str(target), reason="full")
            return super().write(values, grid, band, target, tags)

    with pytest.raises(DiskFailed):
        make_world(SPEC, tmp_path, Dying(), Inline())
    assert not (tmp_path / "SIM_manifest.json").exists()
    with pytest.raises(BadWorld):
        make_world(replace(SPEC, seed=8), tmp_path, CogWriter(), Inline())
    make_world(SPEC, tmp_path, CogWriter(), Inline())
    assert sums(tmp_path) == sums(made)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"world": "8-128-real-2025"}', b"\xff"])
def test_a_folder_whose_land_is_not_ours_is_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "SIM_world.json").write_bytes(content)
    with pytest.raises(BadWorld):
        make_world(SPEC, tmp_path, CogWriter(), Inline())
    assert [path.name for path in tmp_path.iterdir()] == ["SIM_world.json"]


def test_a_manifest_alone_tells_the_land_too(tmp_path: Path) -> None:
    make_world(replace(SPEC, dates=1), tmp_path, CogWriter(), Inline())
    (tmp_path / "SIM_world.json").unlink()
    with pytest.raises(BadWorld):
        make_world(replace(SPEC, seed=8), tmp_path, CogWriter(), Inline())
    make_world(replace(SPEC, dates=1), tmp_path, CogWriter(), Inline())


def test_only_another_land_has_another_name(tmp_path: Path) -> None:
    assert WorldSpec().short_name == ""
    assert WorldSpec(dates=3, years=2, zones=2).short_name == ""
    assert WorldSpec(seed=8, size=512, difficulty="hard").short_name == "8-512-hard"
    assert WorldSpec(year=2024).short_name == "7-1024-2024"
    spec = WorldSpec(size=128, dates=1)
    make_world(spec, tmp_path, CogWriter(), Inline(), own_names=True)
    body = (tmp_path / "images" / "zonderland-s2-7-128.json").read_bytes()
    assert read_collection(body).title.nl == "Zonderland 7-128: een verzonnen polder (GESIMULEERD)"
    assert own_collection(collection(), WorldSpec()) == collection()
    (path,) = (tmp_path / "images").glob("*/*.json")
    item = json.loads(path.read_text())
    assert item["collection"] == "zonderland-s2-7-128"
    assert item["properties"]["landzicht:world"] == spec.key == "7-128-real-2025"
