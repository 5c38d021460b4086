"""`landzicht world`: Zonderland as files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from landzicht.cli.failures import language
from landzicht.cli.options import json_option
from landzicht.cli.progress import progress_bar
from landzicht.text import Text


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True)
@click.option(
    "--size", type=int, default=1024, show_default=True, help="Pixels of 10 m along each side."
)
@click.option(
    "--dates",
    type=int,
    default=24,
    show_default=True,
    help="Images in each year, of each of s2, s1 and thermal; vhr is one a year.",
)
@click.option("--year", type=int, default=2025, show_default=True)
@click.option(
    "--difficulty",
    type=click.Choice(["easy", "real", "hard"]),
    default="real",
    show_default=True,
    help="How much crops look alike.",
)
@click.option(
    "--sensors",
    default="s2",
    show_default=True,
    metavar="LIST",
    help="s2, s1, thermal, vhr, with commas between.",
)
@click.option("--years", type=click.IntRange(1, 5), default=1, show_default=True, help="In a row.")
@click.option(
    "--zones",
    type=click.IntRange(1, 2),
    default=1,
    show_default=True,
    help="UTM zones in which s2 is delivered; 2 overlap.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Processes.")
@json_option
def command(
    folder: Path,
    seed: int,
    size: int,
    dates: int,
    year: int,
    difficulty: str,
    sensors: str,
    years: int,
    zones: int,
    workers: int | None,
    as_json: bool,
) -> None:
    """Make the simulated polder Zonderland in DIR: images, STAC items and the truth behind them.

    Equal options give equal bytes, whatever the number of processes. DIR may hold one land only:
    more dates, years, zones or sensors of it are added, another land needs another folder. Nothing
    in it was ever seen by a satellite; every file says so.
    """
    import orjson

    from landzicht.portal.demo import make_world_files
    from landzicht.world import WorldSpec

    spec = WorldSpec(
        seed=seed,
        size=size,
        dates=dates,
        year=year,
        years=years,
        zones=zones,
        difficulty=difficulty,
    )
    chosen = tuple(part.strip() for part in sensors.split(","))
    with progress_bar(quiet=as_json) as tell:

        def told(_: str, done: int, total: int) -> None:
            tell(_NAME, done, total)  # one piece of work, so that the time left can be told

        manifest = make_world_files(
            spec, folder, workers or os.cpu_count() or 1, told, chosen, own_names=True
        )
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")
        return
    count, images = len(manifest["images"]), folder / "images"
    click.echo((_ONE if count == 1 else _MADE).say(language(), count=count, folder=folder))
    click.echo(_LOOK.say(language(), images=images))


_NAME = "Zonderland"
_ONE = Text(
    nl="Zonderland (GESIMULEERD): 1 beeld in {folder}",
    en="Zonderland (SIMULATED): 1 image in {folder}",
)
_MADE = Text(
    nl="Zonderland (GESIMULEERD): {count} beelden in {folder}",
    en="Zonderland (SIMULATED): {count} images in {folder}",
)
_LOOK = Text(
    nl="Om ernaar te kijken: landzicht ingest {images}",
    en="To look at it: landzicht ingest {images}",
)
