from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.ingest import BadRecipe
from landzicht.ingest.recipe import RecipeMistakes, parse_recipe, read_recipe
from landzicht.kinds import BandKind
from landzicht.text import Text

RECIPES = sorted((Path(__file__).parents[2] / "docs" / "recipes").glob("*.toml"))
GOOD = """
[collection]
id = "x"
title = { nl = "Iks", en = "X" }
[files]
pattern = '(?P<date>\\d{8})_(?P<band>\\w+)\\.tif'
[bands.red]
match = "B04"
scale = 0.5
nodata = nan
[bands.kind]
kind = "categorical"
[layers.a]
assets = ["red"]
rescale = [0, 1]
[layers.b]
expression = "red*2"
rescale = [[0, 1]]
classes = [{ value = 1, colour = "#AABBCC", title = { nl = "een", en = "one" } }]
[mask]
asset = "kind"
valid = [1, 2]
"""


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_the_examples_are_right(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.bands
    assert recipe.collection.layers
    names = {rule.band.name for rule in recipe.bands}
    assert {asset for layer in recipe.collection.layers for asset in layer.assets} <= names


def test_a_recipe_says_what_it_says() -> None:
    recipe = parse_recipe(GOOD)
    red, kind = recipe.bands
    assert (red.band.scale, red.match, red.said) == (0.5, "B04", {"match", "scale", "nodata"})
    assert red.band.nodata != red.band.nodata
    assert kind.band.kind is BandKind.CATEGORICAL
    first, second = recipe.collection.layers
    assert (first.assets, first.rescale, second.expression) == (("red",), ((0, 1),), "red*2")
    assert second.classes[0][:2] == (1, "#aabbcc")
    assert recipe.collection.mask
    assert recipe.collection.mask.valid == (1, 2)
    assert (recipe.collection.title.nl, recipe.collection.title.en) == ("Iks", "X")


def test_all_mistakes_are_told_at_once_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(
        """
        colection = 1
        [collection]
        id = "a/b"
        [files]
        pattern = '(?P<day>\\d+'
        [bands."1x"]
        scale = 0
        kind = "both"
        index = 0
        [layers.a]
        rescale = [1]
        [mask]
        valid = ["x"]
        """
    )
    with pytest.raises(BadRecipe) as caught:
        read_recipe(path)
    told = caught.value.say("en")
    for place in (
        "“colection”", "“collection.id”", "“files.pattern”", "“bands.1x”", "“bands.1x.scale”",
        "“bands.1x.kind”", "“bands.1x.index”", "“layers.a”", "“layers.a.rescale”", "“mask.valid”",
    ):  # fmt: skip
        assert place in told
    assert "bestaat niet" in caught.value.say("nl")


WRONG_NAMES = """
[collection]
id = "x"
[files]
pattern = 'x'
[bands.red]
[layers.a]
assets = ["rood"]
[layers.b]
assets = ["red", "red", "blauw"]
[mask]
asset = "SCL"
valid = [1]
"""


def test_bands_that_the_recipe_does_not_describe_are_told_at_once() -> None:
    with pytest.raises(RecipeMistakes) as caught:
        parse_recipe(WRONG_NAMES)
    told = caught.value.text
    for part in ("“layers.a.assets”", "“rood”", "“layers.b.assets”", "“blauw”", "“mask.asset”"):
        assert part in told.en
        assert part in told.nl
    assert "“SCL”" in told.en
    # Without described bands the files tell which there are.
    assert parse_recipe(WRONG_NAMES.replace("[bands.red]", "")).collection.mask


def test_others_can_add_mistakes_of_layers() -> None:
    def check(layer, bands):
        assert list(bands) == ["red", "kind"]
        yield "expression", Text(nl=f"{layer.name} fout", en=f"{layer.name} wrong")

    with pytest.raises(RecipeMistakes, match=r"a wrong\..*b wrong\."):
        parse_recipe(GOOD, check)


@pytest.mark.parametrize(
    ("make", "en", "nl"),
    [
        (lambda path: None, "it does not exist", "het bestaat niet"),
        (lambda path: path.mkdir(), "it is a folder", "het is een map"),
        (lambda path: path.write_bytes(b"\xff"), "not UTF-8", "geen UTF-8"),
    ],
    ids=["gone", "folder", "latin"],
)
def test_why_a_recipe_cannot_be_read_is_told_in_both_languages(
    tmp_path: Path, make: Callable[[Path], object], en: str, nl: str
) -> None:
    make(tmp_path / "x.toml")
    with pytest.raises(BadRecipe) as caught:
        read_recipe(tmp_path / "x.toml")
    assert en in caught.value.say("en")
    assert nl in caught.value.say("nl")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[files", b"", b"a = 1" * 300_000])
def test_what_is_no_recipe_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(BadRecipe):
        read_recipe(path)
    with pytest.raises(BadRecipe):
        read_recipe(tmp_path / "none.toml")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def to_toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return (
            '"' + "".join(f"\\U{ord(c):08x}" for c in value if not 0xD800 <= ord(c) < 0xE000) + '"'
        )
    if isinstance(value, dict):
        return "{" + ", ".join(f"{to_toml(k)} = {to_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(to_toml, value)) + "]"
    return {"inf": "inf", "-inf": "-inf", "nan": "nan", "None": '""'}.get(str(value), str(value))


tables = st.sampled_from(["collection", "files", "bands", "layers", "mask", "x"])
keys = st.sampled_from(
    [
        "id",
        "title",
        "pattern",
        "time",
        "red",
        "scale",
        "index",
        "rescale",
        "classes",
        "valid",
        "asset",
    ]
)
shapes = st.dictionaries(
    tables, st.dictionaries(keys, values | st.dictionaries(keys, values)) | values
)


@given(shapes)
def test_any_toml_is_a_recipe_or_a_list_of_mistakes(content: dict[str, object]) -> None:
    text = "\n".join(f"{key} = {to_toml(value)}" for key, value in content.items())
    with suppress(RecipeMistakes):
        assert parse_recipe(text).collection.id


@given(st.text())
def test_any_text_is_a_recipe_or_a_list_of_mistakes(text: str) -> None:
    with pytest.raises(RecipeMistakes):
        parse_recipe(text)
