"""The same task by other people's programs, and whether they say what we say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from data import BANDS, CLEAR, CRS, GRID

if TYPE_CHECKING:
    from pathlib import Path

OPS = ["mean", "stdev", "min", "max", "count"]
"""What exactextract and xvec compute; ours are in the same order."""
SUMS = [OPS.index(name) for name in ("mean", "stdev", "count")]
SLOW = 500
"""Parcels that rasterstats gets; its time is scaled."""
EXACT = 1e-6
CENTRES = 0.03
"""By centres of pixels: nine in ten means of fields of 2 ha lie within this of NDVI."""


def index_of(images) -> np.ndarray:
    """Return the masked vegetation index `(y, x)`: the peers get it ready."""
    red, near = (images[key].astype(np.float64) for key in ("B04", "B08"))
    return np.where(images["SCL"] == CLEAR, (near - red) / (near + red), np.nan)


def frame_of(shapes):
    """Return parcels as the peers take them."""
    import geopandas

    return geopandas.GeoDataFrame(geometry=shapes, crs=CRS)


def exactextract_rows(values, frame) -> np.ndarray:
    """Return what exactextract says `(parcel, op)`."""
    import exactextract

    bounds = GRID.bounds
    raster = exactextract.raster.NumPyRasterSource(
        values, bounds.west, bounds.south, bounds.east, bounds.north
    )
    told = exactextract.exact_extract(raster, frame, OPS, output="pandas")
    return told[OPS].to_numpy(float)


def xvec_rows(values, frame) -> np.ndarray:
    """Return what xvec says with its exactextract engine `(parcel, op)`."""
    import xarray as xr
    import xvec  # noqa: F401 - registers itself

    x = GRID.bounds.west + 5 + 10 * np.arange(GRID.width)
    y = GRID.bounds.north - 5 - 10 * np.arange(GRID.height)
    array = xr.DataArray(values, coords={"y": y, "x": x}, dims=("y", "x"))
    told = array.xvec.zonal_stats(
        frame.geometry, x_coords="x", y_coords="y", stats=OPS, method="exactextract"
    )
    return told.transpose("geometry", "zonal_statistics").sel(zonal_statistics=OPS).to_numpy()


def rasterstats_rows(values, frame) -> np.ndarray:
    """Return what rasterstats says of the first parcels, by pixel centres: means `(parcel,)`."""
    import rasterstats

    told = rasterstats.zonal_stats(
        frame.geometry[:SLOW], values, affine=GRID.transform, stats=["mean", "std"], nodata=np.nan
    )
    means = [row["mean"] for row in told]
    return np.array([np.nan if mean is None else float(mean) for mean in means])


def exactextract_loop(folder: Path, scenes, frame) -> list[np.ndarray]:
    """Read with rasterio, and let exactextract measure, date by date."""
    import rasterio

    found = []
    for each in scenes:
        images = {}
        for key in BANDS:
            with rasterio.open(folder / each.assets[key].href) as file:
                images[key] = file.read(1)
        found.append(exactextract_rows(index_of(images), frame))
    return found


def odc_loop(folder: Path, scenes, frame) -> list[np.ndarray]:
    """Load with odc-stac, and let xvec measure, date by date."""
    import odc.stac
    import pystac

    found = []
    for each in scenes:
        box = [3.0, 50.0, 7.0, 54.0]
        item = pystac.Item(
            each.id, shapely.geometry.mapping(shapely.box(*box)), box, each.moment, {}
        )
        for key, asset in each.assets.items():
            item.add_asset(key, pystac.Asset(str(folder / asset.href), roles=["data"]))
        geobox = odc.geo.geobox.GeoBox(GRID.shape, GRID.transform, CRS)
        told = odc.stac.load([item], bands=list(BANDS), geobox=geobox)
        images = {key: told[key].values[0] for key in BANDS}
        found.append(xvec_rows(index_of(images), frame))
    return found


def held_against(mine: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """Return how far two exact answers lie apart; stops the contest when it is too far.

    A pixel of which less than 1e-9 lies in a parcel gives it no minimum or maximum with us.
    """
    sums = np.abs(mine[:, SUMS] - theirs[:, SUMS])
    np.testing.assert_allclose(mine[:, SUMS], theirs[:, SUMS], rtol=EXACT, atol=EXACT)
    ends = ~np.isclose(mine, theirs, rtol=EXACT, atol=EXACT, equal_nan=True).all(axis=1)
    assert ends.sum() <= len(mine) / 1_000, f"{ends.sum()} lowest or highest values differ"
    return {"furthest": float(np.nanmax(sums)), "other_ends": int(ends.sum())}


def near_enough(mine: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """Return how far means by pixel centres lie from ours; stops the contest when it is too far."""
    off = np.abs(mine[: len(theirs), OPS.index("mean")] - theirs)
    off = off[np.isfinite(off)]
    assert off.size > 0.5 * len(theirs)
    told = {"median": float(np.median(off)), "p90": float(np.quantile(off, 0.9))}
    assert told["p90"] <= CENTRES, told
    return told
