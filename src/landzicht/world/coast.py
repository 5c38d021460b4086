"""The coast: sea, surf, beach and dunes, and a dyke where the dunes give out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.world.drawing import blob, stroke
from landzicht.world.materials import Material

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry as Shape

    from landzicht.world.spec import WorldSpec
    from landzicht.world.town import Drawn

_INLAND = np.array([0.53, 0.85])
"""Direction from the sea to the land, about at right angles to the shore."""
_DUNES_END = 0.70
"""Part of the shore, from the north-east on, behind which dunes lie; then a dyke takes over."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coast:
    """Where the land meets the sea."""

    sea: Shape
    """All salt water."""
    dunes: Shape
    """Beach and dunes: no polder here."""
    dyke: NDArray[Any]
    """Sea dyke beside the dunes."""
    banks: NDArray[Any]
    """Sandbanks off the coast that stay dry."""
    drawn: tuple[Drawn, ...]
    """Everything by material, top layer first; the sea itself comes last."""


def make_coast(spec: WorldSpec, rng: np.random.Generator) -> Coast:
    """Return the coast of this world, across its north-west corner."""
    side = spec.extent_m
    scale = float(np.clip(side / 10240, 0.3, 1.4))
    part = np.linspace(0, 1, 160)
    shore = _shore(side, rng, part)
    wide = np.clip((_DUNES_END - part) / 0.16, 0, 1) ** 0.7
    uneven = 1 + 0.16 * np.sin(2 * np.pi * (2.7 * part + rng.random()))
    uneven += 0.10 * np.sin(2 * np.pi * (7.3 * part + rng.random()))

    def line(metres: float, wobble: float) -> NDArray[np.float64]:
        """Return the shore moved inland, as far as there are dunes."""
        far = metres * scale * wide * (1 + wobble * (uneven - 1))
        out: NDArray[np.float64] = shore + far[:, None] * _INLAND
        return out

    sea = shapely.Polygon([*shore, (-900, -900)]).buffer(0)
    wet, dry, ridge, back = (line(*each) for each in ((55, 0), (125, 0.3), (235, 0.9), (800, 1)))
    dunes = _between(shore, back)
    grey = _between(ridge, back)
    scrub, slacks, bare, wood = _inner(rng, grey, scale)
    water = sea.difference(_between(shore, line(-130, 1.5)))
    dyke = stroke([shapely.LineString(shore).parallel_offset(-14)], 34.0)
    banks, crests = _banks(rng, side, scale)
    drawn: tuple[Drawn, ...] = (
        (Material.POOL, slacks),
        (Material.TREE, wood),
        (Material.SCRUB, scrub),
        (Material.SAND, bare),
        (Material.DUNE, np.array([grey], object)),
        (Material.MARRAM, np.array([_between(dry, ridge)], object)),
        (Material.SAND, np.array([_between(wet, dry)], object)),
        (Material.FORESHORE, np.array([_between(shore, wet)], object)),
        (Material.SURF, _surf(rng, shore, scale)),
        (Material.MARRAM, crests),
        (Material.SAND, banks),
        (Material.SEA, np.array([water], object)),
        (Material.SHALLOWS, np.array([sea], object)),
    )
    return Coast(
        sea=sea,
        dunes=dunes,
        dyke=shapely.difference(dyke, dunes),
        banks=banks,
        drawn=drawn,
    )


def _shore(side: float, rng: np.random.Generator, part: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `(n, 2)` points of the water line from the north edge to the west edge."""
    start, end = np.array([0.50 * side, -900.0]), np.array([-900.0, 0.315 * side])
    line = start + (end - start) * part[:, None]
    bends = 0.022 * np.sin(2 * np.pi * part * 1.5 + rng.uniform(0, 6.28))
    bends = bends + 0.035 * np.sin(np.pi * part)
    out: NDArray[np.float64] = line + side * bends[:, None] * _INLAND
    return out


def _between(one: NDArray[np.float64], other: NDArray[np.float64]) -> Shape:
    """Return the land between two lines that run the same way."""
    return shapely.Polygon(np.concatenate([one, other[::-1]])).buffer(0)


def _inner(
    rng: np.random.Generator, grey: Shape, scale: float
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return thickets, wet hollows, blow-outs and a wood at the land side of the grey dunes."""
    west, north, east, south = grey.bounds
    number = int(420 * grey.area / (5e6 * scale**2)) + 12
    places = rng.uniform((west, north), (east, south), (7 * number, 2))
    inside = places[shapely.contains_xy(grey.buffer(-25 * scale), places[:, 0], places[:, 1])]
    thickets = [blob(rng, (x, y), scale * rng.gamma(2.0, 16.0), 0.8) for x, y in inside[:number]]
    wet, dry, trees = np.split(inside[number:], [number // 14, number // 2])
    hollows = [blob(rng, (x, y), scale * rng.uniform(14, 42), 0.6) for x, y in wet]
    blown = [blob(rng, (x, y), scale * rng.uniform(8, 34), 0.8) for x, y in dry]
    trees = trees[: number // 16 + 2]
    deep = grey.difference(shapely.transform(grey, lambda p: p - 190 * scale * _INLAND))
    woods = [blob(rng, (x, y), scale * rng.uniform(120, 260), 0.4) for x, y in trees]
    made = shapely.intersection(shapely.union_all(woods), deep) if woods else shapely.Polygon()
    clipped = [
        shapely.intersection(np.array(each, object), grey) for each in (thickets, hollows, blown)
    ]
    return clipped[0], clipped[1], clipped[2], np.array([made], object)


def _surf(rng: np.random.Generator, shore: NDArray[np.float64], scale: float) -> NDArray[Any]:
    """Return the white lines of breaking waves on the bars before the coast."""
    made: list[Any] = []
    for away, width in ((7.0, 9.0), (60.0, 11.0), (125.0, 7.0)):
        line = shore - away * max(scale, 0.5) * _INLAND
        start = 0
        while start < len(line) - 4:
            stop = min(start + int(rng.integers(3, 14)), len(line) - 1)
            if rng.random() < (0.85 if away < 20 else 0.5):
                bend = rng.normal(0, 3, 2)
                made.append(stroke([shapely.LineString(line[start : stop + 1] + bend)], width))
            start = stop + int(rng.integers(1, 5))
    return np.concatenate(made) if made else np.zeros(0, object)


def _banks(
    rng: np.random.Generator, side: float, scale: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return sandbanks and the marram grass on the highest parts of them."""
    banks, crests = [], []
    for x, y in ((0.10, 0.045), (0.17, 0.028), (0.045, 0.12)):
        at = (side * x + rng.normal(0, 60 * scale), side * y + rng.normal(0, 60 * scale))
        bank = blob(rng, at, scale * rng.uniform(120, 250), 0.4).buffer(-12).buffer(12)
        banks.append(bank)
        crests.append(bank.buffer(-55 * scale))
    return np.array(banks, object), np.array(crests, object)
