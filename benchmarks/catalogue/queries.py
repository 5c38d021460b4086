"""The questions of the contest; the same addresses work on both servers."""

from __future__ import annotations

from itertools import islice
from urllib.parse import urlencode

import numpy as np
from items import make_scenes

LIMIT = 100
NETHERLANDS = "3.3,50.7,7.3,53.6"
EUROPE = "-12,34,32,70"
CLEAR = '"eo:cloud_cover" < 20'
RARE = '"eo:cloud_cover" < 0.0005'


def search(**parameters: object) -> str:
    told = {name.replace("_", "-"): value for name, value in parameters.items()}
    if "filter" in told:
        told["filter-lang"] = "cql2-text"
    return "/search?" + urlencode({"limit": LIMIT, **told})


def questions(rounds: int, number: int) -> dict[str, list[str]]:
    """Return for each kind of question its addresses, below `/stac` or the root."""
    random = np.random.default_rng(11)
    kinds: dict[str, list[str]] = {
        name: [] for name in ("tiny box", "country", "Europe", "one day", "ten years", "rare hit")
    }
    names = [(scene.collection, scene.id) for scene in _some(rounds, number)]
    for _ in range(rounds):
        x, y = random.uniform(-8, 28), random.uniform(38, 63)
        year, month, day = 2016 + random.integers(9), random.integers(1, 13), random.integers(1, 28)
        box = f"{x:.4f},{y:.4f},{x + 0.02:.4f},{y + 0.02:.4f}"
        span = f"{year}-01-01T00:00:00Z/{year}-12-31T23:59:59Z"
        date = f"{year}-{month:02d}-{day:02d}"
        kinds["tiny box"].append(search(bbox=box, datetime=span, filter=CLEAR))
        kinds["country"].append(search(bbox=NETHERLANDS, datetime=span, filter=CLEAR))
        late = f"2015-07-01T00:00:00Z/{date}T00:00:00Z"
        kinds["Europe"].append(search(bbox=EUROPE, datetime=late))
        whole = f"{date}T00:00:00Z/{date}T23:59:59Z"
        kinds["one day"].append(search(bbox=EUROPE, datetime=whole))
        ten = f"2015-07-01T00:00:00Z/2025-{month:02d}-{day:02d}T00:00:00Z"
        kinds["ten years"].append(search(bbox=box, datetime=ten))
        kinds["rare hit"].append(search(bbox=box, datetime=ten, filter=RARE))
    kinds["get item"] = [f"/collections/{c}/items/{name}" for c, name in names]
    return kinds


def for_one(path: str) -> str:
    """The same question for its first item only: the search, without the length of the page."""
    return path.replace(f"limit={LIMIT}&", "limit=1&")


def _some(some: int, number: int):
    """Some of the scenes of a catalogue, from all over it."""
    return list(islice(make_scenes(number), 0, None, max(1, number // some)))[:some]
