"""Tiles, ours and others': answers are compared first, then each is timed in turn, round by round.

What counts is processor time of the whole process; `make bench` writes it to
`benchmarks/results`. pytest-benchmark's own columns are wall times of all contestants together.
"""

from __future__ import annotations

import os
import statistics
from collections import deque

import pytest
from agree import MOST_OTHER_VALUES, check_pictures, values_differ
from contest import tiles_at
from data import SCENE_SIDE, SIDE
from floors import check_floors

ZOOMS = os.environ.get("LANDZICHT_BENCH_ZOOMS", "10,12,13,14")
TILES = {z: n for z, n in {10: 3, 12: 5, 13: 5, 14: 5}.items() if str(z) in ZOOMS.split(",")}
ROUNDS = int(os.environ.get("LANDZICHT_BENCH_ROUNDS", "3"))
VIEW_SIDE = 4
PRODUCTS = [("rgb", "png"), ("rgb", "jpg"), ("rgb", "webp"), ("ndvi", "png")]
CASES = [
    (form, product, ending, z)
    for form in ("foreign", "own")
    for product, ending in PRODUCTS
    for z in TILES
    if z == 13 or ending == "png"
]
WORST = [
    ("tci", "tci", "png", 13),
    ("tci", "tci", "jpg", 13),
    ("jpeg", "tci", "png", 13),
    ("foreign", "large", "png", 12),
    ("foreign", "bilinear", "png", 13),
]
"""What is dearest of the rest: one file of three bands, large tiles, and a filter."""
MOSAICS = [("mosaic", "mosaic", "png", 12), ("mosaic", "mosaic", "png", 13)]
"""Four scenes without their clouds; TiTiler has no such address, rio-tiler can do it."""
VIEWS = [case for case in CASES if case[3] == 13]
ASKED = ("foreign", "asked", "png", 13)
"""From a page of another site, so past the layers that every address has."""


def compete(benchmark, contestants, state, case) -> None:
    """Time every contestant on the same tiles, in turn; who goes first changes each round."""
    form, product, ending, z = case
    view = state == "view"
    pixels = SCENE_SIDE if form == "mosaic" else SIDE
    shape = (1, VIEW_SIDE) if view else (TILES.get(z, 3), 1)
    tiles = tiles_at(z, shape[0], side=shape[1], pixels=pixels)
    answers = {name: each.bytes(form, product, ending, tiles) for name, each in contestants.items()}
    for name, theirs in answers.items():
        if name != "landzicht":
            for mine, other in zip(answers["landzicht"], theirs, strict=True):
                check_pictures(mine, other, form, product, ending)
    spent = {name: [] for name in contestants}
    order = deque(contestants.items())

    def each_in_turn() -> None:
        order.rotate(-1)
        for name, contestant in order:
            # Many short ones: a scheduler's tick must not decide.
            times = 8 if state == "warm" and name == "landzicht" else 1
            jobs = tiles * times
            spent[name].append(
                statistics.fmean(contestant.spend(state, form, product, ending, jobs))
            )

    benchmark.pedantic(each_in_turn, rounds=ROUNDS)
    benchmark.extra_info.update(
        form=form,
        product=product,
        ending=ending,
        z=z,
        state=state,
        tiles=len(tiles),
        load=os.getloadavg()[0],
        cpu_ms={name: [1e3 * second for second in found] for name, found in spent.items()},
        size={name: statistics.fmean(map(len, found)) for name, found in answers.items()},
        told=contestants["landzicht"].told(),
    )
    check_floors(benchmark.extra_info)


def named(case) -> str:
    return "-".join(map(str, case))


@pytest.mark.parametrize("z", TILES)
@pytest.mark.parametrize("form", ["foreign", "own"])
@pytest.mark.parametrize("peer", ["rio_tiler", "gdal"])
def test_stored_numbers_agree(engines, form, peer, z):
    tiles = tiles_at(z, TILES[z])
    ours, theirs = (
        engines[name].bytes(form, "values", "npy", tiles) for name in ("landzicht", peer)
    )
    for mine, other in zip(ours, theirs, strict=True):
        assert values_differ(mine, other) <= MOST_OTHER_VALUES[z]


@pytest.mark.parametrize("state", ["cold", "warm"])
@pytest.mark.parametrize("case", CASES + WORST + MOSAICS, ids=named)
def test_in_process(benchmark, engines, case, state):
    benchmark.extra_info["way"] = "in process"
    compete(benchmark, engines, state, case)


@pytest.mark.parametrize("state", ["cold", "warm"])
@pytest.mark.parametrize("case", [*CASES, *WORST, ASKED], ids=named)
def test_over_http(benchmark, servers, case, state):
    benchmark.extra_info["way"] = "HTTP"
    compete(benchmark, servers, state, case)


@pytest.mark.parametrize("case", VIEWS, ids=named)
def test_view_in_process(benchmark, engines, case):
    benchmark.extra_info["way"] = "in process"
    compete(benchmark, engines, "view", case)


@pytest.mark.parametrize("case", VIEWS, ids=named)
def test_view_over_http(benchmark, servers, case):
    benchmark.extra_info["way"] = "HTTP"
    compete(benchmark, servers, "view", case)
