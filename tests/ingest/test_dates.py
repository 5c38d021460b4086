from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.catalogue import BadDatetime
from landzicht.ingest.dates import moment_in, when_given, when_in, when_in_tags, when_since


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("NDVI-20170215", utc(2017, 2, 15)),
        ("S2A_20190307T105021_31UFS_TOC-B04", utc(2019, 3, 7, 10, 50, 21)),
        ("photo 2021-06-08", utc(2021, 6, 8)),
        ("photo_2021_06_08_1230", utc(2021, 6, 8, 12, 30)),
        ("2018:07:16 06:06:23", None),
        ("LC08_L2SP_198024_20200613_20200824", utc(2020, 6, 13)),
        ("order 12345678 of 20200102", utc(2020, 1, 2)),
        ("20201399", None),
        ("tile_31UFS_10m", None),
        ("18500101", None),
        ("", None),
    ],
)
def test_dates_in_names(name: str, moment: datetime | None) -> None:
    found = when_in(name)
    assert (found[0] if found else None) == moment


@given(st.datetimes(datetime(1930, 1, 1), datetime(2100, 12, 31)), st.text("abc_- ", max_size=9))
def test_every_written_moment_is_found(moment: datetime, around: str) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    for pattern in ("%Y%m%dT%H%M%S", "%Y-%m-%dT%H:%M:%SZ"):
        found = when_in(f"{around}{moment:{pattern}}{around}")
        assert found == (moment, None)


@given(st.text(max_size=60))
def test_no_text_is_an_error(text: str) -> None:
    when_in(text)
    when_since(text, text)
    moment_in(text)


def test_a_bare_year_in_a_header_is_no_date() -> None:
    assert moment_in("2025") is None
    assert moment_in("2025-06") == utc(2025, 6, 1)


def test_given_dates() -> None:
    assert when_given("2020-01-01") == (utc(2020, 1, 1), None)
    assert when_given("2020-01-01T10:00:00Z") == (utc(2020, 1, 1, 10), None)
    start, end = when_given("2020-02")
    assert (start, end) == (utc(2020, 2, 1), utc(2020, 3, 1) - timedelta(microseconds=1))
    for wrong in ("yesterday", "2020-01-01/..", "../..", ""):
        with pytest.raises(BadDatetime):
            when_given(wrong)


@given(st.integers(0, 40_000))
def test_cf_time_is_reference_plus_amount(days: int) -> None:
    found = when_since("days since 1990-01-01", str(days))
    assert found == (utc(1990, 1, 1) + timedelta(days=days), None)
    assert when_since("hours since 1990-01-01 00:00:00", str(days)) == (
        utc(1990, 1, 1) + timedelta(hours=days),
        None,
    )


def test_the_date_of_the_file_is_not_that_of_the_image() -> None:
    assert when_in_tags({"TIFFTAG_DATETIME": "2020:01:01 00:00:00"}) is None
    assert when_in_tags({"Acquisition_Date": "2020-01-01"}) == (utc(2020, 1, 1), None)
