"""The process that follows inside `landzicht up`: there when needed, and again when it died."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from landzicht.portal.following import follow_keeper
from landzicht.portal.settings import Settings
from landzicht.sources.register import keep_source
from landzicht.sources.source import Kind, Source

SOURCE = Source(id="one", kind=Kind.STAC, place="https://example.org/stac", collection="s2")
DIES, STAYS = "pass", "import time; time.sleep(60)"


@pytest.fixture
def started(monkeypatch):
    """Return the processes that were started; what they run is `code[0]`."""
    code, made = [DIES], []

    def start(settings):
        made.append(subprocess.Popen([sys.executable, "-c", code[0]]))
        return made[-1]

    monkeypatch.setattr(follow_keeper, "_start", start)
    monkeypatch.setattr(follow_keeper, "_LOOK_S", 0.02)
    monkeypatch.setattr(follow_keeper, "pause", lambda deaths, **_: 0.02 * deaths)
    yield code, made
    for process in made:
        process.kill()
        process.wait()


def until(what):
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_only_when_something_is_followed_and_again_when_it_died(tmp_path, started):
    code, made = started
    keeper = follow_keeper.FollowKeeper(Settings(data=tmp_path))
    keeper.start()
    try:
        keep_source(tmp_path, replace(SOURCE, by_hand=True))
        keep_source(tmp_path, replace(SOURCE, id="two", paused=True))
        time.sleep(0.2)
        assert made == []
        keep_source(tmp_path, SOURCE)
        until(lambda: len(made) >= 3)
        code[0] = STAYS
        until(lambda: made[-1].args[-1] == STAYS)
        count = len(made)
        time.sleep(0.3)
        assert len(made) == count
    finally:
        keeper.close()
    assert made[-1].poll() is not None


def test_a_keeper_that_never_started_anything_closes(tmp_path, started):
    keeper = follow_keeper.FollowKeeper(Settings(data=tmp_path))
    keeper.start()
    keeper.close()
    assert started[1] == []


STARTER = """
import time
from pathlib import Path
from landzicht.portal.following import follow_keeper
from landzicht.portal.settings import Settings
print(follow_keeper._start(Settings(data=Path(__import__("sys").argv[1]))).pid, flush=True)
time.sleep(60)
"""


def lives(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("moment", [0.0, 1.5])
def test_it_ends_when_whoever_started_it_is_killed(tmp_path, moment):
    with subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as starter:
        number = int(starter.stdout.readline())
        assert lives(number)
        time.sleep(moment)
        starter.kill()
    try:
        until(lambda: not lives(number))
    finally:
        if lives(number):
            os.kill(number, 9)
