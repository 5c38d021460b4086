"""The short way to a tile gives what the long way gives, and what is remembered stays true."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from landzicht.errors.catalogue import UnknownCollection
from landzicht.grid import Bounds, Grid
from landzicht.grid.matrix import WEB_MERCATOR
from landzicht.grid.place import world_boxes
from landzicht.kinds import Band, Collection
from landzicht.portal import memory
from landzicht.portal.maps import finish
from landzicht.portal.maps.tiles import TileRequest, tile
from landzicht.portal.maps.view import View
from landzicht.portal.scenes import Selection, find_scenes
from landzicht.rules import Decision
from landzicht.testing.pixels import JUNE, make_services, store_scene
from landzicht.text import Text

SIDE = 600
GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 640_000, 0, -10, 5_774_000), height=SIDE, width=SIDE
)
NAME = Text(nl="Proef", en="Test")
KEYS = ("B04", "B03", "B08")
BANDS = {key: Band(name=key, dtype="uint16", nodata=0, scale=1e-4, offset=-0.1) for key in KEYS}
ABOUT = Collection(id="polder", title=NAME, description=NAME, bands=tuple(BANDS.values()))
VIEWS = {
    "rgb": View(assets=KEYS, rescale=((0.0, 0.5),)),
    "ndvi": View(expression="(B08-B04)/(B08+B04)", rescale=((-1, 1),)),
}


def scene(services, id, *, hole=None, days=0, shift=0.0):
    bands = {}
    for number, (key, band) in enumerate(BANDS.items()):
        chance = np.random.default_rng(number + 10 * days)
        values = chance.integers(1001, 6000, (SIDE, SIDE)).astype("uint16")
        if hole is not None:
            values[hole] = 0
        bands[key] = (values, band)
    grid = Grid(
        crs=GRID.crs,
        transform=Affine.translation(shift, 0) @ GRID.transform,
        height=SIDE,
        width=SIDE,
    )
    moment = JUNE + timedelta(days=days)
    return store_scene(services, "polder", id, grid, bands, moment=moment)


def address(z, at=(0.5, 0.5)):
    x, y = GRID.transform @ (SIDE * at[0], SIDE * at[1])
    x, y = Transformer.from_crs(GRID.crs, 3857, always_xy=True).transform(x, y)
    side = WEB_MERCATOR.side / 2**z
    return {
        "z": z,
        "x": int((x - WEB_MERCATOR.left) / side),
        "y": int((WEB_MERCATOR.top - y) / side),
    }


def counted(monkeypatch):
    """Count how often the short way was enough."""
    real, found = finish.quick, []

    def quick(*args):
        found.append(real(*args))
        return found[-1]

    monkeypatch.setattr(finish, "quick", quick)
    return found


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("z", [11, 13, 15])
@pytest.mark.parametrize("hole", [None, np.s_[270:300, 200:310]], ids=["full", "hole"])
def test_one_scene(tmp_path, monkeypatch, ending, view, z, hole):
    services = make_services(tmp_path)
    services.catalog.put([ABOUT], [scene(services, "one", hole=hole)])
    wanted = TileRequest(collection="polder", ending=ending, view=VIEWS[view], **address(z))
    ways = counted(monkeypatch)
    short = tile(services, wanted)
    assert ways[0] is not None
    monkeypatch.setattr(finish, "quick", lambda *_: None)
    other = make_services(tmp_path)
    assert tile(other, wanted).content == short.content
    assert short.scenes == ("one",)


KERNELS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_quick import ABOUT, VIEWS, TileRequest, address, make_services, np, scene, tile
from landzicht.kernels import huffman, nearest, shade
from landzicht.kernels.warm import warm

warm()
kernels = [shade.shade_three, shade.shade_ratio, nearest.index_map]
kernels += [huffman.filter_up, huffman.pack]
before = [len(kernel.signatures) for kernel in kernels]
services = make_services(Path(sys.argv[2]))
services.catalog.put([ABOUT], [scene(services, "one", hole=np.s_[270:300, 200:310])])
for view in VIEWS.values():
    for z in (11, 13, 15, 16):
        tile(services, TileRequest(collection="polder", view=view, **address(z)))
print(before == [len(kernel.signatures) for kernel in kernels])
"""


