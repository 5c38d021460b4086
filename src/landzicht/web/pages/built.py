"""The map page as its build left it: which files there are, and in which form a client gets one."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

FORMS = (("br", ".br"), ("gzip", ".gz"))
"""Content codings that the build wrote beside each file, best first, with their endings."""
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_KEPT_FILES = 64
_TYPES = {
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """One file of the page, ready to be sent."""

    body: bytes
    """The bytes, in `coding`."""
    media_type: str
    """With the charset, for text."""
    coding: str | None
    """Content-Encoding of the body; None = as it is."""
    etag: str
    """Changes when the bytes change; quoted as in HTTP."""


def built_folder() -> Path:
    """Return where the build puts the page; it need not exist."""
    return Path(str(resources.files("landzicht.web"))) / "dist"


def read_built(folder: Path, *names: str, accept_encoding: str = "") -> Built | None:
    """Read a file of the built page in the best form that the client understands.

    Args:
        folder: the built page.
        names: folder and file names below it; a name that is not plain is never looked up.
        accept_encoding: the header of the request.

    Returns:
        The file, or None when there is no such file.
    """
    if not names or any(_NAME.fullmatch(name) is None for name in names):
        return None
    path = folder.joinpath(*names)
    accepted = accepted_codings(accept_encoding)
    for coding, ending in (*FORMS, (None, "")):
        if coding is not None and coding not in accepted:
            continue
        found = path.with_name(path.name + ending)
        try:
            state = found.stat()
            if path.is_file() and found.is_file():
                return _read(found, _media_type(path), coding, state.st_mtime_ns, state.st_size)
        except OSError:
            continue
    return None


def accepted_codings(header: str) -> frozenset[str]:
    """Return the content codings that an `Accept-Encoding` header allows (RFC 9110, 12.5.3)."""
    accepted = set()
    for part in header[:500].lower().split(","):
        name, _, weight = part.partition(";")
        if weight.strip().replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            accepted.add(name.strip())
    return frozenset(accepted)


@lru_cache(maxsize=_KEPT_FILES)
def _read(path: Path, media_type: str, coding: str | None, changed_ns: int, size: int) -> Built:
    del changed_ns, size  # part of the key: a page built anew is read anew
    body = path.read_bytes()
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    return Built(body=body, media_type=media_type, coding=coding, etag=etag)


def _media_type(path: Path) -> str:
    known = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    kind = known or "application/octet-stream"
    is_text = kind.startswith("text/") or kind in _TYPES.values()
    return f"{kind}; charset=utf-8" if is_text else kind
