"""Profiles: what is known of a STAC API before it is asked (TOML files in `profiles`).

An API tells where files are; what their numbers mean it tells badly, or wrongly. A profile tells
it once, checked against real answers; what nobody has checked it names under `unverified`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from landzicht.errors.sources import BadSource
from landzicht.formats.remote import KeyKind, KeyNames
from landzicht.ingest.landsat_collection import OLI, landsat_collection, qa_band
from landzicht.ingest.recipe import RecipeMistakes, described_collection
from landzicht.ingest.sentinel2_collection import sentinel2_collection
from landzicht.kinds import Band
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.kinds import Collection, Layer

REVISIT = "landzicht:revisit_days"
_NAMES = re.compile(r"[A-Za-z_]\w*")
_SURFACE = {"scale": 2.75e-05, "offset": -0.2, "unit": "1"}
_HEAT = {"scale": 0.00341802, "offset": 149.0, "unit": "K"}
"""Scaling of Landsat Collection 2 level 2 (LSDS-1619, table 6-1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the files of a source ask of whoever fetches them."""

    keys: KeyNames = field(default_factory=KeyNames)
    """Names of the keys."""
    endpoint: str = ""
    """Its S3 store, when that is not Amazon's."""
    region: str = ""
    """Region of the store; empty, with `endpoint`, = a store that only the settings know."""
    payer: bool = False
    """Whether whoever reads pays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """What a collection of an API becomes here."""

    id: str
    """Its name there."""
    collection: Collection
    """As it will be here."""
    assets: Mapping[str, tuple[str, ...]]
    """Our band → names that its asset may have there, the best first."""
    offset: str = ""
    """`sentinel-2`: the offset of each image is worked out from its baseline."""
    observation: tuple[str, ...] = ()
    """Properties that are equal for two versions of one image; `day` stands for its date."""
    without: re.Pattern[str] | None = None
    """Cut out of these properties first: the version itself."""
    alternate: str = ""
    """Which of the alternate addresses of an asset is used; empty = the first."""
    access: Access | None = None
    """What its files ask for, where that is not what those of the profile do."""
    without_keys: Text | None = None
    """Why it cannot be followed by whoever has no keys for it, and what to do instead."""
    refused: Text | None = None
    """Why it cannot be followed."""
    unverified: tuple[str, ...] = ()
    """What nobody has checked against real answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known of an API."""

    id: str
    title: Text
    addresses: tuple[str, ...]
    """Where it is; empty = whoever follows it knows."""
    hosts: tuple[str, ...] = ()
    """Computers that its files are on, as in the setting `remote_hosts`."""
    access: Access = field(default_factory=Access)
    """What its files ask for."""
    themes: Mapping[str, Theme] = field(default_factory=dict)
    """Its collections, by the name that they have there."""
    unverified: tuple[str, ...] = ()
    """What nobody has checked."""

    def access_to(self, collection: str) -> Access:
        """Return what the files of a collection ask for."""
        theme = self.themes.get(collection)
        return self.access if theme is None or theme.access is None else theme.access


def profiles() -> tuple[Profile, ...]:
    """Return the profiles of the package, by name."""
    return tuple(one for _, one in sorted(_all().items()))


def profile_named(id: str) -> Profile:
    """Return a profile by its name.

    Raises:
        BadSource: there is none.
    """
    found = _all().get(id)
    if found is None:
        known = ", ".join(sorted(_all()))
        raise BadSource(reason=_UNKNOWN.fill(profile=id[:80], known=known))
    return found


def profile_at(address: str) -> Profile | None:
    """Return the profile of an API, or None when we know nothing of it."""
    plain = address.rstrip("/")
    for one in _all().values():
        if plain in one.addresses:
            return one
    return None


def read_profile(text: str) -> Profile:
    """Read the text of a profile.

    Raises:
        BadSource: it is not TOML, or says something that a profile cannot.
    """
    try:
        told = tomllib.loads(text)
        return _profile(told)
    except RecipeMistakes as error:
        raise BadSource(reason=error.text) from error
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        reason = _BAD.fill(detail=f"{type(error).__name__}: {error}"[:200])
        raise BadSource(reason=reason) from error


@cache
def _all() -> dict[str, Profile]:
    """Read the profiles of the package once; they do not change while it runs."""
    folder = files("landzicht.sources") / "profiles"
    texts = (one.read_text("utf-8") for one in folder.iterdir() if one.name.endswith(".toml"))
    return {one.id: one for one in map(read_profile, texts)}


def _profile(told: Mapping[str, Any]) -> Profile:
    access = _access(told, Access())
    return Profile(
        id=told["id"],
        title=Text(nl=told["title"]["nl"], en=told["title"]["en"]),
        addresses=tuple(one.rstrip("/") for one in told.get("addresses", ())),
        hosts=tuple(told.get("hosts", ())),
        access=access,
        themes={
            name: replace(
                _theme(name, theme, told["id"]),
                access=_access(theme, access) if {"key", "s3"} & theme.keys() else None,
            )
            for name, theme in told.get("collections", {}).items()
        },
        unverified=tuple(told.get("unverified", ())),
    )


def _access(told: Mapping[str, Any], known: Access) -> Access:
    """Return what the tables `key` and `s3` say; one that is not there leaves what is known."""
    made = known
    if "key" in told:
        key = told["key"]
        keys = KeyNames(
            kind=KeyKind(key.get("kind", "none")),
            user=key.get("user", ""),
            secret=key.get("secret", ""),
            token=key.get("token", ""),
            service=key.get("service", ""),
            hosts=tuple(key.get("hosts", ())),
            signing=key.get("signing", ""),
        )
        made = replace(made, keys=keys)
    if "s3" in told:
        s3 = told["s3"]
        made = replace(
            made,
            endpoint=s3.get("endpoint", ""),
            region=s3.get("region", ""),
            payer=bool(s3.get("requester_pays")),
        )
    return made


def _theme(name: str, told: Mapping[str, Any], profile: str) -> Theme:
    collection = _collection(name, told)
    days = told.get("cycle_days")
    if days is not None:
        collection = replace(collection, extra={**collection.extra, REVISIT: int(days)})
    assets = {ours: tuple(theirs) for ours, theirs in told.get("assets", {}).items()}
    known = {band.name for band in collection.bands}
    if odd := sorted(assets.keys() - known):
        raise BadSource(reason=_ODD_BANDS.fill(profile=profile, bands=", ".join(odd)))
    bands = tuple(band for band in collection.bands if band.name in assets)
    pattern = told.get("without")
    return Theme(
        id=name,
        collection=replace(collection, bands=bands, layers=_possible(collection.layers, assets)),
        assets=assets,
        offset=told.get("offset", ""),
        observation=tuple(told.get("observation", ())),
        without=re.compile(pattern) if pattern else None,
        alternate=told.get("alternate", ""),
        without_keys=_text(told.get("without_keys")),
        refused=_text(told.get("refused")),
        unverified=tuple(told.get("unverified", ())),
    )


def _text(told: Mapping[str, str] | None) -> Text | None:
    return Text(nl=told["nl"], en=told["en"]) if told else None


def _possible(layers: tuple[Layer, ...], bands: Mapping[str, object]) -> tuple[Layer, ...]:
    """Return the layers that these bands are enough for."""
    return tuple(
        layer
        for layer in layers
        if all(key in bands for key in (*layer.assets, *_NAMES.findall(layer.expression or "")))
    )


def _collection(name: str, told: Mapping[str, Any]) -> Collection:
    """Return the collection of a theme: one that we know, or as the profile describes it."""
    into = told.get("into") or name
    like = told.get("like")
    if like == "sentinel-2-l2a":
        return replace(sentinel2_collection("L2A"), id=into)
    if like == "landsat-c2-l2":
        return replace(landsat_collection("L2"), id=into, bands=_landsat_bands())
    if like is not None:
        raise ValueError(f"like = {like}")
    described = {"collection": {"id": into, **told.get("collection", {})}}
    for table in ("bands", "layers", "mask"):
        if table in told:
            described[table] = told[table]
    return described_collection(described)


def _landsat_bands() -> tuple[Band, ...]:
    """Return the bands of Landsat 8 and 9 at level 2, as USGS scales them."""
    bands = []
    for number in ("1", "2", "3", "4", "5", "6", "7", "ST_B10"):
        key, centre = OLI[number]
        heat = number == "ST_B10"
        fields: dict[str, Any] = _HEAT if heat else _SURFACE
        title = "ST_B10" if heat else f"SR_B{number}"
        band = Band(name=key, dtype="uint16", nodata=0, title=title, **fields)
        bands.append(replace(band, common_name=key, wavelength_um=centre))
    return (*bands, qa_band())


_UNKNOWN = Text(
    nl="er is geen profiel “{profile}”; wel: {known}",
    en="there is no profile “{profile}”; there are: {known}",
)
_BAD = Text(nl="het profiel klopt niet ({detail})", en="the profile is wrong ({detail})")
_ODD_BANDS = Text(
    nl="het profiel {profile} noemt banden die het niet beschrijft: {bands}",
    en="the profile {profile} names bands that it does not describe: {bands}",
)
