"""Page tokens: where the next page starts, told by the last scene of this one.

A token names a place in the order (datetime descending, collection, id), not a row number, so
scenes that come or go between two pages make no page repeat or skip another scene.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from landzicht.errors.catalogue import BadQuery
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landzicht.kinds import Sort

_VERSION = b"\x01"
_SORTED = b"\x02"
_LONGEST = 800
_LONGEST_SORTED = 8000
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


class SortedPlace(NamedTuple):
    """A scene's place in an order that the caller chose."""

    keys: tuple[tuple[int | None, Any], ...]
    """For each thing sorted by: the rank of its type (None = no value), and the value."""
    t: int
    """Microseconds since 1970, UTC."""
    collection: str
    """Id of the collection."""
    id: str
    """Id of the scene."""


def write_sorted_token(place: SortedPlace, sort: Sequence[Sort]) -> str:
    """Return an opaque text for a place in the order `sort`."""
    facts = [[(each.name, each.descending) for each in sort], *place]
    told = orjson.dumps(facts)
    packed = _SORTED + struct.pack(">I", zlib.crc32(told)) + told
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def read_sorted_token(token: str, sort: Sequence[Sort]) -> SortedPlace:
    """Return the place that `write_sorted_token` wrote.

    Raises:
        BadQuery: the token is not one of ours, was changed, or belongs to another order.
    """
    try:
        if len(token) > _LONGEST_SORTED:
            raise ValueError  # noqa: TRY301 - one place tells all that can be wrong
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        packed = base64.b64decode(padded, altchars=b"-_", validate=True)
        order, keys, t, collection, name = orjson.loads(packed[5:])
        place = SortedPlace(tuple((rank, value) for rank, value in keys), t, collection, name)
        if order != [[each.name, each.descending] for each in sort]:
            raise ValueError  # noqa: TRY301 - the same
        if token != write_sorted_token(place, sort):
            raise ValueError  # noqa: TRY301 - the same
    except (ValueError, TypeError, struct.error) as error:
        raise BadQuery(name="token", reason=_UNKNOWN) from error
    return place


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
