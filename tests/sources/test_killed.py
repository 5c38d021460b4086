"""Following, killed with -9 at any moment, again and again: nothing lost, nothing twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from landzicht.grid import Window
from landzicht.stac import read_item
from landzicht.testing.far_scenes import BANDS, DAYS, NOW, FarScene, far_item, pixels

ROUNDS = 200 if os.environ.get("LANDZICHT_SOAK") else 10
FOLLOW = """
import sys, threading
from pathlib import Path
from dataclasses import replace
from landzicht.formats import CogWriter, GdalInspector
from landzicht.portal import Portal
from landzicht.portal.settings import Settings
from landzicht.portal.wiring import open_services
services = open_services(Settings(data=Path(sys.argv[1]), remote_private="127.0.0.1", threads=1))
services = replace(services, writer=CogWriter(), inspector=GdalInspector())
with Portal(services) as portal:
    print("ready", flush=True)
    failed = portal.follow_once(None, lambda *_: None, threading.Event())
    print("failed" if failed else "done", flush=True)
"""


def scenes(number):
    """Return six images; of another number the first two are corrected."""
    made = []
    for place in range(6):
        day = DAYS[place % 4]
        made.append(
            FarScene(
                id=f"S2B_{place}",
                moment=f"{day}T10:40:00Z",
                datatake=f"GS2B_{place}",
                number=10 * number + place if place < 2 else place,
                updated=NOW if number and place < 2 else "",
            )
        )
    return made


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_killed_at_any_moment_everything_comes_in_once(api, follow, portal):
    api.server.rate = 1_500_000  # so that there are moments to be killed at
    api.items = [far_item(api.server, one) for one in scenes(0)]
    follower = follow()
    data = portal.services.settings.data
    portal.resume_source(follower.source.id)
    chance = random.Random(ROUNDS)
    killed = corrected = 0
    for number in range(ROUNDS):
        if number == ROUNDS // 2:
            api.items = [far_item(api.server, one) for one in scenes(1)]
            corrected = 1
        with subprocess.Popen(
            [sys.executable, "-c", FOLLOW, str(data)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, 1.2))
            killed += process.poll() is None
            process.send_signal(signal.SIGKILL)
    api.server.rate = 0
    assert follower.once() == {}
    assert killed
    assert follower.scenes() == [f"S2B_{place}" for place in range(6)]
    for one in scenes(corrected):
        scene = read_item(portal.services.catalog.body("sentinel-2-l2a", one.id))
        for theirs, ours in BANDS.items():
            block = portal.services.reader.read(scene.assets[ours], 0, Window(0, 0, 256, 256))
            np.testing.assert_array_equal(block.values[0], pixels(theirs, one.number))
    # An image that was corrected before its first version came in has no earlier version.
    earlier = follower.scenes("sentinel-2-l2a-earlier")
    assert len({one.rpartition("-")[0] for one in earlier}) == len(earlier) <= 2
    work = data / "sources" / follower.source.id / "work"
    assert list(work.iterdir()) == []
    portal_told = portal.sources()[0]
    assert portal_told.counts == {"in": 6, "skipped": 0, "failed": 0}
