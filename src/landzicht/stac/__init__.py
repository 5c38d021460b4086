"""The written form of scenes and collections: STAC 1.1 as JSON bytes, and back. No I/O."""

from landzicht.stac.collection import read_collection, write_collection
from landzicht.stac.item import RESERVED, read_item, write_item
from landzicht.stac.names import STAC_VERSION
from landzicht.stac.splice import splice

__all__ = [
    "RESERVED",
    "STAC_VERSION",
    "read_collection",
    "read_item",
    "splice",
    "write_collection",
    "write_item",
]
