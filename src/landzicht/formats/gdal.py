"""GDAL on a short leash: what it may open is decided here, before it starts.

rasterio carries its own GDAL with more than a hundred drivers. Some of them follow references in a
file to other files or servers (VRT, WMS, STACIT, …), so a harmless-looking upload could read
`/etc/…` or call an address inside the network. They are switched off in the process environment,
the only place that works: `rasterio.Env(GDAL_SKIP=…)` comes too late (the drivers are registered
by then). Besides that, files are always opened with an explicit driver.
"""

from __future__ import annotations

import os
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landzicht.errors.portal import GdalNotLimited

if TYPE_CHECKING:
    from types import ModuleType

SKIPPED = (
    "VRT WMS WMTS WCS HTTP GTI DERIVED STACIT STACTA OGCAPI PLMOSAIC PLMosaic DAAS EEDA EEDAI "
    "KMLSUPEROVERLAY MRF MBTiles Rasterlite GPKG SQLite PDF DIMAP SAFE SENTINEL2 TIL RPFTOC "
    "ECRGTOC MAP OZI ESRIC RS2 TSX PDS4 CALS SNAP_TIFF NGSGEOID Zarr OGR_VRT WFS OAPIF CSW Carto "
    "AmigoCloud Elasticsearch PGDUMP PostgreSQL MySQL MSSQLSpatial ODBC NGW GMLAS"
)
"""Drivers that follow references, talk to servers or open folders and databases."""

_LIMITS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",  # no side-car files: only the bytes we hashed
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GDAL_VRT_ENABLE_RAWRASTERBAND": "NO",
    "GDAL_PAM_ENABLED": "NO",  # neither reads nor leaves .aux.xml files
    "GDAL_DRIVER_PATH": "disable",  # no plug-ins from elsewhere
    "OGR_DRIVER_PATH": "disable",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",  # GDAL itself makes no requests at all
    "GDAL_HTTP_MAX_RETRY": "0",
    "OPJ_NUM_THREADS": "1",  # threads belong to the runner
    "GDAL_NUM_THREADS": "1",
    "GDAL_MAX_DATASET_POOL_SIZE": "16",
}

_SPARED = ("boto3",)
_CANARY = (
    '<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Byte" band="1" '
    'subClass="VRTRawRasterBand"><SourceFilename relativetoVRT="0">{file}</SourceFilename>'
    "<ImageOffset>0</ImageOffset><PixelOffset>1</PixelOffset><LineOffset>4</LineOffset>"
    "</VRTRasterBand></VRTDataset>"
)


def limit_drivers() -> None:
    """Switch off the dangerous parts of GDAL for this process and its children.

    Must be called before rasterio opens its first file; calling it again changes nothing.
    Drivers that the operator skips already stay skipped.
    """
    already = os.environ.get("GDAL_SKIP", "").replace(",", " ").split()
    names = dict.fromkeys([*SKIPPED.split(), *already])
    os.environ["GDAL_SKIP"] = ",".join(names)
    os.environ["OGR_SKIP"] = os.environ["GDAL_SKIP"]
    os.environ.update(_LIMITS)


@lru_cache(maxsize=1)
def load_rasterio() -> ModuleType:
    """Return rasterio, imported under our limits. All code in this room gets it from here.

    It looks for the client of Amazon's storage, to lend GDAL its keys, which makes no requests
    here: 19 MB for nothing where that client is installed.
    """
    limit_drivers()
    from importlib import import_module

    known: dict[str, Any] = sys.modules
    spared = [name for name in _SPARED if name not in known]
    known.update(dict.fromkeys(spared))  # None = cannot be imported
    try:
        import_module("rasterio.errors")
        return import_module("rasterio")
    finally:
        for name in spared:
            known.pop(name, None)


def check_limits() -> None:
    """Prove that the limits hold, by trying to read a file through a VRT.

    Raises:
        GdalNotLimited: something opened a raster with rasterio before `limit_drivers`.
    """
    rasterio = load_rasterio()
    with tempfile.TemporaryDirectory(prefix="landzicht-") as folder:
        secret = Path(folder, "secret.bin")
        secret.write_bytes(bytes(16))
        canary = Path(folder, "canary.vrt")
        canary.write_text(_CANARY.format(file=secret), encoding="utf-8")
        try:
            with rasterio.open(canary, driver="VRT"):
                pass
        except rasterio.errors.RasterioIOError:
            return
    raise GdalNotLimited
