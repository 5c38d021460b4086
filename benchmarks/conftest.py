"""Options of `make bench`."""

from __future__ import annotations

import os


def pytest_addoption(parser):
    """Add `--quick`."""
    parser.addoption(
        "--quick", action="store_true", help="one round, zoom 10 and 13 only: some three minutes"
    )


def pytest_configure(config):
    """Tell the benchmarks, which read it when they are imported."""
    config.addinivalue_line("markers", "full: left out of a quick run")
    if config.getoption("--quick"):
        os.environ.setdefault("LANDZICHT_BENCH_ROUNDS", "1")
        os.environ["LANDZICHT_BENCH_ZOOMS"] = "10,13"
