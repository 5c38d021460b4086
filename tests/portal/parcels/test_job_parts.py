"""Names of the parts of a job: another name for whatever would give other rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landzicht.portal.parcels import job_parts
from landzicht.portal.parcels.job_parts import part_name
from landzicht.portal.parcels.series_answer import read_question
from landzicht.portal.parcels.series_rows import Rows
from landzicht.series.plan import Overpass, Source
from landzicht.testing.fields import add_dates, features
from landzicht.testing.pixels import make_services

ASKED = {"collection": "fields", "layer": "red", "stats": ["mean"]}


def rows_of(services, **fields):
    asked = read_question(services, {**ASKED, "parcels": features(3), **fields})
    return Rows(plan=asked.plan, checked=asked.checked, wanted=asked.request.statistics)


@pytest.fixture
def services(tmp_path):
    services = make_services(tmp_path)
    add_dates(services, 2)
    return services


def with_asset(overpass, key, **fields):
    (source,) = overpass.sources
    asset = source.scene.assets[key]
    band = {name: value for name, value in fields.items() if hasattr(asset.band, name)}
    own = {name: value for name, value in fields.items() if name not in band}
    changed = replace(asset, band=replace(asset.band, **band), **own)
    scene = replace(source.scene, assets={**source.scene.assets, key: changed})
    return Overpass(overpass.moment, (Source(scene, source.grid),))


def test_the_same_question_has_the_same_names(services):
    first, second = rows_of(services), rows_of(services)
    names = [part_name(first, overpass) for overpass in first.plan.passes]
    assert names == [part_name(second, overpass) for overpass in second.plan.passes]
    assert len(set(names)) == 2


@pytest.mark.parametrize("key", ["B04", "SCL"])
@pytest.mark.parametrize(
    "change",
    [{"scale": 2e-4}, {"offset": -0.1}, {"nodata": 7}, {"sha256": "1" * 64}, {"etag": "x"}],
)
def test_another_meaning_of_a_band_is_another_part(services, key, change):
    rows = rows_of(services)
    overpass = rows.plan.passes[0]
    assert part_name(rows, overpass) != part_name(rows, with_asset(overpass, key, **change))


def test_another_method_or_other_columns_are_other_parts(services, monkeypatch):
    rows = rows_of(services)
    overpass = rows.plan.passes[0]
    before = part_name(rows, overpass)
    for other in (
        rows_of(services, stats=["mean", "max"]),
        rows_of(services, parcels=features(4)),
        rows_of(services, mask=False),
        rows_of(services, raw=True),
        rows_of(services, layer=None, expression="B04*2"),
        rows_of(services, histogram=[0, 1]),
        replace(rows, with_geometry=True),
    ):
        assert part_name(other, other.plan.passes[0]) != before
    monkeypatch.setattr(job_parts, "METHOD", "landzicht-series/99")
    assert part_name(rows, overpass) != before
