"""Files with areas: every form is read, and nothing that somebody hides in one does harm."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import struct
import subprocess
import sys
import time
import zipfile
import zlib

import numpy as np
import pytest
import shapely

from landzicht.errors.files import UnknownCrs
from landzicht.errors.vectors import UnreadableVectors, VectorsTooLarge
from landzicht.formats.vectors import child, read, read_vectors, zips
from landzicht.testing.vectors import DRIVERS, write_vectors

RD = "EPSG:28992"
COUNT = 5
LONELY = "system"


def boxes(count=COUNT):
    shapes = np.empty(count, object)
    shapes[:] = [
        shapely.box(155_000 + 100 * n, 463_000, 155_080 + 100 * n, 463_050) for n in range(count)
    ]
    return shapes


def degrees(count=COUNT):
    shapes = np.empty(count, object)
    shapes[:] = [shapely.box(5 + n / 100, 52, 5.005 + n / 100, 52.01) for n in range(count)]
    return shapes


NAMES = {"id": [f"i{n}" for n in range(COUNT)], "naam": [f"Veld {n}" for n in range(COUNT)]}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """One file of each form."""
    folder = tmp_path_factory.mktemp("areas")
    found = {}
    for ending in DRIVERS:
        lonlat = ending in {".kml", ".geojson"}
        shapes = degrees() if lonlat else boxes()
        crs = "EPSG:4326" if lonlat else RD
        found[ending] = write_vectors(folder / f"areas{ending}", shapes, crs, NAMES)
    with zipfile.ZipFile(folder / "shapes.zip", "w") as archive:
        for path in folder.glob("areas.*"):
            if path.suffix in {".shp", ".shx", ".dbf", ".prj", ".cpg"}:
                archive.write(path, f"some folder/{path.name}")
        archive.writestr("__MACOSX/._areas.shp", b"litter")
        archive.writestr("some folder/readme.txt", b"words")
    found[".zip"] = folder / "shapes.zip"
    found[".parquet"] = geoparquet(folder / "areas.parquet", boxes(), RD)
    return found


def geoparquet(path, shapes, system, **column):
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyproj import CRS

    told = {"encoding": "WKB", "geometry_types": [], "crs": CRS(system).to_json_dict()} | column
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": told}}
    columns = {"geometry": list(shapely.to_wkb(shapes)), **NAMES}
    table = pa.table(columns).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, path)
    return path


@pytest.mark.parametrize("ending", [*DRIVERS, ".zip", ".parquet"])
def test_each_form_is_read(files, ending):
    found = read_vectors(files[ending])
    lonlat = ending in {".kml", ".geojson"}
    assert found.crs == ("EPSG:4326" if lonlat else RD)
    shapes = shapely.from_wkb(found.table["geometry"].to_numpy())
    wanted = degrees() if lonlat else boxes()
    # Indexed forms keep near shapes together, in an order of their own.
    key = lambda shape: shape.bounds  # noqa: E731 - an order
    for shape, expected in zip(sorted(shapes, key=key), sorted(wanted, key=key), strict=True):
        assert shape.symmetric_difference(expected).area < 1e-6 * expected.area
    column = "Name" if ending == ".kml" and "naam" not in found.table.column_names else "naam"
    assert column in found.table.column_names
    if ending != ".kml":
        by_id = dict(zip(found.names(None), found.table["naam"].to_pylist(), strict=True))
        assert by_id == {f"i{n}": f"Veld {n}" for n in range(COUNT)}


def test_the_name_of_a_file_means_nothing(files, tmp_path):
    disguised = tmp_path / "areas.gpkg"
    disguised.write_bytes(files[".geojson"].read_bytes())
    assert read_vectors(disguised).kind == "geojson"


@pytest.mark.parametrize(
    "ids", [[100, 7, 0], [0, 1, 2], ["a", "b", "c"], [-1, "b", None], [5, 5, 1.5], [None] * 3]
)
def test_features_of_geojson_keep_their_ids(tmp_path, ids):
    path = tmp_path / "areas.geojson"
    shapes = [{"type": "Polygon", "coordinates": shape} for shape in rings(degrees(3))]
    path.write_text(json.dumps(collection(shapes, ids)), "utf-8-sig")
    wanted = [None if each is None else str(each) for each in ids]
    assert read_vectors(path).names(None) == wanted


def rings(shapes):
    return [[shapely.get_coordinates(shape).tolist()] for shape in shapes]


def collection(shapes, ids):
    features = [
        {"type": "Feature", "properties": {"naam": "x"}, "geometry": shape}
        | ({} if each is None else {"id": each})
        for shape, each in zip(shapes, ids, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def test_layers_and_columns_are_chosen_by_name(tmp_path):
    path = tmp_path / "two.gpkg"
    write_vectors(path, boxes(), RD, NAMES, "first")
    write_vectors(path, boxes(2), RD, {"code": ["a", "b"]}, "second")
    assert read_vectors(path).layers == ("first", "second")
    assert read_vectors(path).table.num_rows == COUNT
    found = read_vectors(path, layer="second", name="code")
    assert found.names("code") == ["a", "b"]
    for wrong in ({"layer": "third"}, {"name": "code"}, {"layer": "x'; drop table first; --"}):
        with pytest.raises(UnreadableVectors):
            read_vectors(path, **wrong)
    assert read_vectors(path).table.num_rows == COUNT


def test_a_file_that_does_not_tell_its_system(tmp_path):
    path = write_vectors(tmp_path / "a.shp", boxes(), None, NAMES)
    assert not path.with_suffix(".prj").exists()
    with pytest.raises(UnreadableVectors, match=LONELY):
        read_vectors(path)
    assert read_vectors(path, crs=RD).crs == RD
    with pytest.raises(UnknownCrs):
        read_vectors(path, crs="EPSG:99999999")
    told = geoparquet(tmp_path / "none.parquet", boxes(), RD, crs=None)
    with pytest.raises(UnreadableVectors, match=LONELY):
        read_vectors(told)
    # What a file tells counts more than what somebody thinks.
    known = geoparquet(tmp_path / "known.parquet", boxes(), RD)
    assert read_vectors(known, crs="EPSG:32631").crs == RD


def test_more_rows_than_we_read(files):
    for ending in (".gpkg", ".geojson", ".parquet"):
        assert read_vectors(files[ending], most=COUNT).table.num_rows == COUNT
        with pytest.raises(VectorsTooLarge, match="4 rows"):
            read_vectors(files[ending], most=COUNT - 1)


SECRET = "the-secret-of-this-machine"
VRT = (
    '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{}</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>"
)
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;">]><kml xmlns="http://www.opengis.net/kml/2.2"><name>&c;</name></kml>'
)


NO_AREAS = {
    "empty": b"",
    "zeros": b"\0" * 100,
    "words": b"words",
    "sqlite": b"SQLite format 3\0" + b"\0" * 200,
    "flatgeobuf": b"fgb\x03fgb\x00 damaged",
    "parquet": b"PAR1 damaged PAR1",
    "zip": b"PK\x03\x04 damaged",
    "shapefile": bytes((0, 0, 0x27, 0x0A)) + b"\0" * 200,
    "json": b"{ damaged",
    "cut json": b'{"type": "FeatureCollection", "features": [',
    "cut kml": b"<kml><Document>",
    "cut gml": b'<gml:x xmlns:gml="http://www.opengis.net/gml">',
    "vrt": VRT.format("/etc/passwd").encode(),
    "raster vrt": b"<VRTDataset rasterXSize='1' rasterYSize='1'/>",
    "wms": b"<GDAL_WMS><Service/></GDAL_WMS>",
    "bomb": BOMB.encode(),
    "gml bomb": BOMB.replace("kml/2.2", "gml").replace("<kml", "<gml:kml").encode(),
    "utf-16 bomb": BOMB.encode("utf-16"),
    "late bomb": b'<kml xmlns="x">' + b" " * 70_000 + BOMB[21:].encode(),
    "late entity": b'<kml xmlns="x">' + b" " * 2_000_000 + b"<!ENTITY x SYSTEM 'file:///x'></kml>",
    "dump": b"PGDUMP\nCREATE TABLE",
    "topology": b'{"type": "Topology", "objects": {}}',
}


@pytest.mark.parametrize("kind", NO_AREAS)
def test_what_is_no_file_with_areas_is_refused(tmp_path, kind):
    path = tmp_path / "areas.geojson"
    path.write_bytes(NO_AREAS[kind])
    with pytest.raises(UnreadableVectors):
        read_vectors(path)


def test_a_database_that_is_no_geopackage(tmp_path):
    path = tmp_path / "a.gpkg"
    with sqlite3.connect(path) as database:
        database.execute("create table secrets (x)")
        database.execute("insert into secrets values (?)", (SECRET,))
    database.close()
    with pytest.raises(UnreadableVectors):
        read_vectors(path)
    # With the magic of a GeoPackage, but nothing of one inside.
    content = bytearray(path.read_bytes())
    content[68:72] = b"GPKG"
    path.write_bytes(content)
    with pytest.raises(UnreadableVectors) as told:
        read_vectors(path)
    assert SECRET not in str(told.value)


def test_a_vrt_reads_no_other_file(tmp_path, files):
    for name in ("a.geojson", "a.gpkg", "a.kml", "a.vrt"):
        path = tmp_path / name
        path.write_text(VRT.format(files[".gpkg"]))
        with pytest.raises(UnreadableVectors):
            read_vectors(path)
    inside = tmp_path / "b.kml"
    inside.write_text(f"<!-- <kml > -->{VRT.format(files['.gpkg'])}")
    with pytest.raises(UnreadableVectors):
        read_vectors(inside)


def pack(path, *entries, **kinds):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = kinds.get(name.replace(".", "_"), 0o644) << 16
            archive.writestr(info, content)
    return path


def test_paths_and_links_in_a_zip_are_refused(tmp_path, files):
    good = files[".geojson"].read_bytes()
    for number, name in enumerate(
        ("../a.geojson", "/tmp/a.geojson", "x/../../a.geojson", "..\\a.geojson")
    ):
        with pytest.raises(UnreadableVectors, match="paths or links"):
            read_vectors(pack(tmp_path / f"{number}.zip", (name, good)))
    link = pack(tmp_path / "link.zip", ("a.geojson", "/etc/passwd"), a_geojson=stat.S_IFLNK | 0o777)
    with pytest.raises(UnreadableVectors, match="paths or links"):
        read_vectors(link)
    assert not (tmp_path.parent / "a.geojson").exists()


def test_a_zip_holds_one_map(tmp_path, files):
    good = files[".geojson"].read_bytes()
    two = pack(tmp_path / "two.zip", ("a.geojson", good), ("x/b\x07.geojson", good[:40]))
    with pytest.raises(UnreadableVectors, match="choose as the layer one of: a, b\\."):
        read_vectors(two)
    assert read_vectors(two, layer="a").table.num_rows == COUNT
    with pytest.raises(UnreadableVectors, match="several"):
        read_vectors(two, layer="c")
    with pytest.raises(UnreadableVectors, match="exactly one"):
        read_vectors(pack(tmp_path / "none.zip", ("readme.txt", b"words")))
    inner = pack(tmp_path / "inner.zip", ("a.geojson", good))
    nested = pack(tmp_path / "nested.zip", ("a.geojson", inner.read_bytes()))
    with pytest.raises(UnreadableVectors):
        read_vectors(nested)
    assert read_vectors(inner).table.num_rows == COUNT


def test_a_shapefile_in_a_zip_is_a_layer_of_its_name(tmp_path, files):
    for name in ("fields", "roads"):
        write_vectors(tmp_path / f"{name}.shp", boxes(2 + len(name)), RD)
    with zipfile.ZipFile(tmp_path / "maps.zip", "w") as archive:
        for path in [*tmp_path.glob("fields.*"), *tmp_path.glob("roads.*")]:
            archive.write(path, f"maps/{path.name}")
    assert read_vectors(tmp_path / "maps.zip", layer="roads").table.num_rows == 7
    assert read_vectors(files[".zip"], layer="areas").table.num_rows == COUNT


def test_text_of_a_shapefile_that_does_not_tell_its_code_page(tmp_path):
    stored = (b"plain", b"V\xe9ld \x80", b"V\xc3\xa9ld", b"cut off \xc3")
    names = [f"{number}_________" for number in range(4)]
    path = write_vectors(tmp_path / "old.shp", boxes(5), RD, {"naam": [*names, None]})
    path.with_suffix(".cpg").unlink(missing_ok=True)
    content = bytearray(path.with_suffix(".dbf").read_bytes())
    content[29] = 0  # no language is told
    for name, raw in zip(names, stored, strict=True):
        at = content.index(name.encode())
        content[at : at + 10] = raw.rjust(10)
    path.with_suffix(".dbf").write_bytes(content)
    found = [each and each.strip() for each in read_vectors(path).names("naam")]
    assert found == ["plain", "Véld €", "Véld", "cut off", None]


GML = """<?xml version="1.0" encoding="UTF-8"?>
<o:FeatureCollection xmlns:o="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml/3.2">
<o:featureMember><o:p gml:id="vlak.17"><o:geom><gml:Polygon srsName="urn:ogc:def:crs:EPSG::28992">
<gml:exterior><gml:LinearRing><gml:posList>0 0 300 0 300 300 0 300 0 0</gml:posList>
</gml:LinearRing></gml:exterior></gml:Polygon></o:geom><o:naam>Vlak</o:naam></o:p></o:featureMember>
<o:featureMember><o:p gml:id="vlak.18"><o:geom><gml:Polygon srsName="urn:ogc:def:crs:EPSG::28992">
<gml:exterior><gml:Ring><gml:curveMember><gml:Curve><gml:segments><gml:Arc>
<gml:posList>0 0 150 150 300 0</gml:posList></gml:Arc></gml:segments></gml:Curve></gml:curveMember>
<gml:curveMember><gml:LineString><gml:posList>300 0 0 0</gml:posList></gml:LineString>
</gml:curveMember></gml:Ring></gml:exterior></gml:Polygon></o:geom><o:naam>Boog</o:naam></o:p>
</o:featureMember></o:FeatureCollection>
"""


def test_arcs_become_lines_of_many_corners(tmp_path):
    """Registers in GML have them; no row is lost for it."""
    path = tmp_path / "register.gml"
    path.write_text(GML)
    found = read_vectors(path)
    assert found.crs == RD
    assert found.names(None) == ["vlak.17", "vlak.18"]
    assert found.table["naam"].to_pylist() == ["Vlak", "Boog"]
    flat, round_ = shapely.from_wkb(found.table["geometry"].to_numpy())
    assert flat.area == 300**2
    assert round_.area == pytest.approx(np.pi * 150**2 / 2, rel=0.002)
    with pytest.raises(VectorsTooLarge):
        read_vectors(path, most=1)


KML = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{0}{1}{2}
</Document></kml>"""
FOLDER = """<Folder><name>{0}</name><Placemark><name>Veld {0}</name><Point><coordinates>5.{0},52,0
</coordinates></Point></Placemark></Folder>"""


