"""Make the pages of docs/reference from the code itself: errors, command line, settings.

Run `python scripts/make_reference.py` after a change; a test fails when a page is out of date.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import click
from click.testing import CliRunner

from landzicht.cli.main import COMMANDS, group
from landzicht.portal import settings
from landzicht.web.problems import STATUS
from landzicht.web.reference.errors import all_errors

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
NOTE = "<!-- Made by scripts/make_reference.py; do not edit. -->\n\n"


def errors() -> str:
    """Return the page of errors, by family."""
    parts = ["# Errors\n\nOver HTTP every error is `application/problem+json` with its code.\n"]
    for family, status in STATUS:
        parts.append(f"\n## {family.__name__} ({status})\n\n{family.__doc__}\n")
        parts.append("\n| code | English | Nederlands |\n| --- | --- | --- |\n")
        for kind in (kind for kind in all_errors() if issubclass(kind, family)):
            texts = [text for text in (kind.what, kind.why, kind.todo) if text]
            said = [" ".join(t.say(language) for t in texts) for language in ("en", "nl")]
            cells = " | ".join(sentence.replace("|", "\\|") for sentence in said)
            parts.append(f"| `{kind.code}` | {cells} |\n")
    return "".join(parts)


def command_line() -> str:
    """Return the page of commands, with the help that each prints."""
    parts = ["# Command line\n\nExit codes: 0 done, 1 failed or refused, 2 wrong use.\n"]
    for command in _words():
        words = ["landzicht", *command]
        answer = CliRunner().invoke(
            group, [*command, "--help"], prog_name="landzicht", terminal_width=88
        )
        parts.append(f"\n## {' '.join(words)}\n\n```text\n{answer.output}```\n")
    return "".join(parts)


def _words() -> list[tuple[str, ...]]:
    """Return every command as its words, the parts of a command after it."""
    found: list[tuple[str, ...]] = [()]
    for name in COMMANDS:
        found.append((name,))
        command = group.get_command(click.Context(group), name)
        parts = command.commands if isinstance(command, click.Group) else {}
        found += [(name, part) for part in parts]
    return found


def settings_page() -> str:
    """Return the page of settings, with the text under each field."""
    parts = [
        "# Settings\n\nFlags over environment over `landzicht.toml` in the data folder.\n",
        "\n| in landzicht.toml | in the environment | default | meaning |\n",
        "| --- | --- | --- | --- |\n",
    ]
    meanings = field_texts()
    for field in fields(settings.Settings):
        default = "a folder of your own" if field.name == "data" else f"`{field.default}`"
        name = f"`{field.name}`" if field.name != "data" else "–"
        variable = f"`LANDZICHT_{field.name.upper()}`"
        parts.append(f"| {name} | {variable} | {default} | {meanings[field.name]} |\n")
    return "".join(parts)


def field_texts() -> dict[str, str]:
    """Read the text under each field of `Settings` from the source."""
    tree = ast.parse(Path(settings.__file__).read_text(encoding="utf-8"))
    body = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Settings").body
    found = {}
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            assert isinstance(field.target, ast.Name)
            found[field.target.id] = str(ast.literal_eval(text.value)).replace("\n", " ")
    return found


PAGES = {"errors.md": errors, "command-line.md": command_line, "settings.md": settings_page}


def main(*, check: bool) -> int:
    """Write the pages, or with `check` only tell which are out of date."""
    stale = []
    for name, make in PAGES.items():
        path, text = REFERENCE / name, NOTE + make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    print(("Out of date: " if check else "Written: ") + (", ".join(stale) or "nothing"))
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
