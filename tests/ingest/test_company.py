"""Real and simulated images, and two made-up lands, never lie in one collection."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from landzicht.errors.ingest import OtherWorld, SimulatedAndReal
from landzicht.ingest.company import Company
from landzicht.kinds import Outcome
from landzicht.stac.mark import WORLD
from landzicht.testing.scenes import make_collection, make_scene

MADE_UP = {"SIMULATED": "YES"}


def values(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 60_000, (1, 20, 30)).astype(np.uint16)


def item(make_tiff, folder: str, seed: int, **properties: Any):
    """A STAC item of one image, in the collection `polder`."""
    path = make_tiff(f"{folder}/a.tif", values(seed)).parent / "item.json"
    told = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": "scene-1",
        "collection": "polder",
        "geometry": None,
        "bbox": [0, 0, 1, 1],
        "properties": {"datetime": "2025-06-08T10:40:00Z", **properties},
        "assets": {"a": {"href": "./a.tif", "type": "image/tiff"}},
        "links": [],
    }
    path.write_text(json.dumps(told))
    return path


@pytest.mark.parametrize("first", [{}, MADE_UP], ids=["real first", "simulated first"])
def test_files_of_the_other_kind_are_refused(port, make_tiff, first) -> None:
    other = {} if first else MADE_UP
    one = make_tiff("a-20200101.tif", values(1), tags=first)
    two = make_tiff("b-20200102.tif", values(2), tags=other)
    three = make_tiff("c-20200103.tif", values(3), tags=first)
    told = port.take(one, two, three, collection="both")
    outcomes = [receipt.outcome for receipt in told]
    assert outcomes == [Outcome.ADDED, Outcome.REFUSED, Outcome.ADDED]
    (found,) = told[1].findings
    assert found.code == "simulated-and-real"
    assert re.search("gesimuleerd.*--collection", found.message.nl)
    assert re.search("simulated.*--collection", found.message.en)
    known = port.harbour.catalog.collection("both")
    assert (known.count, known.simulated) == (2, bool(first))
    (again,) = port.take(two, collection="its-own")
    assert again.outcome is Outcome.ADDED
    assert port.harbour.catalog.collection("its-own").simulated is bool(other)


def test_nothing_is_converted_for_what_is_refused(port, make_tiff) -> None:
    port.take(make_tiff("a-20200101.tif", values(1)), collection="both")
    before = port.files()
    port.take(make_tiff("b-20200102.tif", values(2), tags=MADE_UP), collection="both")
    assert port.files() == before


def test_two_made_up_lands_are_kept_apart(port, make_tiff) -> None:
    made = {"landzicht:simulated": True}
    (first,) = port.take(item(make_tiff, "a", 1, **made, **{WORLD: "7-1024-real-2025"}))
    assert port.scene(first).properties[WORLD] == "7-1024-real-2025"
    (other,) = port.take(item(make_tiff, "b", 2, **made, **{WORLD: "8-512-real-2025"}))
    assert other.outcome is Outcome.REFUSED
    (found,) = other.findings
    assert found.code == "other-world"
    for text in (found.message.nl, found.message.en):
        assert "8-512-real-2025" in text
        assert "7-1024-real-2025" in text
        assert "--collection" in text
    (same,) = port.take(item(make_tiff, "c", 3, **made, **{WORLD: "7-1024-real-2025"}))
    assert same.outcome is Outcome.ADDED
    (silent,) = port.take(item(make_tiff, "d", 4, **made))
    assert silent.outcome is Outcome.ADDED, "simulated by others, who know no land"
    assert port.harbour.catalog.collection("polder").count == 3


@pytest.mark.parametrize("world", [5, None, "", "a b", "x" * 81, "../..", {"a": 1}])
def test_a_name_of_a_land_that_is_none_is_left_out(port, make_tiff, world: object) -> None:
    told = {"landzicht:simulated": True, WORLD: world}
    (receipt,) = port.take(item(make_tiff, "a", 1, **told))
    assert receipt.outcome is Outcome.ADDED
    assert WORLD not in port.scene(receipt).properties


def test_an_empty_collection_becomes_what_comes_first(harbour) -> None:
    catalog = harbour.catalog
    for simulated in (True, False):
        catalog.put([make_collection(simulated=not simulated)], [])
        company = Company(catalog, catalog.collection("polder"))
        assert company.changed() == ()
        company.admit_all([make_scene(simulated=simulated)])
        assert [each.simulated for each in company.changed()] == [simulated]
        with pytest.raises(SimulatedAndReal):
            company.admit("other", simulated=not simulated, world=None)


def test_those_who_come_together_are_compared_too(harbour) -> None:
    company = Company(harbour.catalog, None)
    company.admit("a", simulated=True, world="one")
    with pytest.raises(OtherWorld):
        company.admit("b", simulated=True, world="two")
