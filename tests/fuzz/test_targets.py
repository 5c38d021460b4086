"""Any bytes at the doors: never a crash, never beyond the memory, never for ever.

Hypothesis changes honest files in every run; atheris, where it is installed, chooses the bytes by
what they reach: for seconds in every run, for ten minutes a target under LANDZICHT_SOAK. What it
found once stands below as cases.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
from functools import lru_cache
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from landzicht.testing.fuzzing import MOST_BYTES, TARGETS

SECONDS = 600 if os.environ.get("LANDZICHT_SOAK") else 5
FOUND = {
    # The C decoder of LZW wrote beyond its memory.
    "block": [b"\x0cY\x08\x08\x00\x00y:\x00\x01\x00,\x00"],
    # A wrong checksum came out as an error of the library's own.
    "growing": ["checksum"],
}


@lru_cache
def seeds(name):
    return tuple(TARGETS[name].seeds())


@pytest.mark.parametrize("name", TARGETS)
def test_honest_bytes_come_through(name):
    for seed in seeds(name):
        TARGETS[name].run(seed)


@st.composite
def attacks(draw, name):
    """An honest file with bytes changed, cut out and put in, mostly near its begin."""
    content = bytearray(draw(st.sampled_from(seeds(name))))
    for _ in range(draw(st.integers(0, 8))):
        last = max(0, len(content) - 1)
        place = draw(st.integers(0, min(last, 300)) | st.integers(0, last))
        way = draw(st.integers(0, 3))
        if way == 0:
            del content[place : place + draw(st.integers(1, 40))]
        elif way == 1:
            content[place:place] = draw(st.binary(max_size=16))
        elif content:
            content[place] = draw(st.integers(0, 255))
    return bytes(content)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", TARGETS)
def test_changed_bytes_do_no_harm(name):
    @settings(
        max_examples=2000 if os.environ.get("LANDZICHT_SOAK") else 60,
        deadline=20_000,
        suppress_health_check=list(HealthCheck),
    )
    @given(attacks(name) | st.binary(max_size=200))
    @example(b"")
    def run(content):
        tracemalloc.start()
        try:
            TARGETS[name].run(content)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert most < MOST_BYTES

    run()


@pytest.mark.parametrize(
    ("name", "content"), [(name, content) for name, found in FOUND.items() for content in found]
)
def test_what_was_found_once_stays_found(name, content):
    if content == "checksum":
        for seed in seeds(name):
            TARGETS[name].run(seed[:-1] + bytes([seed[-1] ^ 1]))
        return
    for _ in range(20_000):  # memory that was overwritten shows when it is used again
        TARGETS[name].run(content)


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", TARGETS)
def test_coverage_guided(name, tmp_path):
    """In a process of its own: a crash there is a failure here, with the bytes that made it."""
    command = [
        sys.executable,
        "-m",
        "landzicht.testing.fuzzing",
        name,
        str(SECONDS),
        str(tmp_path / "c"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    left = [file.read_bytes()[:200] for file in tmp_path.glob(f"{name}-*")]
    assert done.returncode == 0, f"{left}\n{done.stderr[-3000:]}"
