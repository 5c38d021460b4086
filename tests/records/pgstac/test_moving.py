"""A catalogue moves from the file to PostgreSQL and back, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landzicht.errors.records import MoveDiffers
from landzicht.kinds import Query
from landzicht.portal.catalogue.moving import move, scenes_by_id
from landzicht.records import SqliteCatalog
from landzicht.records.pgstac import PgstacCatalog
from landzicht.testing.scenes import make_collection, make_scene
from landzicht.testing.strategies import scenes as any_scenes


def everything(catalog):
    return {
        each.id: (each, catalog.mark(each.id), tuple(scenes_by_id(catalog, each.id, 3)))
        for each in catalog.collections()
    }


@st.composite
def catalogues(draw):
    """A few collections with scenes; names and sources are unique, as catalogues demand."""
    names = draw(st.lists(st.sampled_from(["a", "B", "a-1", "é".encode().hex()]), unique=True))
    made = [make_collection(name) for name in names]
    found = {}
    for number, name in enumerate(names):
        for scene in draw(st.lists(any_scenes(), max_size=4)):
            source = f"{number}{len(found)}".rjust(64, "0")
            found[name, scene.id] = replace(scene, collection=name, source=source)
    return made, list(found.values())


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(catalogues())
def test_there_and_back_again_is_the_same(tmp_path_factory, address, given_catalogue):
    """SQLite → PostgreSQL → another SQLite: equal in every byte, source and mark."""
    folder = tmp_path_factory.mktemp("move")
    made, scenes = given_catalogue
    with (
        SqliteCatalog(folder / "first") as first,
        PgstacCatalog(address) as middle,
        SqliteCatalog(folder / "last") as last,
    ):
        for old in middle.collections():
            middle.delete_collection(old.id)
        first.put(made, scenes)
        there = move(first, middle)
        back = move(middle, last)
        assert everything(first) == everything(middle) == everything(last)
        assert [m.checksum for m in there] == [m.checksum for m in back]
        assert sum(m.copied for m in there) == len(scenes)
        again = move(first, middle)
        assert [(m.copied, m.extra) for m in again] == [(0, 0)] * len(made)
        assert [m.kept for m in again] == [m.copied for m in there]


class Interrupted(Exception):
    pass


def test_a_broken_move_goes_on_where_it_was(tmp_path, address):
    def stop(_, done, __):
        if done >= 1000:
            raise Interrupted

    scenes = [make_scene(f"s{n:04}") for n in range(1200)]
    with SqliteCatalog(tmp_path / "c") as source, PgstacCatalog(address) as target:
        source.put([make_collection()], scenes)
        with pytest.raises(Interrupted):
            move(source, target, stop)
        assert target.collection("polder").count == 1000
        told = []
        (moved,) = move(source, target, lambda *facts: told.append(facts))
        assert (moved.copied, moved.kept) == (200, 1000)
        assert told[-1] == ("polder", 1200, 1200)
        assert everything(source) == everything(target)


def test_changes_since_the_last_move_are_brought_over(tmp_path, address):
    with SqliteCatalog(tmp_path / "c") as source, PgstacCatalog(address) as target:
        source.put([make_collection()], [make_scene("a"), make_scene("b")])
        move(source, target)
        source.put([], [make_scene("a", properties={"x": 1}), make_scene("c")])
        target.put([], [make_scene("theirs")])
        (moved,) = move(source, target)
        assert (moved.copied, moved.kept, moved.extra) == (2, 1, 1)
        assert target.body("polder", "a") == source.body("polder", "a")
        assert len(target.search(Query()).bodies) == 4


def test_a_target_that_loses_a_scene_is_told(tmp_path):
    class Forgetful(SqliteCatalog):
        def put(self, collections, scenes, expect=None):
            super().put(collections, [scene for scene in scenes if scene.id != "b"], expect)

    with SqliteCatalog(tmp_path / "a") as source, Forgetful(tmp_path / "b") as target:
        source.put([make_collection()], [make_scene(n) for n in "abc"])
        with pytest.raises(MoveDiffers) as failure:
            move(source, target)
    assert failure.value.facts["scene"] == "b"
