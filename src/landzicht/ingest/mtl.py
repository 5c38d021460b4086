"""Landsat's MTL text: groups of `NAME = value` (USGS LSDS-1415 and LSDS-1619, Collection 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.errors.disk import read_reason
from landzicht.errors.ingest import BadMetadata
from landzicht.ingest.paths import open_file
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_BYTES = 2**20
"""Real ones have about 16 kB."""


def read_mtl(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Return group → name → value; values as written, without quotes.

    Raises:
        BadMetadata: not an MTL file.
    """
    try:
        with open_file(path) as file:
            content = file.read(MAX_BYTES)
    except OSError as error:
        raise BadMetadata(path=path, reason=_UNREADABLE.fill(reason=read_reason(error))) from error
    try:
        return parse_mtl(content.decode("utf-8", errors="replace"))
    except ValueError as error:
        raise BadMetadata(path=path, reason=_REASON.fill(line=str(error))) from error


def parse_mtl(text: str) -> dict[str, dict[str, str]]:
    """Return group → name → value of MTL text; nested groups stand beside each other.

    Names repeat between groups (`REFLECTANCE_MULT_BAND_1` of level 1 and level 2), so a value is
    only meaningful with its group.

    Raises:
        ValueError: a line is not `NAME = value`, or groups do not close.
    """
    groups: dict[str, dict[str, str]] = {}
    inside: list[str] = []
    for line in (line.strip() for line in text.splitlines()):
        if line in ("", "END") or "\0" in line:
            continue
        name, sign, value = (part.strip() for part in line.partition("="))
        if not sign or not name:
            raise ValueError(line[:80])
        value = value.strip('"')
        if name == "GROUP":
            inside.append(value)
            groups.setdefault(value, {})
        elif name == "END_GROUP":
            if not inside or inside.pop() != value:
                raise ValueError(line[:80])
        elif not inside:
            raise ValueError(line[:80])
        else:
            groups[inside[-1]][name] = value
    if inside or not groups:
        raise ValueError(inside[-1] if inside else "GROUP")
    return groups


_UNREADABLE = Text(nl="Openen lukt niet: {reason}.", en="It cannot be opened: {reason}.")
_REASON = Text(nl="Deze regel is geen MTL: “{line}”.", en="This line is not MTL: “{line}”.")
