"""What was written as truth can be read back, and is true."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from landzicht.formats.writer import CogWriter
from landzicht.grid.crs import transformer
from landzicht.runners import Inline
from landzicht.testing.truth import read_truth
from landzicht.world import WorldSpec, acquisitions, landscape, make_world, observe
from landzicht.world.crops import CROPS
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
    kelvin = truth.raster(found[0].name.removesuffix("_temperature.tif"), "temperature")
    assert kelvin is not None
    assert 255 < kelvin.min() < kelvin.max() < 330
    assert truth.site().shape.area > 0
    assert truth.site().facts["roofs_from_day"] > truth.site().facts["sand_from_day"]


def test_a_folder_without_truth_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_truth(tmp_path)
