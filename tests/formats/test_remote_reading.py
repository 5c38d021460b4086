"""Reading over HTTP, from good, slow, confused and hostile servers, held to reading on disk."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.files import UnreadableFile
from landzicht.errors.remote import (
    AddressNotAllowed,
    RemoteChanged,
    RemoteFailed,
    RemoteTooLarge,
)
from landzicht.formats import CogReader, CogWriter
from landzicht.formats.gdal import load_rasterio
from landzicht.formats.inspector import GdalInspector
from landzicht.formats.places import Places
from landzicht.formats.ranges import Range
from landzicht.formats.remote import Permissions, RemoteFiles, RemoteLinker, RemoteOptions
from landzicht.formats.remote.merge import joined
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band
from landzicht.testing.ranges import range_server

GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 6e5, 0, -10, 5.7e6), height=1_400, width=1_500
)
BAND = Band(name="a", dtype="uint16", nodata=0)
MIDDLE = Window(400, 400, 700, 700)
EVERYTHING = Window(0, 0, *GRID.shape)


def numbers(seed=1):
    values = np.random.default_rng(seed).integers(0, 3_000, GRID.shape).astype(np.uint16)
    values[:200, :300] = 0
    return values


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    CogWriter().write(numbers(), GRID, BAND, folder / "a.tif", {})
    return folder


@pytest.fixture
def server(folder):
    with range_server(folder) as server:
        yield server


@contextmanager
def reading(server, cache, **options):
    """Yield a reader of what the server has, with a short patience unless told otherwise."""
    plain = {
        "permissions": Permissions.read(server.base, "127.0.0.1"),
        "timeout_s": 30.0,
        "cache_bytes": 50_000_000,
        "whole_bytes": 20_000_000,
    }
    remote = RemoteFiles(RemoteOptions(**(plain | options)), cache)
    reader = CogReader(cache, places=Places(cache, remote=remote))
    try:
        yield reader
    finally:
        reader.close()


def asset(server, name="a.tif"):
    return Asset(key="a", href=server.address(name), band=BAND, grid=GRID, size=0, sha256="")


def same(block, window=MIDDLE, values=None):
    values = numbers() if values is None else values
    wanted = values[window.row : window.stop_row, window.column : window.stop_column]
    np.testing.assert_array_equal(block.values[0], wanted)
    np.testing.assert_array_equal(block.valid[0], wanted != 0)


# --------------------------------------------------------------------------- few requests


def test_a_file_opens_in_one_request_and_a_window_takes_one_more(server, tmp_path):
    with reading(server, tmp_path) as reader:
        levels = reader.levels(asset(server))
        assert [level.shape for level in levels] == [(1_400, 1_500), (700, 750), (350, 375)]
        assert server.count() == 1
        same(reader.read(asset(server), 0, MIDDLE))
        assert server.count() == 2  # nine blocks that lie close together
        same(reader.read(asset(server), 0, MIDDLE))
        assert server.count() == 2
        assert reader.routes["own"] == 2
    assert all(one.method == "GET" and one.range for one in server.asked)


def test_a_window_in_parts_takes_one_request_too(server, tmp_path):
    found = np.zeros((MIDDLE.height, MIDDLE.width), np.uint16)
    with reading(server, tmp_path) as reader:
        parts = reader.direct.parts(asset(server), 0, MIDDLE, 512)
        assert server.count() == 2
        for part in parts:
            at = part.window
            places = np.arange(at.height)[:, None] * part.stride + np.arange(at.width)
            rows = slice(at.row - MIDDLE.row, at.stop_row - MIDDLE.row)
            columns = slice(at.column - MIDDLE.column, at.stop_column - MIDDLE.column)
            found[rows, columns] = part.values[places]
        assert server.count() == 2  # the header, and all blocks
    rows = slice(MIDDLE.row, MIDDLE.stop_row)
    np.testing.assert_array_equal(found, numbers()[rows, MIDDLE.column : MIDDLE.stop_column])


OTHERS = {
    "gdal-cog": ({"driver": "COG"}, 1),
    "big-header": ({"driver": "COG", "blocksize": 128}, 2),
    "header-at-the-end": (
        {"driver": "GTiff", "tiled": True, "blockxsize": 64, "blockysize": 64, "bigtiff": "YES"},
        3,
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_files_of_others_open_in_few_requests(server, folder, tmp_path, name):
    """A COG in at most two, also with a header of many kilobytes; another TIFF in one more."""
    rasterio = load_rasterio()
    options, most = OTHERS[name]
    side = 7_000 if name == "big-header" else 3_000
    path = folder / f"{name}.tif"
    profile = {
        "count": 1, "height": side, "width": side, "dtype": "uint8", "crs": "EPSG:32631",
        "transform": GRID.transform, "compress": "lzw", **options,
    }  # fmt: skip
    values = np.zeros((side, side), np.uint8)
    values[900:1_400, 900:1_400] = np.random.default_rng(2).integers(1, 255, (500, 500))
    with rasterio.open(path, "w", **profile) as target:
        target.write(values, 1)
    grid = Grid(crs="EPSG:32631", transform=GRID.transform, height=side, width=side)
    band = Band(name="a", dtype="uint8")
    far = Asset(key="a", href=server.address(path.name), band=band, grid=grid, size=0, sha256="")
    with reading(server, tmp_path) as reader:
        reader.levels(far)
        assert server.count() <= most
        block = reader.read(far, 0, Window(1_000, 1_000, 300, 300))
    np.testing.assert_array_equal(block.values[0], values[1_000:1_300, 1_000:1_300])


def test_sixteen_threads_that_want_one_block_make_one_request(server, tmp_path):
    server.delay = 0.1
    with reading(server, tmp_path, cache_bytes=0) as reader:
        reader.levels(asset(server))
        start = threading.Barrier(16)

        def read(_):
            start.wait()
            return reader.read(asset(server), 0, Window(600, 600, 100, 100))

        with ThreadPoolExecutor(16) as pool:
            blocks = list(pool.map(read, range(16)))
    assert server.count() == 2
    for block in blocks:
        same(block, Window(600, 600, 100, 100))


def test_no_more_requests_at_once_than_allowed(server, tmp_path):
    server.delay = 0.05
    windows = [Window(row, column, 10, 10) for row in (0, 600, 1_100) for column in (0, 600, 1_100)]
    with reading(server, tmp_path, connections=3) as reader, ThreadPoolExecutor(9) as pool:
        blocks = list(pool.map(lambda window: reader.read(asset(server), 0, window), windows))
    for block, window in zip(blocks, windows, strict=True):
        same(block, window)
    assert 1 < server.most_at_once <= 3


pieces = st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 900)), max_size=30)


@given(pieces, st.integers(0, 500), st.integers(100, 3_000))
def test_joined_pieces_cover_what_is_wanted_and_little_more(told, gap, most):
    wanted = {Range(*one) for one in told}
    made = joined(wanted, gap, most)
    assert sorted(piece for joint in made for piece in joint.pieces) == sorted(wanted)
    for joint in made:
        assert joint.offset == min(piece.offset for piece in joint.pieces)
        assert joint.stop == max(piece.offset + piece.size for piece in joint.pieces)
        assert len(joint.pieces) == 1 or joint.stop - joint.offset <= max(most, 900 + gap)
        bytes_wanted = {byte for p in joint.pieces for byte in range(p.offset, p.offset + p.size)}
        assert joint.stop - joint.offset - len(bytes_wanted) <= gap * (len(joint.pieces) - 1)


# --------------------------------------------------------------------------- faults


@pytest.mark.parametrize("fault", ["drop", "truncate", "500", "503", "nonsense", "429"])
@pytest.mark.parametrize("moment", ["open", "read"])
def test_a_fault_that_passes_costs_only_time(server, tmp_path, fault, moment):
    with reading(server, tmp_path) as reader:
        if moment == "read":
            reader.levels(asset(server))
        server.break_next("/a.tif", fault)
        begin = time.monotonic()
        same(reader.read(asset(server), 0, MIDDLE))
        assert time.monotonic() - begin >= (1.0 if fault == "429" else 0.0)
    assert server.count() == 3


LASTING = {
    "drop": RemoteFailed,
    "truncate": RemoteFailed,
    "500": RemoteFailed,
    "429": RemoteFailed,
    "403": RemoteFailed,
    "404": RemoteFailed,
    "never": RemoteFailed,
    "drip": RemoteFailed,
    "drip-headers": RemoteFailed,
    "wrong-range": RemoteFailed,
    "no-range-header": RemoteFailed,
    "longer": RemoteFailed,
    "redirect": RemoteFailed,
    "gzip": RemoteFailed,
    "nonsense": RemoteFailed,
    "etag": RemoteChanged,
}


@pytest.mark.parametrize("fault", LASTING)
def test_a_fault_that_stays_is_told_in_time_and_in_two_languages(server, tmp_path, fault):
    with reading(server, tmp_path, timeout_s=1.5) as reader:
        reader.levels(asset(server))
        server.always = fault
        if fault == "etag":
            server.conditional = False
            server.always = ""
            server.break_next("/a.tif", "etag", "", "etag")
        begin = time.monotonic()
        with pytest.raises(LASTING[fault]) as caught:
            reader.read(asset(server), 0, MIDDLE)
        assert time.monotonic() - begin < 4
    dutch, english = caught.value.say("nl"), caught.value.say("en")
    assert dutch != english
    assert "{" not in dutch + english


@pytest.mark.parametrize("fault", ["never", "drip", "redirect", "404", "nonsense"])
def test_a_server_that_is_bad_from_the_start_is_told_in_time(server, tmp_path, monkeypatch, fault):
    monkeypatch.setattr("landzicht.formats.remote.files._REST_S", 60.0)
    server.always = fault
    with reading(server, tmp_path, timeout_s=1.0) as reader:
        begin = time.monotonic()
        with pytest.raises(RemoteFailed):
            reader.levels(asset(server))
        assert time.monotonic() - begin < 3
        asked = server.count()
        with pytest.raises(RemoteFailed):
            reader.levels(asset(server))
        if fault in ("never", "drip"):  # it is left alone for a moment
            assert server.count() == asked


def test_nobody_listens(server, tmp_path):
    far = replace(asset(server), href="http://127.0.0.1:9/a.tif")
    permissions = Permissions.read("http://127.0.0.1:9", "127.0.0.1")
    with (
        reading(server, tmp_path, permissions=permissions) as reader,
        pytest.raises(RemoteFailed),
    ):
        reader.levels(far)


def test_a_name_that_nobody_answers_for_is_told_in_time(server, tmp_path, monkeypatch):
    import socket

    woken = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: woken.wait(60))
    with reading(server, tmp_path, timeout_s=0.5) as reader:
        begin = time.monotonic()
        with pytest.raises(RemoteFailed):
            reader.levels(asset(server))
        assert time.monotonic() - begin < 3
        woken.set()


def test_a_redirect_leads_nowhere(server, folder, tmp_path):
    with range_server(folder) as inside:
        server.elsewhere = inside.address("a.tif")
        server.always = "redirect"
        with reading(server, tmp_path) as reader, pytest.raises(RemoteFailed):
            reader.levels(asset(server))
        assert inside.asked == []


def test_a_computer_that_is_not_allowed_is_not_asked(server, tmp_path):
    for hosts, private in (("", "127.0.0.1"), ("*", "127.0.0.1"), (server.base, "")):
        permissions = Permissions.read(hosts, private)
        with (
            reading(server, tmp_path, permissions=permissions) as reader,
            pytest.raises(AddressNotAllowed),
        ):
            reader.levels(asset(server))
    assert server.asked == []


# --------------------------------------------------------------------------- other servers


def test_a_server_without_ranges_is_read_whole_once(server, tmp_path):
    server.ranges = False
    with reading(server, tmp_path) as reader:
        same(reader.read(asset(server), 0, MIDDLE))
        same(reader.read(asset(server), 0, EVERYTHING), EVERYTHING)
    assert server.count() == 2  # the first tells how large it is


def test_a_server_without_ranges_and_a_file_that_is_too_large(server, tmp_path):
    server.ranges = False
    with reading(server, tmp_path, whole_bytes=100_000) as reader:
        with pytest.raises(RemoteTooLarge) as caught:
            reader.levels(asset(server))
        assert "remote_whole_mb" in caught.value.say("nl")


@pytest.mark.parametrize(
    "told", [{"etags": False}, {"etags": False, "modified": False}, {"conditional": False}]
)
def test_servers_that_tell_less_are_read_as_well(server, tmp_path, told):
    for name, value in told.items():
        setattr(server, name, value)
    with reading(server, tmp_path) as reader:
        same(reader.read(asset(server), 0, MIDDLE))


def test_a_slow_connection_is_no_fault(server, tmp_path):
    server.rate = 2_000_000
    with reading(server, tmp_path, timeout_s=10) as reader:
        same(reader.read(asset(server), 0, EVERYTHING), EVERYTHING)


def test_a_file_of_another_kind_is_fetched_whole_and_read_by_gdal(server, folder, tmp_path):
    """Here: numbers of 12 bits, which our own path does not read."""
    rasterio = load_rasterio()
    values = numbers() % 4_096
    profile = {"driver": "GTiff", "count": 1, "height": 1_400, "width": 1_500, "dtype": "uint16"}
    with rasterio.open(
        folder / "odd.tif", "w", NBITS=12, crs="EPSG:32631", transform=GRID.transform, **profile
    ) as target:
        target.write(values, 1)
    with reading(server, tmp_path) as reader:
        block = reader.read(asset(server, "odd.tif"), 0, MIDDLE)
        assert reader.routes["gdal"] == 1
        np.testing.assert_array_equal(block.values[0], values[400:1_100, 400:1_100])
        before = server.count()
        reader.read(asset(server, "odd.tif"), 0, EVERYTHING)
        assert server.count() == before
    for limits in ({"whole_bytes": 1_000_000}, {"cache_bytes": 0}):
        with reading(server, tmp_path / "other", **limits) as reader, pytest.raises(RemoteTooLarge):
            reader.read(asset(server, "odd.tif"), 0, MIDDLE)


# --------------------------------------------------------------------------- change


@pytest.mark.parametrize("conditional", [True, False])
def test_a_file_that_changes_is_begun_anew_and_never_mixed(folder, tmp_path, conditional):
    path = tmp_path / "served" / "a.tif"
    path.parent.mkdir()
    path.write_bytes((folder / "a.tif").read_bytes())
    with range_server(path.parent, conditional=conditional) as server:
        with reading(server, tmp_path / "cache") as reader:
            same(reader.read(asset(server), 0, Window(0, 0, 100, 100)), Window(0, 0, 100, 100))
            CogWriter().write(numbers(5), GRID, BAND, path, {})
            same(reader.read(asset(server), 0, EVERYTHING), EVERYTHING, numbers(5))
        with reading(server, tmp_path / "cache") as reader:
            asked = server.count()
            same(reader.read(asset(server), 0, EVERYTHING), EVERYTHING, numbers(5))
            assert server.count() == asked  # from disk, and the right version


def test_a_file_that_becomes_another_picture_is_told(folder, tmp_path):
    path = tmp_path / "served" / "a.tif"
    path.parent.mkdir()
    path.write_bytes((folder / "a.tif").read_bytes())
    with range_server(path.parent) as server, reading(server, tmp_path / "cache") as reader:
        reader.levels(asset(server))
        small = Grid(crs=GRID.crs, transform=GRID.transform, height=50, width=60)
        CogWriter().write(numbers()[:50, :60], small, BAND, path, {})
        with pytest.raises(RemoteChanged):
            reader.read(asset(server), 0, MIDDLE)
        with pytest.raises(RemoteFailed):
            reader.levels(asset(server))


def test_after_an_hour_the_server_is_asked_again(server, tmp_path, monkeypatch):
    with reading(server, tmp_path) as reader:
        reader.read(asset(server), 0, MIDDLE)
        later = time.time() + 4_000
        monkeypatch.setattr(time, "time", lambda: later)
        reader.read(asset(server), 0, MIDDLE)
    assert server.count() == 3  # one more head; the pixels are still good


# --------------------------------------------------------------------------- damaged files


@pytest.mark.parametrize("place", ["head", "table", "block"])
def test_a_damaged_file_elsewhere_is_told_as_such(folder, tmp_path, place):
    content = bytearray((folder / "a.tif").read_bytes())
    spots = {"head": slice(0, 8), "table": slice(8, 400), "block": slice(-400_000, -1)}
    content[spots[place]] = bytes(b"\xa5" * len(content[spots[place]]))
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "a.tif").write_bytes(content)
    with (
        range_server(tmp_path / "served") as server,
        reading(server, tmp_path / "cache") as reader,
        pytest.raises(RemoteFailed) as caught,
    ):
        reader.read(asset(server), 0, EVERYTHING)
    for language in ("nl", "en"):
        said = caught.value.say(language)
        assert "127.0.0.1" in said
        assert str(tmp_path) not in said  # where this computer keeps its copy is nobody's business


def test_what_was_no_raster_is_asked_for_anew(folder, tmp_path):
    """A page to log in, sent in place of the file, is not believed for an hour."""
    served = tmp_path / "served"
    served.mkdir()
    (served / "a.tif").write_bytes(b"<html>please log in</html>")
    with (
        range_server(served) as server,
        reading(server, tmp_path / "cache") as reader,
    ):
        with pytest.raises(RemoteFailed):
            reader.read(asset(server), 0, MIDDLE)
        (served / "a.tif").write_bytes((folder / "a.tif").read_bytes())
        same(reader.read(asset(server), 0, MIDDLE))


def test_looking_at_what_is_no_raster_names_its_address(tmp_path, sandbox):
    served = tmp_path / "served"
    served.mkdir()
    (served / "a.tif").write_bytes(b"<html>please log in</html>")
    with range_server(served) as server:
        permissions = Permissions.read(server.base, "127.0.0.1")
        room = {"cache_bytes": 50_000_000, "whole_bytes": 20_000_000}
        options = RemoteOptions(permissions=permissions, **room)
        remote = RemoteFiles(options, tmp_path / "cache")
        linker = RemoteLinker(remote, Places(tmp_path, remote=remote), GdalInspector(sandbox))
        try:
            for expected in (1, 2):  # and asks anew the next time
                with pytest.raises(UnreadableFile) as caught:
                    linker.inspect(server.address("a.tif"))
                assert server.address("a.tif") in caught.value.say()
                assert str(tmp_path) not in caught.value.say()
                assert sum(one.range is not None for one in server.asked) >= expected
        finally:
            remote.close()
