"""Files with areas in every form, written by another process: ours may not have the drivers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

DRIVERS = {
    ".gpkg": "GPKG",
    ".fgb": "FlatGeobuf",
    ".shp": "ESRI Shapefile",
    ".kml": "KML",
    ".gml": "GML",
    ".geojson": "GeoJSON",
}
_WRITE = """
import json, sys
import numpy as np, pyogrio, shapely
told = json.load(sys.stdin)
pyogrio.raw.write(
    told["path"],
    geometry=shapely.to_wkb(shapely.from_wkb([bytes.fromhex(h) for h in told["shapes"]])),
    field_data=[np.array(column, object) for column in told["columns"].values()],
    fields=list(told["columns"]),
    crs=told["crs"],
    driver=told["driver"],
    geometry_type=told["kind"],
    layer=told["layer"],
    append=told["append"],
)
"""


def write_vectors(
    path: Path,
    shapes: NDArray[Any],
    crs: str | None,
    columns: Mapping[str, Sequence[str]] | None = None,
    layer: str | None = None,
) -> Path:
    """Write shapes to a file; its ending tells the form. A layer is added to a file that is there.

    Args:
        path: of the file.
        shapes: of one kind.
        crs: system of their coordinates, or None.
        columns: text of each shape, by name of the column.
        layer: name of the layer.
    """
    told = {
        "path": str(path),
        "shapes": [shapely.to_wkb(shape).hex() for shape in shapes],
        "kind": shapes[0].geom_type,
        "crs": crs,
        "columns": {name: list(values) for name, values in (columns or {}).items()},
        "driver": DRIVERS[path.suffix],
        "layer": layer or path.stem,
        "append": path.exists(),
    }
    environment = {name: value for name, value in os.environ.items() if "SKIP" not in name}
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _WRITE],
        input=json.dumps(told),
        text=True,
        check=True,
        env=environment,
        timeout=60,
    )
    return path
