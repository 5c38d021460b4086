"""Attacks R01 to R17 of the threat list, through the doors that people use.

Each sends something hostile to a whole portal and looks at what came of it: what was refused, with
which code, whether a secret came in, and whether anything was asked of the network.
"""

from __future__ import annotations

import http.server
import io
import json
import os
import struct
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
import zlib

import pytest
from affine import Affine

from landzicht.errors.files import StoredFileFailed
from landzicht.formats import CogReader
from landzicht.formats.gdal import load_rasterio
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band, Outcome
from landzicht.portal import open_portal
from landzicht.testing import peak

SECRET = b"root:x:0:0:the secret of this computer"


class Listener:
    """A server on this computer that counts who asks, and sends some of them on."""

    def __init__(self):
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(302 if "away" in self.path else 200)
                if "away" in self.path:
                    self.send_header("location", "/secret")
                self.end_headers()
                self.wfile.write(SECRET)

            do_HEAD = do_POST = do_GET  # noqa: N815 - so are they called

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def listener():
    listener = Listener()
    yield listener
    assert listener.asked == [], "the portal asked something of the network"
    listener.close()


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    with open_portal(tmp_path_factory.mktemp("portal")) as portal:
        yield portal


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.bin"
    path.write_bytes(SECRET.ljust(4096, b"."))
    return path


def refused(portal, *paths):
    """Send files in; nothing may come of it. Returns the codes of the findings."""
    before = portal.collections()
    receipts = portal.ingest(paths, collection="attack", datetime="2025-06-08")
    assert receipts
    assert all(receipt.outcome is Outcome.REFUSED for receipt in receipts)
    assert portal.collections() == before
    for file in portal.services.settings.files.rglob("*"):
        assert not file.is_file() or SECRET not in file.read_bytes()
    findings = [finding for receipt in receipts for finding in receipt.findings]
    assert all(finding.message.nl and finding.message.en for finding in findings)
    return {finding.code for finding in findings}


def vrt(source, kind='subClass="VRTRawRasterBand"'):
    inner = f'<SourceFilename relativetoVRT="0">{source}</SourceFilename>'
    if not kind:
        inner = f"<SimpleSource>{inner}<SourceBand>1</SourceBand></SimpleSource>"
    return (
        '<VRTDataset rasterXSize="32" rasterYSize="32"><SRS>EPSG:28992</SRS>'
        "<GeoTransform>130000,10,0,460000,0,-10</GeoTransform>"
        f'<VRTRasterBand dataType="Byte" band="1" {kind}>{inner}</VRTRasterBand></VRTDataset>'
    )


WMS = (
    '<GDAL_WMS><Service name="TMS"><ServerUrl>{address}/${{z}}/${{x}}/${{y}}.png</ServerUrl>'
    "</Service><DataWindow><UpperLeftX>-20037508</UpperLeftX><UpperLeftY>20037508</UpperLeftY>"
    "<LowerRightX>20037508</LowerRightX><LowerRightY>-20037508</LowerRightY><TileLevel>4</TileLevel>"
    "<TileCountX>1</TileCountX><TileCountY>1</TileCountY></DataWindow>"
    "<Projection>EPSG:3857</Projection><BlockSizeX>256</BlockSizeX><BlockSizeY>256</BlockSizeY>"
    "<BandsCount>3</BandsCount></GDAL_WMS>"
)


@pytest.mark.parametrize("name", ["a.vrt", "b.tif", "b_2025-06-08.tiff", "c.jp2", "d.nc"])
def test_r01_r02_a_vrt_under_any_name_reads_no_file(portal, tmp_path, secret, name):
    path = tmp_path / name
    path.write_text(vrt(secret))
    assert refused(portal, path)


@pytest.mark.parametrize("name", ["w.xml", "w.tif", "w.wms"])
def test_r05_a_map_service_description_asks_nothing(portal, listener, tmp_path, name):
    path = tmp_path / name
    path.write_text(WMS.format(address=listener.address))
    assert refused(portal, path)


