"""Rows with doubts and a smooth line: the values stay, what is added is what `smooth` says."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow.parquet as pq
import pytest

from landzicht.errors.catalogue import BadQuery
from landzicht.portal.maps.view import View
from landzicht.portal.parcels import series_answer, series_files, series_smooth
from landzicht.portal.parcels.series import SeriesRequest, series
from landzicht.portal.parcels.series_files import SeriesOrder, series_file
from landzicht.series.outliers import doubts
from landzicht.series.smooth import METHOD, smooth
from landzicht.testing.fields import add_dates, features
from landzicht.testing.pixels import make_services


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("smooth"))
    add_dates(services, 14)
    return services


@pytest.fixture
def order(tmp_path):
    told = features(12)
    told["features"].append({"type": "Feature", "id": "bad", "properties": {}, "geometry": None})
    path = tmp_path / "fields.geojson"
    path.write_text(json.dumps(told))
    return SeriesOrder(path=path, collection="fields", layer="red", out=tmp_path / "out.parquet")


def table_of(services, order):
    _, chunks = series_file(services, order, lambda *_: None)
    return pq.read_table(io.BytesIO(b"".join(chunks)))


def test_what_is_added_is_the_line_and_nothing_else_changes(services, order) -> None:
    plain = table_of(services, order)
    table = table_of(services, replace(order, smooth=True))
    assert table.select(plain.column_names).equals(plain)
    added = [name for name in table.column_names if name not in plain.column_names]
    assert added == ["flagged", "reason", "smoothed", "low", "high", "filled", "smooth_method"]
    rows = [row for row in table.to_pylist() if row["parcel"] == "p4"]
    assert len(rows) == 14
    days = np.array([float(row["datetime"].toordinal()) for row in rows])
    assert date.fromordinal(int(days[0])) == date(2025, 5, 1)
    values, valid = (np.array([[row[name] for row in rows]], float) for name in ("mean", "valid"))
    doubted = doubts(days, values, valid)
    line = smooth(days, np.where(doubted.flagged, np.nan, values), valid)
    at = (days - days[0]).astype(int)
    assert [row["flagged"] for row in rows] == doubted.flagged[0].tolist()
    for name, wanted in (("smoothed", line.values), ("low", line.low), ("high", line.high)):
        told = np.array([row[name] for row in rows], float)
        np.testing.assert_allclose(told, wanted[0, at])
    assert np.isfinite(line.values).sum() > 9
    gaps = np.isnan(values[0]) & np.isfinite(line.values[0, at])
    assert [row["filled"] for row in rows] == gaps.tolist()
    assert {row["smooth_method"] for row in rows} <= {METHOD, None}
    assert all((row["reason"] is not None) == row["flagged"] for row in rows)


def test_many_parcels_in_parts_give_the_same(services, order, monkeypatch) -> None:
    whole = table_of(services, replace(order, smooth=True))
    monkeypatch.setattr(series_smooth, "_AT_ONCE", 5)
    assert table_of(services, replace(order, smooth=True)).equals(whole)


def test_gaps_are_filled_in_the_line_only_and_said_so(services, order, monkeypatch) -> None:
    """Two dates of one parcel are under clouds: the values stay empty, the line goes on."""
    tables = list(series_smooth_tables(services, order))
    hidden = [replace(table, values=table.values.copy()) for table in tables]
    for number in (0, 5, 6):
        hidden[number].values[2] = np.nan
        hidden[number].valid[2] = 0.0
    monkeypatch.setattr(series_answer, "series", lambda *_: iter(hidden))
    rows = table_of(services, replace(order, smooth=True)).to_pylist()
    rows = [row for row in rows if row["parcel"] == "p2"]
    assert [row["mean"] is None for row in rows] == [n in (0, 5, 6) for n in range(len(rows))]
    assert [row["filled"] for row in rows] == [n in (5, 6) for n in range(len(rows))]
    for row in (rows[5], rows[6]):
        assert row["low"] < row["smoothed"] < row["high"]
        assert row["smooth_method"] == METHOD
    assert rows[0]["smoothed"] is None  # before its first observation nothing is known
    width = [row["high"] - row["low"] for row in rows[1:]]
    assert width[4] > width[2]


def series_smooth_tables(services, order):
    parcels = series_files.read_parcels(order).parcels
    view = View(layer=order.layer)
    return series(services, SeriesRequest(collection="fields", parcels=parcels, view=view))


def test_a_refused_parcel_has_its_row_without_a_line(services, order) -> None:
    table = table_of(services, replace(order, smooth=True))
    (row,) = [row for row in table.to_pylist() if row["parcel"] == "bad"]
    assert row["error"] == "bad-parcel"
    assert row["flagged"] is row["smoothed"] is row["smooth_method"] is None


def test_what_cannot_be_smoothed_is_refused_before_anything_is_read(
    services, order, monkeypatch
) -> None:
    with pytest.raises(BadQuery, match="mean"):
        series_file(services, replace(order, smooth=True, stats=("max",)), lambda *_: None)
    monkeypatch.setattr(series_smooth, "MOST_VALUES", 100)
    with pytest.raises(BadQuery, match="100"):
        series_file(services, replace(order, smooth=True), lambda *_: None)
