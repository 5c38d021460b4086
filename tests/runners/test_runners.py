"""Every runner gives equal results, in equal order, with equal errors, and can be stopped."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator

import pytest

from landzicht.errors.catalogue import UnknownLayer
from landzicht.ports import Runner
from landzicht.runners import Inline, Processes, Threads


def square(number: int) -> int:
    return number * number


def fail_on_three(number: int) -> int:
    if number == 3:
        raise UnknownLayer(collection="a", layer="three", known="none")
    return number


def whoami(_: int) -> tuple[int, int]:
    return os.getpid(), threading.get_ident()


@pytest.fixture(params=["inline", "threads", "processes", "dask"])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    if request.param == "inline":
        yield Inline()
    elif request.param == "threads":
        yield Threads(workers=2)
    elif request.param == "processes":
        yield Processes(workers=2)
    else:
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


@pytest.mark.filterwarnings("ignore::ResourceWarning")
class TestRunner:
    def test_keeps_order_and_values(self, runner: Runner) -> None:
        assert list(runner.map(square, range(50))) == [n * n for n in range(50)]

    def test_error_arrives_in_its_place_with_its_facts(self, runner: Runner) -> None:
        results = runner.map(fail_on_three, range(6))
        assert list(itertools.islice(results, 3)) == [0, 1, 2]
        with pytest.raises(UnknownLayer) as caught:
            next(results)
        assert caught.value.facts["layer"] == "three"

    def test_endless_stream_can_be_stopped(self, runner: Runner) -> None:
        taken = 0

        def endless() -> Iterator[int]:
            nonlocal taken
            for number in itertools.count():
                taken += 1
                yield number

        results = runner.map(square, endless())
        assert [next(results) for _ in range(5)] == [0, 1, 4, 9, 16]
        results.close()  # type: ignore[attr-defined]
        assert taken <= 5 + 16

    def test_nothing_to_do(self, runner: Runner) -> None:
        assert list(runner.map(square, [])) == []


def test_threads_really_use_other_threads() -> None:
    threads = {ident for _, ident in Threads(workers=2).map(whoami, range(8))}
    assert threading.get_ident() not in threads


def test_processes_really_use_other_processes() -> None:
    processes = {pid for pid, _ in Processes(workers=2).map(whoami, range(8))}
    assert os.getpid() not in processes
