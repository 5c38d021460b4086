"""Finished pictures that are kept, and those under way that several callers wait for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from landzicht.blocks.cache import ByteCache
from landzicht.portal.maps.view import View
from landzicht.portal.scenes import Selection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from landzicht.portal.services import Services
    from landzicht.render.picture import Picture

_ENGINE = "2"
"""Part of every etag; raised when equal requests give other pixels than before."""
_OVERHEAD = 500


class OfCollection(Protocol):
    """A frozen request, whose `repr` tells all, about one collection."""

    @property
    def collection(self) -> str:
        """Id of the collection."""
        ...


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The caller has the picture already."""

    etag: str
    """Of that picture."""


class PictureCache:
    """Encoded pictures by etag, bounded in bytes; equal requests at once are made once."""

    def __init__(self, most: int = 64_000_000) -> None:
        """Make an empty cache of at most `most` bytes."""
        self._kept: ByteCache[Picture] = ByteCache(most, _size)

    def get(self, etag: str, make: Callable[[], Picture]) -> Picture:
        """Return the picture with this etag, made by `make` when it is not here."""
        return self._kept.get(etag, make)

    @property
    def counts(self) -> Mapping[str, int]:
        """How full it is and how often it helped: `bytes`, `values`, `hits`, `misses`."""
        return self._kept.counts


def etag_of(services: Services, request: OfCollection, version: str | None = None) -> str:
    """Return the etag of a request on the present state of its collection.

    Equal requests (frozen values whose `repr` tells all) on an unchanged collection agree.

    Args:
        services: of the portal.
        request: what is asked.
        version: of the collection, when the caller knows it already.
    """
    version = version or services.catalog.version(request.collection)
    kind: Any = type(request)
    parts = [f"{name}={_said(getattr(request, name))}" for name in _names(kind)]
    told = "\0".join((_ENGINE, version, kind.__name__, *parts))
    return hashlib.blake2b(told.encode(), digest_size=12).hexdigest()


@lru_cache(maxsize=16)
def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - the type of a dataclass
    return tuple(each.name for each in fields(kind))


def _said(value: object) -> str:
    return _said_of_map(value) if isinstance(value, View | Selection) else repr(value)


@lru_cache(maxsize=1024)
def _said_of_map(value: View | Selection) -> str:
    """Return the `repr` of what all tiles of a map share, which takes long."""
    return repr(value)


def _size(picture: Picture) -> int:
    return len(picture.content) + _OVERHEAD + sum(len(scene) for scene in picture.scenes)
