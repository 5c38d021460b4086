"""The embedded catalogue keeps the promises about finding and counting."""

from __future__ import annotations

import pytest

from landzicht.records import SqliteCatalog
from landzicht.testing.contracts import SearchContract


class TestSqliteSearch(SearchContract):
    @pytest.fixture
    def catalog(self, tmp_path):
        with SqliteCatalog(tmp_path / "catalogue.sqlite") as catalog:
            yield catalog
