"""What the metadata of a Zarr array says, version 2 and 3, read with distrust."""

from __future__ import annotations

import base64
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.formats.zarr.codecs import KNOWN, Step
from landzicht.formats.zarr.store import DamagedZarr, checked_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.formats.zarr.store import Store

MOST_CHUNK = 64 * 2**20
"""Bytes of the largest unpacked chunk that we open."""
MOST_INNER = 1_000_000
"""Chunks in one shard."""
_MOST_SIDE = 2**31 - 1
_MOST_DIMENSIONS = 6
_DTYPES = frozenset(
    {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
    | {"float16", "float32", "float64"}
)
_OLD_DTYPE = re.compile(r"[<>|][iuf][1248]")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shard:
    """How several chunks lie in one file."""

    chunks: tuple[int, ...]
    """Chunks along each dimension."""
    steps: tuple[Step, ...]
    """What the index is packed with."""
    swapped: bool
    """Whether the index is big endian."""
    at_end: bool
    """Where the index lies."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ZarrArray:
    """One array of a store."""

    name: str
    """Path below the store; empty for a store that is one array."""
    shape: tuple[int, ...]
    """Length of each dimension."""
    chunk: tuple[int, ...]
    """Shape of what is unpacked at once."""
    dtype: np.dtype[np.generic]
    """Of the numbers, little endian."""
    swapped: bool
    """Whether they are stored big endian."""
    order: tuple[int, ...]
    """Dimensions in the order in which a chunk lists them."""
    steps: tuple[Step, ...]
    """What chunks are packed with."""
    fill: Any
    """Number of chunks that were never written."""
    prefix: str
    """Begin of the keys of chunks, below the array."""
    separator: str
    """Between the numbers of a chunk's key."""
    shard: Shard | None = None
    """Set when several chunks lie in one file."""
    dimensions: tuple[str, ...] = ()
    """Names, or empty."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else the array says."""
    fill_means_nodata: bool = False
    """Whether the fill value is also the number that means “no observation”."""

    def key(self, place: tuple[int, ...]) -> str:
        """Return the key of the chunk, or of the shard, at a place."""
        numbers = self.separator.join(str(each) for each in place)
        folder = f"{self.name}/" if self.name else ""
        if not self.prefix:
            return folder + (numbers or "0")
        return f"{folder}{self.prefix}{self.separator}{numbers}" if place else folder + self.prefix


def read_array(store: Store, name: str) -> ZarrArray:
    """Return an array of a store.

    Raises:
        DamagedZarr: there is none, it contradicts itself, or is packed as we do not read it.
        OSError: the disk does not let us.
    """
    folder = f"{checked_name(name)}/" if name else ""
    told = store.json(f"{folder}zarr.json")
    if told is not None and told.get("node_type") == "array":
        return _made(_read_new, name, told)
    told = store.json(f"{folder}.zarray")
    if told is None:
        raise DamagedZarr(f"has no array “{name[:80]}”")
    told["attributes"] = store.json(f"{folder}.zattrs") or {}
    return _made(_read_old, name, told)


def _made(read: Any, name: str, told: dict[str, Any]) -> ZarrArray:  # noqa: ANN401 - one of two
    try:
        array: ZarrArray = read(name, told)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise DamagedZarr("has strange metadata") from error
    shape, chunk = array.shape, array.chunk
    if not 2 <= len(shape) <= _MOST_DIMENSIONS and len(shape) != 1:
        raise DamagedZarr(f"has an array of {len(shape)} dimensions")
    sides = [0 < side <= _MOST_SIDE for side in (*shape, *chunk)]
    if len(chunk) != len(shape) or not all(sides):
        raise DamagedZarr(f"claims {shape} in chunks of {chunk}")
    if math.prod(chunk) * array.dtype.itemsize > MOST_CHUNK:
        raise DamagedZarr(f"has chunks of {math.prod(chunk) * array.dtype.itemsize} bytes")
    if array.shard and not 0 < math.prod(array.shard.chunks) <= MOST_INNER:
        raise DamagedZarr("has shards of too many chunks")
    return array


def _sides(told: Any) -> tuple[int, ...]:  # noqa: ANN401 - whatever stood there
    if not isinstance(told, list) or not all(type(side) is int for side in told):
        raise TypeError
    return tuple(told)


def _read_old(name: str, told: dict[str, Any]) -> ZarrArray:
    code = told["dtype"]
    if told["zarr_format"] != 2 or not isinstance(code, str) or not _OLD_DTYPE.fullmatch(code):
        raise DamagedZarr(f"holds {str(code)[:40]}")
    if told.get("dimension_separator", ".") not in (".", "/"):
        raise DamagedZarr("has a strange separator")
    shape = _sides(told["shape"])
    dtype = np.dtype(code).newbyteorder("<")
    packed = [*(told.get("filters") or ()), *([told["compressor"]] if told["compressor"] else [])]
    across = tuple(range(len(shape)))
    attributes = _table(told["attributes"])
    names = attributes.get("_ARRAY_DIMENSIONS") or ()
    return ZarrArray(
        name=name,
        shape=shape,
        chunk=_sides(told["chunks"]),
        dtype=dtype,
        swapped=code[0] == ">",
        order=across if told["order"] == "C" else across[::-1],
        steps=tuple(_step(each["id"], each) for each in packed),
        fill=_number(told["fill_value"], dtype),
        prefix="",
        separator=told.get("dimension_separator", "."),
        dimensions=_names(names, len(shape)),
        attributes=attributes,
        fill_means_nodata=bool(names) and told["fill_value"] is not None,
    )


def _read_new(name: str, told: dict[str, Any]) -> ZarrArray:
    dtype_name = told["data_type"]
    if told["zarr_format"] != 3 or dtype_name not in _DTYPES:
        raise DamagedZarr(f"holds {str(dtype_name)[:40]}")
    dtype, shape = np.dtype(dtype_name).newbyteorder("<"), _sides(told["shape"])
    if told["chunk_grid"]["name"] != "regular":
        raise DamagedZarr("has chunks of several shapes")
    chunk = _sides(told["chunk_grid"]["configuration"]["chunk_shape"])
    keys = told["chunk_key_encoding"]
    old_keys = keys["name"] == "v2"
    separator = keys.get("configuration", {}).get("separator", "." if old_keys else "/")
    if keys["name"] not in ("default", "v2") or separator not in (".", "/"):
        raise DamagedZarr("has strange keys")
    for transformer in told.get("storage_transformers") or ():
        raise DamagedZarr(f"needs {str(transformer)[:40]}")
    codecs, shard = told["codecs"], None
    if len(codecs) == 1 and codecs[0]["name"] == "sharding_indexed":
        chunk, codecs, shard = _shard(chunk, codecs[0]["configuration"])
    order, swapped, steps = _pipeline(codecs, len(shape))
    return ZarrArray(
        name=name,
        shape=shape,
        chunk=chunk,
        dtype=dtype,
        swapped=swapped,
        order=order,
        steps=steps,
        fill=_number(told["fill_value"], dtype),
        prefix="" if old_keys else "c",
        separator=separator,
        shard=shard,
        dimensions=_names(told.get("dimension_names") or (), len(shape)),
        attributes=_table(told.get("attributes", {})),
    )


def _shard(
    whole: tuple[int, ...], told: dict[str, Any]
) -> tuple[tuple[int, ...], list[dict[str, Any]], Shard]:
    chunk = _sides(told["chunk_shape"])
    if len(chunk) != len(whole) or any(b < 1 or a % b for a, b in zip(whole, chunk, strict=True)):
        raise DamagedZarr(f"has shards of {whole} in chunks of {chunk}")
    order, swapped, steps = _pipeline(told["index_codecs"], len(chunk) + 1)
    if order != tuple(range(len(chunk) + 1)) or any(step.name != "crc32c" for step in steps):
        raise DamagedZarr("has an index of unknown length")  # packed: nothing tells where it begins
    shard = Shard(
        chunks=tuple(a // b for a, b in zip(whole, chunk, strict=True)),
        steps=steps,
        swapped=swapped,
        at_end=told.get("index_location", "end") == "end",
    )
    return chunk, told["codecs"], shard


def _pipeline(
    codecs: list[dict[str, Any]], dimensions: int
) -> tuple[tuple[int, ...], bool, tuple[Step, ...]]:
    """Return the order of dimensions, whether numbers are big endian, and what packs them."""
    order = tuple(range(dimensions))
    rest = list(codecs)
    while rest and rest[0]["name"] == "transpose":
        turn = _sides(rest.pop(0)["configuration"]["order"])
        if sorted(turn) != list(range(dimensions)):
            raise DamagedZarr("turns dimensions that are not there")
        order = tuple(order[each] for each in turn)
    if not rest or rest[0]["name"] not in ("bytes", "endian"):
        raise DamagedZarr(f"is packed by {str(rest[:1])[:40]}")
    swapped = (rest.pop(0).get("configuration") or {}).get("endian") == "big"
    return order, swapped, tuple(_step(each["name"], each.get("configuration")) for each in rest)


def _step(name: Any, options: Any) -> Step:  # noqa: ANN401 - whatever stood there
    short = str(name).removeprefix("numcodecs.")
    if short not in KNOWN:
        raise DamagedZarr(f"is packed by {str(name)[:40]}")
    return Step(short, options if isinstance(options, dict) else {})


def _number(told: Any, dtype: np.dtype[Any]) -> Any:  # noqa: ANN401 - a number of any type
    """Return a fill value as a number of the array."""
    if told is None:
        return dtype.type(0)
    if isinstance(told, str):
        if told.startswith("0x"):
            bits = int(told, 16).to_bytes(dtype.itemsize, "little")
            return np.frombuffer(bits, dtype)[0]
        told = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}[told]
    if not isinstance(told, int | float):
        raise TypeError
    if dtype.kind != "f":
        return np.array(int(told), dtype=dtype)[()]
    with np.errstate(over="ignore"):
        return dtype.type(told)


def nodata_of(array: ZarrArray) -> float | None:
    """Return the number that means “no observation”, as xarray and others write it."""
    for name in ("_FillValue", "missing_value", "nodata"):
        told = array.attributes.get(name)
        if isinstance(told, str) and array.dtype.kind == "f":
            try:
                told = float(np.frombuffer(base64.b64decode(told, validate=True), "<f8")[0])
            except (ValueError, IndexError):
                told = math.nan if told == "NaN" else None
        if isinstance(told, int | float) and not isinstance(told, bool):
            return float(told)
    # In version 2 xarray says it by the fill value, and writes none when nothing is missing.
    return float(array.fill) if array.fill_means_nodata else None


def _names(told: Any, count: int) -> tuple[str, ...]:  # noqa: ANN401 - whatever stood there
    if not told:
        return ()
    if not isinstance(told, list | tuple) or len(told) != count:
        raise TypeError
    return tuple(each[:80] if isinstance(each, str) else "" for each in told)


def _table(told: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever stood there
    if not isinstance(told, dict):
        raise TypeError
    return told
