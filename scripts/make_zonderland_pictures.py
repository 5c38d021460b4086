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
from landzicht.world.husbandry import LONG_STAY, NEVER
from landzicht.world.msi import OFFSET, SCALE
from landzicht.world.radar import VH, VV, observe_radar, radar_passes
from landzicht.world.sky import CLEAR
from landzicht.world.thermal import KELVIN_OFFSET, KELVIN_SCALE, observe_thermal, thermal_pass

FOLDER = Path(__file__).parents[1] / "docs" / "images"
SPEC = WorldSpec()
SERIES = WorldSpec(size=512, dates=73)
"""A smaller polder, seen often: for the year of one meadow."""
SIDE = 512
QUALITY = 48
LOWEST = 0.4
"""NDVI at the foot of the chart."""


def stretch(values: np.ndarray, low: float, high: float, gamma: float = 1.0) -> np.ndarray:
    """Return values between `low` and `high` as 0 to 255; a low gamma lifts what is dark."""
    return (np.clip((values - low) / (high - low), 0, 1) ** gamma * 255).astype(np.uint8)


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


def coloured(
    image: Observation, *bands: str, high: tuple[float, ...], gamma: float = 1.0
) -> np.ndarray:
    """Return three 10 m bands as a picture of half the size."""
    channels = [
        stretch(halved(image.bands[band] * SCALE + OFFSET), 0.0, top, gamma)
        for band, top in zip(bands, high, strict=True)
    ]
    return np.stack(channels, -1)


def year_of_a_parcel() -> None:
    """Draw NDVI of two meadows over a year: one is mown, to the other cows come and go."""
    scene = landscape(SERIES)
    fields, count = scene.fields, len(scene.geography.parcels)
    cuts = (fields.mowing < NEVER).sum(1)
    length = fields.grazing[..., 1] - fields.grazing[..., 0]
    turns = ((fields.grazing[..., 0] < NEVER) & (length < LONG_STAY)).sum(1)
    grass = np.array([crop.code == 265 for crop in CROPS])[fields.crop]
    size = np.bincount(scene.parcel[scene.parcel >= 0], minlength=len(cuts))
    mown = int(np.argmax(np.where(grass & (cuts == 4), size, 0)[:count]))
    cows = int(np.argmax(np.where(grass & (turns >= 4), size, 0)[:count]))
    lines: dict[int, list[tuple[int, float]]] = {mown: [], cows: []}
    for one in sorted(acquisitions(SERIES), key=lambda one: one.day):
        image = observe(scene, one)
        for parcel, points in lines.items():
            inside = scene.parcel == parcel
            usable = inside & (image.cloud_truth == CLEAR)
            if usable.sum() > 0.7 * inside.sum():
                near, red = (image.bands[b][usable] * SCALE + OFFSET for b in ("B08", "B04"))
                points.append((one.day, float(((near - red) / (near + red)).mean())))
    days = [day for day in fields.mowing[mown] if day < NEVER]
    stays = [stay for stay in fields.grazing[cows] if stay[0] < NEVER]
    drawn = "".join(
        f'<line x1="{40 + d * 1.5:.0f}" x2="{40 + d * 1.5:.0f}" y1="24" y2="190"/>' for d in days
    )
    boxes = "".join(
        f'<rect x="{40 + a * 1.5:.0f}" width="{max((b - a) * 1.5, 4):.0f}" y="24" height="166"/>'
        for a, b in stays
    )
    paths = ""
    for (_, points), colour in zip(lines.items(), ("#2a7f3f", "#8a4a12"), strict=True):
        at = [
            (40 + day * 1.5, 190 - 166 * (value - LOWEST) / (1 - LOWEST)) for day, value in points
        ]
        path = " ".join(f"{x:.0f},{y:.0f}" for x, y in at)
        dots = "".join(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="2.5"/>' for x, y in at)
        paths += (
            f'<g fill="{colour}" stroke="{colour}"><polyline points="{path}" fill="none"'
            f' stroke-width="2"/>{dots}</g>'
        )
    words = (
        '<text x="40" y="16">SIMULATED: greenness (NDVI) of two meadows</text>'
        '<text x="330" y="16" fill="#2a7f3f">mown (dashed)</text>'
        '<text x="440" y="16" fill="#8a4a12">grazed in turns (bands)</text>'
        '<text x="10" y="194">0.4</text><text x="10" y="28">1</text>'
        '<text x="40" y="208">January</text><text x="300" y="208">July</text>'
        '<text x="540" y="208">December</text>'
    )
    (FOLDER / "zonderland-meadow.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 216" font-family="sans-serif"'
        ' font-size="12" role="img" aria-label="Greenness of two simulated meadows over one year">'
        '<rect width="620" height="216" fill="#fff"/>'
        f'<g fill="#f0e0c8">{boxes}</g>'
        f'<g stroke="#2a7f3f" stroke-dasharray="4 3">{drawn}</g>'
        f'{paths}<g fill="#222">{words}</g></svg>\n'
    )


def main() -> None:
    """Make all pictures."""
    FOLDER.mkdir(exist_ok=True)
    scene = landscape(SPEC)
    plan = acquisitions(SPEC)
    tulips = observe(scene, plan[0])
    save("tulips", coloured(tulips, "B04", "B03", "B02", high=(0.17, 0.17, 0.17)))
    cloudy = observe(scene, plan[3])
    high = (0.55, 0.55, 0.55)
    save("clouds", coloured(cloudy, "B04", "B03", "B02", high=high, gamma=0.62))
    summer = observe(scene, acquisition(SPEC, 161))
    save("false-colour", coloured(summer, "B08", "B04", "B03", high=(0.5, 0.2, 0.2)))
    radar = observe_radar(scene, radar_passes(SPEC)[0]).backscatter
    # The mean of 4 x 4 pixels: less grain, and a smaller file.
    vv, vh = (10 * np.log10(halved(halved(radar[band]))) for band in (VV, VH))
    planes = [stretch(vv, -20, -2), stretch(vh, -27, -9), stretch(vv, -22, 0)]
    save("radar", np.stack(planes, -1))
    heat = observe_thermal(scene, replace(thermal_pass(SPEC, 221), cloud=0.0)).bands["lwir11"]
    kelvin = heat * KELVIN_SCALE + KELVIN_OFFSET
    save("heat", colormap("inferno")[stretch(kelvin, 290.0, 312.0)])
    close = observe_aerial(scene, flights(SPEC)[0]).bands
    part = np.s_[880 : 880 + SIDE, 980 : 980 + SIDE]
    planes = [
        stretch(close[name][part] * CLOSE_SCALE, 0, 0.30, 0.8) for name in ("red", "green", "blue")
    ]
    save("close", np.stack(planes, -1))
    year_of_a_parcel()


if __name__ == "__main__":
    main()
