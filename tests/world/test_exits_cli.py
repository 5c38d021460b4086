"""Every command that lets images, numbers or places out says that Zonderland is simulated.

`EXITS` is the list of those ways, and `SILENT` that of commands which let nothing out, each with
the reason. A command that is on neither fails `test_no_command_is_forgotten`.
"""

from __future__ import annotations

import csv
import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from landzicht.cli.main import COMMANDS, group
from landzicht.formats.writer import CogWriter
from landzicht.portal.demo import PARCELS_ID, register_areas
from landzicht.portal.portal import open_portal
from landzicht.portal.settings import Settings
from landzicht.runners import Inline
from landzicht.world import COLLECTION_ID, WorldSpec, make_world

SPEC = WorldSpec(size=128, dates=1)
SMALL_WORLD = ("world", "{out}", "--size", "128", "--dates", "1", "--workers", "1")
MEASURE = ("series", "--areas", PARCELS_ID, "--collection", COLLECTION_ID, "--layer", "ndvi")
YEAR = ("insight", "0", "--areas", PARCELS_ID, "--collection", COLLECTION_ID, "--layer", "ndvi")


def word(told: str, _: Path) -> None:
    assert "SIMULATED" in told


def name(told: str, _: Path) -> None:
    assert "SIM_" in told


def json_items(told: str, _: Path) -> None:
    items = json.loads(told)["features"]
    assert items
    assert all(item["properties"]["landzicht:simulated"] is True for item in items)


def json_flag(told: str, _: Path) -> None:
    found = json.loads(told)
    for each in found if isinstance(found, list) else [found]:
        assert each["simulated"] is True


def csv_rows(text: str) -> None:
    rows = list(csv.DictReader(text.splitlines()))
    assert rows
    assert {row["simulated"] for row in rows} == {"true"}


def csv_column(_: str, out: Path) -> None:
    csv_rows(out.read_text())


def csv_printed(told: str, _: Path) -> None:
    csv_rows(told[told.index("parcel") :])


def json_file(_: str, out: Path) -> None:
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert rows
    assert all(row["simulated"] is True for row in rows)


def parquet_column(_: str, out: Path) -> None:
    table = pq.read_table(out)
    assert set(table["simulated"].to_pylist()) == {True}
    assert table.schema.metadata[b"simulated"] == b"YES"


def parquet_items(_: str, out: Path) -> None:
    table = pq.read_table(out)
    assert set(table["landzicht:simulated"].to_pylist()) == {True}
    assert all("SIMULATED" in title for title in table["title"].to_pylist())


def static_catalogue(_: str, out: Path) -> None:
    files = [json.loads(path.read_text()) for path in out.rglob("*.json")]
    items = [each for each in files if each["type"] == "Feature"]
    collections = [each for each in files if each["type"] == "Collection"]
    assert items
    assert all(each["properties"]["landzicht:simulated"] is True for each in items)
    assert all("SIMULATED" in each["title"] for each in collections)


def same_catalogue(_: str, out: Path) -> None:
    with open_portal(Settings(data=out)) as portal:
        assert portal.collection(COLLECTION_ID).simulated


EXITS: tuple[tuple[tuple[str, ...], str, Callable[[str, Path], None]], ...] = (
    # what is typed, the ending of {out}, how what comes out is marked
    (("search",), "", word),
    (("search", "--json"), "", json_items),
    (SMALL_WORLD, "", word),
    ((*SMALL_WORLD, "--json"), "", json_flag),
    ((*MEASURE, "--out", "{out}"), ".csv", csv_column),
    ((*MEASURE, "--out", "{out}"), ".ndjson", json_file),
    ((*MEASURE, "--out", "{out}"), ".parquet", parquet_column),
    (MEASURE, "", csv_printed),
    (YEAR, "", word),
    ((*YEAR, "--json"), "", json_flag),
    (("areas", "list"), "", word),
    (("areas", "list", "--json"), "", json_flag),
    (("catalogue", "export", "{out}"), ".parquet", parquet_items),
    (("catalogue", "export", "{out}"), "", static_catalogue),
    (("catalogue", "move", "--to", "{out}"), "", same_catalogue),
    (("ingest", "{images}"), "", name),
)
SILENT = {
    "up": "serves what tests/world/test_exits.py lists",
    "follow": "tells how following goes; no data",
    "areas add": "tells how many shapes came in",
    "areas remove": "tells what is gone",
    "catalogue import": "tells how many items came in",
    "catalogue backup": "the bytes of the catalogue, marks and all",
    "catalogue clean": "tells of files that nobody needs",
    "retention plan": "tells names of scenes, which begin with SIM_",
    "retention apply": "tells names of scenes",
    "retention undo": "tells names of scenes",
    "retention bin": "tells names of scenes",
    "doctor": "tells what works here",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands")
    make_world(SPEC, folder / "world", CogWriter(), Inline())
    with open_portal(Settings(data=folder / "data")) as portal:
        portal.ingest([folder / "world" / "images"])
    register_areas(Settings(data=folder / "data"), SPEC)
    return folder


@pytest.mark.parametrize(
    ("typed", "ending", "check"), EXITS, ids=[f"{e[0][0]} {e[2].__name__} {e[1]}" for e in EXITS]
)
def test_every_exit_is_marked(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    typed: tuple[str, ...], ending: str, check: Callable[[str, Path], None],
) -> None:  # fmt: skip
    monkeypatch.setenv("LANDZICHT_DATA", str(made / "data"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    out = tmp_path / f"out{ending}"
    places = {"{out}": str(out), "{images}": str(made / "world" / "images")}
    told = CliRunner().invoke(group, [places.get(part, part) for part in typed])
    assert told.exit_code == 0, (told.output, told.exception)
    check(told.stdout, out)


def commands() -> Iterator[str]:
    """Yield all commands as they are typed, those of groups too."""
    for first in COMMANDS:
        command: click.Command = importlib.import_module(f"landzicht.cli.{first}").command
        if isinstance(command, click.Group):
            yield from (f"{first} {second}" for second in command.commands)
        else:
            yield first


def test_no_command_is_forgotten() -> None:
    listed = set(SILENT)
    for typed, _, _ in EXITS:
        listed |= {typed[0], " ".join(typed[:2])}
    there = set(commands())
    forgotten = there - listed
    assert not forgotten, "say in EXITS how these mark simulated data, or in SILENT why not"
    assert set(SILENT) <= there, "gone"
