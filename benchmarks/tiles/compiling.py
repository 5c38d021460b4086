"""What compiling the kernels costs: `python benchmarks/tiles/compiling.py`; writes nothing.

In processes of their own, first with an empty folder for compiled code, then with a full one;
processor time, for that is the same on a busy machine. A kernel counts with the functions it needs
that no kernel before it has needed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from mmap import PAGESIZE
from pathlib import Path


def measure() -> None:
    """Warm up in this process, and print what each kernel took and what memory all of it left."""
    began = time.process_time()
    from numba.core import event

    from landzicht.kernels.warm import is_under_way, warm
    from landzicht.series.warm import warm_measuring

    kernels, painting = Counter(), []
    event.Listener.register(Compiling)
    event.register("numba:compile", Compiling(kernels))

    def told(_done: int, _all: int) -> None:
        if not painting and not is_under_way():
            painting.append(time.process_time() - began)

    warm(told)
    tiles = time.process_time() - began
    warm_measuring()
    spent = time.process_time() - began
    held = int(Path("/proc/self/statm").read_text().split()[1]) * PAGESIZE / 1e6
    found = {"kernels": kernels, "all": spent, "held": held, "painting": painting[0]}
    found["measuring"] = spent - tiles
    print(json.dumps(found))


class Compiling:
    """Counts the seconds of each kernel's compiling, but for what is compiled inside of it."""

    def __init__(self, seconds: Counter) -> None:
        self._seconds, self._open = seconds, []

    def notify(self, event) -> None:
        """Hear that compiling a function begins or ends."""
        if event.is_start:
            self._open.append([time.process_time(), 0.0])
            return
        began, inside = self._open.pop()
        spent = time.process_time() - began
        function = event.data["dispatcher"].py_func
        name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        self._seconds[name] += spent - inside
        if self._open:
            self._open[-1][1] += spent


def main() -> None:
    """Measure in two processes, and print tables."""
    with tempfile.TemporaryDirectory() as folder:
        for title in ("from nothing", "kept from before"):
            told = json.loads(
                subprocess.run(
                    [sys.executable, __file__, "here"],
                    env={**os.environ, "NUMBA_CACHE_DIR": folder},
                    stdout=subprocess.PIPE,
                    check=True,
                    text=True,
                ).stdout
            )
            print(
                f"{title}: {told['all']:.1f} s, of which {told['painting']:.1f} s for what the "
                f"commonest tiles need and {told['measuring']:.1f} s for measuring; the process "
                f"then holds {told['held']:.0f} MB"
            )
            for name, seconds in sorted(told["kernels"].items(), key=lambda each: -each[1]):
                print(f"  {seconds:6.2f} s  {name}")


if __name__ == "__main__":
    measure() if sys.argv[1:] == ["here"] else main()
