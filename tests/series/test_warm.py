"""What is made ready at the start is what a first visitor's parcel needs."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
from numba.core.dispatcher import Dispatcher
from starlette.testclient import TestClient
from landzicht.kernels import cover, dips, gather, whittaker, zonal
from landzicht.kernels.warm import warm
from landzicht.portal import Portal
from landzicht.series.warm import warm_measuring
from landzicht.testing.fields import add_dates, features
from landzicht.testing.pixels import make_services
from landzicht.web.app import create_app

def compiled():
    return {
        (room.__name__, name): len(kernel.signatures)
        for room in (cover, dips, gather, whittaker, zonal)
        for name, kernel in vars(room).items()
        if isinstance(kernel, Dispatcher)
    }

warm()
warm_measuring()
before = compiled()
services = make_services(Path(sys.argv[1]))
add_dates(services, 12)
app = create_app(Portal(services), warm=False)
with TestClient(app, client=("127.0.0.1", 50_000)) as client:
    asked = {"collection": "fields", "layer": "red"}
    (parcel,) = features(1)["features"]
    rows = {"parcels": features(1), "stats": ["mean", "p10", "p90"]}
    for address, more in (("", rows), ("/insight", {"parcel": parcel, "year": 2025})):
        answer = client.post(f"/api/v1/series{address}", json=asked | more)
        assert answer.status_code == 200, answer.text
        assert "null" not in answer.text.split("mean", 1)[1][:10], answer.text
after = compiled()
print({kernel: count for kernel, count in after.items() if count != before[kernel]})
"""


def test_a_first_season_compiles_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("{}\n", 0), done.stderr
