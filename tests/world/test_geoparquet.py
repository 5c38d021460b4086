"""Truth as GeoParquet, held against the words of the specification (version 1.1.0)."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely

from landzicht.formats.writer import CogWriter
from landzicht.runners import Inline
from landzicht.testing.truth import read_truth
from landzicht.world import WorldSpec, make_world
from landzicht.world.geoparquet import CRS84, TYPES, geoparquet

SPEC = WorldSpec(size=128, dates=3, years=2)
NAMES = ("SIM_parcels_2025", "SIM_parcels_2024", "SIM_stress_patches_2025",
         "SIM_stress_patches_2024", "SIM_building_site", "SIM_new_buildings",
         "SIM_ships", "SIM_fields_2025", "SIM_fields_2024")  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("columns")
    make_world(SPEC, folder, CogWriter(), Inline())
    return folder


def opened(content: bytes) -> tuple[pa.Table, dict[str, Any]]:
    table = pq.read_table(io.BytesIO(content))
    return table, json.loads(table.schema.metadata[b"geo"])


def check(content: bytes) -> pa.Table:
    """Check everything that the specification asks of a file."""
    table, geo = opened(content)
    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] == "geometry"
    assert set(geo["columns"]) == {"geometry"}
    column = geo["columns"]["geometry"]
    assert column["encoding"] == "WKB"
    assert table.schema.field("geometry").type == pa.binary()
    assert column["edges"] == "planar"
    assert column["orientation"] == "counterclockwise"
    assert pyproj.CRS.from_json_dict(column["crs"]) == pyproj.CRS("OGC:CRS84")
    shapes = shapely.from_wkb(table["geometry"].to_pylist())
    assert column["geometry_types"] == sorted({shape.geom_type for shape in shapes})
    for wkb in table["geometry"].to_pylist():
        assert wkb[0] == 1, "little endian"
        assert int.from_bytes(wkb[1:5], "little") < 1000, "ISO WKB of two dimensions"
    for part in shapely.get_parts(shapes):
        if part.geom_type == "Polygon":
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)
    if len(shapes):
        np.testing.assert_allclose(column["bbox"], shapely.total_bounds(shapes), atol=0)
        west, south, east, north = column["bbox"]
        assert -180 <= west <= east <= 180
        assert -90 <= south <= north <= 90
    covering = column["covering"]["bbox"]
    assert covering == {side: ["bbox", side] for side in ("xmin", "ymin", "xmax", "ymax")}
    box = table.schema.field("bbox").type
    assert pa.types.is_struct(box)
    assert [box.field(i).name for i in range(4)] == ["xmin", "ymin", "xmax", "ymax"]
    rows = [tuple(row.values()) for row in table["bbox"].to_pylist()]
    np.testing.assert_array_equal(np.reshape(rows, (-1, 4)), shapely.bounds(shapes).reshape(-1, 4))
    return table


@pytest.mark.parametrize("name", NAMES)
def test_files_follow_the_specification(made: Path, name: str) -> None:
    table = check((made / "truth" / f"{name}.parquet").read_bytes())
    assert table.schema.metadata[b"simulated"] == b"YES"
    assert b"GESIMULEERD" in table.schema.metadata[b"note"]
    assert set(table["simulated"].to_pylist()) <= {True}


@pytest.mark.parametrize("name", NAMES)
def test_both_forms_say_the_same(made: Path, name: str) -> None:
    body = json.loads((made / "truth" / f"{name}.geojson").read_text())
    rows = read_truth(made).table(name)
    assert len(rows) == len(body["features"])
    for row, feature in zip(rows, body["features"], strict=True):
        assert shapely.equals_exact(row.shape, shapely.geometry.shape(feature["geometry"]), 0)
        told = {
            key: value.isoformat() if isinstance(value, dt.date) else value
            for key, value in row.facts.items()
        }
        assert told == {"id": feature["id"], **feature["properties"]}


def test_every_property_has_a_type(made: Path) -> None:
    """A new property without a type would stop the making of a world; here it is named."""
    for name in NAMES:
        body = json.loads((made / "truth" / f"{name}.geojson").read_text())
        for feature in body["features"]:
            assert set(feature["properties"]) <= set(TYPES)


def test_nothing_is_a_table_too() -> None:
    content = geoparquet(
        {"name": "ships", "note": "SIMULATED", "features": []}, ("image", "moving")
    )
    table = check(content)
    assert table.num_rows == 0
    assert table.schema.field("moving").type == pa.bool_()
    assert "bbox" not in opened(content)[1]["columns"]["geometry"]


def test_the_system_is_the_one_of_proj() -> None:
    known = pyproj.CRS("OGC:CRS84").to_json_dict()
    for key, value in CRS84.items():
        if key != "datum_ensemble":  # its list of realisations grows with PROJ
            assert known[key] == value
    assert CRS84["datum_ensemble"]["ellipsoid"] == known["datum_ensemble"]["ellipsoid"]


def test_days_of_the_season_are_read_back(made: Path) -> None:
    rows = read_truth(made).table("SIM_parcels_2025")
    arable = [row.facts for row in rows if row.facts["category"] == "Bouwland"]
    assert all(isinstance(facts["true_sowing_date"], dt.date) for facts in arable)
    assert {facts["true_sowing_date"].year for facts in arable} == {2024, 2025}
    meadows = [row.facts for row in rows if row.facts["true_grazing_days"]]
    assert meadows
    for facts in meadows:
        assert all(first <= last for first, last in facts["true_grazing_days"])
    assert {row.facts["status"] for row in rows} == {"Gesimuleerd"}
    assert any(row.facts["true_second_gewascode"] for row in rows)
    ploughed = [
        facts for facts in arable if facts["true_ploughing_day"] and facts["true_harvest_day"]
    ]
    assert all(facts["true_ploughing_day"] > facts["true_harvest_day"] for facts in ploughed)
