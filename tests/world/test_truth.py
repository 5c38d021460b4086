"""What was written as truth can be read back, and is true."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shapely

from landzicht.formats.writer import CogWriter
from landzicht.grid.crs import transformer
from landzicht.runners import Inline
from landzicht.testing.shared import shared_data
from landzicht.testing.truth import read_truth
from landzicht.world import WorldSpec, acquisitions, landscape, make_world, observe
from landzicht.world.crops import CROPS
from landzicht.world.radar import observe_radar, radar_passes
from landzicht.world.sky import THICK

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
