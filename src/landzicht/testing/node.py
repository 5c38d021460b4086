"""Running parts of the page in node, without a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def run_page(page: Path, tmp_path: Path, script: str, given: object) -> Any:
    """Return what `script` answers: an ES module whose `answer(given)` is called.

    Args:
        page: folder of the page's sources and packages.
        tmp_path: to bundle in.
        script: TypeScript; `PAGE` in it stands for the folder of the page's sources.
        given: JSON that it gets.
    """
    bundler = page / "node_modules/.bin/rolldown"
    node = shutil.which("node")
    if node is None or not bundler.exists():
        pytest.skip("the page is not built: python hatch_build.py")
    entry, bundle = tmp_path / "entry.ts", tmp_path / "bundle.mjs"
    ending = (
        "\nimport { readFileSync as readGiven } from 'node:fs';\n"
        "const given = JSON.parse(readGiven(0, 'utf8'));\n"
        "console.log(JSON.stringify(await answer(given)));\n"
    )
    entry.write_text(script.replace("PAGE", (page / "src").as_posix()) + ending)
    command = [str(bundler), str(entry), "--format", "esm", "--platform", "node"]
    subprocess.run([*command, "--file", str(bundle)], check=True, capture_output=True, timeout=120)
    done = subprocess.run(
        [node, str(bundle)],
        input=json.dumps(given), check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return json.loads(done.stdout)
