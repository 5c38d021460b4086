"""Parameters of TiTiler that mean something else here, or nothing.

A parameter that nobody knows is passed over, as web servers do. One that TiTiler's users know and
that would silently give another picture is refused with what to write instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.errors.catalogue import BadQuery
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWN = Text(
    nl="dit portaal toont zijn eigen verzamelingen; de naam staat in het adres",
    en="this portal shows its own collections; the name stands in the address",
)
_BAND = Text(
    nl="elke band is hier een eigen asset: schrijf assets=B04,B03,B02",
    en="every band is an asset of its own here: write assets=B04,B03,B02",
)
_HOLES = Text(
    nl="gaten zonder masker zijn niet van nullen te onderscheiden; laat dit weg",
    en="holes without a mask cannot be told from zeros; leave this out",
)
REFUSED: dict[str, Text] = {
    "url": _OWN,
    "items": Text(nl="schrijf ids=", en="write ids="),
    "bidx": _BAND,
    "asset_bidx": _BAND,
    "asset_expression": Text(nl="schrijf expression=", en="write expression="),
    "nodata": Text(
        nl="wat “geen waarneming” betekent staat bij de band; laat dit weg",
        en="what means “no observation” belongs to the band; leave this out",
    ),
    "reproject": Text(nl="schrijf resampling=", en="write resampling="),
    "subdataset_name": _OWN,
    "sel": _OWN,
    "bands": _BAND,
    "indexes": _BAND,
    "asset_indexes": _BAND,
    "variable": _BAND,
    "group": _OWN,
    "resampling_method": Text(nl="schrijf resampling=", en="write resampling="),
    "tile_scale": Text(nl="schrijf tilesize=512", en="write tilesize=512"),
    "ccrs": Text(nl="schrijf coord_crs=", en="write coord_crs="),
}
"""Name → what to do instead."""
_ITEMS = Text(
    nl="/stac/collections/{collection}/items (bands, grenzen, statistiek per bestand)",
    en="/stac/collections/{collection}/items (bands, bounds, statistics of each file)",
)
_NUMBERS = Text(
    nl="/api/v1/series (getallen per gebied en datum), of /stac/collections/{collection}/items "
    "(per bestand)",
    en="/api/v1/series (numbers by area and date), or /stac/collections/{collection}/items "
    "(by file)",
)
_TILES = Text(
    nl="/tiles/{collection}/WebMercatorQuad/tilejson.json of /tiles/tileMatrixSets",
    en="/tiles/{collection}/WebMercatorQuad/tilejson.json or /tiles/tileMatrixSets",
)
_PAGE = Text(nl="de kaart op /", en="the map at /")
ELSEWHERE: dict[str, Text] = {
    "info": _ITEMS,
    "info.geojson": _ITEMS,
    "bounds": _ITEMS,
    "assets": _ITEMS,
    "validate": _ITEMS,
    "statistics": _NUMBERS,
    "asset_statistics": _NUMBERS,
    "tiles": _TILES,
    "tilejson.json": _TILES,
    "WMTSCapabilities.xml": _TILES,
    "map": _PAGE,
    "map.html": _PAGE,
    "WebMercatorQuad/map.html": _PAGE,
    "WebMercatorQuad/WMTSCapabilities.xml": _TILES,
}
"""Addresses of TiTiler after the collection → where that is here."""
_ONLY: dict[str, tuple[frozenset[str], Text]] = {
    "return_mask": (frozenset({"true", "1"}), _HOLES),
    "asset_as_band": (frozenset({"true", "1"}), _BAND),
}
"""Name → values that change nothing, and what to do instead of others."""
ALGORITHMS_ELSEWHERE = Text(
    nl="kies hillshade of slope; ndvi en andere indexen met index=, de hoogten zelf met .npy of "
    ".bands",
    en="choose hillshade or slope; ndvi and other indices by index=, heights as such by .npy or "
    ".bands",
)
"""What to do instead of TiTiler's other algorithms."""


def check(query: Mapping[str, str]) -> None:
    """Refuse what would silently mean something else here.

    Raises:
        BadQuery: a parameter of TiTiler that this portal does not have.
    """
    for name in query:  # an address has few parameters, these tables have many
        if not query[name]:
            continue
        if name in REFUSED:
            raise BadQuery(name=name, reason=REFUSED[name])
        if name in _ONLY:
            values, reason = _ONLY[name]
            if query[name].lower() not in values:
                raise BadQuery(name=name, reason=reason)
