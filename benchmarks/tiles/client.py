"""A light HTTP client, so that a server is measured and not who asks: some 20 microseconds a tile.

One thread, plain sockets that stay open, one request after another on each.
"""

from __future__ import annotations

import selectors
import socket
import time
from itertools import cycle

PATIENCE_S = 60


class Link:
    """One connection, with the answer that is on its way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._got = b""
        self._missing = -1

    def ask(self, path: str) -> None:
        self._got, self._missing = b"", -1
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def take(self) -> bool:
        """Take what has come; whether the answer is complete."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise ConnectionError("the server hung up")
        if self._missing >= 0:
            self._missing -= len(part)
            return self._missing == 0
        self._got += part
        head, mark, body = self._got.partition(b"\r\n\r\n")
        if not mark:
            return False
        status, *lines = head.lower().split(b"\r\n")
        if b" 200 " not in status:
            raise AssertionError(status)
        length = next(line for line in lines if line.startswith(b"content-length:"))
        self._missing = int(length.split(b":")[1]) - len(body)
        return self._missing == 0


def ask_for(port: int, paths: list[str], connections: int, seconds: float) -> tuple[int, float]:
    """Ask for paths again and again; returns answers and seconds."""
    links = []
    for path, _ in zip(cycle(paths), range(connections), strict=False):
        link = Link(port)  # one after the other, as visitors come
        link.ask(path)
        while not link.take():
            pass
        links.append(link)
    wanted, done = cycle(paths), 0
    with selectors.DefaultSelector() as waiting:
        for link in links:
            waiting.register(link.socket, selectors.EVENT_READ, link)
            link.ask(next(wanted))
        begin = time.perf_counter()
        while time.perf_counter() - begin < seconds:
            for key, _ in waiting.select(PATIENCE_S):
                if key.data.take():
                    done += 1
                    key.data.ask(next(wanted))
        spent = time.perf_counter() - begin
    for link in links:
        link.socket.close()
    return done, spent
