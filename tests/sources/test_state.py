"""The state of a source: nothing that was noted is lost, whenever the process is killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.sources import SourceAtWork, UnknownSource
from landzicht.sources.backoff import pause
from landzicht.sources.register import (
    folder_of,
    keep_source,
    list_sources,
    one_source,
    pause_source,
    remove_source,
)
from landzicht.sources.source import Kind, Source, name_of, read_source
from landzicht.sources.state import Came, Outcome, open_state, read_summary

ONE = Source(id="one", kind=Kind.STAC, place="https://example.org/stac", collection="s2")


def came(key, version="1", outcome=Outcome.IN, **fields):
    return Came(key=key, version=version, outcome=outcome, **fields)


def test_what_was_noted_is_there_the_next_time(tmp_path):
    with open_state(tmp_path) as state:
        state.note(came("a", moment="2025-06-01T00:00:00Z", size=7, collection="s2"))
        state.note(came("b", outcome=Outcome.FAILED, code="x", nl="n", en="e", next_try=5.0))
        state.note(came("a", version="2", moment="2025-06-01T00:00:00Z", size=8, collection="s2"))
        state.note(came("c"))
        state.forget("c")
        state.move(months={"2025-06": 1.0}, fails=0)
        state.tell(looked=3.0)
    with open_state(tmp_path) as state:
        assert set(state.came) == {"a", "b"}
        assert state.came["a"].version == "2"
        assert state.cursor == {"months": {"2025-06": 1.0}, "fails": 0}
        assert not state.is_due("a", "2", 0.0)
        assert state.is_due("a", "3", 0.0)
        assert not state.is_due("b", "1", 4.9)
        assert state.is_due("b", "1", 5.0)
        assert state.is_due("new", "1", 0.0)
    told = read_summary(tmp_path)
    assert told["counts"] == {"in": 1, "skipped": 0, "failed": 1}
    assert told["last"] == "2025-06-01T00:00:00Z"
    assert told["bytes"] == 8
    assert told["reasons"] == {"x": 1}
    assert told["failures"][0]["key"] == "b"
    assert told["looked"] == 3.0


@given(cut=st.integers(1, 400), junk=st.binary(max_size=30))
def test_a_journal_that_was_cut_short_or_damaged_costs_its_last_lines_only(
    tmp_path_factory, cut, junk
):
    folder = tmp_path_factory.mktemp("state")
    with open_state(folder) as state:
        for number in range(5):
            state.note(came(str(number)))
    path = folder / "journal.ndjson"
    content = path.read_bytes()
    path.write_bytes(content[: max(0, len(content) - cut)] + junk)
    whole = content[: max(0, len(content) - cut)].count(b"\n")
    with open_state(folder) as state:
        assert {str(number) for number in range(whole)} <= set(state.came)
        state.note(came("after"))
    with open_state(folder) as state:
        assert "after" in state.came


def test_one_at_a_time(tmp_path):
    with open_state(tmp_path) as state:
        assert state is not None
        with open_state(tmp_path) as other:
            assert other is None


def test_a_long_journal_is_written_anew_and_says_the_same(tmp_path):
    with open_state(tmp_path) as state:
        for number in range(1_500):
            state.note(came(str(number % 10), version=str(number)))
        state.move(a=1)
    before = (tmp_path / "journal.ndjson").stat().st_size
    with open_state(tmp_path) as state:
        assert len(state.came) == 10
        assert state.came["9"].version == "1499"
        assert state.cursor == {"a": 1}
    assert (tmp_path / "journal.ndjson").stat().st_size < before / 50


WRITER = """
import sys
from pathlib import Path
from landzicht.sources.state import Came, Outcome, open_state
with open_state(Path(sys.argv[1])) as state:
    begin = len(state.came)
    print(begin, flush=True)
    for number in range(begin, begin + 100_000):
        state.note(Came(key=str(number), version="1", outcome=Outcome.IN))
        print(number + 1, flush=True)
"""


def test_kill_at_any_moment_loses_nothing_that_was_told(tmp_path):
    chance = random.Random(4)
    told = 0
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert int(process.stdout.readline()) >= told
            time.sleep(chance.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
            lines = process.stdout.read().split()
            told = max([told, *map(int, lines[:-1])])
    with open_state(tmp_path) as state:
        assert len(state.came) >= told
        assert set(state.came) == {str(number) for number in range(len(state.came))}


def test_sources_are_kept_paused_and_removed(tmp_path):
    assert list_sources(tmp_path) == ()
    keep_source(tmp_path, ONE)
    keep_source(tmp_path, replace(ONE, id="two", by_hand=True))
    assert [one.id for one in list_sources(tmp_path)] == ["one", "two"]
    assert one_source(tmp_path, "one") == ONE
    assert pause_source(tmp_path, "one", paused=True).paused
    assert not pause_source(tmp_path, "two", paused=False).by_hand
    with open_state(folder_of(tmp_path, "one")), pytest.raises(SourceAtWork):
        remove_source(tmp_path, "one")
    remove_source(tmp_path, "one")
    with pytest.raises(UnknownSource):
        one_source(tmp_path, "one")
    for name in ("..", "a/b", "", "A", "x" * 200):
        with pytest.raises(UnknownSource):
            one_source(tmp_path, name)


@given(told=st.recursive(st.none() | st.booleans() | st.text() | st.floats(), st.lists) | st.text())
def test_no_description_of_a_source_is_a_surprise(told):
    assert read_source(told) is None
    assert read_source({"id": told}) is None


def test_names_tell_sources_apart():
    plain = name_of("https://example.org/stac", "s2", "", "s2")
    assert plain.startswith("example-org-stac-s2-")
    assert name_of("https://example.org/stac", "s2", "other", "s2") != plain
    assert read_source({**ONE.as_dict(), "id": plain}) == replace(ONE, id=plain)


@given(tries=st.integers(0, 10_000), told=st.none() | st.floats(0, 1e6), seed=st.integers())
def test_pauses_grow_have_a_limit_and_are_never_shorter_than_asked(tries, told, seed):
    wait = pause(tries, told, first=30, longest=3_600, chance=random.Random(seed))
    assert wait >= (told or 0)
    assert wait >= min(15 * 2 ** min(max(0, tries - 1), 20), 1_800) or told is not None
    assert wait <= max(3_600, (told or 0) + 3_600)


def test_pauses_differ_between_portals():
    assert len({pause(3) for _ in range(20)}) > 10