def test_all_folders_of_kml_are_read_unless_one_is_chosen(tmp_path):
    path = tmp_path / "places.kml"
    path.write_text(KML.format(*map(FOLDER.format, (1, 2, 3))))
    found = read_vectors(path)
    shapes = shapely.from_wkb(found.table["geometry"].to_numpy())
    assert [shape.x for shape in shapes] == [5.1, 5.2, 5.3]
    assert (found.crs, len(found.layers)) == ("EPSG:4326", 3)
    assert read_vectors(path, layer=found.layers[1]).table.num_rows == 1
    with pytest.raises(VectorsTooLarge):
        read_vectors(path, most=2)


def test_a_kmz_of_gdal_has_its_map_behind_a_link(tmp_path, files):
    good = ("layers/areas.kml", files[".kml"].read_bytes())
    doc = b"<kml><Document><NetworkLink><Link><href>layers/areas.kml</href></Link></NetworkLink>"
    links = ("doc.kml", doc + b"</Document></kml>")
    assert read_vectors(pack(tmp_path / "a.kmz", links, good)).table.num_rows == COUNT
    assert read_vectors(pack(tmp_path / "b.kmz", ("doc.kml", good[1]))).table.num_rows == COUNT
    two = pack(tmp_path / "c.kmz", ("doc.kml", good[1]), good)
    with pytest.raises(UnreadableVectors, match="choose as the layer one of: areas, doc"):
        read_vectors(two)
    assert read_vectors(two, layer="areas").table.num_rows == COUNT


