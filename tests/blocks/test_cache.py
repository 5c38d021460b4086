"""The cache: bounded, joined, forgetful of errors."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.blocks.cache import ByteCache


@given(
    st.integers(0, 50),
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 30)), max_size=60),
)
def test_never_more_bytes_than_allowed_and_always_the_right_value(most, requests):
    cache: ByteCache[bytes] = ByteCache(most, len)
    sizes: dict[int, int] = {}
    for key, wanted in requests:
        value = bytes([key]) * sizes.setdefault(key, wanted)
        assert cache.get(key, lambda value=value: value) == value
        assert cache.counts["bytes"] <= most
    assert cache.counts["hits"] + cache.counts["misses"] == len(requests)


def test_least_recently_used_goes_first():
    cache: ByteCache[bytes] = ByteCache(2, len)
    cache.get("a", lambda: b"a")
    cache.get("b", lambda: b"b")
    cache.get("a", lambda: b"?")
    cache.get("c", lambda: b"c")
    assert cache.peek("b") is None
    assert cache.peek("a") == b"a"


def test_one_makes_and_the_others_wait():
    cache: ByteCache[bytes] = ByteCache(0, len)
    started, go_on, made = threading.Event(), threading.Event(), []

    def make():
        made.append(1)
        started.set()
        go_on.wait(60)
        return b"x"

    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(cache.get, "k", make)
        started.wait(60)
        rest = [pool.submit(cache.get, "k", make) for _ in range(5)]
        while cache.counts["misses"] < 1:
            pass
        go_on.set()
        assert {f.result() for f in [first, *rest]} == {b"x"}
    assert 1 <= len(made) <= 6


def test_errors_are_not_kept_and_do_not_hang_the_others():
    cache: ByteCache[bytes] = ByteCache(10, len)
    tries, lock = [], threading.Lock()

    def make():
        with lock:
            tries.append(1)
            number = len(tries)
        if number <= 2:
            raise ZeroDivisionError
        return b"good"

    def ask(_):
        try:
            return cache.get("k", make)
        except ZeroDivisionError:
            return None

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(8)))
    assert found.count(None) == 2
    assert set(found) == {None, b"good"}
    with pytest.raises(ZeroDivisionError):
        ByteCache(1, len).get("k", lambda: 1 // 0)


def test_a_value_can_be_replaced_by_a_smaller_one_while_it_is_kept():
    cache: ByteCache[bytes] = ByteCache(10, len)
    cache.get("a", lambda: b"12345678")
    cache.replace("a", b"1")
    assert cache.get("a", lambda: b"?") == b"1"
    assert cache.counts["bytes"] == 1
    cache.replace("gone", b"x")
    assert cache.peek("gone") is None
