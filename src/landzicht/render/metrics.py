"""How wide letters are: the advance widths of Helvetica and Helvetica-Bold (Adobe's AFM files).

Every PDF reader has these letters; pictures squeeze their own letters to the same widths, so that a
page is laid out once for both.
"""

from __future__ import annotations

FIRST = 32
"""Code of the first letter in the tables, which follow Windows-1252 (PDF: WinAnsiEncoding)."""
PLAIN = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722,
    722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722,
    667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
    556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,
    500, 334, 260, 334, 584, 350, 556, 350, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333,
    1000, 350, 611, 350, 350, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 350,
    500, 667, 278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611, 667, 667,
    667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278, 722, 722, 778, 778,
    778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611, 556, 556, 556, 556, 556, 556,
    889, 500, 556, 556, 556, 556, 278, 278, 278, 278, 556, 556, 556, 556, 556, 556, 556, 584,
    611, 556, 556, 556, 556, 500, 556, 500,
)  # fmt: skip
"""Widths of Helvetica in thousandths of its size."""
BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722,
    722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722,
    667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611,
    611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556,
    500, 389, 280, 389, 584, 350, 556, 350, 278, 556, 500, 1000, 556, 556, 333, 1000, 667, 333,
    1000, 350, 611, 350, 350, 278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944, 350,
    500, 667, 278, 333, 556, 556, 556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 611, 556, 278, 333, 333, 365, 556, 834, 834, 834, 611, 722, 722,
    722, 722, 722, 722, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278, 722, 722, 778, 778,
    778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611, 556, 556, 556, 556, 556, 556,
    889, 556, 556, 556, 556, 556, 278, 278, 278, 278, 611, 611, 611, 611, 611, 611, 611, 584,
    611, 611, 611, 611, 611, 556, 611, 556,
)  # fmt: skip
"""Widths of Helvetica-Bold in thousandths of its size."""


def encoded(text: str) -> bytes:
    """Return a line in Windows-1252; what that does not have is written with plain letters."""
    for sign, plain in _PLAIN_FORMS:
        text = text.replace(sign, plain)
    return text.encode("cp1252", "replace")


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a line is, in the unit of `size`."""
    widths = BOLD if bold else PLAIN
    return sum(widths[max(0, code - FIRST)] for code in encoded(text)) * size / 1000


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Return a text as lines that fit; a word that does not fit by itself is broken."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        tried = f"{line} {word}".strip()
        if width_of(tried, size, bold=bold) <= width:
            line = tried
            continue
        if line:
            lines.append(line)
        line = word
        while width_of(line, size, bold=bold) > width and len(line) > 1:
            fits = next(
                n for n in range(len(line) - 1, 0, -1)
                if n == 1 or width_of(line[:n], size, bold=bold) <= width
            )  # fmt: skip
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line] if line else lines


_PLAIN_FORMS = (("−", "-"), ("≤", "<="), ("≥", ">="), ("→", "->"), ("\u202f", " "), ("\u00a0", " "))
