"""Start an installed `landzicht up` in an empty folder; read its page, catalogue and first tile."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request

PATIENCE_S = 120


def main(program: str, data: str) -> None:
    """Run the journey; fail with a message when a step does not come true."""
    server = subprocess.Popen(  # noqa: S603 - our own program
        [program, "up", "--data", data, "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        base = address(server)
        page = get(f"{base}/").decode()
        assert '<html lang="' in page and "Landzicht" in page, "no page in the wheel"
        script = re.search(r'src="([^"]+\.js)"', page)
        assert script, "the page has no script"
        get(base + "/" + script[1].lstrip("./"))
        began = time.monotonic()
        while not json.loads(get(f"{base}/stac/search?limit=1"))["features"]:
            assert time.monotonic() - began < PATIENCE_S, "no scene appeared"
            time.sleep(0.5)
        bounds = json.loads(get(f"{base}/api/v1/collections"))["collections"][0]["bounds"]
        lon, lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
        value = json.loads(get(f"{base}/tiles/zonderland-s2/point/{lon},{lat}?layer=ndvi"))
        assert value["simulated"] is True, value
        print(f"The installed wheel serves its page, its catalogue and values at {base}")
    finally:
        server.terminate()
        server.wait(timeout=30)


def address(server: subprocess.Popen[str]) -> str:
    """Return the address that the server prints."""
    assert server.stdout
    for line in server.stdout:
        if found := re.search(r"http://\S+", line):
            return found[0]
    message = "the server stopped before it told its address"
    raise RuntimeError(message)


def get(url: str) -> bytes:
    """Fetch one address of our own server."""
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - loopback
        return bytes(answer.read())


if __name__ == "__main__":
    main(*sys.argv[1:3])
