"""Keys that other computers ask for: from the environment or the system's keyring, never kept."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING

from landzicht.errors.sources import NoCredential

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from landzicht.formats.remote.address import Address


class KeyKind(StrEnum):
    """How another computer wants to know who we are."""

    NONE = "none"
    BASIC = "basic"
    """A name and a password with each request (RFC 7617)."""
    BEARER = "bearer"
    """A token with each request (RFC 6750)."""
    SAS = "sas"
    """An address gives short-lived signatures for its files; no account."""
    S3 = "s3"
    """Keys of an S3 store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNames:
    """Where keys are found; holds none itself."""

    kind: KeyKind = KeyKind.NONE
    """How they are used."""
    user: str = ""
    """Variable with the name, or the access key."""
    secret: str = ""
    """Variable with the password, token or secret key."""
    token: str = ""
    """Variable with the session token of S3; may be absent."""
    service: str = ""
    """What the keyring calls it; empty = the variable alone."""
    hosts: tuple[str, ...] = ()
    """Computers that get it: nobody else ever does."""
    signing: str = ""
    """For `sas`: address with `{account}` and `{container}`."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables that must be there."""
        return tuple(name for name in (self.user, self.secret) if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Keys that were found; never shown."""

    names: KeyNames
    """What they are for."""
    user: str = field(default="", repr=False)
    """Name or access key."""
    secret: str = field(default="", repr=False)
    """Password, token or secret key."""
    token: str = field(default="", repr=False)
    """Session token of S3."""

    def headers(self, address: Address) -> Mapping[str, str]:
        """Return the headers that an address gets: those for its own computer, encrypted only.

        A password over a line that everybody can read is no secret; on this computer itself there
        is nobody to read along.
        """
        if address.host not in self.names.hosts or not _is_private(address):
            return {}
        if self.names.kind is KeyKind.BASIC:
            told = base64.b64encode(f"{self.user}:{self.secret}".encode()).decode()
            return {"Authorization": f"Basic {told}"}
        if self.names.kind is KeyKind.BEARER:
            return {"Authorization": f"Bearer {self.secret}"}
        return {}


def find_keys(names: KeyNames, source: str) -> Keys:
    """Return the keys: from the environment, else from the system's keyring.

    Args:
        names: where they are.
        source: whose keys, for people.

    Raises:
        NoCredential: one is not there, or holds signs that a header cannot have.
    """
    found = {each: _find(each, names.service) for each in names.variables}
    if names.kind in (KeyKind.NONE, KeyKind.SAS):
        return Keys(names=names)
    if not all(value and value.isprintable() for value in found.values()):
        raise NoCredential(source=source, names=", ".join(names.variables))
    return Keys(
        names=names,
        user=found.get(names.user, ""),
        secret=found.get(names.secret, ""),
        token=_find(names.token, names.service) if names.token else "",
    )


def _find(name: str, service: str) -> str:
    if value := os.environ.get(name):
        return value.strip()
    ask = _keyring() if service else None
    return (ask(service, name) or "").strip() if ask else ""


def _keyring() -> Callable[[str, str], str | None] | None:
    """Return what asks the system's keyring, where the package `keyring` is installed."""
    try:
        keyring = import_module("keyring")
    except ImportError:
        return None

    def ask(service: str, name: str) -> str | None:
        try:
            found = keyring.get_password(service, name)
        except keyring.errors.KeyringError:
            return None  # a locked or broken keyring has no key for us
        return str(found) if found else None

    return ask


def _is_private(address: Address) -> bool:
    return address.scheme == "https" or address.host in ("127.0.0.1", "::1", "localhost")
