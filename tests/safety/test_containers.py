"""Attacks R13 and R14 in the other formats: JPEG 2000, NetCDF and Zarr."""

from __future__ import annotations

import json
import os
import struct
import time
from contextlib import nullcontext

import pytest

from landzicht.kinds import Outcome
from landzicht.portal import open_portal
from landzicht.testing import peak


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    with open_portal(tmp_path_factory.mktemp("portal")) as portal:
        yield portal


def codestream(width, height, tile):
    """Return the head of a JPEG 2000 codestream: one band of 8 bits, and not one pixel."""
    size = struct.pack(">HIIIIIIIIH", 0, width, height, 0, 0, tile, tile, 0, 0, 1) + b"\x07\x01\x01"
    style = struct.pack(">BBHBBBBBB", 0, 0, 1, 0, 5, 4, 4, 0, 1)
    quantities = struct.pack(">B", 0x40) + bytes([0x48] * 16)
    parts = [(0x51, size), (0x52, style), (0x5C, quantities)]
    head = b"\xff\x4f" + b"".join(
        b"\xff" + bytes([kind]) + struct.pack(">H", len(body) + 2) + body for kind, body in parts
    )
    return head + b"\xff\x90" + struct.pack(">HHIBB", 10, 0, 0, 0, 1) + b"\xff\x93\xff\xd9"


def netcdf(width, height):
    """Return the head of a NetCDF 3 file that claims a variable of so many bytes."""

    def name(text):
        return struct.pack(">I", len(text)) + text.encode().ljust(-(-len(text) // 4) * 4, b"\0")

    dimensions = struct.pack(">II", 10, 2)
    dimensions += name("y") + struct.pack(">I", height) + name("x") + struct.pack(">I", width)
    variable = name("v") + struct.pack(">III", 2, 0, 1) + bytes(8)
    variable += struct.pack(">III", 1, min(width * height, 2**32 - 4), 200)
    body = struct.pack(">I", 0) + dimensions + bytes(8) + struct.pack(">II", 11, 1) + variable
    return (b"CDF\x01" + body).ljust(300, b"\0")


BOMBS = {
    "jp2 of 40 GB": codestream(200_000, 200_000, 1024),
    "jp2 in one tile of 2**32": codestream(2**32 - 1, 2**32 - 1, 2**32 - 1),
    "netcdf of 40 GB": netcdf(200_000, 200_000),
    "netcdf of 2**31": netcdf(2**31 - 1, 2**31 - 1),
}


@pytest.mark.parametrize("name", BOMBS)
def test_r13_r14_dimension_bombs_of_other_formats(portal, tmp_path, name):
    path = tmp_path / "x_2025-06-08.tif"
    path.write_bytes(BOMBS[name])
    known = peak.children()
    portal.ingest([path], collection="attack")  # starts the child that looks at files
    with peak.watch() if peak.CAN_WATCH else nullcontext(peak.Peak()) as took:
        before = time.monotonic()
        (receipt,) = portal.ingest([path], collection="attack")
        seconds = time.monotonic() - before
    assert seconds < 2
    assert took.mb < 100
    assert peak.highest_since(known) < 400
    assert receipt.outcome is Outcome.REFUSED
    assert {found.code for found in receipt.findings} <= {"file-too-large", "unreadable-file"}
    assert portal.collections() == ()


def test_r12_a_zarr_store_reads_nothing_but_its_own_folder(portal, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"the secret of this computer" + bytes(5_000))
    store = tmp_path / "x_2025-06-08.zarr"
    (store / "c" / "0").mkdir(parents=True)
    told = {
        "zarr_format": 3, "node_type": "array", "shape": [50, 50], "data_type": "uint8",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [50, 50]}},
        "chunk_key_encoding": {"name": "default"}, "fill_value": 0,
        "codecs": [{"name": "bytes"}],
        "attributes": {"proj:code": "EPSG:28992", "spatial:transform": [10, 0, 2e5, 0, -10, 4.6e5]},
    }  # fmt: skip
    (store / "zarr.json").write_text(json.dumps(told))
    os.link(secret, store / "harmless")
    (store / "c" / "0" / "0").symlink_to(secret)
    (receipt,) = portal.ingest([store], collection="attack")
    assert receipt.outcome is Outcome.REFUSED
    for file in portal.services.settings.files.rglob("*"):
        assert not file.is_file() or b"secret" not in file.read_bytes()
    (store / "c" / "0" / "0").unlink()
    (store / "c" / "0").rmdir()
    (store / "c").rmdir()
    (tmp_path / "away" / "0").mkdir(parents=True)
    secret.rename(tmp_path / "away" / "0" / "0")
    (store / "c").symlink_to(tmp_path / "away")
    (receipt,) = portal.ingest([store], collection="attack")
    assert receipt.outcome is Outcome.REFUSED
