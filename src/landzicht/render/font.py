"""Letters of 5 x 7 dots, as on character displays, so that pictures need no font file."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEIGHT = 8
"""Rows of a letter, with one for tails."""
ADVANCE = 6
"""Columns from one letter to the next."""
_FIRST = 32
# Five columns for each letter from space to tilde; the lowest bit is the top row.
_COLUMNS = bytes.fromhex(
    "000000000000005f00000007000700147f147f14242a7f2a1223130864623649562050"
    "0008070300001c2241000041221c002a1c7f1c2a08083e080800807030000808080808"
    "000060600020100804023e5149453e00427f400072494949462141494d331814127f10"
    "27454545393c4a49493141211109073649494936464949291e00001400000040340000"
    "00081422411414141414004122140802015909063e415d594e7c1211127c7f49494936"
    "3e414141227f4141413e7f494949417f090909013e414151737f0808087f00417f4100"
    "2040413f017f081422417f404040407f021c027f7f0408107f3e4141413e7f09090906"
    "3e4151215e7f09192946264949493203017f01033f4040403f1f2040201f3f4038403f"
    "631408146303047804036159494d43007f4141410204081020004141417f0402010204"
    "4040404040000307080020545478407f284444383844444428384444287f3854545418"
    "00087e090218a4a49c787f0804047800447d40002040403d007f1028440000417f4000"
    "7c047804787c080404783844444438fc1824241818242418fc7c080404084854545424"
    "04043f44243c4040207c1c2040201c3c4030403c44281028444c9090907c4464544c44"
    "0008364100000077000000413608000201020402"
)  # fmt: skip


@lru_cache(maxsize=256)
def letters(text: str, scale: int = 1) -> NDArray[np.bool_]:
    """Return the dots of one line of text: `(8 * scale, 6 * scale * letters)`, True = ink.

    Accents are dropped; what has no letter becomes `?`. Not to be changed.
    """
    plain = unicodedata.normalize("NFKD", text.replace("–", "-").replace("−", "-"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    codes = [ord(letter) if _FIRST <= ord(letter) < _FIRST + 95 else ord("?") for letter in plain]
    columns = np.zeros((len(codes), ADVANCE), np.uint8)
    for number, code in enumerate(codes):
        begin = (code - _FIRST) * 5
        columns[number, :5] = np.frombuffer(_COLUMNS, np.uint8, 5, begin)
    dots = np.unpackbits(columns.reshape(1, -1), axis=0, bitorder="little").astype(np.bool_)
    dots = dots.repeat(scale, axis=0).repeat(scale, axis=1)
    dots.flags.writeable = False
    return dots
