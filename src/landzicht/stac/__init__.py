"""The written form of scenes and collections: STAC 1.1 as JSON bytes, and back. No I/O."""

from landzicht.stac.collection import read_collection, write_collection
from landzicht.stac.foreign import read_foreign
from landzicht.stac.foreign_collection import read_foreign_collection
from landzicht.stac.item import RESERVED, item_name, read_item, write_item
from landzicht.stac.json import mark_of
from landzicht.stac.mark import mark_text
from landzicht.stac.names import STAC_VERSION
from landzicht.stac.splice import splice

__all__ = [
    "RESERVED",
    "STAC_VERSION",
    "item_name",
    "mark_of",
    "mark_text",
    "read_collection",
    "read_foreign",
    "read_foreign_collection",
    "read_item",
    "splice",
    "write_collection",
    "write_item",
]
