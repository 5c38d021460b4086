"""Errors on the command line: one clear message, one exit code, never a traceback."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING

import click

from landzicht.errors import Broken, Invalid, LandzichtError, Missing
from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed

if TYPE_CHECKING:
    from landzicht.text import Language

WRONG_USE = 2
FAILED = 1


def language() -> Language:
    """Return the language of the user's locale: Dutch when it says so, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "nl" if value.lower().startswith("nl") else "en"
    return "en"


def explain(error: Exception) -> int:
    """Print what happened and what to do next to standard error; return the exit code."""
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, OSError):
        error = DiskFailed(path=error.filename or "?", reason=disk_reason(error))
    if isinstance(error, LandzichtError):
        label = "Fout" if language() == "nl" else "Error"
        click.echo(f"{label} ({error.code}): {error.say(language())}", err=True)
        return WRONG_USE if isinstance(error, Invalid | Missing) else FAILED
    if os.environ.get("LANDZICHT_DEBUG"):
        traceback.print_exception(error, file=sys.stderr)
    click.echo(f"Error ({Broken.code}): {Broken().say(language())}", err=True)
    click.echo(f"  {type(error).__name__}: {error}", err=True)
    click.echo("  Set LANDZICHT_DEBUG=1 to see where.", err=True)
    return FAILED
