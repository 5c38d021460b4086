"""The operator's quota: nothing beyond it, never half an image, and on again by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from landzicht.errors.files import QuotaReached
from landzicht.kinds import Outcome
from landzicht.portal import open_portal
from landzicht.portal.quota import Meter, Room, count, must_fit, room, room_of
from landzicht.portal.settings import load_settings
from landzicht.testing.photos import noise_photo, write_photo

MB = 1_000_000


def photo(folder, number: int, side: int = 700):
    return noise_photo(folder / f"photo-202506{number:02}.tif", number, side)


def stored(portal) -> int:
    files = portal.services.settings.data / "files"
    return sum(path.stat().st_size for path in files.glob("??/*.tif"))


def test_nothing_beyond_the_quota_and_never_half(tmp_path) -> None:
    photos = [photo(tmp_path, number) for number in range(1, 6)]
    settings = load_settings(tmp_path / "data", quota_mb=2)
    with open_portal(settings) as portal:
        receipts = portal.ingest(photos)
        outcomes = [receipt.outcome for receipt in receipts]
        assert Outcome.ADDED in outcomes
        assert Outcome.REFUSED in outcomes
        taken = outcomes.count(Outcome.ADDED)
        assert portal.collection("photo").count == taken
        assert stored(portal) <= 2 * MB
        (found,) = receipts[-1].findings
        assert found.code == "quota-reached"
        assert "2 MB" in found.message.nl
        assert "retention" in found.message.en
        incoming = settings.data / "files" / ".incoming"
        assert list(incoming.iterdir()) == []
        # What is in stays known, also now.
        assert portal.ingest(photos[:1])[0].outcome is Outcome.KNOWN
        told = room_of(portal.services)
        assert told.used == stored(portal)
        assert told.quota == 2 * MB
    with open_portal(replace(settings, quota_mb=100)) as portal:
        outcomes = [receipt.outcome for receipt in portal.ingest(photos)]
        assert outcomes.count(Outcome.ADDED) == 5 - taken
        assert outcomes.count(Outcome.KNOWN) == taken


def test_space_that_came_back_is_seen_at_once(tmp_path) -> None:
    """A no is never said on an old sum."""
    settings = load_settings(tmp_path / "data", quota_mb=1)
    with open_portal(settings) as portal:
        (first,) = portal.ingest([photo(tmp_path, 1)])
        assert first.outcome is Outcome.ADDED
        assert room(portal.services, MB) is not None
        for path in (settings.data / "files").glob("??/*.tif"):
            path.unlink()
        assert room(portal.services, MB - 1) is None


def test_a_file_that_grows_when_unpacked_is_refused_after_all(tmp_path) -> None:
    """JPEG is much smaller than what comes of it: the estimate passes, the sum does not."""
    values = np.random.default_rng(0).integers(1, 255, (3, 900, 900)).astype(np.uint8)
    path = write_photo(
        tmp_path / "photo-20250601.tif", values, compress="jpeg", photometric="YCBCR", tiled=True
    )
    estimate = path.stat().st_size * 3 // 2
    assert estimate < 2 * MB < values.nbytes
    with open_portal(load_settings(tmp_path / "data", quota_mb=2)) as portal:
        (receipt,) = portal.ingest([path])
        assert [found.code for found in receipt.findings if found.blocks] == ["quota-reached"]
        assert stored(portal) == 0


def test_without_a_quota_the_disk_is_the_limit(tmp_path) -> None:
    with open_portal(tmp_path / "data") as portal:
        assert room(portal.services, 10 * MB) is None
        reason = room(portal.services, 10**18)
        assert reason is not None
        assert "disk" in reason.en
        assert "schijf" in reason.nl
        with pytest.raises(QuotaReached):
            must_fit(portal.services, 10**18)
        assert not room_of(portal.services).is_full


def test_the_meter_counts_what_is_stored(tmp_path) -> None:
    for name, size in (("files/ab/x.tif", 10), ("files/.bin/y/z.tif", 5), ("files/.incoming/q", 9)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    assert count(tmp_path / "files") == 15
    assert count(tmp_path / "none") == 0
    meter = Meter(tmp_path)
    assert meter.used() == 15
    meter.add(100)
    assert meter.used() == 115
    assert Room(used=2, quota=2, free=0).is_full
