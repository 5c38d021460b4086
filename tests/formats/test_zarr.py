"""Zarr arrays where they lie: our own reader against the zarr library."""

from __future__ import annotations

import itertools
import json
import shutil
import warnings

import numpy as np
import pytest
from affine import Affine

from landzicht.errors.files import StoredFileFailed
from landzicht.formats import CogReader
from landzicht.formats.zarr.array import nodata_of, read_array
from landzicht.formats.zarr.image import ZarrImage
from landzicht.formats.zarr.store import Store
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band

HEIGHT, WIDTH = 130, 105
DTYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "uint64", "float16")
DTYPES += ("float32", "float64")


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zarr warns of codecs and dtypes of version 3
        yield


def pixels(dtype, shape=(HEIGHT, WIDTH), seed=0):
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return (rng.normal(size=shape) * 100).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)


def make(folder, values, name="a", **options):
    import zarr

    group = zarr.open_group(folder, mode="a", zarr_format=options.pop("version", 3))
    filled = options.pop("filled", None)
    array = group.create_array(name, shape=values.shape, dtype=values.dtype, **options)
    part = filled or tuple(slice(None) for _ in values.shape)
    array[part] = values[part]
    return array


def asset_of(href, array="a", shape=(HEIGHT, WIDTH), dtype="uint16", **fields):
    grid = Grid(
        crs="EPSG:32631",
        transform=Affine(10, 0, 600_000, 0, -10, 5_700_000),
        height=shape[0],
        width=shape[1],
    )
    band = Band(name="b", dtype=dtype, nodata=fields.pop("nodata", None))
    return Asset(key="b", href=href, band=band, grid=grid, size=1, sha256="", array=array, **fields)


def check(folder, array, expected, dtype, **fields):
    reader = CogReader(folder)
    asset = asset_of("s.zarr", array, expected.shape, dtype, **fields)
    for part in (Window(0, 0, *expected.shape), Window(33, 21, 61, 67)):
        block = reader.read(asset, 0, part)
        wanted = expected[part.row : part.stop_row, part.column : part.stop_column]
        assert block.values.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(block.values[0], wanted)
    assert reader.routes["own"] == 2
    assert reader.routes["gdal"] == 0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("version", [2, 3])
def test_every_type_of_number(tmp_path, dtype, version):
    values = pixels(dtype)
    make(tmp_path / "s.zarr", values, chunks=(50, 64), version=version)
    check(tmp_path, "a", values, dtype)


def codecs(version):
    import numcodecs
    from zarr import codecs as new

    if version == 2:
        return {
            "blosc lz4": {"compressors": numcodecs.Blosc("lz4", 5, numcodecs.Blosc.SHUFFLE)},
            "blosc zstd": {"compressors": numcodecs.Blosc("zstd", 5, numcodecs.Blosc.BITSHUFFLE)},
            "blosc zlib": {"compressors": numcodecs.Blosc("zlib", 5, numcodecs.Blosc.NOSHUFFLE)},
            "zstd": {"compressors": numcodecs.Zstd(3)},
            "gzip": {"compressors": numcodecs.GZip(6)},
            "zlib": {"compressors": numcodecs.Zlib(6)},
            "lz4": {"compressors": numcodecs.LZ4()},
            "bz2": {"compressors": numcodecs.BZ2()},
            "lzma": {"compressors": numcodecs.LZMA()},
            "shuffle": {"filters": [numcodecs.Shuffle(2)], "compressors": numcodecs.Zlib(6)},
            "none": {"compressors": None},
            "fortran": {"order": "F"},
            "slashes": {"chunk_key_encoding": {"name": "v2", "separator": "/"}},
        }
    return {
        "blosc": {"compressors": new.BloscCodec(typesize=2, cname="lz4", shuffle="shuffle")},
        "zstd": {"compressors": new.ZstdCodec(level=3)},
        "gzip": {"compressors": new.GzipCodec(level=6)},
        "none": {"compressors": None},
        "crc32c": {"compressors": [new.ZstdCodec(level=1), new.Crc32cCodec()]},
        "big endian": {"serializer": new.BytesCodec(endian="big")},
        "turned": {"filters": [new.TransposeCodec(order=(1, 0))]},
        "dots": {"chunk_key_encoding": {"name": "default", "separator": "."}},
        "old keys": {"chunk_key_encoding": {"name": "v2", "separator": "."}},
        "sharded": {"shards": (100, 128)},
        "sharded, index first": {
            "chunks": (100, 128),
            "serializer": new.ShardingCodec(
                chunk_shape=(50, 64),
                codecs=[new.BytesCodec(), new.ZstdCodec(level=1)],
                index_location="start",
            ),
            "compressors": None,
        },
    }


