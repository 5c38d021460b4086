"""`landzicht search`: scenes, for people or as a STAC ItemCollection."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from landzicht.cli.failures import language
from landzicht.cli.options import data_option, json_option
from landzicht.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from landzicht.grid import Bounds


@click.command()
@data_option
@click.option("--collection", multiple=True, metavar="ID", help="Only this collection.")
@click.option("--bbox", metavar="W,S,E,N", help="Only scenes that meet this box, in degrees.")
@click.option("--datetime", metavar="A/B", help="Day, month, year or period: 2025-06-01/..")
@click.option("--id", "ids", multiple=True, metavar="ID", help="Only the scene with this id.")
@click.option(
    "--filter", "condition", metavar="CQL2", help="Only scenes for which this condition is true."
)
@click.option("--sort", metavar="NAMES", help="What to sort by: -datetime,eo:cloud_cover.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=10, show_default=True)
@json_option
def command(
    data: Path | None,
    collection: tuple[str, ...],
    bbox: str | None,
    datetime: str | None,
    ids: tuple[str, ...],
    condition: str | None,
    sort: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Find scenes in the portal, newest first.

    A condition looks at the properties of scenes: --filter "eo:cloud_cover < 20". With --bbox it
    can look at that very place: --filter "aoi:coverage > 90 AND aoi:cloud_cover < 10".

    With --json the answer is a STAC ItemCollection whose asset hrefs are local files.
    """
    import orjson

    from landzicht.grid.boxes import parse_bbox
    from landzicht.kinds import Query, Span
    from landzicht.portal import open_portal
    from landzicht.stac.cql2 import check, parse_text
    from landzicht.stac.cql2.build import read_sort

    bounds: Bounds | None = parse_bbox(bbox)
    with open_portal(data) as portal:
        query = Query(
            collections=collection or None,
            bounds=bounds,
            span=Span.parse(datetime) if datetime else None,
            ids=ids or None,
            filter=check(parse_text(condition)) if condition else None,
            sort=read_sort(sort) if sort else (),
            limit=limit,
        )
        items = portal.local_items(query)
    if as_json:
        told: dict[str, Any] = {"type": "FeatureCollection", "features": items}
        sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
        return
    for item in items:
        _print_line(item)
    if not items:
        click.echo(_NONE.say(language()), err=True)


def _print_line(item: dict[str, Any]) -> None:
    told = item["properties"]
    moment = told.get("datetime") or told.get("start_datetime") or ""
    cloud = told.get("eo:cloud_cover")
    is_number = isinstance(cloud, int | float) and not isinstance(cloud, bool)
    words = _CLOUD.say(language())
    clouds = f"{cloud:5.1f} {words}" if is_number else " " * (6 + len(words))
    mark = f"  {_SIMULATED.say(language())}" if told.get("landzicht:simulated") else ""
    click.echo(f"{moment[:19]:19}  {clouds}  {item['collection']}/{item['id']}{mark}")


_NONE = Text(nl="Geen opnamen gevonden.", en="No scenes found.")
_CLOUD = Text(nl="% bewolkt", en="% cloud")
_SIMULATED = Text(nl="GESIMULEERD", en="SIMULATED")
