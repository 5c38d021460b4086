"""Measuring on a Dask cluster: the same bits, one task for each cell, also when a worker dies."""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from affine import Affine
from click.testing import CliRunner

from landzicht.cli.main import group
from landzicht.errors.cluster import ClusterFailed, ClusterMissing
from landzicht.errors.portal import BadSettings
from landzicht.grid import Grid, Window
from landzicht.kinds import Band, Layer
from landzicht.portal import open_portal
from landzicht.portal.parcels.cluster import Cluster, LateReader, on_cluster
from landzicht.portal.parcels.jobs import unfinished
from landzicht.portal.parcels.series_answer import Form
from landzicht.portal.settings import load_settings
from landzicht.runners import Inline
from landzicht.series.divide import CELL, cells_of, divide
from landzicht.series.plan import Question, overpasses
from landzicht.series.run import measure
from landzicht.series.shapes import parcels_of
from landzicht.series.statistics import parse_statistics
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text

distributed = pytest.importorskip("distributed")
SIDE, DATES, CELLS = 2_100, 3, 9
DAMAGED = 1
"""Date of which one file is damaged."""
GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 640_000, 0, -10, 5_774_000), height=SIDE, width=SIDE
)
RED = Band(name="B04", dtype="uint16", nodata=0, scale=0.0001)
WANTED = parse_statistics(["mean", "std", "median", "p90", "count"])
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def red(bands):
    return bands["B04"]


QUESTION = Question(keys=("B04",), formula=red, text="B04")


class Slow:
    """A reader that takes its time, so that there is something to interrupt."""

    def __init__(self, reader):
        self.reader = reader

    def levels(self, asset):
        return self.reader.levels(asset)

    def read(self, asset, level, window):
        return self.reader.read(asset, level, window)

    @property
    def direct(self):
        return self

    def parts(self, asset, level, window, side):
        time.sleep(0.1)
        return self.reader.direct.parts(asset, level, window, side)


def shapes():
    """Boxes all over the grid, many of them over the edges of cells, and a frame over all nine."""
    made = np.random.default_rng(4)
    bounds = GRID.bounds
    x = made.uniform(bounds.west + 100, bounds.east - 700, 40)
    y = made.uniform(bounds.south + 100, bounds.north - 700, 40)
    edges = np.array([CELL, 2 * CELL]) * 10.0
    x[:20] = bounds.west + made.choice(edges, 20) - 133
    y[10:30] = bounds.north - made.choice(edges, 20) - 177
    wide, tall = made.uniform(20, 600, (2, 40))
    wide[:20], tall[10:30] = wide[:20] + 150, tall[10:30] + 200
    boxes = list(shapely.box(x, y, x + wide, y + tall))
    outer = shapely.box(
        bounds.west + 300, bounds.south + 150, bounds.east - 170, bounds.north - 300
    )
    cross = shapely.box(bounds.west + 300, -1e8, bounds.west + 450, 1e8)
    middle = shapely.box(-1e8, bounds.north - 15_150, 1e8, bounds.north - 15_000)
    frame = outer.difference(outer.buffer(-120)).union(outer.intersection(middle))
    boxes.append(frame.union(outer.intersection(cross)))
    return np.array(boxes, object)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A portal with three dates, one of which is damaged; its services, scenes and parcels."""
    services = make_services(tmp_path_factory.mktemp("far"))
    scenes = []
    for date in range(DATES):
        made = np.random.default_rng(date)
        values = made.integers(1, 9_000, (SIDE // 4, SIDE // 4)).astype("uint16")
        values = values.repeat(4, 0).repeat(4, 1)
        moment = datetime(2025, 5, 1, 10, 40, tzinfo=UTC) + timedelta(days=5 * date)
        scenes.append(
            store_scene(services, "far", f"s{date}", GRID, {"B04": (values, RED)}, moment=moment)
        )
    title = Text(nl="Rood", en="Red")
    layer = Layer(name="red", title=title, assets=("B04",), rescale=((0.0, 0.5),))
    services.catalog.put([make_collection("far", bands=(RED,), layers=(layer,))], scenes)
    damage(services.settings.data / scenes[DAMAGED].assets["B04"].href)
    told = shapes()
    parcels = parcels_of([f"p{n}" for n in range(len(told))], told, GRID.crs)
    return services, scenes, parcels


def damage(path):
    """Spoil some blocks of a file: some cells can be read, and others cannot."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size * 3 // 4)
        file.write(b"\xff" * (size // 10))


@pytest.fixture(scope="module")
def cluster():
    import dask

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "120s"}),  # a busy machine
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
    ):
        yield cluster