def test_r06_a_vrt_that_names_a_server_asks_nothing(portal, listener, tmp_path):
    for number, source in enumerate(
        (f"/vsicurl/{listener.address}/x.tif", f"/vsicurl/{listener.address}/away.tif")
    ):
        path = tmp_path / f"{number}.tif"
        path.write_text(vrt(source, ""))
        assert refused(portal, path)


def item(href, id="s1"):
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": id,
        "collection": "attack",
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[5, 52], [5.1, 52], [5.1, 52.1], [5, 52.1], [5, 52]]],
        },
        "bbox": [5, 52, 5.1, 52.1],
        "properties": {"datetime": "2025-06-08T10:40:00Z"},
        "links": [],
        "assets": {"B04": {"href": href, "type": "image/tiff; application=geotiff"}},
    }


HREFS = {
    "r03 inline vrt": "{vrt}",
    "r03 inline wms": "{wms}",
    "r07 header file": "/vsicurl?header_file={secret}&url={address}/x.tif",
    "r07 vsi": "/vsicurl/{address}/x.tif",
    "r08 fragment": "{address}/x#.tif",
    "r08 query": "{address}/x?.tif",
    "r09 redirect": "{address}/away.tif",
    "r10 decimal": "http://2130706433:{port}/x.tif",
    "r10 octal": "http://0177.0.0.1:{port}/x.tif",
    "r10 mapped": "http://[::ffff:127.0.0.1]:{port}/x.tif",
    "r10 any": "http://[::]:{port}/x.tif",
    "r10 dot": "http://localhost.:{port}/x.tif",
    "r10 user": "http://example.org@127.0.0.1:{port}/x.tif",
    "r11 metadata": "http://169.254.169.254/latest/meta-data/x.tif",
    "r12 absolute": "{secret}",
    "r12 file": "file://{secret}",
    "r12 up": "../../../../../../../../etc/passwd",
    "r12 encoded": "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "r12 twice": "%252e%252e/%252e%252e/etc/passwd.tif",
    "r12 zip": "zip+file://{secret}!x.tif",
    "r12 vsizip": "/vsizip/{secret}/x.tif",
    "r12 vsitar": "/vsitar/{secret}/x.tif",
    "r12 nul": "x.tif\0.png",
    "gdal name": 'NETCDF:"{secret}":v',
    "gtiff dir": "GTIFF_DIR:1:{secret}",
    "s3": "s3://bucket/x.tif",
    "empty": "",
    "folder": ".",
}


@pytest.mark.parametrize("name", HREFS)
def test_r03_r07_to_r12_addresses_in_a_stac_item_lead_nowhere(
    portal, listener, tmp_path, secret, name
):
    folder = tmp_path / "in" / "side"
    folder.mkdir(parents=True)
    facts = {
        "vrt": vrt(secret),
        "wms": WMS.format(address=listener.address),
        "secret": secret,
        "address": listener.address,
        "port": listener.server.server_port,
    }
    path = folder / "item.json"
    path.write_text(json.dumps(item(HREFS[name].format(**facts))))
    assert refused(portal, path)


def test_r04_the_self_test_notices_that_limits_came_too_late():
    """See also tests/formats/test_gdal.py."""
    script = (
        "import rasterio\nwith rasterio.Env() as env: env.drivers()\n"
        "from landzicht.formats.gdal import check_limits\n"
        "from landzicht.errors.portal import GdalNotLimited\n"
        "try: check_limits()\nexcept GdalNotLimited: print('noticed')\n"
    )
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GDAL", "OGR", "CPL"))}
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=clean
    )
    assert found.stdout.strip() == "noticed"


def test_r12_links_and_archives_open_nothing(portal, tmp_path, secret):
    link = tmp_path / "b_2025-06-08.tif"
    link.symlink_to(secret)
    assert refused(portal, link)
    packed = tmp_path / "x.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../evil.tif", SECRET)
        archive.writestr("/etc/evil.tif", SECRET)
    assert refused(portal, packed)
    packed = tmp_path / "x.tar"
    with tarfile.open(packed, "w") as archive:
        entry = tarfile.TarInfo("x.tif")
        entry.type, entry.linkname = tarfile.SYMTYPE, str(secret)
        archive.addfile(entry)
    assert refused(portal, packed)
    assert not (tmp_path.parent / "evil.tif").exists()


