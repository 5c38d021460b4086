"""Attacks R03 and R05 to R12 of the threat list, where linking to other computers is allowed.

The operator of this portal trusts one server and all public computers. A server on this computer
that is on no list stands for what must never be reached: it counts who asks.
"""

from __future__ import annotations

import json
import socket

import pytest

from landzicht.errors import LandzichtError
from landzicht.formats import CogReader
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band, Outcome
from landzicht.portal import open_portal
from landzicht.portal.settings import Settings
from landzicht.testing.ranges import range_server


@pytest.fixture(scope="module")
def inside(tmp_path_factory):
    """What must not be reached; fails at the end when it was."""
    folder = tmp_path_factory.mktemp("inside")
    (folder / "x.tif").write_bytes(b"II*\0 the secret of this computer")
    with range_server(folder) as server:
        yield server
        assert server.asked == [], "somebody was led inside"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory, inside):
    """A server on the operator's list; it sends everybody on to the inside."""
    folder = tmp_path_factory.mktemp("trusted")
    with range_server(folder, elsewhere=inside.address("x.tif"), always="redirect") as server:
        yield server


@pytest.fixture(scope="module")
def portal(tmp_path_factory, trusted):
    hosts = f"*, {trusted.base}, http://*, s3://public"
    chosen = Settings(
        data=tmp_path_factory.mktemp("portal"),
        remote_hosts=hosts,
        remote_private="trusted.example.org",
        remote_timeout_s=2,
        linked_roots="",
    )
    with open_portal(chosen) as portal:
        yield portal


HREFS = {
    "r03 inline vrt": "<VRTDataset rasterXSize='1'><x>{address}/x.tif</x></VRTDataset>",
    "r05 wms": "<GDAL_WMS><Service><ServerUrl>{address}</ServerUrl></Service></GDAL_WMS>",
    "r06 vsicurl": "/vsicurl/{address}/x.tif",
    "r07 header file": "/vsicurl?header_file=/etc/passwd&url={address}/x.tif",
    "r07 in https": "https://example.org/vsicurl?header_file=/etc/passwd&url={address}/x.tif",
    "r08 fragment": "{address}/x#.tif",
    "r08 query": "{address}/x?.tif",
    "r09 redirect": "{trusted}/away.tif",
    "r10 plain": "{address}/x.tif",
    "r10 name": "http://localhost:{port}/x.tif",
    "r10 decimal": "http://2130706433:{port}/x.tif",
    "r10 octal": "http://0177.0.0.1:{port}/x.tif",
    "r10 hex": "http://0x7f.0.0.1:{port}/x.tif",
    "r10 short": "http://127.1:{port}/x.tif",
    "r10 mapped": "http://[::ffff:127.0.0.1]:{port}/x.tif",
    "r10 mapped hex": "http://[::ffff:7f00:1]:{port}/x.tif",
    "r10 nat64": "http://[64:ff9b::7f00:1]:{port}/x.tif",
    "r10 any": "http://[::]:{port}/x.tif",
    "r10 zero": "http://0.0.0.0:{port}/x.tif",
    "r10 dot": "http://localhost.:{port}/x.tif",
    "r10 user": "http://example.org@127.0.0.1:{port}/x.tif",
    "r10 user twice": "http://127.0.0.1:{port}@example.org/x.tif",
    "r10 backslash": "http://example.org\\@127.0.0.1:{port}/x.tif",
    "r10 line end": "http://example.org/x.tif\r\nHost: 127.0.0.1",
    "r11 metadata": "http://169.254.169.254/latest/meta-data/x.tif",
    "r11 metadata 6": "http://[fd00:ec2::254]/x.tif",
    "r11 bucket": "s3://private/x.tif",
    "r12 file": "file:///etc/passwd",
    "r12 linked": "linked:etc/passwd",
    "r12 up": "https://example.org/../../etc/passwd.tif",
    "r12 zip": "zip+https://example.org/x.zip!x.tif",
    "r12 nul": "https://example.org/x.tif%00.png",
    "ftp": "ftp://127.0.0.1/x.tif",
    "unix": "http+unix://%2fvar%2frun%2fdocker.sock/x.tif",
}


