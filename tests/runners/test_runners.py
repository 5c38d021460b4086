"""Every runner keeps the contract; those that should really use other threads or processes."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from landzicht.ports import Runner
from landzicht.runners import Inline, Processes, Threads
from landzicht.testing.contracts import RunnerContract


def whoami(_: int) -> tuple[int, int]:
    return os.getpid(), threading.get_ident()


class TestInline(RunnerContract):
    @pytest.fixture
    def runner(self) -> Runner:
        return Inline()


class TestThreads(RunnerContract):
    @pytest.fixture
    def runner(self) -> Runner:
        return Threads(workers=2)

    def test_uses_other_threads(self, runner: Runner) -> None:
        assert threading.get_ident() not in {ident for _, ident in runner.map(whoami, range(8))}

    def test_nobody_waits_for_what_is_given_up(self, runner: Runner) -> None:
        """The garbage collector closes it in any thread, which may hold what a job waits for."""
        is_over = threading.Event()

        def job(number: int) -> bool:
            return number == 0 or is_over.wait(120)

        found = runner.map(job, range(4))
        assert next(found)
        closing = threading.Thread(target=found.close, daemon=True)  # type: ignore[attr-defined]
        closing.start()
        closing.join(60)
        waits = closing.is_alive()
        is_over.set()
        assert not waits


class TestProcesses(RunnerContract):
    @pytest.fixture
    def runner(self) -> Runner:
        return Processes(workers=2)

    def test_uses_other_processes(self, runner: Runner) -> None:
        assert os.getpid() not in {pid for pid, _ in runner.map(whoami, range(8))}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
class TestDask(RunnerContract):
    @pytest.fixture
    def runner(self) -> Iterator[Runner]:
        distributed = pytest.importorskip("distributed")
        import dask

        from landzicht.runners.dask import Dask

        with (
            dask.config.set({"distributed.comm.timeouts.connect": "120s"}),  # a busy machine
            distributed.LocalCluster(
                n_workers=1,
                threads_per_worker=2,
                processes=False,
                dashboard_address=None,
                host="127.0.0.1",
                protocol="tcp",
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield Dask(client=client)
