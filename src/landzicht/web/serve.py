"""Running the web application: bind, tell the address, serve, stop cleanly."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import landzicht
from landzicht.errors.portal import CannotListen, PortInUse
from landzicht.portal.demo import start_demo
from landzicht.portal.following.follow_keeper import FollowKeeper
from landzicht.portal.progress import read_progress

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from landzicht.portal.settings import Settings

PATIENCE_S = 3
"""How long running requests may take after Ctrl-C."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How to serve."""

    settings: Settings
    host: str
    port: int
    workers: int
    demo: bool
    """Whether to make Zonderland when the portal is empty."""


def serve(serving: Serving, say: Callable[[str], object]) -> None:
    """Serve until Ctrl-C.

    The simulated world is made by a process of its own, started first of all: it needs the
    longest, and the map must not wait for it.

    Raises:
        PortInUse: another program listens there.
        CannotListen: the address or port cannot be used.
        DiskFailed: the data folder cannot be used.
    """
    listener = _listen(serving.host, serving.port)
    # SIGTERM ends us in order too; uvicorn hands the signal on to us when it has stopped serving.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        stack.callback(listener.close)
        stack.enter_context(suppress(KeyboardInterrupt))
        stack.callback(say, "  stopped")
        maker = start_demo(serving.settings) if serving.demo else None
        if maker:
            stack.enter_context(_stopped_at_the_end(maker))
        keeper = FollowKeeper(serving.settings)
        stack.callback(keeper.close)
        keeper.start()
        _tell_workers(serving)
        say(f"Landzicht {landzicht.__version__}")
        say(f"  data     {serving.settings.data}")
        say(f"  address  {_address(serving.host, listener)}   (Ctrl-C stops)")
        if maker:
            say("  Zonderland, a SIMULATED polder, is being made; the map fills as it goes.")
            watcher = threading.Thread(target=_watch, args=(serving, maker, say), daemon=True)
            watcher.start()
        _run(serving, listener)


def _run(serving: Serving, listener: socket.socket) -> None:
    import uvicorn

    options = {"log_level": "warning", "timeout_graceful_shutdown": PATIENCE_S, "lifespan": "on"}
    options["access_log"] = False  # else each line is put together before it is thrown away
    config = uvicorn.Config(
        "landzicht.web.asgi:create",
        factory=True,
        workers=serving.workers,
        server_header=False,
        **options,  # type: ignore[arg-type]
    )
    if serving.workers == 1:
        uvicorn.Server(config).run(sockets=[listener])
        return
    from uvicorn.supervisors import Multiprocess

    Multiprocess(config, sockets=[listener]).run()


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        PortInUse: another program listens there.
        CannotListen: not an address of this computer, or a port that is not for us.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            other = port + 1 if port < 65535 else 8000
            raise PortInUse(host=host, port=port, other=other) from error
        raise CannotListen(host=host, port=port, reason=error.strerror or error) from error
    listener.listen(128)
    listener.set_inheritable(True)
    return listener


def _address(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    name = f"[{host}]" if ":" in host else host
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '') else name}:{port}"  # noqa: S104


def _tell_workers(serving: Serving) -> None:
    """Pass settings to worker processes by the environment, which they inherit."""
    os.environ["LANDZICHT_DATA"] = str(serving.settings.data)
    if serving.settings.theme:
        os.environ["LANDZICHT_THEME"] = serving.settings.theme


@contextmanager
def _stopped_at_the_end(maker: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        maker.terminate()
        maker.wait(timeout=10)


def _watch(serving: Serving, maker: subprocess.Popen[bytes], say: Callable[[str], object]) -> None:
    """Say on the terminal when the simulated world is ready; what went wrong it says itself."""
    while maker.poll() is None:
        time.sleep(0.5)
    told = read_progress(serving.settings.demo_progress)
    if told and told.is_finished:
        say(f"  Zonderland is ready: {told.total} dates.")