def equal_bits(found, expected):
    for one, other in zip(found, expected, strict=True):
        assert one.moment == other.moment
        assert one.scenes == other.scenes
        assert one.table.tobytes() == other.table.tobytes()
        np.testing.assert_array_equal(one.seen, other.seen)
        failed = [(each.scene, each.members.tolist(), str(each.error)) for each in one.failures]
        wanted = [(each.scene, each.members.tolist(), str(each.error)) for each in other.failures]
        assert failed == wanted


def test_equal_bits_when_a_worker_is_killed_half_way(world, cluster, monkeypatch):
    """Nine cells a date, parcels over their edges, kept weights, a damaged file, a dead worker."""
    from cloudpickle import register_pickle_by_value

    register_pickle_by_value(sys.modules[__name__])  # the workers cannot import this module
    services, scenes, parcels = world
    passes = overpasses(scenes, QUESTION)
    expected = list(measure(parcels, passes, QUESTION, WANTED, (services.reader, Inline())))
    assert 0 < expected[DAMAGED].failures[0].members.size < len(parcels)
    assert not expected[0].failures
    with distributed.Client(cluster, set_as_default=False) as client:
        pids = list(client.run(os.getpid).values())
        assert len(set(pids)) == 2
        assert os.getpid() not in pids
        submitted = []
        submit = client.submit
        monkeypatch.setattr(
            client,
            "submit",
            lambda job, item, **how: submitted.append(item) or submit(job, item, **how),
        )
        far = on_cluster(services, client)
        tools = (Slow(far.reader), replace(far.runner, ahead=4))
        tables = measure(parcels, passes, QUESTION, WANTED, tools, services.kept)
        found = [next(tables)]
        os.kill(pids[0], signal.SIGKILL)
        found += list(tables)
        assert pids[0] not in client.run(os.getpid).values()
        (land,) = divide(parcels, (GRID,)).territories
        cells = list(cells_of(land))
        assert len(cells) == CELLS
        assert sum(not each for cell in cells for each in cell.whole) > 2 * CELLS
        assert len(submitted) == DATES * CELLS, "one task for each cell of each scene"
        equal_bits(found, expected)
        weights = [services.kept.holds(cell.key.hex()) for cell in cells]
        assert all(weights), "workers keep the weights for whoever comes next"
        submitted.clear()
        again = measure(parcels, passes, QUESTION, WANTED, tools, services.kept)
        equal_bits(list(again), expected)
        assert len(submitted) == CELLS, "only the damaged date is tried again"


def test_workers_have_the_quick_way(world):
    """What travels is how to open a reader; it reads block by block there, as it does here."""
    services, scenes, _ = world
    reader = LateReader(services.settings)
    assert len(pickle.dumps(reader)) < 5_000
    there = pickle.loads(pickle.dumps(reader))
    asset = scenes[0].assets["B04"]
    window = Window(0, 0, 700, 1_100)
    ours = list(services.reader.direct.parts(asset, 0, window, 512))
    theirs = list(there.direct.parts(asset, 0, window, 512))
    assert [part.window for part in theirs] == [part.window for part in ours]
    assert all(
        np.array_equal(one.values, other.values) for one, other in zip(theirs, ours, strict=True)
    )


def parcels_file(tmp_path):
    path = tmp_path / "parcels.geojson"
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32631"}}
    features = [
        {"type": "Feature", "id": f"p{n}", "properties": {}, "geometry": shape.__geo_interface__}
        for n, shape in enumerate(shapes()[:20])
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}))
    return path


