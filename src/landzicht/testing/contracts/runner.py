"""The promises of `landzicht.ports.Runner`: equal results in equal order, wherever work runs."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from landzicht.errors.catalogue import UnknownLayer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landzicht.ports import Runner

MOST_AHEAD = 16
"""Jobs that may be started beyond the results taken."""


def square(number: int) -> int:
    """Return the square; a job must be a module-level function."""
    return number * number


def fail_on_three(number: int) -> int:
    """Return the number, but fail on three."""
    if number == 3:
        raise UnknownLayer(collection="a", layer="three", known="none")
    return number


class RunnerContract:
    """The promises of `landzicht.ports.Runner`."""

    @pytest.fixture
    def runner(self) -> Runner:
        """Return a runner."""
        raise NotImplementedError

    def test_keeps_order_and_values(self, runner: Runner) -> None:
        """As the built-in `map`."""
        assert list(runner.map(square, range(50))) == [number**2 for number in range(50)]

    def test_error_arrives_in_its_place_with_its_facts(self, runner: Runner) -> None:
        """Results before it come first."""
        results = runner.map(fail_on_three, range(6))
        assert list(itertools.islice(results, 3)) == [0, 1, 2]
        with pytest.raises(UnknownLayer) as caught:
            next(results)
        assert caught.value.facts["layer"] == "three"

    def test_endless_stream_can_be_stopped(self, runner: Runner) -> None:
        """Only a few jobs are started ahead."""
        taken = 0

        def endless() -> Iterator[int]:
            nonlocal taken
            for number in itertools.count():
                taken += 1
                yield number

        results = runner.map(square, endless())
        assert [next(results) for _ in range(5)] == [0, 1, 4, 9, 16]
        close = getattr(results, "close", None)
        if close:
            close()
        assert taken <= 5 + MOST_AHEAD

    def test_nothing_to_do(self, runner: Runner) -> None:
        """No items, no results."""
        assert list(runner.map(square, [])) == []
