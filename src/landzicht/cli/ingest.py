"""`landzicht ingest`: files into the portal, with progress and a receipt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from landzicht.cli.failures import language
from landzicht.cli.options import data_option, json_option
from landzicht.cli.progress import progress_bar

if TYPE_CHECKING:
    from landzicht.kinds import Receipt


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@data_option
@click.option("--collection", metavar="ID", help="Collection to put the scenes in.")
@click.option("--datetime", metavar="D", help="Date, when the files do not tell: 2025-06-08.")
@click.option(
    "--recipe",
    metavar="FILE.toml",
    type=click.Path(path_type=Path, dir_okay=False),
    help="How names, bands and dates are to be read.",
)
@json_option
def command(
    paths: tuple[Path, ...],
    data: Path | None,
    collection: str | None,
    datetime: str | None,
    recipe: Path | None,
    as_json: bool,
) -> None:
    """Take satellite files into the portal.

    PATHS are GeoTIFF files, folders with bands, Sentinel-2 SAFE folders, Landsat Collection 2
    folders, or STAC items. Taking the same file in twice changes nothing.

    Exit code: 0 all in, 1 some refused (the report says which and why), 2 wrong use.
    """
    import orjson

    from landzicht.kinds import Outcome
    from landzicht.portal import open_portal

    with open_portal(data) as portal, progress_bar(quiet=as_json) as tell:
        receipts = portal.ingest(
            paths, collection=collection, datetime=datetime, recipe=recipe, progress=tell
        )
    if as_json:
        told = {"receipts": [receipt.as_dict() for receipt in receipts]}
        sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    else:
        for receipt in receipts:
            _print_receipt(receipt)
    refused = sum(receipt.outcome is Outcome.REFUSED for receipt in receipts)
    sys.exit(1 if refused or not receipts else 0)


def _print_receipt(receipt: Receipt) -> None:
    words = {"added": "added  ", "known": "known  ", "refused": "REFUSED"}
    place = f" → {receipt.collection}/{receipt.scene}" if receipt.scene else ""
    click.echo(f"{words[receipt.outcome.value]} {receipt.path}{place}")
    for finding in receipt.findings:
        sign = "✗" if finding.blocks else "·"
        click.echo(f"        {sign} {finding.message.say(language())} ({finding.code})")
