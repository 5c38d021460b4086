"""Filters from one system into another: against pyproj on every pixel, and against GDAL's warp.

The twin knows no lattice and no common size of pixels: where a target pixel lies, and how large it
is in the source, comes from pyproj for each pixel alone. What is found here stands in
`docs/rooms/blocks.md`.
"""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import pytest
from affine import Affine
from pyproj import Transformer

from landzicht.blocks.resample import resampled
from landzicht.formats.gdal import load_rasterio
from landzicht.grid import Grid
from landzicht.grid.matrix import matrix_set
from landzicht.grid.reads import plan_reads
from landzicht.kinds import Band, BandKind, Block

SIDE, PIXEL = 3_200, 10
UTM = "EPSG:32631"
FULL = Grid(
    crs=UTM, transform=Affine(PIXEL, 0, 640_000, 0, -PIXEL, 5_790_000), height=SIDE, width=SIDE
)
MIDDLE = (656_000, 5_774_000)
AMOUNT = SimpleNamespace(band=Band(name="B04", dtype="uint16", nodata=0))
CODES = SimpleNamespace(
    band=Band(name="code", dtype="uint8", nodata=255, kind=BandKind.CATEGORICAL)
)
KINDS = ("bilinear", "cubic", "average", "mode")
CASES = [
    *(("WebMercatorQuad", z, True) for z in (10, 11, 12, 13)),
    *(("WebMercatorQuad", z, False) for z in (11, 12)),
    ("NetherlandsRDNewQuad", 8, True),
    ("NetherlandsRDNewQuad", 10, True),
]
"""Tile matrix set, zoom, and whether the file has overviews; without, many pixels become one."""
MOST_OFF = {8: 0.01, 10: 4.0, 11: 1.0, 12: 0.3, 13: 0.2}
"""Of amounts of 1,500 to 4,900, by zoom: a tile of zoom 10 is 24 km high, and the size of
its middle pixel is taken for all."""
FROM_GDAL = {
    ("WebMercatorQuad", 10, True): (75.0, 0.28),
    ("WebMercatorQuad", 12, False): (25.0, 0.03),
    ("WebMercatorQuad", 13, True): (14.0, 0.05),
    ("NetherlandsRDNewQuad", 8, True): (10.0, 0.04),
}
"""99.9 % of the amounts, whose standard deviation is 600 to 800, are as close to GDAL's; and this
share of codes is another."""


