"""Doors that take bytes from outside, for programs that try all of them.

Each target takes any bytes and must come back: with a picture or with an error of the project's
own, within seconds and within its memory. `python -m landzicht.testing.fuzzing TARGET SECONDS`
lets atheris choose the bytes by what they reach in our code; without atheris the tests let
hypothesis change honest files. What atheris found stands as cases in `tests/fuzz`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine

from landzicht.errors import LandzichtError, reasons
from landzicht.errors.files import UnreadableFile
from landzicht.formats.cog import CogReader
from landzicht.formats.decode import decode_block
from landzicht.formats.inspector import inspect_here
from landzicht.formats.sandbox import Sandbox
from landzicht.formats.tags import DamagedTiff, OtherProfile
from landzicht.formats.tiff import Directory
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIDE = 40
"""Rows and columns of the pictures that targets ask for."""
MOST_MB = 200
"""What one input may take of memory, C libraries included: the cache is off, and blocks are at most
64 MiB."""
_CODECS = ("none", "deflate", "zstd", "lzw", "packbits", "lzma", "jpeg", "webp", "lerc")
_DTYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8")
_SIDES = (1, 2, 3, 8, 16, 17, 31, 64)
_HEAD = 5


class _NoChildren(Sandbox):
    """Refuses what GDAL would read: that is another target."""

    def call(
        self,
        verb: str,
        arguments: tuple[Any, ...],
        path: Path,
        *,
        seconds: float,
        tell: Callable[[int, int], None] | None = None,
    ) -> Any:
        del verb, arguments, seconds, tell
        raise UnreadableFile(path=path, reason=reasons.CRASHED)


def tiff(content: bytes) -> None:
    """Read a picture of any bytes: header, blocks, mask and overviews by our own path."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        Path(folder, "x.tif").write_bytes(content)
        reader = CogReader(Path(folder), 0, sandbox=_NoChildren())
        for index in (1, 2):
            asset = _asset("x.tif", index)
            try:
                levels = reader.levels(asset)
                for level in range(len(levels)):
                    window = Window(0, 0, *levels[level].shape)
                    assert reader.read(asset, level, window).values.shape[1:] == levels[level].shape
            except LandzichtError:
                pass


