"""Files with areas, read in a child process, as names and shapes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from landzicht.errors.vectors import UnreadableVectors, VectorsTooLarge, reasons
from landzicht.formats.vectors import child
from landzicht.formats.vectors.child import DRIVERS, ID, LIMITS
from landzicht.formats.vectors.sniff import sniff
from landzicht.formats.vectors.zips import unpack_map
from landzicht.grid.crs import WGS84, canonical_crs

if TYPE_CHECKING:
    import pyarrow as pa

_CHILD = (sys.executable, "-P", child.__file__)
"""As a file: as a module it would load what it does not need, which takes longer than reading."""
_SECONDS = 300.0
_ROOM = 4 * 2**30
_ALWAYS_WGS84 = ("geojson", "kml")
_CRS84 = "OGC:CRS84"
_IDS = (ID, "gml_id")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VectorFile:
    """What a file with areas holds."""

    kind: str
    """`gpkg`, `fgb`, `shp`, `parquet`, `kml`, `gml` or `geojson`."""
    crs: str
    """System of the coordinates, x first."""
    layers: tuple[str, ...]
    """Layers with a geometry; the first was read unless another one was asked for."""
    table: pa.Table
    """Column `geometry` (WKB), and the plain columns of the file."""

    def names(self, column: str | None) -> list[str | None]:
        """Return the name of each row: of a column, or of one called `id` or `gml_id`, or none."""
        known = {each.lower(): each for each in reversed(self.table.column_names)}
        found = column or next((known[each] for each in _IDS if each in known), None)
        if found is None:
            return [None] * self.table.num_rows
        return [None if each is None else str(each) for each in self.table[found].to_pylist()]


def read_vectors(
    path: Path,
    *,
    layer: str | None = None,
    name: str | None = None,
    crs: str | None = None,
    most: int = 1_000_000,
    seconds: float = _SECONDS,
) -> VectorFile:
    """Read the areas and points in a file.

    Args:
        path: the file; a zip holds one map, or several of which `layer` names one.
        layer: which layer; None = the first.
        name: column that the caller needs.
        crs: system to take when the file does not tell; never instead of what it tells.
        most: most rows.
        seconds: time that it may take.

    Raises:
        UnreadableVectors: not a file that we read, damaged, or without the layer or column.
        VectorsTooLarge: more rows, or more bytes, than we read.
        UnknownCrs: a system that we do not know.
    """
    with tempfile.TemporaryDirectory(prefix="landzicht-areas-") as folder:
        opened, kind = path, sniff(path)
        if kind == "zip":
            opened, is_named = unpack_map(path, Path(folder), layer)
            layer = None if is_named else layer
            kind = sniff(opened)
            if kind == "zip":
                raise UnreadableVectors(name=path.name, reason=reasons.ZIP_NOTHING)
        if kind == "shp" and not _is_whole(opened):
            raise UnreadableVectors(name=path.name, reason=reasons.SHAPEFILE_ALONE)
        out = Path(folder, "areas.arrow")
        asked = {
            "path": str(opened.absolute()),
            "kind": kind,
            "layer": layer,
            "name": name,
            "out": str(out),
            "most": most,
            "room": _ROOM,
        }
        told = _ask(asked, path, seconds)
        if "error" in told:
            _refuse(told, path, most)
        return VectorFile(
            kind=kind,
            crs=_crs(told["crs"], kind, crs, path),
            layers=tuple(told["layers"]),
            table=_with_ids(_load(out), told.get("ids")),
        )


def _is_whole(shapefile: Path) -> bool:
    """Whether the index of a shapefile lies beside it, without which GDAL does not open it."""
    return any(shapefile.with_suffix(ending).is_file() for ending in (".shx", ".SHX"))


def _ask(asked: dict[str, Any], path: Path, seconds: float) -> dict[str, Any]:
    """Let a child read; it is gone afterwards, whatever it did."""
    environment = {**os.environ, **LIMITS, "GDAL_SKIP": _others(), "OGR_SKIP": _others()}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and file
            _CHILD,
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=seconds,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableVectors(name=path.name, reason=reasons.TOO_SLOW) from error
    try:
        told = json.loads(done.stdout)
    except json.JSONDecodeError as error:
        raise UnreadableVectors(name=path.name, reason=reasons.DAMAGED) from error
    return dict(told)


@lru_cache(maxsize=1)
def _others() -> str:
    """Return the drivers of this GDAL that are not allowed: a list of what may, not of what not."""
    # Our limits of rasterio may be in force in this process: they would hide drivers here.
    whole = {k: v for k, v in os.environ.items() if k not in ("GDAL_SKIP", "OGR_SKIP")}
    done = subprocess.run(  # noqa: S603 - our own interpreter and file
        [*_CHILD, "drivers"],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        env=whole,
        check=True,
    )
    return ",".join(name for name in done.stdout.split("\n") if name and name not in DRIVERS)


def _refuse(told: dict[str, Any], path: Path, most: int) -> NoReturn:
    error = told["error"]
    if error == "rows":
        raise VectorsTooLarge(name=path.name, value=f"> {most} rows", most=f"{most} rows")
    known = {"nothing": reasons.NOTHING, "layer": reasons.NO_LAYER, "column": reasons.NO_COLUMN}
    raise UnreadableVectors(name=path.name, reason=known.get(error, reasons.DAMAGED))


def _crs(told: str | None, kind: str, given: str | None, path: Path) -> str:
    if told == _CRS84 or (told is None and kind in _ALWAYS_WGS84):
        return WGS84
    if told is None and given is None:
        raise UnreadableVectors(name=path.name, reason=reasons.NO_CRS)
    found = canonical_crs(str(told or given))
    if found == _CRS84:
        return WGS84
    return found


def _load(path: Path) -> pa.Table:
    import pyarrow as pa

    with pa.OSFile(str(path)) as file:
        return pa.ipc.open_file(file).read_all()


def _with_ids(table: pa.Table, ids: list[str | None] | None) -> pa.Table:
    """Return a table with the ids that its rows have outside of their columns, if any."""
    import pyarrow as pa

    return table if ids is None else table.append_column(ID, pa.array(ids, pa.string()))
