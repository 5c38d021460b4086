"""What makes a source this source: its bytes, and how we were told to read them."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from landzicht.errors import reasons
from landzicht.errors.disk import read_reason
from landzicht.errors.files import UnreadableFile
from landzicht.ingest.link import digest_of_link
from landzicht.ingest.paths import is_zarr, open_file
from landzicht.ingest.zarr import digest_of_store, edition_of, size_of
from landzicht.kinds import format_instant, is_remote, mask_beside
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from landzicht.ingest.draft import Draft
    from landzicht.kinds import Band

    Tell = Callable[[int, int], None]

_FORMAT = 1
"""Raised when the same source would be read differently by a newer Landzicht."""

LARGE_BYTES = 2**28
"""Size of a file from which on is told how far reading it is."""
_PIECE = 2**24
_MB = 1_000_000
_UNREADABLE = Text(nl="Lezen lukt niet: {reason}.", en="It cannot be read: {reason}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Identity of a draft's source."""

    source: str
    """SHA-256 of bytes and parameters; what the catalogue knows a scene by."""
    content: str
    """SHA-256 of the bytes alone."""
    size: int
    """Bytes of all files on this computer together."""
    files: Mapping[Path, str] = field(default_factory=dict)
    """SHA-256 of each of these."""


class Digests:
    """SHA-256 of files, computed once in a run: a cube of many dates is one file."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int], str] = {}

    def of(self, path: Path, tell: Tell | None = None) -> str:
        """Return the SHA-256 of a file, hexadecimal.

        Args:
            path: the file.
            tell: called with `(megabytes read, in all)` while a large one is read.

        Raises:
            UnreadableFile: it cannot be read.
        """
        try:
            key = (str(path), *edition_of(path))
        except OSError as error:
            raise UnreadableFile(path=path, reason=reasons.NO_FILE) from error
        if key not in self._known:
            self._known[key] = digest_of(path, tell)
        return self._known[key]


def identify(
    draft: Draft,
    digests_of_run: Digests,
    tell: Tell | None = None,
    tell_large: Tell | None = None,
) -> Identity:
    """Read all files of a draft and return its identity.

    Names and places of files do not count, nor what we made up from them: a copy under another
    name is the same source. What the numbers mean, the moment and a chosen collection do.

    Args:
        draft: with at least one asset.
        digests_of_run: what was read before.
        tell: called with `(files done, files in all)`.
        tell_large: called with `(megabytes read, in all)` while a large file is read.

    Raises:
        UnreadableFile: a file cannot be read.
    """
    far = {
        asset.info.path: asset.link
        for asset in draft.assets
        if asset.link is not None and is_remote(asset.link.href)
    }
    masks = [mask_beside(asset.info) for asset in draft.assets if asset.info.mask == "external"]
    named = dict.fromkeys([asset.info.path for asset in draft.assets] + masks + [*draft.papers])
    paths = [path for path in named if path not in far]
    digests: dict[Path, str] = {path: digest_of_link(link) for path, link in far.items()}
    for number, path in enumerate(paths):
        digests[path] = digests_of_run.of(path, tell_large)
        if tell:
            tell(number + 1, len(paths))
    parameters = {
        "format": _FORMAT,
        "collection": draft.collection.id if draft.own_collection else None,
        "moment": format_instant(draft.moment) if draft.moment else None,
        "end": format_instant(draft.end) if draft.end else None,
        "simulated": draft.simulated,
        "papers": sorted(digests[path] for path in draft.papers),
        "assets": sorted(
            [
                asset.key if draft.own_names else "",
                digests[asset.info.path],
                asset.info.subdataset or "",
                asset.index,
                _meaning(asset.band, named=draft.own_names),
            ]
            for asset in draft.assets
        ),
    }
    if masks:
        parameters["masks"] = sorted({digests[path] for path in masks})
    content = hashlib.sha256("".join(sorted(set(digests.values()))).encode()).hexdigest()
    text = json.dumps(parameters, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return Identity(
        source=hashlib.sha256(text.encode()).hexdigest(),
        content=content,
        size=sum(size_of(path) for path in paths),
        files={path: digests[path] for path in paths},
    )


def digest_of(path: Path, tell: Tell | None = None) -> str:
    """Return the SHA-256 of a file, or of a Zarr store, hexadecimal.

    Args:
        path: the file.
        tell: called with `(megabytes read, in all)` while a large one is read.

    Raises:
        UnreadableFile: it cannot be read.
    """
    try:
        if is_zarr(path):
            return digest_of_store(path)
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            if tell is None or size < LARGE_BYTES:
                return hashlib.file_digest(file, "sha256").hexdigest()
            digest, done = hashlib.sha256(), 0
            while piece := file.read(_PIECE):
                digest.update(piece)
                done += len(piece)
                tell(done // _MB, size // _MB)
            return digest.hexdigest()
    except OSError as error:
        reason = _UNREADABLE.fill(reason=read_reason(error))
        raise UnreadableFile(path=path, reason=reason) from error


def _meaning(band: Band, *, named: bool) -> dict[str, Any]:
    """What of a band changes numbers or pictures; titles do not."""
    plain = {each.name: getattr(band, each.name) for each in fields(band)}
    for name in ("title", "common_name", "wavelength_um", "colours"):
        plain.pop(name)
    if not named:
        plain.pop("name")
    return {name: str(value) for name, value in plain.items()}
