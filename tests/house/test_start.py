"""Start-up is a feature: help is quick, and importing does nothing."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import landzicht

HEAVY = {"numpy", "numba", "rasterio", "pyproj", "shapely", "scipy", "fastapi", "rich", "orjson"}
ROOMS = sorted(module.name for module in pkgutil.iter_modules(landzicht.__path__))
WITNESS = """
import json, os, sys, threading
before = dict(os.environ)
import importlib
importlib.import_module(sys.argv[1])
print(json.dumps({
    "modules": sorted({name.partition(".")[0] for name in sys.modules}),
    "threads": threading.active_count(),
    "environment": sorted(k for k in os.environ if os.environ[k] != before.get(k)),
}))
"""


def witness(module: str) -> dict[str, object]:
    answer = subprocess.run(
        [sys.executable, "-c", WITNESS, module], capture_output=True, text=True, check=True
    )
    told: dict[str, object] = json.loads(answer.stdout)
    return told


def test_the_command_line_starts_without_anything_heavy() -> None:
    program = Path(sys.executable).with_name("landzicht")
    listing = subprocess.run(
        [sys.executable, "-X", "importtime", str(program), "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Commands" in listing.stdout
    imported = {
        line.split("|")[-1].strip().partition(".")[0] for line in listing.stderr.splitlines()
    }
    assert "click" in imported
    assert not imported & HEAVY


def test_the_top_of_the_package_imports_nothing_heavy() -> None:
    modules = witness("landzicht")["modules"]
    assert isinstance(modules, list)
    assert not set(modules) & HEAVY


@pytest.mark.parametrize("room", ROOMS)
def test_importing_a_room_starts_nothing(room: str) -> None:
    told = witness(f"landzicht.{room}")
    assert told["threads"] == 1
    assert told["environment"] == []
