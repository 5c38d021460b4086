"""A PostgreSQL server with PostGIS for the length of a test run, in a folder of its own.

It listens on this machine alone and knows one password, made for this run. PostgreSQL refuses to
run as root, so a run as root starts it as the user `postgres` that its package made.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PROGRAMS = Path("/usr/lib/postgresql")
_PATIENCE = 60.0
"""Seconds that a start or a stop may take on a busy machine."""
_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests that do not ask whether a write is on disk."""
_USER = "postgres"


@dataclass
class PostgresServer:
    """A server that can be stopped, started and killed."""

    programs: Path
    """Folder of `initdb`, `postgres` and `pg_ctl`."""
    folder: Path
    """Folder of this server; removed at the end."""
    port: int
    """Port on 127.0.0.1."""
    password: str
    """Of the user `postgres`."""
    options: Mapping[str, str]
    """Settings of `postgresql.conf`."""

    def address(self, database: str = "postgres") -> str:
        """Return `postgresql://…` of a database on this server."""
        return f"postgresql://{_USER}:{quote(self.password)}@127.0.0.1:{self.port}/{database}"

    def make_database(self, name: str | None = None, template: str = "template1") -> str:
        """Make a database as a copy of a template and return its address."""
        name = name or f"test_{secrets.token_hex(6)}"
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.address(name)

    def drop_database(self, address: str) -> None:
        """Remove a database, whoever is still connected."""
        self.sql(f'DROP DATABASE "{address.rpartition("/")[2]}" WITH (FORCE)')

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement with `psql` and return what it prints, without heads."""
        command = [self.programs / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d"]
        done = subprocess.run(
            [*map(str, command), self.address(database), "-c", statement],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        facts = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "shared_buffers": "64MB",
            "max_connections": "60",
            "logging_collector": "off",
            **self.options,
        }
        given = " ".join(f"-c {name}='{value}'" for name, value in facts.items())
        self._control("start", "-o", given, "-l", str(self.folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `smart`, `fast` or `immediate` (as if the power went)."""
        self._control("stop", "-m", mode)

    def _control(self, verb: str, *arguments: str) -> None:
        command = [str(self.programs / "pg_ctl"), verb, "-w", "-t", str(int(_PATIENCE)), "-s"]
        _run([*command, "-D", str(self.folder / "data"), *arguments], self.folder)


def postgres_missing() -> str | None:
    """Return why no server can be started here, or None when one can."""
    programs = _programs()
    if programs is None:
        return "PostgreSQL is not installed (Debian: postgresql postgresql-postgis)"
    shared = Path("/usr/share/postgresql") / programs.parent.name / "extension"
    if not (shared / "postgis.control").exists():
        return "PostGIS is not installed (Debian: postgresql-postgis)"
    if os.geteuid() == 0 and _runner() is None:
        return "PostgreSQL does not run as root, and there is no user postgres"
    return None


@contextmanager
def serve_postgres(
    *, durable: bool = False, options: Mapping[str, str] | None = None
) -> Iterator[PostgresServer]:
    """Start a server, lend it, stop it and remove its folder.

    Args:
        durable: whether a commit waits for the disk; without, the server is quicker.
        options: further settings of the server.
    """
    programs = _programs()
    assert programs is not None, postgres_missing()
    folder = Path(tempfile.mkdtemp(prefix="landzicht-postgres-"))
    if runner := _runner():
        os.chown(folder, runner.pw_uid, runner.pw_gid)
    server = PostgresServer(
        programs=programs,
        folder=folder,
        port=_free_port(),
        password=secrets.token_urlsafe(16),
        options={**({} if durable else _QUICK), **(options or {})},
    )
    try:
        _initialise(server)
        _start_somewhere(server)
        yield server
    finally:
        with suppress(RuntimeError):
            server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _start_somewhere(server: PostgresServer, tries: int = 3) -> None:
    """Start a server on its port, or on another when somebody took that one meanwhile."""
    try:
        server.start()
    except RuntimeError as error:
        if tries <= 1 or "in use" not in str(error):
            raise
        server.port = _free_port()
        _start_somewhere(server, tries - 1)


def _initialise(server: PostgresServer) -> None:
    secret = server.folder / "password"
    secret.touch(mode=0o600)
    secret.write_text(server.password)
    if runner := _runner():
        os.chown(secret, runner.pw_uid, runner.pw_gid)
    command = [str(server.programs / "initdb"), "-D", str(server.folder / "data"), "-U", _USER]
    command += ["--auth=scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8"]
    _run([*command, "--no-sync", "--no-instructions"], server.folder)
    secret.unlink()


def _run(command: list[str], folder: Path) -> None:
    runner = _runner()
    with (folder / "said").open("w") as said:
        done = subprocess.run(
            command,
            cwd=folder,
            user=runner.pw_uid if runner else None,
            group=runner.pw_gid if runner else None,
            extra_groups=[] if runner else None,
            env={"PATH": os.defpath, "HOME": str(folder), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            timeout=2 * _PATIENCE,
            check=False,
        )
    if done.returncode:
        told = (folder / "said").read_text(errors="replace")
        log = folder / "log"
        raise RuntimeError(told + (log.read_text(errors="replace")[-2000:] if log.exists() else ""))


def _programs() -> Path | None:
    """Return the folder of the newest server that Debian's packages installed."""
    found = sorted(
        (path.parent for path in _PROGRAMS.glob("*/bin/postgres")),
        key=lambda path: float(path.parent.name),
    )
    return found[-1] if found else None


def _runner() -> pwd.struct_passwd | None:
    """Return the user to run as when we are root."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam(_USER)
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, patience: float = _PATIENCE) -> None:
    """Wait until something listens on a port of this machine.

    Raises:
        TimeoutError: nothing did.
    """
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError
