"""Tables of places: whatever a spreadsheet writes, and nothing that is no table."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors import LandzichtError
from landzicht.errors.vectors import UnreadableVectors, VectorsTooLarge
from landzicht.formats.coordinates import RD, read_places_table

WGS84 = "EPSG:4326"
AMERSFOORT = (155_000.0, 463_000.0)


def read(text: str | bytes, most: int = 100):
    body = text.encode() if isinstance(text, str) else text
    return read_places_table(body, "sites.csv", most)


@pytest.mark.parametrize(
    ("text", "crs", "point", "name"),
    [
        ("naam;x;y\nKade;155000;463000\n", RD, AMERSFOORT, "Kade"),
        ("naam;x;y\r\nKade;155000,0;463000,0\r\n", RD, AMERSFOORT, "Kade"),
        ("\ufeffx;y;naam\n155000;463000;Kade", RD, AMERSFOORT, "Kade"),
        ("name,lat,lon\nQuay,52.155,5.387\n", WGS84, (5.387, 52.155), "Quay"),
        ("Longitude\tLatitude\tSite\n5.387\t52.155\tQuay\n", WGS84, (5.387, 52.155), "Quay"),
        ("y,x\n52.155,5.387\n", WGS84, (5.387, 52.155), None),
        ('id;breedtegraad;lengtegraad\n"7";"52,155";"5,387"\n', WGS84, (5.387, 52.155), "7"),
        ("RD_X;RD_Y;omschrijving\n155 000;463 000;Kade\n", RD, AMERSFOORT, "Kade"),
    ],
)
def test_tables_as_people_write_them(text, crs, point, name):
    told = read(text)
    assert (told.crs, told.points, told.names) == (crs, (point,), (name,))


def test_a_line_without_numbers_is_told_and_costs_no_other():
    told = read("naam;x;y\nA;155000;463000\nB;;\nC;ten;4\nD\n\nE;155001;463001\n")
    assert told.names == ("A", "B", "C", "D", "E")
    assert told.points == (AMERSFOORT, None, None, None, (155_001.0, 463_001.0))


def test_names_in_an_old_encoding_are_read():
    assert read("naam;x;y\nCafé;155000;463000\n".encode("cp1252")).names == ("Café",)


@pytest.mark.parametrize(
    "text",
    ["", "hello", "x;y", "naam;waarde\nA;1\n", "lat;name\n52;A\n", "a\0b;x;y\n1;2;3\n"],
)
def test_what_is_no_table_of_places_is_refused(text):
    with pytest.raises(UnreadableVectors):
        read(text)


def test_a_long_table_is_refused():
    with pytest.raises(VectorsTooLarge):
        read("x;y\n" + "155000;463000\n" * 101)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_politely(body):
    try:
        told = read(body)
    except LandzichtError:
        return
    assert len(told.names) == len(told.points) > 0


@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=20).map(
                lambda name: name.strip() or "x"
            ),
            st.floats(-179, 179).map(lambda value: round(value, 6)),
            st.floats(-89, 89).map(lambda value: round(value, 6)),
        ),
        min_size=1,
        max_size=20,
    ),
    delimiter=st.sampled_from(";,\t|"),
)
def test_what_python_writes_comes_back(rows, delimiter):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["naam", "lon", "lat"])
    writer.writerows(rows)
    told = read(out.getvalue())
    assert told.crs == WGS84
    assert list(told.names) == [name for name, _, _ in rows]
    assert list(told.points) == [(lon, lat) for _, lon, lat in rows]
