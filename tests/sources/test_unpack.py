"""Unpacking delivered zips: any bytes, any names, never outside the folder."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landzicht.errors.files import QuotaReached
from landzicht.sources import unpack as module
from landzicht.sources.fetch import NotHad
from landzicht.sources.unpack import unpack

RELAXED = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
counter = iter(range(10**9))


def fits(_: int) -> None:
    """All the room of the world."""


def place(tmp_path: Path) -> tuple[Path, Path]:
    number = next(counter)
    folder = tmp_path / f"out-{number}"
    folder.mkdir()
    return tmp_path / f"{number}.zip", folder


def zipped(names: list[tuple[str, bytes]]) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names:
            archive.writestr(zipfile.ZipInfo(name), content)
    return memory.getvalue()


@RELAXED
@given(st.binary(max_size=400), st.integers(0, 400), st.integers(0, 255))
def test_any_bytes_are_unpacked_or_refused(tmp_path, content: bytes, at: int, other: int) -> None:
    path, folder = place(tmp_path)
    good = bytearray(zipped([("a/b.xml", b"x" * 50), ("c.tif", b"y" * 50)]))
    good[at % len(good)] = other
    for attempt in (content, bytes(good)):
        path.write_bytes(attempt)
        try:
            unpack(path, folder, fits)
        except (NotHad, OSError):
            continue


_SIGNS = st.text(st.sampled_from("ab./\\:\0\n~ ü"), min_size=1, max_size=20)
NAMES = _SIGNS.filter(lambda text: not text.startswith("\0")).map(lambda text: text + ".tif")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@RELAXED
@given(st.lists(NAMES, max_size=4))
def test_no_name_leads_out(tmp_path, names: list[str]) -> None:
    path, folder = place(tmp_path)
    before = {each for each in tmp_path.rglob("*") if not each.is_relative_to(folder)}
    path.write_bytes(zipped([(name, b"x") for name in names]))
    try:
        unpack(path, folder, fits)
    except (NotHad, OSError):
        pass
    after = {each for each in tmp_path.rglob("*") if not each.is_relative_to(folder)}
    assert after - before <= {path}


def test_more_than_it_says_is_refused(tmp_path) -> None:
    path, folder = place(tmp_path)
    content = bytearray(zipped([("a.tif", b"x" * 100_000)]))
    at = content.rfind(b"PK\x01\x02") + 24  # uncompressed size in the list at the end
    content[at : at + 4] = struct.pack("<I", 10)
    path.write_bytes(content)
    with pytest.raises(NotHad) as caught:
        unpack(path, folder, fits)
    assert caught.value.code in ("zip-too-large", "zip-damaged")


def test_more_than_we_unpack_is_refused(tmp_path, monkeypatch) -> None:
    path, folder = place(tmp_path)
    path.write_bytes(zipped([("a.tif", b"x" * 1000), ("b.tif", b"x" * 1000)]))
    monkeypatch.setattr(module, "MOST_BYTES", 1500)
    with pytest.raises(NotHad) as caught:
        unpack(path, folder, fits)
    assert caught.value.code == "zip-too-large"
    assert list(folder.iterdir()) == []


def test_the_quota_is_asked_before_a_byte_is_written(tmp_path) -> None:
    path, folder = place(tmp_path)
    path.write_bytes(zipped([("a.tif", b"x" * 1000), ("readme.md", b"x" * 9000)]))
    asked: list[int] = []

    def full(size: int) -> None:
        asked.append(size)
        raise QuotaReached(reason="full")

    with pytest.raises(QuotaReached):
        unpack(path, folder, full)
    assert asked == [1000]  # what is not wanted is not unpacked
    assert list(folder.iterdir()) == []
