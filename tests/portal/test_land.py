"""Taking in through the portal: mistakes in recipes, receipts as they come."""

from __future__ import annotations

from pathlib import Path

import pytest

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.ingest import BadRecipe
from landzicht.kinds import Receipt
from landzicht.portal import open_portal

RECIPE = """
[collection]
id = "x"
[files]
pattern = 'x'
[bands.red]
common_name = "red"
[bands.nir]
common_name = "nir"
"""
WRONG = """
[layers.a]
expression = "red +"
[layers.b]
expression = "red - groen"
[layers.c]
assets = ["red"]
colormap_name = "regenboog"
[layers.d]
expression = "red;nir"
[layers.e]
assets = ["blauw"]
[mask]
asset = "wolken"
valid = [1]
"""
RIGHT = """
[layers.a]
expression = "(nir-red)/(nir+red)"
colormap_name = "YlGn_r"
[layers.b]
expression = "red;nir;red*2"
[layers.c]
expression = "NDVI"
[layers.d]
expression = "where(red > 1, red, nir)"
colormap = "viridis"
"""


def test_all_mistakes_of_a_recipe_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(RECIPE + WRONG)
    with open_portal(tmp_path / "data") as portal, pytest.raises(BadRecipe) as caught:
        portal.ingest([tmp_path], recipe=path)
    for language in ("en", "nl"):
        told = caught.value.say(language)
        for part in (
            "“layers.a.expression”", "“layers.b.expression”", "“groen”",
            "“layers.c.colormap_name”", "“regenboog”", "viridis", "“layers.d.expression”",
            "“layers.e.assets”", "“blauw”", "“mask.asset”", "“wolken”",
        ):  # fmt: skip
            assert part in told
        assert "{" not in told
    assert "is wrong at position 6" in caught.value.say("en")
    assert "klopt niet op positie 6" in caught.value.say("nl")


@pytest.mark.parametrize("head", [RECIPE, RECIPE[: RECIPE.index("[bands")]])
def test_what_can_be_shown_is_right(tmp_path: Path, head: str) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(head + RIGHT)
    with open_portal(tmp_path / "data") as portal:
        (receipt,) = portal.ingest([tmp_path / "gone"], recipe=path)
    assert [found.code for found in receipt.findings] == ["no-such-file"]


@pytest.mark.parametrize(
    "path",
    sorted((Path(__file__).parents[2] / "docs" / "recipes").glob("*.toml")),
    ids=lambda path: path.stem,
)
def test_the_examples_can_be_shown(tmp_path: Path, path: Path) -> None:
    with open_portal(tmp_path / "data") as portal:
        (receipt,) = portal.ingest([tmp_path / "gone"], recipe=path)
    assert receipt.collection != "x"


def test_receipts_come_one_by_one_and_stay_when_it_stops(tmp_path: Path) -> None:
    heard: list[Receipt] = []

    def hear(receipt: Receipt) -> None:
        heard.append(receipt)
        if len(heard) == 2:
            raise KeyboardInterrupt

    paths = [tmp_path / name for name in "abc"]
    with open_portal(tmp_path / "data") as portal:
        with pytest.raises(KeyboardInterrupt):
            portal.ingest(paths, receipt=hear)
        assert [receipt.path for receipt in heard] == [str(path) for path in paths[:2]]
        assert portal.ingest(paths, receipt=heard.append) == tuple(heard[2:])


def test_an_empty_path_is_refused(tmp_path: Path) -> None:
    with open_portal(tmp_path) as portal, pytest.raises(BadQuery, match="path is empty"):
        portal.ingest([""])
