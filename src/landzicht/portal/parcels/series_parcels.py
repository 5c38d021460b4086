"""Parcels from a file: of the command line, or sent over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from landzicht.errors.series import NoParcels
from landzicht.series.check import check_shapes, name_column, shapes_of_wkb
from landzicht.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from landzicht.series.check import Checked

_EMPTY = Text(nl="er staat niets in", en="it is empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFile:
    """A file with parcels, and how to read it."""

    path: Path
    """GeoPackage, FlatGeobuf, GeoParquet, shapefile in a zip, GeoJSON, KML or GML."""
    layer: str | None = None
    """Layer of the file; None = the first."""
    name: str | None = None
    """Column with the names of the parcels."""
    crs: str | None = None
    """System of a file that does not tell its own."""


def read_parcel_file(file: ParcelFile) -> Checked:
    """Read and check the parcels of a file, in a child process.

    Raises:
        UnreadableVectors: the file cannot be read.
        VectorsTooLarge: it has more than we read.
        NoParcels: there is nothing in it.
    """
    from landzicht.formats.vectors import read_vectors

    found = read_vectors(file.path, layer=file.layer, name=file.name, crs=file.crs)
    ids = found.names(file.name)
    called = name_column(found.table.column_names)
    names = found.names(called) if called else [None] * len(ids)
    shapes = shapes_of_wkb(found.table["geometry"])
    return some_of(check_shapes(zip(ids, shapes, names, strict=True), found.crs))


def some_of(checked: Checked) -> Checked:
    """Return parcels when there is anything to say of them.

    Raises:
        NoParcels: nothing was sent at all.
    """
    if not len(checked.parcels) and not checked.refused:
        raise NoParcels(count=0, row=0, reason=_EMPTY)
    return checked
