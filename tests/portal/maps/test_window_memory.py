"""The largest windows that are made take a bounded amount of memory beside their answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

SCRIPT = """
import json, sys
from pathlib import Path
import numpy as np
from affine import Affine
from landzicht.blocks.heap import give_back
from landzicht.grid import Bounds, Grid
from landzicht.kinds import Band, Collection
from landzicht.portal.maps.view import View
from landzicht.portal.maps.windows import WindowRequest, window
from landzicht.testing.pixels import make_services, store_scene
from landzicht.text import Text

SIDE = 3_900
place = {"crs": "EPSG:32631", "transform": Affine(10, 0, 600_000, 0, -10, 5_700_000)}
band = Band(name="B04", dtype="uint16", nodata=0)
name = Text(nl="Proef", en="Test")
services = make_services(Path(sys.argv[1]))
values = (np.arange(SIDE)[:, None] // 8 + np.arange(SIDE) // 4 + 1).astype("uint16")
grid = Grid(**place, height=SIDE, width=SIDE)
scene = store_scene(services, "large", "one", grid, {"B04": (values, band)})
about = Collection(id="large", title=name, description=name, bands=(band,))
services.catalog.put([about], [scene])
del values
view = View(assets=("B04",), rescale=((0.0, 4_000.0),), colormap="viridis")
box = Bounds(600_000, 5_700_000 - 10 * SIDE, 600_000 + 10 * SIDE, 5_700_000)

def held(what):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(x for x in lines if x.startswith(what)).split()[1]) / 1000

told = {}
for ending in ("png", "npy", "tif"):
    for size in (500, SIDE):  # the first brings what is only needed once
        services.reader.clear()
        give_back(0)
        Path("/proc/self/clear_refs").write_text("5")
        before = held("VmRSS")
        wanted = WindowRequest(
            collection="large", box=box, crs=grid.crs, out_crs=grid.crs, height=size, width=size,
            ending=ending, view=view,
        )
        content = window(services, wanted).content
        told[ending] = [held("VmHWM") - before, len(content) / 1e6]
        del content
print(json.dumps(told))
"""
MOST = {"png": 330, "npy": 510, "tif": 430}
"""MB at the highest, with 16 million pixels: numbers, their validity and places, and the answer."""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="no Linux")
def test_sixteen_million_pixels(tmp_path):
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, check=True)
    told = orjson.loads(done.stdout)
    assert told.keys() == MOST.keys()
    assert told["npy"][1] > 120
    for ending, (peak, _) in told.items():
        assert peak < MOST[ending], told
