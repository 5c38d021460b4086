"""What was measured before: keys that change with everything that an answer depends on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from numpy.typing import NDArray

    from landzicht.kinds import Asset
    from landzicht.kinds.parcels import Parcels
    from landzicht.ports import Watch
    from landzicht.series.measure import Cover
    from landzicht.series.plan import Overpass, Question
    from landzicht.series.run import Measured
    from landzicht.series.statistics import Statistics

    Arrays = Mapping[str, NDArray[np.generic]]

METHOD = "landzicht-series/1"
"""How values are made; changes when the same pixels would give other numbers."""
_SUMS = "2"
"""How sums are made; changes when the last digits may differ."""
_BETWEEN = ";"


def fingerprint(parcels: Parcels) -> str:
    """Return what tells parcels apart: their shapes and system in order, not their names."""
    digest = hashlib.sha256(parcels.crs.encode())
    for array in (parcels.xs, parcels.ys, parcels.rings, parcels.starts):
        digest.update(f"{array.size} ".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def key_of(
    parcels: str,
    overpass: Overpass,
    question: Question,
    wanted: Statistics,
    watch: Watch | None = None,
) -> str | None:
    """Return the key of what an overpass says, or None when nobody can tell whether it changed.

    Args:
        parcels: their `fingerprint`.
        overpass: its scenes; the checksums of their files are part of the key.
        question: which value; one without `text` has no key.
        wanted: which statistics.
        watch: knows of files that lie elsewhere whether they changed; None = all are our own.
    """
    if not question.text:
        return None
    mask = question.mask
    keys = question.keys + ((mask.asset,) if mask else ())
    told = [METHOD, _SUMS, parcels, question.text, str(question.raw), *question.keys]
    told += [str(sorted(mask.valid)), mask.asset] if mask else []
    told += [*wanted.columns, *map(str, wanted.edges), overpass.moment.isoformat()]
    for source in overpass.sources:
        told.append(source.scene.id)
        for key in keys:
            asset = source.scene.assets[key]
            if not asset.sha256 and not asset.etag:
                return None
            told.append(told_of_asset(asset))
            if watch is not None and (state := watch.state(asset)):
                told.append(state)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def told_of_asset(asset: Asset) -> str:
    """Return everything of a file that numbers of its pixels depend on."""
    band, grid = asset.band, asset.grid
    meaning = (band.dtype, band.nodata, band.scale, band.offset, asset.index, asset.array)
    place = (grid.crs, tuple(grid.transform), grid.height, grid.width)
    return f"{asset.href} {asset.sha256} {asset.etag} {meaning} {place} {asset.has_mask}"


def arrays_of(found: Measured) -> Arrays:
    """Return what one overpass says as arrays to keep."""
    known = sorted(set(found.scenes))
    numbers = {scenes: number for number, scenes in enumerate(known)}
    return {
        "table": found.table.reshape(-1),
        "areas": found.areas,
        "seen": found.seen,
        "scenes": np.array([_BETWEEN.join(scenes) for scenes in known]),
        "scene": np.array([numbers[scenes] for scenes in found.scenes], np.int32),
    }


def measured_of(arrays: Arrays, moment: datetime, count: int, columns: int) -> Measured | None:
    """Return what was kept, or None when it does not fit `count` parcels and `columns`."""
    from landzicht.series.run import Measured

    try:
        table = np.array(arrays["table"], np.float64).reshape(count, columns)
        known = [tuple(filter(None, str(each).split(_BETWEEN))) for each in arrays["scenes"]]
        scenes = tuple(known[number] for number in np.asarray(arrays["scene"], np.int64))
        areas = np.array(arrays["areas"], np.float64)
        seen = np.array(arrays["seen"], np.float64)
    except (KeyError, ValueError, IndexError):
        return None
    if not len(scenes) == areas.size == seen.size == count:
        return None
    return Measured(moment=moment, table=table, areas=areas, seen=seen, scenes=scenes)


def arrays_of_cover(cover: Cover) -> Arrays:
    """Return weights as arrays to keep."""
    return {"starts": cover.starts, "index": cover.index, "share": cover.share}


def cover_of_arrays(arrays: Arrays, count: int) -> Cover | None:
    """Return weights of `count` parcels that were kept, or None when they do not fit."""
    from landzicht.series.measure import whole_cover

    try:
        starts = np.array(arrays["starts"], np.int64)
        index = np.array(arrays["index"], np.int32)
        share = np.array(arrays["share"], np.float32)
    except (KeyError, ValueError):
        return None
    fits = starts.size == count + 1 and starts[0] == 0 and bool((np.diff(starts) >= 0).all())
    if not fits or not starts[-1] == index.size == share.size:
        return None
    return whole_cover(starts, index, share)
