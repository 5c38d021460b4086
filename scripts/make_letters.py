"""Draw the letters of pictures from DejaVu Sans Condensed: `python scripts/make_letters.py`.

Needs Chromium and that font (fonts-dejavu-extra). Run it again only to change the letters; the
outcome, `src/landzicht/render/letters.npz`, is part of the repository.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

OUT = Path(__file__).parents[1] / "src/landzicht/render/letters.npz"
EM = 30
TALL, WIDE, BASE, LEFT = 40, 40, 30, 4
LEVELS = 15
KNOWN = "".join(chr(code) for code in range(32, 127))
BEYOND = "".join(chr(code) for code in range(161, 256) if code != 173) + "€‘’“”–—…•ŒœŠšŽžŸ≤≥−→"
DRAW = """([letters, em, tall, wide, base, left]) => {
  const canvas = document.createElement('canvas');
  canvas.width = wide; canvas.height = tall;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  return ['normal', 'bold'].map((weight) => {
    pen.font = `${weight} ${em}px "DejaVu Sans Condensed"`;
    pen.textRendering = 'geometricPrecision';
    return [...letters].map((letter) => {
      pen.fillStyle = '#000'; pen.fillRect(0, 0, wide, tall);
      pen.fillStyle = '#fff'; pen.fillText(letter, left, base);
      const { data } = pen.getImageData(0, 0, wide, tall);
      return [pen.measureText(letter).width, Array.from(data.filter((_, i) => i % 4 === 0))];
    });
  });
}"""


def main() -> None:
    """Draw every letter in both weights, and keep how dark each dot is and how far to move on."""
    letters = KNOWN + BEYOND
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        drawn = browser.new_page().evaluate(DRAW, [letters, EM, TALL, WIDE, BASE, LEFT])
        browser.close()
    cells = np.array([[dots for _, dots in weight] for weight in drawn], np.float64)
    cells = np.rint(cells.reshape(2, len(letters), TALL, WIDE) / 255 * LEVELS).astype(np.uint8)
    advances = np.array([[width for width, _ in weight] for weight in drawn], np.float32)
    about = json.dumps({"letters": letters, "em": EM, "base": BASE, "left": LEFT})
    np.savez_compressed(OUT, cells=cells, advances=advances, about=np.array(about))
    print(f"{OUT.name}: {len(letters)} letters, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