def test_a_shapefile_alone_is_told_to_come_with_its_others(tmp_path, files):
    alone = tmp_path / "parcels"
    alone.write_bytes(files[".shp"].read_bytes())
    with pytest.raises(UnreadableVectors, match="together in a zip"):
        read_vectors(alone)


def test_a_locked_or_damaged_zip(tmp_path, files):
    path = pack(tmp_path / "a.zip", ("a.geojson", files[".geojson"].read_bytes()))
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    for place in (6, at + 8):
        content[place] |= 1  # encrypted
    (tmp_path / "locked.zip").write_bytes(content)
    with pytest.raises(UnreadableVectors, match="password"):
        read_vectors(tmp_path / "locked.zip")
    content = bytearray(path.read_bytes())
    content[60:90] = b"\0" * 30
    (tmp_path / "damaged.zip").write_bytes(content)
    with pytest.raises(UnreadableVectors, match="damaged"):
        read_vectors(tmp_path / "damaged.zip")
    (tmp_path / "short.zip").write_bytes(path.read_bytes()[:-30])
    with pytest.raises(UnreadableVectors, match="damaged"):
        read_vectors(tmp_path / "short.zip")


def test_a_bomb_is_counted_while_it_unpacks(tmp_path, monkeypatch):
    monkeypatch.setattr(zips, "MOST_BYTES", 20_000_000)
    path = pack(tmp_path / "bomb.zip", ("a.geojson", b"{" + b" " * 300_000_000))
    assert path.stat().st_size < 400_000
    start = time.thread_time()
    with pytest.raises(VectorsTooLarge):
        read_vectors(path)
    assert time.thread_time() - start < 1
    # One that lies about its size: the header says ten bytes.
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<L", 10)
    content[22:26] = struct.pack("<L", 10)
    path.write_bytes(content)
    with pytest.raises((VectorsTooLarge, UnreadableVectors)):
        read_vectors(path)