def block(content: bytes) -> None:
    """Unpack one block by any codec: the first bytes choose how, the others are the block."""
    if len(content) < _HEAD:
        return
    codec = _CODECS[content[0] % len(_CODECS)]
    dtype = np.dtype("<" + _DTYPES[content[1] % len(_DTYPES)])
    height, width = _SIDES[content[2] % 8], _SIDES[content[2] // 8 % 8]
    apart, samples = bool(content[3] & 1), 1 + content[3] // 2 % 5
    inner = ("none", "deflate", "zstd")[content[4] % 3]
    mask = codec not in ("jpeg", "webp", "lerc") and content[4] & 128 > 0
    predictor = 1 + content[4] // 4 % 3 if codec not in ("none", "packbits") else 1
    if codec in ("jpeg", "webp"):
        dtype, samples = np.dtype("u1"), {"jpeg": (1, 3), "webp": (3, 4)}[codec][samples % 2]
    if dtype.kind != "f" and predictor == 3:
        predictor = 2
    directory = Directory(
        height=height, width=width, block=(height, width), striped=bool(content[3] & 128),
        dtype=np.dtype("u1") if mask else dtype, swapped=bool(content[3] & 64),
        bits=1 if mask else dtype.itemsize * 8, samples=1 if mask else samples,
        apart=apart and not mask, alpha=None, codec=codec, predictor=1 if mask else predictor,
        ycbcr=codec == "jpeg" and samples == 3 and bool(content[4] & 64), tables=None, inner=inner,
        mask=mask, offsets=np.zeros(1, np.uint64), sizes=np.ones(1, np.uint64),
    )  # fmt: skip
    try:
        values = decode_block(directory, content[_HEAD:])
    except (DamagedTiff, OtherProfile):
        return
    assert values.shape[:2] == (height, width)


def growing(content: bytes) -> None:
    """Unpack a large deflate block step by step, with what the first bytes choose."""
    from landzicht.formats.growing import GrowingBlock

    if len(content) < _HEAD:
        return
    dtype = np.dtype("<" + ("u1", "u2", "f4")[content[0] % 3])
    predictor = (1, 2, 3 if dtype.kind == "f" else 2)[content[1] % 3]
    directory = _directory(512, 512, dtype, predictor)
    block = GrowingBlock(directory, content[_HEAD:])
    try:
        for rows in sorted({content[2] * 2 % 512 + 1, content[3] * 2 % 512 + 1, 512}):
            assert block.upto(rows).shape[1] == 512
    except DamagedTiff:
        pass


def header(content: bytes) -> None:
    """Read what a file says of itself through GDAL, as the children do."""
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        path = Path(folder, "x.tif")
        path.write_bytes(content)
        with suppress(LandzichtError):
            inspect_here(path)


def zarr(content: bytes) -> None:
    """Read a store of one chunk: the first byte chooses its metadata, or says that they follow."""
    if not content:
        return
    presets = zarr_presets()
    told, chunk = content[1:], b""
    if content[0] < len(presets):
        told, chunk = presets[content[0]], content[1:]
    elif len(content) > 3:
        length = int.from_bytes(content[1:3], "little")
        told, chunk = content[3 : 3 + length], content[3 + length :]
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        place = Path(folder, "s.zarr", "a")
        (place / "c" / "0").mkdir(parents=True)
        (place / ("zarr.json" if b"node_type" in told else ".zarray")).write_bytes(told)
        (place.parent / "zarr.json").write_bytes(b'{"zarr_format":3,"node_type":"group"}')
        (place / "c" / "0" / "0").write_bytes(chunk)
        (place / "0.0").write_bytes(chunk)
        with suppress(LandzichtError):
            inspect_here(place.parent)
        reader = CogReader(Path(folder), 0, sandbox=_NoChildren())
        asset = replace(_asset("s.zarr", 1), array="a")
        with suppress(LandzichtError):
            values = reader.read(asset, 0, Window(0, 0, SIDE, SIDE)).values
            assert values.shape == (1, SIDE, SIDE)


@dataclass(frozen=True, slots=True)
class Target:
    """One door, and honest things to put through it."""

    run: Callable[[bytes], None]
    """Takes any bytes."""
    seeds: Callable[[], Iterator[bytes]]
    """Yields what is no attack; attacks are made of these."""


def tiff_seeds() -> Iterator[bytes]:
    """Yield small files of every codec and layout, written by GDAL."""
    from landzicht.formats.gdal import load_rasterio

    rasterio = load_rasterio()
    tiles = {"tiled": True, "blockxsize": 16, "blockysize": 16}
    chosen: list[dict[str, Any]] = [
        {"compress": "deflate", "predictor": 2, **tiles},
        {"compress": "zstd", "dtype": "float32", "predictor": 3, **tiles},
        {"compress": "lzw", "interleave": "pixel", "dtype": "uint16", "predictor": 2},
        {"compress": "jpeg", "photometric": "YCBCR", "interleave": "pixel", **tiles},
        {"compress": "webp", "photometric": "rgb", "interleave": "pixel", **tiles},
        {"compress": "lerc_zstd", "dtype": "float32", **tiles},
        {"compress": "packbits", "BIGTIFF": "YES", "ENDIANNESS": "BIG"},
        {"compress": "lzma", "dtype": "int8", "nodata": -1},
    ]
    for number, options in enumerate(chosen):
        profile: dict[str, Any] = {
            "driver": "GTiff", "count": 3, "height": SIDE, "width": SIDE, "dtype": "uint8",
            "crs": "EPSG:32631", "transform": Affine(10, 0, 600_000, 0, -10, 5_700_000),
        } | options  # fmt: skip
        values = np.random.default_rng(number).integers(0, 100, (3, SIDE, SIDE))
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.MemoryFile() as memory:
            with memory.open(**profile) as image:
                image.write(values.astype(profile["dtype"]))
                if number % 2:
                    image.write_mask(values[0] > 30)
                image.build_overviews([2])
            yield bytes(memory.getbuffer())


def block_seeds() -> Iterator[bytes]:
    """Yield one block of each codec."""
    import imagecodecs as codecs

    plain = np.random.default_rng(0).integers(0, 9, (64, 64), np.uint8)
    colour = np.stack([plain[:16, :16]] * 3, axis=-1)
    flat = np.ascontiguousarray(plain[:16, :16])
    small = (4 + 8 * 4) % 256  # sixteen by sixteen
    head = [bytes([number, 0, small, 0, 0]) for number in range(len(_CODECS))]
    yield head[0] + flat.tobytes()
    for number, pack in enumerate(
        (codecs.zlib_encode, codecs.zstd_encode, codecs.lzw_encode, codecs.packbits_encode,
         codecs.lzma_encode), 1,
    ):  # fmt: skip
        yield head[number] + bytes(pack(flat.tobytes()))
    yield head[6] + codecs.jpeg8_encode(flat)
    yield bytes([6, 0, small, 2, 64]) + codecs.jpeg8_encode(colour)
    yield head[7] + codecs.webp_encode(colour)
    yield head[8] + codecs.lerc_encode(flat)
    floats = flat.astype("<f4")
    yield bytes([8, 9, small, 0, 1]) + codecs.zlib_encode(codecs.lerc_encode(floats))
    yield bytes([2, 9, small, 4, 8]) + codecs.zstd_encode(np.stack([floats] * 3).tobytes())


@lru_cache(maxsize=1)
def zarr_presets() -> tuple[bytes, ...]:
    """Return honest metadata of arrays, one for each codec and for both versions."""
    import orjson

    plain: dict[str, Any] = {
        "shape": [SIDE, SIDE], "fill_value": 0, "zarr_format": 3, "node_type": "array",
        "data_type": "uint16", "chunk_key_encoding": {"name": "default"},
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [SIDE, SIDE]}},
    }  # fmt: skip
    little = {"name": "bytes", "configuration": {"endian": "little"}}
    names = ("zstd", "gzip", "blosc", "numcodecs.zlib", "numcodecs.lz4", "numcodecs.bz2", "crc32c")
    lists: list[list[Any]] = [[little], *([little, {"name": name}] for name in names)]
    lists.append([{"name": "transpose", "configuration": {"order": [1, 0]}}, little])
    index = [little, {"name": "crc32c"}]
    inner = {"chunk_shape": [20, 20], "codecs": [little, {"name": "zstd"}], "index_codecs": index}
    lists.append([{"name": "sharding_indexed", "configuration": inner}])
    found = [orjson.dumps(plain | {"codecs": codecs}) for codecs in lists]
    old: dict[str, Any] = {
        "zarr_format": 2, "shape": [SIDE, SIDE], "chunks": [SIDE, SIDE], "dtype": "<u2",
        "order": "C", "fill_value": 0, "filters": None,
    }  # fmt: skip
    found += [orjson.dumps(old | {"compressor": {"id": n}}) for n in ("blosc", "zlib", "lzma")]
    shuffled = {"filters": [{"id": "shuffle", "elementsize": 2}], "compressor": {"id": "zlib"}}
    return (*found, orjson.dumps(old | shuffled))


