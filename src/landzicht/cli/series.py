"""`landzicht series`: numbers per parcel and date, to a file or the screen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from landzicht.cli.failures import language
from landzicht.cli.options import data_option, json_option
from landzicht.text import Text

if TYPE_CHECKING:
    from landzicht.portal.parcels.series_cost import Estimate
    from landzicht.series.check import Checked

_SHOWN = 5


@click.command()
@click.argument(
    "parcels", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--areas", metavar="ID", help="Registered areas instead of PARCELS.")
@data_option
@click.option("--collection", required=True, metavar="ID", help="Images to measure in.")
@click.option("--layer", metavar="NAME", help="A layer with one value for each pixel: ndvi.")
@click.option("--expression", metavar="FORMULA", help="Or a formula: (B08-B04)/(B08+B04)")
@click.option("--datetime", metavar="A/B", help="Day, month, year or period: 2025-04/2025-09")
@click.option("--stats", metavar="LIST", help="mean,std,min,max,median,count,p0 … p100", default="")
@click.option("--histogram", metavar="LIST", help="Rising edges of bins: 0,0.2,0.4,0.6,0.8,1")
@click.option("--raw", is_flag=True, help="Stored numbers instead of physical values.")
@click.option("--name", metavar="COLUMN", help="Column with the names of the parcels.")
@click.option("--parcel-layer", metavar="LAYER", help="Layer of the file; the first when absent.")
@click.option("--crs", metavar="EPSG:…", help="System of a file that does not tell its own.")
@click.option("--all-pixels", is_flag=True, help="Count clouded pixels too.")
@click.option("--smooth", is_flag=True, help="Add doubts and a smooth line with its band.")
@click.option(
    "--seasons",
    is_flag=True,
    help="Instead of values: start, peak and end of seasons, mowing and bare land.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=".csv, .parquet, .geoparquet, .ndjson or .arrow; without it CSV on the screen.",
)
@click.option("--plan", is_flag=True, help="Only tell what it costs.")
@click.option(
    "--yes", is_flag=True, help="Also above the limits of the operator (series_most_mpx, …)."
)
@click.option("--cluster", metavar="ADDRESS", help="Measure on a Dask cluster: tcp://host:8786")
@json_option
def command(
    parcels: Path | None,
    areas: str | None,
    data: Path | None,
    collection: str,
    layer: str | None,
    expression: str | None,
    datetime: str | None,
    stats: str,
    histogram: str | None,
    raw: bool,
    name: str | None,
    parcel_layer: str | None,
    crs: str | None,
    all_pixels: bool,
    smooth: bool,
    seasons: bool,
    out: Path | None,
    plan: bool,
    yes: bool,
    cluster: str | None,
    as_json: bool,
) -> None:
    """Measure PARCELS on every date: one row for each parcel and date.

    PARCELS is a GeoPackage, FlatGeobuf, shapefile (or a zip with one), GeoParquet, GeoJSON, KML or
    GML. Clouds are left out where the images tell where they are; a parcel that cannot be measured
    gets a row with the reason, the others still come. What it costs is told first. Dates that were
    measured before are not measured again, so an interrupted command goes on where it was.
    """
    from landzicht.cli.progress import progress_bar
    from landzicht.errors.series import SeriesTooLarge
    from landzicht.kinds import Span
    from landzicht.portal import open_portal
    from landzicht.portal.parcels.series_files import SeriesOrder
    from landzicht.portal.settings import load_settings

    if (parcels is None) == (areas is None):
        raise click.UsageError("give PARCELS, or --areas ID")
    if smooth and seasons:
        raise click.UsageError("give --smooth or --seasons")
    order = SeriesOrder(
        path=parcels or Path(),
        areas=areas,
        collection=collection,
        layer=layer,
        expression=expression,
        span=Span.parse(datetime) if datetime else None,
        stats=_parts(stats),
        edges=_numbers(histogram or ""),
        raw=raw,
        name=name,
        parcel_layer=parcel_layer,
        crs=crs,
        clear=False if all_pixels else None,
        smooth=smooth,
        seasons=seasons,
        beyond=yes,
        out=out,
        language=language(),
    )
    with open_portal(load_settings(data, cluster=cluster)) as portal:
        try:
            if plan:
                _print_cost(portal.series_file_cost(order), as_json=as_json)
                return
            with progress_bar(quiet=out is None) as step:
                checked, chunks = portal.series_file(order, step, _tell_cost)
                _tell(checked)
                for chunk in chunks:
                    if out is None:
                        sys.stdout.buffer.write(chunk)
        except SeriesTooLarge:
            click.echo(_NOT_MEASURED.say(language()), err=True)
            raise
    if out is not None:
        click.echo(_DONE.say(language(), count=len(checked.parcels), out=out), err=True)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _numbers(text: str) -> tuple[float, ...]:
    """Read the edges of a histogram."""
    try:
        return tuple(float(part) for part in _parts(text))
    except ValueError as error:
        raise click.BadParameter("numbers with commas between", param_hint="--histogram") from error


def _print_cost(price: Estimate, *, as_json: bool) -> None:
    """Say what it costs, before anything is done."""
    if as_json:
        click.echo(orjson.dumps(price.as_dict()))
        return
    click.echo(_COST.say(language(), **_numbers_of(price)))
    if price.left_out:
        first = price.left_out[0]
        told = {"count": len(price.left_out), "scene": first.scene, "reason": first.reason}
        click.echo(_LEFT_OUT.say(language(), **told))


def _tell_cost(price: Estimate) -> None:
    """Say in one line what is about to be done."""
    known = _KNOWN.fill(stored=price.cost.stored) if price.cost.stored else ""
    click.echo(_ABOUT.say(language(), known=known, **_numbers_of(price)), err=True)


def _numbers_of(price: Estimate) -> dict[str, object]:
    """Return the numbers of a cost as people write them."""
    cost = price.cost
    point = "," if language() == "nl" else "."
    millions = {"pixels": cost.pixels, "covered": cost.covered, "decoded": cost.bytes}
    return {
        **{name: f"{count / 1e6:.1f}".replace(".", point) for name, count in millions.items()},
        "memory": f"{cost.memory / 1e6:.0f}",
        "seconds": f"{price.seconds:.0f}",
        "parcels": cost.parcels,
        "dates": cost.dates,
        "stored": cost.stored,
        "scenes": cost.scenes,
    }


def _tell(checked: Checked) -> None:
    """Say which parcels were repaired or refused, the first few by name."""
    for more, remarks in ((_MORE_REPAIRED, checked.repaired), (_MORE_REFUSED, checked.refused)):
        for remark in remarks[:_SHOWN]:
            told = {"row": remark.row, "parcel": remark.parcel, "reason": remark.reason}
            click.echo(_ROW.say(language(), **told), err=True)
        if len(remarks) > _SHOWN:
            click.echo(more.say(language(), count=len(remarks) - _SHOWN), err=True)


_COST = Text(
    nl="percelen {parcels}\n"
    "datums   {dates}, waarvan er {stored} al bekend zijn\n"
    "opnamen  {scenes}\n"
    "pixels   {pixels} miljoen, {decoded} MB uitgepakt\n"
    "bedekt   {covered} miljoen pixels onder percelen\n"
    "geheugen {memory} MB\n"
    "tijd     {seconds} s",
    en="parcels  {parcels}\n"
    "dates    {dates}, of which {stored} are known already\n"
    "scenes   {scenes}\n"
    "pixels   {pixels} million, {decoded} MB decoded\n"
    "covered  {covered} million pixels under parcels\n"
    "memory   {memory} MB\n"
    "time     {seconds} s",
)
_LEFT_OUT = Text(
    nl="{count} opnamen overgeslagen; {scene} {reason}",
    en="left out {count} scenes; {scene} {reason}",
)
_KNOWN = Text(nl=" ({stored} al bekend)", en=" ({stored} known already)")
_ABOUT = Text(
    nl="{parcels} percelen, {dates} datums{known}: {pixels} miljoen pixels, ongeveer {seconds} s "
    "en {memory} MB geheugen",
    en="{parcels} parcels, {dates} dates{known}: {pixels} million pixels, about {seconds} s and "
    "{memory} MB of memory",
)
_ROW = Text(nl="rij {row}, {parcel}: {reason}", en="row {row}, {parcel}: {reason}")
_MORE_REPAIRED = Text(nl="… en nog {count} hersteld", en="… and {count} more repaired")
_MORE_REFUSED = Text(nl="… en nog {count} geweigerd", en="… and {count} more refused")
_DONE = Text(nl="{count} percelen → {out}", en="{count} parcels → {out}")
_NOT_MEASURED = Text(
    nl="Er is niets gemeten; met --yes wordt toch gemeten.",
    en="Nothing was measured; with --yes it is measured all the same.",
)
