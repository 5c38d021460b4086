"""The compiler's code is given back once nothing needs it, and comes back when something does."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.blocks import resting
from landzicht.blocks.resting import let_rest

WALK = """
import json
from pathlib import Path
import numpy as np
from landzicht.blocks.resting import COMPILER, let_rest
from landzicht.kernels.stretch import stretch

def held():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(x for x in lines if x.startswith("RssFile")).split()[1]) / 1000

def shades():
    values, out = np.linspace(0, 1, 50, dtype=np.float32), np.empty(50, np.uint8)
    stretch(values, np.ones(50, bool), 255.0, 0.0, 0, 255, out)
    return out.tolist()

before, first = held(), shades()
compiled = held()
given = let_rest(COMPILER) / 1e6
after = held()
again, twice = shades(), let_rest(COMPILER) / 1e6
# The compiler itself is asked again: its code comes back from the file.
from numba import njit
sums = njit(lambda a: a.sum())(np.arange(10))
told = dict(before=before, compiled=compiled, given=given, after=after, twice=twice)
print(json.dumps(told | {"equal": first == again, "sum": int(sums), "later": held()}))
"""


@pytest.mark.skipif(not resting._MAPS.exists(), reason="no Linux")
def test_code_is_given_back_and_comes_back():
    done = subprocess.run([sys.executable, "-c", WALK], capture_output=True, check=True)
    told = orjson.loads(done.stdout)
    assert told["compiled"] - told["before"] > 20
    assert told["given"] > 20
    assert told["compiled"] - told["after"] > 0.8 * told["given"]
    assert told["twice"] < 5, "nothing brought it back"
    assert told["equal"]
    assert told["sum"] == 45
    assert told["later"] > told["after"]


AREA = """{begin:x}-{end:x} {access} 00000000 fe:00 12 {path}
Size:                 64 kB
Rss:                  {rss} kB
Private_Dirty:         {dirty} kB
Anonymous:             {anonymous} kB
VmFlags: rd ex mr mw me
"""
PATHS = ["/a b/libllvmlite.so", "/x/libc.so.6", "/x/words.mo", "[heap]", ""]


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "access": st.sampled_from(["r-xp", "r--p", "rw-p", "rw-p", "r-xs", "---p"]),
                "path": st.sampled_from(PATHS),
                "rss": st.integers(0, 64),
                "dirty": st.sampled_from([0, 0, 4]),
                "anonymous": st.sampled_from([0, 0, 4]),
            }
        ),
        max_size=12,
    ),
    st.sampled_from(["", "libllvmlite"]),
)
def test_only_unchanged_areas_that_cannot_be_written(areas, library):
    told = ""
    for number, each in enumerate(areas):
        each |= {"begin": 0x7F00 + 16 * number, "end": 0x7F10 + 16 * number}
        told += AREA.format(**each)
    libraries = PATHS[:1] if library else PATHS[:2]
    expected = [
        (each["begin"], each["end"], 1024 * each["rss"])
        for number, each in enumerate(areas)
        if each["access"] in ("r-xp", "r--p")
        and each["path"] in libraries
        and each["dirty"] == each["anonymous"] == 0
        and ("rw-p", each["path"]) in [(x["access"], x["path"]) for x in areas[number + 1 :]]
    ]
    assert list(resting._resting(told, library)) == expected


LOADING = """
import sys, threading
from importlib import import_module
from landzicht.blocks.resting import let_rest
given, done = 0, threading.Event()

def rest():
    global given
    while not done.is_set():
        given += let_rest()

thread = threading.Thread(target=rest)
thread.start()
try:
    for name in ("numpy", "pyproj", "shapely", "imagecodecs", "imagecodecs._imcd", "orjson"):
        import_module(name)
    import numpy as np
    from shapely import Point
    assert Point(1, 2).buffer(1).area > 3
    assert np.linalg.inv(np.eye(3)).sum() == 3
finally:
    done.set()
    thread.join()
print(given)
"""


@pytest.mark.skipif(not resting._MAPS.exists(), reason="no Linux")
def test_libraries_may_be_loaded_meanwhile():
    done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, check=True)
    assert int(done.stdout) > 5_000_000


def test_other_systems_are_left_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(resting, "_MAPS", tmp_path / "missing")
    assert let_rest() == 0
