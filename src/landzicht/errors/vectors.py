"""Errors of files with areas."""

from __future__ import annotations

from types import SimpleNamespace

from landzicht.errors.base import Invalid, TooLarge
from landzicht.text import Text

reasons = SimpleNamespace(
    EMPTY=Text(nl="het is leeg", en="it is empty"),
    UNKNOWN=Text(
        nl="het is geen GeoPackage, FlatGeobuf, GeoParquet, GeoJSON, KML, GML of zip met een "
        "shapefile",
        en="it is no GeoPackage, FlatGeobuf, GeoParquet, GeoJSON, KML, GML or zip with a shapefile",
    ),
    DECLARES=Text(
        nl="de XML verklaart eigen typen of entiteiten (<!DOCTYPE …>), en dat lezen wij niet",
        en="its XML declares types or entities (<!DOCTYPE …>), which we do not read",
    ),
    DAMAGED=Text(nl="het is beschadigd", en="it is damaged"),
    TOO_SLOW=Text(nl="het lezen duurt te lang", en="reading takes too long"),
    NOTHING=Text(nl="er staan geen vlakken of punten in", en="it holds no areas or points"),
    NO_CRS=Text(
        nl="het zegt niet in welk coördinatenstelsel het is", en="it does not tell its system"
    ),
    NO_LAYER=Text(nl="die laag staat er niet in", en="it has no such layer"),
    NO_COLUMN=Text(nl="die kolom staat er niet in", en="it has no such column"),
    ZIP_PATHS=Text(
        nl="de zip heeft paden of koppelingen die wij niet uitpakken",
        en="the zip has paths or links that we do not unpack",
    ),
    ZIP_NOTHING=Text(
        nl="in de zip zit niet precies één kaartbestand",
        en="the zip holds not exactly one map file",
    ),
    ZIP_SEVERAL=Text(
        nl="in de zip zitten meer kaarten; kies als laag een van: {names}",
        en="the zip holds several maps; choose as the layer one of: {names}",
    ),
    SHAPEFILE_ALONE=Text(
        nl="een shapefile is meer dan één bestand: stuur .shp, .shx, .dbf en .prj samen in een zip",
        en="a shapefile is more than one file: send .shp, .shx, .dbf and .prj together in a zip",
    ),
    NO_COORDINATES=Text(
        nl="het is geen kaart, en geen tabel met kolommen lat en lon (of x en y)",
        en="it is no map, and no table with columns lat and lon (or x and y)",
    ),
    ZIP_LOCKED=Text(nl="de zip heeft een wachtwoord", en="the zip has a password"),
)
"""Why a file cannot be read, as the end of a sentence."""


class UnreadableVectors(Invalid):
    """A file with areas that cannot be read."""

    code = "unreadable-areas"
    what = Text(
        nl="Uit {name} kunnen wij geen gebieden lezen: {reason}.",
        en="We cannot read areas from {name}: {reason}.",
    )
    todo = Text(
        nl="Sla het op als GeoPackage of GeoJSON, bijvoorbeeld met QGIS, en probeer het opnieuw.",
        en="Save it as GeoPackage or GeoJSON, with QGIS for example, and try again.",
    )


class VectorsTooLarge(TooLarge):
    """A file with areas that is larger than we read."""

    code = "areas-too-large"
    what = Text(
        nl="{name} is te groot: {value}, en wij lezen hoogstens {most}.",
        en="{name} is too large: {value}, and we read at most {most}.",
    )
    todo = Text(
        nl="Deel het op, of lees het op de computer zelf in met `landzicht areas add`.",
        en="Divide it, or read it in on the computer itself with `landzicht areas add`.",
    )
