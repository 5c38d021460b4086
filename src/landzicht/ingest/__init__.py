"""From files and folders to scenes: sniff, check, land. Knows ports, no GDAL and no database."""

from landzicht.ingest.check import check
from landzicht.ingest.draft import Draft, DraftAsset
from landzicht.ingest.land import Harbour, land
from landzicht.ingest.recipe import Recipe, read_recipe
from landzicht.ingest.sniff import Options, sniff

__all__ = [
    "Draft",
    "DraftAsset",
    "Harbour",
    "Options",
    "Recipe",
    "check",
    "land",
    "read_recipe",
    "sniff",
]
