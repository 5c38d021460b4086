"""Compiled loops against slow twins in plain Python and numpy."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.kernels.nearest import gather, index_map, keep_usable
from landzicht.kernels.resample import BILINEAR, resample
from landzicht.kernels.stretch import stretch
from landzicht.kernels.unpredict import unpredict_float
from landzicht.kernels.warm import keep_compiled_in, warm


def lattice_at(nodes, first, step, r, c):
    """Bilinear interpolation of the lattice at the centre of pixel (r, c)."""
    rows, columns = nodes.shape[1:]
    down, right = (r + 0.5 - first) / step[0], (c + 0.5 - first) / step[1]
    j, i = min(int(down), max(rows - 2, 0)), min(int(right), max(columns - 2, 0))
    b, a = down - j, right - i
    j1, i1 = min(j + 1, rows - 1), min(i + 1, columns - 1)
    top = nodes[:, j, i] * (1 - a) + nodes[:, j, i1] * a
    bottom = nodes[:, j1, i] * (1 - a) + nodes[:, j1, i1] * a
    return top * (1 - b) + bottom * b


@st.composite
def lattices(draw):
    rows, columns = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    if draw(st.booleans()):
        n, m, first, step = rows, columns, 0.5, (1.0, 1.0)
    else:
        n, m = draw(st.integers(2, 6)), draw(st.integers(2, 6))
        first, step = 0.0, (rows / (n - 1), columns / (m - 1))
    across, down = np.meshgrid(np.linspace(-5, 30, m), np.linspace(-4, 25, n))
    nodes = np.stack([across, down]) + rng.normal(0, 1, (2, n, m))
    return np.ascontiguousarray(nodes), first, step, rows, columns


@settings(max_examples=80, deadline=None)
@given(lattices(), st.integers(0, 9))
def test_index_map(lattice, further):
    nodes, first, step, rows, columns = lattice
    height, width = 20, 26
    stride = width + further
    out = np.full((rows + 3, columns + 5), -1, np.int32)
    index_map(nodes, first, *step, 2, 4, rows, columns, height, width, stride, out)
    for r in range(rows):
        for c in range(columns):
            x, y = lattice_at(nodes, first, step, r, c)
            if min(abs(x - round(x)), abs(y - round(y))) < 1e-9:
                continue  # exactly on an edge rounding decides
            inside = 0 <= x < width and 0 <= y < height
            expected = math.floor(y) * stride + math.floor(x) if inside else -1
            assert out[r + 2, c + 4] == expected
    out[2 : rows + 2, 4 : columns + 4] = -1
    assert (out == -1).all(), "nothing is written beside the lattice"


@given(st.integers(0, 10**6))
def test_keep_usable_and_gather(seed):
    rng = np.random.default_rng(seed)
    index = rng.integers(-1, 30, 50).astype(np.int32)
    valid, wanted = rng.random(30) > 0.3, rng.random(50) > 0.3
    values = rng.integers(0, 2**16, 30).astype(np.uint16)
    expected = wanted & (index >= 0) & valid[index]
    mine = wanted.copy()
    keep_usable(index, valid, mine)
    np.testing.assert_array_equal(mine, expected)
    out = np.full(50, 7, np.uint16)
    gather(index, values, mine, out)
    np.testing.assert_array_equal(out, np.where(expected, values[index], 7))


def test_gather_copies_every_bit_of_a_float():
    values = np.array([np.nan, -0.0, 1e-45, np.inf], np.float32)
    out = np.zeros(4, np.float32)
    index = np.arange(4, dtype=np.int32)
    gather(index, values.view("u4"), np.ones(4, np.bool_), out.view("u4"))
    assert out.tobytes() == values.tobytes()


@given(
    gain=st.floats(-1000, 1000),
    bias=st.floats(-1000, 1000),
    limits=st.sampled_from([(0, 255), (1, 255), (1, 223)]),
    seed=st.integers(0, 10**6),
)
def test_stretch(gain, bias, limits, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 1, 40).astype(np.float32)
    values[::7] = [np.nan, np.inf, -np.inf, 1e30, -1e30, 0]
    usable = rng.random(40) > 0.2
    out = np.full(40, 99, np.uint8)
    stretch(values, usable, gain, bias, *limits, out)
    for value, good, shade in zip(values, usable, out, strict=True):
        exact = float(value) * float(np.float32(gain)) + bias
        if not good or math.isnan(exact):
            assert shade == 0
            continue
        expected = min(max(exact, limits[0]), limits[1])
        assert abs(int(shade) - expected) <= 0.5 + 1e-3 * max(1, abs(bias) * 1e-3 + abs(gain))


def triangle(nodes, first, step, shrink, values, valid, r, c):
    """One pixel of the bilinear filter, as its docstring says."""
    height, width = values.shape
    x, y = lattice_at(nodes, first, step, r, c)
    if not (0 <= x < width and 0 <= y < height):
        return None
    total = weight = possible = 0.0
    for j in range(height):
        for i in range(width):
            share = max(0.0, 1 - abs(j + 0.5 - y) / max(1, shrink[0])) * max(
                0.0, 1 - abs(i + 0.5 - x) / max(1, shrink[1])
            )
            possible += share
            if valid[j, i]:
                weight += share
                total += share * float(values[j, i])
    if weight <= 0 or weight < (0.5 - 1e-8) * possible:  # exactly half may be rounded either way
        return None
    return total / weight, weight / possible


@settings(max_examples=25, deadline=None)
@given(lattices(), st.tuples(st.floats(0.2, 4), st.floats(0.2, 4)), st.integers(0, 10**6))
def test_bilinear(lattice, shrink, seed):
    nodes, first, step, rows, columns = lattice
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 100, (20, 26)).astype(np.float32)
    valid = rng.random((20, 26)) > 0.3
    out, usable = np.zeros((rows, columns), np.float32), np.zeros((rows, columns), np.bool_)
    where = (0, 0, rows, columns)
    resample(
        nodes,
        first,
        *step,
        *where,
        *shrink,
        values[None],
        valid[None],
        out[None],
        usable[None],
        BILINEAR,
    )
    for r in range(0, rows, 5):
        for c in range(0, columns, 3):
            expected = triangle(nodes, first, step, shrink, values, valid, r, c)
            if expected is None:
                assert not usable[r, c]
            elif expected[1] > 0.5 + 1e-9:
                assert usable[r, c]
                assert out[r, c] == pytest.approx(expected[0], rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_unpredict_float(dtype):
    size = np.dtype(dtype).itemsize
    values = np.random.default_rng(0).normal(0, 1e6, (5, 9)).astype(dtype)
    planes = values.astype(f">f{size}").view(np.uint8).reshape(5, 9, size)
    planes = planes.transpose(0, 2, 1).reshape(5, 9 * size).copy()
    planes[:, 1:] -= planes[:, :-1].copy()
    out = np.empty((5, 9 * size), np.uint8)
    unpredict_float(planes, size, out)
    np.testing.assert_array_equal(out.view(dtype), values)


def test_warm_tells_how_far_it_is():
    told = []
    warm(lambda done, total: told.append((done, total)))
    assert told == [(k, len(told)) for k in range(1, len(told) + 1)]


def test_warming_up_loads_no_library_for_matrices():
    code = (
        "import sys\n"
        "from landzicht.kernels.warm import warm\n"
        "warm()\n"
        "from numba.np import linalg\n"
        "print('scipy.linalg' in sys.modules)\n"
        "linalg.ensure_blas()\n"  # numba is left as it was
        "print('scipy.linalg' in sys.modules)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "True"]


def test_compiled_code_is_kept_in_the_given_folder(tmp_path):
    """In a fresh process, as the folder must be named before numba starts."""
    code = (
        "import sys; from pathlib import Path\n"
        "from landzicht.kernels.warm import keep_compiled_in\n"
        "assert 'numba' not in sys.modules\n"
        "keep_compiled_in(Path(sys.argv[1]))\n"
        "from landzicht.kernels.nearest import gather\n"
        "import numpy as np\n"
        "a = np.zeros(3, np.uint16)\n"
        "gather(np.zeros(3, np.int32), a, np.ones(3, np.bool_), a)\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    folder = tmp_path / "kept"
    subprocess.run([sys.executable, "-c", code, str(folder)], env=environment, check=True)
    assert list(folder.rglob("*.nbc"))


def test_operator_decides_where_compiled_code_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "mine"))
    keep_compiled_in(tmp_path / "other")
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "mine")


def test_folder_that_cannot_be_made_is_no_error(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    (tmp_path / "file").write_text("")
    keep_compiled_in(tmp_path / "file" / "kept")
    assert "NUMBA_CACHE_DIR" not in os.environ
