"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Data folder (default: LANDZICHT_DATA, else a folder of your own).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
