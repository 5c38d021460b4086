"""Rules for all tests: no outside world, and in CI no skip without a listed reason."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import settings

LISTED = Path(__file__).with_name("allowed_skips.toml")
_unlisted: list[str] = []
_BESIDE = 3
"""Other files after each of the page."""


def pytest_configure(config: pytest.Config) -> None:
    """No deadlines: a busy machine is no error. In the long tier hypothesis looks further.

    In CI it looks at the same examples each time, as its own profile for CI does: what a change
    broke is told apart from what was broken before. New examples are for runs by hand.
    """
    is_ci = bool(os.environ.get("CI"))
    settings.register_profile("usual", deadline=None, derandomize=is_ci, print_blob=is_ci)
    settings.register_profile("soak", max_examples=2000, deadline=None)
    settings.load_profile("soak" if os.environ.get("LANDZICHT_SOAK") else "usual")
    # A portal in a folder of its own would compile all kernels there: half a minute of work each.
    os.environ.setdefault("NUMBA_CACHE_DIR", str(config.rootpath / ".cache" / "numba"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the files of the page over the first part: they wait for a browser, others compute."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    page = [path for path in files if path.parent.name == "page"]
    rest = [path for path in files if path.parent.name != "page"]
    order = []
    for number, path in enumerate(page):
        order += [path, *rest[_BESIDE * number : _BESIDE * (number + 1)]]
    order += rest[_BESIDE * len(page) :]
    items[:] = [item for path in order for item in files[path]]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note each skip that nobody accounted for; with workers this runs where they report to."""
    if not report.skipped or not os.environ.get("CI") or hasattr(report, "wasxfail"):
        return
    reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
    reasons = tomllib.loads(LISTED.read_text())["skip"]
    if not any(entry["reason"] in reason for entry in reasons):
        _unlisted.append(f"{report.nodeid}: {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a CI run in which something was skipped that nobody accounted for."""
    if _unlisted and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _unlisted:
        terminalreporter.write_line(f"SKIPPED WITHOUT A LISTED REASON  {line}", red=True)
