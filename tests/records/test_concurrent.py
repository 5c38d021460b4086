"""Paging while other threads really write: nothing that stays is missed or told twice."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from landzicht.grid import Bounds
from landzicht.kinds import Query, Sort
from landzicht.records import SqliteCatalog
from landzicht.stac import read_item
from landzicht.testing.scenes import make_collection, make_scene

START = datetime(2025, 1, 1, tzinfo=UTC)
HERE = Bounds(5.0, 52.0, 5.1, 52.1)
STAY = 300
WALKS = 4


def scene(name, number):
    moment = START + timedelta(minutes=37 * number % 5000)
    cloud = {"eo:cloud_cover": number % 50}
    return make_scene(name, "ab"[number % 2], moment=moment, bounds=HERE, properties=cloud)


def write(catalog, stop, thread, done):
    """Add, replace and remove scenes among those that stay, until told to stop."""
    for round_ in itertools.count():
        if stop.is_set():
            return
        names = [(f"t{thread}-{n}", n + round_) for n in range(0, 40, 4)]
        catalog.put([], [scene(name, number) for name, number in names])
        for name, number in names[::2]:
            catalog.delete("ab"[number % 2], name)
        other = names[1::2]
        catalog.put([], [scene(name, number + 2) for name, number in other])
        for name, number in other:
            catalog.delete("ab"[number % 2], name)
        done[thread] += 1


@pytest.mark.parametrize(
    "query",
    [
        Query(limit=23),
        Query(limit=23, bounds=HERE),
        Query(limit=23, sort=(Sort("eo:cloud_cover"),)),
    ],
    ids=["in time", "near a place", "in another order"],
)
def test_what_stays_is_told_once_on_all_pages_together(tmp_path, query):
    expected = sorted(f"s{n}" for n in range(STAY))
    stop, done = threading.Event(), [0, 0]
    with SqliteCatalog(tmp_path / "c.sqlite") as catalog:
        catalog.put([make_collection("a"), make_collection("b")], [])
        catalog.put([], [scene(f"s{n}", n) for n in range(STAY)])
        threads = [
            threading.Thread(target=write, args=(catalog, stop, number, done)) for number in (0, 1)
        ]
        for thread in threads:
            thread.start()
        try:
            walks = 0
            while walks < WALKS or min(done) < 2:
                seen = [name for name in paged(catalog, query) if name.startswith("s")]
                assert sorted(seen) == expected
                walks += 1
        finally:
            stop.set()
            for thread in threads:
                thread.join(60)
        assert catalog.count(Query()) == STAY
        assert sum(each.count for each in catalog.collections()) == STAY


def paged(catalog, query):
    token = None
    while True:
        page = catalog.search(replace(query, token=token))
        yield from (read_item(body).id for body in page.bodies)
        token = page.next
        if token is None:
            return
