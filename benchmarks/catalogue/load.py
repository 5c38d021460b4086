"""Fill both catalogues from the same file of items, each with its own command; tell how long.

    python benchmarks/catalogue/load.py ours FOLDER ITEMS.ndjson
    python benchmarks/catalogue/load.py pgstac postgresql://… ITEMS.ndjson

Ours is `landzicht catalogue import`, which checks every field of every item; theirs is `pypgstac
load items --method insert`, the quickest way that pgSTAC has, with partitions of a year. Ours is
one process that writes and two that check, theirs a client and a server. Starting them is part of
the time.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import orjson
from items import collections, make_scenes

from landzicht.records import SqliteCatalog
from landzicht.records.pgstac.public import public_collection
from landzicht.records.pgstac.schema import pgstac_sql
from landzicht.records.rows import bare_body
from landzicht.stac import write_item

HERE = Path(__file__).parent
SITE = "https://data.example"


def write_items(path: Path, number: int) -> Path:
    """Write items as lines of JSON, as an archive would hand them over."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        for scene in make_scenes(number):
            item = orjson.loads(write_item(scene))
            for asset in item["assets"].values():
                asset["href"] = f"{SITE}/{asset.pop('landzicht:file')}"
            item["properties"].pop("landzicht:source")
            file.write(orjson.dumps(item | {"links": []}) + b"\n")
    return part.rename(path)


def fill_ours(folder: Path, items: Path) -> float:
    folder.mkdir(parents=True, exist_ok=True)
    with SqliteCatalog(folder / "catalogue.sqlite") as catalog:
        catalog.put(collections(), [])
    program = "from landzicht.cli.main import main; main()"
    command = [sys.executable, "-c", program, "catalogue", "import", str(items)]
    return timed([*command, "--data", str(folder)])


def fill_pgstac(address: str, items: Path) -> float:
    asyncio.run(prepare(address))
    command = [str(Path(sys.executable).with_name("pypgstac")), "load", "items", str(items)]
    return timed([*command, "--method", "insert", "--dsn", address])


def timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, env=os.environ, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


async def prepare(address: str) -> None:
    """Make pgSTAC's tables and the collections, with partitions of a year."""
    import asyncpg

    db = await asyncpg.connect(address)
    await db.execute(pgstac_sql())
    await db.execute("RESET ROLE")
    await db.execute("SET search_path TO pgstac, public")
    for each in collections():
        told = public_collection(bare_body(each))
        await db.execute("SELECT pgstac.upsert_collection($1::jsonb)", told)
    await db.execute("UPDATE pgstac.collections SET partition_trunc = 'year'")
    await db.close()


async def analyse(address: str) -> None:
    """Tell PostgreSQL what its tables hold, as it does by itself after a while."""
    import asyncpg

    db = await asyncpg.connect(address)
    await db.execute("ANALYZE")
    await db.close()


if __name__ == "__main__":
    kind, where, items = sys.argv[1:4]
    if kind == "ours":
        seconds = fill_ours(Path(where), Path(items))
    else:
        seconds = fill_pgstac(where, Path(items))
        asyncio.run(analyse(where))
    print(json.dumps({"seconds": round(seconds, 1)}))
