"""Asking APIs for JSON and computers for whole files: what following a source needs.

It is the same client that reads linked files: vetted numbers, no redirects, a deadline for
everything. Besides it sends questions (POST, `?`) and the keys of one source.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.formats.remote.address import read_address, read_api_address
from landzicht.formats.remote.http import HttpAsker, check_status
from landzicht.formats.remote.keys import KeyKind, KeyNames, Keys
from landzicht.formats.remote.line import Deadline
from landzicht.formats.remote.parts import Lasting, Passing
from landzicht.formats.remote.s3 import S3Access, S3Asker
from landzicht.text import Text

if TYPE_CHECKING:
    import http.client
    from collections.abc import Callable, Mapping

    from landzicht.formats.remote.address import Address, Permissions
    from landzicht.formats.remote.parts import Part, Version

MOST_JSON = 64 * 2**20
"""Bytes of the longest answer of an API that is read."""
_JSON_KINDS = re.compile(r"^application/(?:[a-z0-9.+-]+\+)?json\b", re.IGNORECASE)
_BLOB = re.compile(r"^(?P<account>[a-z0-9]{3,24})\.blob\.core\.windows\.net\Z")
_SAFE_TOKEN = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{1,8000}", re.ASCII)
_STEP = 1 << 20
_SLOWEST = 50_000.0
"""Bytes a second; who gives less is given up."""
_MARGIN_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions:
    """Whom to ask, and how."""

    permissions: Permissions
    """Whom we may ask."""
    keys: Keys = field(default_factory=lambda: Keys(names=KeyNames()))
    """Of the source."""
    s3: S3Access = field(default_factory=S3Access)
    """Where its buckets are."""
    api_s: float = 60.0
    """Seconds that a question may take."""
    piece_s: float = 120.0
    """Seconds that a piece of a file may take."""
    rate: float = 0.0
    """Most bytes a second of files; 0 = as fast as they come."""


class Fetcher:
    """Asks the computers of one source; safe to use from many threads. Asks once each time."""

    def __init__(self, options: FetchOptions) -> None:
        """Make it ready; nobody is asked for anything yet."""
        self.options = options
        self._http = _KeyedAsker(options)
        self._s3 = S3Asker(options.s3)
        self._signatures: dict[tuple[str, str], tuple[str, float]] = {}
        self._free = 0.0
        self.fetched = 0
        """Bytes of files so far."""
        self._lock = threading.Lock()

    def json(
        self,
        url: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return what an API answers.

        Args:
            url: where; may have a `?`.
            body: for POST; None = GET.
            headers: further ones, that the API itself asked for.

        Raises:
            BadAddress: it is no address that we ask.
            AddressNotAllowed: it may not be asked.
            Passing: it may work later.
            Lasting: it is no JSON object, or the API refuses.
        """
        address = read_api_address(url)
        self.options.permissions.check(address)
        sent = b"" if body is None else orjson.dumps(dict(body))
        told = {"Accept": "application/geo+json, application/json", **(headers or {})}
        if body is not None:
            told["Content-Type"] = "application/json"
        told |= self._http.further(address)
        deadline = Deadline.after(self.options.api_s)
        method = "GET" if body is None else "POST"
        content = self._http.exchange(
            address,
            lambda line: line.send(method, told, sent, deadline),
            partial(_read_json, deadline=deadline),
            deadline,
        )
        try:
            found = orjson.loads(content)
        except ValueError as error:
            raise Passing(_NOT_JSON) from error  # often cut short by a proxy on the way
        if not isinstance(found, dict):
            raise Lasting(_NO_OBJECT)
        return found

    def piece(self, href: str, start: int, stop: int, known: Version | None) -> Part:
        """Return bytes `start` to `stop` (not included) of a file; see `Asker.ask`.

        Raises:
            BadAddress: it is no address that we open.
            AddressNotAllowed: it may not be asked.
            Changed, NoRanges, Passing, Lasting: see `Asker.ask`.
        """
        address = self._address(href)
        deadline = Deadline.after(self.options.piece_s)
        asker = self._s3 if address.scheme == "s3" else self._http
        try:
            part = asker.ask(address, start, stop, known, deadline)
        except TimeoutError as error:
            raise Passing(_SLOW) from error
        self._wait(len(part.content))
        return part

    def stream(self, href: str, most: int, take: Callable[[bytes], object]) -> None:
        """Give a file to `take`, from its first byte on: for servers that know no pieces.

        Raises:
            BadAddress, AddressNotAllowed, Passing: as `piece`.
            Lasting: as `piece`, or it is longer than `most` bytes.
        """
        address = self._address(href)
        deadline = Deadline.after(self.options.piece_s + most / _SLOWEST)

        def read(answer: http.client.HTTPResponse) -> None:
            check_status(answer, deadline)
            told, got = answer.length, 0
            if told is not None and told > most:
                raise Lasting(_TOO_LONG)
            while piece := answer.read(_STEP):
                got += len(piece)
                if got > most:
                    raise Lasting(_TOO_LONG)
                take(piece)
                self._wait(len(piece))
            if told is not None and got != told:
                raise Passing(_CUT)

        headers = self._http.further(address)
        self._http.exchange(address, lambda line: line.get(headers, deadline), read, deadline)

    def close(self) -> None:
        """Hang up."""
        self._http.close()
        self._s3.close()

    def _wait(self, count: int) -> None:
        """Keep to the bandwidth: wait until so many bytes would have come at that rate."""
        self.fetched += count
        rate = self.options.rate
        if rate <= 0:
            return
        with self._lock:
            now = time.monotonic()
            # What was not used in the last second is not saved up for a burst.
            self._free = max(self._free, now - 1.0) + count / rate
            wait = self._free - now
        if wait > 0:
            time.sleep(wait)

    def _address(self, href: str) -> Address:
        address = read_address(href)
        self.options.permissions.check(address)
        if self.options.keys.names.kind is KeyKind.SAS:
            return self._signed(address)
        return address

    def _signed(self, address: Address) -> Address:
        """Return the address with a signature that is good for a while."""
        blob = _BLOB.match(address.host)
        names = self.options.keys.names
        account = blob["account"] if blob else address.host
        if not blob and address.host not in names.hosts:
            return address
        container = address.path.split("/")[1]
        with self._lock:
            token, until = self._signatures.get((account, container), ("", 0.0))
        if until - _MARGIN_S < time.time():
            url = names.signing.format(account=account, container=container)
            told = self.json(url)
            token, until = str(told.get("token") or ""), _expiry(told.get("msft:expiry"))
            if not _SAFE_TOKEN.fullmatch(token):
                raise Lasting(_NO_SIGNATURE)
            with self._lock:
                self._signatures[(account, container)] = (token, until)
        return replace(address, query=token)


