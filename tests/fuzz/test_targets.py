"""Any bytes at the doors: never a crash, never beyond the memory, never for ever.

Hypothesis changes honest files in every run; atheris, where it is installed, chooses the bytes by
what they reach: for seconds in every run, for ten minutes a target under LANDZICHT_SOAK. What it
found once stands below as cases.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import zlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from landzicht.testing import peak
from landzicht.testing.fuzzing import MOST_MB, TARGETS

SECONDS = 600 if os.environ.get("LANDZICHT_SOAK") else 3
STRILE = zlib.decompress(
    base64.b85decode(
        "c-r&y)MDUZU|<krU|?isU<9%>{{LrSgt38`3CLy!(zk$^87dxln1O)}%4Py$Q79XvP6o;bVJ9eC0EnHD"
        "*e;AL44gpv6A-%s#X;-`KpYIUOAM%xubBtTt^%@~T6h@Pfb2;?_WE{a1_dDd5RkpGorysX<OZN48kR6I"
        "#DeW-U=U(w0Qw39H!!SYC<Ed(3>83F#t_G#091Pci0goce*xk}EDQ{OtPBjtfY=Ub$rd({+d<IAUC+_S"
        "H?<@&C9x#Yj!Qwo#<L_fS0OJkH`P`t+|?-{-p4h})kjGoB|kSYGtXAZ)7R16H9j~bDAYM5G{{xS&fL^S"
        "AEd{Q%SPYb1=%nLC{S@grSXFXe<eo{onf>u)Db4g2o6@Dk6EA&htf<e8{5S|@*Er6*%`zb*f>Dqeaeu?"
        "DX(YY0nwVu;qJi-7A6Y%3ZWss3RU@esS3u1el-x$8ipWGH@6i)9U%XP1z0G|VE_l;Tt+PcU{o?On5Z)N"
        "^*>m|aK%uG+vuUW`>tav82<fqXfOD?s`FFFCB6ASr-we5`ky3`FIF+#!1YOqC~JO4)FunAvx^lyF%uui"
        "Z8S)Ho}T~zL+lbpF(1Tc|9^x*4dfMOR$w};BqODQV!?AYl4>Sygz67m5Y;eesR8A*7_=GGfTR|KCW8#a"
        "QU;NI|H?ytu6V<)@h7<X77qg#GXOvUgI5"
    )
)
FOUND = {
    # The C decoder of LZW wrote beyond its memory.
    "block": [b"\x0cY\x08\x08\x00\x00y:\x00\x01\x00,\x00"],
    # A wrong checksum came out as an error of the library's own.
    "growing": ["checksum"],
    # GDAL's own error came through rasterio, and out of the child as a crash.
    "header": [STRILE],
}


@lru_cache
def seeds(name):
    return tuple(TARGETS[name].seeds())


@pytest.mark.parametrize("name", TARGETS)
def test_honest_bytes_come_through(name):
    for seed in seeds(name):
        TARGETS[name].run(seed)


@st.composite
def attacks(draw, name):
    """An honest file with bytes changed, cut out and put in, mostly near its begin."""
    content = bytearray(draw(st.sampled_from(seeds(name))))
    for _ in range(draw(st.integers(0, 8))):
        last = max(0, len(content) - 1)
        place = draw(st.integers(0, min(last, 300)) | st.integers(0, last))
        way = draw(st.integers(0, 3))
        if way == 0:
            del content[place : place + draw(st.integers(1, 40))]
        elif way == 1:
            content[place:place] = draw(st.binary(max_size=16))
        elif content:
            content[place] = draw(st.integers(0, 255))
    return bytes(content)


def try_attacks(name):
    """Send attacks through a door; each may take so much memory of the whole process."""
    for seed in seeds(name):
        TARGETS[name].run(seed)  # what is loaded once is no memory of an attack
    most = [0.0]

    @settings(
        max_examples=2000 if os.environ.get("LANDZICHT_SOAK") else 60,
        deadline=20_000,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(attacks(name) | st.binary(max_size=200))
    @example(b"")
    def run(content):
        with peak.watch() as took:
            TARGETS[name].run(content)
        most[0] = max(most[0], took.mb)
        assert took.mb < MOST_MB, content

    run()
    return most[0]


@pytest.mark.skipif(not peak.CAN_WATCH, reason="no Linux")
@pytest.mark.parametrize("name", TARGETS)
def test_changed_bytes_do_no_harm(name):
    """In a process of its own: its memory is that of the attack, GDAL and codecs included."""
    told = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
    command = [sys.executable, str(Path(__file__)), name]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=told)
    assert done.returncode == 0, done.stderr[-3000:]
    assert 0 < float(done.stdout) < MOST_MB


@pytest.mark.skipif(not peak.CAN_WATCH, reason="no Linux")
def test_memory_that_python_does_not_know_is_seen():
    """What a C library takes and gives back counts; Python's own account would say nothing."""
    import ctypes

    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    with peak.watch() as took:
        place = library.malloc(ctypes.c_size_t(100_000_000))
        ctypes.memset(place, 1, 100_000_000)
        library.free(ctypes.c_void_p(place))
    assert 90 < took.mb < 130


@pytest.mark.parametrize(
    ("name", "content"), [(name, content) for name, found in FOUND.items() for content in found]
)
def test_what_was_found_once_stays_found(name, content):
    if content == "checksum":
        for seed in seeds(name):
            TARGETS[name].run(seed[:-1] + bytes([seed[-1] ^ 1]))
        return
    for _ in range(
        20_000 if name == "block" else 1
    ):  # memory that was overwritten shows when it is used again
        TARGETS[name].run(content)


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", TARGETS)
def test_coverage_guided(name, tmp_path):
    """In a process of its own: a crash there is a failure here, with the bytes that made it."""
    command = [
        sys.executable,
        "-m",
        "landzicht.testing.fuzzing",
        name,
        str(SECONDS),
        str(tmp_path / "c"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    left = [file.read_bytes()[:200] for file in tmp_path.glob(f"{name}-*")]
    assert done.returncode == 0, f"{left}\n{done.stderr[-3000:]}"


if __name__ == "__main__":
    sys.stdout.write(str(try_attacks(sys.argv[1])))
