"""One connection to one vetted number, on which nothing lasts longer than its deadline.

Names are looked up by us, every number is checked, and the connection goes to the number that was
checked: a name that means another computer a moment later ("DNS rebinding") changes nothing. TLS
still proves the name. Redirects are not followed, proxies and the environment are not asked.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from landzicht.formats.remote.address import Address, Permissions

CONNECT_S = 5.0
"""Seconds to reach a computer."""
SILENCE_S = 10.0
"""Seconds without a byte after which a connection counts as dead."""
_AGENT = "landzicht"


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something must be done, by the monotonic clock."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Return the moment so many seconds from now."""
        return cls(time.monotonic() + seconds)

    def left(self, most: float = float("inf")) -> float:
        """Return the seconds left, at most so many.

        Raises:
            TimeoutError: there are none.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError("took too long")
        return min(left, most)


def numbers_of(address: Address, permissions: Permissions) -> list[tuple[int, str]]:
    """Look a name up and return `(family, number)` of all its computers, each of them allowed.

    Raises:
        AddressNotAllowed: one of them may not be asked; then none is.
        OSError: there is no such name.
    """
    told = socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )
    found = list(dict.fromkeys((int(family), str(where[0])) for family, _, _, _, where in told))
    for _, number in found:
        permissions.check_number(address, number.partition("%")[0])
    return found


class Line:
    """A connection that can carry several requests, one after the other."""

    def __init__(
        self,
        address: Address,
        numbers: list[tuple[int, str]],
        deadline: Deadline,
        tls: ssl.SSLContext | None,
    ) -> None:
        """Connect to the first number that answers.

        Args:
            address: for its name and port.
            numbers: `(family, number)` that were vetted.
            deadline: when to give up.
            tls: how to secure the line; None = not at all.

        Raises:
            OSError: none does, or it does not prove its name.
        """
        self._address = address
        self.is_open = True
        self.idle_since = time.monotonic()
        self._deadline = deadline
        failure: OSError = OSError("no address")
        for family, number in numbers:
            plain = socket.socket(family, socket.SOCK_STREAM)
            try:
                plain.settimeout(deadline.left(CONNECT_S))
                plain.connect((number, address.port))
                plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._socket = (
                    tls.wrap_socket(plain, server_hostname=address.host) if tls else plain
                )
            except OSError as error:
                plain.close()
                failure = error
                continue
            return
        raise failure

    def get(self, headers: Mapping[str, str], deadline: Deadline) -> http.client.HTTPResponse:
        """Ask for the address; see `send`."""
        return self.send("GET", headers, b"", deadline)

    def send(
        self, method: str, headers: Mapping[str, str], body: bytes, deadline: Deadline
    ) -> http.client.HTTPResponse:
        """Send a request and return the answer when its headers are in; the body is to be read.

        Raises:
            OSError: the connection failed or the deadline passed.
            http.client.HTTPException: the answer is no HTTP.
        """
        self._deadline = deadline
        lines = [f"{method} {self._address.target} HTTP/1.1", f"Host: {self._address.authority}"]
        lines += [f"User-Agent: {_AGENT}", "Accept-Encoding: identity"]
        if "Accept" not in headers:
            lines.append("Accept: */*")
        if body:
            lines.append(f"Content-Length: {len(body)}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._socket.settimeout(deadline.left(SILENCE_S))
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body)
        # It only asks for `makefile`, which is where the deadline comes in.
        answer = http.client.HTTPResponse(self, method=method)  # type: ignore[arg-type]
        answer.begin()
        return answer

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return what comes in as a file; for `http.client`."""
        return io.BufferedReader(_Incoming(self), 65_536)

    def receive(self, into: memoryview) -> int:
        """Wait for bytes, never beyond the deadline."""
        self._socket.settimeout(self._deadline.left(SILENCE_S))
        return self._socket.recv_into(into)

    def to(self, address: Address) -> Line:
        """Return the same line, for another file of the same computer."""
        self._address = address
        return self

    def close(self) -> None:
        """Hang up."""
        self.is_open = False
        self._socket.close()


class _Incoming(io.RawIOBase):
    """The receiving side of a line; closing it leaves the line open."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        return self._line.receive(into)
