"""Asking web servers for pieces of files."""

from __future__ import annotations

import email.utils
import http.client
import re
import ssl
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from landzicht.formats.remote.line import Line, numbers_of
from landzicht.formats.remote.parts import Changed, Lasting, NoRanges, Part, Passing, Version
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from landzicht.formats.remote.address import Address, Permissions
    from landzicht.formats.remote.line import Deadline

T = TypeVar("T")
_IDLE_S = 20.0
_MOST_IDLE = 16
_LOOK_UPS = 4
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_RANGE = re.compile(r"^bytes (\d{1,18})-(\d{1,18})/(\d{1,18})\Z")
_DRAIN = 65_536


class HttpAsker:
    """Asks over HTTP(S); implements `Asker`; keeps connections; safe for many threads."""

    def __init__(self, permissions: Permissions) -> None:
        """Make an asker for computers that these permissions name."""
        self._permissions = permissions
        self._idle: defaultdict[tuple[str, str, int], list[Line]] = defaultdict(list)
        self._lock = threading.Lock()
        self._names: ThreadPoolExecutor | None = None

    def ask(
        self,
        address: Address,
        start: int,
        stop: int,
        known: Version | None,
        deadline: Deadline,
    ) -> Part:
        """See `Asker.ask`."""
        headers = {"Range": f"bytes={start}-{stop - 1}"}
        if known is not None and known.is_strong:
            headers["If-Match"] = known.tag
        return self.exchange(
            address,
            lambda line: line.get({**headers, **self.further(address)}, deadline),
            lambda answer: self._read(answer, start, stop, known, deadline),
            deadline,
        )

    def further(self, address: Address) -> Mapping[str, str]:  # noqa: ARG002 - for those who know more
        """Return further headers for an address: none, as a linked file needs no key."""
        return {}

    def exchange(
        self,
        address: Address,
        send: Callable[[Line], http.client.HTTPResponse],
        read: Callable[[http.client.HTTPResponse], T],
        deadline: Deadline,
    ) -> T:
        """Send a request over a kept or a new line, and return what `read` makes of the answer.

        Raises:
            Passing: the connection failed.
            AddressNotAllowed: the computer may not be asked.
        """
        while True:
            line = self._take(address)
            is_fresh = line is None
            try:
                line = line or self._connect(address, deadline)
                answer = send(line)
            except (OSError, http.client.HTTPException) as error:
                if line is not None:
                    line.close()
                # A kept connection may have been hung up by the server; a new one tells for sure.
                if is_fresh or isinstance(error, TimeoutError):
                    raise Passing(_reason(error)) from error
                continue
            try:
                return read(answer)
            except (OSError, http.client.HTTPException) as error:
                line.close()
                raise Passing(_reason(error)) from error
            except BaseException:
                line.close()
                raise
            finally:
                self._keep(address, line, answer)

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            lines = [line for lines in self._idle.values() for line in lines]
            self._idle.clear()
            names, self._names = self._names, None
        if names is not None:
            names.shutdown(wait=False, cancel_futures=True)
        for line in lines:
            line.close()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _connect(self, address: Address, deadline: Deadline) -> Line:
        # A resolver has its own idea of patience; ours is the deadline.
        with self._lock:
            if self._names is None:
                self._names = ThreadPoolExecutor(_LOOK_UPS, "names")
            found = self._names.submit(numbers_of, address, self._permissions)
        numbers = found.result(deadline.left())
        tls = self._tls if address.scheme == "https" else None
        return Line(address, numbers, deadline, tls)

    def _take(self, address: Address) -> Line | None:
        key = (address.scheme, address.host, address.port)
        with self._lock:
            lines = self._idle[key]
            while lines:
                line = lines.pop()
                if time.monotonic() - line.idle_since < _IDLE_S:
                    return line.to(address)
                line.close()
        return None

    def _keep(self, address: Address, line: Line, answer: http.client.HTTPResponse) -> None:
        """Keep a line on which the answer was read to its end."""
        if not line.is_open or answer.will_close or not answer.isclosed():
            answer.close()
            line.close()
            return
        line.idle_since = time.monotonic()
        with self._lock:
            lines = self._idle[(address.scheme, address.host, address.port)]
            if len(lines) < _MOST_IDLE:
                lines.append(line)
                return
        line.close()

    def _read(
        self,
        answer: http.client.HTTPResponse,
        start: int,
        stop: int,
        known: Version | None,
        deadline: Deadline,
    ) -> Part:
        check_status(answer, deadline)
        if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise Lasting(_PACKED)
        if answer.status == 200:
            return _whole(answer, start, stop, known)
        found = _RANGE.match(answer.headers.get("content-range", "").strip())
        if found is None:
            raise Lasting(_WRONG_RANGE)
        first, last, size = (int(number) for number in found.groups())
        if first != start or last != min(stop, size) - 1:
            raise Lasting(_WRONG_RANGE)
        version = _version(answer, size)
        _compare(known, version)
        content = answer.read(last - first + 1)
        if len(content) != last - first + 1:
            raise Passing(_CUT)
        _finish(answer)
        return Part(content, version)


