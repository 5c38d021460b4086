"""Every real parcel of a square of ten kilometres on every date, by one command.

The oracle reads the source files with rasterio, and the parcels with pyogrio in a process of its
own; exactextract measures a sample of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import exactextract
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from numpy.typing import NDArray

from landzicht.formats.gdal import load_rasterio
from landzicht.testing import shared_data
from landzicht.testing.serving import run

RECIPE = Path(__file__).parents[2] / "docs" / "recipes" / "nl-marke-ndvi.toml"
PARCELS, DATES = 3_008, 26
SAMPLE, SAMPLE_DATES = 40, 3
SCALE = 0.004
OPS = ["count", "mean", "stdev", "min", "max"]
NAMES = ["count", "mean", "std", "min", "max"]
_READ = """
import json, sys
import pyogrio
_, _, shapes, fields = pyogrio.raw.read(sys.argv[1], columns=["OBJECTID"])
json.dump([[str(n) for n in fields[0]], [shape.hex() for shape in shapes]], sys.stdout)
"""


@dataclass(frozen=True)
class Told:
    """What the command says, and what the parcels are."""

    rows: list[dict[str, object]]
    ids: list[str]
    shapes: NDArray[np.object_]
    folder: Path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    marke = shared_data("nl-marke-ndvi")
    data = tmp_path_factory.mktemp("marke")
    taken = run("ingest", marke, "--recipe", RECIPE, data=data / "portal")
    assert taken.stdout.count("added") >= DATES, taken.stdout + taken.stderr
    parcels = marke / "parcels" / "gewaspercelen_2017_regio.shp"
    out = data / "ndvi.parquet"
    asked = ["--collection", "marke-ndvi", "--layer", "ndvi", "--name", "OBJECTID"]
    asked += ["--stats", ",".join(NAMES), "--out", str(out)]
    done = run("series", parcels, *asked, data=data / "portal")
    assert done.returncode == 0, done.stderr
    assert f"{PARCELS} parcels" in done.stderr
    read = [sys.executable, "-W", "ignore", "-c", _READ, str(parcels)]
    known = subprocess.run(read, capture_output=True, text=True, check=True, timeout=60)
    ids, shapes = json.loads(known.stdout)
    whole = np.array(shapely.from_wkb([bytes.fromhex(shape) for shape in shapes]), object)
    return Told(pq.read_table(out).to_pylist(), ids, whole, marke)


def test_every_parcel_is_told_on_every_date(told: Told) -> None:
    assert len(told.ids) == PARCELS
    assert {row["parcel"] for row in told.rows} == set(told.ids)
    assert not [row for row in told.rows if row["error"] is not None]
    dates = {row["datetime"] for row in told.rows}
    assert len(dates) == DATES
    # A parcel without one clear pixel on a date has a row that says so: count 0, no mean.
    assert len(told.rows) == PARCELS * DATES
    empty = [row for row in told.rows if row["count"] == 0]
    assert 0 < len(empty) < len(told.rows) / 2
    assert all(row["mean"] is None and row["valid"] == 0 for row in empty)
    assert {row["simulated"] for row in told.rows} == {False}


def test_a_sample_is_what_rasterio_and_exactextract_say(told: Told) -> None:
    made = np.random.default_rng(26)
    days = sorted({row["datetime"].date() for row in told.rows})  # type: ignore[attr-defined]
    compared = 0
    for day in made.choice(np.array(days, object), SAMPLE_DATES, replace=False):
        numbers = made.choice(PARCELS, SAMPLE, replace=False)
        wanted = _oracle(told, day, numbers)
        here = {row["parcel"]: row for row in told.rows if row["datetime"].date() == day}  # type: ignore[attr-defined]
        rows = [here[told.ids[number]] for number in numbers]
        found = np.array([[row[name] for name in NAMES] for row in rows], np.float64)
        wanted[np.isnan(wanted[:, 1]), 0] = 0
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)
        compared += int(np.isfinite(wanted[:, 1]).sum())
    assert compared > SAMPLE, "the sample lies under clouds"


def _oracle(told: Told, day: date, numbers: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return `OPS` of parcels, from the source file as rasterio reads it."""
    with load_rasterio().open(told.folder / f"NDVI-{day:%Y%m%d}.tif", driver="GTiff") as file:
        stored, bounds = file.read(1).astype(np.float64), file.bounds
    values = np.where(stored == 0, np.nan, stored * SCALE)
    raster = exactextract.raster.NumPyRasterSource(values, *bounds)
    features = [
        {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(shape)}
        for shape in told.shapes[numbers]
    ]
    rows = exactextract.exact_extract(raster, features, OPS)
    return np.array([[row["properties"].get(name) for name in OPS] for row in rows], np.float64)
