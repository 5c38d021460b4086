"""What is asked for in rounds stays, as far as it fits, and makes room for other things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.series.rounds import RoundCache


def ask(cache, keys):
    """Ask for each key; return how many had to be made."""
    made = []
    for key in keys:
        assert cache.get(key, lambda key=key: made.append(key) or key) == key
    return len(made)


@given(room=st.integers(1, 30), count=st.integers(1, 60))
def test_every_round_makes_only_what_does_not_fit(room, count):
    cache = RoundCache(room, lambda _: 1)
    assert ask(cache, range(count)) == count
    for _ in range(4):
        assert ask(cache, range(count)) == max(0, count - room)
    assert cache.counts["bytes"] == min(room, count)


def test_neighbours_that_change_places_cost_next_to_nothing():
    cache = RoundCache(10, lambda _: 1)  # as threads do
    ask(cache, range(20))
    for _ in range(5):
        keys = list(range(20))
        keys[4:6], keys[12:14] = keys[5:3:-1], keys[13:11:-1]
        assert ask(cache, keys) <= 10


def test_other_parcels_take_the_place_of_those_that_nobody_asks_for():
    cache = RoundCache(10, lambda _: 1)
    for _ in range(3):
        ask(cache, range(20))
    assert ask(cache, range(100, 108)) == 8
    assert ask(cache, range(100, 108)) == 0
    for _ in range(5):
        ask(cache, range(200, 230))
    assert ask(cache, range(200, 230)) == 20


def test_the_bound_holds_for_values_of_all_sizes():
    cache = RoundCache(100, lambda value: value)
    for _ in range(5):
        for size in (60, 30, 25, 101, 7, 90, 3):
            assert cache.get(size, lambda size=size: size) == size
            assert cache.counts["bytes"] <= 100
    assert cache.counts["hits"] > 0


def test_what_cannot_be_made_is_asked_for_again():
    def fails():
        raise OSError

    cache = RoundCache(10, lambda _: 1)
    for _ in range(3):
        with pytest.raises(OSError):
            cache.get("a", fails)
    assert ask(cache, "aab") == 2
