"""`landzicht series` and `landzicht areas`: files in, files out, and going on after a crash."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from landzicht.cli.main import group
from landzicht.errors.catalogue import BadQuery
from landzicht.errors.series import BadStatistic, SeriesTooLarge, UnknownAreas
from landzicht.testing.fields import add_dates, features
from landzicht.testing.pixels import make_services

HALTING = """
import sys, time
from pathlib import Path
from landzicht.formats.cog import CogReader
kept = Path(sys.argv.pop(1))
for name in ("read", "parts"):
    def halting(self, *arguments, real=getattr(CogReader, name), **named):
        if len(list(kept.glob("*/*.arrow"))) >= 4:  # half-way: until it is killed
            time.sleep(600)
        return real(self, *arguments, **named)
    setattr(CogReader, name, halting)
from landzicht.cli.main import main
main()
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("portal")
    add_dates(make_services(folder), 4)
    return folder


@pytest.fixture
def parcels(tmp_path):
    path = tmp_path / "parcels.geojson"
    path.write_text(json.dumps(features(5)))
    return path


def run(*arguments, code=0):
    told = CliRunner().invoke(group, [str(argument) for argument in arguments])
    if told.exception and not isinstance(told.exception, SystemExit):
        raise told.exception
    assert told.exit_code == code, told.output
    return told


def series(parcels, data, *more, code=0):
    return run(
        "series",
        parcels,
        "--data",
        data,
        "--collection",
        "fields",
        "--layer",
        "red",
        *more,
        code=code,
    )


def test_every_kind_of_file(data, parcels, tmp_path):
    for ending in ("csv", "parquet", "geoparquet", "ndjson", "arrow"):
        out = tmp_path / f"out.{ending}"
        told = series(parcels, data, "--out", out, "--stats", "mean,median")
        assert "5 parcels" in told.stderr
        assert out.stat().st_size > 500
        assert not list(tmp_path.glob(".*.part"))
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.num_rows == 20
    assert set(table.column("name").to_pylist()) == {f"Field {n}" for n in range(5)}
    assert pq.read_table(tmp_path / "out.geoparquet").column("geometry").null_count == 0
    assert pyarrow.csv.read_csv(tmp_path / "out.csv").num_rows == 20
    assert len((tmp_path / "out.ndjson").read_text().splitlines()) == 20


def test_without_a_file_it_comes_on_the_screen(data, parcels):
    lines = series(parcels, data, "--datetime", "2025-05-01").stdout.splitlines()
    assert lines[0].replace('"', "").startswith("parcel,name,datetime,scene")
    assert len(lines) == 6


def test_what_it_costs_is_told_before(data, parcels, tmp_path):
    out = tmp_path / "none.csv"
    told = series(parcels, data, "--plan", "--stats", "p33", "--out", out).stdout
    assert "parcels  5" in told
    assert "dates    4" in told
    assert "0.5 million" in told
    assert "million pixels under parcels" in told
    assert not out.exists()
    price = json.loads(series(parcels, data, "--plan", "--json", "--stats", "p33").stdout)
    assert (price["scenes"], price["stored"]) == (4, 0)


def test_wrong_use(data, parcels, tmp_path):
    assert "PARCELS, or --areas" in run("series", "--collection", "x", code=2).stderr
    series(parcels, data, "--areas", "a", code=2)
    with pytest.raises(BadQuery):
        series(parcels, data, "--out", tmp_path / "a.xlsx")
    assert not (tmp_path / "a.xlsx").exists()


def test_areas_are_added_listed_measured_and_removed(data, parcels):
    told = run("areas", "add", parcels, "--id", "mine", "--title", "Mine", "--data", data)
    assert told.stdout == "mine: 5 areas\n"
    listed = json.loads(run("areas", "list", "--data", data, "--json").stdout)
    assert [(areas["id"], areas["rows"]) for areas in listed] == [("mine", 5)]
    assert run("areas", "list", "--data", data).stdout.startswith("mine  5  Mine")
    arguments = ("--data", data, "--collection", "fields", "--layer", "red")
    lines = run("series", "--areas", "mine", *arguments).stdout.splitlines()
    assert len(lines) == 21
    assert run("areas", "remove", "mine", "--data", data).stdout == "mine removed\n"
    with pytest.raises(UnknownAreas):
        run("series", "--areas", "mine", *arguments)
    run("areas", "add", "nothing.gpkg", "--data", data, code=2)
    with pytest.raises(BadQuery):
        run("areas", "add", "pdok:nothing", "--data", data)


