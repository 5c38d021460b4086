"""`landzicht insight`: what the year of one parcel tells."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from landzicht.cli.failures import language
from landzicht.cli.options import data_option, json_option
from landzicht.text import Text

if TYPE_CHECKING:
    from landzicht.portal import Portal
    from landzicht.text import Language


@click.command()
@click.argument("parcel")
@click.option("--areas", metavar="ID", help="Registered areas, of which PARCEL is one by its id.")
@click.option("--name", metavar="ID", help="Which of the parcels in the file.")
@data_option
@click.option("--collection", required=True, metavar="ID", help="Images to measure in.")
@click.option("--layer", metavar="NAME", help="A layer with a vegetation index: ndvi.")
@click.option("--expression", metavar="FORMULA", help="Or a formula: (B08-B04)/(B08+B04)")
@click.option("--year", type=int, metavar="YEAR", help="Calendar year; the newest when absent.")
@click.option("--fill", is_flag=True, help="Tell the smooth line on every day (with --json).")
@click.option(
    "--peers",
    nargs=3,
    metavar="AREAS COLUMN VALUE",
    help="Compare with registered areas that have this value: brp gewas 'Tarwe, winter-'",
)
@json_option
def command(
    parcel: str,
    areas: str | None,
    name: str | None,
    data: Path | None,
    collection: str,
    layer: str | None,
    expression: str | None,
    year: int | None,
    fill: bool,
    peers: tuple[str, str, str] | None,
    as_json: bool,
) -> None:
    """Tell the year of PARCEL: seasons, mowing and bare land, earlier years, and others.

    PARCEL is a file with one parcel (or one of several, by --name), or with --areas the id of a
    registered one. Peers are told as quantiles of eleven parcels or more, and never by name.
    With --json the values, the doubts and the smooth line come too.
    """
    from landzicht.portal import open_portal

    asked: dict[str, Any] = {"collection": collection, "fill": fill}
    asked |= {"layer": layer} if layer else {}
    asked |= {"expression": expression} if expression else {}
    asked |= {"year": year} if year is not None else {}
    if peers:
        asked["peers"] = dict(zip(("areas", "column", "value"), peers, strict=True))
    with open_portal(data) as portal:
        asked["parcel"] = _parcel(portal, parcel, areas, name)
        told = portal.insight(asked, language())
    if as_json:
        click.echo(orjson.dumps(told))
        return
    _print(told)


def _parcel(portal: Portal, parcel: str, areas: str | None, name: str | None) -> dict[str, Any]:
    """Return the one parcel that is meant, as GeoJSON."""
    if areas is not None:
        found: dict[str, Any] = portal.area_item(areas, parcel)
        return found
    path = Path(parcel)
    if not path.is_file():
        raise click.BadParameter(f"there is no file {parcel}", param_hint="PARCEL")
    read = portal.read_own_areas(path.read_bytes(), path.name, language())
    features: list[dict[str, Any]] = read["features"]
    if name is not None:
        features = [each for each in features if each["id"] == name]
    if len(features) != 1:
        raise click.UsageError(f"{path.name} has {len(features)} such parcels: choose with --name")
    return features[0]


def _print(told: dict[str, Any]) -> None:
    """Say it in lines."""
    spoken = language()
    mark = f"  {_SIMULATED.say(spoken)}" if told["simulated"] else ""
    click.echo(f"{told['parcel']}  {told['collection']} {told['value']}  {told['year']}{mark}")
    flagged = sum(row["flagged"] for row in told["series"])
    seen = sum(row["mean"] is not None for row in told["series"])
    click.echo(_DATES.say(spoken, seen=seen, flagged=flagged))
    for season in told["seasons"]:
        moments = {name: _moment(season[name], spoken) for name in ("start", "peak", "end")}
        click.echo(_SEASON.say(spoken, **moments))
    for event in told["events"]:
        kind = _EVENTS[event["kind"]].say(spoken)
        click.echo(f"{kind:8} {event['after']} … {event['before']}: {event['reason']}")
    earlier = told["earlier"]
    if earlier:
        off = _number(earlier["mean_difference"], spoken, "+")
        click.echo(_EARLIER.say(spoken, off=off))
    for day in (told["peers"] or {"dates": []})["dates"][-1:]:
        share = day["percentile"]
        place = _UNKNOWN if share is None else _PERCENTILE.fill(share=f"{share:.0f}")
        values = {name: _number(day[name], spoken) for name in ("p10", "p50", "p90")}
        facts = {"date": day["date"], "count": day["parcels"], "place": place, **values}
        click.echo(_PEERS.say(spoken, **facts))


def _moment(moment: dict[str, Any] | None, spoken: Language) -> str:
    if moment is None:
        return _UNKNOWN.say(spoken)
    return _DAY.say(spoken, date=moment["date"], days=moment["plus_minus_days"])


def _number(value: float, spoken: Language, sign: str = "") -> str:
    return f"{value:{sign}.2f}".replace(".", "," if spoken == "nl" else ".")


_SIMULATED = Text(nl="GESIMULEERD", en="SIMULATED")
_DATES = Text(
    nl="datums   {seen} met een waarde, waarvan {flagged} twijfelachtig",
    en="dates    {seen} with a value, of which {flagged} are doubted",
)
_SEASON = Text(
    nl="seizoen  begin {start}, top {peak}, einde {end}",
    en="season   start {start}, peak {peak}, end {end}",
)
_EVENTS = {
    "mowing": Text(nl="gemaaid", en="mowing"),
    "bare": Text(nl="kaal", en="bare"),
}
"""By kind of `series.events`."""
_EARLIER = Text(
    nl="eerder   {off} ten opzichte van het midden van eerdere jaren",
    en="earlier  {off} from the middle of earlier years",
)
_PEERS = Text(
    nl="anderen  {date}: {place} van {count} of meer ({p10} … {p50} … {p90})",
    en="peers    {date}: {place} of {count} or more ({p10} … {p50} … {p90})",
)
_PERCENTILE = Text(nl="percentiel {share}", en="percentile {share}")
_UNKNOWN = Text(nl="onbekend", en="unknown")
_DAY = Text(nl="{date} ± {days} dagen", en="{date} ± {days} days")
