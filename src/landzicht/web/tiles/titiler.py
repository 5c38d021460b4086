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
    "ccrs": Text(nl="schrijf coord_crs=", en="write coord_crs="),
}
"""Name → what to do instead."""
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
        if name in REFUSED:
            raise BadQuery(name=name, reason=REFUSED[name])
        if name in _ONLY:
            values, reason = _ONLY[name]
            if query[name].lower() not in values:
                raise BadQuery(name=name, reason=reason)
