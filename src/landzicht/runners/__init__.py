"""Where work runs: here, in threads, or on Dask. All give equal bits in equal order."""

from landzicht.runners.inline import Inline
from landzicht.runners.processes import Processes
from landzicht.runners.threads import Threads

__all__ = ["Inline", "Processes", "Threads"]
