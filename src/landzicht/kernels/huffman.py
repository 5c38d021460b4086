"""Packing bytes into a zlib stream with Huffman codes alone (RFC 1950, 1951), for PNG.

Filtered rows of a photograph hold hardly any repetition, so looking for matches costs nine tenths
of the time of a deflate encoder and gains nothing there. For flat pictures matches do matter;
`render.encode` chooses by the counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 12
"""Bits of the longest code: four of them and the rest of a byte fit in one 64-bit number."""
ROOM = 1024
"""Bytes that a stream may need beside twice the length of what goes in."""
_END = 256
_SYMBOLS = 257
_FEW_ROWS = 64
"""Rows below which all of them are counted."""


@njit(nogil=True, cache=True)
def filter_up(rows: NDArray[np.uint8], out: NDArray[np.uint8], counts: NDArray[np.int64]) -> int:
    """Write each row as its difference from the one above (PNG filter 2), and count the bytes.

    Counting takes longer than subtracting. Of pictures with many rows one row in four is counted,
    at uneven distances so that no pattern in the picture fits them: codes get half a percent
    longer by it.

    Args:
        rows: `(y, n)` uint8.
        out: `(y, n + 1)` uint8; the first column becomes the number of the filter.
        counts: `(256,)` int64, zeros; becomes how often each byte occurs in what is counted, and
            one more, when that is not all, for each that may occur in the rest.

    Returns:
        How many bytes were counted.
    """
    height, length = rows.shape
    all_rows = height < _FEW_ROWS
    # Four tables, so that equal bytes in a row do not wait for each other.
    tables = np.zeros((4, 256), np.int64)
    counted = 0
    for y in range(height):
        line, to = rows[y], out[y]
        to[0] = 2
        if y:
            above = rows[y - 1]
            for k in range(length):
                to[k + 1] = line[k] - above[k]
        else:
            for k in range(length):
                to[k + 1] = line[k]
        if not all_rows and (y * 7) % 16 >= 4:
            continue
        counted += length + 1
        whole = length - length % 4
        for k in range(1, whole + 1, 4):
            tables[0, np.uint32(to[k])] += 1
            tables[1, np.uint32(to[k + 1])] += 1
            tables[2, np.uint32(to[k + 2])] += 1
            tables[3, np.uint32(to[k + 3])] += 1
        for k in range(whole + 1, length + 1):
            tables[0, to[k]] += 1
        tables[0, 2] += 1
    reach = _reach(out[1:].reshape(-1))
    for byte in range(256):
        seen = tables[0, byte] + tables[1, byte] + tables[2, byte] + tables[3, byte]
        small = byte if byte < 128 else 255 - byte
        counts[byte] = seen if all_rows or small > reach else seen + 1
    return counted


@njit(nogil=True, cache=True)
def _reach(data: NDArray[np.uint8]) -> int:
    """Return 2 ** n - 1 such that all bytes lie within that many steps of 0, or a step more below.

    Bytes go round: 255 is one step below 0. The highest bit that differs from the one under it
    tells how far a byte is away; eight bytes are looked at together.
    """
    whole = data.size - data.size % 8
    one, upper = np.uint64(1), np.uint64(0xFEFEFEFEFEFEFEFE)
    words = np.uint64(0)
    for word in data[:whole].view(np.uint64):
        words |= word ^ ((word << one) & upper)
    far = 0
    for k in range(8):
        far |= int((words >> np.uint64(8 * k)) & np.uint64(255))
    for k in range(whole, data.size):
        far |= (int(data[k]) ^ (int(data[k]) << 1)) & 255
    for shift in (1, 2, 4):
        far |= far >> shift
    return far >> 1


@njit(nogil=True, cache=True)
def pack(data: NDArray[np.uint8], counts: NDArray[np.int64], out: NDArray[np.uint8]) -> int:
    """Write a zlib stream of one dynamic block without matches; the checksum is the caller's.

    Args:
        data: `(n,)` uint8.
        counts: `(256,)` int64, how often each byte occurs in `data`, or about so: at least once
            for each that occurs.
        out: `(2 * n + ROOM,)` uint8 at least.

    Returns:
        Bytes written; the caller adds the Adler-32 of `data`.
    """
    lengths, codes = _codes(counts)
    out[0], out[1] = 0x78, 0x01
    at = np.uint64(2)
    held, bits = np.uint64(0), np.uint64(0)
    byte, eight, seven = np.uint64(255), np.uint64(8), np.uint64(7)
    # The table of codes: every length stands in four bits, itself written without compression.
    for step in range(5 + 19 + _SYMBOLS + 1):
        if step < 5:
            value = (1, 2, 0, 0, 15)[step]
            size = (1, 2, 5, 5, 4)[step]
        elif step < 24:  # lengths of the codes of lengths: 16, 17, 18 unused, 0 … 15 four bits
            value, size = (0 if step < 8 else 4), 3
        else:
            symbol = step - 24
            length = lengths[symbol] if symbol < _SYMBOLS else 1
            value = ((length & 1) << 3) | ((length & 2) << 1) | ((length & 4) >> 1) | (length >> 3)
            size = 4
        held |= np.uint64(value) << bits
        bits += np.uint64(size)
        while bits >= eight:
            out[at] = np.uint8(held & byte)
            at += np.uint64(1)
            held >>= eight
            bits -= eight
    table = np.empty(256, np.uint32)
    for symbol in range(256):
        table[symbol] = (codes[symbol] << 6) | lengths[symbol]
    # The length of a code stands in six bits, as many as a processor looks at when it shifts; the
    # sum of four lengths fits in them too.
    six, low = np.uint64(6), np.uint64(63)
    n = data.size
    whole = n - n % 4
    for k in range(0, whole, 4):
        a, b = np.uint64(table[data[k]]), np.uint64(table[data[k + 1]])
        c, d = np.uint64(table[data[k + 2]]), np.uint64(table[data[k + 3]])
        # Put together in pairs first: then only one step waits for the bits of the four before.
        pair = (a >> six) | ((b >> six) << (a & low))
        other = (c >> six) | ((d >> six) << (c & low))
        paired = a + b
        held |= (pair | (other << (paired & low))) << bits
        bits += (paired + c + d) & low
        # Eight bytes are stored, always; only the finished ones count.
        for m in range(8):
            out[at + np.uint64(m)] = np.uint8(held >> np.uint64(8 * m))
        done = bits >> np.uint64(3)
        at += done
        held >>= done << np.uint64(3)
        bits &= seven
    for k in range(whole, n + 1):
        symbol = data[k] if k < n else _END
        held |= np.uint64(codes[symbol]) << bits
        bits += np.uint64(lengths[symbol])
        while bits >= eight or (k == n and bits > np.uint64(0)):
            out[at] = np.uint8(held & byte)
            at += np.uint64(1)
            held >>= eight
            bits = bits - eight if bits > eight else np.uint64(0)
    return int(at)


@njit(nogil=True, cache=True)
def _codes(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the length of each symbol's code, and the codes, first bit lowest."""
    lengths = _lengths(counts)
    used = np.zeros(LONGEST + 2, np.int64)
    for symbol in range(_SYMBOLS):
        if lengths[symbol]:
            used[lengths[symbol]] += 1
    following = np.zeros(LONGEST + 2, np.int64)
    for size in range(1, LONGEST + 1):
        following[size] = (following[size - 1] + used[size - 1]) << 1
    codes = np.zeros(_SYMBOLS, np.int64)
    for symbol in range(_SYMBOLS):
        size = lengths[symbol]
        if size:
            code, turned = following[size], 0
            following[size] += 1
            for _ in range(size):
                turned = (turned << 1) | (code & 1)
                code >>= 1
            codes[symbol] = turned
    return lengths, codes


