"""A file of lines, good and bad: each is taken or told, in its order."""

from __future__ import annotations

import json

import pytest

from landzicht.errors.records import BadExchange
from landzicht.portal.catalogue import exchange_items
from landzicht.portal.catalogue.exchange import import_items
from landzicht.portal.catalogue.moving import scenes_by_id
from landzicht.records import SqliteCatalog

LINES = 2500


def a_line(number):
    """Every fourth item says nothing of its time, every fifth line is no JSON."""
    if number % 5 == 0:
        return "{this is no JSON"
    told = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": f"item-{number % 2000}",  # the last ones replace the first
        "collection": "theirs",
        "geometry": {"type": "Polygon", "coordinates": [[[5, 52], [6, 52], [6, 53], [5, 52]]]},
        "properties": {"datetime": "2025-06-08T10:40:00Z", "number": number},
        "assets": {"a": {"href": f"https://example.nl/{number}.tif"}},
    }
    if number % 4 == 0:
        del told["properties"]["datetime"]
    return json.dumps(told)


def taken_in(folder, source):
    """Return the bodies in the catalogue, and which lines were refused, with the reason."""
    refused = []
    with SqliteCatalog(folder / "catalogue.sqlite") as catalog:
        report = import_items(catalog, source, folder, write=refused.append)
        bodies = {each.id: each.body for each in scenes_by_id(catalog, "theirs")}
    assert report.refused == len(refused)
    return bodies, [(each.place, str(each.error)) for each in refused], report.taken


def test_each_line_is_taken_or_told_in_its_order(tmp_path):
    source = tmp_path / "items.ndjson"
    source.write_text("\n".join(map(a_line, range(LINES))) + "\n")
    bodies, refused, taken = taken_in(tmp_path, source)
    # Inclusion and exclusion: divisible by 4, by 5, by both.
    assert len(refused) == LINES // 4 + LINES // 5 - LINES // 20
    assert [place for place, _ in refused] == [
        f"items.ndjson:{n + 1}" for n in range(LINES) if n % 4 == 0 or n % 5 == 0
    ]
    assert taken == LINES - len(refused)
    assert json.loads(bodies["item-1"])["properties"]["number"] == 2001, "a later line replaces"


@pytest.mark.parametrize("name", ["items.ndjson", "item.json"])
def test_a_byte_order_mark_is_no_part_of_an_item(tmp_path, name):
    source = tmp_path / name
    source.write_text(a_line(1), encoding="utf-8-sig")
    bodies, refused, _ = taken_in(tmp_path, source)
    assert (bodies.keys(), refused) == ({"item-1"}, [])


def test_what_is_no_json_is_told_as_such(tmp_path):
    source = tmp_path / "items.ndjson"
    source.write_text(a_line(1).replace('"number": 1', '"number": NaN'))
    ((place, told),) = taken_in(tmp_path, source)[1]
    assert place == "items.ndjson:1"
    assert "NaN" in told


def test_a_line_without_end_is_told(tmp_path, monkeypatch):
    source = tmp_path / "items.ndjson"
    source.write_text("\n".join(map(a_line, range(1, 5))) + "\n" + "x" * 5000)
    monkeypatch.setattr(exchange_items, "_LONGEST_LINE", 1000)
    with (
        SqliteCatalog(tmp_path / "catalogue.sqlite") as catalog,
        pytest.raises(BadExchange, match="too long"),
    ):
        import_items(catalog, source, tmp_path)
