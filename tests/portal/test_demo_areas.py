"""Zonderland brings its own parcels and municipalities."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from landzicht.portal import open_portal
from landzicht.portal.demo import MUNICIPALITIES_ID, PARCELS_ID, make_demo, register_areas
from landzicht.portal.parcels.areas import AreasQuery, read_areas
from landzicht.portal.settings import Settings
from landzicht.world import COLLECTION_ID, WorldSpec, landscape

SMALL = WorldSpec(size=128, dates=1)


def test_parcels_and_municipalities_come_with_the_images(tmp_path):
    settings = Settings(data=tmp_path)
    make_demo(settings, SMALL)
    with open_portal(settings) as portal:
        told = {areas.id: areas for areas in portal.areas()}
        assert set(told) == {PARCELS_ID, MUNICIPALITIES_ID}
        assert all(areas.simulated for areas in told.values())
        assert told[PARCELS_ID].rows == len(landscape(SMALL).geography.parcels)
        question = {"collection": COLLECTION_ID, "layer": "ndvi", "areas": PARCELS_ID}
        answer = b"".join(portal.series_answer(question, "application/x-ndjson").chunks)
        rows = [json.loads(line) for line in answer.splitlines()]
        assert {row["parcel"] for row in rows} >= {"0", "1", "2"}
        assert all(row["simulated"] for row in rows)
        items = portal.area_items(AreasQuery(id=PARCELS_ID, most=3))
        assert "gewas" in items["features"][0]["properties"]
        assert "true_" not in json.dumps(items), "the truth is not in the register"


def test_municipalities_cover_the_map_once(tmp_path):
    settings = Settings(data=tmp_path)
    register_areas(settings, SMALL)
    found = read_areas(settings, MUNICIPALITIES_ID)
    whole = shapely.union_all(found.shapes)
    assert shapely.area(found.shapes).sum() == pytest.approx(whole.area, rel=1e-6)
    assert len(found.parcels) == len(landscape(SMALL).geography.towns)
    assert len(set(found.names)) == len(found.names)
    parcels = read_areas(settings, PARCELS_ID)
    inside = shapely.area(shapely.intersection(parcels.shapes, whole)).sum()
    assert inside == pytest.approx(shapely.area(parcels.shapes).sum(), rel=1e-3)
    before = {path: path.stat().st_mtime_ns for path in settings.areas.glob("*")}
    register_areas(settings, SMALL)
    assert {path: path.stat().st_mtime_ns for path in settings.areas.glob("*")} == before
    assert np.isfinite(found.parcels.xs).all()
