"""A small server of OGC API Features that answers in the system asked for, as PDOK does.

Its areas are made, or real ones where the shared data are.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import shapely

from landzicht.grid.crs import WGS84, transformer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RD = "EPSG:28992"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_RD_NAME = "http://www.opengis.net/def/crs/EPSG/0/28992"


@dataclass(eq=False)
class FeatureApi:
    """One collection; `base` is its address once it is served."""

    shapes: Sequence[Any]
    """Areas in RD."""
    properties: Sequence[dict[str, Any]]
    """Of each."""
    page: int = 1_000
    """Most features on a page."""
    speaks_rd_until: int | None = None
    """Pages after so many are in degrees, whatever is asked; None = all as asked."""
    claims: str = ""
    """Another `Content-Crs` than is true."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """Questions so far."""
    base: str = ""
    """Address of the collection."""

    def answer(self, query: dict[str, str]) -> tuple[dict[str, Any], str]:
        """Return a page and its `Content-Crs`."""
        self.asked.append(query)
        start, limit = int(query.get("offset", 0)), min(int(query.get("limit", 10)), self.page)
        chosen = self._within(query.get("bbox"))
        here = chosen[start : start + limit]
        in_rd = query.get("crs") == _RD_NAME
        if self.speaks_rd_until is not None:
            in_rd = in_rd and len(self.asked) <= self.speaks_rd_until
        shapes = np.array([self.shapes[number] for number in here], object)
        given = shapes if in_rd else in_degrees(shapes)
        told: dict[str, Any] = {
            "type": "FeatureCollection",
            "numberMatched": len(chosen),
            "features": [
                {
                    "type": "Feature",
                    "id": f"f{number}",
                    "properties": self.properties[number],
                    "geometry": shapely.geometry.mapping(shape),
                }
                for number, shape in zip(here, given, strict=True)
            ],
        }
        if start + limit < len(chosen):
            following = urlencode(query | {"offset": str(start + limit)})
            told["links"] = [{"rel": "next", "href": f"{self.base}/items?{following}"}]
        return told, self.claims or f"<{_RD_NAME if in_rd else _CRS84}>"

    def _within(self, bbox: str | None) -> list[int]:
        if bbox is None:
            return list(range(len(self.shapes)))
        box = shapely.box(*(float(side) for side in bbox.split(",")))
        seen = in_degrees(np.array(self.shapes, object))
        return [number for number, shape in enumerate(seen) if shape.intersects(box)]


@contextmanager
def feature_api(api: FeatureApi) -> Iterator[FeatureApi]:
    """Serve a collection on this computer."""

    class Answering(BaseHTTPRequestHandler):
        """Answers a question for features."""

        def do_GET(self) -> None:
            """Answer with a page of them."""
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            told, system = api.answer(query)
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/geo+json")
            self.send_header("Content-Crs", system)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        api.base = f"http://127.0.0.1:{server.server_port}/collections/areas"
        try:
            yield api
        finally:
            server.shutdown()
            thread.join()


def in_degrees(shapes: Any) -> Any:
    """Return shapes in RD in longitude and latitude."""
    return _through(shapes, RD, WGS84)


def in_rd(shapes: Any) -> Any:
    """Return shapes in longitude and latitude in RD."""
    return _through(shapes, WGS84, RD)


def _through(shapes: Any, source: str, target: str) -> Any:
    forth = transformer(source, target)
    return shapely.transform(
        shapes, lambda xy: np.column_stack(forth.transform(xy[:, 0], xy[:, 1]))
    )
