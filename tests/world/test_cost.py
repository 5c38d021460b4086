"""Making a world takes the memory of its land, not of the number of its images."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MAKE = """
import resource, sys
from pathlib import Path
from landzicht.portal.demo import make_world_files
from landzicht.world import WorldSpec
size, dates = map(int, sys.argv[2:])
make_world_files(WorldSpec(size=size, dates=dates), Path(sys.argv[1]), 1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
SIZE = 256
ALLOWED_MB = 6


def peak_mb(folder: Path, dates: int) -> float:
    """Return the largest memory of a process that makes a world, in megabytes."""
    command = [sys.executable, "-c", MAKE, folder, str(SIZE), str(dates)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def test_more_images_take_no_more_memory(tmp_path: Path) -> None:
    """One that kept the bands of each image would take 9 MB more for 12 more of them."""
    few, many = (peak_mb(tmp_path / str(dates), dates) for dates in (4, 16))
    assert many <= few + ALLOWED_MB, (few, many)
