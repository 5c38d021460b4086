"""Bands that are filtered at once are what each of them is alone, whichever way they are read."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from affine import Affine

from landzicht.blocks import resample
from landzicht.blocks.resample import resampled
from landzicht.grid import Grid
from landzicht.grid.reads import plan_reads
from landzicht.kinds import Band, BandKind, Block, Rows

SIDE, UTM = 90, "EPSG:32631"
GRID = Grid(crs=UTM, transform=Affine(10, 0, 640_000, 0, -10, 5_790_000), height=SIDE, width=SIDE)
BANDS = [
    Band(name="B02", dtype="uint16", nodata=0),
    Band(name="B03", dtype="uint16", nodata=0),
    Band(name="SCL", dtype="uint8", nodata=0, kind=BandKind.CATEGORICAL),
    Band(name="heat", dtype="float64", nodata=None),
    Band(name="B04", dtype="uint16", nodata=0),
]
ASSETS = [SimpleNamespace(key=band.name, band=band) for band in BANDS]


class Files:
    """Bands in memory; `direct` gives windows of 8 and 16 bits as views of wider rows."""

    def __init__(self, *, direct):
        chance = np.random.default_rng(3)
        self.values = {
            band.name: chance.integers(0, 40, (SIDE, SIDE)).astype(band.dtype) for band in BANDS
        }
        self.values["B03"] += 1  # without holes
        self.straight = 0
        if direct:
            self.direct = self

    def read(self, asset, level, window):
        assert level == 0
        values = self.values[asset.key][
            window.row : window.stop_row, window.column : window.stop_column
        ]
        valid = np.ones(values.shape, np.bool_)
        if asset.band.nodata is not None:
            valid = values != asset.band.nodata
        return Block(values=values[None], valid=valid[None], grid=GRID, bands=(asset.band,))

    def rows(self, asset, level, window):
        if asset.band.dtype == "float64":
            return None
        self.straight += 1
        flat = self.values[asset.key].reshape(-1)
        begin = window.row * SIDE + window.column
        cut = flat[begin : begin + (window.height - 1) * SIDE + window.width]
        valid = cut != 0
        return Rows(values=cut, stride=SIDE, valid=None if valid.all() else valid)


@pytest.mark.parametrize("name", ["bilinear", "cubic", "average", "mode", "nearest"])
@pytest.mark.parametrize("pixel", [7.0, 27.0])
def test_bands_together(monkeypatch, name, pixel):
    turned = GRID.transform @ Affine.translation(5.3, 7.1) @ Affine.scale(pixel / 10)
    target = replace(GRID, transform=turned, height=25, width=28)
    plans = plan_reads((GRID,), target, smooth=name != "nearest")
    way, straight = Files(direct=False), Files(direct=True)
    alone = [resampled(way, [each], plans, target.shape, (name, {}))[0] for each in ASSETS]
    assert alone[0][1].any()
    assert not alone[0][1].all() or name != "nearest"
    together = [
        resampled(files, ASSETS, plans, target.shape, (name, {})) for files in (way, straight)
    ]
    monkeypatch.setattr(resample, "_MOST_TOGETHER", 0)
    together.append(resampled(straight, ASSETS, plans, target.shape, (name, {})))
    for found in together:
        for (values, valid), (one, known) in zip(found, alone, strict=True):
            assert values.dtype == one.dtype
            np.testing.assert_array_equal(values, one)
            np.testing.assert_array_equal(valid, known)
    assert straight.straight or name == "nearest"