@pytest.mark.parametrize(("version", "name"), [(v, n) for v in (2, 3) for n in codecs(v)])
def test_every_codec(tmp_path, version, name):
    values = pixels("uint16")
    make(
        tmp_path / "s.zarr",
        values,
        version=version,
        **({"chunks": (50, 64)} | codecs(version)[name]),
    )
    check(tmp_path, "a", values, "uint16")


def test_chunks_never_written_are_fill(tmp_path):
    values = pixels("int16")
    part = (slice(0, 40), slice(0, 60))
    expected = np.full_like(values, -7)
    expected[part] = values[part]
    for number, options in enumerate(
        [{"chunks": (50, 64)}, {"chunks": (50, 64), "shards": (100, 128)}]
    ):
        make(tmp_path / "s.zarr", values, f"a{number}", filled=part, fill_value=-7, **options)
        check(tmp_path, f"a{number}", expected, "int16")


@pytest.mark.parametrize("version", [2, 3])
def test_more_dimensions_are_bands(tmp_path, version):
    values = pixels("uint16", (3, 4, HEIGHT, WIDTH))
    make(tmp_path / "s.zarr", values, chunks=(2, 3, 50, 64), version=version)
    for index, (time, band) in enumerate(itertools.product(range(3), range(4)), 1):
        check(tmp_path, "a", values[time, band], "uint16", index=index)
    for index in (0, 13):
        with pytest.raises(StoredFileFailed):
            CogReader(tmp_path).read(asset_of("s.zarr", "a", index=index), 0, Window(0, 0, 5, 5))


@pytest.mark.parametrize("names", [("y", "x", "band"), ("x", "band", "y"), ("lon", "lat", "time")])
def test_dimensions_are_known_by_their_names(tmp_path, names):
    sides = {"y": HEIGHT, "lat": HEIGHT, "x": WIDTH, "lon": WIDTH, "band": 3, "time": 3}
    values = pixels("uint16", tuple(sides[name] for name in names))
    make(tmp_path / "s.zarr", values, chunks=(40, 41, 42), dimension_names=names)
    across = next(p for p, name in enumerate(names) if name in ("x", "lon"))
    other = next(p for p, name in enumerate(names) if name in ("band", "time"))
    plane = values.take(1, axis=other)
    expected = (
        plane.T if across < next(p for p, n in enumerate(names) if n in ("y", "lat")) else plane
    )
    check(tmp_path, "a", expected, "uint16", index=2)


def test_rows_from_the_south_are_turned(tmp_path):
    values = pixels("uint16")
    folder = tmp_path / "s.zarr"
    make(folder, values, chunks=(50, 64), dimension_names=("y", "x"))
    make(folder, np.arange(HEIGHT) * 10.0, "y", chunks=(30,), dimension_names=("y",))
    make(folder, np.arange(WIDTH) * 10.0, "x", chunks=(200,), dimension_names=("x",))
    check(tmp_path, "a", values[::-1], "uint16")


@pytest.mark.parametrize("kind", ["layout", "datasets"])
def test_smaller_copies_are_levels(tmp_path, kind):
    import zarr

    folder = tmp_path / "s.zarr"
    values = pixels("uint16", (2, HEIGHT, WIDTH))
    halves = [values, values[:, ::2, ::2], values[:, ::4, ::4]]
    names = ["0", "1", "2"] if kind == "datasets" else ["r10/a", "r20/a", "r40/a"]
    for name, half in zip(names, halves, strict=True):
        make(folder, half, name, chunks=(1, 32, 32))
    group = zarr.open_group(folder, mode="a")
    if kind == "datasets":
        group.attrs["multiscales"] = [{"datasets": [{"path": name} for name in names]}]
    else:
        group.attrs["multiscales"] = {"layout": [{"asset": name[:3]} for name in names]}
    reader, asset = CogReader(tmp_path), asset_of("s.zarr", names[0], index=2)
    shapes = [half.shape[1:] for half in halves]
    assert [grid.shape for grid in reader.levels(asset)] == shapes
    for level, half in enumerate(halves):
        block = reader.read(asset, level, Window(3, 4, 17, 19))
        np.testing.assert_array_equal(block.values[0], half[1, 3:20, 4:23])


def test_nodata_hides(tmp_path):
    values = pixels("uint16") % 5
    make(tmp_path / "s.zarr", values, chunks=(50, 64))
    block = CogReader(tmp_path).read(
        asset_of("s.zarr", "a", nodata=3), 0, Window(0, 0, HEIGHT, WIDTH)
    )
    np.testing.assert_array_equal(block.valid[0], values != 3)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("missing", [-999, np.nan, None])
