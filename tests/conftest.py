"""Rules for all tests: no outside world, and in CI no skip without a listed reason."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import settings

LISTED = Path(__file__).with_name("allowed_skips.toml")
_unlisted: list[str] = []


def pytest_configure() -> None:
    """No deadlines: a busy machine is no error. In the long tier hypothesis looks further."""
    settings.register_profile("usual", deadline=None)
    settings.register_profile("soak", max_examples=2000, deadline=None)
    settings.load_profile("soak" if os.environ.get("LANDZICHT_SOAK") else "usual")


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
