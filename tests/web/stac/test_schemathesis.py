"""Random requests by the OpenAPI document: never a 5xx, never a 422, errors are problems."""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landzicht.portal import Portal
from landzicht.testing.pixels import make_services
from landzicht.testing.scenes import make_collection, make_scene
from landzicht.web.app import create_app

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    schemathesis = pytest.importorskip("schemathesis")

TOKEN = "a-secret-of-the-operator-0123456789"
WRITES = {"POST", "PUT", "PATCH", "DELETE"}
INCLUDED = r"^/stac|^/api/v1/(freshness|collections)"


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("fuzz"))
    scenes = [make_scene(f"s{n}", properties={"eo:cloud_cover": n}) for n in range(3)]
    services.catalog.put([make_collection()], scenes)
    services = replace(services, settings=replace(services.settings, write_token=TOKEN))
    with Portal(services) as portal:
        loaded = schemathesis.openapi.from_asgi("/openapi.json", create_app(portal, warm=False))
        yield loaded.include(path_regex=INCLUDED), services.catalog, scenes


def test_no_request_breaks_it(schema):
    """With the token of the operator, half of the time about what is really there."""
    schema, catalog, scenes = schema
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 25
    strategies = [operation.as_strategy() for operation in operations]
    seen, written = set(), set()

    @settings(
        max_examples=12 * len(strategies), deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=st.one_of(strategies), known=st.booleans())
    def ask(case, known):
        if known:  # else nearly every path leads nowhere
            names = {"collection": "polder", "collection_id": "polder", "item": "s1"}
            case.path_parameters = {n: names.get(n, v) for n, v in case.path_parameters.items()}
        answer = case.call(headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code < 500, (case.as_curl_command(), answer.text)
        assert answer.status_code != 422
        if answer.status_code >= 400:
            assert answer.headers["content-type"][0] == "application/problem+json"
        seen.add(case.operation.label)
        if case.method in WRITES and not case.path.endswith(("/search", "/aggregate", "-dates")):
            assert answer.status_code not in {401, 403}, answer.text
            written.add(case.operation.label)
        if case.method == "DELETE" and answer.status_code == 204:
            catalog.put([make_collection()], scenes)

    ask()
    assert len(seen) > len(strategies) * 0.8
    assert len(written) >= 6