def test_killed_half_way_it_goes_on_where_it_was(tmp_path):
    data = tmp_path / "data"
    services = make_services(data)
    add_dates(services, 8)
    parcels = tmp_path / "parcels.geojson"
    parcels.write_text(json.dumps(features(5)))
    out = tmp_path / "out.ndjson"
    asked = ["series", parcels, "--data", data, "--collection", "fields", "--layer", "red"]
    asked = [str(part) for part in (*asked, "--out", out)]
    kept = services.settings.series_cache
    environment = os.environ | {"LANDZICHT_THREADS": "1"}
    first = subprocess.Popen([sys.executable, "-c", HALTING, kept, *asked], env=environment)
    try:
        end = time.monotonic() + 90
        while len(list(kept.glob("*/*.arrow"))) < 4 and time.monotonic() < end:
            time.sleep(0.02)
        first.send_signal(signal.SIGKILL)
    finally:
        first.kill()
        first.wait()
    assert not out.exists()
    known = json.loads(run(*asked, "--plan", "--json").stdout)["stored"]
    assert 2 <= known < 8
    moments = {path: path.stat().st_ino for path in kept.glob("*/*.arrow")}
    run(*asked)
    assert len(out.read_text().splitlines()) == 40
    assert all(path.stat().st_ino == number for path, number in moments.items())
    assert Path(kept).is_dir()


def test_the_cost_is_told_and_too_much_stops_unless_it_is_wanted(data, parcels, tmp_path):
    out = tmp_path / "out.csv"
    limited = {"LANDZICHT_SERIES_MOST_MPX": "0"}
    asked = ["series", parcels, "--data", data, "--collection", "fields", "--layer", "red"]
    asked = [str(each) for each in (*asked, "--stats", "mean,p41", "--out", out)]
    told = CliRunner().invoke(group, asked, env=limited)
    assert isinstance(told.exception, SeriesTooLarge)
    assert "--yes" in told.stderr
    assert not out.exists()
    told = CliRunner().invoke(group, [*asked, "--yes"], env=limited)
    assert told.exit_code == 0, told.output
    first = told.stderr.splitlines()[0]
    assert first.startswith("5 parcels, 4 dates: 0.5 million pixels, about ")
    assert first.endswith(" MB of memory")
    assert len(out.read_text().splitlines()) == 21
    again = series(parcels, data, "--stats", "mean,p41", "--out", out).stderr
    assert again.startswith("5 parcels, 4 dates (4 known already): 0.0 million pixels")


def test_dutch_when_the_locale_says_so(data, tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "nl_NL.UTF-8")
    told = features(2)
    told["features"][1]["geometry"] = {"type": "LineString", "coordinates": [[5, 52], [6, 53]]}
    path = tmp_path / "percelen.geojson"
    path.write_text(json.dumps(told))
    said = series(path, data, "--stats", "max", "--out", tmp_path / "uit.csv").stderr
    assert "1 percelen, 4 datums: " in said
    assert "rij 2, p1: is geen vlak of punt" in said
    assert "2: is geen vlak of punt" in (tmp_path / "uit.csv").read_text()
    assert "pixels   0,0 miljoen" in series(path, data, "--stats", "max", "--plan").stdout
    added = run("areas", "add", path, "--id", "mijn", "--data", data)
    assert (added.stdout, added.stderr) == ("mijn: 1 gebieden\n", "0 hersteld, 1 weggelaten\n")
    asked = ("--areas", "mijn", "--data", data, "--collection", "fields", "--layer", "red")
    assert "datums   " in run("insight", "p0", *asked).stdout
    assert run("areas", "remove", "mijn", "--data", data).stdout == "mijn is weggehaald\n"


def test_histograms_and_stored_numbers(data, parcels, tmp_path):
    plain, stored = tmp_path / "plain.parquet", tmp_path / "stored.parquet"
    series(parcels, data, "--histogram", "0,0.3,0.6,1", "--stats", "mean,count", "--out", plain)
    series(parcels, data, "--raw", "--stats", "mean", "--out", stored)
    table = pq.read_table(plain)
    bins = table.column("histogram").to_pylist()
    assert {len(each) for each in bins} == {3}
    counts = table.column("count").to_pylist()
    assert [sum(each) for each in bins] == pytest.approx(counts)
    means = table.column("mean").to_pylist()
    raw = pq.read_table(stored).column("mean").to_pylist()
    assert [mean * 10_000 for mean in means] == pytest.approx(raw, rel=1e-9)
    text = series(parcels, data, "--histogram", "0,0.3,0.6,1").stdout.splitlines()
    assert text[1].count(";") == 2
    series(parcels, data, "--histogram", "a,b", code=2)
    with pytest.raises(BadStatistic):
        series(parcels, data, "--histogram", "1,0")
