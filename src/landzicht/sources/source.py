"""One source that is followed: where it is, and what is wanted of it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
"""What a source may be called; it is the name of its folder as well."""


class Kind(StrEnum):
    """What a source is."""

    STAC = "stac"
    """A STAC API."""
    FOLDER = "folder"
    """A folder of this computer."""


class Mode(StrEnum):
    """What is done with an image."""

    LINK = "link"
    """Registered; its files stay where they are."""
    MIRROR = "mirror"
    """Its files are copied and become our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source as somebody asked for it. Holds no secrets: it is shown and kept as plain JSON."""

    id: str
    """Name in lists and addresses."""
    kind: Kind
    """What it is."""
    place: str
    """Address of the API, or path of the folder."""
    collection: str = ""
    """Id of the collection there; for a folder: the one to put everything in, or empty."""
    into: str = ""
    """Id of the collection here; empty = as the profile or the source calls it."""
    mode: Mode = Mode.MIRROR
    """What is done with an image."""
    profile: str = ""
    """Profile that tells what its numbers mean; empty = as its items tell."""
    area: dict[str, Any] | None = None
    """GeoJSON geometry in degrees; None = everywhere."""
    area_name: str = ""
    """What the user called the area."""
    only_area: bool = False
    """Whether only the blocks inside the area are copied."""
    cloud: float | None = None
    """Most cloud cover in percent; None = any."""
    since: str = ""
    """First day that counts, `2025-06-08`; empty = as the kind of source has it."""
    every_s: float = 900.0
    """Seconds between looks."""
    bandwidth_mbs: float = 0.0
    """Most megabytes a second; 0 = as fast as it goes."""
    by_hand: bool = False
    """Whether it is only followed when somebody asks (`--once`)."""
    paused: bool = False
    """Whether it waits until somebody lets it go on."""
    extra: dict[str, Any] | None = None
    """Further wishes of one kind of source, as plain values."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def read_source(told: object) -> Source | None:
    """Return the source that plain values describe, or None when they describe none."""
    if not isinstance(told, dict):
        return None
    known = {each.name for each in fields(Source)}
    values = {name: value for name, value in told.items() if name in known}
    try:
        values["kind"], values["mode"] = Kind(values["kind"]), Mode(values["mode"])
        source = Source(**values)
    except (KeyError, TypeError, ValueError):
        return None
    return source if isinstance(source.id, str) and NAME.fullmatch(source.id) else None


def name_of(place: str, collection: str, *further: object) -> str:
    """Return a name for a source: readable, and another one for other wishes.

    Args:
        place: address or path.
        collection: what is followed there.
        further: what else makes it another source, such as its area.
    """
    words = re.sub(r"^[a-z0-9]+://", "", place.lower()) + "-" + collection.lower()
    plain = re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:60].strip("-")
    text = repr((place, collection, *further))
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
