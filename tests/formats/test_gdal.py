"""GDAL may open what we name, and nothing that leads elsewhere (sharing.md 8, R01-R09)."""

from __future__ import annotations

import os
import subprocess
import sys

from landzicht.formats.gdal import limit_drivers

CANARY = """
import sys
from pathlib import Path
from landzicht.formats.gdal import check_limits, load_rasterio
from landzicht.errors.portal import GdalNotLimited
if sys.argv[1] == "late":
    import rasterio
    with rasterio.Env() as env:
        env.drivers()
try:
    check_limits()
except GdalNotLimited:
    print("not limited")
    raise SystemExit
rasterio = load_rasterio()
with rasterio.Env() as env:
    drivers = set(env.drivers())
print("limited", drivers & {"VRT", "WMS", "WCS", "WMTS", "HTTP", "GTI", "STACIT", "STACTA"})
print({"GTiff", "JP2OpenJPEG", "netCDF"} <= drivers)
secret = Path(sys.argv[2], "b.tif")
secret.write_text('<VRTDataset rasterXSize="4" rasterYSize="1"><VRTRasterBand dataType="Byte" '
    'band="1" subClass="VRTRawRasterBand"><SourceFilename relativetoVRT="0">/etc/passwd'
    '</SourceFilename></VRTRasterBand></VRTDataset>')
for name in (secret, secret.read_text(), "/vsicurl/http://127.0.0.1:9/x.tif"):
    try:
        rasterio.open(name).close()
        print("opened", name)
    except rasterio.errors.RasterioIOError:
        print("refused")
"""


def run(moment: str, folder: str) -> list[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GDAL", "OGR", "CPL"))}
    answer = subprocess.run(
        [sys.executable, "-c", CANARY, moment, folder],
        capture_output=True,
        text=True,
        check=True,
        env=clean,
    )
    return answer.stdout.splitlines()


def test_limits_hold_in_a_fresh_process(tmp_path) -> None:
    assert run("early", str(tmp_path)) == ["limited set()", "True", *["refused"] * 3]


def test_the_self_test_notices_that_it_came_too_late(tmp_path) -> None:
    assert run("late", str(tmp_path)) == ["not limited"]


def test_limiting_twice_changes_nothing_and_keeps_the_operators_choice(monkeypatch) -> None:
    monkeypatch.setenv("GDAL_SKIP", "PNG GIF")
    limit_drivers()
    first = dict(os.environ)
    limit_drivers()
    assert dict(os.environ) == first
    assert {"PNG", "GIF", "VRT"} <= set(first["GDAL_SKIP"].split(","))


SPARED = """
import sys
from landzicht.formats.gdal import load_rasterio
rasterio = load_rasterio()
print("boto3" in sys.modules, rasterio.session.boto3)
import boto3
print(boto3.__doc__)
"""


def test_clients_that_only_take_memory_are_left_out(tmp_path) -> None:
    """GDAL makes no requests here; whoever else needs that client gets it."""
    (tmp_path / "boto3.py").write_text('"""a client"""')
    answer = subprocess.run(
        [sys.executable, "-c", SPARED],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert answer.stdout.splitlines() == ["False None", "a client"]