def halved(values, codes):
    if codes:
        return values[::2, ::2]
    return values.reshape(values.shape[0] // 2, 2, values.shape[1] // 2, 2).mean((1, 3)).round()


@lru_cache
def pyramid(*, codes):
    """Full size and overviews of fields with noise, or of codes in patches."""
    rng = np.random.default_rng(4)
    if codes:
        small = rng.integers(0, 3, (SIDE // 16, SIDE // 16))
        small[rng.random(small.shape) < 0.1] = 7
        values = small.repeat(16, 0).repeat(16, 1).astype(np.float64)
    else:
        down, across = np.mgrid[0:SIDE, 0:SIDE]
        values = 3000 + 1500 * np.sin(down / 11) * np.cos(across / 9)
        values = np.floor(values + rng.integers(0, 400, values.shape))
    found = [values]
    while len(found) < 4:
        found.append(halved(found[-1], codes))
    return found


def grid_of(level):
    transform = FULL.transform @ Affine.scale(2**level, 2**level)
    return Grid(crs=UTM, transform=transform, height=SIDE >> level, width=SIDE >> level)


class Arrays:
    """Implements `ports.Reader` over arrays."""

    def __init__(self, levels):
        self.arrays = levels

    def levels(self, _):
        return tuple(grid_of(level) for level in range(len(self.arrays)))

    def read(self, asset, level, window):
        rows = slice(window.row, window.stop_row)
        values = self.arrays[level][rows, window.column : window.stop_column][None]
        part = grid_of(level).crop(window)
        valid = np.ones(values.shape, np.bool_)
        return Block(values=values, valid=valid, grid=part, bands=(asset.band,))


@lru_cache
def moving(source, target):
    return Transformer.from_crs(source, target, always_xy=True)


def tile(name, z):
    """The tile in whose middle third the middle of the image lies, or nearly."""
    matrix = matrix_set(name)
    x, y = moving(UTM, matrix.crs).transform(*MIDDLE)
    side = matrix.side / 2 ** (z - matrix.min_zoom)
    return matrix.tile(z, int((x - matrix.left) / side), int((matrix.top - y) / side), 256)


@lru_cache
def places(target, level):
    """Position and size in a level of every target pixel, `(y, x)` each, by pyproj."""
    inverse = ~grid_of(level).transform

    def at(down, across):
        xs = target.transform.a * across + target.transform.c
        ys = target.transform.e * down + target.transform.f
        xs, ys = moving(target.crs, UTM).transform(xs, ys)
        return inverse.a * np.asarray(xs) + inverse.c, inverse.e * np.asarray(ys) + inverse.f

    down, across = np.mgrid[: target.height, : target.width] + 0.5
    x, y = at(down, across)
    (left, up), (right, low) = at(down, across - 0.5), at(down, across + 0.5)
    (west, top), (east, bottom) = at(down - 0.5, across), at(down + 0.5, across)
    size_x = np.hypot(right - left, east - west)
    size_y = np.hypot(low - up, bottom - top)
    return (y, size_y), (x, size_x)


def keys(d):
    """The cubic of Keys (1981) with a = -1/2."""
    d = np.abs(d)
    near, far = (1.5 * d - 2.5) * d * d + 1, ((-0.5 * d + 2.5) * d - 4) * d + 2
    return np.where(d < 1, near, np.where(d < 2, far, 0))


def weights(at, size, kind, length):
    """First source pixel, and the weight of it and those behind it, `(n,)` and `(n, k)`."""
    wide = np.maximum(size, 1)
    reach = {"bilinear": wide, "cubic": 2 * wide}.get(kind, size / 2)
    first = np.floor(at - reach.max()).astype(int) - 1
    pixel = first[:, None] + np.arange(int(2 * reach.max()) + 4)
    off = pixel + 0.5 - at[:, None]
    if kind == "bilinear":
        found = np.maximum(0, 1 - np.abs(off) / wide[:, None])
    elif kind == "cubic":
        found = keys(off / wide[:, None])
    else:
        high = np.minimum(pixel + 1, (at + reach)[:, None])
        found = np.maximum(0, high - np.maximum(pixel, (at - reach)[:, None]))
    found[(pixel < 0) | (pixel >= length)] = 0
    return np.clip(pixel, 0, length - 1), found


def shares(target, level, kind, chosen):
    """Rows and columns `(n, k)` around chosen target pixels, and their weights `(n, k, k)`."""
    (y, size_y), (x, size_x) = places(target, level)
    length = SIDE >> level
    rows, down = weights(y.ravel()[chosen], size_y.ravel()[chosen], kind, length)
    columns, across = weights(x.ravel()[chosen], size_x.ravel()[chosen], kind, length)
    whole = down[:, :, None] * across[:, None, :]
    return rows, columns, whole / whole.sum((1, 2), keepdims=True)


def inside(target, level, margin):
    (y, _), (x, _) = places(target, level)
    length = SIDE >> level
    return (x > margin) & (y > margin) & (x < length - margin) & (y < length - margin)


def made(name, z, kind, *, overviews):
    """Our tile, its target, the level it was made of and where it has values."""
    codes = kind == "mode"
    arrays = pyramid(codes=codes)[: 4 if overviews else 1]
    reader, target = Arrays(arrays), tile(name, z)
    plans = plan_reads(reader.levels(None), target, smooth=True)
    assert len(plans) == 1
    asset = CODES if codes else AMOUNT
    ((values, valid),) = resampled(reader, [asset], plans, target.shape, (kind, {}))
    well = inside(target, plans[0].level, 4 * max(1.0, *plans[0].shrink))
    assert valid[well].all()
    assert well.mean() > 0.2
    return values, target, plans[0], well


@pytest.mark.parametrize(("name", "z", "overviews"), CASES)
@pytest.mark.parametrize("kind", KINDS)
def test_filters_are_what_pyproj_says_of_every_pixel(name, z, overviews, kind):
    values, target, plan, well = made(name, z, kind, overviews=overviews)
    chosen = np.flatnonzero(well)
    chosen = np.random.default_rng(z).permutation(chosen)[:1_000]
    rows, columns, share = shares(target, plan.level, kind, chosen)
    source = pyramid(codes=kind == "mode")[plan.level][rows[:, :, None], columns[:, None, :]]
    mine = values.ravel()[chosen]
    if kind == "mode":
        heavy = np.stack([(share * (source == code)).sum((1, 2)) for code in (0, 1, 2, 7)])
        got = (share * (source == mine[:, None, None])).sum((1, 2))
        assert (heavy.max(axis=0) - got).max() <= 1e-3  # a tie, but for where pixels lie
        return
    off = np.abs(mine - (share * source).sum((1, 2)))
    assert np.quantile(off, 0.99) <= MOST_OFF[z] / 2
    assert off.max() <= MOST_OFF[z]


@pytest.mark.parametrize(("name", "z", "overviews"), FROM_GDAL)
@pytest.mark.parametrize("kind", KINDS)
def test_filters_are_close_to_those_of_gdal(name, z, overviews, kind):
    """GDAL is told how large pixels are: it would take the box around them, which is larger."""
    from rasterio.warp import reproject

    values, target, plan, well = made(name, z, kind, overviews=overviews)
    out = np.zeros(target.shape)
    resampling = load_rasterio().enums.Resampling[kind]
    reproject(
        pyramid(codes=kind == "mode")[plan.level], out, src_crs=UTM, dst_crs=target.crs,
        src_transform=grid_of(plan.level).transform, dst_transform=target.transform,
        dst_nodata=-1, resampling=resampling, tolerance=0,
        XSCALE=1 / plan.shrink[1], YSCALE=1 / plan.shrink[0],
    )  # fmt: skip
    off = np.abs(values - out)[well]
    amount, codes = FROM_GDAL[name, z, overviews]
    if kind == "mode":
        assert (off > 0).mean() <= codes
    else:
        assert np.quantile(off, 0.999) <= amount
