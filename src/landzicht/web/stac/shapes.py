"""STAC answers: stored bodies with addresses and links around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import orjson

from landzicht.stac import STAC_VERSION, item_name, mark_text, splice, write_collection
from landzicht.stac.foreign import LINKS
from landzicht.web.stac.conformance import conforms_to
from landzicht.web.stac.select import select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landzicht.kinds import Bucket, Collection, Page
    from landzicht.web.stac.extend import Fields

JSON = "application/json"
GEOJSON = "application/geo+json"
_FOREIGN = f'"{LINKS}"'.encode()
SCHEMA = "application/schema+json"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
Link = dict[str, Any]
Years = Callable[[str], "Sequence[Bucket]"]


class Shapes:
    """Answers for one base address, so that every link leads back to where the reader came from."""

    def __init__(self, base: str, *, writable: bool = False, years: Years | None = None) -> None:
        """Take the address of the portal, without a slash at its end.

        Args:
            base: the address.
            writable: whether the operator lets programs change the catalogue.
            years: tells in which years a collection has scenes, for who walks along links.
        """
        self._years = years or (lambda _: ())
        self._classes = conforms_to(writable=writable)
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
            "conformsTo": self._classes,
            "links": [
                link("self", self._stac, JSON),
                self._root(),
                link("conformance", f"{self._stac}/conformance", JSON),
                link("data", f"{self._stac}/collections", JSON),
                link("children", f"{self._stac}/children", JSON),
                link("aggregate", f"{self._stac}/aggregate", JSON),
                link("aggregations", f"{self._stac}/aggregations", JSON),
                link("search", f"{self._stac}/search", GEOJSON, method="GET"),
                link("search", f"{self._stac}/search", GEOJSON, method="POST"),
                link(QUERYABLES, f"{self._stac}/queryables", SCHEMA),
                link("service-desc", f"{self._base}/openapi.json", JSON),
                link("service-doc", f"{self._base}/docs", "text/html"),
                *children,
            ],
        }

    def conformance(self) -> dict[str, Any]:
        """Return the classes of the standards that this API keeps to."""
        return {"conformsTo": self._classes}

    def collection(self, collection: Collection) -> bytes:
        """Return one collection."""
        links = [*self.own_links(collection), *collection.extra.get("links", ())]
        return splice(write_collection(collection), self._assets, links)

    def own_links(self, collection: Collection) -> list[Link]:
        """Return the links that the answer about a collection gets by itself."""
        years = self._years(collection.id)
        here = self._collection(collection.id)
        tiles = f"{self._base}/tiles/{collection.id}/WebMercatorQuad/tilejson.json"
        layers = [
            link("tilejson", f"{tiles}?layer={quote(layer.name)}", JSON, title=layer.title.en)
            for layer in collection.layers
        ]
        browse = f"{self._stac}/browse/{quote(collection.id)}"
        return [
            link("self", here, JSON),
            self._root(),
            link("parent", self._stac, JSON),
            link("items", f"{here}/items", GEOJSON),
            link(QUERYABLES, f"{here}/queryables", SCHEMA),
            link("aggregate", f"{here}/aggregate", JSON),
            link("aggregations", f"{here}/aggregations", JSON),
            *layers,
            *(
                link("child", f"{browse}/{each.key[:4]}", JSON, title=each.key[:4])
                for each in years
            ),
        ]

    def collections(
        self,
        collections: Sequence[Collection],
        links: Sequence[Link] = (),
        matched: int | None = None,
        fields: Fields | None = None,
    ) -> bytes:
        """Return a page of collections.

        Args:
            collections: those on the page.
            links: `self` and `next`; none = it is the only page.
            matched: how many in all.
            fields: leave out others than these.
        """
        around = [*links] or [link("self", f"{self._stac}/collections", JSON)]
        around += [self._root(), link("parent", self._stac, JSON)]
        told = [self.collection(each) for each in collections]
        if fields is not None:
            told = [select(each, fields, is_item=False) for each in told]
        count = len(told) if matched is None else matched
        tail = {"links": around, "numberMatched": count, "numberReturned": len(told)}
        return b'{"collections":[' + b",".join(told) + b"]," + orjson.dumps(tail)[1:]

    def children(self, collections: Sequence[Collection]) -> bytes:
        """Return the children of the landing page: all collections, whole."""
        links = [link("self", f"{self._stac}/children", JSON), self._root()]
        told = b",".join(self.collection(each) for each in collections)
        return b'{"children":[' + told + b"]," + orjson.dumps({"links": links})[1:]

    def item(self, collection: str, id: str, body: bytes) -> bytes:
        """Return one item from its stored body."""
        up = self._collection(collection)
        links = [
            link("self", f"{up}/items/{quote(id)}", GEOJSON),
            link("parent", up, JSON),
            link("collection", up, JSON),
            self._root(),
        ]
        if _FOREIGN in body:  # links that the writer of the item gave it
            links += orjson.loads(body).get(LINKS, ())
        return splice(body, self._assets, links)

    def page(self, page: Page, links: Sequence[Link], fields: Fields | None = None) -> bytes:
        """Return a page of items; of each body only the name at its head is read.

        Args:
            page: of a search.
            links: of the page.
            fields: leave out others than these.
        """
        features = [self.item(*item_name(body), body) for body in page.bodies]
        if fields is not None:
            features = [select(each, fields) for each in features]
        tail: dict[str, Any] = {"links": [*links, self._root()], "numberReturned": len(features)}
        if page.matched is not None:
            tail["numberMatched"] = page.matched
        head = b'{"type":"FeatureCollection","features":['
        return head + b",".join(features) + b"]," + orjson.dumps(tail)[1:]

    def get_links(
        self, path: str, asked: Mapping[str, str], token: str | None, media_type: str = GEOJSON
    ) -> list[Link]:
        """Return `self` and `next` of a page that was asked for by GET."""
        here = f"{self._base}{path}"
        links = [link("self", _address(here, asked), media_type)]
        if token:
            following = {**asked, "token": token}
            links.append(link("next", _address(here, following), media_type, method="GET"))
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
