"""Many dates in one, against numpy over the stack of all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from affine import Affine

from landzicht.grid import Grid, Window
from landzicht.kinds import Band, BandKind, Mask
from landzicht.mosaic import combine as module
from landzicht.mosaic.combine import RULES, combine
from landzicht.mosaic.fill import Want
from landzicht.mosaic.judge import best_first
from landzicht.testing.pixels import JUNE, make_services, store_scene

SIDE = 90
GRID = Grid(
    crs="EPSG:28992", transform=Affine(10, 0, 130_000, 0, -10, 460_000), height=SIDE, width=SIDE
)
RED = Band(name="red", dtype="uint16", nodata=0)
NIR = replace(RED, name="nir")
SCL = Band(name="SCL", dtype="uint8", nodata=0, kind=BandKind.CATEGORICAL)
MASK = Mask(asset="SCL", valid=(4,))
DATES = 7


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Seven dates, a third of each under cloud, the last one with other scaling."""
    services = make_services(tmp_path_factory.mktemp("stack"))
    rng = np.random.default_rng(1)
    scenes, values, clear = [], [], []
    for number in range(DATES):
        red, nir = rng.integers(100, 5000, (2, SIDE, SIDE)).astype(np.uint16)
        scl = np.where(rng.random((SIDE, SIDE)) < 0.35, 9, 4).astype(np.uint8)
        scl[:5] = 9  # never seen clearly
        scaled = replace(RED, scale=0.5, offset=10.0) if number == DATES - 1 else RED
        bands = {"red": (red, scaled), "nir": (nir, NIR), "SCL": (scl, SCL)}
        moment = JUNE - timedelta(days=number)
        scenes.append(store_scene(services, "c", f"s{number}", GRID, bands, moment=moment))
        values.append([red * scaled.scale + scaled.offset, nir])
        clear.append(scl == 4)
    known = np.array(clear)[:, None]
    return services, scenes, np.where(known, np.array(values, float), np.nan)


def work_out(alone):
    """Both bands in physical values."""
    planes = [
        values * values.dtype.type(band.scale) + values.dtype.type(band.offset)
        for values, band in alone.bands.values()
    ]
    return np.stack(planes), alone.usable


def want(**fields):
    return Want(keys=("red", "nir"), target=GRID, mask=MASK, **fields)


def truth(stack, rule):
    plain = {
        "median": np.nanmedian, "mean": np.nanmean, "stdev": np.nanstd,
        "highest": np.nanmax, "lowest": np.nanmin,
    }  # fmt: skip
    seen = stack[:, :, 5:]
    if rule in plain:
        return plain[rule](seen, axis=0)
    last = seen[:, -1]
    at = np.nanargmax(last, axis=0) if rule == "lastbandhigh" else np.nanargmin(last, axis=0)
    return np.take_along_axis(seen, at[None, None], axis=0)[0]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("strips", [False, True])
def test_equals_numpy(stack, monkeypatch, rule, strips):
    services, scenes, values = stack
    if strips:
        monkeypatch.setattr(module, "_MOST_BYTES", 8 * DATES * 2 * SIDE * 13)
    found = combine(scenes, want(), services.reader, rule, (("r", "n"), work_out))
    assert tuple(found.bands) == ("r", "n")
    np.testing.assert_array_equal(found.usable, ~np.isnan(values[:, 0]).all(axis=0))
    assert found.usable[5:].mean() > 0.99
    expected = truth(np.where(found.usable, values, 0), rule)
    for number, (plane, band) in enumerate(found.bands.values()):
        assert (band.scale, band.offset) == (1, 0)
        np.testing.assert_allclose(plane[5:], expected[number], rtol=1e-5, atol=1e-2)
        assert (plane[:5] == 0).all()
    assert [scene.id for scene in found.scenes] == [scene.id for scene in scenes]


def test_of_an_area_only(stack):
    services, scenes, _ = stack
    only = np.zeros((SIDE, SIDE), np.bool_)
    only[40:50, 20:30] = True
    found = combine(scenes, want(only=only), services.reader, "mean", (("r", "n"), work_out))
    assert not (found.usable & ~only).any()
    assert found.usable.sum() >= 99


def test_scenes_that_add_nothing_are_not_named(stack):
    services, scenes, _ = stack
    blind = replace(scenes[0], id="blind", assets={"red": scenes[0].assets["red"]})
    found = combine([blind, scenes[1]], want(), services.reader, "median", (("r", "n"), work_out))
    assert [scene.id for scene in found.scenes] == ["s1"]
    nothing = combine([], want(), services.reader, "median", (("r", "n"), work_out))
    assert not nothing.usable.any()
    assert nothing.bands == {}


def test_the_clearest_lies_on_top(tmp_path):
    services = make_services(tmp_path)
    scenes = []
    for name, cloudy in (("half", 45), ("clear", 9), ("same", 9), ("covered", 90)):
        scl = np.full((SIDE, SIDE), 4, np.uint8)
        scl[:cloudy] = 9
        scenes.append(store_scene(services, "c", name, GRID, {"SCL": (scl, SCL)}))
    unknown = replace(scenes[1], id="unknown", assets={})
    found = best_first([unknown, *scenes], MASK, GRID, services.reader)
    assert [scene.id for scene in found] == ["clear", "same", "half", "covered", "unknown"]
    lower = GRID.crop(Window(45, 0, 45, SIDE))  # where the clouds of “half” are not
    there = best_first(scenes, MASK, lower, services.reader)
    assert [scene.id for scene in there][:3] == ["half", "clear", "same"]


def test_what_a_scene_does_not_cover_counts_as_cloud(tmp_path):
    services = make_services(tmp_path)
    clear = np.full((SIDE, SIDE), 4, np.uint8)
    whole = store_scene(services, "c", "whole", GRID, {"SCL": (clear, SCL)})
    part = replace(GRID, width=40)
    narrow = store_scene(services, "c", "narrow", part, {"SCL": (clear[:, :40].copy(), SCL)})
    found = best_first([narrow, whole], MASK, GRID, services.reader)
    assert [scene.id for scene in found] == ["whole", "narrow"]


def test_infinite_values_are_combined_where_they_can_be():
    """Two of them have a middle, opposite ones have not; nothing warns."""
    inf = np.inf
    stack = np.array([[inf, inf, 1.0], [inf, -inf, 3.0]])[:, None, None, :]
    with np.errstate(invalid="ignore"):
        values, known = module._median(stack)
    assert known.all()
    assert values[0, 0, [0, 2]].tolist() == [inf, 2.0]
    assert np.isnan(values[0, 0, 1])