def test_a_zip_with_very_many_files(tmp_path):
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(zips.MOST_ENTRIES + 1):
            archive.writestr(f"{number}.txt", b"")
    with pytest.raises(VectorsTooLarge, match="files"):
        read_vectors(path)


MILLION = 1_000_000
LOOK = """
import sys, time
from pathlib import Path
from landzicht.errors.vectors import VectorsTooLarge
from landzicht.formats.vectors import read_vectors

def held(what):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(x for x in lines if x.startswith(what)).split()[1]) / 1000

Path("/proc/self/clear_refs").write_text("5")
begin, before = time.process_time(), held("VmRSS")
try:
    read_vectors(Path(sys.argv[1]))
except VectorsTooLarge as error:
    print(time.process_time() - begin, held("VmHWM") - before, error.code)
"""


def a_million_files(path, entries, *, longer):
    """Write a zip with very many empty files, whose short record tells so many."""
    one = b"PK\x03\x04" + bytes(22) + struct.pack("<HH", 1, 0) + b"a"
    listed = struct.pack("<4s24xH16x", b"PK\x01\x02", 1) + b"a"
    size, at = MILLION * len(listed), len(one)
    end = b""
    if longer:
        told = (b"PK\x06\x06", 44, 45, 45, 0, 0, MILLION, MILLION, size, at)
        end = struct.pack("<4sQHHLLQQQQ", *told)
        end += struct.pack("<4sLQL", b"PK\x06\x07", 0, at + size, 1)
    short = size if entries is None else entries * len(listed)
    count = 0xFFFF if entries is None else entries
    end += struct.pack("<4s4xHHLL2x", b"PK\x05\x06", count, count, short, at)
    path.write_bytes(one + listed * MILLION + end)


