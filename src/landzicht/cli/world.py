"""`landzicht world`: Zonderland as files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from landzicht.cli.options import json_option
from landzicht.cli.progress import progress_bar


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True)
@click.option(
    "--size", type=int, default=1024, show_default=True, help="Pixels of 10 m along each side."
)
@click.option("--dates", type=int, default=24, show_default=True, help="Number of images.")
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

    Equal options give equal bytes, whatever the number of processes. Nothing in it was ever seen by
    a satellite; every file says so.
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
        manifest = make_world_files(spec, folder, workers or os.cpu_count() or 1, tell, chosen)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n")
    else:
        click.echo(f"Zonderland (SIMULATED): {dates} dates in {folder}")
        click.echo(f"To look at it: landzicht ingest {folder / 'images'}")
