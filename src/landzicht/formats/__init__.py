"""Reading and writing raster files. The only room that knows GDAL.

Names are loaded when first asked for: the child processes that open foreign files need only a
part of this room, and should start quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landzicht.formats.cog import CogReader
    from landzicht.formats.inspector import GdalInspector
    from landzicht.formats.sandbox import Sandbox
    from landzicht.formats.writer import CogWriter

__all__ = ["CogReader", "CogWriter", "GdalInspector", "Sandbox"]

_HOMES = {
    "CogReader": "cog",
    "CogWriter": "writer",
    "GdalInspector": "inspector",
    "Sandbox": "sandbox",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
