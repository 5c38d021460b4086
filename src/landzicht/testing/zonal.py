"""Images in memory, parcels of every form, and what exactextract says of them: for exactness."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
import shapely.affinity
from affine import Affine

from landzicht.grid import Grid
from landzicht.kinds import Asset, Band, Block
from landzicht.runners import Inline
from landzicht.series.plan import overpasses
from landzicht.series.run import measure
from landzicht.series.shapes import parcels_of
from landzicht.series.statistics import Statistics, parse_statistics
from landzicht.testing.scenes import make_scene

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from landzicht.grid import Window
    from landzicht.kinds import Scene
    from landzicht.ports import Runner
    from landzicht.series.plan import Question
    from landzicht.series.run import Measured

UTM31 = "EPSG:32631"
START = datetime(2025, 5, 1, 10, 30, tzinfo=UTC)
STATISTICS = parse_statistics(["count", "mean", "std", "min", "max", "median", "p10", "p90"])
"""All kinds of statistics …"""
OPS = ("count", "mean", "stdev", "min", "max", "median", "quantile(q=0.1)", "quantile(q=0.9)")
"""… what exactextract calls them …"""
KEYS = ("count", "mean", "stdev", "min", "max", "median", "quantile_10", "quantile_90")
"""… and its answers."""


@dataclass(frozen=True, slots=True)
class Arrays:
    """A reader of arrays in memory, by address of the asset."""

    images: Mapping[str, NDArray[Any]]
    """`(y, x)`, stored numbers."""

    def levels(self, asset: Asset) -> tuple[Grid, ...]:
        """See `Reader.levels`."""
        return (asset.grid,)

    def read(self, asset: Asset, level: int, window: Window) -> Block:
        """See `Reader.read`; it must lie inside the image."""
        assert level == 0
        rows = slice(window.row, window.stop_row)
        values = self.images[asset.href][rows, window.column : window.stop_column]
        assert values.shape == (window.height, window.width), "reads outside the image"
        valid = values != asset.band.nodata
        grid = asset.grid.crop(window)
        return Block(values=values[None], valid=valid[None], grid=grid, bands=(asset.band,))


def grid_at(x: float, y: float, size: int = 200, step: float = 10.0, crs: str = UTM31) -> Grid:
    """Return a square grid with its upper-left corner at a place."""
    return Grid(crs=crs, transform=Affine(step, 0, x, 0, -step, y), height=size, width=size)


def asset_on(grid: Grid, key: str, href: str, **band: Any) -> Asset:
    """Return an asset of an image in memory; without more its numbers are those of `physical`."""
    told: dict[str, Any] = {"dtype": "float64", "nodata": 0, "scale": 1e-4, "offset": -0.1} | band
    named = Band(name=key, **told)
    return Asset(key=key, href=href, band=named, grid=grid, size=1, sha256="0" * 64)


def image(seed: int, size: int = 200) -> NDArray[np.float64]:
    """Return numbers, a tenth of them nodata, of which no two others are equal.

    exactextract merges equal ones in its percentiles.
    """
    made = np.random.default_rng(seed)
    values = made.uniform(1001, 9000, (size, size))
    values[made.random((size, size)) < 0.1] = 0
    return values


def physical(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return what stored numbers of `asset_on` mean, NaN for nodata."""
    return np.where(values == 0, np.nan, values * 1e-4 - 0.1)


def scene_of(id: str, assets: Sequence[Asset], day: int = 0, minutes: int = 0) -> Scene:
    """Return a scene with these assets, some days and minutes after the first."""
    moment = START + timedelta(days=day, minutes=minutes)
    return make_scene(id, moment=moment, assets={asset.key: asset for asset in assets})


def some_shapes(grid: Grid, count: int = 25, seed: int = 3) -> list[Any]:
    """Return turned boxes, with holes, of two parts, slivers and crumbs, well inside a grid."""
    made = np.random.default_rng(seed)
    bounds = grid.bounds
    shapes = []
    for number in range(count):
        x = made.uniform(bounds.west + 300, bounds.east - 300)
        y = made.uniform(bounds.south + 300, bounds.north - 300)
        wide, tall = made.uniform(3, 180, 2)
        if number % 5 == 3:
            tall = 0.4  # a sliver, thinner than a pixel
        if number % 5 == 4:
            wide, tall = 2.0, 1.5  # a crumb in one pixel
        whole = shapely.box(x, y, x + wide, y + tall)
        shape = shapely.affinity.rotate(whole, made.uniform(0, 90))
        if number % 5 == 1:
            shape = shape.difference(shape.centroid.buffer(min(wide, tall) / 4))
        if number % 5 == 2:
            shape = shape.union(shapely.affinity.translate(shape, 60, -75))
        shapes.append(shape)
    return shapes


def measured(  # noqa: PLR0913 - a test says only what is special about it
    shapes: Sequence[Any],
    scenes: Sequence[Scene],
    images: Mapping[str, NDArray[Any]],
    question: Question,
    *,
    crs: str = UTM31,
    wanted: Statistics = STATISTICS,
    runner: Runner | None = None,
) -> list[Measured]:
    """Return what we say of shapes, for each overpass."""
    flat = np.empty(len(shapes), object)
    flat[:] = shapes
    parcels = parcels_of([f"p{number}" for number in range(len(shapes))], flat, crs)
    tools = (Arrays(images), runner or Inline())
    return list(measure(parcels, overpasses(scenes, question), question, wanted, tools))


def exactly(
    values: NDArray[np.float64],
    grid: Grid,
    shapes: Sequence[Any],
    ops: Sequence[str] = OPS,
    keys: Sequence[str] = KEYS,
) -> NDArray[np.float64]:
    """Return what exactextract says of shapes `(shape, op)`; NaN where it has nothing, count 0."""
    rows = _extract(values, grid, shapes, ops)
    told = np.array([[row.get(key) for key in keys] for row in rows], np.float64)
    if "count" in keys:
        place = keys.index("count")
        told[np.isnan(told[:, place]), place] = 0
    return told


def pixels_exactly(
    values: NDArray[np.float64], grid: Grid, shape: Any
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return values `(pixel,)` under a shape, and the share of each in it, by exactextract."""
    (row,) = _extract(values, grid, [shape], ["values", "coverage"])
    found, share = (np.asarray(row[key], np.float64) for key in ("values", "coverage"))
    usable = np.isfinite(found)
    return found[usable], share[usable]


def of_pixels(values: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return all statistics `(op,)` of weighted values, by the formulas of exactextract.

    Of pixels of one image they are what exactextract itself says, which a test holds them to; here
    the pixels may come from several.
    """
    count = share.sum()
    mean = (values * share).sum() / count
    std = np.sqrt((share * (values - mean) ** 2).sum() / count)
    order = np.argsort(values)
    values, share = values[order], share[order]
    before = np.cumsum(share) - share
    place = np.arange(values.size) * share + (values.size - 1) * before
    quantiles = [np.interp(each * place[-1], place, values) for each in (0.5, 0.1, 0.9)]
    return np.array([count, mean, std, values[0], values[-1], *quantiles])


def _extract(
    values: NDArray[np.float64], grid: Grid, shapes: Sequence[Any], ops: Sequence[str]
) -> list[dict[str, Any]]:
    exactextract: Any = import_module("exactextract")  # it tells no types
    bounds = grid.bounds
    raster = exactextract.raster.NumPyRasterSource(
        values, bounds.west, bounds.south, bounds.east, bounds.north
    )
    features = [
        {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(shape)}
        for shape in shapes
    ]
    return [row["properties"] for row in exactextract.exact_extract(raster, features, list(ops))]
