"""The documentation keeps up with the code."""

from __future__ import annotations

import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import landzicht

ROOT = Path(__file__).parents[2]
ROOMS = sorted(module.name for module in pkgutil.iter_modules(landzicht.__path__))


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_a_page(room: str) -> None:
    page = ROOT / "docs" / "rooms" / f"{room}.md"
    assert page.is_file(), f"docs/rooms/{room}.md is missing"
    assert len(page.read_text()) > 300


def test_the_reference_is_up_to_date() -> None:
    told = subprocess.run(
        [sys.executable, "scripts/make_reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr


def test_no_address_of_a_registry_and_no_path_of_one_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    # Put together here, so that this file does not hold what it looks for.
    hosts = (("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"), ("deb", "debian"))
    registry = re.compile("|".join(r"\.".join(host) for host in hosts))
    machine = re.compile(r"(^|[^a-zA-Z0-9_.])/(root|home)/[a-z]")
    for name in filter(None, listed):
        path = ROOT / name
        try:
            text = path.read_text()
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        assert not registry.search(text), name
        assert not machine.search(text), name