def zarr_seeds() -> Iterator[bytes]:
    """Yield a chunk of each codec, and metadata to be changed."""
    import imagecodecs as codecs

    raw = np.random.default_rng(0).integers(0, 99, (SIDE, SIDE)).astype("<u2").tobytes()
    packed = [
        raw, codecs.zstd_encode(raw), codecs.gzip_encode(raw), codecs.blosc_encode(raw),
        codecs.zlib_encode(raw), len(raw).to_bytes(4, "little") + codecs.lz4_encode(raw),
        codecs.bz2_encode(raw), raw + bytes(4), raw, bytes(100) + bytes(68),
        codecs.blosc_encode(raw, shuffle="bitshuffle"), codecs.zlib_encode(raw),
        codecs.lzma_encode(raw), codecs.zlib_encode(raw),
    ]  # fmt: skip
    for number, (told, chunk) in enumerate(zip(zarr_presets(), packed, strict=True)):
        yield bytes([number]) + bytes(chunk)
        if len(chunk) < 4000:
            yield b"\xff" + len(told).to_bytes(2, "little") + told + bytes(chunk)


def growing_seeds() -> Iterator[bytes]:
    """Yield large blocks of deflate."""
    import imagecodecs as codecs

    for number, dtype in enumerate(("u1", "<u2", "<f4")):
        raw = np.tile(np.arange(512) % 7, (512, 1)).astype(dtype).tobytes()
        yield bytes([number, 1, 20, 60, 0]) + codecs.zlib_encode(raw)


