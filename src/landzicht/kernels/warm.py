"""Compiling: where compiled kernels are kept, and making them ready before the first request.

Nothing here imports numba until `warm` is called; `keep_compiled_in` must come first.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

_begun, _can_paint, _all_ready = threading.Event(), threading.Event(), threading.Event()
_PAINTING = 4
"""Of the jobs, those that the commonest tiles need, which come first."""


def keep_compiled_in(folder: Path) -> None:
    """Let numba keep compiled kernels in `folder`, unless the operator chose another place.

    The package's own folder may be read-only, or shared by users who should not be able to give
    each other machine code. A folder that cannot be made is no error: kernels are then compiled
    at every start.

    Args:
        folder: a place that only this user writes; made when absent.
    """
    if os.environ.get("NUMBA_CACHE_DIR"):
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    os.environ["NUMBA_CACHE_DIR"] = str(folder)


def warm(progress: Callable[[int, int], None] | None = None) -> None:
    """Compile or load every kernel, most needed first: true colour, NDVI, then the rest.

    What that takes `benchmarks/tiles/compiling.py` measures: below a second when all is kept from
    before; with an empty cache far longer, of which a sixth before the first pictures are made by
    kernels. Safe to run in a thread beside the first requests.

    Args:
        progress: called with (done, all) after each kernel.
    """
    _begun.set()
    jobs = _jobs()
    for done, job in enumerate(jobs, 1):
        job()
        if done == _PAINTING:
            _can_paint.set()
        if progress:
            progress(done, len(jobs))
    _all_ready.set()


def is_ready() -> bool:
    """Whether `warm` has finished, so that kernels which can be done without may be used."""
    return _all_ready.is_set()


def is_under_way() -> bool:
    """Whether `warm` has begun and the first kernels are still missing.

    Who needs one of these then takes its twin in `landzicht.kernels.plain`, and waits for nothing.
    """
    return _begun.is_set() and not _can_paint.is_set()


def is_warming() -> bool:
    """Whether `warm` has begun and not finished: who can do without a kernel then should."""
    return _begun.is_set() and not _all_ready.is_set()


def _spare_blas() -> None:
    """Let numba believe that there is no library for matrix products.

    It looks for the one in scipy when the first kernel is compiled or loaded, whether or not a
    kernel multiplies matrices: none of ours does. That would take 0.1 s and 20 MB.
    """
    from importlib import import_module

    def missing() -> None:
        raise ImportError

    linear = import_module("numba.np.linalg")
    found = getattr(linear, "ensure_blas", None)
    if found is None:  # another numba, which looks elsewhere or not at all
        return
    linear.ensure_blas = missing  # type: ignore[attr-defined]
    try:
        import_module("numba.np.arraymath")
    finally:
        linear.ensure_blas = found  # type: ignore[attr-defined]


def _jobs() -> list[Callable[[], None]]:
    """Return calls that make numba compile for the array types that tiles use."""
    import numpy as np

    _spare_blas()
    from landzicht.kernels.huffman import ROOM, filter_up, pack
    from landzicht.kernels.lzw import unpack_lzw
    from landzicht.kernels.nearest import gather, index_map, keep_usable
    from landzicht.kernels.resample import BILINEAR, resample
    from landzicht.kernels.stretch import stretch
    from landzicht.kernels.unpredict import add_up, unpredict_float

    # Two of everything: numpy calls one row of a table contiguous, and numba would believe it.
    nodes = np.zeros((2, 2, 2))
    index = np.zeros((2, 2), np.int32)
    yes = np.ones((2, 2), np.bool_)
    decimals = np.zeros((2, 2), np.float32)
    shades = np.zeros(4, np.uint8)

    def gathers(dtype: str) -> None:
        values = np.zeros(4, dtype)
        gather(index.ravel(), values, yes.ravel(), values)

    def resamples() -> None:
        args = (nodes, 0.0, 1.0, 1.0, 0, 0, 2, 2, 1.0, 1.0)
        values, valid = decimals[None].copy(), yes[None].copy()
        resample(*args, values, valid, values.copy(), valid.copy(), BILINEAR)

    def unpredicts() -> None:
        planes = np.zeros((2, 8), np.uint8)
        unpredict_float(planes, 4, planes.copy())
        whole = np.zeros((2, 2), np.uint16)
        add_up(whole, whole)
        unpacked = np.frombuffer(bytes(8), np.uint16).reshape(2, 2)  # not to be changed
        add_up(unpacked, whole)

    def packs() -> None:
        lines, counts = np.zeros((2, 3), np.uint8), np.zeros(256, np.int64)
        filter_up(lines[:, 1:].copy(), lines, counts)
        pack(lines.ravel(), counts, np.zeros(ROOM + 12, np.uint8))

    def unpacks() -> None:
        unpack_lzw(_stored("uint8"), shades)

    return [
        lambda: index_map(nodes, 0.0, 1.0, 1.0, 0, 0, 2, 2, 2, 2, 2, index),
        *_painting("uint16"),
        lambda: stretch(decimals.ravel(), yes.ravel(), 1.0, 0.0, 0, 255, shades),
        lambda: keep_usable(index.ravel(), yes.ravel(), yes.ravel()),
        lambda: gathers("uint16"),
        lambda: gathers("uint8"),
        lambda: gathers("uint32"),
        resamples,
        unpredicts,
        packs,
        *_painting("uint8"),
        *_painting("uint8", between=True),
        lambda: stretch(_stored("float32"), yes.ravel(), 1.0, 0.0, 0, 255, shades),
        unpacks,
        lambda: _formula("float32"),
        lambda: _formula("float64"),
    ]


def _painting(dtype: str, *, between: bool = False) -> list[Callable[[], None]]:
    """Return calls that compile what paints straight from stored numbers of a dtype.

    Args:
        dtype: of the numbers.
        between: other bands lie between them.
    """
    import numpy as np

    from landzicht.kernels.shade import shade_ratio, shade_three

    index, flat = np.zeros(4, np.int32), np.ones(4, np.bool_)
    stored = np.broadcast_to(_stored(dtype), (4, 4))[:, 0] if between else _stored(dtype)

    def threes() -> None:
        tables, colours = np.zeros((3, 2), np.uint8), np.zeros((4, 3), np.uint8)
        bands = (stored, stored, stored)
        shade_three(index, *bands, flat, (0, 0, 0), tables, colours, flat.copy())

    def ratios() -> None:
        scales, steps = np.ones((2, 2), np.float32), np.ones(4, np.float32)
        both, shades = (stored, stored), np.zeros(4, np.uint8)
        shade_ratio(index, *both, flat, (0, 0), scales, steps, shades, flat.copy())

    return [threes, ratios]


def _formula(dtype: str) -> None:
    """Compile the machine for formulas over bands of a dtype."""
    import numpy as np

    from landzicht.kernels.formula import run
    from landzicht.kernels.steps import LOAD, MOST_BANDS, STORE

    program = np.array([[LOAD, 0, 0, 0, 0], [STORE, 1, 0, 0, 0]])
    bands = (_stored(dtype),) * MOST_BANDS
    scales, registers = np.zeros((2, 3), dtype), np.zeros((2, 4), dtype)
    answers = (_stored("bool"), np.zeros(4, dtype), np.zeros(4, np.bool_))
    shades = (np.zeros(4, np.float32), np.zeros(4, np.uint8))
    run(program, bands, scales, registers, 0, 4, *answers, *shades)


def _stored(dtype: str) -> NDArray[Any]:
    """Return numbers as blocks that are kept hold them: not to be changed, a type of its own."""
    import numpy as np

    values = np.zeros(4, dtype)
    values.flags.writeable = False
    return values
