"""Several sources at once, collections of peers, areas by name, and Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from dataclasses import replace

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landzicht.kinds import Layer, Mask
from landzicht.portal.following.source_collection import collection_of_api
from landzicht.portal.following.source_order import Following, read_area
from landzicht.portal.parcels.areas import Registering, register
from landzicht.series.check import check_shapes
from landzicht.sources.source import Kind, Source
from landzicht.stac import write_collection
from landzicht.testing.far_scenes import DAYS, FarScene, far_item
from landzicht.testing.scenes import make_collection
from landzicht.testing.serving import PROGRAM
from landzicht.text import Text


def until(what, patience=60.0):
    end = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)
    return found


def test_a_source_that_fails_holds_up_no_other_and_pausing_works(api, portal):
    api.items = [far_item(api.server, FarScene(id="a", moment=f"{DAYS[3]}T10:00:00Z"))]
    wishes = {"profile": "earth-search", "since": DAYS[2], "every_s": 1}
    good = portal.add_source(Following(place=api.address, collection=api.collection, **wishes))
    bad = portal.add_source(
        Following(place=f"{api.server.base}/nothing", collection="x", every_s=1)
    )
    stop = threading.Event()
    thread = threading.Thread(target=portal.follow_all, args=(lambda *_: None, stop))
    thread.start()
    try:
        told = {one.id: one for one in portal.sources()}
        until(lambda: {one.id: one for one in portal.sources()}[good.id].counts.get("in") == 1)
        until(lambda: {one.id: one for one in portal.sources()}[bad.id].error)
        api.items.append(
            far_item(api.server, FarScene(id="b", moment=f"{DAYS[3]}T11:00:00Z", datatake="b"))
        )
        until(lambda: {one.id: one for one in portal.sources()}[good.id].counts.get("in") == 2)
        portal.pause_source(good.id)
        until(lambda: not {one.id: one for one in portal.sources()}[good.id].at_work)
        time.sleep(0.3)
        asked = len(api.questions)
        time.sleep(1.6)
        assert len(api.questions) == asked
        told = {one.id: one for one in portal.sources()}
        assert told[bad.id].next_try  # it is left alone, not asked every second
        assert api.server.count("/nothing") <= 4
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()


def test_two_processes_do_not_work_on_one_source(api, follow, portal):
    from landzicht.sources.register import folder_of
    from landzicht.sources.state import open_state

    follower = follow()
    with open_state(folder_of(portal.services.settings.data, follower.source.id)):
        assert "another process" in next(iter(follower.once().values())).en
    assert follower.once() == {}


def test_ctrl_c_ends_it_in_order(api, tmp_path):
    api.items = [far_item(api.server, FarScene(id="a", moment=f"{DAYS[3]}T10:00:00Z"))]
    command = [PROGRAM, "follow", api.address, "--collection", api.collection, "--json",
               "--profile", "earth-search", "--data", str(tmp_path / "own")]  # fmt: skip
    environment = os.environ | {"LANDZICHT_REMOTE_PRIVATE": "127.0.0.1", "LANDZICHT_THREADS": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert json.loads(process.stdout.readline())["outcome"] == "in"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_a_collection_of_another_landzicht_comes_with_its_layers(api, portal, follow):
    theirs = replace(
        make_collection("theirs", simulated=True),
        title=Text(nl="Weilanden", en="Meadows"),
        layers=(
            Layer(name="ok", title=Text(nl="Rood", en="Red"), expression="red/2"),
            Layer(name="bad", title=Text(nl="Kapot", en="Broken"), expression="red/import os"),
            Layer(name="other", title=Text(nl="Weg", en="Gone"), assets=("nowhere",)),
        ),
        mask=Mask(asset="scl", valid=(4, 5)),
    )
    bands = tuple(replace(theirs.bands[0], name=name) for name in ("red", "nir", "scl"))
    api.description = json.loads(write_collection(replace(theirs, bands=bands)))
    api.items = [far_item(api.server, FarScene(id="a", moment=f"{DAYS[3]}T10:00:00Z"))]
    api.items[0]["properties"]["landzicht:simulated"] = True
    follower = follow(profile="", into="own")
    assert follower.once() == {}
    found = portal.collection("own")
    assert [layer.name for layer in found.layers] == ["ok"]
    assert found.title.nl.startswith("Weilanden")
    assert found.mask == theirs.mask
    assert found.simulated
    assert json.loads(portal.item("own", "a"))["properties"]["landzicht:simulated"] is True


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_whatever_an_api_says_of_a_collection_is_no_surprise(portal, data):
    plain = json.loads(write_collection(make_collection("theirs")))
    names = data.draw(st.sets(st.sampled_from(sorted(plain)), max_size=4))
    told = plain | {name: data.draw(JSON) for name in names}

    class Says:
        def json(self, url, body=None, headers=None):
            return told

    source = Source(id="x", kind=Kind.STAC, place="https://example.org", collection="theirs")
    found = collection_of_api(portal.services, Says(), source, "own")
    if found is not None:
        assert found.id == "own"
        write_collection(found)


def test_an_area_by_its_registered_name(portal, tmp_path):
    import pyarrow as pa

    square = shapely.box(120_000, 480_000, 121_000, 482_000)
    checked = check_shapes([("a", square, None)], "EPSG:28992")
    order = Registering(id="duin", title="Duin", source="test")
    register(portal.services.settings, order, checked, pa.table({"id": ["a"]}).select([]))
    shape = shapely.from_geojson(json.dumps(read_area(portal.services, "duin")))
    west, south, east, north = shape.bounds
    assert 4.8 < west < east < 5.0
    assert 52.2 < south < north < 52.4
    file = tmp_path / "vlak.geojson"
    file.write_text(shapely.to_geojson(shape))
    again = shapely.from_geojson(json.dumps(read_area(portal.services, str(file))))
    assert again.equals_exact(shape, 1e-9)


@pytest.mark.parametrize("text", ["1e400,0,1,1", "....,1,2,3", "-,1,2,3", "5,52,6,53,7"])
def test_odd_boxes_are_refused(portal, text):
    from landzicht.errors import LandzichtError

    with pytest.raises(LandzichtError):
        read_area(portal.services, text)
