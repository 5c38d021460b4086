"""STAC answers: stored bodies with addresses and links around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import orjson

from landzicht.stac import STAC_VERSION, item_name, mark_text, splice, write_collection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landzicht.kinds import Collection, Page

JSON = "application/json"
GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
CONFORMS_TO = (
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/collections",
    "https://api.stacspec.org/v1.0.0/ogcapi-features",
    "https://api.stacspec.org/v1.0.0/item-search",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
Link = dict[str, Any]


class Shapes:
    """Answers for one base address, so that every link leads back to where the reader came from."""

    def __init__(self, base: str) -> None:
        """Take the address of the portal, without a slash at its end."""
        self._stac = f"{base}/stac"
        self._base = base

    def landing(self, collections: Sequence[Collection]) -> dict[str, Any]:
        """Return the landing page: a STAC catalogue that tells what this API can do."""
        children = [
            link("child", self._collection(c.id), JSON, title=_title(c)) for c in collections
        ]
        return {
            "type": "Catalog",
            "stac_version": STAC_VERSION,
            "id": "landzicht",
            "title": "Landzicht",
            "description": "Open satellite data: scenes, maps and values.",
            "conformsTo": CONFORMS_TO,
            "links": [
                link("self", self._stac, JSON),
                self._root(),
                link("conformance", f"{self._stac}/conformance", JSON),
                link("data", f"{self._stac}/collections", JSON),
                link("search", f"{self._stac}/search", GEOJSON, method="GET"),
                link("search", f"{self._stac}/search", GEOJSON, method="POST"),
                link(QUERYABLES, f"{self._stac}/queryables", SCHEMA),
                link(
                    "service-desc",
                    f"{self._base}/openapi.json",
                    "application/vnd.oai.openapi+json;version=3.1",
                ),
                link("service-doc", f"{self._base}/docs", "text/html"),
                *children,
            ],
        }

    def conformance(self) -> dict[str, Any]:
        """Return the classes of the standards that this API keeps to."""
        return {"conformsTo": CONFORMS_TO}

    def collection(self, collection: Collection) -> bytes:
        """Return one collection."""
        here = self._collection(collection.id)
        tiles = f"{self._base}/tiles/{collection.id}/WebMercatorQuad/tilejson.json"
        layers = [
            link("tilejson", f"{tiles}?layer={quote(layer.name)}", JSON, title=layer.title.en)
            for layer in collection.layers
        ]
        links = [
            link("self", here, JSON),
            self._root(),
            link("parent", self._stac, JSON),
            link("items", f"{here}/items", GEOJSON),
            link(QUERYABLES, f"{self._stac}/queryables", SCHEMA),
            *layers,
        ]
        return splice(write_collection(collection), self._assets, links)

    def collections(self, collections: Sequence[Collection]) -> bytes:
        """Return all collections."""
        links = [
            link("self", f"{self._stac}/collections", JSON),
            self._root(),
            link("parent", self._stac, JSON),
        ]
        told = [self.collection(each) for each in collections]
        tail = {"links": links, "numberMatched": len(told), "numberReturned": len(told)}
        return b'{"collections":[' + b",".join(told) + b"]," + orjson.dumps(tail)[1:]

    def item(self, collection: str, id: str, body: bytes) -> bytes:
        """Return one item from its stored body."""
        up = self._collection(collection)
        links = [
            link("self", f"{up}/items/{quote(id)}", GEOJSON),
            link("parent", up, JSON),
            link("collection", up, JSON),
            self._root(),
        ]
        return splice(body, self._assets, links)

    def page(self, page: Page, links: Sequence[Link]) -> bytes:
        """Return a page of items; of each body only the name at its head is read."""
        features = [self.item(*item_name(body), body) for body in page.bodies]
        tail: dict[str, Any] = {"links": [*links, self._root()], "numberReturned": len(features)}
        if page.matched is not None:
            tail["numberMatched"] = page.matched
        head = b'{"type":"FeatureCollection","features":['
        return head + b",".join(features) + b"]," + orjson.dumps(tail)[1:]

    def queryables(self) -> dict[str, Any]:
        """Return what can be searched for, as a JSON schema."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"{self._stac}/queryables",
            "type": "object",
            "title": "Landzicht",
            "properties": {
                "id": {"type": "string", "title": "Id of the scene (parameter ids)"},
                "collection": {"type": "string", "title": "Collection (parameter collections)"},
                "datetime": {"type": "string", "format": "date-time", "title": "Datetime"},
                "geometry": {"format": "geometry-any", "title": "Place (bbox, intersects)"},
            },
            "additionalProperties": False,
        }

    def get_links(self, path: str, asked: Mapping[str, str], page: Page) -> list[Link]:
        """Return `self` and `next` of a page that was asked for by GET."""
        here = f"{self._base}{path}"
        links = [link("self", _address(here, asked), GEOJSON)]
        if page.next:
            following = {**asked, "token": page.next}
            links.append(link("next", _address(here, following), GEOJSON, method="GET"))
        return links

    def post_links(self, asked: Mapping[str, Any], page: Page) -> list[Link]:
        """Return `self` and `next` of a page that was asked for by POST."""
        here = f"{self._stac}/search"
        links = [link("self", here, GEOJSON)]
        if page.next:
            body = {**asked, "token": page.next}
            links.append(link("next", here, GEOJSON, method="POST", body=body, merge=False))
        return links

    @property
    def _assets(self) -> str:
        return f"{self._base}/assets"

    def _root(self) -> Link:
        return link("root", self._stac, JSON)

    def _collection(self, id: str) -> str:
        return f"{self._stac}/collections/{quote(id)}"


def link(rel: str, href: str, media_type: str, **more: object) -> Link:
    """Return a STAC link."""
    return {"rel": rel, "href": href, "type": media_type, **more}


def _title(collection: Collection) -> str:
    """Return the English title; that of simulated data says so."""
    return (mark_text(collection.title) if collection.simulated else collection.title).en


def _address(here: str, asked: Mapping[str, str]) -> str:
    return f"{here}?{urlencode(asked)}" if asked else here
