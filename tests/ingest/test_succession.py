"""A file that has changed since it was taken in takes its own place; other files never do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from landzicht.kinds import Outcome


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 60_000, (1, 20, 20)).astype(np.uint16)


def remarks(receipt) -> list[str]:
    return [found.code for found in receipt.findings]


def test_a_changed_file_takes_its_own_place(port, make_tiff) -> None:
    path = make_tiff("a-20200101.tif", noise(1))
    (first,) = port.take(path)
    make_tiff("a-20200101.tif", noise(2))
    (second,) = port.take(path)
    assert (second.outcome, second.scene) == (Outcome.ADDED, first.scene)
    assert remarks(second) == ["replaced"]
    assert "a-earlier" in second.findings[0].message.nl
    catalog = port.harbour.catalog
    assert catalog.collection("a").count == 1
    (asset,) = port.scene(second).assets.values()
    assert np.array_equal(port.read(asset), noise(2)[0])
    (earlier,) = catalog.stored("a-earlier")
    assert json.loads(earlier.body)["properties"]["deprecated"] is True
    (again,) = port.take(path)
    assert (again.outcome, again.scene, remarks(again)) == (Outcome.KNOWN, first.scene, [])


def test_a_file_that_is_as_before_again_is_the_newest_again(port, make_tiff) -> None:
    for seed in (1, 2, 1):
        (receipt,) = port.take(make_tiff("a-20200101.tif", noise(seed)))
        assert (receipt.outcome, receipt.scene) == (Outcome.ADDED, "a-20200101")
    (asset,) = port.scene(receipt).assets.values()
    assert np.array_equal(port.read(asset), noise(1)[0])
    assert port.harbour.catalog.collection("a").count == 1
    assert port.take(make_tiff("a-20200101.tif", noise(1)))[0].outcome is Outcome.KNOWN


def test_a_copy_of_what_was_replaced_stays_known(port, make_tiff, tmp_path) -> None:
    path = make_tiff("a-20200101.tif", noise(1))
    port.take(path)
    copy = tmp_path / "elsewhere" / "a-20200101.tif"
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    port.take(make_tiff("a-20200101.tif", noise(2)))
    (receipt,) = port.take(copy)
    assert (receipt.outcome, receipt.collection) == (Outcome.KNOWN, "a-earlier")


def test_a_file_of_the_same_name_elsewhere_is_another_scene_and_that_is_told(
    port, make_tiff
) -> None:
    (first,) = port.take(make_tiff("one/a-20200101.tif", noise(1)))
    (second,) = port.take(make_tiff("two/a-20200101.tif", noise(2)))
    assert first.scene != second.scene
    assert remarks(first) == []
    assert remarks(second) == ["name-taken"]
    assert str(second.scene) in second.findings[0].message.en


def test_a_file_that_every_day_is_written_anew_keeps_its_days(port, make_tiff) -> None:
    from landzicht.ingest.dates import when_given

    for day in (1, 2, 3):
        port.take(make_tiff("latest.tif", noise(day)), when=when_given(f"2020-01-0{day}"))
    assert port.harbour.catalog.collection("latest").count == 3


def test_a_product_that_was_made_anew(port, tmp_path, make_tiff) -> None:
    """Of an item, too: what tells the file is the item's, and what changed lies beside it."""
    path = make_tiff("x/a.tif", noise(1))
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": "it",
        "collection": "items",
        "geometry": None,
        "properties": {"datetime": "2020-01-01T00:00:00Z"},
        "assets": {"a": {"href": "a.tif", "type": "image/tiff"}},
    }
    file = path.parent / "it.json"
    file.write_text(json.dumps(item))
    assert port.take(file)[0].outcome is Outcome.ADDED
    make_tiff("x/a.tif", noise(2))
    (receipt,) = port.take(file)
    assert (receipt.scene, remarks(receipt)) == ("it", ["replaced"])


def test_two_of_one_name_in_one_file_are_both_kept(port, make_tiff) -> None:
    """Nothing of a run takes the place of what came in by it."""
    items = []
    for name in ("a", "b"):
        make_tiff(f"x/{name}.tif", noise(ord(name)))
        items.append(
            {
                "type": "Feature",
                "stac_version": "1.1.0",
                "id": "it",
                "collection": "items",
                "geometry": None,
                "properties": {"datetime": "2020-01-01T00:00:00Z"},
                "assets": {"a": {"href": f"{name}.tif", "type": "image/tiff"}},
            }
        )
    path = Path(make_tiff("x/a.tif", noise(ord("a")))).parent / "items.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    port.take(path)
    assert port.harbour.catalog.collection("items").count == 2


def test_the_property_does_not_tell_where_a_file_lies(port, make_tiff, tmp_path) -> None:
    (receipt,) = port.take(make_tiff("a-20200101.tif"))
    scene = port.scene(receipt)
    assert len(str(scene.properties["landzicht:origin"])) == 8
    body = port.harbour.catalog.body(receipt.collection, receipt.scene)
    assert tmp_path.name.encode() not in body
