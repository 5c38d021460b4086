"""The others, in process: rio-tiler as TiTiler uses it, and GDAL tuned by hand."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

from products import (
    CLEAR,
    GROUND,
    HALF_M,
    KEYS,
    RANGE,
    SCENES,
    file_of,
    resampling,
    size_of,
)

if TYPE_CHECKING:
    from pathlib import Path


class RioTiler:
    """rio-tiler as TiTiler uses it: every file is opened for every tile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "files"

    def tile(self, form: str, product: str, ending: str, z: int, x: int, y: int) -> bytes:
        from rio_tiler.colormap import cmap

        image = self._image(form, product, z, x, y)
        if product == "values":
            return image.render(img_format="NPY")
        kind = {"jpg": "JPEG"}.get(ending, ending.upper())
        if product == "tci":
            return image.render(img_format=kind, **profile(kind))
        if product != "ndvi":
            image.rescale([RANGE])
            return image.render(img_format=kind, **profile(kind))
        image = image.apply_expression("(b1*1.0-b2)/(b1*1.0+b2)")
        image.rescale([(-1, 1)])
        return image.render(img_format=kind, colormap=cmap.get("viridis"), **profile(kind))

    def _image(self, form: str, product: str, z: int, x: int, y: int):
        from apps import bands_reader
        from rio_tiler.io import Reader
        from rio_tiler.mosaic import mosaic_reader

        if product == "mosaic":
            return mosaic_reader(list(range(SCENES)), self._clear, x, y, z)[0]
        how = resampling(product)
        options = {"resampling_method": how, "reproject_method": how, "tilesize": size_of(product)}
        if product == "tci":
            with Reader(str(file_of(self._folder, form, "TCI"))) as reader:
                return reader.tile(x, y, z, **options)
        with bands_reader(self._folder / form)("bands") as reader:
            return reader.tile(x, y, z, assets=list(KEYS[product]), asset_as_band=True, **options)

    def _clear(self, scene: int, x: int, y: int, z: int):
        """Read one scene without what its classification calls cloud."""
        import numpy as np
        from apps import bands_reader
        from rio_tiler.io import Reader

        with bands_reader(self._folder / "mosaic", scene)("bands") as reader:
            image = reader.tile(x, y, z, assets=list(KEYS["rgb"]), asset_as_band=True)
        with Reader(str(file_of(self._folder, "mosaic", "SCL", scene))) as reader:
            codes = reader.tile(x, y, z)
        image.array.mask = image.array.mask | ~np.isin(codes.array.data, CLEAR)
        return image

    def cool(self) -> None:
        """Nothing is kept."""

    def told(self) -> dict:
        return {}


def profile(kind: str) -> dict:
    """TiTiler's own settings of each format."""
    from rio_tiler.profiles import img_profiles

    return img_profiles.get(kind.lower())


