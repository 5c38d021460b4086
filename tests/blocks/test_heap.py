"""Freed blocks are used again without asking the system for pages."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from landzicht.blocks import heap
from landzicht.blocks.heap import give_back, keep_freed_memory

FAULTS = """
import resource, sys
import numpy as np
from landzicht.blocks.heap import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()

def blocks():
    made = [np.ones(2**21, np.uint8) for _ in range(8)]
    return len(made)

blocks()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    blocks()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how):
    told = subprocess.run(
        [sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True
    )
    return int(told.stdout)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="this C library has none")
def test_blocks_are_made_of_what_was_freed():
    assert faults("keep") < 200 < faults("leave")


def test_other_systems_are_left_alone(monkeypatch):
    class Other:
        def __init__(self, _name):
            raise OSError("no such library")

    monkeypatch.setattr(ctypes, "CDLL", Other)
    assert keep_freed_memory() is False


def test_systems_that_do_not_tell_are_left_alone(monkeypatch, tmp_path):
    heap._trimming.cache_clear()
    monkeypatch.setattr(heap, "_HELD", tmp_path / "missing")
    assert give_back(0) is False
    heap._trimming.cache_clear()


GIVEN = """
from pathlib import Path
import numpy as np
from landzicht.blocks.heap import give_back, keep_freed_memory
keep_freed_memory()

def held():
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in x)
    return int(line.split()[1])

large, small = [], []
for _ in range(100):  # small things between large ones: holes that nothing closes by itself
    large.append(np.ones(2**20, np.uint8))
    small.append(np.ones(2**12, np.uint8))
del large
before = held()
print(give_back(), before - held(), give_back(), give_back(2**40))
more = [np.ones(2**20, np.uint8) for _ in range(40)]
give_back()
print(give_back(), len(more))
"""


@pytest.mark.skipif(
    not (hasattr(ctypes.CDLL(None), "malloc_trim") and heap._HELD.exists()),
    reason="this system has none",
)
def test_freed_memory_between_small_things_is_given_back():
    done = subprocess.run([sys.executable, "-c", GIVEN], capture_output=True, text=True, check=True)
    given, kilobytes, *again = done.stdout.split()
    assert given == "True"
    assert int(kilobytes) > 80_000
    # Nothing is tried again before the process has grown: looking must cost nearly nothing.
    assert again[:2] == ["False", "False"]
    assert again[2] == "False"


FORKED = """
import os
import numpy as np
from landzicht.blocks import heap

before = heap._held()
handles = len(os.listdir("/proc/self/fd"))
for _ in range(20):
    heap._held()
same = handles == len(os.listdir("/proc/self/fd"))
child = os.fork()
if child == 0:
    kept = np.ones(64 * 2**20, np.uint8)
    os._exit(heap._held() - before < kept.nbytes // 2)
print(same, os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not heap._HELD.exists(), reason="this system does not tell")
def test_what_a_process_holds_is_its_own():
    done = subprocess.run(
        [sys.executable, "-c", FORKED], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "0"]
