"""A harbour of its own for each test, and rasters made in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine

from landzicht.formats import CogWriter, GdalInspector, Sandbox
from landzicht.formats.gdal import load_rasterio
from landzicht.ingest import Harbour, Options, land, sniff
from landzicht.kinds import Asset, Receipt, Scene
from landzicht.records import SqliteCatalog
from landzicht.runners import Inline
from landzicht.stac import read_item

UTM = Affine(10, 0, 600_000, 0, -10, 5_700_000)
MakeTiff = Callable[..., Path]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def inspector(sandbox: Sandbox) -> GdalInspector:
    return GdalInspector(sandbox)


@pytest.fixture
def harbour(tmp_path: Path, sandbox: Sandbox) -> Iterator[Harbour]:
    data = tmp_path / "data"
    data.mkdir()
    with SqliteCatalog(data / "catalogue.sqlite") as catalog:
        yield Harbour(data=data, catalog=catalog, writer=CogWriter(sandbox), runner=Inline())


class Port:
    """Takes files in, and looks at what came of it."""

    def __init__(self, harbour: Harbour, inspector: GdalInspector) -> None:
        self.harbour = harbour
        self.inspector = inspector

    def take(self, *paths: Path, **options: Any) -> list[Receipt]:
        return list(land(sniff(paths, self.inspector, Options(**options)), self.harbour))

    def scene(self, receipt: Receipt) -> Scene:
        assert receipt.collection
        assert receipt.scene, [found.message.en for found in receipt.findings]
        return read_item(self.harbour.catalog.body(receipt.collection, receipt.scene))

    def read(self, asset: Asset) -> np.ndarray:
        path = self.harbour.data / asset.href
        with load_rasterio().open(path, driver="GTiff") as dataset:
            return dataset.read(1)

    def physical(self, asset: Asset) -> np.ndarray:
        stored = self.read(asset)
        numbers = stored * asset.band.scale + asset.band.offset
        return np.where(stored == asset.band.nodata, np.nan, numbers)

    def files(self) -> set[str]:
        """Everything in the store, by its path."""
        store = self.harbour.data / "files"
        found = (path for path in store.rglob("*") if path.is_file())
        return {path.relative_to(store).as_posix() for path in found} - {".registering"}


@pytest.fixture
def port(harbour: Harbour, inspector: GdalInspector) -> Port:
    return Port(harbour, inspector)


@pytest.fixture
def make_tiff(tmp_path: Path) -> MakeTiff:
    """Return a function that writes `(band, y, x)` with GDAL and returns the path."""

    def make(name: str, values: np.ndarray | None = None, **options: Any) -> Path:
        if values is None:
            values = np.arange(600, dtype=np.uint16).reshape(1, 20, 30)
        tags, colours = options.pop("tags", {}), options.pop("colours", None)
        mask, descriptions = options.pop("mask", None), options.pop("descriptions", None)
        profile = {
            "driver": "GTiff",
            "count": values.shape[0],
            "height": values.shape[1],
            "width": values.shape[2],
            "dtype": values.dtype.name,
            "crs": "EPSG:32631",
            "transform": UTM,
        }
        rasterio = load_rasterio()
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
            rasterio.open(path, "w", **(profile | options)) as target,
        ):
            target.write(values)
            target.update_tags(**tags)
            if descriptions:
                target.descriptions = descriptions
            if colours:
                target.write_colormap(1, colours)
            if mask is not None:
                target.write_mask(mask)
        return path

    return make
