"""CPU time of formulas, from stored numbers to shades: the compiled machine against numpy.

`PYTHONPATH=src python benchmarks/tiles/formulas.py`; both ways in turn, answers compared first.
"""

from __future__ import annotations

import os
import statistics
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.kernels.stretch import stretch
from landzicht.render import evaluate as machine
from landzicht.render.formula import Formula, parse_formula
from landzicht.render.formula_arrays import evaluate_arrays

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_PARTS = "+".join(f"{k + 1}*(B08-{k / 10})/(B04+B02*{k + 2}.5)" for k in range(10))
FORMULAS = {
    "NDVI": "(B08-B04)/(B08+B04)",
    "EVI": "2.5*(B08-B04)/(B08+6*B04-7.5*B02+1)",
    "SAVI": "1.5*(B08-B04)/(B08+B04+0.5)",
    "masked": "where(SCL == 8 or SCL == 9 or SCL == 3, nan, (B08-B04)/(B08+B04))",
    "long": f"({_PARTS})/clip(B08, 0.01, 1)",
    "exp": "exp(-B04*2)*B08",
    "power": "(B08**1.7-B04**1.7)/(B08+B04)",
}
MIDDLE = 256
STRETCH = (127.0, 128.0, 1, 255)
Stored = dict[str, tuple["NDArray[Any]", float, float]]


def by_numpy(
    formula: Formula, stored: Stored, usable: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Do one step after the other, each over the whole image."""
    found = {key: machine.physical(*stored[key]) for key in formula.names}
    values = evaluate_arrays(formula, found)
    shown = usable & np.isfinite(values)
    out = np.empty(values.size, np.uint8)
    flat = np.ascontiguousarray(values, np.float32).reshape(-1)
    stretch(flat, shown.reshape(-1), *STRETCH, out)
    return out.reshape(shown.shape), shown


def contest(ways: list[Callable[[], Any]], rounds: int) -> list[float]:
    """Return the median CPU time of each, in milliseconds."""
    told: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, times in zip(ways, told, strict=True):
            before = time.process_time()
            way()
            times.append(time.process_time() - before)
    return [1e3 * statistics.median(times) for times in told]


def main() -> None:
    """Print a row for each formula, size and dtype."""
    machine.FEWEST_PIXELS = machine.MANY_PIXELS = 1
    print("load", os.getloadavg())
    for dtype in ("float32", "float64"):
        for side in (64, MIDDLE, 512):
            chance, shape = np.random.default_rng(0), (side, side)
            stored: Stored = {
                key: (chance.integers(1, 9000, shape).astype(dtype), 1e-4, -0.1)
                for key in ("B02", "B04", "B08")
            }
            stored["SCL"] = (chance.integers(0, 12, shape).astype(dtype), 1, 0)
            usable = chance.random(shape) > 0.1
            for name, text in FORMULAS.items():
                formula = parse_formula(text)
                numpys = by_numpy(formula, stored, usable)
                ours = machine.shade_stored(formula, stored, usable, STRETCH)
                assert ours is not None
                for one, other in zip(numpys, ours, strict=True):
                    np.testing.assert_array_equal(one, other)
                ways: list[Callable[[], Any]] = [
                    partial(by_numpy, formula, stored, usable),
                    partial(machine.shade_stored, formula, stored, usable, STRETCH),
                ]
                slow, fast = contest(ways, 200 if side < MIDDLE else 40)
                row = f"{dtype} {side:4d} {name:7} numpy {slow:7.3f} ms, machine {fast:7.3f} ms"
                print(f"{row}, {slow / fast:4.1f} times")


if __name__ == "__main__":
    main()
