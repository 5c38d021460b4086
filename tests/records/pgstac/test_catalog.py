"""The catalogue on PostgreSQL keeps the promises of its port."""

from __future__ import annotations

import pytest

from landzicht.records.pgstac import PgstacCatalog
from landzicht.testing.contracts import CatalogContract, SearchContract


class TestPgstacCatalog(CatalogContract):
    @pytest.fixture
    def catalog(self, address):
        with PgstacCatalog(address, "/data") as catalog:
            yield catalog


class TestPgstacSearch(SearchContract):
    @pytest.fixture
    def catalog(self, address):
        with PgstacCatalog(address, "/data") as catalog:
            yield catalog