def test_warming_up_compiles_what_tiles_need(tmp_path):
    """Nothing is compiled once more because arrays differ in what numba takes for a type."""
    command = [sys.executable, "-c", KERNELS, str(Path(__file__).parent), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_holes_are_filled_by_the_long_way(tmp_path, monkeypatch):
    services = make_services(tmp_path)
    new = scene(services, "new", hole=np.s_[200:400, 200:400], days=5)
    services.catalog.put([ABOUT], [scene(services, "old"), new])
    ways = counted(monkeypatch)
    found = tile(services, TileRequest(collection="polder", view=VIEWS["rgb"], **address(13)))
    assert ways == [None]
    assert found.scenes == ("new", "old")
    corner = address(16, (0.2, 0.2))
    found = tile(services, TileRequest(collection="polder", view=VIEWS["rgb"], **corner))
    assert ways[1] is not None
    assert found.scenes == ("new",)


def test_a_new_scene_is_seen_at_once(tmp_path):
    services = make_services(tmp_path)
    services.catalog.put([ABOUT], [scene(services, "old")])
    wanted = TileRequest(collection="polder", view=VIEWS["rgb"], **address(13))
    before = tile(services, wanted)
    services.catalog.put([], [scene(services, "new", days=3)])
    after = tile(services, wanted)
    assert (before.scenes, after.scenes) == (("old",), ("new",))
    assert before.etag != after.etag


def test_a_refusal_is_not_forgotten(tmp_path):
    class No:
        says = None

        def judge(self, _use, _collection):
            return self.says

    rule = No()
    services = make_services(tmp_path, (rule,))
    services.catalog.put([ABOUT], [scene(services, "one")])
    wanted = TileRequest(collection="polder", view=VIEWS["rgb"], **address(13))
    assert tile(services, wanted).scenes == ("one",)
    rule.says = Decision(False, NAME)
    with pytest.raises(UnknownCollection):
        tile(services, wanted)


@pytest.mark.parametrize("most", [32, 2])
def test_scenes_of_a_wider_area_are_those_of_the_tile(tmp_path, most):
    services = make_services(tmp_path)
    made = [scene(services, f"s{n}", days=n, shift=4_000.0 * n) for n in range(4)]
    services.catalog.put([ABOUT], made)
    object.__setattr__(services.settings, "max_scenes_per_tile", most)
    version = services.catalog.version("polder")
    for at in np.linspace(0, 3, 13):
        target = WEB_MERCATOR.tile(**address(14, (at, 0.5)))
        boxes = world_boxes(target)
        selection = Selection()
        found = memory.recall_scenes(services, ABOUT, version, selection, boxes)
        exact = find_scenes(services, ABOUT, selection, boxes)
        assert [each.id for each in exact] == [
            each.id for each in found if each.id in {one.id for one in exact}
        ]
        if most == 2:
            assert found == exact


degrees = st.floats(-180, 180, allow_nan=False)


@given(degrees, degrees, degrees, st.floats(0, 3))
def test_boxes_across_the_antimeridian(west, east, left, wide):
    scene_box, box = Bounds(west, 0, east, 1), Bounds(left, 0, min(left + wide, 180), 1)
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    expected = any(a <= box.east and box.west <= b for a, b in spans)
    assert memory._meet(scene_box, box) == expected


@given(
    st.floats(-180, 179, allow_subnormal=False),
    st.floats(-90, 89, allow_subnormal=False),
    st.floats(1e-5, 1),
    st.floats(1e-5, 1),
)
def test_a_wider_area_holds_the_tile(west, south, wide, tall):
    box = Bounds(west, south, west + wide, south + tall)
    around = memory._around(box)
    assert around.west <= box.west
    assert around.south <= box.south
    assert around.east >= min(box.east, 180)
    assert around.north >= min(box.north, 90)
