"""Two STAC servers on the same items: ours, and stac-fastapi-pgstac on PostgreSQL."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
PATIENCE = 120


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCE), str(HERE)]), **more}


@contextmanager
def server(command: list[str], port: int, path: str, log: Path, **more: str):
    """Start a server, wait until it answers, yield its process, stop it."""
    with log.open("w") as out:
        child = subprocess.Popen(command, stdout=out, stderr=out, env=environment(**more))
        try:
            _wait(child, port, path)
            yield child
        finally:
            child.terminate()
            child.wait(30)


def _wait(child: subprocess.Popen[bytes], port: int, path: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if child.poll() is not None:
            raise RuntimeError("the server stopped")
        try:
            if Client(port).get(path)[0] < 500:
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError


def ours(folder: Path, port: int):
    program = "from landzicht.cli.main import main; main()"
    command = [sys.executable, "-c", program, "up", "--data", str(folder), "--port", str(port)]
    return server([*command, "--no-demo"], port, "/stac", folder / "server.log")


def theirs(address: str, port: int, folder: Path):
    parts = urlsplit(address)
    told = {
        "PGUSER": parts.username or "",
        "PGPASSWORD": parts.password or "",
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port),
        "PGDATABASE": parts.path[1:],
        "DB_MAX_CONN_SIZE": "10",
    }
    command = [sys.executable, "-m", "uvicorn", "stac_fastapi.pgstac.app:create_app", "--factory"]
    command += ["--port", str(port), "--log-level", "warning"]
    return server(command, port, "/_mgmt/ping", folder / "peer.log", **told)


class Client:
    """One connection that is kept open."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def get(self, path: str) -> tuple[int, bytes]:
        self.connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def timed(self, path: str) -> tuple[float, bytes]:
        """Milliseconds and body; anything but 200 stops the contest."""
        start = time.perf_counter()
        status, body = self.get(path)
        spent = time.perf_counter() - start
        if status != 200:
            raise RuntimeError(f"{status} for {path}: {body[:300]!r}")
        return spent * 1000, body


def memory_mb(pid: int) -> float:
    """The most memory that a process had, MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in text.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def found(body: bytes) -> list[tuple[datetime, str]]:
    """Moment and id of the items of an answer, in its order."""
    return [
        (datetime.fromisoformat(f["properties"]["datetime"]), f["id"])
        for f in json.loads(body)["features"]
    ]


def agree(one: bytes, other: bytes, limit: int) -> int:
    """Check that two pages hold the same items; return how many.

    Of scenes with the very moment at which a full page ends, each store may choose others.
    """
    a, b = found(one), found(other)
    assert [t for t, _ in a] == [t for t, _ in b]
    edge = a[-1][0] if len(a) == limit else None
    inside = [{name for t, name in page if t != edge} for page in (a, b)]
    assert inside[0] == inside[1]
    return len(a)
