"""What every adapter of a port must do. Inherit a class, give the fixture, pytest does the rest.

class TestMine(CatalogContract):
    @pytest.fixture
    def catalog(self, tmp_path):
        with MyCatalog(tmp_path) as catalog:
            yield catalog
"""

from landzicht.testing.contracts.catalog import CatalogContract
from landzicht.testing.contracts.files import FilesContract
from landzicht.testing.contracts.runner import RunnerContract
from landzicht.testing.contracts.searching import SearchContract

__all__ = ["CatalogContract", "FilesContract", "RunnerContract", "SearchContract"]
