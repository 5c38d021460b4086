"""The seams: what the work needs from the outside world, as small protocols.

Adapters live in `formats`, `records` and `runners`; only `portal` knows which ones.
Every port has a contract test in `landzicht.testing.contracts` that each adapter passes.
"""

from landzicht.ports.catalog import Bulk, Catalog, Key, Packed
from landzicht.ports.rasters import Ahead, Direct, Inspector, Linker, Reader, Watch, Writer
from landzicht.ports.work import Columns, Runner

__all__ = [
    "Ahead",
    "Bulk",
    "Catalog",
    "Columns",
    "Direct",
    "Inspector",
    "Key",
    "Linker",
    "Packed",
    "Reader",
    "Runner",
    "Watch",
    "Writer",
]
