"""Looking things up: what may not be known is as if it did not exist."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from landzicht.errors.catalogue import NotAllowed, UnknownBand, UnknownCollection, UnknownScene
from landzicht.errors.files import StoredFileFailed
from landzicht.formats.places import Places
from landzicht.formats.remote import RemoteLinker
from landzicht.grid import Bounds
from landzicht.kinds import Query
from landzicht.portal.catalogue import search
from landzicht.portal.services import Services
from landzicht.portal.settings import Settings
from landzicht.records import SqliteCatalog
from landzicht.rules import Action, Decision
from landzicht.stac import read_item
from landzicht.testing.scenes import POLDER, make_collection, make_scene
from landzicht.text import Text

FAR = Bounds(9.0, 40.0, 9.1, 40.1)


class Hides:
    """A rule that refuses some actions on the collection `secret`."""

    def __init__(self, *actions):
        self.actions = actions

    def judge(self, use, collection):
        if collection == "secret" and use.action in self.actions:
            return Decision(False, Text(nl="besloten", en="closed"))
        return None


@pytest.fixture
def services(tmp_path):
    with SqliteCatalog(tmp_path / "catalogue.sqlite") as catalog:
        yield Services(
            settings=Settings(data=tmp_path),
            catalog=catalog,
            reader=None,
            writer=None,
            inspector=None,
            linker=RemoteLinker(None, Places(tmp_path), None),
            runner=None,
        )


@pytest.fixture
def two(services):
    """An open and a secret collection with a scene each, and their files."""
    scenes = [with_file(services, make_scene("one", name)) for name in ("open", "secret")]
    services.catalog.put([make_collection("open"), make_collection("secret")], scenes)
    return services


def with_file(services, scene, content=b"pixels"):
    asset = scene.assets["B04"]
    path = services.settings.data / asset.href
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return replace(scene, assets={"B04": replace(asset, size=len(content), sha256=digest)})


def ids(page):
    return [read_item(body).collection for body in page.bodies]


def test_without_rules_everything_is_open(two):
    assert [c.id for c in search.collections(two)] == ["open", "secret"]
    assert ids(search.search(two, Query())) == ["open", "secret"]
    assert read_item(search.item(two, "secret", "one")).id == "one"
    assert search.asset_path(two, "secret", "one", "B04").path.read_bytes() == b"pixels"


def test_a_hidden_collection_leaves_no_trace(two):
    """Every question gets the very answer that a portal without it gives."""
    hidden = replace(two, policies=(Hides(Action.DISCOVER),))
    assert [c.id for c in search.collections(hidden)] == ["open"]
    for query in (
        Query(),
        Query(bounds=POLDER),
        Query(ids=("one",)),
        Query(collections=("open", "secret")),
    ):
        page = search.search(hidden, query)
        assert ids(page) == ["open"]
        assert page.matched in {None, 1}
    assert search.search(hidden, Query(collections=("secret",))).bodies == ()
    for look in (
        lambda name: search.collection(hidden, name),
        lambda name: search.item(hidden, name, "one"),
        lambda name: search.dates(hidden, name),
        lambda name: search.asset_path(hidden, name, "one", "B04"),
    ):
        said = []
        for name in ("secret", "nowhere"):
            with pytest.raises(UnknownCollection) as failure:
                look(name)
            said.append(failure.value.say("nl").replace(name, ""))
        assert said[0] == said[1]
    assert [item["collection"] for item in search.local_items(hidden, Query())] == ["open"]


def test_what_may_be_known_may_still_not_be_fetched(two):
    closed = replace(two, policies=(Hides(Action.DOWNLOAD),))
    assert search.item(closed, "secret", "one")
    with pytest.raises(NotAllowed) as failure:
        search.asset_path(closed, "secret", "one", "B04")
    assert "besloten" in failure.value.say("nl")
    assert "closed" in failure.value.say("en")
    assert [item["collection"] for item in search.local_items(closed, Query())] == ["open"]
    assert search.local_items(closed, Query(collections=("secret",))) == []


def test_missing_things_are_named(two):
    with pytest.raises(UnknownScene):
        search.item(two, "open", "nothing")
    with pytest.raises(UnknownScene):
        search.asset_path(two, "open", "nothing", "B04")
    with pytest.raises(UnknownBand) as failure:
        search.asset_path(two, "open", "one", "B99")
    assert "B04" in failure.value.say("en")


def test_days_are_summed_up(services):
    def scene(id, day, hour, cloud, bounds=POLDER):
        moment = datetime(2025, 6, day, hour, tzinfo=UTC)
        properties = {} if cloud is None else {"eo:cloud_cover": cloud}
        return make_scene(id, moment=moment, bounds=bounds, properties=properties)

    services.catalog.put(
        [make_collection()],
        [
            scene("a", 8, 10, 10),
            scene("b", 8, 23, 20),
            scene("c", 8, 11, None, FAR),
            scene("d", 9, 0, None),
        ],
    )
    assert search.dates(services, "polder") == [
        {
            "date": "2025-06-09",
            "datetime": "2025-06-09T00:00:00Z",
            "scenes": 1,
            "cloud_cover": None,
            "ids": ["d"],
        },
        {
            "date": "2025-06-08",
            "datetime": "2025-06-08T23:00:00Z",
            "scenes": 3,
            "cloud_cover": 15.0,
            "ids": ["b", "c", "a"],
        },
    ]
    point = Bounds(9.05, 40.05, 9.05, 40.05)
    assert [day["ids"] for day in search.dates(services, "polder", point)] == [["c"]]


def test_a_limit_is_lowered_to_what_the_portal_gives(services):
    few = replace(services, settings=replace(services.settings, max_items=2))
    few.catalog.put([make_collection()], [make_scene(f"s{n}") for n in range(3)])
    page = search.search(few, Query(limit=1000))
    assert len(page.bodies) == 2
    assert page.next


@pytest.mark.parametrize("href", ["../secret.tif", "catalogue.sqlite", "files/../../secret.tif"])
def test_only_files_of_the_store_are_handed_out(services, href):
    """Whatever a record says: a path out of the store is a damaged record."""
    (services.settings.data.parent / "secret.tif").write_bytes(b"pixels")
    scene = with_file(services, make_scene())
    asset = replace(scene.assets["B04"], href=href)
    services.catalog.put([make_collection()], [replace(scene, assets={"B04": asset})])
    with pytest.raises(StoredFileFailed):
        search.asset_path(services, "polder", "scene-1", "B04")


def test_links_out_of_the_store_are_not_followed(services):
    scene = with_file(services, make_scene())
    services.catalog.put([make_collection()], [scene])
    path = services.settings.data / scene.assets["B04"].href
    outside = services.settings.data / "outside.tif"
    path.rename(outside)
    path.symlink_to(outside)
    with pytest.raises(StoredFileFailed):
        search.asset_path(services, "polder", "scene-1", "B04")


@pytest.mark.parametrize("change", ["gone", "short", "folder"])
def test_a_damaged_file_is_told(services, change):
    scene = with_file(services, make_scene())
    services.catalog.put([make_collection()], [scene])
    path = services.settings.data / scene.assets["B04"].href
    path.unlink()
    if change == "short":
        path.write_bytes(b"pix")
    if change == "folder":
        path.mkdir()
    with pytest.raises(StoredFileFailed) as failure:
        search.asset_path(services, "polder", "scene-1", "B04")
    assert str(services.settings.data) not in failure.value.say("en")


def test_a_simulated_file_is_called_so(services):
    scene = with_file(services, make_scene(simulated=True))
    services.catalog.put([make_collection()], [scene])
    file = search.asset_path(services, "polder", "scene-1", "B04")
    assert file.simulated
    assert file.name == "SIMULATED_scene-1_B04.tif"


def test_local_items_lead_to_files_of_this_machine(two):
    item = search.local_items(two, Query(collections=("open",)))[0]
    assert Path(item["assets"]["B04"]["href"]).read_bytes() == b"pixels"
    assert item["links"] == []
    assert search.local_items(two, Query(collections=())) == []
