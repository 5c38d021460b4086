"""An API on this computer, and a portal that may follow it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from landzicht.formats import CogWriter, GdalInspector, Sandbox
from landzicht.portal import Portal
from landzicht.portal.following.source_order import Following
from landzicht.portal.settings import Settings
from landzicht.portal.wiring import open_services
from landzicht.testing.far_scenes import SINCE
from landzicht.testing.ranges import range_server
from landzicht.testing.stac_api import StacApi

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from landzicht.sources.source import Source
    from landzicht.sources.state import Came
    from landzicht.text import Text


@dataclass
class Follower:
    """A portal and what it said about the source that it follows."""

    portal: Portal
    api: StacApi
    source: Source
    said: list[Came] = field(default_factory=list)

    def once(self) -> dict[str, Text]:
        """Take in what there is; returns the sources that failed."""
        names = frozenset({self.source.id})
        return self.portal.follow_once(
            names, lambda _, came: self.said.append(came), threading.Event()
        )

    def outcomes(self) -> dict[str, str]:
        """Return item → the newest word about it: its outcome, or the code of the reason."""
        return {one.key: one.code or one.outcome.value for one in self.said}

    def scenes(self, collection: str = "sentinel-2-l2a") -> list[str]:
        """Return the ids of the scenes that are in."""
        if all(one.id != collection for one in self.portal.collections()):
            return []
        return sorted(one.id for one in self.portal.services.catalog.stored(collection))


@pytest.fixture
def api(tmp_path: Path) -> Iterator[StacApi]:
    folder = tmp_path / "far"
    folder.mkdir()
    with range_server(folder) as server:
        made = StacApi(server, collection="sentinel-2-c1-l2a")
        server.api = made.answer
        yield made


@pytest.fixture
def hosts() -> str:
    """Return the setting `remote_hosts`; tests of linking replace it."""
    return ""


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    """Return the child processes that read foreign files; starting them takes the longest."""
    return Sandbox()


@pytest.fixture
def portal(sandbox: Sandbox, tmp_path: Path, api: StacApi, hosts: str) -> Iterator[Portal]:
    settings = Settings(
        data=tmp_path / "data",
        remote_hosts=hosts.format(base=api.server.base),
        remote_private="127.0.0.1",
        threads=1,
    )
    services = open_services(settings)
    inspector = GdalInspector(sandbox)
    with Portal(replace(services, inspector=inspector, writer=CogWriter(sandbox))) as opened:
        yield opened


@pytest.fixture
def follow(portal: Portal, api: StacApi) -> Any:
    """Return what follows the API, with the profile of Earth Search unless told otherwise."""

    def begin(**wishes: Any) -> Follower:
        plain = {"collection": api.collection, "since": SINCE, "profile": "earth-search"}
        order = Following(place=api.address, **(plain | wishes))
        return Follower(portal, api, portal.add_source(order))

    return begin
