"""Answers of before: what is not read again, and what must be."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
import rasterio

from landzicht.blocks.cache import ByteCache
from landzicht.formats.columns import ColumnFolder
from landzicht.kinds import Span
from landzicht.portal import open_portal
from landzicht.portal.maps.view import View
from landzicht.portal.parcels.series import SeriesRequest, series
from landzicht.portal.settings import load_settings
from landzicht.series import measure
from landzicht.series.check import check_shapes
from landzicht.series.measure import cover_of
from landzicht.series.statistics import parse_statistics
from landzicht.testing.fields import CLASSES, GRID, RED, add_dates, pixels_of, shapes_in_grid
from landzicht.testing.photos import noise_photo
from landzicht.testing.pixels import make_services, store_scene


@dataclass
class Counting:
    """A reader that counts."""

    reader: Any
    reads: list[str] = field(default_factory=list)

    def levels(self, asset):
        return self.reader.levels(asset)

    def read(self, asset, level, window):
        self.reads.append(asset.href)
        return self.reader.read(asset, level, window)


@pytest.fixture
def services(tmp_path):
    services = make_services(tmp_path)
    services = replace(services, reader=Counting(services.reader))
    add_dates(services, 3)
    return services


def ask(services, count=5, seed=1, expression=None, names=("mean", "median"), **fields):
    shapes = shapes_in_grid(count, seed)
    checked = check_shapes(zip(map(str, range(count)), shapes, strict=True), GRID.crs)
    request = SeriesRequest(
        collection="fields",
        parcels=checked.parcels,
        view=View(layer=None if expression else "red", expression=expression),
        statistics=parse_statistics(names),
        **fields,
    )
    before = len(services.reader.reads)
    tables = list(series(services, request))
    return tables, len(services.reader.reads) - before


def assert_same(first, second):
    for one, other in zip(first, second, strict=True):
        assert one.moment == other.moment
        assert one.scenes == other.scenes
        for name in ("parcels", "count", "valid", "values", "histogram"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_repeat_reads_nothing_and_says_the_same(services):
    first, reads = ask(services)
    assert reads == 6  # three dates of red and classes
    second, again = ask(services)
    assert again == 0
    assert_same(first, second)


def test_a_new_date_costs_only_that_date(services):
    first, _ = ask(services)
    red, classes = pixels_of(7)
    bands = {"B04": (red, RED), "SCL": (classes, CLASSES)}
    moment = first[-1].moment.replace(month=6)
    scene = store_scene(services, "fields", "new", GRID, bands, moment=moment)
    services.catalog.put([], [scene])
    second, reads = ask(services)
    assert reads == 2
    assert_same(first, second[:3])
    assert set(second[3].scenes) == {"new"}


@pytest.mark.parametrize("key", ["B04", "SCL"])
def test_a_changed_image_or_mask_is_measured_again(services, key):
    first, _ = ask(services)
    red, classes = pixels_of(1)
    changed = {"B04": (red // 2 + 1, RED), "SCL": (classes, CLASSES)}
    if key == "SCL":
        changed = {"B04": (red, RED), "SCL": (np.full_like(classes, 4), CLASSES)}
    scene = store_scene(services, "other", "s1", GRID, changed, moment=first[1].moment)
    assets = {
        name: replace(asset, sha256=hashlib.sha256(asset.href.encode()).hexdigest())
        for name, asset in scene.assets.items()
    }
    services.catalog.put([], [replace(scene, collection="fields", assets=assets)])
    second, reads = ask(services)
    assert reads == 2
    assert_same([first[0], first[2]], [second[0], second[2]])
    assert not np.array_equal(first[1].values, second[1].values)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2},
        {"count": 4},
        {"expression": "B04*2"},
        {"names": ("mean", "p25")},
        {"clear": False},
        {"raw": True},
    ],
)
def test_another_question_is_another_answer(services, change):
    first, _ = ask(services)
    second, reads = ask(services, **change)
    assert reads > 0
    pairs = zip(first, second, strict=True)
    assert any(
        a.values.shape != b.values.shape or not np.array_equal(a.values, b.values) for a, b in pairs
    )


def test_a_part_of_the_period_is_known_too(services):
    first, _ = ask(services)
    second, reads = ask(services, span=Span.parse("2025-05-06"))
    assert reads == 0
    assert_same(first[1:2], second)


def test_weights_are_made_once(services, monkeypatch):
    made = []
    monkeypatch.setattr(measure, "cover_of", lambda *a: made.append(a) or cover_of(*a))
    first = []
    for names, wanted in ((["p10"], 1), (["p20"], 0), (["p30"], 0)):
        # Another process would have no weights in memory.
        monkeypatch.setattr(measure, "_covers", ByteCache(10**6, lambda cover: cover.nbytes))
        tables, reads = ask(services, names=(*names, "count"))
        assert reads == 6
        assert len(made) == wanted
        made.clear()
        first.append(tables)
    for table, other in zip(first[0], first[1], strict=True):
        np.testing.assert_array_equal(table.count, other.count)


def test_what_is_damaged_or_gone_is_made_again(services, monkeypatch):
    monkeypatch.setattr(measure, "_covers", ByteCache(0, lambda cover: cover.nbytes))
    first, _ = ask(services)
    files = sorted(services.settings.series_cache.glob("*/*.arrow"))
    assert len(files) == 4  # one of weights, three of dates
    for path in files:
        path.write_bytes(b"ARROW1 no more")
    second, reads = ask(services)
    assert reads == 6
    assert_same(first, second)


def test_a_damaged_scene_is_not_remembered_as_the_answer(services):
    (scene,) = [s for s in add_dates(services, 1) if s.id == "s0"]
    path = services.settings.data / scene.assets["B04"].href
    whole = path.read_bytes()
    path.write_bytes(b"no file")
    tables, _ = ask(services)
    assert tables[0].failures
    assert not tables[0].parcels.size
    path.write_bytes(whole)
    tables, _ = ask(services)
    assert not tables[0].failures
    assert tables[0].parcels.size == 5


def test_nothing_is_kept_without_room(tmp_path):
    folder = ColumnFolder(folder=tmp_path / "none", most=0)
    folder.keep("ab" * 32, {"a": np.arange(3)})
    assert not folder.holds("ab" * 32)
    assert not (tmp_path / "none").exists()


def test_room_is_bounded_and_the_oldest_goes_first(tmp_path):
    folder = ColumnFolder(folder=tmp_path, most=200_000)
    made = np.random.default_rng(0)
    keys = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(40)]
    for key in keys:
        folder.keep(key, {"a": made.random(2_000)})
        folder.load(keys[0])
    folder.sweep()
    size = sum(path.stat().st_size for path in tmp_path.glob("*/*"))
    assert 100_000 < size <= 200_000
    assert folder.holds(keys[0]), "used last, kept"
    assert folder.holds(keys[-1])
    assert not folder.holds(keys[1])


def test_arrays_come_back_as_they_were(tmp_path):
    folder = ColumnFolder(folder=tmp_path, most=10**6)
    told = {
        "floats": np.array([1.5, np.nan, -np.inf]),
        "whole": np.arange(5, dtype=np.int32),
        "none": np.empty(0, np.float32),
        "text": np.array(["a;b", "", "é"]),
    }
    folder.keep("cd" * 32, told)
    found = folder.load("cd" * 32)
    assert list(found) == list(told)
    for name in ("floats", "whole", "none"):
        np.testing.assert_array_equal(found[name], told[name])
        assert found[name].dtype == told[name].dtype
    assert found["text"].tolist() == told["text"].tolist()
    assert folder.load("ef" * 32) is None


def test_a_full_disk_is_no_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    ColumnFolder(folder=blocked, most=10**6).keep("ab" * 32, {"a": np.arange(3)})
    assert blocked.read_text() == "no folder"


def test_a_linked_file_that_changes_in_its_place_is_measured_again(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    path = folder / "field_20250608.tif"
    told = {"collection": "linked", "expression": "field", "stats": ["mean"], "raw": True}
    with open_portal(load_settings(tmp_path / "data", linked_roots=str(folder))) as portal:
        for seed in (1, 2):
            noise_photo(folder / "new.tif", seed).replace(path)
            if seed == 1:
                portal.link([path], "linked")
            with rasterio.open(path) as file:
                truth = file.read(1)[10:30, 20:50].mean()
                corners = [file.xy(30, column, offset="ul") for column in (20, 50)]
                corners += [file.xy(10, column, offset="ul") for column in (50, 20)]
                name = {"name": str(file.crs)}
            ring = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
            told["parcels"] = ring | {"crs": {"type": "name", "properties": name}}
            for _ in range(2):
                found = portal.series_table(told)["mean"].to_pylist()
                assert found == pytest.approx([truth], abs=1e-9)
