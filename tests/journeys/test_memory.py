"""A random walk over maps in six formats stays within the memory that the documentation tells."""

from __future__ import annotations

import os
import subprocess
import sys

import orjson
import pytest

from landzicht.testing.walk import ALLOWED_MB, BLOCKS_MB, PICTURES_MB

SOAK = bool(os.environ.get("LANDZICHT_SOAK"))
TILES, SIDE = (10_000, 4_096) if SOAK else (400, 1_024)


def walk(folder):
    command = [sys.executable, "-m", "landzicht.testing.walk", str(folder), str(TILES), str(SIDE)]
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(7_200)
def test_a_random_walk_stays_within_its_memory(tmp_path):
    walk(tmp_path)  # makes the images
    told = orjson.loads(walk(tmp_path))
    curve = told["curve_mb"]
    assert told["refused"] == 0
    assert told["routes"]["own"] > told["routes"]["gdal"] > 0
    assert told["cache"]["bytes"] <= BLOCKS_MB * 1_000_000
    assert told["highest_mb"] <= BLOCKS_MB + PICTURES_MB + ALLOWED_MB, curve
    half = len(curve) // 2
    assert max(curve[half:]) <= max(curve[:half]) + 60, curve  # it does not grow with time
