"""Files on other computers, as `ByteSource`: few requests, each byte once, and nothing for ever."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from landzicht.blocks.cache import ByteCache
from landzicht.errors.remote import RemoteChanged, RemoteFailed, RemoteTooLarge
from landzicht.formats.ranges import FRESH_S
from landzicht.formats.remote.address import read_address
from landzicht.formats.remote.disk import DiskCache
from landzicht.formats.remote.file import RemoteFile, decode_head, encode_head
from landzicht.formats.remote.http import HttpAsker
from landzicht.formats.remote.line import Deadline
from landzicht.formats.remote.merge import Joint, joined
from landzicht.formats.remote.parts import Changed, Lasting, NoRanges, Part, Passing, Version
from landzicht.formats.remote.s3 import S3Access, S3Asker
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from landzicht.formats.ranges import Range
    from landzicht.formats.remote.address import Address, Permissions
    from landzicht.formats.remote.parts import Asker

T = TypeVar("T")
HEAD_BYTES = 32 * 1024
"""First bytes, fetched with the first request: the whole header of most files."""
_MEMORY = 32 * 2**20
_TRIES = 4
_FIRST_WAIT_S = 0.1
_REST_S = 3.0
_PIECE = 8 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteOptions:
    """What the operator says about remote files."""

    permissions: Permissions
    """Whom we may ask; without hosts there are no remote files."""
    s3: S3Access = field(default_factory=S3Access)
    """Where buckets are."""
    timeout_s: float = 20.0
    """Seconds that one read may take, with all its tries."""
    connections: int = 16
    """Requests at the same time."""
    cache_bytes: int = 0
    """Bytes on disk for pieces and whole files; 0 = none."""
    whole_bytes: int = 0
    """Largest file that is fetched as a whole."""


class RemoteFiles:
    """Opens remote files; safe to use from many threads."""

    def __init__(self, options: RemoteOptions, folder: Path) -> None:
        """Make it ready; no computer is asked for anything yet.

        Args:
            options: what is allowed.
            folder: for the cache on disk.
        """
        self.options = options
        self.disk = DiskCache(folder, options.cache_bytes)
        self._askers: dict[str, Asker] = {}
        http = HttpAsker(options.permissions)
        self._askers = {"http": http, "https": http, "s3": S3Asker(options.s3)}
        self._slots = threading.BoundedSemaphore(max(1, options.connections))
        self._recent: ByteCache[bytes] = ByteCache(_MEMORY, len)
        self._wholes: ByteCache[Path] = ByteCache(0, lambda _: 1)  # only joins equal requests
        self._large = threading.Lock()
        self._flights: dict[tuple[str, Range], Future[bytes]] = {}
        self._resting: dict[tuple[str, int], tuple[float, Text]] = {}
        self._lock = threading.Lock()
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self.requests = 0

    def open(self, href: str) -> RemoteFile:
        """Open a file: one request, or none when its head is known.

        Raises:
            BadAddress: it is no address that we open.
            AddressNotAllowed: the operator does not allow it.
            RemoteFailed: the other computer does not give it.
        """
        address = read_address(href)
        self.options.permissions.check(address)
        kept = self.disk.get(f"head {address}")
        known = decode_head(kept) if kept else None
        if known is not None and 0 <= time.time() - known[2] < FRESH_S:
            version, content, at = known
            return RemoteFile(self, address, Part(content, version), at)
        try:
            part = self._patiently(address, partial(self._ask, address, 0, HEAD_BYTES, None))
        except NoRanges as error:
            return self._open_whole(address, error.size)
        except Changed as error:
            raise RemoteFailed(address=address, reason=_EMPTY) from error
        self.disk.put(f"head {address}", encode_head(part, time.time()))
        return RemoteFile(self, address, part, time.time())

    def forget(self, href: str) -> None:
        """Open a file anew the next time, whatever we know of it."""
        self.disk.drop(f"head {read_address(href)}")

    def together(self, jobs: Sequence[Callable[[], object]]) -> None:
        """Do several things at once and wait for all; whoever needs one that failed finds out."""
        wait([self._threads("ahead").submit(job) for job in jobs])

    def close(self) -> None:
        """Hang up, and stop the threads."""
        with self._lock:
            pools = list(self._pools.values())
            self._pools.clear()
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        for asker in set(self._askers.values()):
            asker.close()  # type: ignore[attr-defined]

    # -- for RemoteFile ----------------------------------------------------------------------

    def read(self, file: RemoteFile, ranges: Sequence[Range]) -> list[bytes]:
        """Return pieces of an opened file; each is fetched once, whoever asks at the same time.

        Raises:
            RemoteChanged: the file is no longer the one that was opened.
            RemoteFailed: the other computer does not give it.
        """
        found: dict[Range, bytes] = {}
        mine: dict[Range, Future[bytes]] = {}
        theirs: dict[Range, Future[bytes]] = {}
        for piece in dict.fromkeys(ranges):
            key = (file.identity, piece)
            with self._lock:
                flight = self._flights.get(key)
                kept = None if flight else self._recent.peek(key)
                if kept is None and flight is None:
                    self._flights[key] = mine[piece] = Future()
            if flight is not None:
                theirs[piece] = flight
            elif kept is not None:
                found[piece] = kept
        try:
            found |= self._fetch(file, mine)
        finally:
            with self._lock:
                for piece, flight in mine.items():
                    del self._flights[(file.identity, piece)]
                    flight.cancel()  # changes nothing after a result or an error
        patience = 2 * self.options.timeout_s + 5.0
        for piece, flight in theirs.items():
            found[piece] = _result(flight, patience, file.address)
        return [found[piece] for piece in ranges]

    def whole(self, file: RemoteFile) -> Path:
        """Return where the whole of an opened file lies on this disk.

        Raises:
            RemoteTooLarge: it is larger than is fetched, or there is no cache.
            RemoteChanged: the file is no longer the one that was opened.
            RemoteFailed: the other computer does not give it.
        """
        self._check_whole(file.address, file.size)
        name = f"whole {file.identity}"

        def pieces() -> Iterator[bytes]:
            for start in range(0, file.size, _PIECE):
                stop = min(start + _PIECE, file.size)
                yield self._get(file, start, stop)

        try:
            return self._wholes.get(name, lambda: self.disk.whole(name, pieces))
        except OSError as error:
            raise RemoteFailed(address=file.address, reason=_NO_ROOM) from error

    # -- asking ------------------------------------------------------------------------------

    def _fetch(self, file: RemoteFile, mine: dict[Range, Future[bytes]]) -> dict[Range, bytes]:
        """Get pieces that nobody else is getting: from disk, else by few requests at once."""
        found: dict[Range, bytes] = {}
        try:
            for piece in mine:
                kept = self.disk.get(f"{piece.offset}+{piece.size} {file.identity}")
                if kept is not None:
                    found[piece] = kept
            for joint, content in self._get_all(file, joined(mine.keys() - found.keys())):
                for piece in joint.pieces:
                    begin = piece.offset - joint.offset
                    found[piece] = content[begin : begin + piece.size]
                    self.disk.put(f"{piece.offset}+{piece.size} {file.identity}", found[piece])
        except Exception as error:
            for flight in mine.values():
                flight.set_exception(error)
            raise
        for piece, flight in mine.items():
            content = found[piece]
            self._recent.get((file.identity, piece), lambda content=content: content)  # type: ignore[misc]
            flight.set_result(content)
        return found

    def _get_all(self, file: RemoteFile, joints: list[Joint]) -> Iterator[tuple[Joint, bytes]]:
        if len(joints) < 2:
            for joint in joints:
                yield joint, self._get(file, joint.offset, joint.stop)
            return
        pool = self._threads("remote")
        flights = [pool.submit(self._get, file, joint.offset, joint.stop) for joint in joints]
        for joint, flight in zip(joints, flights, strict=True):
            yield joint, flight.result()

    def _threads(self, name: str) -> ThreadPoolExecutor:
        """Return threads for one kind of waiting; no kind waits for its own."""
        with self._lock:
            if name not in self._pools:
                self._pools[name] = ThreadPoolExecutor(self.options.connections, name)
            return self._pools[name]

    def _get(self, file: RemoteFile, start: int, stop: int) -> bytes:
        """Return one piece of the version that was opened."""
        address, version = file.address, file.version
        try:
            part = self._patiently(address, partial(self._ask, address, start, stop, version))
        except (Changed, NoRanges) as error:
            raise RemoteChanged(address=address) from error
        return part.content

    def _ask(
        self, address: Address, start: int, stop: int, known: Version | None, deadline: Deadline
    ) -> Part:
        if not self._slots.acquire(timeout=deadline.left()):
            raise Passing(_BUSY)
        try:
            self.requests += 1
            return self._askers[address.scheme].ask(address, start, stop, known, deadline)
        finally:
            self._slots.release()

    def _patiently(self, address: Address, ask: Callable[[Deadline], T]) -> T:
        """Ask, and ask again with growing pauses while that may help and time is left."""
        deadline = Deadline.after(self.options.timeout_s)
        place = (address.host, address.port)
        self._check_rest(address, place)
        pause = _FIRST_WAIT_S
        for attempt in range(1, _TRIES + 1):
            try:
                return ask(deadline)
            except Lasting as error:
                raise RemoteFailed(address=address, reason=error.reason) from error
            except TimeoutError as error:
                raise RemoteFailed(address=address, reason=_BUSY) from error
            except Passing as error:
                left = deadline.at - time.monotonic()
                wait = pause * random.uniform(0.5, 1.5) if error.wait is None else error.wait  # noqa: S311 - no secret
                if attempt == _TRIES or wait >= left:
                    self._rest(place, error.reason, error.wait)
                    raise RemoteFailed(address=address, reason=error.reason) from error
                time.sleep(wait)
                pause *= 3
        raise AssertionError  # the last attempt returned or raised

    def _rest(self, place: tuple[str, int], reason: Text, wait: float | None) -> None:
        """Leave a computer that fails alone for a moment, so that it holds up nobody else."""
        with self._lock:
            until = time.monotonic() + min(max(_REST_S, wait or 0.0), 10 * _REST_S)
            self._resting[place] = (until, reason)

    def _check_rest(self, address: Address, place: tuple[str, int]) -> None:
        with self._lock:
            until, reason = self._resting.get(place, (0.0, None))
            if until > time.monotonic():
                raise RemoteFailed(address=address, reason=reason)
            self._resting.pop(place, None)

    # -- servers that know no ranges ---------------------------------------------------------

    def _check_whole(self, address: Address, size: int | None) -> None:
        most = min(self.options.whole_bytes, self.options.cache_bytes // 2)
        if size is None or size > most:
            megabytes = "?" if size is None else -(-size // 1_000_000)
            raise RemoteTooLarge(address=address, megabytes=megabytes, most=most // 1_000_000)

    def _open_whole(self, address: Address, size: int | None) -> RemoteFile:
        """Get a file of a server that gives whole files only; it is served from this disk then."""
        self._check_whole(address, size)
        assert size is not None
        with self._large:  # one such file in memory at a time
            try:
                part = self._patiently(address, partial(self._ask, address, 0, size, None))
            except (Changed, NoRanges) as error:
                raise RemoteChanged(address=address) from error
            head = Part(part.content[:HEAD_BYTES], part.version)
            file = RemoteFile(self, address, head, time.time(), at_home=True)
            try:
                self.disk.whole(f"whole {file.identity}", lambda: iter((part.content,)))
            except OSError as error:
                raise RemoteFailed(address=address, reason=_NO_ROOM) from error
        return file


def _result(flight: Future[bytes], patience: float, address: Address) -> bytes:
    try:
        return flight.result(patience)
    except (TimeoutError, CancelledError) as error:
        raise RemoteFailed(address=address, reason=_BUSY) from error


_BUSY = Text(nl="het duurt te lang", en="it takes too long")
_EMPTY = Text(nl="het is leeg", en="it is empty")
_NO_ROOM = Text(nl="er is hier geen ruimte voor", en="there is no room for it here")
