"""A small portal with a few dates of one place, and parcels in it: for measuring."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from affine import Affine

from landzicht.grid import Grid
from landzicht.grid.crs import WGS84, transformer
from landzicht.kinds import Band, BandKind, Layer, Mask
from landzicht.testing.pixels import store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.kinds import Scene
    from landzicht.portal.services import Services

GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 640_000, 0, -10, 5_774_000), height=256, width=256
)
RED = Band(name="B04", dtype="uint16", nodata=0, scale=0.0001)
CLASSES = Band(name="SCL", dtype="uint8", nodata=0, kind=BandKind.CATEGORICAL)
FIRST = datetime(2025, 5, 1, 10, 40, tzinfo=UTC)
CLOUD, CLEAR = 9, 4


def pixels_of(date: int) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """Return the red band and the classes of a date, `(y, x)`."""
    made = np.random.default_rng(date)
    red = made.integers(1, 9_000, GRID.shape).astype("uint16")
    classes = np.where(made.random(GRID.shape) < 0.1, CLOUD, CLEAR).astype("uint8")
    return red, classes


def add_dates(
    services: Services, dates: int, collection: str = "fields", *, simulated: bool = False
) -> list[Scene]:
    """Put a collection with a scene every five days in a portal."""
    scenes = []
    for date in range(dates):
        red, classes = pixels_of(date)
        moment = FIRST + timedelta(days=5 * date)
        scenes.append(
            store_scene(
                services,
                collection,
                f"s{date}",
                GRID,
                {"B04": (red, RED), "SCL": (classes, CLASSES)},
                moment=moment,
                simulated=simulated,
            )
        )
    layer = Layer(
        name="red", title=Text(nl="Rood", en="Red"), assets=("B04",), rescale=((0.0, 0.5),)
    )
    described = make_collection(
        collection,
        bands=(RED, CLASSES),
        layers=(layer,),
        mask=Mask(asset="SCL", valid=(CLEAR,)),
        simulated=simulated,
    )
    services.catalog.put([described], scenes)
    return scenes


def shapes_in_grid(count: int, seed: int = 1) -> NDArray[Any]:
    """Return turned boxes inside the grid, in its system."""
    made = np.random.default_rng(seed)
    shapes = np.empty(count, object)
    for number in range(count):
        x = made.uniform(GRID.bounds.west + 200, GRID.bounds.east - 200)
        y = made.uniform(GRID.bounds.south + 200, GRID.bounds.north - 200)
        wide, tall = made.uniform(20, 140, 2)
        box = shapely.box(x, y, x + wide, y + tall)
        shapes[number] = shapely.affinity.rotate(box, made.uniform(0, 90))
    return shapes


def in_degrees(shapes: NDArray[Any]) -> NDArray[Any]:
    """Return shapes of the grid in longitude and latitude."""
    forth = transformer(GRID.crs, WGS84)
    moved: NDArray[Any] = shapely.transform(
        shapes, lambda xy: np.column_stack(forth.transform(xy[:, 0], xy[:, 1]))
    )
    return moved


def features(count: int, seed: int = 1) -> dict[str, Any]:
    """Return parcels as GeoJSON, with ids `p0` … and names `Field 0` …."""
    shapes = in_degrees(shapes_in_grid(count, seed))
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": f"p{number}",
                "properties": {"name": f"Field {number}", "crop": "grass"},
                "geometry": shapely.geometry.mapping(shape),
            }
            for number, shape in enumerate(shapes)
        ],
    }
