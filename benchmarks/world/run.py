"""What making Zonderland costs: `python benchmarks/world/run.py [CASE …]`.

Each case is the command that a user types, in a process of its own: wall time with imports, and the
largest memory of all its processes together, looked at fifty times a second (pages that two
processes share count in both). Runs each case three times and keeps the middle one. Writes
`benchmarks/results/world.json` and, by `table.py`, the tables in `docs/zonderland.md`.

    PYTHONPATH=src python benchmarks/world/run.py            all; some ten minutes
    PYTHONPATH=src python benchmarks/world/run.py small s1   these only; the others stay as known
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from table import write

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "world.json"
ROUNDS = 3
PROGRAM = (sys.executable, "-c", "from landzicht.cli.main import main; main()")
CASES: dict[str, tuple[str, ...]] = {
    "small": ("--size", "256", "--dates", "6", "--workers", "2"),
    "usual": ("--size", "1024", "--dates", "24", "--workers", "2"),
    "usual, few": ("--size", "1024", "--dates", "6", "--workers", "2"),
    "zones": ("--size", "1024", "--dates", "24", "--workers", "2", "--zones", "2"),
    "large": ("--size", "2048", "--dates", "6", "--workers", "2"),
    "s1 x 1": ("--dates", "1", "--workers", "1", "--sensors", "s1"),
    "s1 x 9": ("--dates", "9", "--workers", "1", "--sensors", "s1"),
    "thermal x 1": ("--dates", "1", "--workers", "1", "--sensors", "thermal"),
    "thermal x 9": ("--dates", "9", "--workers", "1", "--sensors", "thermal"),
    "vhr x 1": ("--workers", "1", "--sensors", "vhr"),
    "vhr x 5": ("--workers", "1", "--sensors", "vhr", "--years", "5"),
}
"""Of the other instruments one image more is what the table tells: the land is made anyway."""


def measure(options: tuple[str, ...]) -> dict[str, float]:
    """Return seconds, megabytes at most, and megabytes on disk of a run."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        with subprocess.Popen(
            [*PROGRAM, "world", f"{folder}/w", *options],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
        ) as process:
            peak = [0]
            watcher = threading.Thread(target=watch, args=(process, peak))
            watcher.start()
            code = process.wait()
            wall = time.perf_counter() - start
            watcher.join()
        if code:
            raise SystemExit(code)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    return {"wall_s": wall, "peak_mb": peak[0] / 1e6, "disk_mb": size / 1e6}


def watch(process: subprocess.Popen[bytes], peak: list[int]) -> None:
    """Keep the largest resident memory of a process and its children, which share its session."""
    page = os.sysconf("SC_PAGE_SIZE")
    while process.poll() is None:
        total = 0
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                told = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(told[3]) == process.pid:
                    total += int(told[21]) * page
            except (OSError, IndexError):
                continue  # gone meanwhile
        peak[0] = max(peak[0], total)
        time.sleep(0.02)


def main() -> None:
    wanted = sys.argv[1:] or list(CASES)
    unknown = [each for each in wanted if not any(name.startswith(each) for name in CASES)]
    if unknown:
        raise SystemExit(f"no such case: {', '.join(unknown)}; there are: {', '.join(CASES)}")
    known = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {"cases": {}}
    for name, options in CASES.items():
        if not any(name.startswith(each) for each in wanted):
            continue
        rounds = sorted((measure(options) for _ in range(ROUNDS)), key=lambda each: each["wall_s"])
        known["cases"][name] = rounds[len(rounds) // 2] | {"load": os.getloadavg()[0]}
        print(name, json.dumps(known["cases"][name]), flush=True)
    known |= {"processors": os.cpu_count(), "python": platform.python_version()}
    RESULTS.write_text(json.dumps(known, indent=1) + "\n")
    write(known)


if __name__ == "__main__":
    main()
