"""A million parcels from a file to a file, with the time and memory that it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from affine import Affine

from landzicht.grid import Grid
from landzicht.kinds import Layer, Mask
from landzicht.testing.fields import CLASSES, CLEAR, FIRST, RED
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text

COUNT = 1_000_000 if os.environ.get("LANDZICHT_SOAK") else 20_000
DATES = 2
ACROSS = round(COUNT**0.5)
STEP = 5
"""Pixels from a square to the next; each has three across and down."""
SIDE = (ACROSS + 1) * STEP + 8
GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 600_000, 0, -10, 5_800_000), height=SIDE, width=SIDE
)
CHILD = """
import json, sys, time
from pathlib import Path
from landzicht.portal import open_portal
from landzicht.portal.parcels.series_files import SeriesOrder, series_file
from landzicht.portal.settings import Settings

def memory(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))

data, parcels, out = map(Path, sys.argv[1:])
services = open_portal(Settings(data=data, threads=2)).services
order = SeriesOrder(
    path=parcels, collection="fields", layer="red", stats=("mean", "median"), out=out, name="code"
)
before = memory("VmRSS")
start = time.perf_counter()
prices = []
checked, chunks = series_file(services, order, lambda *_: None, prices.append)
read, held = time.perf_counter() - start, memory("VmRSS")
size = sum(len(chunk) for chunk in chunks)
print(json.dumps({
    "parcels": len(checked.parcels), "bytes": size, "read_s": round(read, 1),
    "all_s": round(time.perf_counter() - start, 1), "told_s": prices[0].seconds,
    "told_mb": prices[0].cost.memory // 10**6, "held_mb": (held - before) // 10**6,
    "most_mb": (memory("VmHWM") - before) // 10**6, "cpu_s": round(time.process_time(), 1),
}))
"""


@pytest.fixture
def data(tmp_path):
    services = make_services(tmp_path / "data")
    made, scenes = np.random.default_rng(1), []
    for date in range(DATES):
        red = made.integers(1, 9_000, GRID.shape).astype(np.uint16)
        bands = {"B04": (red, RED), "SCL": (np.full(GRID.shape, CLEAR, np.uint8), CLASSES)}
        moment = FIRST.replace(day=1 + date)
        scenes.append(store_scene(services, "fields", f"s{date}", GRID, bands, moment=moment))
    layer = Layer(
        name="red", title=Text(nl="Rood", en="Red"), assets=("B04",), rescale=((0.0, 0.5),)
    )
    mask = Mask(asset="SCL", valid=(CLEAR,))
    described = make_collection("fields", bands=(RED, CLASSES), layers=(layer,), mask=mask)
    services.catalog.put([described], scenes)
    return tmp_path / "data"


def write_squares(path):
    """Write squares of three by three pixels as GeoParquet."""
    number = np.arange(COUNT)
    x = 600_000 + (number % ACROSS * STEP + 2) * 10.0
    y = 5_800_000 - (number // ACROSS * STEP + 2) * 10.0
    wkb = shapely.to_wkb(shapely.box(x, y - 30, x + 30, y))
    from pyproj import CRS

    column = {
        "encoding": "WKB",
        "geometry_types": ["Polygon"],
        "crs": CRS.from_user_input(GRID.crs).to_json_dict(),
    }
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    table = pa.table({"code": [f"f{each}" for each in number], "geometry": wkb})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)


def test_every_row_comes_in_bounded_memory(data, tmp_path):
    parcels, out = tmp_path / "parcels.parquet", tmp_path / "out.parquet"
    write_squares(parcels)
    command = [sys.executable, "-c", CHILD, str(data), str(parcels), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
    told = json.loads(done.stdout)
    Path(os.environ.get("LANDZICHT_FIGURES", os.devnull)).write_text(done.stdout)
    assert told["parcels"] == COUNT
    with pq.ParquetFile(out) as file:
        assert file.metadata.num_rows == COUNT * DATES
        assert told["bytes"] == out.stat().st_size
        rows = file.read(["parcel", "count", "valid"])
    assert set(rows.column("parcel")[:COUNT].to_pylist()) == {f"f{n}" for n in range(COUNT)}
    assert (rows.column("count").to_numpy() == 9).all()
    assert (rows.column("valid").to_numpy() == 1).all()
    assert told["most_mb"] - told["held_mb"] < 1.5 * told["told_mb"] + 100
    assert told["most_mb"] < 4_000