def test_nodata_as_xarray_writes_it(tmp_path, version, missing):
    import xarray

    values = pixels("float32") if missing is not None and np.isnan(missing) else pixels("int16")
    frame = xarray.Dataset({"a": (("y", "x"), values)})
    frame.a.encoding["_FillValue"] = missing
    frame.to_zarr(tmp_path / "s.zarr", zarr_format=version, consolidated=False)
    told = nodata_of(read_array(Store(tmp_path / "s.zarr"), "a"))
    assert told == missing or (told is not None and np.isnan(told) and np.isnan(missing))


# ---------------------------------------------------------------------- refusals


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zarr") / "s.zarr"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        make(folder, pixels("uint16"), chunks=(50, 64))
        make(folder, pixels("uint16"), "old", chunks=(50, 64), shards=(100, 128))
    return folder


@pytest.mark.parametrize(
    "name",
    ["../s.zarr/a", "/etc", "a/../a", "", "zarr.json", "a/zarr.json", "x", "a\0", "a//a", "."],
)
def test_names_of_arrays_lead_nowhere(good, name):
    with pytest.raises(StoredFileFailed):
        CogReader(good.parent).levels(asset_of("s.zarr", name))


def test_links_lead_nowhere(good, tmp_path):
    shutil.copytree(good, tmp_path / "s.zarr")
    secret = tmp_path / "secret"
    (tmp_path / "s.zarr" / "a" / "c" / "0" / "0").rename(secret)
    (tmp_path / "s.zarr" / "a" / "c" / "0" / "0").symlink_to(secret)
    with pytest.raises(StoredFileFailed, match="damaged or gone"):
        CogReader(tmp_path).read(asset_of("s.zarr"), 0, Window(0, 0, 9, 9))


BAD = {
    "huge chunk": {
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [9**5, 9**5]}}
    },
    "no chunk": {"chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [0, 5]}}},
    "float chunk": {"chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [5.5, 5]}}},
    "true": {"shape": [True, 100]},
    "huge": {"shape": [2**40, 5]},
    "negative": {"shape": [-5, 5]},
    "no shape": {"shape": []},
    "seven": {"shape": [1] * 7},
    "text": {"data_type": "string"},
    "complex": {"data_type": "complex64"},
    "odd dtype": {"data_type": ["uint16"]},
    "grid": {"chunk_grid": {"name": "rectilinear"}},
    "keys": {"chunk_key_encoding": {"name": "hash"}},
    "keys up": {"chunk_key_encoding": {"name": "default", "configuration": {"separator": "/../"}}},
    "codec": {"codecs": [{"name": "bytes"}, {"name": "pickle"}]},
    "no codec": {"codecs": []},
    "codec text": {"codecs": "bytes"},
    "transformer": {"storage_transformers": [{"name": "x"}]},
    "fill": {"fill_value": "x"},
    "fill large": {"fill_value": 10**30},
    "version": {"zarr_format": 9},
    "shard": {"codecs": [{"name": "sharding_indexed", "configuration": {"chunk_shape": [7, 7]}}]},
    "attributes": {"attributes": []},
    "names": {"dimension_names": ["y"]},
}


@pytest.mark.parametrize("name", BAD)
def test_strange_metadata_is_refused(good, tmp_path, name):
    folder = tmp_path / "s.zarr"
    shutil.copytree(good, folder)
    path = folder / "a" / "zarr.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | BAD[name]))
    with pytest.raises(StoredFileFailed):
        CogReader(tmp_path).read(asset_of("s.zarr"), 0, Window(0, 0, 9, 9))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"[" * 100_000, b" " * 5_000_000])
def test_metadata_that_is_no_table(good, tmp_path, content):
    folder = tmp_path / "s.zarr"
    shutil.copytree(good, folder)
    (folder / "a" / "zarr.json").write_bytes(content)
    with pytest.raises(StoredFileFailed):
        CogReader(tmp_path).levels(asset_of("s.zarr"))


@pytest.mark.parametrize("array", ["a", "old"])
@pytest.mark.parametrize("damage", ["cut", "flip", "grow", "empty"])
def test_damaged_chunks_are_told(good, tmp_path, array, damage):
    folder = tmp_path / "s.zarr"
    shutil.copytree(good, folder)
    path = folder / array / "c" / "0" / "0"
    content = path.read_bytes()
    path.write_bytes(
        {
            "cut": content[: len(content) // 2],
            "flip": content[:-9] + bytes(9 if array == "old" else 0),
            "grow": content + bytes(10**6),
            "empty": b"",
        }[damage]
    )
    reader = CogReader(tmp_path)
    with pytest.raises(StoredFileFailed):
        reader.read(asset_of("s.zarr", array), 0, Window(0, 0, 60, 70))


def test_it_can_be_opened_without_a_portal(good):
    image = ZarrImage(good, "a")
    assert (image.shapes, image.bands, image.route) == (((HEIGHT, WIDTH),), 1, "own")
