"""Heads of JPEG 2000 files: tiles that a decoder could not hold are refused before it sees them."""

from __future__ import annotations

import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.files import FileTooLarge, UnreadableFile
from landzicht.formats.gdal import load_rasterio
from landzicht.formats.inspector import inspect_here
from landzicht.formats.jp2 import _read_head, check_jp2
from landzicht.formats.sources import open_source


def codestream(*, side=1_000, tile=1_000, bands=1, code=(4, 4), precincts=None, first=True):
    """Return the head of a codestream without one pixel."""
    size = (
        struct.pack(">H8IH", 0, side, side, 0, 0, tile, tile, 0, 0, bands) + b"\x07\x01\x01" * bands
    )
    own, levels = (0, 5) if precincts is None else (1, len(precincts) - 1)
    style = struct.pack(">BBHBBBBBB", own, 0, 1, 0, levels, *code, 0, 1)
    style += bytes(down << 4 | across for across, down in precincts or ())
    quantities = b"\x40" + bytes([0x48] * 16)
    parts = [(0x51, size), (0x52, style), (0x5C, quantities)]
    body = b"".join(
        b"\xff" + bytes([kind]) + struct.pack(">H", len(part) + 2) + part
        for kind, part in (parts if first else reversed(parts))
    )
    return b"\xff\x4f" + body + b"\xff\x90" + struct.pack(">HHIBB", 10, 0, 0, 0, 1) + b"\xff\x93"


def boxed(stream, *before, length=0):
    boxes = b"\0\0\0\x0cjP  \r\n\x87\n" + b"".join(before)
    return boxes + struct.pack(">I4s", length, b"jp2c") + stream


def box(kind, content, *, wide=False):
    if wide:
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


ALLOWED = {
    "usual": codestream(),
    "13,000 of three bands in one tile": codestream(side=13_000, tile=13_000, bands=3),
    "large in tiles": codestream(side=63_000, tile=1_024, bands=4),
    "tile larger than the image": codestream(side=500, tile=2**31),
    "precincts": codestream(precincts=((7, 7), (8, 8), (8, 8))),
    "in boxes": boxed(codestream(), box(b"ftyp", b"jp2 "), box(b"uuid", bytes(99), wide=True)),
}
REFUSED = {
    "one tile of 9 GB": codestream(side=49_000, tile=49_000),
    "many bands": codestream(side=10_000, tile=10_000, bands=16),
    "crumbs": codestream(side=9_000, tile=9_000, code=(0, 0)),
    "precincts of crumbs": codestream(side=9_000, tile=9_000, precincts=((15, 15), (2, 3))),
    "in boxes": boxed(codestream(side=49_000, tile=49_000), box(b"ftyp", b"jp2 ")),
}
DAMAGED = {
    "nothing": b"\xff\x4f",
    "no size": codestream()[:2] + codestream()[48:],
    "no style": codestream(first=False)[:26],
    "no bands": codestream(bands=0),
    "no image": codestream(side=0),
    "no tile": codestream(tile=0),
    "cut precincts": codestream(precincts=((7, 7), (8, 8)))[:-50],
    "no stream": boxed(b"words"),
    "no box": boxed(b"")[:12],
    "endless boxes": b"\0\0\0\x0cjP  \r\n\x87\n" + struct.pack(">I4s", 0, b"free") + codestream(),
    "boxes that go nowhere": b"\0\0\0\x0cjP  \r\n\x87\n" + struct.pack(">I4s", 4, b"free") * 9,
}


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(tmp_path, name):
    path = tmp_path / "a.jp2"
    path.write_bytes(ALLOWED[name])
    check_jp2(path)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_wherever_it_is_opened(tmp_path, name):
    path = tmp_path / "a.jp2"
    path.write_bytes(REFUSED[name])
    with pytest.raises(FileTooLarge, match="MB"):
        inspect_here(path)
    with pytest.raises(FileTooLarge), open_source(path, "JP2OpenJPEG", None):
        pass


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged(tmp_path, name):
    path = tmp_path / "a.jp2"
    path.write_bytes(DAMAGED[name])
    with pytest.raises(UnreadableFile):
        check_jp2(path)


def test_what_gdal_writes_passes(make_tiff, tmp_path):
    values = np.random.default_rng(0).integers(0, 999, (3, 300, 200)).astype("uint16")
    for number, options in enumerate(({}, {"BLOCKYSIZE": 64}, {"CODEC": "J2K"})):
        path = make_tiff(values, f"{number}.jp2", driver="JP2OpenJPEG", **options)
        with path.open("rb") as file:
            samples, piece, shape = _read_head(file)
        assert samples == 3 * (64 * 200 if "BLOCKYSIZE" in options else 300 * 200)
        assert (piece, shape) == (64 * 64, (300, 200))
        with load_rasterio().open(path) as image:
            assert image.shape == (300, 200)
        check_jp2(path)


@given(st.binary(max_size=300), st.sampled_from(["", *ALLOWED]), st.integers(0, 120))
def test_any_bytes_are_judged(tmp_path_factory, noise, name, place):
    path = tmp_path_factory.getbasetemp() / "noise.jp2"
    good = ALLOWED.get(name, b"\xff\x4f")
    path.write_bytes(good[:place] + noise + good[place + len(noise) :])
    with contextlib.suppress(FileTooLarge, UnreadableFile):
        check_jp2(path)
