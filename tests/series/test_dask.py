"""Measuring on a Dask cluster: the same bits, one task for each cell, also when a worker dies."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace

import numpy as np
import pytest

from landzicht.portal.cluster import on_cluster
from landzicht.runners import Inline
from landzicht.series.divide import cells_of, divide
from landzicht.series.plan import Question, overpasses
from landzicht.series.run import measure
from landzicht.series.shapes import parcels_of
from landzicht.series.statistics import parse_statistics
from landzicht.testing.fields import GRID, add_dates, shapes_in_grid
from landzicht.testing.pixels import make_services

distributed = pytest.importorskip("distributed")
DATES = 6


def red(bands):
    return bands["B04"]


class Slow:
    """A reader that takes its time, so that there is something to interrupt."""

    def __init__(self, reader):
        self.reader = reader

    def levels(self, asset):
        return self.reader.levels(asset)

    def read(self, asset, level, window):
        time.sleep(0.15)
        return self.reader.read(asset, level, window)


def _by_value():
    """Let the workers have this module, which they cannot import."""
    import sys

    from cloudpickle import register_pickle_by_value

    register_pickle_by_value(sys.modules[__name__])


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_equal_bits_when_a_worker_is_killed_half_way(tmp_path, monkeypatch):
    from landzicht.runners.dask import Dask

    _by_value()
    services = make_services(tmp_path)
    scenes = add_dates(services, DATES)
    parcels = parcels_of([f"p{n}" for n in range(30)], shapes_in_grid(30), GRID.crs)
    question = Question(keys=("B04",), formula=red)
    wanted = parse_statistics(["mean", "std", "median", "p90", "count"])
    passes = overpasses(scenes, question)
    expected = list(measure(parcels, passes, question, wanted, (services.reader, Inline())))
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
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
        assert isinstance(far.runner, Dask)
        tools = (Slow(far.reader), replace(far.runner, ahead=4))
        tables = measure(parcels, passes, question, wanted, tools)
        found = [next(tables)]
        os.kill(pids[0], signal.SIGKILL)
        found += list(tables)
        assert pids[0] not in client.run(os.getpid).values()
    cells = list(cells_of(divide(parcels, (GRID,)).territories[0]))
    assert len(submitted) == DATES * len(cells), "one task for each cell of each scene"
    for one, other in zip(found, expected, strict=True):
        assert one.moment == other.moment
        assert one.scenes == other.scenes
        assert one.table.tobytes() == other.table.tobytes()
        np.testing.assert_array_equal(one.seen, other.seen)
