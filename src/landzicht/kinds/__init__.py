"""The nouns of the domain: frozen values without behaviour beyond their own consistency."""

from landzicht.kinds.band import Band, BandKind
from landzicht.kinds.block import Block
from landzicht.kinds.collection import Collection, Mask
from landzicht.kinds.layer import Layer
from landzicht.kinds.query import Entry, Page, Query
from landzicht.kinds.raster import Conversion, RasterBand, RasterInfo
from landzicht.kinds.receipt import Finding, Outcome, Receipt
from landzicht.kinds.scene import Asset, Scene
from landzicht.kinds.span import Span, format_instant

__all__ = [
    "Asset",
    "Band",
    "BandKind",
    "Block",
    "Collection",
    "Conversion",
    "Entry",
    "Finding",
    "Layer",
    "Mask",
    "Outcome",
    "Page",
    "Query",
    "RasterBand",
    "RasterInfo",
    "Receipt",
    "Scene",
    "Span",
    "format_instant",
]
