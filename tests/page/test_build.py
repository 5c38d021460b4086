"""The build of the page: when it runs, what it leaves, how large that is."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

import landzicht
from landzicht.testing.node import run_tool

ROOT = Path(__file__).parents[2]
DIST = Path(landzicht.__file__).parent / "web/dist"

SMALLEST_PACKED = 512
"""Bytes from which packing saves anything (page/plugins/compress.ts)."""


@pytest.fixture
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "page/src").mkdir(parents=True)
    (tmp_path / "page/index.html").write_text("<title>x</title>")
    (tmp_path / "page/src/main.ts").write_text("1;")
    return tmp_path


@pytest.fixture
def built() -> Path:
    if not (DIST / "index.html").is_file():
        pytest.skip("the page is not built: python hatch_build.py")
    return DIST


def stamp(hook: ModuleType, project: Path) -> None:
    folder = project / hook.BUILT
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hook.STAMP).write_text(hook.sources_hash(project))


def test_builds_when_the_page_is_missing_or_old(hook, project) -> None:
    assert hook.must_build(project)
    stamp(hook, project)
    assert not hook.must_build(project)
    (project / "page/src/main.ts").write_text("2;")
    assert hook.must_build(project)


def test_a_renamed_source_is_a_change_but_packages_are_not(hook, project) -> None:
    before = hook.sources_hash(project)
    (project / "page/node_modules").mkdir()
    (project / "page/node_modules/x.js").write_text("x")
    assert hook.sources_hash(project) == before
    (project / "page/src/main.ts").rename(project / "page/src/other.ts")
    assert hook.sources_hash(project) != before


def test_node_is_asked_for_only_when_needed(hook, project, monkeypatch) -> None:
    maker = hook.CustomBuildHook.__new__(hook.CustomBuildHook)
    for kind in type(maker).__mro__:
        if "root" in vars(kind):
            monkeypatch.setattr(kind, "root", str(project))
            break
    else:
        maker.root = str(project)
    assert maker.dependencies() == [hook.NODE]
    stamp(hook, project)
    assert maker.dependencies() == []


def test_can_be_skipped(hook, project, monkeypatch) -> None:
    monkeypatch.setenv(hook.SKIP, "1")
    assert not hook.must_build(project)


def test_without_node_it_says_what_to_do(hook, project, monkeypatch, capsys) -> None:
    monkeypatch.setattr(hook.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(hook.shutil, "which", lambda _: None)
    with pytest.raises(RuntimeError, match=r"pip install .*LANDZICHT_SKIP_PAGE=1"):
        hook.build(project)


def test_a_failing_step_says_what_to_do(hook, project) -> None:
    with pytest.raises(RuntimeError, match="LANDZICHT_SKIP_PAGE=1"):
        hook.run(["false"], project)


def test_every_text_file_has_its_packed_twins(built: Path) -> None:
    texts = [p for p in built.rglob("*") if p.suffix in {".js", ".css", ".html"}]
    plain = [path for path in texts if path.stat().st_size >= SMALLEST_PACKED]
    assert len(plain) >= 3
    for path in plain:
        assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()
        assert path.with_name(path.name + ".br").stat().st_size < path.stat().st_size


def test_index_needs_no_inline_script_or_style(built: Path) -> None:
    index = (built / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", index)
    assert "<style" not in index
    assert "style=" not in index
    assert not re.search(r'(?:src|href)="(?:https?:)?//', index)


def test_licences_of_what_is_inside_are_there(built: Path) -> None:
    text = (built / "THIRD_PARTY_LICENSES.txt").read_text()
    for name in ("ol 10", "svelte 5", "world-atlas 2"):
        assert name in text
    assert "GPL" not in text


def test_lock_file_names_no_registry_and_pins_all() -> None:
    lock = json.loads((ROOT / "page/package-lock.json").read_text())
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert packages
    for name, one in packages.items():
        assert "resolved" not in one, name
        assert one["integrity"].startswith("sha512-"), name
    manifest = json.loads((ROOT / "page/package.json").read_text())
    wanted = manifest["dependencies"] | manifest["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


@pytest.mark.slow
def test_the_types_of_the_page_hold() -> None:
    """svelte-check finds errors of types, of templates, and of accessibility in the markup."""
    done = run_tool(ROOT / "page", "svelte-check/bin/svelte-check", "--fail-on-warnings")
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_types_of_the_service_worker_hold() -> None:
    flags = ["--ignoreConfig", "--noEmit", "--strict", "--lib", "es2022,webworker"]
    done = run_tool(ROOT / "page", "typescript/bin/tsc", *flags, "worker/sw.ts")
    assert done.returncode == 0, done.stdout[-3000:]
