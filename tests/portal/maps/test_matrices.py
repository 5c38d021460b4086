"""Tiles through the whole engine in every kind of grid, against pyproj on every pixel."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from pyproj import Transformer

from landzicht.errors.pixels import BadMatrixSet
from landzicht.grid import Grid
from landzicht.grid.matrix import EUROPE_LAEA, WEB_MERCATOR, matrix_set
from landzicht.kinds import Band
from landzicht.portal.maps.legends import TileSetRequest, tile_set
from landzicht.portal.maps.matrices import FOLDER
from landzicht.portal.maps.tiles import TileRequest, tile
from landzicht.portal.maps.view import View
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection

SIDE = 700
RED = Band(name="B04", dtype="uint16", nodata=0, scale=0.0001, unit="1")
COLLECTION = make_collection("polder", bands=(RED,), resolution_m=10)
VIEW = View(assets=("B04",))
GRIDS = {
    "utm": Grid(
        crs="EPSG:32631",
        transform=Affine(10, 0, 640_000, 0, -10, 5_774_000),
        height=SIDE,
        width=SIDE,
    ),
    "rd": Grid(
        crs="EPSG:28992", transform=Affine(5, 0, 130_000, 0, -5, 460_000), height=SIDE, width=SIDE
    ),
    "degrees": Grid(
        crs="EPSG:4326", transform=Affine(1e-4, 0, 5.1, 0, -1e-4, 52.1), height=SIDE, width=SIDE
    ),
}
NAMES = (
    "WebMercatorQuad",
    "WorldCRS84Quad",
    "NetherlandsRDNewQuad",
    "EuropeanETRS89_LAEAQuad",
    "UTM31WGS84Quad",
    "UTM32WGS84Quad",
)


@pytest.fixture(scope="module", params=GRIDS)
def stored(request, tmp_path_factory):
    """A portal with one scene in one system, its grid, and its pixels."""
    grid = GRIDS[request.param]
    services = make_services(tmp_path_factory.mktemp("matrices"))
    values = np.random.default_rng(3).integers(1, 6000, (SIDE, SIDE)).astype("uint16")
    values[200:260, 100:500] = 0
    scene = store_scene(services, "polder", "s", grid, {"B04": (values, RED)})
    services.catalog.put([COLLECTION], [scene])
    return services, grid, values


def over_the_middle(matrix, grid):
    """Address of a tile whose pixels are a little smaller than those of the file."""
    x, y = grid.transform @ (SIDE / 2, SIDE / 2)
    there = Transformer.from_crs(grid.crs, matrix.crs, always_xy=True)
    (x0, x1), (y0, y1) = there.transform([x, x + grid.resolution[0]], [y, y])
    wanted = np.hypot(x1 - x0, y1 - y0)
    z = matrix.min_zoom
    while matrix.resolution(z) > wanted:
        z += 1
    side = matrix.resolution(z) * 256
    return {"z": z, "x": int((x0 - matrix.left) / side), "y": int((matrix.top - y0) / side)}


def brute(target, grid, values):
    across, down = np.meshgrid(np.arange(target.width) + 0.5, np.arange(target.height) + 0.5)
    xs, ys = target.transform @ (across, down)
    if target.crs != grid.crs:
        xs, ys = Transformer.from_crs(target.crs, grid.crs, always_xy=True).transform(xs, ys)
    columns, rows = (np.floor(part).astype(int) for part in ~grid.transform @ (xs, ys))
    inside = (columns >= 0) & (rows >= 0) & (columns < SIDE) & (rows < SIDE)
    found = values[rows.clip(0, SIDE - 1), columns.clip(0, SIDE - 1)].astype(float)
    return np.where(inside & (found != 0), found, np.nan)


@pytest.mark.parametrize("name", NAMES)
def test_tiles_are_those_of_pyproj_on_every_pixel(stored, name):
    """At most 0.2 % of the pixels may differ, each by one source pixel."""
    services, grid, values = stored
    matrix = matrix_set(name)
    where = over_the_middle(matrix, grid)
    wanted = TileRequest(
        collection="polder", matrix=name, **where, ending="npy", raw=True, view=VIEW
    )
    planes = np.load(io.BytesIO(tile(services, wanted).content))
    truth = brute(matrix.tile(**where), grid, values)
    assert np.isfinite(truth).mean() > 0.2
    same = (planes[0] == truth) | (np.isnan(planes[0]) & np.isnan(truth))
    assert (~same).mean() <= 0.002


@pytest.mark.parametrize("name", NAMES)
def test_every_first_tile_is_answered(stored, name):
    """Far outside a projection's area nothing may break: such tiles show the scene or nothing."""
    services, grid, _ = stored
    matrix = matrix_set(name)
    z = matrix.min_zoom
    shown = set()
    for zoom in (z, z + 1):
        across, down = matrix.count(zoom)
        for x in range(across):
            for y in range(down):
                wanted = TileRequest(
                    collection="polder",
                    matrix=name,
                    z=zoom,
                    x=x,
                    y=y,
                    ending="png",
                    view=replace(VIEW, rescale=((0.0, 1.0),)),
                )
                picture = tile(services, wanted)
                assert picture.content.startswith(b"\x89PNG")
                shown.update(picture.scenes)
    assert shown <= {"s"}
    assert grid.crs


# ---------------------------------------------------------------------- of the operator


def mine(folder, told):
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    (place / "mine.json").write_text(told)


def test_a_set_of_the_operator_serves_tiles(tmp_path):
    told = EUROPE_LAEA.as_dict() | {"id": "Mine", "title": "My own"}
    told.pop("uri")
    mine(tmp_path, json.dumps(told))
    services = make_services(tmp_path)
    grid = GRIDS["utm"]
    values = np.random.default_rng(3).integers(1, 6000, (SIDE, SIDE)).astype("uint16")
    scene = store_scene(services, "polder", "s", grid, {"B04": (values, RED)})
    services.catalog.put([COLLECTION], [scene])
    where = over_the_middle(EUROPE_LAEA, grid)
    contents = [
        tile(
            services,
            TileRequest(collection="polder", matrix=name, **where, ending="npy", view=VIEW),
        ).content
        for name in ("Mine", EUROPE_LAEA.id)
    ]
    assert contents[0] == contents[1]
    assert tile_set(
        services, TileSetRequest(collection="polder", view=replace(VIEW, rescale=((0, 1),)))
    )


@pytest.mark.parametrize(
    "told",
    ["", "{", "[" * 100_000, json.dumps(WEB_MERCATOR.as_dict()), json.dumps({"id": "x"})],
    ids=["empty", "cut", "deep", "name taken", "nothing in it"],
)
def test_a_bad_file_is_named_at_start(tmp_path, told):
    mine(tmp_path, told)
    with pytest.raises(BadMatrixSet) as found:
        make_services(tmp_path)
    for language in ("nl", "en"):
        assert "mine.json" in found.value.say(language)
