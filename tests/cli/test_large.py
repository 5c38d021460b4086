"""An image of 300 million pixels from the command line: stopped half-way, it ends at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from landzicht.formats.gdal import load_rasterio
from landzicht.testing.photos import HALF_METRE

SIDE = 17_000
SIGNALS = [(signal.SIGTERM, 143)]
if os.environ.get("LANDZICHT_SOAK"):
    SIGNALS += [(signal.SIGINT, 130)]


def sparse(path: Path) -> Path:
    """One band of mostly nothing, beyond the size from which on work is kept."""
    rasterio = load_rasterio()
    profile = {"driver": "GTiff", "count": 1, "height": SIDE, "width": SIDE, "dtype": "uint8"}
    profile |= {"crs": "EPSG:28992", "transform": HALF_METRE, "tiled": True}
    with rasterio.open(path, "w", SPARSE_OK=True, **profile) as target:
        noise = np.random.default_rng(0).integers(1, 250, (1, 512, 512)).astype(np.uint8)
        for row in range(0, SIDE - 512, 1024):
            target.write(noise, window=rasterio.windows.Window(row, row, 512, 512))
    return path


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_stopped_in_the_middle_it_ends_at_once_and_keeps_its_work(tmp_path, number, code) -> None:
    source, data = sparse(tmp_path / "photo-20250601.tif"), tmp_path / "data"
    program = "from landzicht.cli.main import main; main()"
    command = [sys.executable, "-c", program, "ingest", str(source), "--data", str(data)]
    run = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, "LANG": "en"}
    )
    work = data / "files" / ".incoming"
    end = time.monotonic() + 120
    while not list(work.glob("large-*/0.tif.work/state")):
        assert time.monotonic() < end
        assert run.poll() is None
        time.sleep(0.05)
    run.send_signal(number)
    started = time.monotonic()
    _, said = run.communicate(timeout=60)
    assert time.monotonic() - started < 20
    assert run.returncode == code
    assert "goes on where it was" in said
    with np.load(next(work.glob("large-*/0.tif.work/state"))) as state:
        assert int(state["row"]) >= 4096
    assert not list((data / "files").glob("??/*.tif"))
