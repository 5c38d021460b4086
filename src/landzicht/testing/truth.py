"""Reading the truth that `make_world` wrote, to measure anything against it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """Something that is known: a shape with facts."""

    shape: Any
    """shapely geometry in WGS84."""
    facts: Mapping[str, Any]
    """Properties; names that begin with `true_` hold the truth, others what was declared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The folder `truth` of a simulated world."""

    folder: Path
    """Where it is."""

    def parcels(self, year: int) -> tuple[Known, ...]:
        """Return all parcels of a year, in the order of their numbers."""
        return self._shapes(f"SIM_parcels_{year}")

    def fields(self, year: int) -> tuple[Known, ...]:
        """Return all fields of a year; a parcel with two crops is two fields."""
        return self._shapes(f"SIM_fields_{year}")

    def crops(self, year: int) -> NDArray[np.uint16] | None:
        """Return the crop code of each 10 m pixel of a year, 0 = no crop; None = not written."""
        return self.raster("SIM", f"crop_{year}")

    def patches(self, year: int) -> tuple[Known, ...]:
        """Return the patches of a year in which a crop is unwell."""
        return self._shapes(f"SIM_stress_patches_{year}")

    def site(self) -> Known:
        """Return the building site."""
        return self._shapes("SIM_building_site")[0]

    def buildings(self) -> tuple[Known, ...]:
        """Return the houses that are new in the last year, with `start_date` and `roof_date`."""
        return self._shapes("SIM_new_buildings")

    def ships(self, image: str | None = None) -> tuple[Known, ...]:
        """Return the ships in the image with this id, or those of all images, with `image`."""
        return self._shapes(f"{image}_ships" if image else "SIM_ships")

    def floods(self) -> Mapping[str, NDArray[np.bool_]]:
        """Return where land was under water, by id of the image; only images that show a flood."""
        found = {
            path.name.removesuffix("_flood.tif"): self.raster(
                path.name.removesuffix("_flood.tif"), "flood"
            )
            for path in sorted(self.folder.glob("*_flood.tif"))
        }
        return {image: flood == 1 for image, flood in found.items() if flood is not None}

    def temperature(self, image: str) -> NDArray[np.float32] | None:
        """Return the temperature of the ground in kelvin, or None for images without warmth."""
        return self.raster(image, "temperature")

    def table(self, name: str) -> tuple[Known, ...]:
        """Return what a GeoParquet file of the truth holds.

        Args:
            name: of the file without its ending: `SIM_parcels_2025`, `SIM_ships`, …
        """
        import pyarrow.parquet as pq

        rows = pq.read_table(self.folder / f"{name}.parquet").to_pylist()
        return tuple(
            Known(
                shape=shapely.from_wkb(row["geometry"]),
                facts={key: value for key, value in row.items() if key not in ("geometry", "bbox")},
            )
            for row in rows
        )

    def raster(self, image: str, name: str) -> NDArray[Any] | None:
        """Return a raster of one image, or None when there is none.

        Args:
            image: id of the image.
            name: `cloud` (codes as in `landzicht.world.truth.CLOUD_CLASSES`), `flood` (1 = under
                water), `temperature` (kelvin), `trees` or `roofs` (1 = there).
        """
        from landzicht.formats.gdal import load_rasterio

        path = self.folder / f"{image}_{name}.tif"
        if not path.is_file():
            return None
        with load_rasterio().open(path, driver="GTiff") as file:
            return np.asarray(file.read(1))

    def _shapes(self, name: str) -> tuple[Known, ...]:
        content = json.loads((self.folder / f"{name}.geojson").read_text())
        return tuple(
            Known(
                shape=shapely.geometry.shape(feature["geometry"]),
                facts={"id": feature["id"], **feature["properties"]},
            )
            for feature in content["features"]
        )


def read_truth(world: Path) -> Truth:
    """Return the truth of a world that `landzicht world` or `make_world` made in this folder.

    Raises:
        FileNotFoundError: there is no truth in it.
    """
    folder = world / "truth"
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    return Truth(folder=folder)
