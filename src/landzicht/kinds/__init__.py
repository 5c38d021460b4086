"""The nouns of the domain: frozen values without behaviour beyond their own consistency."""

from landzicht.kinds.aggregation import Aggregation, Bucket, Counted, Step
from landzicht.kinds.band import Band, BandKind
from landzicht.kinds.block import Block, Part, Rows
from landzicht.kinds.collection import Collection, Mask
from landzicht.kinds.facet import Facet
from landzicht.kinds.item import Item
from landzicht.kinds.layer import Layer
from landzicht.kinds.link import LINKED, Link, is_linked, is_remote
from landzicht.kinds.query import Entry, Page, Query, Sort
from landzicht.kinds.raster import OWN_MASKS, Conversion, RasterBand, RasterInfo, mask_beside
from landzicht.kinds.receipt import Finding, Outcome, Receipt
from landzicht.kinds.scene import Asset, Scene
from landzicht.kinds.span import Span, format_instant
from landzicht.kinds.stored import Stored

__all__ = [
    "LINKED",
    "OWN_MASKS",
    "Aggregation",
    "Asset",
    "Band",
    "BandKind",
    "Block",
    "Bucket",
    "Collection",
    "Conversion",
    "Counted",
    "Entry",
    "Facet",
    "Finding",
    "Item",
    "Layer",
    "Link",
    "Mask",
    "Outcome",
    "Page",
    "Part",
    "Query",
    "RasterBand",
    "RasterInfo",
    "Receipt",
    "Rows",
    "Scene",
    "Sort",
    "Span",
    "Step",
    "Stored",
    "format_instant",
    "is_linked",
    "is_remote",
    "mask_beside",
]
