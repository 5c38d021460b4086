"""`landzicht areas add pdok:…` from a server on this computer that speaks RD, as PDOK does."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from landzicht.cli.main import group
from landzicht.errors.series import AreasFailed
from landzicht.formats.features import FeatureSource
from landzicht.formats.vectors import read_vectors
from landzicht.portal.parcels.areas import read_areas
from landzicht.portal.parcels.areas_add import OFFICIAL
from landzicht.portal.settings import Settings
from landzicht.testing import shared_data
from landzicht.testing.features_api import RD, FeatureApi, feature_api, in_degrees, in_rd

REAL = ["gemeenten", "provincies", "brp"] if os.environ.get("LANDZICHT_SOAK") else ["provincies"]


def made_up():
    """Squares of a kilometre around Utrecht, in RD."""
    made = np.random.default_rng(5)
    lower = made.uniform((120_000, 440_000), (150_000, 470_000), (23, 2))
    shapes = shapely.box(lower[:, 0], lower[:, 1], lower[:, 0] + 1_000, lower[:, 1] + 1_000)
    names = [{"identificatie": f"GM{n:04}", "naam": f"Dorp {n}"} for n in range(len(shapes))]
    return FeatureApi(shapes=list(shapes), properties=names, page=10)


def real(name):
    """The municipalities, the provinces or some crop parcels, as PDOK would give them."""
    folder = shared_data("nl-vector")
    if name == "brp":
        found = read_vectors(folder / "brpgewaspercelen_definitief_2023.gpkg")
        assert found.crs == RD
        crops = found.table["gewas"].to_pylist()
        shapes = shapely.from_wkb(found.table["geometry"].to_numpy(zero_copy_only=False))
        return FeatureApi(shapes=list(shapes), properties=[{"gewas": crop} for crop in crops])
    file = {"gemeenten": "gemeentegrenzen", "provincies": "provinciegrenzen"}[name]
    features = json.loads((folder / f"{file}.geojson").read_text())["features"]
    shapes = np.array([shapely.geometry.shape(each["geometry"]) for each in features], object)
    names = [
        {"identificatie": each["properties"]["statcode"], "naam": each["properties"]["statnaam"]}
        for each in features
    ]
    return FeatureApi(shapes=list(in_rd(shapes)), properties=names, page=100)


@pytest.fixture
def serve(monkeypatch):
    """Return a function that makes a server the official one of a name."""
    open_servers = []

    def start(name, api):
        context = feature_api(api)
        open_servers.append(context)
        context.__enter__()
        source = FeatureSource(base=api.base, crs=RD)
        monkeypatch.setitem(OFFICIAL, name, replace(OFFICIAL[name], source=source))
        return api

    yield start
    for context in open_servers:
        context.__exit__(None, None, None)


def add(name, data, *more, code=0):
    told = CliRunner().invoke(
        group, ["areas", "add", f"pdok:{name}", "--data", str(data), *more, "--json"]
    )
    if told.exception and not isinstance(told.exception, SystemExit):
        raise told.exception
    assert told.exit_code == code, told.output
    return json.loads(told.stdout) if code == 0 else told.stderr


def same_places(found, shapes, metres):
    """Whether shapes lie on each other: no corner further off, and no area more than rounding."""
    assert len(found) == len(shapes)
    assert shapely.hausdorff_distance(found, np.array(shapes, object)).max() < metres


def test_they_come_in_rd_and_stay_as_they_are(serve, tmp_path) -> None:
    api = serve("gemeenten", made_up())
    told = add("gemeenten", tmp_path)
    assert (told["id"], told["rows"], told["crs"]) == ("gemeenten", 23, RD)
    assert len(api.asked) == 3
    assert all(query["crs"].endswith("/EPSG/0/28992") for query in api.asked)
    found = read_areas(Settings(data=tmp_path), "gemeenten")
    order = np.argsort(found.parcels.ids)
    assert [found.parcels.ids[n] for n in order] == [f"GM{n:04}" for n in range(23)]
    assert [found.names[n] for n in order] == [f"Dorp {n}" for n in range(23)]
    same_places(found.shapes[order], api.shapes, 1e-9)


@pytest.mark.parametrize("rd_pages", [0, 1, 2])
def test_a_server_that_changes_its_system_half_way(serve, tmp_path, rd_pages) -> None:
    api = serve("gemeenten", replace(made_up(), speaks_rd_until=rd_pages))
    told = add("gemeenten", tmp_path)
    assert told["crs"] == (RD if rd_pages else "EPSG:4326")
    found = read_areas(Settings(data=tmp_path), "gemeenten")
    order = np.argsort(found.parcels.ids)
    shapes = found.shapes[order] if rd_pages else in_rd(found.shapes[order])
    same_places(shapes, api.shapes, 0.01)


def test_a_system_that_nobody_asked_for_is_refused(serve, tmp_path) -> None:
    """Which axis is first there is not known, so the areas might lie elsewhere."""
    name = "<http://www.opengis.net/def/crs/EPSG/0/4258>"
    serve("gemeenten", replace(made_up(), claims=name))
    with pytest.raises(AreasFailed, match="EPSG:4258"):
        add("gemeenten", tmp_path)
    assert not list(Settings(data=tmp_path).areas.glob("*"))


def test_only_a_region_of_them(serve, tmp_path) -> None:
    api = serve("brp", made_up())
    box = (5.05, 52.0, 5.3, 52.15)
    around = shapely.box(*box)
    meets = [bool(each.intersects(around)) for each in in_degrees(np.array(api.shapes, object))]
    assert 2 < sum(meets) < 20
    text = ",".join(map(str, box))
    told = add("brp", tmp_path, "--bbox", text, "--id", "my-region", "--title", "Mijn streek")
    assert (told["id"], told["title"], told["rows"]) == ("my-region", "Mijn streek", sum(meets))
    found = read_areas(Settings(data=tmp_path), "my-region")
    wanted = [shape for shape, is_met in zip(api.shapes, meets, strict=True) if is_met]
    order = np.argsort([int(name[1:]) for name in found.parcels.ids])
    same_places(found.shapes[order], wanted, 1e-9)


def test_wrong_use(tmp_path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text("{}")
    asked = ["areas", "add", str(path), "--data", str(tmp_path), "--bbox", "1,2,3,4"]
    assert CliRunner().invoke(group, asked).exit_code == 2
    assert "for files" in add("brp", tmp_path, "--key", "x", code=2)


@pytest.mark.parametrize("name", REAL)
def test_the_real_ones(serve, tmp_path, name) -> None:
    api = serve(name, real(name))
    told = add(name, tmp_path)
    assert told["crs"] == RD
    assert told["rows"] + told["refused"] == len(api.shapes)
    assert told["refused"] == 0
    found = read_areas(Settings(data=tmp_path), name)
    area = shapely.area(np.array(api.shapes, object)).sum()
    assert shapely.area(found.shapes).sum() == pytest.approx(area, rel=1e-6)
    if name == "provincies":
        assert set(found.parcels.ids) == {f"PV{n}" for n in range(20, 32)}
    if name == "gemeenten":
        assert "Utrecht" in found.names
