"""What is told of a question before it is answered: seconds, memory, and what is counted."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
import shapely
from affine import Affine

from landzicht.grid import Grid
from landzicht.kinds import Layer, Mask
from landzicht.portal.maps.view import View
from landzicht.portal.parcels.series import SeriesRequest, plan_series, series
from landzicht.portal.parcels.series_cost import estimate
from landzicht.portal.parcels.series_rate import Rate, known_rate, learn, rate_of
from landzicht.series.cost import Cost
from landzicht.series.measure import cover_of
from landzicht.series.shapes import in_pixels, parcels_of
from landzicht.series.statistics import parse_statistics
from landzicht.testing.fields import CLASSES, CLEAR, FIRST, RED
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text

SIDE = 2_048
GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 600_000, 0, -10, 5_800_000), height=SIDE, width=SIDE
)
DATES = 3


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    """Three scenes of four cells each, of numbers that pack as badly as real ones."""
    services = make_services(tmp_path_factory.mktemp("portal"))
    made, scenes = np.random.default_rng(1), []
    for date in range(DATES):
        red = (made.integers(0, 64, GRID.shape) + 2_000).astype(np.uint16)
        bands = {"B04": (red, RED), "SCL": (np.full(GRID.shape, CLEAR, np.uint8), CLASSES)}
        moment = FIRST.replace(day=1 + date)
        scenes.append(store_scene(services, "fields", f"s{date}", GRID, bands, moment=moment))
    layer = Layer(
        name="red", title=Text(nl="Rood", en="Red"), assets=("B04",), rescale=((0.0, 0.5),)
    )
    mask = Mask(asset="SCL", valid=(CLEAR,))
    described = make_collection("fields", bands=(RED, CLASSES), layers=(layer,), mask=mask)
    services.catalog.put([described], scenes)
    return replace(services, kept=None)


@pytest.fixture
def services(portal):
    """Of a portal that does not know yet how quick it is."""
    (portal.settings.series_cache / "rate.json").unlink(missing_ok=True)
    return portal


def fields(cells):
    """Fields of 100 m beside each other over a number of cells."""
    side = 1_024 * 10
    at = np.arange(0, side, 100) + 5
    xs, ys = np.meshgrid(at, at)
    every = [
        shapely.box(x, y, x + 90, y + 90)
        for column, row in ((0, 0), (1, 0), (0, 1), (1, 1))[:cells]
        for x, y in zip(
            600_000 + column * side + xs.ravel(),
            5_800_000 - (row + 1) * side + ys.ravel(),
            strict=True,
        )
    ]
    return np.array(every, object)


def request(shapes, names):
    parcels = parcels_of([str(n) for n in range(len(shapes))], np.array(shapes, object), GRID.crs)
    view = View(layer="red")
    statistics = parse_statistics(names)
    return SeriesRequest(collection="fields", parcels=parcels, view=view, statistics=statistics)


POINT = [shapely.Point(605_003, 5_794_997)]


@pytest.mark.parametrize("names", [["mean"], ["mean", "median"]])
def test_it_takes_about_as_long_as_is_told(services, names):
    """Told of a point and of whole cells, by what was found out with either of them."""
    told = {}
    for name, shapes in (("point", POINT), ("cells", fields(4))):
        asked = request(shapes, names)
        plans = {
            kind: plan_series(services, request(many, names))
            for kind, many in (("point", POINT), ("cells", fields(4)))
        }
        for _ in range(4):  # the quickest counts: other work on this machine only takes time
            (services.settings.series_cache / "rate.json").unlink(missing_ok=True)
            rate = rate_of(services, plan_series(services, asked))
            assert rate == known_rate(services.settings.series_cache)
            for kind, plan in plans.items():
                price = estimate(services, plan, asked.statistics)
                before = told.setdefault((name, kind), price)
                if price.seconds < before.seconds:
                    told[name, kind] = price
    for kind in ("point", "cells"):
        one, other = told["point", kind].seconds, told["cells", kind].seconds
        assert max(one, other) < 3 * max(min(one, other), 0.02), (kind, one, other)
    each = {
        kind: price.seconds / (price.cost.pixels + price.cost.covered)
        for (_, kind), price in told.items()
    }
    if names == ["mean"]:
        assert max(each.values()) < 3 * min(each.values()) + 2e-8, each
    asked = request(fields(4), names)
    plan = plan_series(services, asked)
    list(series(services, asked, plan))  # loads what is compiled
    spent = []
    for _ in range(2):
        # Of the processor: what else runs here would make it longer, and is nobody's promise.
        start = time.process_time()
        list(series(services, asked, plan))
        spent.append((time.process_time() - start) / services.settings.worker_threads)
    assert told["cells", "cells"].seconds / 5 < min(spent) < told["cells", "cells"].seconds * 5


def test_a_point_costs_the_block_it_lies_in(services):
    """A rate of one pixel in the time of a block would tell days."""
    price = estimate(
        services, plan_series(services, request(POINT, ["mean"])), parse_statistics([])
    )
    assert price.cost.pixels == DATES * 2 * 512 * 512
    assert price.cost.covered == DATES
    assert price.seconds < 5


def test_covered_pixels_are_those_under_parcels(services):
    shapes = [*fields(1)[:200], *[fields(1)[0]] * 50]
    asked = request(shapes, ["mean"])
    cost = estimate(services, plan_series(services, asked), asked.statistics).cost
    pixels = in_pixels(asked.parcels, GRID)
    exact = cover_of(pixels, *GRID.shape).index.size * DATES
    assert exact <= cost.covered < exact * 1.3


def test_memory_grows_with_what_is_asked(services):
    def memory(shapes, names, **fields):
        asked = request(shapes, names)
        plan = plan_series(services, asked)
        return estimate(services, plan, asked.statistics, **fields).cost.memory

    small, large = fields(1)[:10], fields(4)
    assert memory(small, ["mean"]) < memory(large, ["mean"])
    lake = [shapely.Point(610_000, 5_790_000).buffer(9_000)]
    pixels = lake[0].area / 100
    assert memory(lake, ["median"]) > memory(lake, ["mean"]) + 12 * pixels
    dates = len(large) * DATES * 8
    assert memory(large, ["mean"], smooth=True) > memory(large, ["mean"]) + 5 * dates


def test_nothing_to_read_costs_nothing(services):
    asked = request([shapely.Point(0, 0)], ["mean"])
    price = estimate(services, plan_series(services, asked), asked.statistics)
    assert (price.cost.pixels, price.cost.covered, price.seconds) == (0, 0, 0.0)
    assert known_rate(services.settings.series_cache) is None


def cost(pixels, covered):
    return Cost(
        parcels=1, dates=1, stored=0, scenes=1, pixels=pixels, covered=covered, bytes=1, memory=1
    )


def test_what_it_took_is_learnt(services):
    folder, wanted = services.settings.series_cache, parse_statistics(["mean"])
    learn(services, cost(10**8, 10**8), wanted, 1.0)
    assert known_rate(folder) is None, "without a first rate nothing is known of its parts"
    rate_of(services, plan_series(services, request(POINT, ["mean"])))
    before = known_rate(folder)
    asked = cost(10**8, 10**8)
    threads = services.settings.worker_threads
    real = 2 * before.seconds(asked, wanted, threads)
    off = []
    for _ in range(8):
        off.append(known_rate(folder).seconds(asked, wanted, threads) / real)
        learn(services, asked, wanted, real)
    assert off[0] == pytest.approx(0.5)
    assert off == sorted(off)
    assert 0.9 < off[-1] <= 1
    after = known_rate(folder)
    learn(services, cost(10, 10), wanted, 100.0)
    assert known_rate(folder) == after, "a short run says little"
    (folder / "rate.json").write_text('{"read": "much", "count": 1, "rank": 1}')
    assert known_rate(folder) is None
    (folder / "rate.json").write_text('{"pixels_per_second": 3}')
    assert known_rate(folder) is None


def test_percentiles_take_longer(services):
    rate = Rate(read=1e8, count=1e8, rank=1e7)
    plain, ranked = (
        rate.seconds(cost(10**8, 10**8), parse_statistics(names), 2)
        for names in (["mean"], ["median"])
    )
    assert plain == pytest.approx(1.0)
    assert ranked == pytest.approx(5.5)