@pytest.mark.parametrize(
    "href", ["../secret.bin", "/etc/passwd", "a/../../secret.bin", "files\\..\\x", "x\0.tif", ""]
)
def test_r12_the_reader_stays_in_its_folder(tmp_path, secret, href):
    grid = Grid(crs="EPSG:28992", transform=Affine(1, 0, 0, 0, -1, 0), height=4, width=4)
    asset = Asset(
        key="b", href=href, band=Band(name="b", dtype="uint8"), grid=grid, size=1, sha256=""
    )
    folder = tmp_path / "data"
    folder.mkdir()
    with pytest.raises(StoredFileFailed):
        CogReader(folder).read(asset, 0, Window(0, 0, 1, 1))


def write_tiff(path, width, height, **options):
    profile = {
        "driver": "GTiff", "count": 1, "width": width, "height": height, "dtype": "uint8",
        "crs": "EPSG:32631", "transform": Affine(10, 0, 6e5, 0, -10, 5.7e6), "SPARSE_OK": True,
    }  # fmt: skip
    rasterio = load_rasterio()
    with rasterio.open(path, "w", **(profile | options)):
        pass
    return path


def refused_cheaply(portal, path):
    """Refuse a file within seconds, and without the memory that it claims, here or in a child."""
    if not peak.CAN_WATCH:
        return refused(portal, path)
    known = peak.children()
    refused(portal, path)  # starts the child that looks at files
    with peak.watch() as took:
        begin = time.process_time()
        codes = refused(portal, path)
        seconds = time.process_time() - begin
    assert seconds < 2
    assert took.mb < 100
    assert peak.highest_since(known) < 400
    return codes


def test_r13_a_file_that_claims_forty_gigabytes_is_refused_by_its_header(portal, tmp_path):
    path = write_tiff(
        tmp_path / "bomb_2025-06-08.tif", 200_000, 200_000,
        tiled=True, blockxsize=512, blockysize=512, compress="deflate", BIGTIFF="YES",
    )  # fmt: skip
    assert path.stat().st_size < 5_000_000
    assert refused_cheaply(portal, path) == {"file-too-large"}


def test_r14_one_huge_block_is_refused_by_its_header(portal, tmp_path):
    path = write_tiff(
        tmp_path / "block_2025-06-08.tif", 16_384, 16_384,
        tiled=True, blockxsize=16_384, blockysize=16_384, compress="deflate",
    )  # fmt: skip
    assert refused_cheaply(portal, path) == {"file-too-large"}


def test_r15_archives_are_no_images(portal, tmp_path):
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.tif", bytes(50_000_000))
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as nested:
            nested.writestr("x.shp", b"")
        archive.writestr("nested.zip", inner.getvalue())
    many = tmp_path / "many.zip"
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(2_000):
            archive.writestr(f"{number}.tif", b"")
    before = sum(1 for _ in tmp_path.rglob("*"))
    for path in (bomb, many):
        assert refused(portal, path)
    assert sum(1 for _ in tmp_path.rglob("*")) == before


ENTITY = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY s SYSTEM "file://{secret}">]><a>&s;</a>'


def test_r16_the_description_of_a_product_is_not_followed(portal, tmp_path, secret):
    """For KML, GML and GPX see `test_red_team_areas`."""
    folder = tmp_path / "S2A_MSIL2A_20250608T104031_N0511_R008_T31UFT_20250608T140000.SAFE"
    folder.mkdir()
    (folder / "MTD_MSIL2A.xml").write_text(ENTITY.format(secret=secret))
    assert refused(portal, folder)


# ---------------------------------------------------------------------- pictures inside a TIFF


def test_a_png_with_a_huge_size_is_refused(portal, tmp_path):
    head = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    path = tmp_path / "x_2025-06-08.png"
    path.write_bytes(content)
    assert refused(portal, path)
