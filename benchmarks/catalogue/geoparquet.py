"""A third server on the same items: `geoparquet.py FOLDER NUMBER PYTHON [ROUNDS]`, after `run.py`.

`PYTHON` is an interpreter with `requirements/bench-geoparquet.txt`. stac-fastapi-geoparquet answers
from files, one a collection, written from our catalogue; it is a reader, without transactions. It
needs extensions of DuckDB that it would fetch; here they come as packages, and are laid where it
looks. The figures are added to `FOLDER/result-NUMBER.json`.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import queries
from contest import Client, agree, environment, memory_mb, ours, server
from items import collections
from run import free_port

from landzicht.records.pgstac.public import public_collection
from landzicht.records.rows import bare_body

EXTENSIONS = ("icu", "json", "parquet", "spatial")
VERSION = "v1.5.5"


def lay_extensions(python: str, home: Path) -> None:
    where = home / ".duckdb" / "extensions" / VERSION / "linux_amd64"
    where.mkdir(parents=True, exist_ok=True)
    for name in EXTENSIONS:
        program = f"import duckdb_extension_{name} as it; print(it.__path__[0])"
        told = subprocess.run([python, "-c", program], check=True, capture_output=True, text=True)
        file = f"{name}.duckdb_extension"
        shutil.copy(Path(told.stdout.strip()) / "extensions" / VERSION / file, where)


def write_files(folder: Path) -> Path:
    """Write a file of each collection, and the list of collections that names them."""
    whole = folder / "items.parquet"
    program = "from landzicht.cli.main import main; main()"
    command = [sys.executable, "-c", program, "catalogue", "export", str(whole)]
    subprocess.run([*command, "--data", str(folder / "ours")], env=environment(), check=True)
    listed = []
    for each in collections():
        told = json.loads(public_collection(bare_body(each)))
        path = folder / f"{each.id}.parquet"
        pq.write_table(pq.read_table(whole, filters=[("collection", "=", each.id)]), path)
        told["assets"] = {"items": {"href": str(path), "type": "application/vnd.apache.parquet"}}
        listed.append(told)
    (folder / "collections.json").write_text(json.dumps(listed))
    return folder / "collections.json"


def main() -> None:
    folder, number, python = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 10
    home = folder / "home"
    lay_extensions(python, home)
    told = {"HOME": str(home), "STAC_FASTAPI_COLLECTIONS_HREF": str(write_files(folder))}
    one, other = free_port(), free_port()
    app = "stac_fastapi.geoparquet.main:app"
    command = [python, "-m", "uvicorn", app, "--port", str(other), "--log-level", "warning"]
    kinds: dict[str, dict[str, object]] = {}
    with (
        ours(folder / "ours", one),
        server(command, other, "/", folder / "geoparquet.log", **told) as them,
    ):
        mine, peer = Client(one), Client(other)
        for name, addresses in queries.questions(rounds, number).items():
            is_page = name != "get item"
            # It answers in the order of its files, one after the other, unless it is asked for
            # another order, and for one collection.
            order = "&sortby=-datetime&collections=sentinel-2-l2a" if is_page else ""
            asked = [path + order for path in addresses]
            kinds[name] = timed(mine, peer, asked, is_page=is_page)
            print(number, name, json.dumps(kinds[name]), flush=True)
        memory = memory_mb(them.pid)
    path = folder / f"result-{number}.json"
    result = json.loads(path.read_text())
    result["geoparquet"] = {"kinds": kinds, "memory_mb": memory, "rounds": rounds}
    path.write_text(json.dumps(result, indent=2))


def timed(mine: Client, peer: Client, addresses: list[str], *, is_page: bool) -> dict[str, object]:
    """Compare every answer, and time the second time that each is asked."""
    times: dict[str, list[float]] = {"landzicht": [], "geoparquet": []}
    for path in addresses:
        pair = mine.timed("/stac" + path)[1], peer.timed(path)[1]
        if is_page:
            agree(*pair, queries.LIMIT)
        else:
            assert json.loads(pair[0])["id"] == json.loads(pair[1])["id"]
        times["landzicht"].append(mine.timed("/stac" + path)[0])
        times["geoparquet"].append(peer.timed(path)[0])
    return {who: {"p50": statistics.median(each)} for who, each in times.items()}


if __name__ == "__main__":
    main()
