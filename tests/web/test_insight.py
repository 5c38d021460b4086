"""`POST /api/v1/series/insight`: a parcel of which the year is known, and wrong questions."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from fastapi.testclient import TestClient

from landzicht.kinds import Band, BandKind, Layer, Mask
from landzicht.portal import Portal
from landzicht.portal.parcels.areas_add import AreasFile
from landzicht.rules import Decision
from landzicht.testing.fields import GRID, features
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text
from landzicht.web.app import create_app

INDEX = Band(name="index", dtype="uint16", nodata=0, scale=0.0001)
CLASSES = Band(name="SCL", dtype="uint8", nodata=0, kind=BandKind.CATEGORICAL)
PLACE = "/api/v1/series/insight"
MISSED, CUT = 165, 245
"""Days of 2025: a cloud that the classification missed, and a harvest."""


def season_on(day, year):
    """Return the index of all land on a day: a bell, 0.05 higher in 2025, then soil."""
    if year == 2025 and day == MISSED:
        return 0.3
    if day >= CUT:
        return 0.2
    return 0.2 + 0.6 * np.exp(-(((day - 190) / 45) ** 2)) + 0.05 * (year == 2025)


def add_years(services, collection="fields", *, simulated=False, years=(2024, 2025)):
    scenes = []
    for year in years:
        for day in range(5, 365, 10):
            noise = np.random.default_rng(day + year).normal(0, 0.004)
            stored = round((season_on(day, year) + noise) * 10_000)
            # The land is a little greener in every column further east.
            values = np.uint16(stored) + np.arange(256, dtype=np.uint16)[None].repeat(256, 0)
            moment = datetime(year, 1, 1, 10, 40, tzinfo=UTC) + timedelta(days=day - 1)
            bands = {"index": (values, INDEX), "SCL": (np.full(GRID.shape, 4, np.uint8), CLASSES)}
            name = f"{collection}-{moment:%Y%m%d}"
            scenes.append(
                store_scene(
                    services, collection, name, GRID, bands, moment=moment, simulated=simulated
                )
            )
    layer = Layer(
        name="index", title=Text(nl="I", en="I"), assets=("index",), rescale=((0.0, 1.0),)
    )
    described = make_collection(
        collection,
        bands=(INDEX, CLASSES),
        layers=(layer,),
        mask=Mask(asset="SCL", valid=(4,)),
        simulated=simulated,
    )
    services.catalog.put([described], scenes)


@dataclass(frozen=True)
class HidesSecret:
    def judge(self, use, collection):
        no = Decision(False, Text(nl="Geheim.", en="Secret."))
        return no if collection == "secret" else None


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    folder = tmp_path_factory.mktemp("insight")
    services = make_services(folder / "data", (HidesSecret(),))
    add_years(services)
    add_years(services, "secret", years=(2025,))
    add_years(services, "made", years=(2025,), simulated=True)
    file = folder / "fields.geojson"
    told = features(40)
    for number, feature in enumerate(told["features"]):
        feature["properties"] |= {"crop": "grass" if number < 30 else "maize", "code": number // 30}
    file.write_text(json.dumps(told))
    Portal(services).add_areas(AreasFile(path=file, id="register"))
    return services


@pytest.fixture(scope="module")
def client(services):
    with TestClient(create_app(Portal(services), warm=False)) as client:
        yield client


PARCEL = features(40)["features"][3]


def question(**more):
    return {"collection": "fields", "layer": "index", "parcel": PARCEL, "year": 2025} | more


PEERS = {"areas": "register", "column": "crop", "value": "grass"}


@pytest.fixture(scope="module")
def told(client):
    answer = client.post(PLACE, json=question(fill=True, peers=PEERS))
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-landzicht-simulated"] == "false"
    return answer.json()


def test_raw_values_stay_and_the_missed_cloud_is_flagged(told) -> None:
    assert (told["parcel"], told["year"], told["value"]) == ("p3", 2025, "index")
    assert len(told["series"]) == 36
    flagged = [row for row in told["series"] if row["flagged"]]
    day = date(2025, 1, 1) + timedelta(days=MISSED - 1)
    assert [row["datetime"][:10] for row in flagged] == [day.isoformat()]
    assert flagged[0]["mean"] < 0.35
    assert flagged[0]["scene"] == f"fields-{day:%Y%m%d}"
    assert "missed cloud" in flagged[0]["reason"]
    assert all(row["reason"] is None for row in told["series"] if not row["flagged"])


def test_the_line_is_marked_and_passes_over_the_cloud(told) -> None:
    line = told["smoothed"]
    assert (line["method"], line["coverage"], line["gaps_filled"]) == ("whittaker-2/1", 0.9, True)
    assert len(line["points"]) == 355
    for point in line["points"]:
        assert point["low"] <= point["smoothed"] <= point["high"]
    near = {point["date"]: point for point in line["points"]}
    there = near[(date(2025, 1, 1) + timedelta(days=MISSED - 1)).isoformat()]
    # The land is up to 0.0255 greener in the east.
    assert there["smoothed"] == pytest.approx(
        0.2 + 0.6 * np.exp(-((25 / 45) ** 2)) + 0.06, abs=0.04
    )
    assert there["gap_days"] == 20


def test_gaps_stay_gaps_unless_asked(client, told) -> None:
    plain = client.post(PLACE, json=question()).json()
    assert plain["series"] == told["series"]
    seen = [row["datetime"][:10] for row in plain["series"] if not row["flagged"]]
    assert [point["date"] for point in plain["smoothed"]["points"]] == seen
    assert plain["smoothed"]["gaps_filled"] is False
    assert plain["peers"] is None


def test_season_and_harvest_are_dated(told) -> None:
    (season,) = told["seasons"]
    half = date(2025, 1, 1) + timedelta(days=round(190 - 45 * np.sqrt(np.log(2))) - 1)
    start = date.fromisoformat(season["start"]["date"])
    assert abs((start - half).days) <= 6
    cut = date(2025, 1, 1) + timedelta(days=CUT - 1)
    end = season["end"]
    assert abs((date.fromisoformat(end["date"]) - cut).days) <= max(20, end["plus_minus_days"])


def test_this_year_is_above_the_year_before(told) -> None:
    earlier = told["earlier"]
    assert 0.01 < earlier["mean_difference"] < 0.06
    assert {each["years"] for each in earlier["dates"]} == {1}
    assert all(each["lowest"] == each["median"] == each["highest"] for each in earlier["dates"])


def test_the_group_is_told_without_anybody_in_it(told, services) -> None:
    peers = told["peers"]
    assert peers["group"] == "grass"
    assert len(peers["dates"]) == 35
    for each in peers["dates"]:
        assert each["parcels"] == 30
        assert each["p10"] <= each["p50"] <= each["p90"]
        assert each["percentile"] % 5 == 0
        for name in ("p10", "p50", "p90"):
            assert each[name] == round(each[name], 2)
    text = json.dumps(peers)
    assert not any(f'"p{number}"' in text for number in range(40) if number not in (10, 50, 90))
    # Its own column of the image decides where it stands: how many lie further west.
    wests = [
        np.mean([x for x, _ in feature["geometry"]["coordinates"][0]])
        for feature in features(40)["features"][:30]
    ]
    below = 100 * (sum(west < wests[3] for west in wests) + 0.5) / 30
    assert abs(np.median([each["percentile"] for each in peers["dates"]]) - below) <= 7


def test_the_newest_year_is_meant_when_none_is_named(client) -> None:
    asked = question()
    del asked["year"]
    assert client.post(PLACE, json=asked).json()["year"] == 2025
    first = client.post(PLACE, json=question(year=2024)).json()
    assert first["earlier"] is None
    assert {row["datetime"][:4] for row in first["series"]} == {"2024"}


def test_a_parcel_outside_all_images_says_nothing(client) -> None:
    away = {"type": "Point", "coordinates": [100.0, 10.0]}
    told = client.post(PLACE, json=question(parcel=away)).json()
    assert told["series"] == told["seasons"] == told["events"] == []
    assert told["smoothed"] is None


def test_simulated_land_is_marked(client) -> None:
    answer = client.post(PLACE, json=question(collection="made"))
    assert answer.headers["x-landzicht-simulated"] == "true"
    assert answer.json()["simulated"] is True


def test_reasons_are_dutch_for_the_dutch(client) -> None:
    answer = client.post(PLACE, json=question(), headers={"accept-language": "nl"}).json()
    (reason,) = [row["reason"] for row in answer["series"] if row["flagged"]]
    assert "gemiste wolk" in reason


def test_a_hidden_collection_is_as_if_it_did_not_exist(client) -> None:
    for more in ({}, {"year": None}):
        hidden = client.post(PLACE, json=question(collection="secret", **more))
        unknown = client.post(PLACE, json=question(collection="nowhere", **more))
        assert hidden.status_code == unknown.status_code == 404
        same = hidden.text.replace("secret", "nowhere")
        assert same == unknown.text


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"parcel": None}, 400),
        ({"parcel": features(2)}, 400),
        ({"parcel": {"type": "Feature"}}, 400),
        ({"parcel": {"type": "Polygon", "coordinates": "x"}}, 400),
        ({"year": "2025"}, 400),
        ({"year": 1}, 400),
        ({"year": True}, 400),
        ({"fill": "yes"}, 400),
        ({"layer": "nothing"}, 404),
        ({"expression": "import os"}, 400),
        ({"areas": "register"}, 400),
        ({"peers": []}, 400),
        ({"peers": {"areas": "register", "column": "crop"}}, 400),
        ({"peers": PEERS | {"column": "geometry"}}, 400),
        ({"peers": PEERS | {"column": "id", "value": "p3"}}, 400),
        ({"peers": PEERS | {"column": "name", "value": "Field 3"}}, 400),
        ({"peers": PEERS | {"value": "maize"}}, 400),
        ({"peers": PEERS | {"value": {"x": 1}}}, 400),
        ({"peers": PEERS | {"areas": "../x"}}, 404),
        ({"collection": 7}, 400),
    ],
)
def test_wrong_questions_are_answered_with_what_is_wrong(client, wrong, status) -> None:
    answer = client.post(PLACE, json=question(**wrong))
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_group_is_found_by_number_too(client) -> None:
    answer = client.post(PLACE, json=question(peers=PEERS | {"column": "code", "value": 0}))
    assert answer.json()["peers"]["group"] == "0"


def test_what_costs_too_much_is_refused(services) -> None:
    settings = replace(services.settings, series_direct_mpx=0)
    app = create_app(Portal(replace(services, settings=settings)), warm=False)
    with TestClient(app) as client:
        asked = question(expression="index*2")  # never measured, so not known already
        del asked["layer"]
        answer = client.post(PLACE, json=asked)
        assert answer.status_code == 413
        assert answer.json()["code"] == "series-too-large"
