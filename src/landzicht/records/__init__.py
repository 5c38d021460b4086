"""Where scenes are kept: the embedded catalogue in one SQLite file."""

from landzicht.records.catalog import SqliteCatalog

__all__ = ["SqliteCatalog"]
