"""Use case: a file of the reader's own with areas or places, given back as GeoJSON and not kept."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.errors.series import NoParcels
from landzicht.errors.vectors import UnreadableVectors, VectorsTooLarge
from landzicht.formats.coordinates import read_places_table
from landzicht.grid.crs import WGS84, transformer
from landzicht.series.check import NO_NUMBERS, Checked, check_shapes
from landzicht.text import Text

if TYPE_CHECKING:
    from landzicht.text import Language

MOST_BYTES = 50_000_000
"""Longest file."""
MOST_ROWS = 1_000
"""Most areas in it."""
MOST_CORNERS = 200_000
"""Most corners of all areas together: the answer goes to a telephone."""
SECONDS = 20.0
"""Time that reading may take."""
_EMPTY = Text(nl="er staat niets in", en="it is empty")


def read_own_areas(body: bytes, name: str, language: Language) -> dict[str, Any]:
    """Return the areas in a file as a GeoJSON FeatureCollection in degrees (WGS84).

    Nothing is kept: the file is read in a child process from a folder that is gone afterwards.

    Args:
        body: GeoPackage, GeoJSON, KML, GML, FlatGeobuf, GeoParquet, a zip with a shapefile, or a
            table (CSV) with coordinates.
        name: what the reader calls the file, for errors and to tell a table by its ending.
        language: of the reasons why an area is left out.

    Raises:
        UnreadableVectors: not a file that we read.
        VectorsTooLarge: more areas or corners than we give back.
        NoParcels: nothing in it can be measured.
    """
    import shapely

    label = Path(name.replace("\\", "/")).name[:100] or "file"
    _check_brackets(body, label)
    checked, crs = _read_table(body, label) if _is_table(body) else _read_map(body, label)
    if not len(checked.parcels):
        first = checked.refused[0] if checked.refused else None
        reason = first.reason if first else _EMPTY
        raise NoParcels(count=len(checked.refused), row=first.row if first else 0, reason=reason)
    corners = int(shapely.get_num_coordinates(checked.shapes).sum())
    if corners > MOST_CORNERS:
        raise VectorsTooLarge(name=label, value=f"{corners} points", most=f"{MOST_CORNERS} points")
    names = checked.names or (None,) * len(checked.parcels)
    shapes = _to_degrees(checked.shapes, crs)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": key,
                "geometry": shapely.geometry.mapping(shape),
                "properties": {"name": called},
            }
            for key, called, shape in zip(checked.parcels.ids, names, shapes, strict=True)
        ],
        "refused": [
            {"row": each.row, "name": each.parcel, "reason": each.reason.say(language)}
            for each in checked.refused[:20]
        ],
        "refusedCount": len(checked.refused),
        "repairedCount": len(checked.repaired),
    }


def _check_brackets(body: bytes, label: str) -> None:
    """Refuse GeoJSON of far too many corners before a parser spends seconds on it.

    Each corner is an array of its own; twice as many as we take leaves room for all other ones.
    """
    if (
        body[:64].lstrip(b" \r\n\t\xef\xbb\xbf")[:1] == b"{"
        and (found := body.count(b"[")) > 2 * MOST_CORNERS
    ):
        raise VectorsTooLarge(name=label, value=f"{found} points", most=f"{MOST_CORNERS} points")


def _is_table(body: bytes) -> bool:
    """Whether it can only be a table: no known beginning, and text."""
    head = body[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    known = (b"{", b"<", b"PK\x03\x04", b"SQLite format 3\0", b"fgb", b"PAR1", b"\0\0\x27\x0a")
    return bool(head) and not head.startswith(known) and b"\0" not in head


def _read_table(body: bytes, label: str) -> tuple[Checked, str]:
    import shapely

    table = read_places_table(body, label, MOST_ROWS)
    shapes = [
        (None, NO_NUMBERS if point is None else shapely.Point(*point), called)
        for called, point in zip(table.names, table.points, strict=True)
    ]
    return check_shapes(shapes, table.crs), table.crs


def _read_map(body: bytes, label: str) -> tuple[Checked, str]:
    from landzicht.formats.vectors import read_vectors
    from landzicht.portal.parcels.areas import check_table

    with tempfile.TemporaryDirectory(prefix="landzicht-own-") as folder:
        path = Path(folder, "areas")
        path.write_bytes(body)
        try:
            found = read_vectors(path, most=MOST_ROWS, seconds=SECONDS)
        except UnreadableVectors as error:
            raise UnreadableVectors(name=label, reason=error.facts["reason"]) from error
        except VectorsTooLarge as error:
            raise VectorsTooLarge(**{**error.facts, "name": label}) from error
    return check_table(found.table, found.names(None), found.crs)[0], found.crs


def _to_degrees(shapes: Any, crs: str) -> Any:  # noqa: ANN401 - shapely geometries
    """Return shapes in degrees, with seven decimals: a centimetre."""
    import shapely

    if crs == WGS84:
        return shapely.transform(shapes, lambda xy: np.round(xy, 7))
    forth = transformer(crs, WGS84)
    return shapely.transform(
        shapes, lambda xy: np.round(np.column_stack(forth.transform(xy[:, 0], xy[:, 1])), 7)
    )
