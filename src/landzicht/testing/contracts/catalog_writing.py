"""The promises of `landzicht.ports.Catalog` about changing records, as tests."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from landzicht.errors import LandzichtError
from landzicht.errors.catalogue import UnknownCollection, UnknownScene
from landzicht.errors.records import AlreadyThere, Changed
from landzicht.grid import Bounds
from landzicht.kinds import Query, Span
from landzicht.stac import mark_of, read_foreign, write_item
from landzicht.testing.scenes import make_collection, make_scene

if TYPE_CHECKING:
    from landzicht.kinds import Stored
    from landzicht.ports import Catalog

FAR = Bounds(9.0, 40.0, 9.1, 40.1)


class CatalogWritingContract:
    """The promises of `put` with expectations, `delete`, `mark` and `stored`."""

    @pytest.fixture
    def catalog(self) -> Catalog:
        """Return an empty catalogue."""
        raise NotImplementedError

    def test_a_mark_follows_the_content(self, catalog: Catalog) -> None:
        """Of a scene its body; a collection's does not change when a scene comes in."""
        catalog.put([make_collection()], [])
        empty = catalog.mark("polder")
        catalog.put([], [make_scene()])
        assert catalog.mark("polder") == empty
        assert catalog.mark("polder", "scene-1") == mark_of(write_item(make_scene()))
        catalog.put([make_collection(license="CC0-1.0")], [make_scene(properties={"x": 1})])
        assert catalog.mark("polder") != empty
        assert catalog.mark("polder", "scene-1") != mark_of(write_item(make_scene()))
        with pytest.raises(UnknownScene):
            catalog.mark("polder", "nothing")
        with pytest.raises(UnknownCollection):
            catalog.mark("nowhere")

    def test_what_must_not_be_there_yet(self, catalog: Catalog) -> None:
        """For creating: the second is refused, and nothing of its transaction is there."""
        new = {("polder", None): None, ("polder", "scene-1"): None}
        catalog.put([make_collection()], [make_scene()], expect=new)
        for key in new:
            with pytest.raises(AlreadyThere):
                catalog.put([], [make_scene("other")], expect={key: None})
        assert len(catalog.search(Query()).bodies) == 1

    def test_only_what_was_read_is_replaced(self, catalog: Catalog) -> None:
        """For changing: whoever read an older state is refused."""
        catalog.put([make_collection()], [make_scene()])
        key, before = ("polder", "scene-1"), catalog.mark("polder", "scene-1")
        catalog.put([], [make_scene(properties={"x": 1})], expect={key: before})
        with pytest.raises(Changed):
            catalog.put([], [make_scene(properties={"x": 2})], expect={key: before})
        with pytest.raises(Changed):
            catalog.put([], [make_scene("new")], expect={("polder", "new"): before})
        assert catalog.body("polder", "scene-1") == write_item(make_scene(properties={"x": 1}))

    def test_of_many_who_read_the_same_one_wins(self, catalog: Catalog) -> None:
        """However they come together."""
        catalog.put([make_collection()], [make_scene()])
        key, mark = ("polder", "scene-1"), catalog.mark("polder", "scene-1")

        def change(n: int) -> bool:
            try:
                catalog.put([], [make_scene(properties={"n": n})], expect={key: mark})
            except Changed:
                return False
            return True

        with ThreadPoolExecutor(6) as threads:
            assert sum(threads.map(change, range(12))) == 1

    def test_a_deleted_scene_is_gone_everywhere(self, catalog: Catalog) -> None:
        """Also from what the collection spans; its source may come in again."""
        far = make_scene("far", bounds=FAR)
        catalog.put([make_collection()], [make_scene(), far])
        version = catalog.version("polder")
        catalog.delete("polder", "far")
        assert catalog.version("polder") != version
        told = catalog.collection("polder")
        assert (told.count, told.bounds) == (1, make_scene().bounds)
        assert told.span == Span.instant(make_scene().moment)
        assert catalog.search(Query(bounds=FAR)).bodies == ()
        assert catalog.sources([far.source]) == {}
        with pytest.raises(UnknownScene):
            catalog.body("polder", "far")
        with pytest.raises(UnknownScene):
            catalog.delete("polder", "far")
        catalog.put([], [replace(far, id="again")])
        catalog.delete("polder", "again")
        catalog.delete("polder", "scene-1")
        assert catalog.collection("polder") == make_collection()

    def test_a_deleted_collection_takes_its_scenes_along(self, catalog: Catalog) -> None:
        """And no others; the same name may be used anew."""
        catalog.put(
            [make_collection("a"), make_collection("b")],
            [make_scene(collection="a"), make_scene(collection="b")],
        )
        catalog.delete_collection("a")
        assert [each.id for each in catalog.collections()] == ["b"]
        assert catalog.search(Query()).bodies == (write_item(make_scene(collection="b")),)
        with pytest.raises(UnknownCollection):
            catalog.delete_collection("a")
        with pytest.raises(UnknownScene):
            catalog.body("a", "scene-1")
        catalog.put([make_collection("a")], [make_scene(collection="a")])
        assert catalog.collection("a").count == 1

    def test_deleting_may_expect_a_mark_too(self, catalog: Catalog) -> None:
        """Of the scene or the collection; what is not there is unknown, not changed."""
        catalog.put([make_collection()], [make_scene()])
        with pytest.raises(Changed):
            catalog.delete("polder", "scene-1", "0" * 64)
        catalog.delete("polder", "scene-1", catalog.mark("polder", "scene-1"))
        with pytest.raises(UnknownScene):
            catalog.delete("polder", "scene-1", "0" * 64)
        with pytest.raises(Changed):
            catalog.delete_collection("polder", "0" * 64)
        catalog.delete_collection("polder", catalog.mark("polder"))
        with pytest.raises(UnknownCollection):
            catalog.delete_collection("polder", "0" * 64)

    def test_items_of_others_are_kept_word_for_word(self, catalog: Catalog) -> None:
        """And found by place, time and cloud like our own."""
        told = json.loads(write_item(make_scene("theirs", properties={"eo:cloud_cover": 7})))
        item = read_foreign({**told, "their:own": [1, {"a": None}]})
        catalog.put([make_collection()], [item])
        assert catalog.body("polder", "theirs") == item.body
        assert catalog.search(Query(bounds=item.bounds)).bodies == (item.body,)
        assert [each.cloud for each in catalog.entries(Query())] == [7.0]
        assert catalog.sources([item.source]) == {item.source: ("polder", "theirs")}

    def test_stored_gives_everything_by_id(self, catalog: Catalog) -> None:
        """Exactly, in pieces, ordered by code point; putting it back changes no byte."""
        names = ["b", "a", "B", "a-1", "10", "9", "_"]
        catalog.put([make_collection()], [make_scene(name) for name in names])
        found: list[Stored] = []
        after = ""
        while page := catalog.stored("polder", after, 2):
            assert len(page) <= 2
            found += page
            after = page[-1].id
        assert [each.id for each in found] == sorted(names)
        for each in found:
            scene = make_scene(each.id)
            assert (each.source, each.body) == (scene.source, write_item(scene))
            assert (each.moment, each.end) == (scene.moment, None)
        assert catalog.stored("nowhere") == ()

    def test_a_refused_change_leaves_the_version(self, catalog: Catalog) -> None:
        """Nothing happened, so nobody need look again."""
        catalog.put([make_collection()], [make_scene()])
        version = catalog.version("polder")
        with pytest.raises(LandzichtError):
            catalog.put([], [make_scene(collection="nowhere")])
        with pytest.raises(Changed):
            catalog.delete("polder", "scene-1", expect="0" * 64)
        assert catalog.version("polder") == version