def _whole(answer: http.client.HTTPResponse, start: int, stop: int, known: Version | None) -> Part:
    """Take an answer that ignores the range, when it is no more than we asked for."""
    told = answer.length
    if told is None or start > 0 or told > stop:
        raise NoRanges(told)
    version = _version(answer, told)
    _compare(known, version)
    content = answer.read(told)
    if len(content) != told:
        raise Passing(_CUT)
    _finish(answer)
    return Part(content, version)


def check_status(answer: http.client.HTTPResponse, deadline: Deadline) -> None:
    """Raise unless the server gives what was asked."""
    status = answer.status
    if status in (200, 206):
        return
    if status in (412, 416):
        raise Changed
    if status in _PASSING:
        raise Passing(_STATUS.fill(status=status), _wait(answer.headers.get("retry-after")))
    if 300 <= status < 400:
        raise Lasting(_MOVED)
    if status in (401, 403):
        raise Lasting(_FORBIDDEN)
    if status in (404, 410):
        raise Lasting(_GONE)
    deadline.left()
    raise Lasting(_STATUS.fill(status=status))


def _version(answer: http.client.HTTPResponse, size: int) -> Version:
    tag = answer.headers.get("etag") or answer.headers.get("last-modified") or ""
    return Version(tag.strip()[:200] if tag.isprintable() else "", size)


def _compare(known: Version | None, found: Version) -> None:
    if known is not None and known != found:
        raise Changed


def _finish(answer: http.client.HTTPResponse) -> None:
    """Read to the end, so that the connection can be used again; what is more is not ours."""
    if answer.read(_DRAIN):
        raise Lasting(_WRONG_RANGE)


def _wait(told: str | None) -> float | None:
    """Return the seconds that `Retry-After` says, as a number or a date."""
    if told is None:
        return None
    if told.strip().isdigit():
        return float(told.strip()[:6])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(told).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _reason(error: Exception) -> Text:
    if isinstance(error, TimeoutError):
        return _SLOW
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE
    if isinstance(error, http.client.IncompleteRead):
        return _CUT
    if isinstance(error, http.client.HTTPException):
        return _NOT_HTTP
    return _UNREACHABLE


_STATUS = Text(
    nl="de andere computer antwoordt met fout {status}",
    en="the other computer answers with error {status}",
)
_MOVED = Text(
    nl="de andere computer stuurt door naar een ander adres; dat volgen wij niet",
    en="the other computer sends on to another address, which we do not follow",
)
_FORBIDDEN = Text(
    nl="de andere computer geeft het niet aan ons", en="the other computer refuses to give it to us"
)
_GONE = Text(nl="het is daar niet (meer)", en="it is not there (any more)")
_PACKED = Text(
    nl="de andere computer stuurt het ingepakt", en="the other computer sends it compressed"
)
_WRONG_RANGE = Text(
    nl="de andere computer stuurt een ander stuk dan wij vroegen",
    en="the other computer sends another piece than we asked for",
)
_CUT = Text(nl="de verbinding brak halverwege af", en="the connection broke off half-way")
_SLOW = Text(nl="de andere computer antwoordt te langzaam", en="the other computer is too slow")
_CERTIFICATE = Text(
    nl="het certificaat van de andere computer klopt niet",
    en="the certificate of the other computer is wrong",
)
_NOT_HTTP = Text(
    nl="de andere computer antwoordt onverstaanbaar",
    en="the other computer’s answer makes no sense",
)
_UNREACHABLE = Text(
    nl="de andere computer is niet bereikbaar", en="the other computer cannot be reached"
)
