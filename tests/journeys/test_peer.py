"""One portal follows another, as two people would set it up: command line, `landzicht up`, page."""

from __future__ import annotations

import json

import pytest

from landzicht.portal import open_portal
from landzicht.portal.following.source_order import Following
from landzicht.portal.settings import Settings
from landzicht.testing.far_scenes import DAYS, FarScene, far_item
from landzicht.testing.ranges import RangeServer
from landzicht.testing.serving import portal_in, run

COLLECTION = "peer-images"


def write_item(folder, day):
    """Write files and an item beside them; returns the file of the item."""
    server = RangeServer(folder)
    item = far_item(server, FarScene(id=f"scene-{day}", moment=f"{day}T10:40:00Z"))
    item["collection"] = COLLECTION
    for asset in item["assets"].values():
        asset["href"] = "." + asset["href"].partition(f"scene-{day}")[2]
        asset.pop("file:checksum")
    path = folder / f"scene-{day}" / "item.json"
    path.write_text(json.dumps(item))
    return path


@pytest.fixture
def peer(tmp_path):
    """A portal with two images, and the folder for more."""
    files = tmp_path / "files"
    files.mkdir()
    with open_portal(Settings(data=tmp_path / "peer", threads=1)) as portal:
        portal.ingest([write_item(files, day) for day in DAYS[:2]])
    with portal_in(tmp_path / "peer", "--no-demo") as running:
        yield running, files


def test_one_portal_follows_another(peer, tmp_path, monkeypatch):
    running, files = peer
    data = tmp_path / "own"
    monkeypatch.setenv("LANDZICHT_REMOTE_PRIVATE", "127.0.0.1")
    monkeypatch.setenv("LANDZICHT_THREADS", "1")
    wishes = ("--collection", COLLECTION, "--since", DAYS[0], "--area", "4.9,51.9,5.2,52.2")
    place = f"{running.base}/stac"
    done = run("follow", place, *wishes, "--once", "--json", data=data)
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["outcome"] for one in told] == ["in", "in"]
    again = run("follow", place, *wishes, "--once", data=data)
    assert (again.returncode, again.stdout) == (0, "")

    with open_portal(Settings(data=tmp_path / "peer", threads=1)) as theirs:
        theirs.ingest([write_item(files, DAYS[3])])
        expected = theirs.services.catalog.stored(COLLECTION)
    with open_portal(Settings(data=data, threads=1)) as own:
        (source,) = own.sources()
        assert source.by_hand
        assert own.resume_source(source.id).by_hand is False
        order = Following(place=place, collection=COLLECTION, since=DAYS[0],
                          area=wishes[-1], every_s=1)  # fmt: skip
        assert own.add_source(order).id == source.id
    with portal_in(data, "--no-demo") as up:

        def third():
            (one,) = up.get("/api/v1/sources").json()["sources"]
            return one if one["counts"].get("in") == 3 else None

        one = up.wait_for(third)
        assert one["last"].startswith(DAYS[3])
        assert one["error"] is None
        found = up.get(f"/stac/collections/{COLLECTION}/items?limit=10").json()
        assert {item["id"] for item in found["features"]} == {scene.id for scene in expected}
        page = up.get("/actualiteit", Accept_Language="nl").body.decode()
        assert "Bronnen die het portaal volgt" in page
        assert "3 binnen" in page
        tile = f"/tiles/{COLLECTION}/point/5.06,52.05?assets=red&assets=nir&ids=scene-{DAYS[0]}"
        ours, theirs = (one.get(tile).json() for one in (up, running))
        assert ours["values"] == theirs["values"]
        assert set(ours["values"]) == {"red", "nir"}
    with open_portal(Settings(data=data, threads=1)) as own:
        (told,) = own.sources()
        assert not told.at_work  # it stopped with the portal
        own.remove_source(source.id)
        assert own.sources() == ()
    assert list((data / "sources").iterdir()) == []
