"""Changes as merge patches (RFC 7396), and what is told to who sends another kind."""

from __future__ import annotations

import pytest

from landzicht.portal.catalogue.write import merged

TOKEN = "a-secret-of-the-operator-0123456789"  # of `writer` in conftest.py
KEY = {"authorization": f"Bearer {TOKEN}"}
ADDRESSES = ("/stac/collections/polder/items/day-1", "/stac/collections/polder")
APPENDIX_A = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]
"""Of the RFC: what there is, the patch, and what becomes of it."""


@pytest.mark.parametrize(("told", "patch", "wanted"), APPENDIX_A)
def test_the_examples_of_the_standard(told, patch, wanted):
    assert merged(told, patch) == wanted


@pytest.mark.parametrize("address", ADDRESSES)
def test_another_kind_of_patch_is_told_which_are_read(writer, address):
    before = writer.get(address).json()
    steps = b'[{"op": "remove", "path": "/properties/platform"}]'
    for form in ("application/json-patch+json", "Application/JSON-Patch+JSON; charset=utf-8"):
        answer = writer.patch(address, content=steps, headers=KEY | {"content-type": form})
        assert answer.status_code == 415
        assert answer.headers["accept-patch"] == "application/merge-patch+json, application/json"
        told = answer.json()
        assert told["code"] == "other-form"
        assert "application/merge-patch+json" in told["detail"]
    assert writer.get(address).json() == before
    unknown = writer.patch(address, content=steps, headers={"content-type": form})
    assert unknown.status_code == 401, "who may not write learns nothing"


@pytest.mark.parametrize("form", ["application/merge-patch+json", "application/json", ""])
def test_a_merge_patch_is_read_by_each_of_its_names(writer, form):
    headers = KEY | {"content-type": form}
    patch = b'{"properties": {"platform": "changed", "eo:cloud_cover": null}}'
    assert writer.patch(ADDRESSES[0], content=patch, headers=headers).status_code == 204
    told = writer.get(ADDRESSES[0]).json()["properties"]
    assert told["platform"] == "changed"
    assert "eo:cloud_cover" not in told
