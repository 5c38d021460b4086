"""Fetching files: goes on where it was, keeps to the bandwidth, and fills no disk."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import numpy as np
import orjson
import pytest
import shapely

from landzicht.errors.files import QuotaReached
from landzicht.formats.remote import Fetcher, FetchOptions, Permissions
from landzicht.grid import Grid
from landzicht.sources import fetch
from landzicht.sources.adapt import Ready
from landzicht.sources.fetch import NotHad, Way, fetch_item, pixels_of
from landzicht.testing.ranges import range_server

CONTENT = np.random.default_rng(3).bytes(900_000)


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "far"
    folder.mkdir()
    (folder / "a.tif").write_bytes(CONTENT)
    with range_server(folder) as running:
        yield running


@pytest.fixture
def fetcher():
    """Return what makes a fetcher; all hang up at the end."""
    made = []

    def make(server, **options):
        permissions = Permissions.read(server.base, "127.0.0.1")
        made.append(Fetcher(FetchOptions(permissions=permissions, **options)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def ready(server, **fields):
    asset = {"href": server.address("a.tif"), "type": "image/tiff", **fields}
    return Ready(
        key="k", id="k", moment=datetime(2025, 6, 1, tzinfo=UTC), version="1", order=(0.0, "", ""),
        observation="", fields={"id": "k", "assets": {"B04": asset}},
    )  # fmt: skip


def stop_after(pieces):
    left = iter([False] * pieces + [True] * 99)
    return lambda: next(left)


def test_a_part_is_gone_on_with_byte_for_byte(server, tmp_path, monkeypatch, fetcher):
    monkeypatch.setattr(fetch, "PIECE", 100_000)
    folder = tmp_path / "work"
    with pytest.raises(InterruptedError):
        fetch_item(ready(server), Way(fetcher=fetcher(server), stop=stop_after(3)), folder)
    assert (folder / "B04.tif.part").stat().st_size == 300_000
    before = len(server.asked)
    path = fetch_item(ready(server), Way(fetcher=fetcher(server)), folder)
    assert (folder / "B04.tif").read_bytes() == CONTENT
    assert server.asked[before].range == "bytes=300000-399999"
    assert orjson.loads(path.read_bytes())["assets"]["B04"]["href"] == "./B04.tif"
    assert {one.name for one in folder.iterdir()} == {"B04.tif", "item.json"}
    asked = len(server.asked)
    fetch_item(ready(server), Way(fetcher=fetcher(server)), folder)
    assert len(server.asked) == asked


def test_a_part_of_another_version_is_begun_anew(server, tmp_path, monkeypatch, fetcher):
    monkeypatch.setattr(fetch, "PIECE", 100_000)
    folder = tmp_path / "work"
    with pytest.raises(InterruptedError):
        fetch_item(ready(server), Way(fetcher=fetcher(server), stop=stop_after(3)), folder)
    other = CONTENT[::-1]
    (server.folder / "a.tif").write_bytes(other)
    fetch_item(ready(server), Way(fetcher=fetcher(server)), folder)
    assert (folder / "B04.tif").read_bytes() == other


def test_a_file_that_changes_all_the_time_is_given_up(server, tmp_path, monkeypatch, fetcher):
    monkeypatch.setattr(fetch, "PIECE", 100_000)
    server.break_next("/a.tif", *["", "etag"] * 9)
    server.conditional = False
    with pytest.raises(NotHad) as found:
        fetch_item(ready(server), Way(fetcher=fetcher(server)), tmp_path / "work")
    assert found.value.code == "asset-changes"


@pytest.mark.parametrize("length", [None, len(CONTENT)])
def test_a_server_without_ranges_is_read_as_a_whole(server, tmp_path, monkeypatch, length, fetcher):
    monkeypatch.setattr(fetch, "PIECE", 100_000)
    server.ranges = False
    fields = {"file:size": length} if length else {}
    fetch_item(ready(server, **fields), Way(fetcher=fetcher(server)), tmp_path / "work")
    assert (tmp_path / "work" / "B04.tif").read_bytes() == CONTENT


def test_the_bandwidth_is_kept_to(server, tmp_path, monkeypatch, fetcher):
    monkeypatch.setattr(fetch, "PIECE", 50_000)
    begin = time.monotonic()
    way = Way(fetcher=fetcher(server, rate=450_000.0))
    fetch_item(ready(server), way, tmp_path / "work")
    # One second may be given at once, the rest comes at its rate.
    assert time.monotonic() - begin >= 0.9
    assert way.fetcher.fetched == len(CONTENT)


def test_what_does_not_fit_is_not_begun(server, tmp_path, fetcher):
    def refuse(size):
        assert size == len(CONTENT)
        raise QuotaReached(reason="full")

    with pytest.raises(QuotaReached):
        fetch_item(ready(server), Way(fetcher=fetcher(server), must_fit=refuse), tmp_path / "work")
    server.ranges = False
    with pytest.raises(QuotaReached):
        fetch_item(ready(server), Way(fetcher=fetcher(server), must_fit=refuse), tmp_path / "work")


def test_threads_share_the_bandwidth(server, fetcher):
    one = fetcher(server, rate=600_000.0)
    begin = time.monotonic()
    jobs = [
        threading.Thread(target=one.piece, args=(server.address("a.tif"), 0, 300_000, None))
        for _ in range(4)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    assert time.monotonic() - begin >= 0.9  # 1.2 MB at 0.6 MB/s, one second of it at once


def test_pixels_of_an_area():
    from affine import Affine

    grid = Grid(
        crs="EPSG:32631", transform=Affine(10, 0, 640_000, 0, -10, 5_770_000), height=256, width=256
    )
    whole = pixels_of(shapely.box(3, 50, 8, 54), grid)
    assert (whole.left, whole.top, whole.right, whole.bottom) == (0, 0, 256, 256)
    assert pixels_of(shapely.box(20, 40, 21, 41), grid) is None
    assert pixels_of(shapely.box(-179, -80, -170, -70), grid) is None
    world = pixels_of(shapely.box(-180, -90, 180, 90), grid)
    assert world is not None
    inner = pixels_of(shapely.box(5.055, 52.045, 5.06, 52.05), grid)
    assert 0 < inner.left < inner.right < 256
    assert 0 < inner.top < inner.bottom < 256
    assert abs((inner.right - inner.left) * 10 - 343) < 40  # 0.005 degrees at 52 degrees north
    assert abs((inner.bottom - inner.top) * 10 - 556) < 40
