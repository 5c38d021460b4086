"""Freed blocks are used again without asking the system for pages."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from landzicht.blocks.heap import keep_freed_memory

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
