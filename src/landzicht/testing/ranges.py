"""A web server on this computer that gives ranges of files, slowly and badly where asked to.

For tests of everything that reads over HTTP. Faults are set for a path and used up one by one:
`server.break_next("/a.tif", "drop", "500")` spoils the next two answers.
"""

from __future__ import annotations

import hashlib
import http.server
import re
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

FAULTS = (
    "drop",  # the connection breaks in the middle of the body
    "truncate",  # fewer bytes than the headers promise, politely closed
    "500",
    "503",
    "429",  # with Retry-After: 1
    "403",
    "404",
    "never",  # takes the request and says nothing
    "drip",  # a byte now and then
    "drip-headers",
    "etag",  # another ETag on the same bytes
    "wrong-range",  # a Content-Range that was not asked for
    "no-range-header",  # 206 without Content-Range
    "longer",  # more bytes than asked for
    "redirect",  # to `server.elsewhere`
    "gzip",  # says that the body is compressed
    "nonsense",  # no HTTP at all
)
_RANGE = re.compile(r"^bytes=(\d+)-(\d*)$")


class Asked(NamedTuple):
    """One request that came in."""

    method: str
    path: str
    range: str


@dataclass(eq=False)
class RangeServer:
    """A running server; `base` is its address."""

    folder: Path
    """Files below it are served."""
    delay: float = 0.0
    """Seconds before each answer begins."""
    rate: float = 0.0
    """Bytes a second of one connection; 0 = as fast as can be."""
    ranges: bool = True
    """Whether it knows ranges; else every answer is the whole file."""
    etags: bool = True
    """Whether it sends ETags."""
    modified: bool = True
    """Whether it sends Last-Modified."""
    conditional: bool = True
    """Whether it looks at If-Match."""
    elsewhere: str = ""
    """Where the fault `redirect` leads."""
    always: str = ""
    """A fault that spoils every answer."""
    asked: list[Asked] = field(default_factory=list)
    """Requests so far."""
    queries: list[str] = field(default_factory=list)
    """What came after `?`, of requests that had one."""
    base: str = ""
    """Address without a slash at its end."""
    most_at_once: int = 0
    """Highest number of requests that were served at the same time."""
    api: (
        Callable[[str, str, bytes, Mapping[str, str]], tuple[int, dict[str, str], bytes]] | None
    ) = None
    """Answers everything below `/stac`: gets method, path with query, body and headers (lower
    case), gives status, headers and body."""
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By path: faults still to come."""
    _busy: int = 0
    _contents: dict[tuple[Path, int, int, int], tuple[bytes, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when it stops, so that no answer waits on."""

    def address(self, name: str) -> str:
        """Return the address of a file."""
        return f"{self.base}/{name}"

    def break_next(self, path: str, *faults: str) -> None:
        """Spoil the next answers about a path, one for each fault; `""` leaves one alone."""
        self.faults[path].extend(faults)

    def count(self, path: str | None = None) -> int:
        """Return the number of requests so far (for a path)."""
        return sum(path in (None, one.path) for one in self.asked)

    def begin(self, method: str, path: str, told: str) -> str:
        """Note a request; returns the fault that its answer shall have."""
        with self._lock:
            self.asked.append(Asked(method, path, told))
            self._busy += 1
            self.most_at_once = max(self.most_at_once, self._busy)
            waiting = self.faults[path]
            return waiting.pop(0) if waiting else self.always

    def exists(self, path: Path) -> bool:
        """Whether a path is a file that may be given."""
        return path.is_relative_to(self.folder.resolve()) and path.is_file()

    def content(self, path: Path) -> tuple[bytes, str]:
        """Return the bytes of a file and their ETag; read once for each state of the file."""
        status = path.stat()
        state = (path, status.st_mtime_ns, status.st_size, status.st_ino)
        if state not in self._contents:
            content = path.read_bytes()
            tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
            self._contents = {state: (content, tag), **dict(list(self._contents.items())[:7])}
        return self._contents[state]

    def end(self) -> None:
        """Note that an answer is out."""
        with self._lock:
            self._busy -= 1


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    told: RangeServer

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        if self.told.api is None:
            self._plain(405)
        else:
            self._serve()

    def do_HEAD(self) -> None:
        """HEAD is not known here: a reader that needs it does not work with many stores."""
        self.told.asked.append(Asked("HEAD", self.path, ""))
        self._plain(405)

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        told = self.told
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        plain, _, query = self.path.partition("?")
        if query:
            told.queries.append(query)
        fault = told.begin(self.command, plain, self.headers.get("range", ""))
        try:
            told.stopping.wait(told.delay)
            if not self._fails_at_once(fault):
                if told.api is not None and plain.startswith("/stac"):
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    status, more, content = told.api(self.command, self.path, body, headers)
                    more["content-length"] = str(len(content))
                    self._send(status, more, content, fault)
                else:
                    self._answer(fault)
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        finally:
            told.end()

    def _fails_at_once(self, fault: str) -> bool:
        told = self.told
        if fault.isdigit():
            self._plain(int(fault), *((("retry-after", "1"),) if fault == "429" else ()))
        elif fault == "never":
            told.stopping.wait(60)
            self.close_connection = True
        elif fault == "nonsense":
            self.wfile.write(b"\x00\x01\x02 what?\r\n\r\n")
            self.close_connection = True
        elif fault == "redirect":
            self._plain(302, ("location", told.elsewhere))
        else:
            return False
        return True

    def _plain(self, status: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("content-length", "0")):
            self.send_header(name, value)
        self.end_headers()

    def _answer(self, fault: str) -> None:
        told = self.told
        path = (told.folder / self.path.partition("?")[0].lstrip("/")).resolve()
        if not told.exists(path):
            self._plain(404)
            return
        content, tag = told.content(path)
        if fault == "etag":
            tag = '"another"'
        wanted = self.headers.get("if-match")
        if told.conditional and told.etags and wanted not in (None, "*", tag):
            self._plain(412)
            return
        found = _RANGE.match(self.headers.get("range", "")) if told.ranges else None
        first, stop = _piece(found, len(content))
        if first >= len(content):
            self._plain(416, ("content-range", f"bytes */{len(content)}"))
            return
        body = content[first:stop]
        headers = {"content-length": str(len(body)), "accept-ranges": "bytes"}
        if told.etags:
            headers["etag"] = tag
        if told.modified:
            headers["last-modified"] = self.date_time_string(int(path.stat().st_mtime))
        if found and fault != "no-range-header":
            shift = 7 if fault == "wrong-range" else 0
            headers["content-range"] = f"bytes {first + shift}-{stop - 1 + shift}/{len(content)}"
        if fault == "gzip":
            headers["content-encoding"] = "gzip"
        if fault == "longer":
            body += bytes(1000)
            headers["content-length"] = str(len(body))
        self._send(206 if found else 200, headers, body, fault)

    def _send(self, status: int, headers: dict[str, str], body: bytes, fault: str) -> None:
        told = self.told
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if fault == "drip-headers":
            self.flush_headers()
            self._drip(b"x-padding: " + bytes(1000).replace(b"\0", b"p"))
            return
        self.end_headers()
        if fault in ("drop", "truncate"):
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
        elif fault == "drip":
            self._drip(body)
        elif told.rate:
            step = max(1, int(told.rate / 50))
            for begin in range(0, len(body), step):
                self.wfile.write(body[begin : begin + step])
                time.sleep(step / told.rate)
        else:
            self.wfile.write(body)

    def _drip(self, body: bytes) -> None:
        self.close_connection = True
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.told.stopping.wait(0.2):
                return


def _piece(asked: re.Match[str] | None, size: int) -> tuple[int, int]:
    """Return the first byte that was asked for and the one after the last."""
    if asked is None:
        return 0, size
    return int(asked[1]), min(size, int(asked[2]) + 1 if asked[2] else size)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Say nothing when a client hangs up."""


@contextmanager
def range_server(
    folder: Path, tls: ssl.SSLContext | None = None, **options: float | bool | str
) -> Iterator[RangeServer]:
    """Serve the files of a folder on a free port of this computer; stops at the end.

    Args:
        folder: what to serve.
        tls: certificate to show; None = plain HTTP.
        options: fields of `RangeServer`.
    """
    told = RangeServer(folder, **options)  # type: ignore[arg-type]
    handler = type("Handler", (_Handler,), {"told": told})
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    told.base = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
