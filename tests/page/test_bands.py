"""The page's reader of raw band tiles, run by node, against the values that went in."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from landzicht.render.bands import RawBand, pack_bands
from landzicht.testing.node import node

PAGE = Path(__file__).parents[2] / "page"
RUN = """
const ts = require('typescript'), fs = require('fs');
const [source, tile, out] = process.argv.slice(1);
const code = ts.transpileModule(fs.readFileSync(source, 'utf8'),
  { compilerOptions: { module: 'CommonJS', target: 'ES2022' } }).outputText;
const box = { exports: {} };
new Function('module', 'exports', code)(box, box.exports);
(async () => {
  const bytes = fs.readFileSync(tile);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const { header, numbers } = await box.exports.readBands(buffer);
  const parts = [];
  for (const band of header.bands) {
    const table = box.exports.valuesOf(band);
    parts.push(Buffer.from(Float64Array.from(numbers[band.name], (n) => table[n]).buffer));
  }
  fs.writeFileSync(out, Buffer.concat(parts));
  console.log(JSON.stringify(header));
})();
"""


@pytest.mark.parametrize("depth", [8, 16])
def test_the_page_reads_what_we_write(tmp_path, depth):
    program = node()
    if program is None or not (PAGE / "node_modules/typescript").is_dir():
        pytest.skip("the page is not built: python hatch_build.py")
    rng = np.random.default_rng(5)
    shape = (61, 47)
    red = rng.integers(1, 9000, shape).astype(np.float32)
    heat = rng.normal(290, 8, shape).astype(np.float32)
    wide = rng.integers(2**31, 2**31 + 60_000, shape).astype(np.float64)
    codes = rng.integers(0, 12, shape).astype(np.float32)
    usable = rng.random(shape) < 0.9
    bands = [
        RawBand(name="B04", values=red, scale=1e-4, offset=-0.1, unit="1"),
        RawBand(name="heat", values=heat, unit="K"),
        RawBand(name="wide", values=wide),
        RawBand(name="code", values=codes, codes=True),
    ]
    path, out = tmp_path / "tile.bands", tmp_path / "values"
    path.write_bytes(pack_bands(bands, usable, depth, {"scenes": ["a"], "simulated": False}))
    told = subprocess.run(
        [program, "-e", RUN, PAGE / "src/lib/bands.ts", path, out],
        cwd=PAGE, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    header = json.loads(told.stdout)
    found = np.fromfile(out).reshape(len(bands), *shape)
    truth = [red * np.float32(1e-4) + np.float32(-0.1), heat, wide, codes]
    for plane, values, band in zip(found, truth, header["bands"], strict=True):
        np.testing.assert_array_equal(np.isnan(plane), ~usable)
        off = np.abs(plane - values)[usable].max()
        if band["curve"] == "whole":
            assert off == 0
        else:
            assert off <= band["error"] * 1.001 + 1e-6 * np.abs(values).max()
    curves = {band["name"]: band["curve"] for band in header["bands"]}
    assert curves["code"] == "whole"
    assert curves["B04"] == ("sqrt" if depth == 8 else "whole")
    assert header["scenes"] == ["a"]