@pytest.mark.parametrize(
    ("entries", "longer"),
    [(0xFFFF, True), (1, True), (None, False)],
    ids=["told", "hidden", "short record only"],
)
def test_r15_a_million_files_are_refused_before_they_are_listed(tmp_path, entries, longer):
    path = tmp_path / "many.zip"
    a_million_files(path, entries, longer=longer)
    if longer:  # zipfile would list them all
        with path.open("rb") as file:
            assert zipfile._EndRecData(file)[4] == MILLION
    command = [sys.executable, "-c", LOOK, str(path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, megabytes, code = told.stdout.split()
    assert code == "areas-too-large"
    assert float(seconds) < 1
    assert float(megabytes) < 50


def test_a_longer_record_that_is_not_where_it_should_be(tmp_path):
    path = tmp_path / "odd.zip"
    a_million_files(path, 1, longer=True)
    content = path.read_bytes()
    for at, wrong in ((-98, b"PK\x06\x08"), (-34, struct.pack("<Q", 7))):
        path.write_bytes(content[:at] + wrong + content[at + len(wrong) :])
        with pytest.raises(UnreadableVectors, match="damaged"):
            read_vectors(path)
    path.write_bytes(content[-42:])  # its locator alone
    with pytest.raises(UnreadableVectors):
        read_vectors(path)


def test_a_child_without_memory_or_time_takes_nobody_along(files, monkeypatch, tmp_path):
    deep = tmp_path / "deep.geojson"
    deep.write_bytes(b'{"type":' + b"[" * 3_000_000)
    with pytest.raises(UnreadableVectors):
        read_vectors(deep)
    with pytest.raises(UnreadableVectors, match="too long"):
        read_vectors(files[".gpkg"], seconds=0.01)
    monkeypatch.setattr(read, "_ROOM", 1_000)  # bytes that the child may write
    with pytest.raises(UnreadableVectors, match="damaged"):
        read_vectors(files[".gpkg"])
    monkeypatch.undo()
    monkeypatch.setattr(read, "_CHILD", (sys.executable, "-P", "nothing.py"))
    with pytest.raises(UnreadableVectors, match="damaged"):
        read_vectors(files[".gpkg"])


def test_the_child_has_a_limit_on_memory():
    code = (
        "import resource, landzicht.formats.vectors.child as c\n"
        "c.MEMORY = 300 * 2**20\n"
        "c._read = lambda asked: bytearray(10**9)\n"
        "c.main()\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        input='{"room": 1000}',
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert told.stdout == ""


def test_only_these_drivers_are_there(files):
    assert set(read._others().split(",")) & child.DRIVERS == set()
    assert "OGR_VRT" in read._others()
    asked = {"path": str(files[".gpkg"]), "kind": "gpkg", "layer": None, "name": None}
    told = subprocess.run(
        read._CHILD,
        input=json.dumps(asked | {"out": "/dev/null", "most": 9, "room": 10**6}),
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if "SKIP" not in name},
    )
    assert json.loads(told.stdout) == {"error": "limits"}
    assert zlib.crc32(files[".gpkg"].read_bytes())  # it is still there
