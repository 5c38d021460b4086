"""Make the pictures of Zonderland in `docs/images/`, each with its mark in the pixels.

.venv/bin/python scripts/make_zonderland_pictures.py
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import imagecodecs
import numpy as np

from landzicht.render.colormaps import colormap
from landzicht.render.mark import draw_mark
from landzicht.render.paint import Canvas
from landzicht.world import Observation, WorldSpec, acquisition, acquisitions, landscape, observe
from landzicht.world.aerial import SCALE as CLOSE_SCALE
from landzicht.world.aerial import flights, observe_aerial
from landzicht.world.crops import CROPS
from landzicht.world.msi import OFFSET, SCALE
from landzicht.world.radar import VH, VV, observe_radar, radar_passes
from landzicht.world.sky import CLEAR
from landzicht.world.thermal import KELVIN_OFFSET, KELVIN_SCALE, observe_thermal, thermal_pass

FOLDER = Path(__file__).parents[1] / "docs" / "images"
SPEC = WorldSpec()
SIDE = 512
QUALITY = 48


def stretch(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return values between `low` and `high` as 0 to 255."""
    return (np.clip((values - low) / (high - low), 0, 1) * 255).astype(np.uint8)


def save(name: str, pixels: np.ndarray) -> None:
    """Write `(y, x, 3)` pixels, marked, as WebP."""
    usable = np.ones(pixels.shape[:2], np.bool_)
    marked = draw_mark(Canvas(pixels=np.ascontiguousarray(pixels), usable=usable)).true_colour()
    content = imagecodecs.webp_encode(marked, level=QUALITY, lossless=False, method=6)
    (FOLDER / f"zonderland-{name}.webp").write_bytes(content)
    print(name, len(content) // 1000, "kB")


def halved(values: np.ndarray) -> np.ndarray:
    """Return the mean of every 2 x 2 pixels."""
    return values.reshape(values.shape[0] // 2, 2, values.shape[1] // 2, 2, *values.shape[2:]).mean(
        (1, 3)
    )


def coloured(image: Observation, *bands: str, high: tuple[float, ...]) -> np.ndarray:
    """Return three 10 m bands as a picture of half the size."""
    channels = [
        stretch(halved(image.bands[band] * SCALE + OFFSET), 0.0, top)
        for band, top in zip(bands, high, strict=True)
    ]
    return np.stack(channels, -1)


def year_of_a_parcel() -> None:
    """Draw NDVI of one meadow over a year, with the days on which it was really mown."""
    scene = landscape(SPEC)
    fields = scene.fields
    cuts = (fields.mowing < 366).sum(1)
    grass = np.array([crop.code == 265 for crop in CROPS])[fields.crop] & (cuts == 4)
    size = np.bincount(scene.parcel[scene.parcel >= 0], minlength=len(cuts))
    parcel = int(np.argmax(np.where(grass, size, 0)))
    inside = scene.parcel == parcel
    points = []
    for one in sorted(acquisitions(WorldSpec(dates=60)), key=lambda one: one.day):
        image = observe(scene, one)
        usable = inside & (image.cloud_truth == CLEAR)
        if usable.sum() > 0.7 * inside.sum():
            near, red = (image.bands[b][usable] * SCALE + OFFSET for b in ("B08", "B04"))
            points.append((one.day, float(((near - red) / (near + red)).mean())))
    days = [day for day in fields.mowing[parcel] if day < 366]
    at = [(40 + day * 1.5, 190 - 170 * value) for day, value in points]
    marks = "".join(
        f'<line x1="{40 + d * 1.5:.0f}" x2="{40 + d * 1.5:.0f}" y1="20" y2="190"/>' for d in days
    )
    dots = "".join(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3"/>' for x, y in at)
    path = " ".join(f"{x:.0f},{y:.0f}" for x, y in at)
    words = (
        '<text x="40" y="14">SIMULATED: greenness (NDVI) of one meadow; dashed = mown</text>'
        '<text x="10" y="194">0</text><text x="10" y="24">1</text>'
        '<text x="40" y="208">January</text><text x="300" y="208">July</text>'
        '<text x="540" y="208">December</text>'
    )
    (FOLDER / "zonderland-meadow.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 216" font-family="sans-serif"'
        ' font-size="12" role="img" aria-label="Greenness of a simulated meadow over one year">'
        '<rect width="620" height="216" fill="#fff"/>'
        f'<g stroke="#777" stroke-dasharray="4 3">{marks}</g>'
        f'<polyline points="{path}" fill="none" stroke="#2a7f3f" stroke-width="2"/>'
        f'<g fill="#2a7f3f">{dots}</g><g fill="#222">{words}</g></svg>\n'
    )


def main() -> None:
    """Make all pictures."""
    FOLDER.mkdir(exist_ok=True)
    scene = landscape(SPEC)
    plan = acquisitions(SPEC)
    tulips = observe(scene, plan[0])
    save("tulips", coloured(tulips, "B04", "B03", "B02", high=(0.17, 0.17, 0.17)))
    cloudy = observe(scene, plan[3])
    save("clouds", coloured(cloudy, "B04", "B03", "B02", high=(0.17, 0.17, 0.17)))
    summer = observe(scene, acquisition(SPEC, 161))
    save("false-colour", coloured(summer, "B08", "B04", "B03", high=(0.5, 0.2, 0.2)))
    radar = observe_radar(scene, radar_passes(SPEC)[0]).backscatter
    vv, vh = (10 * np.log10(halved(radar[band])) for band in (VV, VH))
    planes = [stretch(vv, -20, -2), stretch(vh, -27, -9), stretch(vv, -22, 0)]
    save("radar", np.stack(planes, -1))
    heat = observe_thermal(scene, replace(thermal_pass(SPEC, 221), cloud=0.0)).bands["lwir11"]
    kelvin = heat * KELVIN_SCALE + KELVIN_OFFSET
    save("heat", colormap("inferno")[stretch(kelvin, 290.0, 312.0)])
    close = observe_aerial(scene, flights(SPEC)[0]).bands
    part = np.s_[1000 : 1000 + SIDE, 1150 : 1150 + SIDE]
    planes = [
        stretch(close[name][part] * CLOSE_SCALE, 0, 0.24) for name in ("red", "green", "blue")
    ]
    save("close", np.stack(planes, -1))
    year_of_a_parcel()


if __name__ == "__main__":
    main()
