"""Registering areas from a file, or from the servers of official open data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.vectors import VectorsTooLarge
from landzicht.formats.features import FeatureSource, read_pages
from landzicht.grid.crs import transformer
from landzicht.portal.parcels.areas import Registering, check_id, check_table, id_of, register
from landzicht.series.check import check_shapes, read_features
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

    from landzicht.grid import Bounds
    from landzicht.portal.parcels.areas import Areas
    from landzicht.portal.settings import Settings

RD = "EPSG:28992"
MOST = 1_000_000
"""Most areas in one set."""
PREFIX = "pdok:"
"""Before the name of official areas."""
_PDOK = "https://api.pdok.nl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """Open data of the Dutch government."""

    title: str
    """What it is."""
    source: FeatureSource
    """Where it is."""
    key: str | None
    """Property to take as id; None = the id that the server gives."""


OFFICIAL = {
    "gemeenten": Official(
        title="Gemeenten (Kadaster, PDOK)",
        source=FeatureSource(
            base=f"{_PDOK}/kadaster/bestuurlijkegebieden/ogc/v1/collections/gemeentegebied", crs=RD
        ),
        key="identificatie",
    ),
    "provincies": Official(
        title="Provincies (Kadaster, PDOK)",
        source=FeatureSource(
            base=f"{_PDOK}/kadaster/bestuurlijkegebieden/ogc/v1/collections/provinciegebied", crs=RD
        ),
        key="identificatie",
    ),
    "waterschappen": Official(
        title="Waterschappen (Het Waterschapshuis, PDOK)",
        source=FeatureSource(
            base=f"{_PDOK}/hwh/waterschappen-administratieve-eenheden/ogc/v1"
            "/collections/administrativeunit",
            crs=RD,
        ),
        key=None,
    ),
    "brp": Official(
        title="Basisregistratie gewaspercelen (RVO, PDOK)",
        source=FeatureSource(base=f"{_PDOK}/rvo/gewaspercelen/ogc/v1/collections/brpgewas", crs=RD),
        key=None,
    ),
}
"""By the name behind `pdok:`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialOrder:
    """Which official areas."""

    name: str
    """One of `OFFICIAL`."""
    id: str | None = None
    """What to call them in addresses; None = as `name`."""
    title: str | None = None
    """What people call them; None = as the official data."""
    box: Bounds | None = None
    """Only areas that meet it, in degrees (WGS84); None = the whole country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreasFile:
    """A file with areas."""

    path: Path
    """The file."""
    id: str | None = None
    """What to call it in addresses; None = after the file."""
    title: str | None = None
    """What people call it; None = the name of the file."""
    layer: str | None = None
    """Layer of the file; None = the first."""
    key: str | None = None
    """Column with the ids; None = one called `id`, else rows are counted."""
    crs: str | None = None
    """System of a file that does not tell its own."""
    simulated: bool = False
    """Whether it is made up."""


def add_file(settings: Settings, order: AreasFile) -> Areas:
    """Register the areas in a file.

    Raises:
        UnreadableVectors: the file cannot be read.
        VectorsTooLarge: it has more than we read.
        NoParcels: nothing in it can be measured.
        BadQuery: not an id.
        DiskFailed: the disk is full or read-only.
    """
    from landzicht.formats.vectors import read_vectors

    name = check_id(order.id) if order.id else id_of(order.path.stem)
    found = read_vectors(order.path, layer=order.layer, name=order.key, crs=order.crs)
    checked, others = check_table(found.table, found.names(order.key), found.crs)
    title = order.title or order.path.stem
    registering = Registering(
        id=name,
        title=title,
        source=order.path.name,
        simulated=order.simulated or _says_simulated(found.table),
    )
    return register(settings, registering, checked, others)


def _says_simulated(table: pa.Table) -> bool:
    """Whether each row says that it is made up, as files of `landzicht world` do."""
    named = "simulated" in table.column_names
    return named and set(table["simulated"].to_pylist()) <= {True}


def add_official(
    settings: Settings,
    order: OfficialOrder,
    progress: Callable[[str, int, int], None] | None = None,
    official: Official | None = None,
) -> Areas:
    """Register official areas; takes internet.

    Args:
        settings: of the portal.
        order: which, where and how to call them.
        progress: is told `(what, done, total)`.
        official: another server with the same data; None = the one that we know.

    Raises:
        BadQuery: there are no such areas, or not an id.
        AreasFailed: the server does not answer as it should.
        VectorsTooLarge: it has more than we read.
        NoParcels: there are none in the box.
        DiskFailed: the disk is full or read-only.
    """
    import pyarrow as pa

    name = order.name
    if name not in OFFICIAL:
        known = " ".join(f"{PREFIX}{each}" for each in OFFICIAL)
        reason = Text(nl=f"kies uit {known}", en=f"choose one of {known}")
        raise BadQuery(name="areas", reason=reason)
    called = check_id(order.id or name)
    chosen = official or OFFICIAL[name]
    shapes: list[tuple[Any, ...]] = []
    rows: list[dict[str, Any]] = []
    crs = ""
    for features, its_crs in read_pages(chosen.source, MOST + 1, progress, order.box):
        crs = crs or its_crs
        page = {"type": "FeatureCollection", "features": features}
        found = read_features(page, chosen.key)
        shapes += found if its_crs == crs else [_moved(each, its_crs, crs) for each in found]
        rows += [_plain(feature) for feature in features]
    if len(shapes) > MOST:
        raise VectorsTooLarge(name=name, value=f"> {MOST} rows", most=f"{MOST} rows")
    checked = check_shapes(shapes, crs or RD)
    title = order.title or chosen.title
    registering = Registering(id=called, title=title, source=chosen.source.base)
    columns = sorted({key for row in rows for key in row})
    table = pa.table(
        {key: pa.array([row.get(key) for row in rows], pa.string()) for key in columns}
    )
    if not columns:
        table = pa.table({"row": pa.array(range(len(rows)))})
    return register(settings, registering, checked, table)


def _moved(told: tuple[Any, ...], source: str, target: str) -> tuple[Any, ...]:
    """Return an area of a page that came in another system than the first page."""
    import numpy as np
    import shapely

    name, shape, *more = told
    if isinstance(shape, Text):
        return told
    forth = transformer(source, target)
    moved = shapely.transform(
        shapely.force_2d(shape), lambda xy: np.column_stack(forth.transform(xy[:, 0], xy[:, 1]))
    )
    return (name, moved, *more)


def _plain(feature: object) -> dict[str, str]:
    """Return the plain properties of a feature as text."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        return {}
    return {
        str(key): str(value)[:1_000]
        for key, value in list(properties.items())[:50]
        if isinstance(value, (str, int, float))
    }
