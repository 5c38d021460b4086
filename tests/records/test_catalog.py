"""The embedded catalogue keeps the promises of its port."""

from __future__ import annotations

import pytest

from landzicht.records import SqliteCatalog
from landzicht.testing.contracts import CatalogContract


class TestSqliteCatalog(CatalogContract):
    @pytest.fixture
    def catalog(self, tmp_path):
        with SqliteCatalog(tmp_path / "new folder" / "catalogue.sqlite") as catalog:
            yield catalog
