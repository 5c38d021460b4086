"""Tables of places as text: a CSV file with one place a line, in degrees or in Dutch RD metres."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landzicht.errors.vectors import UnreadableVectors, VectorsTooLarge, reasons
from landzicht.grid.crs import WGS84

if TYPE_CHECKING:
    from collections.abc import Sequence

RD = "EPSG:28992"
MOST_BYTES = 20_000_000
"""Longest table."""
_DELIMITERS = ";\t|,"
_DEGREES = (
    ("lon", "lng", "long", "longitude", "lengtegraad"),
    ("lat", "latitude", "breedtegraad"),
)
_METRES = (("rd_x", "rdx", "x_rd", "rd x", "x rd"), ("rd_y", "rdy", "y_rd", "rd y", "y rd"))
_EITHER = (
    ("x", "xcoord", "x_coord", "x-coord", "xcoordinaat", "x-coordinaat", "x-coördinaat"),
    ("y", "ycoord", "y_coord", "y-coord", "ycoordinaat", "y-coordinaat", "y-coördinaat"),
)
_NAMES = ("name", "naam", "titel", "title", "site", "locatie", "location", "plaats", "adres", "id")
_HALF_TURN = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesTable:
    """What a table of places holds."""

    crs: str
    """System of the coordinates, x first."""
    names: tuple[str | None, ...]
    """What people call each place; None where the table does not say."""
    points: tuple[tuple[float, float] | None, ...]
    """x and y of each place; None where the line has no numbers."""


def read_places_table(body: bytes, name: str, most: int) -> PlacesTable:
    """Read a table with a head line, as Excel, QGIS or a program writes it.

    The delimiter is what the head line has most of: `;`, tab, `|` or `,`. Numbers may have a
    decimal comma, unless commas divide. Columns `x` and `y` hold degrees when every number fits
    them, and metres of the Dutch RD system otherwise.

    Args:
        body: the file; UTF-8, or else Windows-1252.
        name: of the file, for errors.
        most: most lines.

    Raises:
        UnreadableVectors: not such a table.
        VectorsTooLarge: longer than we read.
    """
    if len(body) > MOST_BYTES:
        limit = f"{MOST_BYTES // 1_000_000} MB"
        raise VectorsTooLarge(name=name, value=f"> {limit}", most=limit)
    rows = _rows(_text(body, name), name, most)
    head = [cell.strip().strip("\ufeff").lower() for cell in rows[0]]
    east, north, crs = _columns(head, name)
    called = next((head.index(each) for each in _NAMES if each in head), None)
    if called is None:
        called = next((at for at in range(len(head)) if at not in (east, north)), None)
    points = tuple(_point(row, east, north) for row in rows[1:])
    if crs is None:
        fits = all(max(abs(x), abs(y)) <= _HALF_TURN for x, y in filter(None, points))
        crs = WGS84 if fits else RD
    names = tuple(_name(row, called) for row in rows[1:])
    return PlacesTable(crs=crs, names=names, points=points)


def _text(body: bytes, name: str) -> str:
    if b"\0" in body[:4096]:
        raise UnreadableVectors(name=name, reason=reasons.UNKNOWN)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def _rows(text: str, name: str, most: int) -> list[list[str]]:
    """Return the lines that are not empty, the head first."""
    head = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    found: list[list[str]] = []
    try:
        for row in csv.reader(text.splitlines(), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                found.append(row)
            if len(found) > most + 1:
                raise VectorsTooLarge(name=name, value=f"> {most} rows", most=f"{most} rows")
    except csv.Error as error:
        raise UnreadableVectors(name=name, reason=reasons.NO_COORDINATES) from error
    if len(found) < 2:
        raise UnreadableVectors(name=name, reason=reasons.NO_COORDINATES)
    return found


def _columns(head: Sequence[str], name: str) -> tuple[int, int, str | None]:
    """Return where x and y stand, and in which system; None = the numbers must tell."""
    for (easts, norths), crs in ((_DEGREES, WGS84), (_METRES, RD), (_EITHER, None)):
        east = next((at for at, cell in enumerate(head) if cell in easts), None)
        north = next((at for at, cell in enumerate(head) if cell in norths), None)
        if east is not None and north is not None:
            return east, north, crs
    raise UnreadableVectors(name=name, reason=reasons.NO_COORDINATES)


def _point(row: Sequence[str], east: int, north: int) -> tuple[float, float] | None:
    if max(east, north) >= len(row):
        return None
    x, y = _number(row[east]), _number(row[north])
    return None if x is None or y is None else (x, y)


def _number(text: str) -> float | None:
    plain = text.strip().replace("\u00a0", "").replace(" ", "")
    if "," in plain and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _name(row: Sequence[str], called: int | None) -> str | None:
    if called is None or called >= len(row):
        return None
    return row[called].strip()[:200] or None
