"""Addresses that are written to deceive, and what the operator's lists allow."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors import LandzichtError
from landzicht.errors.remote import AddressNotAllowed, BadAddress
from landzicht.formats.remote import Permissions, read_address
from landzicht.formats.remote.line import numbers_of

BAD = {
    "no scheme": "data.example.org/x.tif",
    "file": "file:///etc/passwd",
    "ftp": "ftp://example.org/x.tif",
    "gopher": "gopher://example.org/x",
    "vsi": "/vsicurl/https://example.org/x.tif",
    "vrt": "<VRTDataset/>",
    "header file": "/vsicurl?header_file=/etc/passwd&url=https://example.org/x.tif",
    "user": "https://me@example.org/x.tif",
    "password": "https://me:secret@example.org/x.tif",
    "user twice": "https://example.org@127.0.0.1/x.tif",
    "query": "https://example.org/x.tif?sig=SECRET",
    "fragment": "https://example.org/x#.tif",
    "no path": "https://example.org",
    "no host": "https:///x.tif",
    "three slashes": "https:///example.org/x.tif",
    "backslash": "https://example.org\\@127.0.0.1/x.tif",
    "space": "https://example.org/a b.tif",
    "line end": "https://example.org/a\r\nHost: other",
    "line end at the end": "https://example.org/a.tif\n",
    "nul": "https://example.org/a\0.tif",
    "encoded nul": "https://example.org/a%00.tif",
    "encoded line": "https://example.org/a%0d%0ax.tif",
    "up": "https://example.org/../x.tif",
    "encoded up": "https://example.org/a/%2e%2e/x.tif",
    "half an escape": "https://example.org/a%2.tif",
    "decimal": "http://2130706433/x.tif",
    "hex": "http://0x7f000001/x.tif",
    "hex parts": "http://0x7f.0.0.1/x.tif",
    "octal": "http://0177.0.0.1/x.tif",
    "short": "http://127.1/x.tif",
    "padded": "http://127.000.000.001/x.tif",
    "dot at the end": "http://localhost./x.tif",
    "number and dot": "http://127.0.0.1./x.tif",
    "empty label": "http://a..b/x.tif",
    "zone": "http://[fe80::1%25eth0]/x.tif",
    "open bracket": "http://[::1/x.tif",
    "no number": "http://[localhost]/x.tif",
    "port 0": "http://example.org:0/x.tif",
    "port": "http://example.org:65536/x.tif",
    "port text": "http://example.org:80a/x.tif",
    "wide letters": "http://ｅxample.org/x.tif",
    "underscore": "http://a_b.org/x.tif",
    "long": "https://example.org/" + "a" * 2_000,
    "bucket up": "s3://bucket/../x.tif",
    "bucket query": "s3://bucket/x.tif?versionId=1",
    "bucket user": "s3://key:secret@bucket/x.tif",
    "bucket case": "s3://Bucket/x.tif",
    "bucket only": "s3://bucket",
    "bucket line": "s3://bucket/x\n.tif",
    "empty": "",
}


@pytest.mark.parametrize("name", BAD)
def test_addresses_that_programs_read_differently_are_none(name):
    with pytest.raises(BadAddress) as caught:
        read_address(BAD[name])
    for language in ("nl", "en"):
        assert "secret" not in caught.value.say(language).lower()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("HTTPS://Data.Example.ORG/A/b%20c.tif", "https://data.example.org/A/b%20c.tif"),
        ("https://example.org:443/x.tif", "https://example.org/x.tif"),
        ("http://example.org:8080/x.tif", "http://example.org:8080/x.tif"),
        ("https://192.0.2.7/x.tif", "https://192.0.2.7/x.tif"),
        ("https://[2001:DB8:0:0::1]:8443/x.tif", "https://[2001:db8::1]:8443/x.tif"),
        ("s3://sentinel-cogs/a/B04.tif", "s3://sentinel-cogs/a/B04.tif"),
    ],
)
def test_a_plain_address_has_one_form(text, plain):
    assert str(read_address(text)) == plain
    assert str(read_address(plain)) == plain


@given(st.text(max_size=60) | st.from_regex(r"(?i)(https?|s3)://[a-z0-9.:\[\]@%/\\#?-]{0,40}"))
def test_whatever_is_read_stays_the_same_when_read_again(text):
    try:
        address = read_address(text)
    except BadAddress:
        return
    assert read_address(str(address)) == address
    assert (
        not set(str(address)) & set("@?#\\ \r\n\0") or address.scheme == "s3" or "@" in address.path
    )


def allowed(hosts, href, private=""):
    try:
        Permissions.read(hosts, private).check(read_address(href))
    except AddressNotAllowed:
        return False
    return True


@pytest.mark.parametrize(
    ("hosts", "href", "good"),
    [
        ("", "https://example.org/x.tif", False),
        ("example.org", "https://example.org/x.tif", True),
        ("example.org", "https://EXAMPLE.org/x.tif", True),
        ("example.org", "https://data.example.org/x.tif", False),
        ("example.org", "https://badexample.org/x.tif", False),
        ("example.org", "https://example.org.evil.com/x.tif", False),
        ("example.org", "http://example.org/x.tif", False),
        ("example.org", "https://example.org:8443/x.tif", False),
        ("example.org:8443", "https://example.org:8443/x.tif", True),
        ("http://example.org", "http://example.org/x.tif", True),
        ("http://example.org", "https://example.org/x.tif", False),
        ("*.example.org", "https://data.example.org/x.tif", True),
        ("*.example.org", "https://example.org/x.tif", False),
        ("*.example.org", "https://evilexample.org/x.tif", False),
        ("*", "https://whatever.net/x.tif", True),
        ("*", "http://whatever.net/x.tif", False),
        ("*", "https://whatever.net:8443/x.tif", False),
        ("*", "s3://bucket/x.tif", False),
        ("s3://bucket", "s3://bucket/x.tif", True),
        ("s3://bucket", "s3://other/x.tif", False),
        ("s3://*", "s3://other/x.tif", True),
        ("a.org, b.org s3://c-c", "https://b.org/x.tif", True),
        ("http://[::1]:81", "http://[::1]:81/x.tif", True),
    ],
)
def test_only_what_is_on_the_list_is_allowed(hosts, href, good):
    assert allowed(hosts, href) is good


PRIVATE = (
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0.0",
    "169.254.169.254", "224.0.0.1", "255.255.255.255", "192.0.0.1", "198.18.0.1",
    "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::127.0.0.1",
)  # fmt: skip


@pytest.mark.parametrize("number", PRIVATE)
def test_names_that_lead_inside_are_not_asked(monkeypatch, number):
    """DNS says so: the number counts, not the name."""
    family = socket.AF_INET6 if ":" in number else socket.AF_INET
    told = [(socket.AF_INET, 1, 6, "", ("93.184.216.34", 443)), (family, 1, 6, "", (number, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: told)
    address = read_address("https://innocent.example.org/x.tif")
    with pytest.raises(AddressNotAllowed):
        numbers_of(address, Permissions.read("*", "other.example.org"))


def test_a_named_private_host_may_be_asked_but_never_the_metadata_service(monkeypatch):
    def says(number):
        told = [(socket.AF_INET, 1, 6, "", (number, 443))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: told)
        return numbers_of(read_address("https://nas.example.org/x"), permissions)

    permissions = Permissions.read("*", "nas.example.org")
    assert says("192.168.1.9") == [(socket.AF_INET, "192.168.1.9")]
    assert says("127.0.0.1")
    for number in ("169.254.169.254", "224.0.0.1"):
        with pytest.raises(LandzichtError):
            says(number)
