"""The catalogue on PostgreSQL, beside and in step with pgSTAC's own tables."""

from landzicht.records.pgstac.catalog import PgstacCatalog

__all__ = ["PgstacCatalog"]
