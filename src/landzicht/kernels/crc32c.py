"""The checksum CRC-32C (Castagnoli), which Zarr puts behind chunks and indexes of shards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78


def _table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1)
    return table.astype(np.uint32)


_TABLE = _table()


@njit(nogil=True, cache=True)
def _run(content: NDArray[np.uint8], table: NDArray[np.uint32]) -> np.uint32:
    total = np.uint32(0xFFFFFFFF)
    for byte in content:
        total = table[(total ^ byte) & np.uint32(0xFF)] ^ (total >> np.uint32(8))
    return total ^ np.uint32(0xFFFFFFFF)


def crc32c(content: NDArray[np.uint8]) -> int:
    """Return the checksum of bytes `(n,)` uint8."""
    return int(_run(content, _TABLE))
