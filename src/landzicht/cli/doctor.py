"""`landzicht doctor`: what works here, what is missing, what to do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from landzicht.cli.failures import language
from landzicht.cli.options import data_option, json_option

if TYPE_CHECKING:
    from pathlib import Path

SIGNS = {"ok": "✓", "warn": "!", "fail": "✗"}


@click.command()
@data_option
@json_option
def command(data: Path | None, as_json: bool) -> None:
    """Tell what works here, what is missing and what to do.

    Exit code: 0 when the portal can run, 1 when something that it needs is missing.
    """
    import orjson

    from landzicht.portal.checkup import examine
    from landzicht.portal.settings import load_settings

    findings = examine(load_settings(data))
    if as_json:
        told = {"checks": [finding.as_dict() for finding in findings]}
        sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    else:
        for finding in findings:
            click.echo(
                f"{SIGNS[finding.state]} {finding.name:18} {finding.message.say(language())}"
            )
    sys.exit(1 if any(finding.state == "fail" for finding in findings) else 0)