def _directory(height: int, width: int, dtype: np.dtype[Any], predictor: int) -> Directory:
    return Directory(
        height=height, width=width, block=(height, width), striped=False, dtype=dtype,
        swapped=False, bits=dtype.itemsize * 8, samples=1, apart=False, alpha=None,
        codec="deflate", predictor=predictor, ycbcr=False, tables=None, inner="none", mask=False,
        offsets=np.zeros(1, np.uint64), sizes=np.ones(1, np.uint64),
    )  # fmt: skip


def _asset(href: str, index: int, dtype: str = "uint8") -> Asset:
    grid = Grid(
        crs="EPSG:32631", transform=Affine(10, 0, 600_000, 0, -10, 5_700_000),
        height=SIDE, width=SIDE,
    )  # fmt: skip
    band = Band(name="b", dtype=dtype)
    return Asset(key="b", href=href, band=band, grid=grid, size=1, sha256="", index=index)


def _memory() -> str | None:
    """Return a folder in memory, where there is one: these files live a millisecond."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - see above


TARGETS = {
    "tiff": Target(tiff, tiff_seeds),
    "block": Target(block, block_seeds),
    "growing": Target(growing, growing_seeds),
    "zarr": Target(zarr, zarr_seeds),
    "header": Target(header, tiff_seeds),
}
"""By name."""


def main(name: str, seconds: str, corpus: str) -> None:
    """Let atheris try a target for so long; it ends the program at the first failure.

    Args:
        name: one of `TARGETS`.
        seconds: how long.
        corpus: folder for inputs that reached something new; a failing one is put beside it.
    """
    import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]

    target = TARGETS[name]
    folder = Path(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (folder / f"seed-{number}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=1500", "-max_len=20000",
        f"-artifact_prefix={folder.parent}/{name}-",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(folder)], target.run)
    atheris.Fuzz()


def _reload_watched() -> None:
    """Load our readers again so that atheris sees which of their branches are taken."""
    import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]

    ours = [name for name in sys.modules if name.startswith("landzicht.formats")]
    for module in ours:
        for function in vars(sys.modules[module]).values():
            if getattr(function, "__module__", None) == module and hasattr(function, "__code__"):
                atheris.instrument_func(function)


def _with_its_own_peak() -> None:
    """Go on in a child, whose highest memory is its own.

    libFuzzer holds `ru_maxrss` against its limit, and Linux lets a program that is started by
    `exec` inherit the peak of whoever started it: a large test run would look like a leak here.
    A fork starts counting anew.
    """
    child = os.fork()
    if child:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0)


if __name__ == "__main__":
    _with_its_own_peak()
    _reload_watched()
    main(*sys.argv[1:4])
