"""Draw the year of a meadow and of an arable field, for `docs/parcel.md`; both are simulated.

.venv/bin/python scripts/make_parcel_pictures.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from landzicht.series.events import events_of
from landzicht.series.outliers import doubts
from landzicht.series.phenology import seasons_of
from landzicht.series.smooth import smooth
from landzicht.testing.seasons import Season, season
from landzicht.world.crops import CROPS, MOWN

FOLDER = Path(__file__).parents[1] / "docs" / "images"
WIDE, TALL, LEFT, FOOT = 720, 300, 40, 30
LOW, HIGH = 0.0, 1.0


def x(day: float) -> float:
    """Return the place of a day of the year."""
    return round(LEFT + (WIDE - LEFT - 10) * (day - 1) / 364, 1)


def y(value: float) -> float:
    """Return the place of an index."""
    return round(TALL - FOOT - (TALL - FOOT - 26) * (value - LOW) / (HIGH - LOW), 1)


def path(days: np.ndarray, values: np.ndarray) -> str:
    """Return the points of a line."""
    return " ".join(f"{x(d)},{y(v)}" for d, v in zip(days, values, strict=True))


def frame(title: str) -> list[str]:
    """Return the background with its scales, and the words that it is simulated."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {TALL}" role="img" '
        f'font-family="sans-serif" font-size="11"><title>{title}</title>'
    )
    said = f'<text x="{LEFT}" y="16" font-size="13" fill="#222">{title} '
    parts = [
        head,
        f'<rect width="{WIDE}" height="{TALL}" fill="#fff"/>',
        said + "(GESIMULEERD / SIMULATED)</text>",
    ]
    parts += [
        f'<path d="M{LEFT} {y(value)}H{WIDE - 10}" stroke="#ddd"/>'
        f'<text x="6" y="{y(value) + 4}" fill="#555">{value:.2f}</text>'
        for value in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    parts += [
        f'<text x="{x(day)}" y="{TALL - 10}" fill="#555">{name}</text>'
        for name, day in (("Jan", 1), ("Mar", 60), ("May", 121), ("Jul", 182), ("Sep", 244))
    ]
    return parts


def draw(year: Season, number: int, name: str, title: str) -> None:
    """Write the picture of one parcel."""
    found = doubts(year.days, year.values, year.valid)
    kept = np.where(found.flagged, np.nan, year.values)
    line = smooth(year.days, kept, year.valid)
    parts = frame(title)
    told = np.isfinite(line.values[number])
    days = line.days[told]
    low, high = line.low[number, told], line.high[number, told]
    band = path(days, np.clip(high, LOW, HIGH)) + " " + path(days[::-1], np.clip(low, 0, 1)[::-1])
    parts.append(f'<polygon points="{band}" fill="#cfe3d4"/>')
    clouded = np.where(found.clouded, np.nan, year.values)[number]
    for event in events_of(year.days, clouded):
        parts.append(
            f'<rect x="{x(event.after)}" y="26" width="{x(event.before) - x(event.after):.1f}" '
            f'height="{TALL - FOOT - 26}" fill="#c86" opacity=".22"/>'
            f'<text x="{x(event.after)}" y="37" fill="#843">{event.kind}</text>'
        )
    truth = year.ndvi_by_day[number][:365]
    parts.append(
        f'<polyline points="{path(np.arange(1, 366), truth)}" fill="none" stroke="#888" '
        'stroke-dasharray="3 3"/>'
    )
    drawn = path(days, line.values[number, told])
    parts.append(f'<polyline points="{drawn}" fill="none" stroke="#176b3a" stroke-width="2"/>')
    for moment in (m for s in seasons_of(line, number, 1, 365) for m in (s.start, s.end) if m):
        parts.append(
            f'<path d="M{x(moment.day - moment.plus_minus)} {y(moment.value)}'
            f'H{x(moment.day + moment.plus_minus)}" stroke="#224b8f" stroke-width="3"/>'
        )
    for at in np.flatnonzero(np.isfinite(year.values[number])):
        doubted = found.flagged[number, at]
        parts.append(
            f'<circle cx="{x(year.days[at])}" cy="{y(year.values[number, at])}" r="3" '
            f'fill="{"#fff" if doubted else "#176b3a"}" '
            f'stroke="{"#b00020" if doubted else "#176b3a"}"/>'
        )
    target = FOLDER / f"parcel-{name}.svg"
    target.write_text("\n".join([*parts, "</svg>"]) + "\n")
    print(target.name, target.stat().st_size // 1000, "kB")


def main() -> None:
    """Choose the meadow of which most mowings are seen, and the largest potato field; draw them."""
    year = season(7, 256, 60)
    fields, count = year.scene.fields, len(year.values)
    area = np.array([shape.area for shape in year.scene.geography.parcels])
    meadow = np.isin(fields.crop[:count], MOWN) & ~year.grazed
    found = doubts(year.days, year.values, year.valid)
    clear = np.where(found.clouded, np.nan, year.values)
    seen = np.array([len(events_of(year.days, each)) for each in clear])
    roots = np.array([crop.code == 2014 for crop in CROPS])[fields.crop[:count]]
    draw(year, int(np.where(meadow & (area > 10_000), seen, 0).argmax()), "meadow", "A meadow")
    draw(year, int(np.where(roots, area, 0).argmax()), "potatoes", "A field of potatoes")


if __name__ == "__main__":
    main()
