"""What was written as truth can be read back, and is true."""

from __future__ import annotations

import datetime as dt
import importlib
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pystac
import pytest
import shapely
from pystac.validation import validate_dict

from landzicht.formats.writer import CogWriter
from landzicht.grid.crs import transformer
from landzicht.runners import Inline
from landzicht.testing.shared import shared_data
from landzicht.testing.truth import read_truth
from landzicht.world import WorldSpec, acquisitions, landscape, make_world, observe
from landzicht.world.crops import CROPS
from landzicht.world.radar import observe_radar, radar_passes
from landzicht.world.sky import THICK
from landzicht.world.truth import on_earth

SPEC = WorldSpec(size=128, dates=4, years=2)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("known")
    make_world(SPEC, folder, CogWriter(), Inline(), sensors=("s2", "thermal"))
    return folder


def test_parcels_of_both_years(made: Path) -> None:
    truth = read_truth(made)
    now, then = truth.parcels(2025), truth.parcels(2024)
    assert len(now) == len(then) > 10
    assert all(shapely.equals(a.shape, b.shape) for a, b in zip(now, then, strict=True))
    fields = landscape(SPEC, 2024).fields
    for parcel in then:
        assert parcel.facts["true_gewascode"] == CROPS[fields.crop[parcel.facts["id"]]].code
        assert parcel.facts["jaar"] == 2024


def test_images_are_a_static_catalogue(made: Path) -> None:
    """Other programs read it without us: from a collection to its items, and back."""
    for sensor, count in (("s2", 8), ("landsat", 8)):
        path = made / "images" / f"zonderland-{sensor}.json"
        collection = pystac.Collection.from_file(str(path))
        items = list(collection.get_items())
        assert len(items) == count
        assert validate_dict(collection.to_dict(), extensions=[])
        for item in items[:2]:
            assert validate_dict(item.to_dict(), extensions=[])
            assert item.get_collection().id == collection.id
            assert all(Path(asset.get_absolute_href()).is_file() for asset in item.assets.values())


@pytest.mark.parametrize(("seed", "size"), [(3, 384), (5, 320)])
def test_outlines_are_valid_after_rounding(seed: int, size: int) -> None:
    """Both lands have parcels whose corners nearly touch their own edges."""
    shapes = landscape(WorldSpec(seed=seed, size=size)).geography.parcels
    there = on_earth(shapes)
    assert shapely.is_valid(there).all()
    assert np.isin(shapely.get_type_id(there), (3, 6)).all()  # polygons of one or more parts
    corners = shapely.get_coordinates(there)
    assert (corners == np.round(corners, 7)).all()
    one = shapely.area(there) / shapely.area(shapes)
    assert np.abs(one / np.median(one) - 1).max() < 0.002


def test_crops_are_named_as_in_the_national_register(made: Path) -> None:
    """Columns, codes and names are those of a piece of the real register."""
    path = shared_data("nl-vector") / "brpgewaspercelen_definitief_2023.gpkg"
    names, category = {}, {}
    with closing(sqlite3.connect(path)) as register:  # a GeoPackage is a SQLite file
        found = register.execute("SELECT * FROM brp_gewas")
        real = {column[0] for column in found.description} - {"id", "geom"}
        for row in register.execute("SELECT gewascode, gewas, category FROM brp_gewas"):
            names[row[0]], category[row[0]] = row[1:]
    ours = read_truth(made).parcels(2025)
    assert real <= set(ours[0].facts)
    known = [parcel.facts for parcel in ours if parcel.facts["gewascode"] in names]
    assert len({facts["gewascode"] for facts in known}) >= 3
    for facts in known:
        assert facts["gewas"] == names[facts["gewascode"]]
        assert facts["category"] == category[facts["gewascode"]]


def test_clouds_and_ships(made: Path) -> None:
    truth = read_truth(made)
    one = acquisitions(SPEC)[3]
    seen = observe(landscape(SPEC), one)
    np.testing.assert_array_equal(truth.raster(one.id, "cloud"), seen.cloud_truth)
    assert (truth.raster(one.id, "cloud") == THICK).any()
    assert len(truth.ships(one.id)) == len(seen.ships)
    to_map = transformer("EPSG:4326", "EPSG:32631")
    for known, ship in zip(truth.ships(one.id), seen.ships, strict=True):
        x, y = to_map.transform(known.shape.x, known.shape.y)
        assert abs(x - 648_000 - ship.x) < 0.05
        assert abs(5_831_240 - y - ship.y) < 0.05
        assert known.facts["length_m"] == pytest.approx(ship.length, abs=0.06)
    assert truth.raster(one.id, "nothing") is None


def test_temperature_and_site(made: Path) -> None:
    truth = read_truth(made)
    found = sorted((made / "truth").glob("*_temperature.tif"))
    assert len(found) == 8
    kelvin = truth.temperature(found[0].name.removesuffix("_temperature.tif"))
    assert kelvin is not None
    assert 255 < kelvin.min() < kelvin.max() < 330
    assert truth.site().shape.area > 0
    assert truth.site().facts["roofs_from_day"] > truth.site().facts["sand_from_day"]


def test_new_buildings_have_dates(made: Path) -> None:
    truth = read_truth(made)
    houses = truth.buildings()
    assert len(houses) >= 3
    site = truth.site()
    cleared = site.facts["sand_from_day"]
    for house in houses:
        assert site.shape.buffer(1e-6).contains(house.shape)
        start, roof = (dt.date.fromisoformat(house.facts[k]) for k in ("start_date", "roof_date"))
        assert cleared < start.timetuple().tm_yday < roof.timetuple().tm_yday
        assert start.year == 2025
    assert {house.facts["phase"] for house in houses} == {1, 2, 3}


