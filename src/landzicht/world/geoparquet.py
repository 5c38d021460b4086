"""Truth as GeoParquet 1.1: features with their types, WKB shapes and the boxes around them.

Equal features give equal bytes. See https://geoparquet.org/releases/v1.1.0/.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_DAYS, _NUMBER, _WHOLE, _WORD = pa.list_(pa.int64()), pa.float64(), pa.int64(), pa.string()
TYPES: dict[str, pa.DataType] = {
    "category": _WORD, "gewas": _WORD, "gewascode": _WHOLE, "jaar": _WHOLE, "status": _WORD,
    "area_ha": _NUMBER, "zone": _WORD, "simulated": pa.bool_(),
    "true_gewascode": _WHOLE, "true_gewas": _WORD, "true_crop": _WORD,
    "true_second_gewascode": _WHOLE, "true_second_share": _NUMBER,
    "true_sowing_date": pa.date32(), "true_sowing_day": _WHOLE, "true_mowing_days": _DAYS,
    "true_grazing_days": pa.list_(_DAYS),
    "true_harvest_date": pa.date32(), "true_harvest_day": _WHOLE,
    "true_ploughing_date": pa.date32(), "true_ploughing_day": _WHOLE,
    "true_catch_crop": pa.bool_(), "field": _WHOLE,
    "parcel": _WHOLE, "radius_m": _NUMBER, "from_day": _WHOLE, "year": _WHOLE,
    "sand_from_day": _WHOLE, "roofs_from_day": _WHOLE, "phase": _WHOLE,
    "start_date": pa.date32(), "roof_date": pa.date32(),
    "image": _WORD, "length_m": _NUMBER, "width_m": _NUMBER, "heading_deg": _NUMBER,
    "moving": pa.bool_(), "visible": pa.bool_(),
}  # fmt: skip
"""Type of every property that the truth has; each may be null."""
_BOX = ("xmin", "ymin", "xmax", "ymax")
_REALISATIONS = (
    ("Transit", 1166), ("G730", 1152), ("G873", 1153), ("G1150", 1154),
    ("G1674", 1155), ("G1762", 1156), ("G2139", 1309), ("G2296", 1383),
)  # fmt: skip
CRS84: dict[str, Any] = {
    "$schema": "https://proj.org/schemas/v0.7/projjson.schema.json",
    "type": "GeographicCRS",
    "name": "WGS 84 (CRS84)",
    "datum_ensemble": {
        "name": "World Geodetic System 1984 ensemble",
        "members": [
            {
                "name": f"World Geodetic System 1984 ({name})",
                "id": {"authority": "EPSG", "code": code},
            }
            for name, code in _REALISATIONS
        ],
        "ellipsoid": {
            "name": "WGS 84",
            "semi_major_axis": 6378137,
            "inverse_flattening": 298.257223563,
        },
        "accuracy": "2.0",
        "id": {"authority": "EPSG", "code": 6326},
    },
    "coordinate_system": {
        "subtype": "ellipsoidal",
        "axis": [
            {
                "name": "Geodetic longitude",
                "abbreviation": "Lon",
                "direction": "east",
                "unit": "degree",
            },
            {
                "name": "Geodetic latitude",
                "abbreviation": "Lat",
                "direction": "north",
                "unit": "degree",
            },
        ],
    },
    "id": {"authority": "OGC", "code": "CRS84"},
}
"""Longitude and latitude in this order, as PROJJSON; written out here, so that another version of
PROJ does not change a byte."""


def geoparquet(features: Mapping[str, Any], names: Sequence[str] = ()) -> bytes:
    """Return a GeoJSON feature collection in longitude and latitude as a GeoParquet file.

    Args:
        features: with properties of `TYPES` only.
        names: the properties, needed when there are no features to see them from.
    """
    found = features["features"]
    columns = list(found[0]["properties"] if found else names)
    shapes = np.array([shapely.geometry.shape(each["geometry"]) for each in found], object)
    arrays: dict[str, pa.Array] = {
        "id": pa.array([each["id"] for each in found], pa.int64()),
        **{
            name: pa.array(
                [_value(each["properties"].get(name), TYPES[name]) for each in found], TYPES[name]
            )
            for name in columns
        },
        "bbox": _boxes(shapes),
        "geometry": pa.array(shapely.to_wkb(shapes, byte_order=1), pa.binary()),
    }
    table = pa.table(arrays).replace_schema_metadata(
        {
            "geo": orjson.dumps(_description(shapes)),
            "name": str(features["name"]),
            "simulated": "YES",
            "note": str(features["note"]),
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", version="2.6")
    return out.getvalue()


def _value(value: Any, kind: pa.DataType) -> Any:  # noqa: ANN401 - any value of a property
    return dt.date.fromisoformat(value) if value is not None and kind == pa.date32() else value


def _boxes(shapes: NDArray[Any]) -> pa.Array:
    box = shapely.bounds(shapes).reshape(-1, 4)
    return pa.StructArray.from_arrays([pa.array(side) for side in box.T], names=list(_BOX))


def _description(shapes: NDArray[Any]) -> dict[str, Any]:
    """Return the metadata `geo`."""
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted({shape.geom_type for shape in shapes}),
        "crs": CRS84,
        "orientation": "counterclockwise",
        "edges": "planar",
        "covering": {"bbox": {side: ["bbox", side] for side in _BOX}},
    }
    if len(shapes):
        column["bbox"] = [float(value) for value in shapely.total_bounds(shapes)]
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
