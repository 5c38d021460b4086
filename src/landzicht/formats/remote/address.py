"""Addresses of remote files: what may be written, and what the operator allows.

Nothing here touches the network. An address is taken apart by a strict grammar and put together
again from its parts, so that no other program down the line can read it differently than we did.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from landzicht.errors.remote import AddressNotAllowed, BadAddress
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 2_000
_LONGEST_QUERY = 16_000
_QUERY_SIGNS = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*", re.ASCII)
_HTTP = re.compile(
    r"^(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)\Z",
    re.IGNORECASE | re.ASCII,
)
_LABEL = re.compile(r"^(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
_S3 = re.compile(
    r"^s3://(?P<host>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<path>[^\\?#\x00-\x1f\x7f]+)\Z"
)
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a remote file is."""

    scheme: str
    """`https`, `http` or `s3`."""
    host: str
    """Name or number of a computer in lower case, without brackets; for S3 the bucket."""
    port: int
    """0 for S3."""
    path: str
    """From the first `/` on, percent-encoded; for S3 the key."""
    query: str = field(default="", repr=False)
    """What comes after `?`; never shown, as it may be a key."""

    def __str__(self) -> str:
        """Return the address as it may be shown: it holds no secrets."""
        if self.scheme == "s3":
            return f"s3://{self.host}/{self.path}"
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def target(self) -> str:
        """Path and query as HTTP asks for them."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def authority(self) -> str:
        """Host and port as HTTP writes them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS.get(self.scheme) else f"{host}:{self.port}"


def read_address(text: str) -> Address:
    """Take an address apart.

    Raises:
        BadAddress: it is none, or is written in a way that programs read differently: a password,
            a query, a fragment, a host in decimal or octal, a dot at its end, steps up, …
    """
    shown = re.sub(r"//[^/@]*@", "//…@", text.partition("?")[0])[:120]
    if len(text) > _LONGEST:
        raise BadAddress(address=shown, reason=_LONG)
    if "?" in text or "#" in text:
        raise BadAddress(address=shown, reason=_QUERY)
    if found := _S3.match(text):
        _check_path(found["path"], shown)
        return Address("s3", found["host"], 0, found["path"])
    found = _HTTP.match(text)
    if found is None:
        raise BadAddress(address=shown, reason=_USER if "@" in text else _FORM)
    scheme = found["scheme"].lower()
    port = int(found["port"] or _PORTS[scheme])
    if not 0 < port < 65_536:
        raise BadAddress(address=shown, reason=_FORM)
    _check_path(found["path"], shown)
    return Address(scheme, _host(found["host"].lower(), shown), port, found["path"])


def read_api_address(text: str) -> Address:
    """Take an address of an API apart: as `read_address`, but with a query, and `/` by default.

    Raises:
        BadAddress: as `read_address`.
    """
    plain, mark, query = text.partition("?")
    if len(query) > _LONGEST_QUERY or not _QUERY_SIGNS.fullmatch(query) or _ESCAPE.search(query):
        shown = re.sub(r"//[^/@]*@", "//…@", plain)[:120]
        raise BadAddress(address=shown, reason=_FORM)
    found = read_address(plain if plain.count("/") > 2 else f"{plain}/")
    if mark and found.scheme == "s3":
        raise BadAddress(address=str(found), reason=_QUERY)
    return replace(found, query=query)


def _host(host: str, shown: str) -> str:
    """Return a host whose every reading is the same: a proper name, or a number in plain form."""
    if host.startswith("["):
        try:
            return str(ipaddress.IPv6Address(host[1:-1]))
        except ValueError as error:
            raise BadAddress(address=shown, reason=_HOST) from error
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        labels = host.split(".")
        proper = all(_LABEL.match(label) for label in labels) and len(host) <= 253
        # 2130706433, 0x7f.1 and 0177.0.0.1 are numbers to some programs: a name ends in letters.
        if proper and labels[-1][0].isalpha():
            return host
        raise BadAddress(address=shown, reason=_HOST) from None