@pytest.mark.parametrize("year", [2025, 2024])
def test_fields_add_up_to_their_parcels(made: Path, year: int) -> None:
    truth = read_truth(made)
    parcels, fields = truth.parcels(year), truth.fields(year)
    assert len(fields) > len(parcels), "some parcels hold two"
    assert [field.facts["field"] for field in fields] == list(range(len(fields)))
    for number, parcel in enumerate(parcels):
        mine = [field for field in fields if field.facts["parcel"] == number]
        # Rounded to a centimetre, a narrow neck of a shape may cross itself.
        shapes = [shapely.make_valid(field.shape) for field in mine]
        whole = shapely.make_valid(parcel.shape)
        beyond = shapely.union_all(shapes).symmetric_difference(whole)
        assert beyond.area < 1e-4 * whole.area
        assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-4)
        assert mine[0].facts["true_gewascode"] == parcel.facts["true_gewascode"]
        assert mine[0].facts["true_sowing_day"] == parcel.facts["true_sowing_day"]
        assert {field.facts["gewascode"] for field in mine} == {parcel.facts["gewascode"]}
        if parcel.facts["true_second_gewascode"] is None:
            assert len(mine) == 1
        else:
            first, second = mine
            assert second.facts["true_gewascode"] == parcel.facts["true_second_gewascode"]
            assert second.facts["true_gewascode"] != first.facts["true_gewascode"]
            share = second.shape.area / parcel.shape.area
            assert share == pytest.approx(parcel.facts["true_second_share"], abs=0.01)


def test_the_crop_raster_is_the_shapes(made: Path) -> None:
    """Against GDAL, that draws the same shapes on a hundred points in each pixel."""
    from landzicht.formats.gdal import load_rasterio

    rasterio = load_rasterio()
    features = importlib.import_module("rasterio.features")
    truth = read_truth(made)
    raster = truth.crops(2025)
    assert raster is not None
    assert raster.shape == (128, 128)
    to_map = transformer("EPSG:4326", "EPSG:32631")
    fields = truth.fields(2025)
    drawn = [
        (shapely.transform(f.shape, lambda p: np.stack(to_map.transform(*p.T), -1)), number + 1)
        for number, f in enumerate(fields)
    ]
    corner = rasterio.Affine(1, 0, 648_000, 0, -1, 5_831_240)
    points = features.rasterize(drawn, (1280, 1280), transform=corner, dtype="int32")
    parts = points.reshape(128, 10, 128, 10).swapaxes(1, 2).reshape(128 * 128, 100)
    codes = np.array([0, *(field.facts["true_gewascode"] for field in fields)])
    checked = 0
    for found, value in zip(parts, raster.ravel(), strict=True):
        numbers, counts = np.unique(found, return_counts=True)
        if abs(counts.max() - 50) <= 8:
            continue  # too close to half to tell
        most = numbers[counts.argmax()] if counts.max() > 50 else 0
        assert value == codes[most]
        checked += 1
    assert checked > 0.9 * raster.size
    assert len(np.unique(raster)) >= 4


def test_days_and_dates_agree(made: Path) -> None:
    told = 0
    for known in (*read_truth(made).fields(2025), *read_truth(made).parcels(2025)):
        for name in ("sowing", "harvest", "ploughing"):
            date, day = (known.facts[f"true_{name}_{form}"] for form in ("date", "day"))
            assert (date is None) == (day is None)
            if date is not None:
                first = dt.date(2025, 1, 1)
                assert dt.date.fromisoformat(date) == first + dt.timedelta(days=day - 1)
                told += 1
    assert told > 20


def test_patches_end_where_their_parcel_ends(made: Path) -> None:
    truth = read_truth(made)
    for year in (2025, 2024):
        parcels = truth.parcels(year)
        assert truth.patches(year)
        for patch in truth.patches(year):
            parcel = parcels[patch.facts["parcel"]].shape
            assert patch.shape.area > 0
            assert parcel.buffer(2e-7).contains(patch.shape)


def test_ships_of_all_images(made: Path) -> None:
    truth = read_truth(made)
    each = [ship for one in acquisitions(SPEC) for ship in truth.ships(one.id)]
    every = truth.ships()
    assert [ship.facts["length_m"] for ship in every] == [ship.facts["length_m"] for ship in each]
    assert all(0 <= ship.facts["heading_deg"] < 360 for ship in every)
    assert {ship.facts["image"] for ship in every} <= {one.id for one in acquisitions(SPEC)}


def test_flood_for_each_date(tmp_path: Path) -> None:
    """The extent is told for each image that shows a flood, and it is what the image shows."""
    spec = WorldSpec(size=128, dates=2)
    make_world(spec, tmp_path, CogWriter(), Inline(), sensors=("s1",))
    floods = read_truth(tmp_path).floods()
    high = [one for one in radar_passes(spec) if one.river > 0.4]
    assert set(floods) == {one.id for one in high}
    assert floods
    for one in high:
        seen = observe_radar(landscape(spec), one).flood_truth
        np.testing.assert_array_equal(floods[one.id], seen)


def test_a_folder_without_truth_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_truth(tmp_path)
