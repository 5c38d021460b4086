"""Encrypted connections: the certificate must be good, and prove the name that was asked for."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl

import numpy as np
import pytest
from affine import Affine

from landzicht.errors.remote import RemoteFailed
from landzicht.formats import CogReader, CogWriter
from landzicht.formats.places import Places
from landzicht.formats.remote import Permissions, RemoteFiles, RemoteOptions
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band
from landzicht.testing.ranges import range_server

GRID = Grid(crs="EPSG:32631", transform=Affine(10, 0, 6e5, 0, -10, 5.7e6), height=600, width=600)
BAND = Band(name="a", dtype="uint16")


def certificate(folder, name, days=1):
    """Write a certificate of its own authority and its key; returns both paths."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=2))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def read(server, cache, href=None):
    permissions = Permissions.read(server.base.removeprefix("https://"), "127.0.0.1")
    remote = RemoteFiles(RemoteOptions(permissions=permissions, timeout_s=2.0), cache)
    reader = CogReader(cache, places=Places(cache, remote=remote))
    href = href or server.address("a.tif")
    asset = Asset(key="a", href=href, band=BAND, grid=GRID, size=0, sha256="")
    try:
        return reader.read(asset, 0, Window(0, 0, *GRID.shape))
    finally:
        reader.close()


@pytest.mark.parametrize("case", ["good", "unknown authority", "another name", "expired"])
def test_only_a_good_certificate_is_accepted(tmp_path, monkeypatch, case):
    from cryptography import x509

    values = np.random.default_rng(1).integers(0, 3_000, GRID.shape).astype(np.uint16)
    served = tmp_path / "served"
    served.mkdir()
    CogWriter().write(values, GRID, BAND, served / "a.tif", {})
    number = "127.0.0.2" if case == "another name" else "127.0.0.1"
    name = x509.IPAddress(ipaddress.ip_address(number))
    paths = certificate(tmp_path, name, days=-1 if case == "expired" else 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*paths)
    if case != "unknown authority":
        monkeypatch.setenv("SSL_CERT_FILE", str(paths[0]))
    with range_server(served, tls=context) as server:
        if case == "good":
            np.testing.assert_array_equal(read(server, tmp_path / "c").values[0], values)
            assert server.count() == 2
            return
        with pytest.raises(RemoteFailed) as caught:
            read(server, tmp_path / "c")
        assert server.asked == []
    assert "certifica" in caught.value.say("nl")


def test_a_server_that_does_not_encrypt_is_told(tmp_path):
    with range_server(tmp_path) as server:
        server.base = server.base.replace("http:", "https:")
        with pytest.raises(RemoteFailed):
            read(server, tmp_path / "c")
