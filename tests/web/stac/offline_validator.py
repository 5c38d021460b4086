"""Run stac-api-validator without the internet: schemas come from the packages that ship them.

Run as a program: `offline_validator.py ADDRESS TOKEN COLLECTION`; prints errors as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pystac
import requests
import stac_validator.utilities
from pystac.stac_io import DefaultStacIO
from stac_api_validator import validations

FOLDERS = [Path(pystac.__file__).parent / "validation" / "jsonschemas"]
SCHEMAS = {path.name: path for folder in FOLDERS for path in folder.rglob("*.json")}
CLASSES = [
    "core", "browseable", "children", "collections", "features", "item-search", "transaction",
    "features#filter", "item-search#filter", "item-search#sort", "item-search#query",
    "item-search#fields", "features#fields", "features#sort", "features#query",
]  # fmt: skip
missing: set[str] = set()
plain_get, plain_request = requests.get, requests.Session.request


class Local:
    """What `requests` would give."""

    status_code = 200

    def __init__(self, body):
        self.text = json.dumps(body)
        self.content = self.text.encode()

    def json(self):
        return json.loads(self.text)

    def raise_for_status(self):
        pass


def is_here(url):
    return urlsplit(url).hostname in {"127.0.0.1", "localhost"}


def schema(url):
    """Return a schema by its file name; one of an extension that nobody ships allows all."""
    path = urlsplit(url).path
    name = path.rpartition("/")[2]
    if "stacspec.org" in url or "geojson" in url:
        return json.loads(SCHEMAS[name].read_text())
    missing.add(url)
    return {"$schema": "http://json-schema.org/draft-07/schema#", "$id": url}


def get(url, *args, **kwargs):
    return plain_get(url, *args, **kwargs) if is_here(url) else Local(schema(url))


def request(self, method, url, *args, **kwargs):
    assert is_here(url), url
    return plain_request(self, method, url, *args, **kwargs)


def read_text(self, href):
    """Let pystac, too, read from here and from the packages only."""
    return get(href).text


def main(address, token, collection):
    requests.get = stac_validator.utilities.requests.get = get
    requests.Session.request = request
    DefaultStacIO.read_text_from_href = read_text
    area = {
        "type": "Polygon",
        "coordinates": [[[4, 51], [8, 51], [8, 54], [4, 54], [4, 51]]],
    }
    warnings, errors = validations.validate_api(
        root_url=address,
        ccs_to_validate=CLASSES,
        collection=collection,
        geometry=json.dumps(area),
        auth_bearer_token=token,
        auth_query_parameter=None,
        fields_nested_property="properties.eo:cloud_cover",
        validate_pagination=True,
        query_config=validations.QueryConfig(
            "eo:cloud_cover", 10, 10, 20, 20, 10, 10, "platform", "sentinel", "2a", "nel",
            "letter", "a,b",
        ),
        transaction_collection=collection,
        headers={},
        open_assets_urls=False,
    )  # fmt: skip
    told = {"errors": list(errors), "warnings": list(warnings), "missing": sorted(missing)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
