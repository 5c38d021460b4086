from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.catalogue import BadDatetime
from landzicht.kinds import Span, format_instant

moments = st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
)


@given(moments)
def test_an_instant_survives_writing_and_reading(moment: datetime) -> None:
    assert Span.parse(format_instant(moment)) == Span.instant(moment)


@given(moments, moments)
def test_a_period_survives_writing_and_reading(a: datetime, b: datetime) -> None:
    a, b = sorted((a, b))
    assert Span.parse(f"{format_instant(a)}/{format_instant(b)}") == Span(a, b)


@given(moments, moments, moments, moments)
def test_overlap_agrees_with_the_definition(
    a: datetime, b: datetime, c: datetime, d: datetime
) -> None:
    (a, b), (c, d) = sorted((a, b)), sorted((c, d))
    assert Span(a, b).overlaps(Span(c, d)) == (max(a, c) <= min(b, d))
    assert Span(None, b).overlaps(Span(c, d)) == (c <= b)
    assert Span(a, None).overlaps(Span(c, d)) == (a <= d)


def test_a_day_a_month_and_a_year_are_the_whole_of_it() -> None:
    day = Span.parse("2024-02-29")
    assert day.start == datetime(2024, 2, 29, tzinfo=UTC)
    assert day.end == datetime(2024, 3, 1, tzinfo=UTC) - timedelta(microseconds=1)
    assert Span.parse("2024-02").end == day.end
    assert Span.parse("2024") == Span.parse("2024-01/2024-12")
    assert Span.parse("2023/2024") == Span.parse("2023-01-01/2024-12-31")


def test_zones_become_utc() -> None:
    cet = timezone(timedelta(hours=1))
    assert Span.parse("2025-06-08T12:00:00+01:00").start == datetime(2025, 6, 8, 12, tzinfo=cet)
    assert format_instant(datetime(2025, 6, 8, 12, tzinfo=cet)) == "2025-06-08T11:00:00Z"


@pytest.mark.parametrize("open_end", ["2025-06-01/..", "2025-06-01/"])
def test_open_end(open_end: str) -> None:
    assert Span.parse(open_end) == Span(datetime(2025, 6, 1, tzinfo=UTC), None)


@pytest.mark.parametrize(
    "text",
    ["", "..", "../..", "/", "june", "2025-13-01", "2025-02-30", "2025-06-02/2025-06-01",
     "2025-06-01T25:00:00Z", "2025-06-01/2025-06-02/2025-06-03", "9999-12-31", "0000-01-01",
     "0000", "20255"],
)  # fmt: skip
def test_nonsense_is_refused_with_the_project_s_own_error(text: str) -> None:
    if text == "9999-12-31":
        with pytest.raises(BadDatetime):
            Span.parse(text)
    else:
        with pytest.raises(BadDatetime) as caught:
            Span.parse(text)
        assert caught.value.code == "bad-datetime"


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        Span.parse(text)
    except BadDatetime:
        pass
