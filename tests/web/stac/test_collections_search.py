"""Finding collections over HTTP: by place, time, words and conditions, in pages."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from landzicht.stac import read_foreign_collection
from landzicht.testing.scenes import make_collection
from landzicht.text import Text

ADDRESS = "/stac/collections"


def theirs(name, box, first, last):
    """A collection of somebody else, without scenes."""
    extent = {"spatial": {"bbox": [box]}, "temporal": {"interval": [[first, last]]}}
    return read_foreign_collection(
        {
            "type": "Collection",
            "id": name,
            "title": name.title(),
            "description": f"Images of {name}",
            "license": "CC0-1.0",
            "keywords": ["sea", "ice"] if name == "arctic" else ["Forest"],
            "extent": extent,
            "landzicht:rank": 1,
            "rank": {"arctic": 2, "fiji": 10}[name],
        }
    )


@pytest.fixture
def asked(client, portal):
    """Besides `polder` (5 to 9.9 E, 8 to 12 June 2025) and `madeup` (5 E, 8 June)."""
    portal.services.catalog.put(
        [
            theirs("arctic", [-180, 66, -500, 180, 90, 0], None, "2024-12-31T00:00:00Z"),
            theirs("fiji", [177, -20, -178, -15], "2025-06-12T00:00:00Z", None),
            make_collection("empty", title=Text(nl="Leeg", en="Nothing yet")),
        ],
        [],
    )

    def ask(**parameters):
        answer = client.get(ADDRESS, params=parameters)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["numberReturned"] == len(told["collections"])
        return told

    return ask


def names(told):
    return [each["id"] for each in told["collections"]]


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({}, ["arctic", "empty", "fiji", "madeup", "polder"]),
        ({"bbox": "5.05,52.05,5.06,52.06"}, ["madeup", "polder"]),
        ({"bbox": "7,52,8,53"}, ["polder"]),
        ({"bbox": "7,52,-10,8,53,10"}, ["polder"]),
        ({"bbox": "-179.5,-18,-179,-17"}, ["fiji"]),
        ({"bbox": "178,-18,-179,80"}, ["arctic", "fiji"]),
        ({"bbox": "100,10,110,20"}, []),
        ({"datetime": "2025-06-08T12:00:00Z"}, ["madeup", "polder"]),
        ({"datetime": "2025-06-12T12:00:00Z/.."}, ["fiji", "polder"]),
        ({"datetime": "../2025-01-01T00:00:00Z"}, ["arctic"]),
        ({"datetime": "2025-03-01T00:00:00Z"}, []),
        ({"bbox": "7,52,8,53", "datetime": "2025-06-12T12:30:00Z"}, []),
        ({"q": "ICE"}, ["arctic"]),
        ({"q": "forest,ice"}, ["arctic", "fiji"]),
        ({"q": "images"}, ["arctic", "fiji"]),
        ({"q": "volcano"}, []),
        ({"filter": "license = 'CC0-1.0' AND rank > 2"}, ["fiji"]),
        ({"filter": "S_INTERSECTS(geometry, POINT(5.05 52.05)) AND id LIKE 'm%'"}, ["madeup"]),
        ({"filter": "S_INTERSECTS(geometry, POINT(0 80)) AND rank = 2"}, ["arctic"]),
        ({"filter": '{"op":"=","args":[{"property":"id"},"fiji"]}', "filter-lang": "cql2-json"},
         ["fiji"]),
        ({"sortby": "-id"}, ["polder", "madeup", "fiji", "empty", "arctic"]),
        ({"sortby": "-rank,id"}, ["fiji", "arctic", "empty", "madeup", "polder"]),
    ],
    ids=str,
)  # fmt: skip
def test_what_matches_is_found(asked, parameters, found):
    told = asked(**parameters)
    assert names(told) == found
    assert told["numberMatched"] == len(found)
    assert not [link for link in told["links"] if link["rel"] == "next"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "parameters", [{}, {"sortby": "-rank"}, {"filter": "id <> 'fiji'"}, {"q": "forest,polder,ice"}]
)
def test_pages_give_everything_once(asked, parameters, limit):
    whole = asked(**parameters)
    seen, following = [], {**parameters, "limit": limit}
    while following:
        told = asked(**following)
        assert told["numberMatched"] == whole["numberMatched"]
        assert len(told["collections"]) <= limit
        seen += told["collections"]
        links = [link["href"] for link in told["links"] if link["rel"] == "next"]
        following = dict(parse_qsl(urlsplit(links[0]).query)) if links else None
    assert seen == whole["collections"]


def test_a_page_goes_on_when_its_last_collection_no_longer_matches(asked, portal):
    first = asked(filter="id <> 'polder'", limit=1)
    assert names(first) == ["arctic"]
    portal.services.catalog.delete_collection("empty")
    assert names(asked(filter="id <> 'arctic'", limit=9, token="arctic")) == [
        "fiji", "madeup", "polder",
    ]  # fmt: skip


def test_only_the_wanted_fields_are_told(asked):
    (told,) = asked(fields="id,title,summaries", q="ice")["collections"]
    assert told.keys() <= {"type", "id", "title", "summaries", "links"}
    assert told["title"] == "Arctic"
    (told,) = asked(fields="-description,-extent", q="ice")["collections"]
    assert "description" not in told
    assert "extent" not in told
    assert told["license"] == "CC0-1.0"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"bbox": "1,2,3"}, "bad-bbox"),
        ({"datetime": "yesterday"}, "bad-datetime"),
        ({"limit": "0"}, "bad-query"),
        ({"token": "nowhere"}, "bad-query"),
        ({"filter": "id ="}, "bad-filter"),
        ({"sortby": "-"}, "bad-query"),
        ({"fields": ",".join("a" * 101)}, "bad-query"),
    ],
)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_bad_question_is_a_clear_400(client, parameters, code, language):
    answer = client.get(ADDRESS, params=parameters, headers={"accept-language": language})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["detail"] == answer.json()["landzicht:text"][language]
