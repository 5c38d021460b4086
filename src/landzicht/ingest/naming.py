"""From file names to ids, band names and what is left of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DATE = re.compile(
    r"(?<!\d)\d{4}([-_.]?)\d{2}\1\d{2}([T_ -]?\d{2}([:_-]?)\d{2}(\3\d{2})?(\.\d+)?Z?)?(?!\d)"
)
_TOKENS = (
    "B0[1-9]|B1[0-2]|B8A|B[1-9]|SCL|VV|VH|HH|HV|red|green|blue|nir|nir08|swir|swir1|swir2|"
    "swir16|swir22|rededge|rededge1|rededge2|rededge3|coastal|cirrus|pan|QA_PIXEL"
)
_BAND = re.compile(rf"(?:^|(?<=[_\-. ]))(?:{_TOKENS})(?=$|[_\-. ])", re.IGNORECASE)
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9._-]+")
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class NameParts:
    """A file name taken apart."""

    band: str | None
    """Band that the name tells (`B04`, `red`), as it is written there."""
    rest: str
    """What is left without date and band: what the files of one delivery share."""


def name_parts(stem: str) -> NameParts:
    """Take a file name without its ending apart."""
    rest = _DATE.sub(" ", stem)
    found = _BAND.search(rest)
    if found:
        rest = rest[: found.start()] + " " + rest[found.end() :]
    return NameParts(found[0] if found else None, _tidy(rest))


def scene_id(text: str) -> str:
    """Return `text` as the id of a scene."""
    return _NOT_IN_ID.sub("-", text).strip("-. ")[:180] or "scene"


def collection_id(text: str) -> str:
    """Return `text` as the id of a collection: small letters, words joined by `-`."""
    return _NOT_IN_ID.sub("-", text.lower()).strip("-._ ")[:100] or "images"


def band_name(text: str) -> str:
    """Return `text` as a name that can stand in a formula."""
    name = _NOT_IN_NAME.sub("_", text).strip("_")[:64]
    return f"b_{name}" if name[:1].isdigit() or not name else name


def _tidy(text: str) -> str:
    return re.sub(r"[\s_\-.]+", "-", text).strip("-")
