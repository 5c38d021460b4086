"""`landzicht areas`: areas that are registered once and measured many times."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from landzicht.cli.failures import language
from landzicht.cli.options import data_option, json_option
from landzicht.text import Text

_PREFIX = "pdok:"


@click.group()
def command() -> None:
    """Register areas to measure: a file, or official open data."""


@command.command()
@click.argument("source")
@data_option
@click.option("--id", "name", metavar="ID", help="Name in questions; after the file when absent.")
@click.option("--title", help="What people call them.")
@click.option("--layer", help="Layer of the file; the first when absent.")
@click.option("--key", metavar="COLUMN", help="Column with the ids.")
@click.option("--crs", metavar="EPSG:…", help="System of a file that does not tell its own.")
@click.option(
    "--bbox", metavar="W,S,E,N", help="Only official areas that meet this box, in degrees."
)
@json_option
def add(
    source: str,
    data: Path | None,
    name: str | None,
    title: str | None,
    layer: str | None,
    key: str | None,
    crs: str | None,
    bbox: str | None,
    as_json: bool,
) -> None:
    """Register SOURCE: a file, or pdok:gemeenten, provincies, waterschappen or brp.

    Areas of the same name are replaced. Official areas come over the internet. pdok:brp are the
    crop parcels of the whole country, some 800,000: with --bbox only those of your own region.
    """
    from landzicht.cli.progress import progress_bar
    from landzicht.grid.boxes import parse_bbox
    from landzicht.portal import open_portal
    from landzicht.portal.parcels.areas_add import AreasFile, OfficialOrder

    is_official = source.startswith(_PREFIX)
    if bbox and not is_official:
        raise click.UsageError(f"--bbox is for official areas ({_PREFIX}…)")
    if is_official and (layer or key or crs):
        raise click.UsageError("--layer, --key and --crs are for files")
    box = parse_bbox(bbox)
    with open_portal(data) as portal, progress_bar(quiet=as_json) as step:
        if is_official:
            official = source.removeprefix(_PREFIX)
            found = portal.add_official_areas(
                OfficialOrder(name=official, id=name, title=title, box=box), step
            )
        else:
            path = Path(source)
            if not path.is_file():
                raise click.BadParameter(f"there is no file {source}", param_hint="SOURCE")
            found = portal.add_areas(
                AreasFile(path=path, id=name, title=title, layer=layer, key=key, crs=crs)
            )
    if as_json:
        click.echo(orjson.dumps(found.as_dict()))
        return
    click.echo(_ADDED.say(language(), id=found.id, rows=found.rows))
    if found.refused or found.repaired:
        counts = {"repaired": found.repaired, "refused": found.refused}
        click.echo(_CHANGED.say(language(), **counts), err=True)


@command.command("list")
@data_option
@json_option
def list_them(data: Path | None, as_json: bool) -> None:
    """Show the registered areas."""
    from landzicht.portal import open_portal

    with open_portal(data) as portal:
        found = portal.areas()
    if as_json:
        click.echo(orjson.dumps([areas.as_dict() for areas in found]))
        return
    for areas in found:
        mark = f"  {_SIMULATED.say(language())}" if areas.simulated else ""
        click.echo(f"{areas.id}  {areas.rows}  {areas.title}  ({areas.source}){mark}")


@command.command()
@click.argument("name", metavar="ID")
@data_option
def remove(name: str, data: Path | None) -> None:
    """Remove registered areas; what was measured stays."""
    from landzicht.portal import open_portal

    with open_portal(data) as portal:
        found = portal.remove_areas(name)
    click.echo(_REMOVED.say(language(), id=found.id))


_ADDED = Text(nl="{id}: {rows} gebieden", en="{id}: {rows} areas")
_CHANGED = Text(
    nl="{repaired} hersteld, {refused} weggelaten", en="{repaired} repaired, {refused} left out"
)
_REMOVED = Text(nl="{id} is weggehaald", en="{id} removed")
_SIMULATED = Text(nl="GESIMULEERD", en="SIMULATED")
