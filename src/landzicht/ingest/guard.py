"""One file never stops the others, whatever it does to us or to a library."""

from __future__ import annotations

import logging
import os
import traceback
from typing import TYPE_CHECKING

from landzicht.errors import LandzichtError
from landzicht.errors.disk import read_reason
from landzicht.errors.files import UnreadableFile
from landzicht.errors.ingest import Unforeseen
from landzicht.ingest.findings import from_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from landzicht.ingest.draft import Draft
    from landzicht.kinds import Finding, RasterInfo
    from landzicht.ports import Inspector

_LONGEST = 200
log = logging.getLogger("landzicht.ingest")


class Careful:
    """Implements `landzicht.ports.Inspector`: whatever another one raises is about that file."""

    def __init__(self, inspector: Inspector) -> None:
        """Make one.

        Args:
            inspector: does the work.
        """
        self._inspector = inspector

    def inspect(self, path: Path, subdataset: str | None = None) -> RasterInfo:
        """Return what the header says.

        Raises:
            LandzichtError: it cannot be read, for whatever reason.
        """
        try:
            return self._inspector.inspect(path, subdataset)
        except Exception as error:
            raise about(error, path) from error


def guarded(
    drafts: Iterable[Draft], path: Path, refused: Callable[[Path, Finding], Draft]
) -> Iterator[Draft]:
    """Yield drafts; when the next cannot be made, a last one that says why.

    Args:
        drafts: made one by one, of one file or folder.
        path: that file or folder.
        refused: makes the draft of something that cannot be taken in.
    """
    found = iter(drafts)
    while True:
        try:
            draft = next(found)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 - whatever one file does; it is told and logged
            yield refused(path, found_in(error, path))
            return
        yield draft


def drafted(
    make: Callable[[], Draft], path: Path, refused: Callable[[Path, Finding], Draft]
) -> Draft:
    """Return a draft of one file or folder; when it cannot be made, one that says why."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - whatever one file does; it is told and logged
        return refused(path, found_in(error, path))


def found_in(error: Exception, path: object) -> Finding:
    """Return what went wrong with a file as a finding that blocks; see `about`."""
    return from_error(about(error, path), path)


def about(error: Exception, path: object) -> LandzichtError:
    """Return what went wrong as an error about one file; what nobody foresaw is logged as well.

    The log has the place in the code; the whole way there too, with `LANDZICHT_DEBUG`.
    """
    if isinstance(error, LandzichtError):
        return error
    if isinstance(error, OSError):
        return UnreadableFile(path=path, reason=read_reason(error))
    reason = f"{type(error).__name__}: {error}"[:_LONGEST]
    place = "".join(
        f"{f.filename}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)[-1:]
    )
    trace = error if os.environ.get("LANDZICHT_DEBUG") else None
    log.error("not foreseen with %s: %s (%s)", path, reason, place, exc_info=trace)
    return Unforeseen(reason=reason)
