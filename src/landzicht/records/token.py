"""Page tokens: where the next page starts, told by the last scene of this one.

A token names a place in the order (datetime descending, collection, id), not a row number, so
scenes that come or go between two pages make no page repeat or skip another scene.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import NamedTuple

from landzicht.errors.catalogue import BadQuery
from landzicht.text import Text

_VERSION = b"\x01"
_LONGEST = 800
_HEAD = struct.Struct(">I q")  # checksum, microseconds
_UNKNOWN = Text(nl="dit is geen bladwijzer van ons", en="this is not a token of ours")


class Place(NamedTuple):
    """A scene's place in the order of results."""

    t: int
    """Microseconds since 1970, UTC."""
    collection: str
    """Id of the collection."""
    id: str
    """Id of the scene."""


def write_token(place: Place) -> str:
    """Return an opaque text for `place`, fit for an address."""
    names = f"{place.collection}\0{place.id}".encode()
    checksum = zlib.crc32(_HEAD.pack(0, place.t) + names)
    packed = _VERSION + _HEAD.pack(checksum, place.t) + names
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def read_token(token: str) -> Place:
    """Return the place that `write_token` wrote.

    Raises:
        BadQuery: the token is not one of ours, or was changed.
    """
    try:
        if len(token) > _LONGEST:
            raise ValueError  # noqa: TRY301 - one place tells all that can be wrong
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        packed = base64.b64decode(padded, altchars=b"-_", validate=True)
        _, t = _HEAD.unpack_from(packed, 1)
        collection, name = packed[1 + _HEAD.size :].decode().split("\0")
    except (ValueError, struct.error) as error:
        raise BadQuery(name="token", reason=_UNKNOWN) from error
    place = Place(t, collection, name)
    if token != write_token(place):  # the checksum, or another way to write the same
        raise BadQuery(name="token", reason=_UNKNOWN)
    return place