class Gdal:
    """GDAL tuned by hand: files stay open, one bare WarpedVRT a file, tables, our encoders."""

    def __init__(self, folder: Path) -> None:
        from landzicht.kernels.warm import warm

        self._folder = folder / "files"
        self._open = {}
        warm()  # the packer of PNG, as on our side

    def _read(self, path: Path, product: str, z: int, x: int, y: int):
        """Return all bands of a file on a tile."""
        from rasterio.enums import Resampling
        from rasterio.transform import from_origin
        from rasterio.vrt import WarpedVRT

        side, size = 2 * HALF_M / (1 << z), size_of(product)
        # GDAL's own choice of overview, made here: WarpedVRT alone reads the full size.
        factors, pixel = overviews(path)
        ratio = side / size * GROUND / pixel
        level = max(k for k, factor in enumerate(factors) if k == 0 or factor <= 1.2 * ratio)
        where = (path, level)
        if where not in self._open:
            self._open[where] = opened(*where)
        with WarpedVRT(
            self._open[where],
            crs="EPSG:3857",
            transform=from_origin(-HALF_M + x * side, HALF_M - y * side, side / size, side / size),
            width=size,
            height=size,
            resampling=Resampling[resampling(product)],
        ) as view:
            return view.read()

    def _bands(self, form: str, product: str, z: int, x: int, y: int, scene: int | None = None):
        """Return bands, each in a file of its own."""
        import numpy as np

        keys = KEYS[product]
        paths = [file_of(self._folder, form, key, scene) for key in keys]
        return np.concatenate([self._read(path, product, z, x, y) for path in paths])

    def tile(self, form: str, product: str, ending: str, z: int, x: int, y: int) -> bytes:
        import numpy as np

        if product == "values":
            file = io.BytesIO()
            values = self._bands(form, product, z, x, y)[0]
            np.save(file, np.stack([values, np.where(values, 255, 0).astype(values.dtype)]))
            return file.getvalue()
        if product == "tci":
            path = file_of(self._folder, form, "TCI")
            found = self._read(path, product, z, x, y)
            whole = form == "jpeg"  # has no number for nothing, and fills every tile that we ask
            usable = np.ones(found.shape[1:], np.bool_) if whole else found.all(axis=0)
            return encode(np.moveaxis(found, 0, -1), usable, None, ending)
        if product == "ndvi":
            return self._ndvi(form, ending, z, x, y)
        if product == "mosaic":
            found, usable = self._mosaic(z, x, y)
        else:
            found = self._bands(form, product, z, x, y)
            usable = found.all(axis=0)
        pixels = np.empty((*usable.shape, 3), np.uint8)
        for number, band in enumerate(found):
            pixels[..., number] = rgb_table()[band]
        return encode(pixels, usable, None, ending)

    def _ndvi(self, form: str, ending: str, z: int, x: int, y: int) -> bytes:
        import numpy as np

        nir, red = self._bands(form, "ndvi", z, x, y)
        usable = (nir != 0) & (red != 0)
        nir, red = nir.astype(np.float32), red.astype(np.float32)
        with np.errstate(all="ignore"):
            index = ((nir - red) / (nir + red) + 1) * 127.5
        pixels = np.where(usable, np.clip(np.nan_to_num(index), 0, 254) + 1, 0).astype(np.uint8)
        return encode(pixels, usable, palette(), ending)

    def _mosaic(self, z: int, x: int, y: int):
        """Fill a tile scene after scene, until it is full."""
        import numpy as np

        size = size_of("mosaic")
        found, filled = np.zeros((3, size, size), np.uint16), np.zeros((size, size), np.bool_)
        for scene in range(SCENES):
            codes = self._read(file_of(self._folder, "mosaic", "SCL", scene), "mosaic", z, x, y)
            fresh = np.isin(codes[0], CLEAR) & ~filled
            if not fresh.any():
                continue
            bands = self._bands("mosaic", "mosaic", z, x, y, scene)
            fresh &= bands.all(axis=0)
            found[:, fresh] = bands[:, fresh]
            filled |= fresh
            if filled.all():
                break
        return found, filled

    def cool(self) -> None:
        """Close and open again, which empties GDAL's cache of blocks; the opening is not timed."""
        for where, file in self._open.items():
            file.close()
            self._open[where] = opened(*where)

    def told(self) -> dict:
        return {}


def opened(path: Path, level: int):
    """Open a file at full size, or one of its overviews."""
    import rasterio

    return rasterio.open(path, **({"overview_level": level - 1} if level else {}))


@cache
def overviews(path: Path) -> tuple[list[int], float]:
    """Factors of full size and the overviews in a file, and metres in a pixel."""
    import rasterio

    with rasterio.open(path) as file:
        return [1, *file.overviews(1)], file.res[0]


@cache
def rgb_table():
    """Shade of each of the 65,536 possible numbers."""
    import numpy as np

    low, high = RANGE
    return np.clip((np.arange(65536) - low) / (high - low) * 255, 0, 255).astype(np.uint8)


@cache
def palette():
    """viridis, after a first entry for nothing."""
    import numpy as np
    from rio_tiler.colormap import cmap

    table = cmap.get("viridis")
    return np.array([(0, 0, 0), *(table[i][:3] for i in range(255))], np.uint8)


def encode(pixels, usable, table, ending: str) -> bytes:
    """The very encoders of our side: our packer of PNG, libjpeg-turbo, libwebp."""
    import numpy as np

    from landzicht.render.encode import ENCODERS
    from landzicht.render.paint import Canvas

    _, make = ENCODERS[ending]
    return make(Canvas(pixels=np.ascontiguousarray(pixels), usable=usable, palette=table))
