"""Seasons and events of all parcels of a region: what `insight` says of each of them."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from landzicht.cli.main import group
from landzicht.errors.catalogue import BadQuery
from landzicht.errors.series import UnknownArea
from landzicht.kinds import Band, Layer
from landzicht.portal import Portal
from landzicht.portal.parcels import seasons
from landzicht.portal.parcels.areas_add import AreasFile
from landzicht.testing.fields import GRID, features
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text
from landzicht.web.app import create_app

INDEX = Band(name="index", dtype="uint16", nodata=0, scale=0.0001)
YEARS = (2024, 2025)
CUT, MOWN = 225, 185
"""Days of the year: land is laid bare on the west side, and mown on the east side in 2025."""
PARCELS = 14
ASKED = {"collection": "fields", "layer": "index", "parcels": features(PARCELS), "seasons": True}


def index_on(day, year):
    """Return the index of all land on a day `(x,)`: a bell, cut in the west, mown in the east."""
    x = np.arange(GRID.width) / GRID.width
    bell = 0.2 + 0.6 * np.exp(-(((day - 190) / 50) ** 2))
    west = np.where(day >= CUT, 0.2, bell)
    mown = year == 2025 and MOWN <= day < MOWN + 25
    east = bell - (0.35 if mown else 0.0)
    return np.where(x < 0.5, west, east)


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("seasons"))
    scenes = []
    for year in YEARS:
        for day in range(5, 365, 10):
            noise = np.random.default_rng(day + year).normal(0, 0.004, GRID.shape)
            values = np.round((index_on(day, year)[None] + noise) * 10_000).astype("uint16")
            moment = datetime(year, 1, 1, 10, 40, tzinfo=UTC) + timedelta(days=day - 1)
            bands = {"index": (values, INDEX)}
            name = f"s{moment:%Y%m%d}"
            scenes.append(store_scene(services, "fields", name, GRID, bands, moment=moment))
    layer = Layer(
        name="index", title=Text(nl="I", en="I"), assets=("index",), rescale=((0.0, 1.0),)
    )
    services.catalog.put([make_collection("fields", bands=(INDEX,), layers=(layer,))], scenes)
    return services


@pytest.fixture
def client(services):
    with TestClient(create_app(Portal(services), warm=False)) as client:
        yield client


def ask(client, question=ASKED, kind="application/x-ndjson", **headers):
    return client.post("/api/v1/series", json=question, headers={"accept": kind} | headers)


def rows_of(answer):
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_region_says_what_insight_says_of_each_parcel(client) -> None:
    rows = rows_of(ask(client))
    assert {row["parcel"] for row in rows} == {f"p{n}" for n in range(PARCELS)}
    assert {row["kind"] for row in rows} == {"season", "bare", "mowing"}
    for feature in ASKED["parcels"]["features"][:6]:
        question = {key: ASKED[key] for key in ("collection", "layer")} | {"parcel": feature}
        for year in YEARS:
            told = client.post("/api/v1/series/insight", json=question | {"year": year}).json()
            mine = [row for row in rows if row["parcel"] == feature["id"] and row["year"] == year]
            found = [row for row in mine if row["kind"] == "season"]
            if year == max(YEARS):  # the year before has no history in `insight`
                assert [_season(row) for row in found] == [_told(each) for each in told["seasons"]]
            keys = ("kind", "after", "before", "drop", "reason", "method")
            others = [{key: row[key] for key in keys} for row in mine if row["kind"] != "season"]
            assert others == told["events"]
            assert found, feature["id"]
            assert {row["name"] for row in mine} == {feature["properties"]["name"]}


def _season(row):
    return [(row[name], row[f"{name}_days"]) for name in ("start", "peak", "end")]


def _told(season):
    moments = (season[name] for name in ("start", "peak", "end"))
    return [(m["date"], m["plus_minus_days"]) if m else (None, None) for m in moments]


def test_the_dates_are_the_true_ones(client) -> None:
    rows = rows_of(ask(client))
    half = 50 * np.sqrt(np.log(2))
    for row in (row for row in rows if row["kind"] == "season" and row["start"]):
        day = date.fromisoformat(row["start"]).timetuple().tm_yday
        if row["year"] == 2024:
            assert abs(day - (190 - half)) <= max(row["start_days"], 4), row
        assert row["simulated"] is False
    bare = [row for row in rows if row["kind"] == "bare"]
    mown = [row for row in rows if row["kind"] == "mowing" and row["year"] == 2025]
    assert bare
    assert mown
    for row, true in [(row, CUT) for row in bare] + [(row, MOWN) for row in mown]:
        after, before = (date.fromisoformat(row[name]) for name in ("after", "before"))
        event = date(row["year"], 1, 1) + timedelta(days=true - 1)
        assert after < event <= before


def test_all_forms_and_jobs_say_the_same(client) -> None:
    rows = rows_of(ask(client))
    body = ask(client, ASKED | {"geometry": True}, "application/vnd.apache.parquet").content
    table = pq.read_table(io.BytesIO(body))
    told = table.drop_columns(["geometry", "error", "detail"]).to_pylist()
    assert json.loads(json.dumps(told, default=str)) == rows
    assert table.schema.metadata[b"geo"]
    text = pyarrow.csv.read_csv(io.BytesIO(ask(client, kind="text/csv").content))
    assert text.num_rows == len(rows)
    assert text.column("start").to_pylist() == table.column("start").to_pylist()
    job = ask(client, prefer="respond-async")
    assert job.status_code == 202, job.text
    place = job.headers["location"]
    end = time.monotonic() + 60
    while client.get(place).json()["status"] not in ("done", "failed"):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert rows_of(client.get(f"{place}/result")) == rows
    client.delete(place)


def test_parcels_in_parts_give_the_same(client, monkeypatch) -> None:
    whole = rows_of(ask(client))
    monkeypatch.setattr(seasons, "_AT_ONCE", 3)
    assert rows_of(ask(client)) == whole


def test_of_which_nothing_can_be_told_the_reason_is(client) -> None:
    rows = rows_of(ask(client, ASKED | {"datetime": "2025-05/2025-06"}))
    assert {row["kind"] for row in rows} == {"nothing"}
    assert all("fewer than 9 dates" in row["reason"] for row in rows)
    answer = ask(client, ASKED | {"datetime": "2025-01/2025-02"}, **{"accept-language": "nl"})
    assert all("minder dan 9 datums" in row["reason"] for row in rows_of(answer))
    away = {"type": "Point", "coordinates": [0, 0]}
    bad = {"type": "Feature", "id": "bad", "properties": {}, "geometry": None}
    some = [*ASKED["parcels"]["features"][:1], bad]
    some.append({"type": "Feature", "id": "away", "properties": {}, "geometry": away})
    asked = ASKED | {"parcels": {"type": "FeatureCollection", "features": some}}
    wrong = {row["parcel"]: row["error"] for row in rows_of(ask(client, asked)) if "error" in row}
    assert wrong == {"bad": "bad-parcel", "away": "nothing-here"}


@pytest.mark.parametrize("more", [{"smooth": True}, {"stats": ["median"]}, {"seasons": 1}])
@pytest.mark.parametrize("later", [{}, {"prefer": "respond-async"}])
def test_wrong_questions(client, more, later) -> None:
    answer = ask(client, ASKED | more, **later)
    assert answer.status_code == 400, answer.text


def test_too_much_at_once_is_refused(client, monkeypatch) -> None:
    monkeypatch.setattr(seasons, "MOST_VALUES", 100)
    assert ask(client).status_code == 400


def test_a_damaged_date_is_told_and_the_season_still_comes(tmp_path_factory, services) -> None:
    from landzicht.portal.parcels.series_files import SeriesOrder, series_file

    folder = tmp_path_factory.mktemp("spoilt")
    path = folder / "parcels.geojson"
    path.write_text(json.dumps(features(2)))
    spoilt = replace(services, kept=None, reader=Spoilt(services.reader))
    order = SeriesOrder(path=path, collection="fields", layer="index", seasons=True)
    out = folder / "out.ndjson"
    _, chunks = series_file(spoilt, replace(order, out=out), lambda *_: None)
    list(chunks)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    wrong = [row for row in rows if "error" in row]
    assert [(row["parcel"], row["error"]) for row in wrong] == [
        ("p0", "stored-file-failed"),
        ("p1", "stored-file-failed"),
    ]
    assert {row["parcel"] for row in rows if row.get("kind") == "season"} == {"p0", "p1"}


class Spoilt:
    """A reader of which one file is damaged."""

    def __init__(self, reader):
        self.reader, self.spoilt = reader, None

    def levels(self, asset):
        return self.reader.levels(asset)

    def read(self, asset, level, window):
        from landzicht.errors.files import StoredFileFailed

        self.spoilt = self.spoilt or asset.href
        if asset.href == self.spoilt:
            raise StoredFileFailed(path=asset.href, reason="damaged")
        return self.reader.read(asset, level, window)


def run(*arguments, code=0):
    told = CliRunner().invoke(group, [str(argument) for argument in arguments])
    if told.exception and not isinstance(told.exception, SystemExit):
        raise told.exception
    assert told.exit_code == code, told.output
    return told


@pytest.fixture
def asked(services):
    data = services.settings.data
    return ("--data", data, "--collection", "fields", "--layer", "index")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "fields.geojson"
    path.write_text(json.dumps(features(PARCELS)))
    return path


def test_the_command_writes_seasons(client, asked, path, tmp_path) -> None:
    out = tmp_path / "seasons.geoparquet"
    run("series", path, *asked, "--seasons", "--out", out)
    table = pq.read_table(out)
    assert table.column("geometry").null_count == 0
    told = table.drop_columns(["geometry", "error", "detail"]).to_pylist()
    assert json.loads(json.dumps(told, default=str)) == rows_of(ask(client))
    run("series", path, *asked, "--seasons", "--smooth", code=2)


def test_the_command_tells_the_year_of_a_parcel(services, asked, path) -> None:
    told = json.loads(run("insight", path, "--name", "p3", *asked, "--json").stdout)
    lines = run("insight", path, "--name", "p3", *asked).stdout.splitlines()
    assert lines[0] == "p3  fields index  2025"
    assert lines[1].startswith("dates    36 with a value")
    said = [line for line in lines if line.startswith("season")]
    assert len(said) == len(told["seasons"]) > 0
    peak = told["seasons"][0]["peak"]
    assert f"peak {peak['date']} ± {peak['plus_minus_days']} days" in said[0]
    events = [line.split()[0] for line in lines if " … " in line and line[0] in "mb"]
    assert events == [event["kind"] for event in told["events"]]
    assert any(line.startswith("earlier  ") for line in lines)
    run("insight", path, *asked, code=2)  # which of them?
    run("insight", path, "--name", "nobody", *asked, code=2)
    run("insight", path.with_name("none.geojson"), *asked, code=2)


def test_the_command_compares_with_peers_and_names_nobody(services, asked, path) -> None:
    Portal(services).add_areas(AreasFile(path=path, id="mine", title="Mine"))
    peers = ("--peers", "mine", "crop", "grass")
    said = run("insight", "p3", "--areas", "mine", *asked, *peers).stdout
    (line,) = [line for line in said.splitlines() if line.startswith("peers")]
    assert "of 10 or more" in line  # fourteen, rounded down
    assert "percentile" in line
    assert not [n for n in range(PARCELS) if n != 3 and (f"p{n} " in said or f"Field {n}" in said)]
    with pytest.raises(UnknownArea):
        run("insight", "p99", "--areas", "mine", *asked)
    some = path.with_name("some.geojson")
    some.write_text(json.dumps(features(10)))
    Portal(services).add_areas(AreasFile(path=some, id="few"))
    with pytest.raises(BadQuery, match="fewer than 11"):
        run("insight", "p3", "--areas", "few", *asked, "--peers", "few", "crop", "grass")
