"""Well-known spectral indices by name, written over the common names of bands (STAC EO)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landzicht.errors.pixels import IndexNotPossible, UnknownIndex
from landzicht.render.formula import FUNCTIONS
from landzicht.render.further_indices import FURTHER
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landzicht.kinds import Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One index. All need reflectances (0 to 1), not stored numbers."""

    name: str
    """`NDVI`."""
    title: Text
    """What it tells, in plain words."""
    formula: str
    """Over common names: `(nir-red)/(nir+red)`."""
    source: str
    """Who proposed it in this form."""
    range: tuple[float, float] = (-1.0, 1.0)
    """Values shown darkest and lightest, when nothing else is said."""


_OTHERWISE = {"nir": ("nir08",), "rededge": ("rededge071", "rededge075")}
"""Bands that may stand in for one that a collection does not have."""
_WORD = re.compile(r"[a-z]+[0-9]*")

INDICES: dict[str, Index] = {
    each.name: each
    for each in (
        Index(
            name="NDVI",
            title=Text(nl="Groene planten", en="Green plants"),
            formula="(nir-red)/(nir+red)",
            source="Rouse et al. 1974, Monitoring vegetation systems in the Great Plains",
        ),
        Index(
            name="EVI",
            title=Text(nl="Groene planten, ook waar ze dicht staan", en="Green plants, also dense"),
            formula="2.5*(nir-red)/(nir+6*red-7.5*blue+1)",
            source="Huete et al. 2002, doi:10.1016/S0034-4257(02)00096-2",
        ),
        Index(
            name="SAVI",
            title=Text(nl="Groene planten op kale grond", en="Green plants on bare soil"),
            formula="1.5*(nir-red)/(nir+red+0.5)",
            source="Huete 1988, doi:10.1016/0034-4257(88)90106-X",
        ),
        Index(
            name="NDRE",
            title=Text(nl="Bladgroen", en="Chlorophyll"),
            formula="(nir-rededge)/(nir+rededge)",
            source="Gitelson and Merzlyak 1994, doi:10.1016/S0176-1617(11)81633-0",
        ),
        Index(
            name="NDMI",
            title=Text(nl="Vocht in planten", en="Moisture in plants"),
            formula="(nir-swir16)/(nir+swir16)",
            source="Gao 1996, doi:10.1016/S0034-4257(96)00067-3",
        ),
        Index(
            name="NDWI",
            title=Text(nl="Open water", en="Open water"),
            formula="(green-nir)/(green+nir)",
            source="McFeeters 1996, doi:10.1080/01431169608948714",
        ),
        Index(
            name="MNDWI",
            title=Text(nl="Open water, ook in de stad", en="Open water, also in towns"),
            formula="(green-swir16)/(green+swir16)",
            source="Xu 2006, doi:10.1080/01431160600589179",
        ),
        Index(
            name="NDSI",
            title=Text(nl="Sneeuw", en="Snow"),
            formula="(green-swir16)/(green+swir16)",
            source="Hall et al. 1995, doi:10.1016/0034-4257(95)00137-P",
        ),
        Index(
            name="NBR",
            title=Text(nl="Verbrande grond", en="Burnt ground"),
            formula="(nir-swir22)/(nir+swir22)",
            source="García and Caselles 1991, doi:10.1080/10106049109354290",
        ),
        Index(
            name="BSI",
            title=Text(nl="Kale grond", en="Bare soil"),
            formula="((swir16+red)-(nir+blue))/((swir16+red)+(nir+blue))",
            source="Rikimaru et al. 2002, Tropical forest cover density mapping",
        ),
    )
}
INDICES |= {
    name: Index(
        name=name, title=Text(nl=nl, en=en), formula=formula, source=source, range=(low, high)
    )
    for name, nl, en, formula, (low, high), source in FURTHER
}
"""All indices by name."""


def index_formula(name: str, bands: Sequence[Band]) -> str:
    """Return the formula of an index over the asset keys of a collection.

    Raises:
        UnknownIndex: there is none with this name.
        IndexNotPossible: the collection lacks a band that it needs.
    """
    index = INDICES.get(name.upper())
    if index is None:
        raise UnknownIndex(index=name[:40], known=", ".join(INDICES))
    keys: dict[str, str] = {}
    for band in bands:
        if band.common_name:
            keys.setdefault(band.common_name, band.name)
    wanted = [word for word in _WORD.findall(index.formula) if word not in FUNCTIONS]
    found = {word: _key(word, keys) for word in dict.fromkeys(wanted)}
    missing = [word for word, key in found.items() if key is None]
    if missing:
        raise IndexNotPossible(index=index.name, missing=", ".join(missing))
    return _WORD.sub(
        lambda match: f'"{found[match[0]]}"' if match[0] in found else match[0], index.formula
    )


def possible_indices(bands: Sequence[Band]) -> tuple[tuple[Index, str], ...]:
    """Return the indices that these bands allow, each with its formula over their keys."""
    found = []
    for index in INDICES.values():
        try:
            found.append((index, index_formula(index.name, bands)))
        except IndexNotPossible:
            continue
    return tuple(found)


def _key(word: str, keys: dict[str, str]) -> str | None:
    return next((keys[name] for name in (word, *_OTHERWISE.get(word, ())) if name in keys), None)
