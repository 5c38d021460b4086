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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        reasons = tomllib.loads(LISTED.read_text())["skip"]
        if not any(entry["reason"] in reason for entry in reasons):
            _unlisted.append(f"{item.nodeid}: {reason}")
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a CI run in which something was skipped that nobody accounted for."""
    if _unlisted and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _unlisted:
        terminalreporter.write_line(f"SKIPPED WITHOUT A LISTED REASON  {line}", red=True)
