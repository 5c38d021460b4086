"""`landzicht search` with conditions and orders."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from landzicht.cli.search import command
from landzicht.errors.catalogue import BadQuery
from landzicht.errors.filters import BadFilter
from landzicht.portal import open_portal
from landzicht.stac.foreign import read_foreign
from landzicht.testing.scenes import make_collection

RING = [[5, 52], [6, 52], [6, 53], [5, 53], [5, 52]]


@pytest.fixture
def data(tmp_path):
    items = [
        read_foreign(
            {
                "type": "Feature",
                "id": f"s{n}",
                "collection": "polder",
                "geometry": {"type": "Polygon", "coordinates": [RING]},
                "properties": {"datetime": f"2025-06-0{n + 1}T10:00:00Z", "eo:cloud_cover": 50 - n},
                "assets": {},
            }
        )
        for n in range(5)
    ]
    with open_portal(tmp_path) as portal:
        portal.services.catalog.put([make_collection()], items)
    return tmp_path


def found(data, *flags):
    done = CliRunner().invoke(command, ["--data", str(data), "--json", *flags])
    if done.exception:
        raise done.exception
    return [item["id"] for item in json.loads(done.stdout)["features"]]


def test_conditions_and_orders(data):
    assert found(data, "--filter", "eo:cloud_cover < 48") == ["s4", "s3"]
    assert found(data, "--sort", "-eo:cloud_cover", "--limit", "2") == ["s0", "s1"]
    here = ("--bbox", "5,52,6.0,53", "--filter", "aoi:coverage > 99", "--limit", "1")
    assert found(data, *here) == ["s4"]


@pytest.mark.parametrize(
    ("flags", "error"),
    [
        (("--filter", "eo:cloud_cover <"), BadFilter),
        (("--filter", "(" * 100 + "true" + ")" * 100), BadFilter),
        (("--sort", ","), BadQuery),
        (("--filter", "aoi:coverage > 1"), BadQuery),
    ],
)
def test_mistakes_are_told(data, flags, error):
    with pytest.raises(error):
        found(data, *flags)


@pytest.mark.parametrize(
    ("locale", "none", "cloud"),
    [("nl_NL.UTF-8", "Geen opnamen gevonden.", "46.0 % bewolkt"),
     ("en_GB.UTF-8", "No scenes found.", "46.0 % cloud")],
)  # fmt: skip
def test_people_are_told_in_their_language(data, locale, none, cloud):
    runner, flags = CliRunner(env={"LANG": locale, "LC_ALL": locale}), ["--data", str(data)]
    assert none in runner.invoke(command, [*flags, "--id", "nothing"]).stderr
    told = runner.invoke(command, [*flags, "--limit", "1"])
    assert cloud in told.stdout
    assert "polder/s4" in told.stdout
