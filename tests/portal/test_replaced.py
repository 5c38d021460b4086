"""A file that was corrected in its place: nothing of before is told any more, by no cache."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import exactextract
import numpy as np
import pytest
import shapely
from affine import Affine
from fastapi.testclient import TestClient

from landzicht.formats.gdal import load_rasterio
from landzicht.kinds import Outcome
from landzicht.portal import Portal, open_portal
from landzicht.portal.settings import load_settings
from landzicht.web.app import create_app

AFFINE = Affine(10, 0, 640_000, 0, -10, 5_770_000)
FIELD = shapely.Polygon([(640_203, 5_769_801), (640_777, 5_769_755), (640_512, 5_769_311)])


def write(path: Path, seed: int) -> Path:
    values = np.random.default_rng(seed).integers(1, 500 * (seed + 1), (80, 100)).astype(np.uint16)
    shape = {"width": 100, "height": 80, "count": 1, "dtype": "uint16", "nodata": 0}
    with load_rasterio().open(
        path, "w", driver="GTiff", crs="EPSG:32631", transform=AFFINE, **shape
    ) as target:
        target.write(values, 1)
    return path


def truth(path: Path) -> float:
    with load_rasterio().open(path, driver="GTiff") as dataset:
        raster = exactextract.raster.NumPyRasterSource(
            dataset.read(1).astype(np.float64), *dataset.bounds
        )
    feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(FIELD)}
    (row,) = exactextract.exact_extract(raster, [feature], ["mean"])
    return float(row["properties"]["mean"])


def measured(client: TestClient, collection: str = "x") -> list[tuple[str, float]]:
    ring = [list(point) for point in FIELD.exterior.coords]
    parcel = {
        "type": "Feature",
        "id": "p",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    told: dict[str, Any] = {
        "collection": collection,
        "expression": "a",
        "stats": ["mean"],
        "parcels": {
            "type": "FeatureCollection",
            "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32631"}},
            "features": [parcel],
        },
    }
    answer = client.post("/api/v1/series", json=told, headers={"accept": "application/x-ndjson"})
    assert answer.status_code == 200, answer.text
    rows = [line for line in answer.text.splitlines() if '"mean"' in line]
    return [(row["scene"], row["mean"]) for row in map(json.loads, rows)]


@pytest.fixture(params=["ingest", "link"])
def way(request) -> str:
    name: str = request.param
    return name


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    (tmp_path / "in").mkdir()
    with open_portal(load_settings(tmp_path / "data", linked_roots=str(tmp_path / "in"))) as portal:
        yield portal


def test_measured_replaced_and_measured_again(portal, tmp_path, way) -> None:
    path = tmp_path / "in" / "a_20250608.tif"
    take = getattr(portal, way)
    box = "640000,5769200,641000,5770000"
    address = f"/tiles/x/bbox/{box}.npy?assets=a&coord_crs=EPSG:32631&raw=true"
    tags, codes = set(), []
    with TestClient(create_app(portal, warm=False)) as client:
        for seed in (1, 2):
            write(path, seed)
            (receipt,) = take([path], "x")
            assert receipt.outcome is Outcome.ADDED
            codes += [found.code for found in receipt.findings]
            ((scene, mean),) = measured(client)
            assert scene == receipt.scene
            assert mean == pytest.approx(truth(path), rel=1e-9)
            got = client.get(address, headers={"if-none-match": ", ".join(tags)})
            assert got.status_code == 200
            tags.add(got.headers["etag"])
            values = np.load(io.BytesIO(got.content))[0]
            with load_rasterio().open(path, driver="GTiff") as dataset:
                assert np.array_equal(values, dataset.read(1))
        kept = {each.id for each in portal.collections()}
    assert len(tags) == 2
    if way == "ingest":
        assert codes == ["replaced"]
        assert kept == {"x", "x-earlier"}
    else:  # of a file that stays where it is nothing earlier is left
        assert codes == ["linked-anew"]
        assert kept == {"x"}
