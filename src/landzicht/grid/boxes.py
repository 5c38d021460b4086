"""Reading a bounding box that a person or program wrote."""

from __future__ import annotations

import math

from landzicht.errors.catalogue import BadBox
from landzicht.grid.bounds import Bounds

MAX_TEXT = 1000


def parse_bbox(text: str | None) -> Bounds | None:
    """Read `west,south,east,north` (or six numbers with heights) in WGS84 degrees.

    `west > east` means that the box crosses the antimeridian (RFC 7946, 5.2).

    Raises:
        BadBox: not four or six numbers, outside the Earth, or upside down.
    """
    if not text:
        return None
    try:
        numbers = [float(part) for part in text[:MAX_TEXT].split(",")]
    except ValueError as error:
        raise BadBox(reason=f"“{text[:60]}”") from error
    return box_from_numbers(numbers)


def box_from_numbers(numbers: list[float]) -> Bounds:
    """Make bounds of four or six numbers, as `parse_bbox`.

    Raises:
        BadBox: not four or six numbers, outside the Earth, or upside down.
    """
    if len(numbers) == 6:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != 4 or not all(math.isfinite(number) for number in numbers):
        raise BadBox(reason=f"{len(numbers)} × number")
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180):
        raise BadBox(reason="-180 ≤ longitude ≤ 180")
    if not -90 <= south <= north <= 90:
        raise BadBox(reason="-90 ≤ south ≤ north ≤ 90")
    return Bounds(west, south, east, north)
