"""Files that are used where they are, instead of being taken in."""

from __future__ import annotations

import re
from dataclasses import dataclass

LINKED = "linked:"
"""Begin of an address below a folder that the operator named: `linked:NAME/path/below/it`."""
_REMOTE = re.compile(r"^(https?|s3)://", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What is known of a file that is used where it is."""

    href: str
    """`https://…`, `http://…`, `s3://…` or `linked:…`, in its plain form."""
    etag: str = ""
    """What the server called these bytes when they were linked; empty = not told, or not asked."""
    size: int = 0
    """Bytes; 0 = not known."""
    checksum: str = ""
    """Multihash of the content, hexadecimal, as STAC's `file:checksum`; empty = not known."""


def is_remote(href: str) -> bool:
    """Whether an asset's address names another computer, well or badly written."""
    return _REMOTE.match(href) is not None


def is_linked(href: str) -> bool:
    """Whether an asset's file is used where it is, here or elsewhere."""
    return href.startswith(LINKED) or is_remote(href)
