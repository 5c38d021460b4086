"""Stored bodies: compressed with a dictionary that lives in the catalogue itself.

The form is that of zlib, which any program can read; ISA-L writes and reads it twice as quickly.
"""

from __future__ import annotations

from typing import Any

from isal import isal_zlib
from isal.igzip_lib import IsalError

from landzicht.errors.records import DamagedRecord

_LEVEL = 1
_DAMAGED: tuple[Any, ...] = (IsalError, TypeError)
"""What the library raises; its stubs call the first an instance."""

DICTIONARY = (
    b'{"type":"Feature","stac_version":"1.1.0","stac_extensions":['
    b'"https://stac-extensions.github.io/eo/v2.0.0/schema.json",'
    b'"https://stac-extensions.github.io/file/v2.1.0/schema.json",'
    b'"https://stac-extensions.github.io/projection/v2.0.0/schema.json",'
    b'"https://stac-extensions.github.io/raster/v2.0.0/schema.json",'
    b'"https://stac-extensions.github.io/view/v1.0.0/schema.json"],"id":"S2","collection":"'
    b'sentinel-2-l2a","geometry":{"type":"Polygon","coordinates":[[['
    b'"MultiPolygon"]]]},"bbox":["properties":{"datetime":"202000Z","start_datetime":"'
    b'"end_datetime":"constellation":"sentinel-2","instruments":["msi"],"gsd":10,'
    b'"view:sun_azimuth":"view:sun_elevation":"eo:cloud_cover":"eo:snow_cover":'
    b'"landzicht:simulated":true,"landzicht:original":{"title":"SIMULATED / GESIMULEERD'
    b'"platform":"simulated","proj:code":"EPSG:32631","landzicht:source":"'
    b'"assets":{"SCL":{"landzicht:kind":"categorical","proj:wkt2":"landzicht:has_mask":true,'
    b'"eo:center_wavelength":0.,"coastal"blue"green"rededge071"nir08"swir16"swir22"lwir11'
    b'"B04":{"href":"lz-asset:/.tif","type":"image/tiff; application=geotiff; '
    b'profile=cloud-optimized","roles":["data"],"title":"data_type":"uint16","nodata":0,'
    b'"raster:scale":0.0001,"raster:offset":-0.1,"unit":"1","bands":[{"name":"B04",'
    b'"eo:common_name":"red"}],"proj:code":"EPSG:32631","proj:shape":[10980,10980],'
    b'"proj:transform":[10.0,0.0,0.0,-10.0,"file:size":,"file:checksum":"1220'
    b'","landzicht:file":"files/.tif","statistics":{"minimum":"maximum":"mean":"stddev":'
    b'"valid_percent":100.0}}}}'
)
"""What bodies have in common. Only new catalogues take it; each keeps the one it was made with."""


def pack(body: bytes, dictionary: bytes) -> bytes:
    """Return `body` compressed, about a fifth of its size."""
    packer = isal_zlib.compressobj(_LEVEL, zdict=dictionary)
    return packer.compress(body) + packer.flush()


def unpack(packed: bytes, dictionary: bytes, record: str) -> bytes:
    """Return exactly what `pack` was given.

    Raises:
        DamagedRecord: the bytes are damaged (zlib keeps a checksum).
    """
    unpacker = isal_zlib.decompressobj(zdict=dictionary)
    try:
        body = unpacker.decompress(packed) + unpacker.flush()
    except _DAMAGED as error:
        raise DamagedRecord(record=record) from error
    if not unpacker.eof:
        raise DamagedRecord(record=record)
    return body
