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
        from landzicht.runners.dask import Dask

        with (
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