def series(path, data, out, *more):
    asked = ["series", path, "--data", data, "--collection", "far", "--layer", "red"]
    told = CliRunner().invoke(group, [*map(str, asked), "--out", str(out), *more])
    if told.exception and not isinstance(told.exception, SystemExit):
        raise told.exception
    return told


@pytest.fixture
def mapped(monkeypatch):
    """What was handed to a cluster."""
    from landzicht.runners.dask import Dask

    items, real = [], Dask.map
    monkeypatch.setattr(
        Dask,
        "map",
        lambda self, job, some: real(self, job, (items.append(each) or each for each in some)),
    )
    return items


def test_the_command_on_a_cluster_gives_the_same_table(world, cluster, mapped, tmp_path):
    data, path = world[0].settings.data, parcels_file(tmp_path)
    here, there = tmp_path / "here.parquet", tmp_path / "there.parquet"
    far = ("--cluster", cluster.scheduler_address, "--stats", "mean,p7")
    series(path, data, there, *far)
    assert len(mapped) > DATES
    assert cluster.scheduler.clients.keys() <= {"fire-and-forget"}, "it hangs up at the end"
    for file in world[0].settings.series_cache.glob("*/*.arrow"):
        file.unlink()  # else what the cluster measured is told again
    series(path, data, here, "--stats", "mean,p7")
    assert pq.read_table(there).equals(pq.read_table(here))
    assert pq.read_table(there).num_rows == 20 * DATES


def test_a_job_of_the_server_goes_to_the_cluster(world, cluster, mapped):
    data = world[0].settings.data
    settings = load_settings(data, cluster=cluster.scheduler_address, series_cache_mb=0)
    told = {"collection": "far", "layer": "red", "stats": ["mean"]}
    told["parcels"] = {"type": "Point", "coordinates": [5.1, 52.05]}
    with open_portal(settings) as portal:
        job = portal.ask_series(told, Form(), later=True)
        end = time.monotonic() + 60
        while unfinished(settings) and time.monotonic() < end:
            time.sleep(0.1)
        assert portal.job(job.id).status == "done"
        assert len(mapped) == DATES
        portal.cancel_job(job.id)


def test_without_the_extra_or_a_scheduler_it_says_so(world, tmp_path, monkeypatch):
    data, path = world[0].settings.data, parcels_file(tmp_path)
    out = tmp_path / "out.csv"
    for wrong in ("127.0.0.1:8786", "http://x:1", "tcp://u:p@x:1", "tcp://x", "tcp://x:1/../y"):
        with pytest.raises(BadSettings):
            series(path, data, out, "--cluster", wrong)
    monkeypatch.setattr("landzicht.runners.dask._PATIENCE_S", 0.5)
    with pytest.raises(ClusterFailed, match=r"tcp://127\.0\.0\.1:9"):
        series(path, data, out, "--cluster", "tcp://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterMissing, match="pip install"):
        series(path, data, out, "--cluster", "tcp://127.0.0.1:9")
    assert not out.exists()


def test_a_job_without_its_cluster_fails_and_says_why(world, monkeypatch):
    monkeypatch.setattr("landzicht.runners.dask._PATIENCE_S", 0.5)
    settings = load_settings(world[0].settings.data, cluster="tcp://127.0.0.1:9")
    told = {"collection": "far", "layer": "red", "stats": ["mean"]}
    told["parcels"] = {"type": "Point", "coordinates": [5.1, 52.05]}
    with open_portal(settings) as portal:
        job = portal.ask_series(told, Form(), later=True)
        end = time.monotonic() + 60
        while unfinished(settings) and time.monotonic() < end:
            time.sleep(0.1)
        state = portal.job(job.id)
        portal.cancel_job(job.id)
        here = portal.ask_series(told, Form())
    assert (state.status, state.error["code"]) == ("failed", "cluster-failed")
    assert here.media_type == Form().media_type, "what is answered at once needs no cluster"


def test_workers_that_do_not_see_the_data_are_told_of(world, cluster, tmp_path):
    services = world[0]
    elsewhere = replace(
        services.settings, data=tmp_path / "nowhere", cluster=cluster.scheduler_address
    )
    with pytest.raises(ClusterFailed, match="does not see"):
        Cluster().services(replace(services, settings=elsewhere))
