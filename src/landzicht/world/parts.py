"""Parcels that are not one field: strips of tulips, and two crops on one parcel."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.world.crops import CROPS, TULIP, column
from landzicht.world.drawing import Turned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.fields import Fields
    from landzicht.world.spec import WorldSpec

MIXED = 0.03
"""Share of arable parcels of more than `MIXED_FROM_M2` with two crops."""
MIXED_FROM_M2 = 15_000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """Shapes that stand for a parcel where it is not one field."""

    shapes: NDArray[Any]
    """(n,) Strips of one colour, and the pieces of mixed parcels."""
    field: NDArray[np.int32]
    """(n,) The field that each belongs to."""


def two_crops(spec: WorldSpec, parcels: NDArray[Any], season: Fields) -> tuple[Fields, Parts]:
    """Return the season with a second field on some parcels, and both pieces of each of those.

    The second field is like one elsewhere: another crop, with its own days and its own vigour. The
    register knows one crop for each parcel, so both are declared as the larger piece.
    """
    rng = spec.rng(52, season.year)
    arable = ~column("permanent").astype(bool)[season.crop] & (season.crop != TULIP)
    large = np.flatnonzero(arable & (shapely.area(parcels) > MIXED_FROM_M2))
    chosen = np.sort(rng.permutation(large)[: max(1, round(MIXED * len(large)))])
    donor = []
    for parcel in chosen:
        others = np.flatnonzero(arable & (season.crop != season.crop[parcel]))
        donor.append(int(rng.choice(others)) if len(others) else int(parcel))
    pieces: list[Any] = []
    for parcel in chosen:
        own, low, high = _axes(parcels[parcel])
        # The short way across in most, as farmers drive along; the smaller piece comes second.
        share = rng.uniform(0.22, 0.46)
        across = rng.random() < 0.35
        cut = low[int(across)] + share * (high[int(across)] - low[int(across)])
        end = (high[0], cut) if across else (cut, high[1])
        small = own.boxes(low[0], end[0], low[1], end[1])[0]
        pieces += [parcels[parcel].difference(small), parcels[parcel].intersection(small)]
    count = len(parcels)
    field = np.stack([chosen, count + np.arange(len(chosen))], -1).ravel()
    parts = Parts(shapes=np.array(pieces, object), field=field.astype(np.int32))
    return _with_more(season, chosen, np.array(donor, int)), parts


def _with_more(season: Fields, chosen: NDArray[np.int64], donor: NDArray[np.int64]) -> Fields:
    """Return the season with fields added that are like `donor` and lie on parcel `chosen`."""
    count = len(season.crop)
    longer: dict[str, Any] = {}
    for each in fields(season):
        values = getattr(season, each.name)
        if each.name not in ("year", "drought", "pulse") and len(values) == count:
            longer[each.name] = np.concatenate([values, values[donor]])
    longer["parcel"] = np.concatenate([season.parcel, chosen]).astype(np.int32)
    longer["declared"] = np.concatenate([season.declared, season.declared[chosen]])
    return replace(season, **longer)


def tulip_strips(spec: WorldSpec, parcels: NDArray[Any], season: Fields) -> Parts:
    """Return the strips of one colour in the tulip fields."""
    rng = spec.rng(5)
    made: list[NDArray[Any]] = []
    owner: list[NDArray[np.int64]] = []
    for index in np.flatnonzero(season.crop[: len(parcels)] == TULIP):
        shape = parcels[index]
        own, low, high = _axes(shape)
        widths = rng.choice([9.0, 13.5, 18.0, 27.0, 45.0], int((high[1] - low[1]) / 9) + 1)
        edges = low[1] + np.concatenate([[0], np.cumsum(widths)])
        edges = np.append(edges[edges < high[1]], high[1])
        boxes = own.boxes(low[0], high[0], edges[:-1], edges[1:])
        parts = shapely.intersection(boxes, shape)
        made.append(parts)
        owner.append(np.full(len(parts), index))
    if not made:
        return Parts(shapes=np.zeros(0, object), field=np.zeros(0, np.int32))
    return Parts(shapes=np.concatenate(made), field=np.concatenate(owner).astype(np.int32))


def both(one: Parts, other: Parts) -> Parts:
    """Return the parts of two."""
    return Parts(
        shapes=np.concatenate([one.shapes, other.shapes]),
        field=np.concatenate([one.field, other.field]),
    )


def second_crops(season: Fields, parcels: int, parts: Parts) -> dict[int, tuple[int, float]]:
    """Return the crop code and the share of the second crop of each mixed parcel.

    Args:
        season: with the second fields.
        parcels: number of parcels.
        parts: the pieces.
    """
    area = shapely.area(parts.shapes)
    found: dict[int, tuple[int, float]] = {}
    for number in range(parcels, len(season.crop)):
        parcel = int(season.parcel[number])
        mine = float(area[parts.field == number].sum())
        total = mine + float(area[parts.field == parcel].sum())
        found[parcel] = (CROPS[season.crop[number]].code, mine / total)
    return found


def _axes(shape: Any) -> tuple[Turned, NDArray[np.float64], NDArray[np.float64]]:  # noqa: ANN401 - shapely has no types
    """Return axes along the longer side of a parcel, and its lowest and highest u, v there."""
    ring = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    sides = np.diff(ring[:3], axis=0)
    along = sides[int(np.hypot(*sides.T).argmax())]
    middle = shape.centroid
    own = Turned(x=middle.x, y=middle.y, angle=float(np.arctan2(along[1], along[0])))
    points = own.from_map(ring)
    return own, points.min(0), points.max(0)