def _check_path(path: str, shown: str) -> None:
    if _ESCAPE.search(path):
        raise BadAddress(address=shown, reason=_FORM)
    plain = unquote(path, errors="replace")
    steps = {".", ".."} & set(plain.split("/"))
    if steps or "\\" in plain or any(ord(sign) < 32 or ord(sign) == 127 for sign in plain):
        raise BadAddress(address=shown, reason=_PATH)


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the operator allows: `remote_hosts` and `remote_private`."""

    hosts: tuple[str, ...] = ()
    """`name`, `name:port`, `http://name:port`, `*.domain`, `*`, `s3://bucket`, `s3://*`."""
    private: tuple[str, ...] = ()
    """Hosts of these, as `name` or number, that may lie in the own network."""

    @classmethod
    def read(cls, hosts: str, private: str) -> Permissions:
        """Return the permissions that two settings say, words between commas or spaces."""
        return cls(_words(hosts), _words(private))

    def check(self, address: Address) -> None:
        """Make sure that the operator allows an address; looks nothing up.

        Raises:
            AddressNotAllowed: the computer, its port or plain HTTP is not on the list.
        """
        if not self.hosts:
            raise AddressNotAllowed(host=address.host, reason=_NONE)
        if not any(_fits(address, pattern) for pattern in self.hosts):
            raise AddressNotAllowed(host=_named(address), reason=_LIST)

    def check_number(self, address: Address, number: str) -> None:
        """Make sure that a number which a name stands for may be asked.

        Raises:
            AddressNotAllowed: it belongs to this computer, the own network or a cloud's insides.
        """
        found = ipaddress.ip_address(number)
        if any(one.is_link_local or one.is_multicast for one in _readings(found)):
            raise AddressNotAllowed(host=address.host, reason=_INSIDE)
        if address.host in self.private:
            return
        if not all(one.is_global for one in _readings(found)):
            raise AddressNotAllowed(host=address.host, reason=_OWN)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in text.replace(",", " ").split())


def _named(address: Address) -> str:
    return (
        f"s3://{address.host}"
        if address.scheme == "s3"
        else (address.authority if address.scheme == "https" else f"http://{address.authority}")
    )


def _fits(address: Address, pattern: str) -> bool:
    if pattern.startswith("s3://") or address.scheme == "s3":
        return address.scheme == "s3" and pattern in ("s3://*", f"s3://{address.host}")
    scheme, _, rest = pattern.rpartition("://")
    if address.scheme != (scheme or "https"):
        return False
    name, colon, port = rest.rpartition(":") if not rest.endswith("]") else (rest, "", "")
    if not colon:
        name = rest
    if address.port != (int(port) if port.isdigit() else _PORTS[address.scheme]):
        return False
    name = name.strip("[]/")
    if name.startswith("*."):
        return address.host.endswith(name[1:])
    return name in ("*", address.host)


def _readings(
    number: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> Iterable[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """Yield a number, and those of the old internet that it wraps."""
    yield number
    if isinstance(number, ipaddress.IPv6Address):
        if number in _NAT64 or number in _OLD:
            yield ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
        for inner in (number.ipv4_mapped, number.sixtofour, *(number.teredo or ())):
            if inner is not None:
                yield inner


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_OLD = ipaddress.IPv6Network("::/96")
_LONG = Text(nl="het is te lang", en="it is too long")
_QUERY = Text(
    nl="een adres met ? of # kan een sleutel bevatten en verloopt vaak",
    en="an address with ? or # may hold a key, and often expires",
)
_USER = Text(nl="er staat een gebruiker of wachtwoord in", en="it holds a user or a password")
_FORM = Text(nl="zo schrijft men geen adres", en="that is not how addresses are written")
_HOST = Text(
    nl="de computer is niet met een gewone naam of nummer genoemd",
    en="the computer is not named by a plain name or number",
)
_PATH = Text(nl="het pad doet stappen terug", en="its path takes steps back")
_NONE = Text(
    nl="Bestanden op andere computers zijn hier niet toegestaan",
    en="Files on other computers are not allowed here",
)
_LIST = Text(
    nl="Deze computer, poort of onversleutelde verbinding staat niet in remote_hosts",
    en="This computer, port or unencrypted connection is not in remote_hosts",
)
_OWN = Text(
    nl="Die naam hoort bij deze computer of een eigen netwerk",
    en="That name belongs to this computer or a private network",
)
_INSIDE = Text(
    nl="Die naam hoort bij het binnenste van een netwerk (zoals 169.254.169.254)",
    en="That name belongs to the inside of a network (such as 169.254.169.254)",
)