def facts(inside, trusted):
    port = inside.base.rpartition(":")[2]
    return {"address": inside.base, "port": port, "trusted": trusted.base}


@pytest.fixture(autouse=True)
def _only_loopback_is_there(monkeypatch):
    """Names on the internet are not there for a test; numbers and our own name are."""
    honest = socket.getaddrinfo

    def told(host, *rest, **more):
        if host in ("localhost", "127.0.0.1") or host.replace(".", "").isdigit() or ":" in host:
            return honest(host, *rest, **more)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", told)


def item(href):
    kind = {"href": href, "type": "image/tiff; application=geotiff"}
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": "s1",
        "collection": "attack",
        "geometry": None,
        "properties": {"datetime": "2025-06-08T10:40:00Z"},
        "links": [],
        "assets": {"B04": kind},
    }


@pytest.mark.parametrize("name", HREFS)
def test_an_address_in_an_item_leads_to_nothing_but_what_is_allowed(
    portal, inside, trusted, tmp_path, name
):
    path = tmp_path / "item.json"
    path.write_text(json.dumps(item(HREFS[name].format(**facts(inside, trusted)))))
    (receipt,) = portal.link([path])
    assert receipt.outcome is Outcome.REFUSED
    assert receipt.findings
    assert all(found.message.nl and found.message.en for found in receipt.findings)
    assert portal.collections() == ()
    assert inside.asked == []


@pytest.mark.parametrize("name", HREFS)
def test_an_address_that_came_into_the_catalogue_leads_there_neither(portal, inside, trusted, name):
    """Somebody wrote to the database: the reader checks again."""
    from affine import Affine

    grid = Grid(crs="EPSG:28992", transform=Affine(1, 0, 0, 0, -1, 0), height=4, width=4)
    href = HREFS[name].format(**facts(inside, trusted))
    asset = Asset(
        key="b", href=href, band=Band(name="b", dtype="uint8"), grid=grid, size=1, sha256=""
    )
    for reader in (portal.services.reader, CogReader(portal.services.settings.data)):
        with pytest.raises(LandzichtError):
            reader.read(asset, 0, Window(0, 0, 1, 1))
    assert inside.asked == []


def test_r10_a_name_that_means_another_computer_a_moment_later(portal, inside, monkeypatch):
    """DNS rebinding: public when it is checked, inside when it is used. It is looked up once, and
    the connection goes to the number that was checked."""
    port = int(inside.base.rpartition(":")[2])
    answers = [("203.0.113.7", port), ("127.0.0.1", port)]
    asked, connected = [], []

    def told(host, *_, **__):
        asked.append(host)
        return [(socket.AF_INET, 1, 6, "", answers[min(len(asked), 2) - 1])]

    class Refuses(socket.socket):
        def connect(self, where):
            connected.append(where)
            raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", told)
    monkeypatch.setattr(socket, "socket", Refuses)
    monkeypatch.setattr("landzicht.formats.remote.address._readings", lambda _: [_Public()])
    from landzicht.formats.remote import read_address
    from landzicht.formats.remote.http import HttpAsker
    from landzicht.formats.remote.line import Deadline
    from landzicht.formats.remote.parts import Passing

    asker = HttpAsker(_Permissive())
    with pytest.raises(Passing):
        asker.ask(
            read_address(f"http://rebind.example.org:{port}/x"), 0, 9, None, Deadline.after(2)
        )
    assert len(asked) == 1
    assert connected == [("203.0.113.7", port)]


class _Public:
    is_link_local = is_multicast = False
    is_global = True


class _Permissive:
    def check_number(self, address, number):
        """Documentation numbers count as public here."""
