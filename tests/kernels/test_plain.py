"""What is used until kernels are compiled gives the very bits that they give."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.kernels import nearest, plain, shade, stretch, warm

TARGET = 700


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    exact=st.booleans(),
    nodes=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    size=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    further=st.integers(0, 9),
)
def test_index_map(seed, exact, nodes, size, further):
    chance = np.random.default_rng(seed)
    (rows, columns), (n, m) = size, size if exact else (max(2, nodes[0]), max(2, nodes[1]))
    first, step = (0.5, (1.0, 1.0)) if exact else (0.0, (rows / (n - 1), columns / (m - 1)))
    across, down = np.meshgrid(np.linspace(-5, 30, m), np.linspace(-4, 25, n))
    lattice = np.stack([across, down]) + chance.normal(0, 1, (2, n, m))
    found = []
    for kernel in (nearest.index_map, plain.index_map):
        out = np.full((rows + 3, columns + 5), -7, np.int32)
        kernel(lattice, first, *step, 2, 4, rows, columns, 20, 26, 26 + further, out)
        found.append(out)
    np.testing.assert_array_equal(*found)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), dtype=st.sampled_from(["uint8", "uint16"]))
def test_painting(seed, dtype):
    chance = np.random.default_rng(seed)
    index = chance.integers(-1, 60, TARGET).astype(np.int32)
    bands = [chance.integers(0, 250, 60).astype(dtype) for _ in range(3)]
    bands[0][:9] = bands[1][:9] = 0
    valid = chance.random(60 if seed % 2 else 0) > 0.2
    holes = tuple(int(chance.choice([-1, 0, *band[9:12]])) for band in bands)
    tables = chance.integers(0, 256, (3, np.iinfo(dtype).max + 1)).astype(np.uint8)
    scales = chance.normal(1, 0.5, (2, 2)).astype(np.float32)
    steps = np.array([chance.uniform(20, 300), 100.5, 1, 255], np.float32)
    found = []
    for three, ratio in (
        (shade.shade_three, shade.shade_ratio),
        (plain.shade_three, plain.shade_ratio),
    ):
        colours, palette = np.full((TARGET, 3), 7, np.uint8), np.full(TARGET, 7, np.uint8)
        shown, known = np.zeros(TARGET, np.bool_), np.zeros(TARGET, np.bool_)
        seen = three(index, *bands, valid, holes, tables, colours, shown)
        inside = ratio(index, *bands[:2], valid, holes[:2], scales, steps, palette, known)
        found.append((seen, inside, colours, palette, shown, known))
    for compiled, other in zip(*found, strict=True):
        np.testing.assert_array_equal(compiled, other)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), gain=st.floats(-300, 300), bias=st.floats(-300, 300))
def test_stretch(seed, gain, bias):
    chance = np.random.default_rng(seed)
    values = chance.normal(0, 1, TARGET).astype(np.float32)
    values[chance.random(TARGET) < 0.1] = np.nan
    usable = chance.random(TARGET) > 0.2
    found = np.full((2, TARGET), 7, np.uint8)
    for paint, out in zip((stretch.stretch, plain.stretch), found, strict=True):
        paint(values, usable, gain, bias, 1, 254, out)
    np.testing.assert_array_equal(*found)


def test_it_is_used_only_while_kernels_are_being_made(monkeypatch):
    seen = []
    monkeypatch.setattr(warm, "_jobs", lambda: [lambda: seen.append(warm.is_under_way())] * 7)
    for event in ("_begun", "_can_paint", "_all_ready"):
        monkeypatch.setattr(warm, event, warm.threading.Event())
    assert not warm.is_under_way(), "a script that never warms up uses the kernels"
    warm.warm()
    assert seen == [True] * 4 + [False] * 3
    assert not warm.is_under_way()


FIRST = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_quick import ABOUT, VIEWS, TileRequest, address, make_services, np, scene, tile
from landzicht.kernels import warm

warm._begun.set()
services = make_services(Path(sys.argv[2]))
services.catalog.put([ABOUT], [scene(services, "one", hole=np.s_[270:300, 200:310])])
numba = "numba" in sys.modules
for view in VIEWS.values():
    for z in (11, 13, 15):
        tile(services, TileRequest(collection="polder", view=view, **address(z)))
print(numba, "numba" in sys.modules)
"""


def test_the_first_tile_waits_for_no_compiler(tmp_path, pytestconfig):
    folder = pytestconfig.rootpath / "tests/portal/maps"
    command = [sys.executable, "-c", FIRST, str(folder), str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]
