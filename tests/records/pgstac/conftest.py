"""One PostgreSQL server for all tests of this folder; each test has a database of its own."""

from __future__ import annotations

import pytest

from landzicht.testing.postgres import postgres_missing, serve_postgres


@pytest.fixture(scope="session")
def server():
    if missing := postgres_missing():
        pytest.skip(missing)
    with serve_postgres() as running:
        yield running


@pytest.fixture(scope="session")
def template(server):
    """A database with the tables in place; copying it takes a tenth of making them."""
    from landzicht.records.pgstac import PgstacCatalog

    with PgstacCatalog(server.make_database("template_landzicht")) as catalog:
        catalog.collections()
    return "template_landzicht"


@pytest.fixture
def address(server, template):
    """The address of a fresh database with empty tables."""
    address = server.make_database(template=template)
    yield address
    server.drop_database(address)
