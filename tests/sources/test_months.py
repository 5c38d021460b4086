"""Months of the past: none forgotten, none twice, the newest first, and again after a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from landzicht.sources.months import AGAIN_DAYS, has_new, months_between, next_month

MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(since=MOMENTS, recent=MOMENTS)
def test_months_cover_all_days_once_newest_first(since, recent):
    found = list(months_between(since, recent))
    assert found
    for (first, _), (_, last) in pairwise(found):
        assert last + timedelta(milliseconds=1) == first
    assert found[0][0] <= recent <= found[0][1] + timedelta(milliseconds=1)
    if since <= recent:
        assert found[-1][0] <= since
        assert all(last >= since for _, last in found)


@given(since=MOMENTS, days=st.integers(0, 400))
def test_each_month_is_looked_at_once_then_the_oldest_look_again(since, days):
    recent = since + timedelta(days=days)
    months = list(months_between(since, recent))
    known: dict[str, float] = {}
    for turn, month in enumerate(months):
        assert has_new(known, since, recent)
        assert next_month(known, months, 1_000.0 + turn, full=False) == month
        known[f"{month[0]:%Y-%m}"] = 1_000.0 + turn
    assert not has_new(known, since, recent)
    assert next_month(known, months, 2_000.0, full=False) is None
    later = 1_001.0 + AGAIN_DAYS * 86_400
    assert next_month(known, months, later, full=False) == months[0]
    assert next_month(known, months, later, full=True) is None
    assert next_month(known, months, 500.0, full=False) == months[0]  # a clock that went back
