"""`landzicht ingest`: files into the portal, with progress and a receipt."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from landzicht.cli.failures import language
from landzicht.cli.options import data_option, json_option
from landzicht.cli.progress import progress_bar
from landzicht.cli.stopping import INTERRUPTED, TERMINATED, Terminated, stoppable
from landzicht.text import Text

if TYPE_CHECKING:
    from landzicht.kinds import Receipt


class NamedPath(click.Path):
    """A path that is not empty: an empty one would be the folder where the user happens to be."""

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401
        """Return the path; refuses an empty one."""
        if str(value) == "":
            self.fail(_EMPTY_PATH.say(language()), param, ctx)
        return super().convert(value, param, ctx)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=NamedPath(path_type=Path))
@data_option
@click.option("--collection", metavar="ID", help="Collection to put the scenes in.")
@click.option("--datetime", metavar="D", help="Date, when the files do not tell: 2025-06-08.")
@click.option(
    "--recipe",
    metavar="FILE.toml",
    type=NamedPath(path_type=Path, dir_okay=False),
    help="How names, bands and dates are to be read.",
)
@click.option(
    "--link",
    is_flag=True,
    help="Use the files where they are (addresses in STAC items, folders of linked_roots).",
)
@json_option
def command(
    paths: tuple[Path, ...],
    data: Path | None,
    collection: str | None,
    datetime: str | None,
    recipe: Path | None,
    link: bool,
    as_json: bool,
) -> None:
    """Take satellite files into the portal.

    PATHS are GeoTIFF files, folders with bands, Sentinel-2 SAFE folders, Landsat Collection 2
    folders, or STAC items. Taking the same file in twice changes nothing. With --link nothing is
    copied: files stay where they are, and are read there when somebody looks.

    Exit code: 0 all in, 1 some refused (the report says which and why), 2 wrong use.
    """
    from landzicht.kinds import Outcome
    from landzicht.portal import open_portal
    from landzicht.portal.land import Listener

    receipts: list[Receipt] = []

    def take(receipt: Receipt) -> None:
        receipts.append(receipt)
        if not as_json:
            _print_receipt(receipt)

    try:
        with (
            stoppable() as stops,
            open_portal(data) as portal,
            progress_bar(quiet=as_json) as tell,
        ):
            stops.append(portal.interrupt)
            if link:
                listener = Listener(progress=tell, receipt=take)
                portal.link(paths, collection, datetime, recipe, listener)
            else:
                portal.ingest(paths, collection, datetime, recipe, progress=tell, receipt=take)
    except KeyboardInterrupt as stop:
        click.echo(f"\n{_STOPPED.say(language(), count=len(receipts))}", err=True)
        sys.exit(TERMINATED if isinstance(stop, Terminated) else INTERRUPTED)
    finally:  # also when it failed half-way: what is told here is done
        if as_json:
            _print_json(receipts)
    if not receipts:
        click.echo(_NOTHING.say(language()), err=True)
    refused = any(receipt.outcome is Outcome.REFUSED for receipt in receipts)
    sys.exit(1 if refused or not receipts else 0)


def _print_json(receipts: list[Receipt]) -> None:
    told = {"receipts": [receipt.as_dict() for receipt in receipts]}
    text = json.dumps(told, indent=2, ensure_ascii=False)
    # A file's name may hold bytes that are no UTF-8; this writes them as JSON's own escapes.
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")


def _print_receipt(receipt: Receipt) -> None:
    words = {"added": "added  ", "known": "known  ", "refused": "REFUSED"}
    place = f" → {receipt.collection}/{receipt.scene}" if receipt.scene else ""
    lines = [f"{words[receipt.outcome.value]} {receipt.path}{place}"]
    for finding in receipt.findings:
        sign = "✗" if finding.blocks else "·"
        lines.append(f"        {sign} {finding.message.say(language())} ({finding.code})")
    # Not by click, which writes around the progress bar and so through the middle of it. Signs
    # that the output does not have (names of files may hold any byte) are written as numbers.
    encoding = sys.stdout.encoding or "utf-8"
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()


_EMPTY_PATH = Text(nl="dit pad is leeg", en="this path is empty")
_STOPPED = Text(
    nl="Gestopt; {count} klaar. Voer de opdracht nog eens uit: hij gaat verder waar hij was.",
    en="Stopped; {count} done. Run the command again: it goes on where it was.",
)
_NOTHING = Text(
    nl="Er is niets ingelezen. Controleer de paden en, met --recipe, of pattern en match bij de "
    "bestanden passen.",
    en="Nothing was taken in. Check the paths and, with --recipe, whether pattern and match fit "
    "the files.",
)
