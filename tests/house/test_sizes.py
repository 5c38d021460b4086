"""Files can be read in one sitting, and functions do one thing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import landzicht

PACKAGE = Path(landzicht.__file__).parent
FILES = sorted(
    path for path in PACKAGE.rglob("*.py") if not {"dist", "_generated"} & set(path.parts)
)
MAX_LINES = 400
MAX_BODY = 60
FORBIDDEN = {"utils", "helpers", "common", "lib", "base_classes", "manager", "core", "misc"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_file(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= MAX_LINES
    assert path.stem not in FORBIDDEN
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            body = (node.end_lineno or 0) - first.lineno + 1
            assert body <= MAX_BODY, f"{node.name} has {body} lines"
