"""A progress bar on standard error, for people at a terminal."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def progress_bar(*, quiet: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function `(what, done, total)`; it does nothing when nobody looks."""
    if quiet or not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        console=Console(stderr=True),
        transient=True,
        # Lines printed meanwhile go above the bar; but a file that somebody keeps them in gets
        # them itself, and not the terminal of the bar.
        redirect_stdout=sys.stdout.isatty(),
    )
    with bars:
        bar = bars.add_task("…", total=None)

        last = ""

        def tell(what: str, done: int, total: int) -> None:
            nonlocal last
            if what != last:  # another piece of work has a pace of its own
                bars.reset(bar, total=total)
                last = what
            bars.update(bar, description=what, completed=done, total=total)

        yield tell
