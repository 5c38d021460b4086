"""The sources that a portal follows: a folder for each, below `sources/` in the data folder."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.errors.sources import SourceAtWork, UnknownSource
from landzicht.sources.source import NAME, Source, read_source
from landzicht.sources.state import is_worked_on, replace_file

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "sources"
_FILE = "source.json"


def folder_of(data: Path, id: str) -> Path:
    """Return the folder of a source; it need not be there.

    Raises:
        UnknownSource: the name cannot be one.
    """
    if not NAME.fullmatch(id):
        raise UnknownSource(source=id[:80])
    return data / FOLDER / id


def list_sources(data: Path) -> tuple[Source, ...]:
    """Return the sources that are followed, by name."""
    folder = data / FOLDER
    if not folder.is_dir():
        return ()
    found = (_read(path) for path in sorted(folder.iterdir()))
    return tuple(source for source in found if source is not None)


def one_source(data: Path, id: str) -> Source:
    """Return one source.

    Raises:
        UnknownSource: there is none of this name.
    """
    source = _read(folder_of(data, id))
    if source is None:
        raise UnknownSource(source=id)
    return source


def keep_source(data: Path, source: Source) -> None:
    """Keep a source, or replace what is said of it; what came of its images stays.

    Raises:
        DiskFailed: the disk does not let us.
    """
    path = folder_of(data, source.id) / _FILE
    try:
        replace_file(path, orjson.dumps(source.as_dict(), option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise DiskFailed(path=path, reason=disk_reason(error)) from error


def pause_source(data: Path, id: str, *, paused: bool) -> Source:
    """Let a source wait, or go on.

    Raises:
        UnknownSource: there is none of this name.
    """
    source = replace(one_source(data, id), paused=paused)
    if not paused:
        source = replace(source, by_hand=False)
    keep_source(data, source)
    return source


def remove_source(data: Path, id: str) -> Source:
    """Stop following a source and forget what came of its images; the images stay.

    Raises:
        UnknownSource: there is none of this name.
        SourceAtWork: somebody is working on it.
        DiskFailed: the disk does not let us.
    """
    source, folder = one_source(data, id), folder_of(data, id)
    if is_worked_on(folder):
        raise SourceAtWork(source=id)
    try:
        (folder / _FILE).unlink()  # first: what is left of a half-removed one is no source
        shutil.rmtree(folder)
    except OSError as error:
        raise DiskFailed(path=folder, reason=disk_reason(error)) from error
    return source


def _read(folder: Path) -> Source | None:
    try:
        source = read_source(orjson.loads((folder / _FILE).read_bytes()))
    except (OSError, ValueError):
        return None
    return source if source is not None and source.id == folder.name else None
