"""Data and contestants, made once; each contestant is a process of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
PEERS = ("pytest_benchmark", "rio_tiler", "titiler.core")


def _missing() -> list[str]:
    return [name for name in PEERS if importlib.util.find_spec(name.split(".")[0]) is None]


def pytest_collection_modifyitems(config, items):
    """Without the peers there is nothing to compare."""
    if config.getoption("--quick", default=False):
        items[:] = [item for item in items if item.get_closest_marker("full") is None]
    if missing := _missing():
        reason = f"needs requirements/bench.txt: {', '.join(missing)}"
        for item in items:
            item.add_marker(pytest.mark.skip(reason=reason))


if "pytest_benchmark" not in {name for name in PEERS if name not in _missing()}:

    @pytest.fixture
    def benchmark():
        """Stand in for the plugin, so that tests are skipped and not broken."""


@pytest.fixture(scope="session")
def folder():
    """A portal whose images are kept between runs in the folder for temporary files."""
    default = Path(tempfile.gettempdir()) / "landzicht-benchmark-2"
    place = Path(os.environ.get("LANDZICHT_BENCH_DATA") or default)
    if not (place / "catalogue.sqlite").exists():
        paths = [str(HERE.parents[1] / "src"), str(HERE)]
        told = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        for step in ("foreign", "portal"):
            subprocess.run(
                [sys.executable, str(HERE / "data.py"), step, str(place)], check=True, env=told
            )
    return place


@pytest.fixture(scope="session")
def engines(folder):
    """Contestants in process."""
    from contest import Engine

    found = {name: Engine(name, folder) for name in ("landzicht", "limit", "rio_tiler", "gdal")}
    yield found
    for each in found.values():
        each.stop()


@pytest.fixture(scope="session")
def servers(folder):
    """Contestants over HTTP."""
    from contest import Server

    found = {name: Server(name, folder) for name in ("landzicht", "titiler")}
    yield found
    for each in found.values():
        each.stop()
