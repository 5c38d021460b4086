"""`landzicht follow`: what it says, and its exit codes."""

from __future__ import annotations

import json
import time

import pytest
from click.testing import CliRunner

from landzicht.cli.follow import command
from landzicht.errors.sources import BadSource, UnknownSource
from landzicht.portal import Portal, open_portal
from landzicht.portal.following.source_order import Following
from landzicht.portal.settings import Settings
from landzicht.testing.far_scenes import DAYS, FarScene, far_item
from landzicht.testing.ranges import range_server
from landzicht.testing.stac_api import StacApi


@pytest.fixture
def api(tmp_path, monkeypatch):
    monkeypatch.setenv("LANDZICHT_REMOTE_PRIVATE", "127.0.0.1")
    monkeypatch.setenv("LANG", "nl_NL.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    folder = tmp_path / "far"
    folder.mkdir()
    with range_server(folder) as server:
        made = StacApi(server, collection="sentinel-2-c1-l2a")
        server.api = made.answer
        yield made


@pytest.fixture
def follow(tmp_path):
    def run(*flags):
        done = CliRunner().invoke(command, ["--data", str(tmp_path / "data"), *flags])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return run


def test_once_list_pause_resume_and_remove(api, follow, tmp_path):
    api.items = [far_item(api.server, FarScene(id="a", moment=f"{DAYS[1]}T10:00:00Z"))]
    flags = ("--collection", api.collection, "--profile", "earth-search", "--since", DAYS[0])
    done = follow(api.address, *flags, "--bands", "B04,SCL", "--once")
    assert (done.exit_code, done.stdout) == (0, "in      a → sentinel-2-l2a/a\n")
    api.items.append(far_item(api.server, FarScene(id="b", moment=f"{DAYS[2]}T10:00:00Z")))
    api.items[1]["assets"]["red"]["href"] = api.server.address("gone.tif")
    done = follow(api.address, *flags, "--bands", "B04,SCL", "--once")
    assert done.exit_code == 1
    assert done.stdout.startswith("FAILED  b: B04: het is daar niet (meer)")
    (told,) = json.loads(follow("--list", "--json").stdout)["sources"]
    assert told["counts"] == {"in": 1, "skipped": 0, "failed": 1}
    assert "1 in, 0 skipped, 1 failed" in follow("--list").stdout
    name = told["id"]
    assert "wacht" in follow("--pause", name).stdout
    with open_portal(Settings(data=tmp_path / "data", threads=1)) as portal:
        assert portal.sources()[0].paused
    assert "gaat verder" in follow("--resume", name).stdout
    assert "niet meer gevolgd" in follow("--remove", name).stdout
    assert json.loads(follow("--list", "--json").stdout) == {"sources": []}
    with pytest.raises(UnknownSource):
        follow("--remove", name)
    with open_portal(Settings(data=tmp_path / "data", threads=1)) as portal:
        assert portal.has_scene("sentinel-2-l2a", "a")


def test_an_api_that_is_away_is_told(api, follow):
    api.server.always = "503"
    done = follow(api.address, "--collection", "x", "--once")
    assert done.exit_code == 1
    assert "fout 503" in done.stderr


def test_one_that_is_away_is_told_once_while_it_goes_on(api, follow, monkeypatch):
    said = []

    def follow_all(portal, say, stop, names):
        for _ in range(2):
            portal.follow_once(names, say, stop)
        end = time.monotonic() + 60
        while "fout 503" not in " ".join(said) and time.monotonic() < end:
            time.sleep(0.01)

    api.server.always = "503"
    monkeypatch.setattr(Portal, "follow_all", follow_all)
    monkeypatch.setattr("landzicht.cli.follow._LOOK_S", 0.01)
    monkeypatch.setattr("click.echo", lambda text, **_: said.append(text))
    assert follow(api.address, "--collection", "x").exit_code == 0
    (told,) = [text for text in said if "fout 503" in text]
    assert "opnieuw" in told


def test_wrong_use(api, follow, tmp_path):
    for flags in (
        (api.address,),
        (api.address, "--collection", "x", "--since", "gisteren"),
        (api.address, "--collection", "x", "--only-area"),
        (api.address, "--collection", "x", "--link"),
        ("https://earth-search.aws.element84.com/v1", "--collection", "landsat-c2-l2"),
        ("earth-search", "--collection", "landsat-c2-l2"),
        ("earth-such", "--collection", "landsat-c2-l2"),
        (str(tmp_path / "nowhere"),),
        (str(tmp_path / "data"),),
    ):
        with pytest.raises(BadSource):
            follow(*flags, "--once")
    assert follow(api.address, "--collection", "x", "--cloud", "101").exit_code == 2
    assert api.server.asked == []


def test_a_name_of_a_profile_stands_for_its_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_portal(Settings(data=tmp_path / "data", threads=1)) as portal:
        order = Following(place="earth-search", collection="sentinel-2-c1-l2a")
        assert portal.add_source(order).place == "https://earth-search.aws.element84.com/v1"
        (tmp_path / "earth-search").mkdir()
        assert portal.add_source(order).place == str(tmp_path / "earth-search")


def test_the_profiles_are_told(follow):
    shown = follow("--profiles").stdout
    assert "sentinel-2-c1-l2a → sentinel-2-l2a" in shown
    assert "CDSE_S3_ACCESS_KEY" in shown
    told = json.loads(follow("--profiles", "--json").stdout)["profiles"]
    assert {one["id"] for one in told} == {
        "cdse", "earth-search", "planetary-computer", "satellietdataportaal", "usgs"
    }  # fmt: skip
    earth = next(one for one in told if one["id"] == "earth-search")
    assert "sentinel-1-grd" not in earth["collections"]
    assert earth["key"] == earth["collections"]["sentinel-2-c1-l2a"]["key"] == []
    assert earth["collections"]["landsat-c2-l2"]["key"] == [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
    ]  # fmt: skip
    assert "AWS_SECRET_ACCESS_KEY" in shown.partition("planetary-computer")[0]
