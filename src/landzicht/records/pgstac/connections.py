"""Connections to PostgreSQL, kept by one thread with an event loop, behind a synchronous face.

Pixels and stores are synchronous here (no asyncio below `web`), and the driver is asynchronous:
so a private thread runs its loop, and callers in any thread wait for their answer.
"""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from urllib.parse import urlsplit, urlunsplit

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.errors.records import CatalogueBusy, CatalogueServerFailed, DriverMissing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    import asyncpg

    from landzicht.errors import LandzichtError

    Connection: TypeAlias = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]

T = TypeVar("T")
BUSY_SECONDS = 60.0
"""How long a writer waits for another one."""
_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 600.0
_MOST = 12
"""Connections of one process; more callers wait for their turn."""
_SESSION = {
    "application_name": "landzicht",
    "search_path": "pgstac, public",
    "timezone": "UTC",
    "synchronous_commit": "on",  # acknowledged = on disk, whatever the server's own default
    "jit": "off",  # compiling costs more than our short questions
    "lock_timeout": f"{int(BUSY_SECONDS * 1000)}",
}


class Pool:
    """As many connections as questions at the same moment, at most twelve.

    Nothing is opened before the first question; after a server was away, the next question
    connects anew. A forked child starts with a pool of its own.
    """

    def __init__(self, address: str, prepare: Callable[[Connection], Awaitable[None]]) -> None:
        """Name the database.

        Args:
            address: `postgresql://…`.
            prepare: brings the tables up to date; run once, by the first question that succeeds.
        """
        self._address = address
        self._prepare = prepare
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._making: asyncio.Lock | None = None
        self._prepared = False
        self.name = without_password(address)

    def run(self, ask: Callable[[Connection], Awaitable[T]], *, write: bool = False) -> T:
        """Ask in one transaction and return the answer.

        A reader sees one state of the catalogue and is asked again when its connection turns out
        to be dead; a writer is not, for nobody knows how far it came.

        Raises:
            DriverMissing: the package that speaks to PostgreSQL is not installed.
            CatalogueServerFailed: the server cannot be reached, or refuses.
            CatalogueBusy: another writer held the lock for too long.
            DiskFailed: the disk of the server is full.
        """
        for attempt in range(1 if write else 2):
            try:
                return self._wait(self._ask(ask, write=write))
            except _connection_errors() as error:
                if write or attempt:
                    raise self._explain(error) from None  # the cause may hold the address
            except Exception as error:
                told = self._explain_answer(error)
                if told is None:
                    raise
                raise told from None
        raise AssertionError

    def close(self) -> None:
        """Close every connection; a later question opens them again."""
        with self._lock:
            loop, pool = self._loop, self._pool
            self._loop = self._pool = self._making = None
            self._prepared = False
        if loop is None or self._process != os.getpid():
            return
        if pool is not None:
            closing = asyncio.run_coroutine_threadsafe(_close(pool), loop)
            closing.result(_CONNECT_SECONDS * 2)
        loop.call_soon_threadsafe(loop.stop)

    # -- in the thread of the caller ----------------------------------------------------------

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(coroutine, self._running())
        try:
            return future.result(_ANSWER_SECONDS)
        except BaseException:
            future.cancel()  # Ctrl-C in the caller ends the question too
            raise

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._process != os.getpid():  # the parent's thread did not come along
                self._process, self._loop, self._pool, self._making = os.getpid(), None, None, None
                self._prepared = False
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                name = "landzicht-postgresql"
                threading.Thread(target=_serve, args=(self._loop,), name=name, daemon=True).start()
            return self._loop

    # -- in the thread of the loop ------------------------------------------------------------

    async def _ask(self, ask: Callable[[Connection], Awaitable[T]], *, write: bool) -> T:
        pool = await self._opened()
        async with pool.acquire(timeout=BUSY_SECONDS) as db:
            isolation = "read_committed" if write else "repeatable_read"
            async with db.transaction(isolation=isolation, readonly=not write):
                return await ask(db)

    async def _opened(self) -> asyncpg.Pool[asyncpg.Record]:
        if self._making is None:
            self._making = asyncio.Lock()
        async with self._making:
            if self._pool is None:
                import asyncpg

                self._pool = await asyncpg.create_pool(
                    self._address,
                    min_size=0,
                    max_size=_MOST,
                    timeout=_CONNECT_SECONDS,
                    command_timeout=_ANSWER_SECONDS,
                    server_settings=_SESSION,
                )
            if not self._prepared:
                async with self._pool.acquire(timeout=BUSY_SECONDS) as db:
                    await self._prepare(db)
                self._prepared = True
        return self._pool

    # -- what went wrong ----------------------------------------------------------------------

    def _explain(self, error: BaseException) -> LandzichtError:
        if isinstance(error, ImportError):
            return DriverMissing()
        reason = str(error).strip() or type(error).__name__
        return CatalogueServerFailed(server=self.name, reason=self._clean(reason))

    def _explain_answer(self, error: Exception) -> LandzichtError | None:
        """Return what an answer of the server means, or None when it is a mistake of ours."""
        import asyncpg

        if isinstance(error, asyncpg.LockNotAvailableError):
            return CatalogueBusy(path=self.name, seconds=round(BUSY_SECONDS))
        if isinstance(error, asyncpg.DiskFullError | asyncpg.PostgresIOError):
            reason = disk_reason(OSError(errno.ENOSPC, str(error)))
            return DiskFailed(path=self.name, reason=reason)
        refused = (
            asyncpg.InsufficientPrivilegeError,
            asyncpg.UndefinedFileError,
            asyncpg.FeatureNotSupportedError,
            asyncpg.InsufficientResourcesError,
            asyncpg.ReadOnlySQLTransactionError,
        )
        return self._explain(error) if isinstance(error, refused) else None

    def _clean(self, text: str) -> str:
        """Leave the password out, wherever it stands."""
        password = urlsplit(self._address).password
        text = " ".join(text.split())[:300]
        return text.replace(password, "•••") if password else text


def without_password(address: str) -> str:
    """Return an address of PostgreSQL fit for messages: no password and no options."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    user = f"{parts.username}@" if parts.username else ""
    return urlunsplit((parts.scheme, user + host, parts.path, "", ""))


def sendable(value: Any) -> Any:  # noqa: ANN401 - whatever a statement takes
    """Return a value, or the texts in a list, as PostgreSQL can take them: without U+0000.

    No name in the catalogue has that character or the one put in its place, so nothing is found.
    """
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    return [sendable(each) for each in value] if isinstance(value, list) else value


def _connection_errors() -> tuple[type[BaseException], ...]:
    """Return what asyncpg raises when there is no server, or no longer."""
    try:
        import asyncpg
    except ImportError:
        return (ImportError,)
    return (
        OSError,  # among them TimeoutError
        ValueError,  # an address that cannot be read
        asyncpg.InterfaceError,
        asyncpg.PostgresConnectionError,
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InvalidCatalogNameError,
        asyncpg.CannotConnectNowError,
        asyncpg.OperatorInterventionError,
        asyncpg.TooManyConnectionsError,
        asyncpg.InternalClientError,
    )


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _close(pool: asyncpg.Pool[asyncpg.Record]) -> None:
    try:
        await asyncio.wait_for(pool.close(), _CONNECT_SECONDS)
    except (TimeoutError, OSError):
        pool.terminate()
