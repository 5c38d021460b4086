"""Random requests by the OpenAPI document: never a 5xx, never a 422, errors are problems."""

from __future__ import annotations

import warnings

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

INCLUDED = r"^/stac|^/api/v1/(freshness|collections)"


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("fuzz"))
    scenes = [make_scene(f"s{n}", properties={"eo:cloud_cover": n}) for n in range(3)]
    services.catalog.put([make_collection()], scenes)
    with Portal(services) as portal:
        loaded = schemathesis.openapi.from_asgi("/openapi.json", create_app(portal, warm=False))
        yield loaded.include(path_regex=INCLUDED)


def test_no_request_breaks_it(schema):
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 25
    strategies = [operation.as_strategy() for operation in operations]
    seen = set()

    @settings(
        max_examples=12 * len(strategies), deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=st.one_of(strategies))
    def ask(case):
        answer = case.call()
        assert answer.status_code < 500, (case.as_curl_command(), answer.text)
        assert answer.status_code != 422
        if answer.status_code >= 400:
            assert answer.headers["content-type"][0] == "application/problem+json"
        seen.add(case.operation.label)

    ask()
    assert len(seen) > len(strategies) * 0.8
