"""Reading from S3: a store in this process that speaks like Amazon's (moto)."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest
from affine import Affine

from landzicht.errors.remote import AddressNotAllowed, RemoteFailed
from landzicht.formats import CogReader, CogWriter
from landzicht.formats.places import Places
from landzicht.formats.remote import Permissions, RemoteFiles, RemoteOptions, S3Access
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band
from landzicht.testing.ranges import range_server

GRID = Grid(crs="EPSG:32631", transform=Affine(10, 0, 6e5, 0, -10, 5.7e6), height=900, width=800)
BAND = Band(name="a", dtype="uint16", nodata=0)
EVERYTHING = Window(0, 0, *GRID.shape)


def numbers(seed):
    return np.random.default_rng(seed).integers(0, 3_000, GRID.shape).astype(np.uint16)


@pytest.fixture(scope="module")
def store():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(store, tmp_path, monkeypatch):
    """Return a function that puts an image into the bucket."""
    from datetime import timedelta

    import obstore
    from obstore.store import S3Store

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret")
    import urllib.request

    urllib.request.urlopen(urllib.request.Request(f"{store}/pictures", method="PUT")).close()
    options = {"allow_http": True, "timeout": timedelta(seconds=10)}
    held = S3Store("pictures", endpoint=store, region="us-east-1", client_options=options)

    def put(seed):
        path = tmp_path / "a.tif"
        CogWriter().write(numbers(seed), GRID, BAND, path, {})
        obstore.put(held, "2025/a b.tif", path.read_bytes())

    return put


@contextmanager
def reading(endpoint, cache, hosts="s3://pictures", **options):
    plain = {"timeout_s": 4.0, "cache_bytes": 50_000_000, "whole_bytes": 20_000_000}
    told = RemoteOptions(
        permissions=Permissions.read(hosts, ""), s3=S3Access(endpoint=endpoint), **(plain | options)
    )
    reader = CogReader(cache, places=Places(cache, remote=RemoteFiles(told, cache)))
    try:
        yield reader
    finally:
        reader.close()


def asset(href="s3://pictures/2025/a b.tif"):
    return Asset(key="a", href=href, band=BAND, grid=GRID, size=0, sha256="")


def test_a_bucket_is_read_like_a_disk(store, bucket, tmp_path):
    bucket(1)
    with reading(store, tmp_path / "cache") as reader:
        block = reader.read(asset(), 0, EVERYTHING)
        np.testing.assert_array_equal(block.values[0], numbers(1))
        bucket(2)
        reader.clear()
        with reading(store, tmp_path / "other") as other:
            block = other.read(asset(), 0, EVERYTHING)
            np.testing.assert_array_equal(block.values[0], numbers(2))


def test_an_object_that_changes_is_begun_anew(store, bucket, tmp_path):
    bucket(3)
    with reading(store, tmp_path / "cache") as reader:
        reader.levels(asset())
        bucket(4)
        block = reader.read(asset(), 0, EVERYTHING)
        np.testing.assert_array_equal(block.values[0], numbers(4))


def test_what_is_not_there_is_told(store, bucket, tmp_path):
    bucket(1)
    with reading(store, tmp_path / "cache", "s3://*") as reader:
        for href in ("s3://pictures/gone.tif", "s3://no-such-bucket/a.tif"):
            with pytest.raises(RemoteFailed) as caught:
                reader.levels(asset(href))
            assert "test-secret" not in caught.value.say("en")
            assert "test-key" not in caught.value.say("en")


def test_other_buckets_are_not_asked(tmp_path):
    with range_server(tmp_path) as server, reading(server.base, tmp_path / "cache") as reader:
        with pytest.raises(AddressNotAllowed):
            reader.levels(asset("s3://private/a.tif"))
        assert server.asked == []


@pytest.mark.parametrize("fault", ["never", "500", "nonsense", "drop"])
def test_a_store_that_fails_is_told_in_time(tmp_path, monkeypatch, fault):
    import time

    monkeypatch.setattr("landzicht.formats.remote.s3.SILENCE_S", 0.5)
    with (
        range_server(tmp_path, always=fault) as server,
        reading(server.base, tmp_path / "cache", timeout_s=2.0) as reader,
    ):
        begin = time.monotonic()
        with pytest.raises(RemoteFailed):
            reader.levels(asset())
        assert time.monotonic() - begin < 5