class _KeyedAsker(HttpAsker):
    """Sends the keys of a source along, to the computers that they are for."""

    def __init__(self, options: FetchOptions) -> None:
        super().__init__(options.permissions)
        self._keys = options.keys

    def further(self, address: Address) -> Mapping[str, str]:
        return self._keys.headers(address)


def _read_json(answer: http.client.HTTPResponse, deadline: Deadline) -> bytes:
    check_status(answer, deadline)
    kind = answer.headers.get("content-type", "")
    if not _JSON_KINDS.match(kind.strip()):
        # A page of a maintenance or a login in the place of an answer: it may be over later.
        raise Passing(_OTHER_KIND.fill(kind=kind.partition(";")[0][:60] or "?"))
    if answer.length is not None and answer.length > MOST_JSON:
        raise Lasting(_TOO_LONG)
    told = answer.length
    content = answer.read(MOST_JSON + 1)
    if len(content) > MOST_JSON:
        raise Lasting(_TOO_LONG)
    if told is not None and len(content) != told:
        raise Passing(_CUT)
    return content


def _expiry(told: object) -> float:
    """Return until when a signature is good, seconds since 1970; a short while when not told."""
    try:
        found = datetime.fromisoformat(str(told))
        return found.replace(tzinfo=found.tzinfo or UTC).timestamp()
    except ValueError:
        return time.time() + 2 * _MARGIN_S


_NOT_JSON = Text(nl="het antwoord is geen JSON", en="the answer is no JSON")
_NO_OBJECT = Text(nl="het antwoord is geen JSON-object", en="the answer is no JSON object")
_OTHER_KIND = Text(
    nl="het antwoord is {kind} in plaats van JSON", en="the answer is {kind} instead of JSON"
)
_TOO_LONG = Text(nl="het is te lang", en="it is too long")
_CUT = Text(nl="de verbinding brak halverwege af", en="the connection broke off half-way")
_SLOW = Text(nl="de andere computer antwoordt te langzaam", en="the other computer is too slow")
_NO_SIGNATURE = Text(
    nl="de andere computer geeft geen handtekening voor het bestand",
    en="the other computer gives no signature for the file",
)
