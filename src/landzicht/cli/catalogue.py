"""`landzicht catalogue`: move, back up, export, import and clean up a whole catalogue."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from landzicht.cli.failures import language
from landzicht.cli.options import data_option, json_option
from landzicht.cli.progress import progress_bar
from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from landzicht.portal.catalogue.exchange import Refused

_SHOWN = 20
"""Refused items that are printed; the report file has more."""


@click.group()
def command() -> None:
    """Move, back up, export, import or clean up the catalogue."""


@command.command()
@click.option("--to", "target", required=True, metavar="postgresql://…|DIR", help="Where to.")
@data_option
@json_option
def move(target: str, data: Path | None, as_json: bool) -> None:
    """Copy the catalogue to PostgreSQL, or from there into a folder, and verify every scene.

    The old catalogue stays as it was. Interrupted, the same command goes on where it was.
    """
    from landzicht.portal.upkeep import move_catalogue

    with progress_bar(quiet=as_json) as tell:
        moved = move_catalogue(data, target, tell)
    if as_json:
        names = ("collection", "copied", "kept", "extra", "checksum")
        _print_json([{name: getattr(each, name) for name in names} for each in moved])
        return
    for each in moved:
        facts = {"copied": each.copied, "kept": each.kept, "extra": each.extra}
        line = _MOVED.say(language(), collection=each.collection, **facts)
        click.echo(f"{line}  sha256 {each.checksum[:16]}…")
    now = _NOW_SERVER if "://" in target else _NOW_FOLDER
    click.echo(now.say(language(), target=target if "://" not in target else "postgresql://…"))


@command.command()
@click.argument("target", type=click.Path(path_type=Path))
@data_option
def export(target: Path, data: Path | None) -> None:
    """Write all items to FILE.parquet (stac-geoparquet), or to a folder as a static catalogue."""
    from landzicht.portal.upkeep import export_catalogue

    with progress_bar() as tell:
        number = export_catalogue(data, target, tell)
    click.echo(_EXPORTED.say(language(), number=number, target=target))


@command.command("import")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@data_option
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the refused items, a line of JSON each.",
)
@json_option
def take_in(source: Path, data: Path | None, report: Path | None, as_json: bool) -> None:
    """Take items in: FILE.parquet, FILE.ndjson, an ItemCollection, or a static catalogue.

    A bad item stops no other. Exit code: 0 all in, 1 some refused, 2 wrong use.
    """
    from landzicht.portal.upkeep import import_catalogue

    with progress_bar(quiet=as_json) as tell, _report(report) as write:
        done = import_catalogue(data, source, tell, write)
    lines = [_line(each) for each in done.told]
    if as_json:
        _print_json({"taken": done.taken, "refused": done.refused, "told": lines})
    else:
        for line in lines[:_SHOWN]:
            click.echo(f"REFUSED {line['place']}: {line['message']}", err=True)
        if done.refused > _SHOWN:
            click.echo(_MORE.say(language(), more=done.refused - _SHOWN), err=True)
        click.echo(_IMPORTED.say(language(), taken=done.taken, refused=done.refused))
    sys.exit(1 if done.refused else 0)


@command.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@data_option
def backup(target: Path, data: Path | None) -> None:
    """Copy the catalogue to FILE while the portal goes on serving."""
    from landzicht.portal.upkeep import back_up_catalogue

    with progress_bar() as tell:
        back_up_catalogue(data, target, tell)
    click.echo(_BACKED_UP.say(language(), target=target))


@command.command()
@data_option
@click.option("--remove", is_flag=True, help="Remove them; without it, only tell.")
@json_option
def clean(data: Path | None, remove: bool, as_json: bool) -> None:
    """Find image files that no scene points to (older than a day), and remove them if asked."""
    from landzicht.portal.upkeep import clean_catalogue

    with progress_bar(quiet=as_json) as tell:
        found = clean_catalogue(data, remove=remove, tell=tell)
    if as_json:
        names = ("files", "size", "kept", "removed")
        _print_json({name: getattr(found, name) for name in names})
        return
    said = _CLEANED if remove else _FOUND
    facts = {"files": found.files, "mb": found.size // 1_000_000, "kept": found.kept}
    click.echo(said.say(language(), removed=found.removed, **facts))


@contextmanager
def _report(path: Path | None) -> Iterator[Callable[[Refused], None] | None]:
    """Lend what writes each refused item to a file at once; None = no file is wanted."""
    if path is None:
        yield None
        return
    try:
        file = path.open("wb", buffering=0)  # what cannot be written is told at once
    except OSError as error:
        raise DiskFailed(path=path, reason=disk_reason(error)) from error

    def write(refused: Refused) -> None:
        try:
            file.write(orjson.dumps(_line(refused)) + b"\n")
        except OSError as error:
            raise DiskFailed(path=path, reason=disk_reason(error)) from error

    with file:
        yield write


def _line(refused: Refused) -> dict[str, object]:
    reasons: Any = refused.error.facts.get("reasons", ())
    return {
        "place": refused.place,
        "code": refused.error.code,
        "message": refused.error.say(language()),
        "reasons": [{"field": field, "message": text.say(language())} for field, text in reasons],
    }


def _print_json(told: object) -> None:
    sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")


_MOVED = Text(
    nl="{collection}: {copied} overgezet, {kept} stonden er al, {extra} alleen daar",
    en="{collection}: {copied} copied, {kept} were there already, {extra} only there",
)
_NOW_SERVER = Text(
    nl="Alles is gelijk. Zet nu LANDZICHT_CATALOGUE op dit adres ({target}) en start opnieuw.",
    en="All is equal. Now set LANDZICHT_CATALOGUE to this address ({target}) and start again.",
)
_NOW_FOLDER = Text(
    nl="Alles is gelijk. De catalogus staat nu ook in {target}; haal LANDZICHT_CATALOGUE weg om "
    "hem te gebruiken.",
    en="All is equal. The catalogue is now in {target} as well; remove LANDZICHT_CATALOGUE to use "
    "it.",
)
_EXPORTED = Text(
    nl="{number} items geschreven naar {target}", en="{number} items written to {target}"
)
_IMPORTED = Text(
    nl="{taken} items erbij, {refused} geweigerd", en="{taken} items taken in, {refused} refused"
)
_MORE = Text(
    nl="… en nog {more}; --report BESTAND schrijft ze allemaal op",
    en="… and {more} more; --report FILE writes all of them down",
)
_BACKED_UP = Text(nl="Reservekopie geschreven naar {target}", en="Backup written to {target}")
_FOUND = Text(
    nl="{files} bestanden ({mb} MB) horen bij geen enkele opname, {kept} wel of zijn te nieuw. "
    "Verwijder ze met --remove.",
    en="{files} files ({mb} MB) belong to no scene, {kept} do or are too new. Remove them with "
    "--remove.",
)
_CLEANED = Text(
    nl="{removed} bestanden verwijderd ({mb} MB), {kept} gebleven",
    en="{removed} files removed ({mb} MB), {kept} kept",
)