@njit(nogil=True, cache=True)
def _lengths(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the lengths of a complete set of codes of at most `LONGEST` bits.

    In-place minimum redundancy coding (Moffat and Katajainen 1995), then Kraft's sum is repaired.
    """
    symbols, tree = np.empty(_SYMBOLS, np.int64), np.empty(_SYMBOLS, np.int64)
    n = 0
    for symbol in range(_SYMBOLS):  # sorted by count, rarest first
        count = counts[symbol] if symbol < _END else 1
        if count == 0:
            continue
        k = n
        while k > 0 and tree[k - 1] > count:
            tree[k], symbols[k] = tree[k - 1], symbols[k - 1]
            k -= 1
        tree[k], symbols[k] = count, symbol
        n += 1
    lengths = np.zeros(_SYMBOLS, np.int64)
    if n == 1:  # nothing but the end
        lengths[symbols[0]] = 1
        return lengths
    tree[0] += tree[1]
    root, leaf = 0, 2
    for here in range(1, n - 1):
        if leaf >= n or tree[root] < tree[leaf]:
            tree[here] = tree[root]
            tree[root] = here
            root += 1
        else:
            tree[here] = tree[leaf]
            leaf += 1
        if leaf >= n or (root < here and tree[root] < tree[leaf]):
            tree[here] += tree[root]
            tree[root] = here
            root += 1
        else:
            tree[here] += tree[leaf]
            leaf += 1
    tree[n - 2] = 0
    for here in range(n - 3, -1, -1):
        tree[here] = tree[tree[here]] + 1
    room, taken, depth, root, here = 1, 0, 0, n - 2, n - 1
    while room > 0:
        while root >= 0 and tree[root] == depth:
            taken += 1
            root -= 1
        while room > taken:
            tree[here] = depth
            here -= 1
            room -= 1
        room, taken = 2 * taken, 0
        depth += 1
    _limit(tree[:n])
    for k in range(n):
        lengths[symbols[k]] = tree[k]
    return lengths


@njit(nogil=True, cache=True)
def _limit(sizes: NDArray[np.int64]) -> None:
    """Make lengths of codes, rarest symbol first, fit `LONGEST` and fill all room there is."""
    kraft, full = 0, 1 << LONGEST
    for k in range(sizes.size):
        sizes[k] = min(sizes[k], LONGEST)
        kraft += 1 << (LONGEST - sizes[k])
    k = 0
    while kraft > full:
        while sizes[k] >= LONGEST:
            k += 1
        kraft -= 1 << (LONGEST - sizes[k] - 1)
        sizes[k] += 1
    for k in range(sizes.size - 1, -1, -1):
        while sizes[k] > 1 and kraft + (1 << (LONGEST - sizes[k])) <= full:
            kraft += 1 << (LONGEST - sizes[k])
            sizes[k] -= 1
