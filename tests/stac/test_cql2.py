"""CQL2: both spellings, the limits before any parser, and what conditions mean."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.errors.filters import BadFilter
from landzicht.kinds.filter import Literal, Operation, Property
from landzicht.stac.cql2 import check, evaluate, parse_json, parse_text, write_json, write_text
from landzicht.stac.cql2.build import free_text, from_query
from landzicht.stac.cql2.texts import drop_accents, fold_case, is_like
from landzicht.testing.shared import shared_data

ITEM = {
    "id": "s1",
    "collection": "polder",
    "geometry": {"type": "Polygon", "coordinates": [[[5, 52], [6, 52], [6, 53], [5, 53], [5, 52]]]},
    "bbox": [5, 52, 6, 53],
    "properties": {
        "datetime": "2025-06-08T10:40:00Z",
        "eo:cloud_cover": 12.5,
        "platform": "sentinel-2a",
        "title": "Überflug één",
        "flag": True,
        "tags": ["a", 2],
        "none": None,
    },
}
CASES = [
    ("eo:cloud_cover < 20", True),
    ("eo:cloud_cover > 20", False),
    ("properties.eo:cloud_cover + 7.5 = 20", True),
    ("unknown < 20", None),
    ("unknown < 20 OR true", True),
    ("unknown < 20 AND false", False),
    ("NOT unknown < 20", None),
    ("unknown IS NULL", True),
    ("none IS NULL", True),
    ("platform IS NOT NULL", True),
    ("platform = 5", None),
    ("platform LIKE 'sentinel-2_'", True),
    ("platform LIKE 'Sentinel%'", False),
    ("CASEI(platform) LIKE CASEI('SENTINEL%')", True),
    ("ACCENTI(CASEI(title)) LIKE 'uber%een'", True),
    ("platform IN ('landsat-8', 'sentinel-2a')", True),
    ("platform NOT IN ('landsat-8', unknown)", None),
    ("eo:cloud_cover BETWEEN 10 AND 15", True),
    ("eo:cloud_cover NOT BETWEEN 10 AND 15", False),
    ("flag", True),
    ("NOT flag", False),
    ("flag = true", True),
    ("eo:cloud_cover / 0 = 1", None),
    ("7 div 2 = 3 AND 7 % 4 = 3 AND 2 ^ 3 = 8 AND -7 div 2 = -3", True),
    ("datetime >= '2025-06-08T00:00:00Z'", True),
    ("datetime > TIMESTAMP('2025-06-08T10:40:00Z')", False),
    ("T_INTERSECTS(datetime, DATE('2025-06-08'))", True),
    ("T_DURING(datetime, INTERVAL('2025-06-01', '..'))", True),
    ("T_BEFORE(datetime, DATE('2025-06-08'))", False),
    ("S_INTERSECTS(geometry, POINT(5.5 52.5))", True),
    ("S_INTERSECTS(geometry, POINT(365.5 52.5))", True),
    ("S_WITHIN(geometry, BBOX(0, 50, 10, 60))", True),
    ("S_DISJOINT(geometry, BBOX(170, -10, -170, 10))", True),
    ("A_CONTAINS(tags, ('a'))", True),
    ("A_EQUALS(tags, (2, 'a'))", True),
    ("A_OVERLAPS(tags, ('b', 3))", False),
    ("A_OVERLAPS(unknown, ('b', 3))", None),
    ("collection = 'polder' AND id <> 's2'", True),
]


@pytest.mark.parametrize(("text", "meaning"), CASES)
def test_what_a_condition_means(text, meaning):
    tree = check(parse_text(text))
    assert evaluate(tree, ITEM) is meaning
    assert evaluate(check(parse_json(json.loads(json.dumps(write_json(tree))))), ITEM) is meaning
    assert evaluate(check(parse_text(write_text(tree))), ITEM) is meaning


WRONG = [
    "", "eo:cloud_cover <", "a = 1 b", "a = 'x", "(a = 1", "a NOT = 1", "a BETWEEN 1", "a IN 1",
    "a IS 1", "1", "'x'", "a + 1", "casei(a)", "NOT 1", "a = 1 AND 2", "unknown_function(a) = 1",
    "DATE('2025-02-30') = a", "a = TIMESTAMP('2025-06-08')", "POINT(1)", "a = POINT(1 2)",
    "S_INTERSECTS(geometry, 5)", "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))",
    "S_INTERSECTS(geometry, BBOX(1, 2, 3))", "A_OVERLAPS(a)", "T_AFTER(a, 1 + 1)",
    "a = 1e999", "a = §", "a = (1, 2)", '"a""b" = 1', 'a = "b\\c"', "LIKE(a)", "a LIKE 1 AND", ";",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_condition_is_refused_with_its_place(text):
    with pytest.raises(BadFilter) as failure:
        check(parse_text(text))
    assert failure.value.facts["place"]
    for language in ("nl", "en"):
        assert "{" not in failure.value.say(language)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2000 + "true" + ")" * 2000,
        "(" * 65 + "true" + ")" * 65,
        "NOT " * 900 + "true",
        "- " * 3000 + "1 = 1",
        "a = '" + "x" * 5000 + "'",
        "casei(" * 600 + "a" + ")" * 600,
        "a = 1" + " AND a = 1" * 2000,
        "é" * 4000,
    ],
)
def test_length_and_depth_are_limited(text):
    with pytest.raises(BadFilter):
        check(parse_text(text))


def test_depth_of_json_is_limited():
    deep = True
    for _ in range(3000):
        deep = {"op": "not", "args": [deep]}
    listed = []
    for _ in range(100_000):
        listed = [listed]
    for tree in (deep, listed, {"op": "and", "args": [{"op": "=", "args": [1, 1]}] * 500}):
        with pytest.raises(BadFilter):
            check(parse_json(tree))
    many = {"op": "in", "args": [{"property": "a"}, list(range(10_001))]}
    with pytest.raises(BadFilter):
        check(parse_json(many))


def test_as_deep_as_allowed_is_read():
    tree = check(parse_text("(" * 60 + "eo:cloud_cover < 20" + ")" * 60))
    assert evaluate(tree, ITEM) is True


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60) | st.text("()'\"<>=,. abinotANDOR1%_", max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        tree = check(parse_text(text))
    except BadFilter:
        return
    assert evaluate(tree, ITEM) in {True, False, None}
    assert parse_text(write_text(tree)) == tree


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["op", "args", "property", "date", "interval", "bbox", "type",
                         "coordinates", "geometries", "timestamp"]),
        inner | st.sampled_from(["and", "=", "not", "like", "s_within", "in", "Point", "Polygon"]),
        max_size=3),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(json_values)
def test_any_json_is_read_or_refused(told):
    try:
        tree = check(parse_json(told))
    except BadFilter:
        return
    assert evaluate(tree, ITEM) in {True, False, None}


def naive(text, pattern):
    """A slow twin of `is_like`: tries every split."""
    if not pattern:
        return not text
    if pattern[0] == "\\" and len(pattern) > 1:
        return bool(text) and text[0] == pattern[1] and naive(text[1:], pattern[2:])
    if pattern[0] == "%":
        return any(naive(text[n:], pattern[1:]) for n in range(len(text) + 1))
    same = bool(text) and (pattern[0] in ("_", text[0]))
    return same and naive(text[1:], pattern[1:])


@settings(deadline=None, max_examples=300)
@given(text=st.text("ab%_", max_size=7), pattern=st.text("ab%_\\", max_size=7))
def test_patterns(text, pattern):
    assert is_like(text, pattern) == naive(text, pattern)


def test_a_wicked_pattern_takes_no_time():
    assert not is_like("a" * 3000, "%a" * 500 + "%b")


def test_folding():
    assert fold_case("STRASSE") == fold_case("Straße")
    assert drop_accents("débárquér ĳsland") == "debarquer ĳsland"


def test_the_query_extension_and_free_text():
    asked = {"eo:cloud_cover": {"lt": 20, "gte": 1}, "platform": {"startsWith": "sent"}}
    assert evaluate(check(from_query(asked)), ITEM) is True
    assert evaluate(check(from_query({"platform": {"contains": "%"}})), ITEM) is False
    assert evaluate(check(from_query({"platform": {"in": ["x", "sentinel-2a"]}})), ITEM) is True
    for word, found in (("ÜBERFLUG", True), ("een", True), ("polder", True), ("%", False)):
        assert (evaluate(check(free_text([word])), ITEM) is True) is found, word
    assert free_text([" "]) is None


@pytest.mark.parametrize(
    ("asked", "value", "found"),
    [
        ({"lt": "20"}, 5, True),
        ({"lt": "20"}, 20, False),
        ({"gte": "-1.5"}, -1.5, True),
        ({"eq": "20"}, 20, True),
        ({"eq": "20"}, "20", True),
        ({"eq": "20.0"}, "20", False),
        ({"neq": "20"}, 20, False),
        ({"neq": "20"}, "20", False),
        ({"neq": "20"}, 21, True),
        ({"lt": "3"}, "20", True),
        ({"lt": "1e3"}, 5, False),
        ({"eq": "1"}, True, False),
    ],
)
def test_a_number_written_as_text_in_a_query_is_meant_as_either(asked, value, found):
    tree = check(from_query({"x": asked}))
    assert (evaluate(tree, {"id": "a", "properties": {"x": value}}) is True) == found


def test_text_and_json_of_a_pair_are_equal_trees():
    folder, count = shared_data("specs/cql2"), 0
    for text in sorted((folder / "text").glob("*.txt")):
        other = folder / "json" / f"{text.stem.removesuffix('-alt01')}.json"
        assert parse_text(text.read_text()) == parse_json(json.loads(other.read_text())), text.name
        count += 1
    assert count >= 110


def test_conformance_expressions_give_what_is_expected():
    folder = shared_data("specs/cql2")
    rows = [json.loads(line) for line in (folder / "cql2testdata.ndjson").read_text().splitlines()]
    lines = (folder / "operators_expected.txt").read_text().split("\n")
    count = 0
    for text, numbers in zip(lines[::2], lines[1::2], strict=False):
        tree = check(parse_text(text))
        found = {r["intfield"] for r in rows if evaluate(tree, {"id": "x", "properties": r})}
        assert found == set(map(int, numbers.split())), text
        count += 1
    assert count >= 150
    for line in (folder / "ats" / "expressions.txt").read_text().splitlines():
        if "|" in line and not line.startswith("#"):
            tree = check(parse_text(line.partition("|")[2]))
            assert {evaluate(tree, {"id": "x", "properties": r}) for r in rows} <= {
                True, False, None}  # fmt: skip


def test_literals_know_their_type():
    assert Literal(1) == Literal(1.0)
    assert Literal(1) != Literal(True)
    assert Operation("=", (Property("a"), Literal(1))) != Operation(
        "=", (Property("a"), Literal(True))
    )
