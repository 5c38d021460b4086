"""Fill both catalogues with the same items, and tell how long each took.

    python benchmarks/catalogue/load.py ours FOLDER NUMBER
    python benchmarks/catalogue/load.py pgstac postgresql://… NUMBER

pgSTAC is filled the way its own loader does it: rows made ready here, yearly partitions. (Its
trigger on `items_staging` takes 14 ms an item with these collections.)
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from functools import partial
from itertools import islice
from pathlib import Path

import orjson
from items import collections, make_scenes

from landzicht.records import SqliteCatalog
from landzicht.records.pgstac.public import public_collection, publish
from landzicht.records.pgstac.schema import pgstac_sql
from landzicht.records.rows import Row, bare_body, scene_rows
from landzicht.runners.threads import Threads

BATCH = 5000
AT_ONCE = 50_000
"""Scenes are made, which is not measured, so many at a time."""


def fill_ours(folder: Path, number: int) -> dict[str, float]:
    """Two batches are on their way at a time: one is made ready while the other goes to disk."""
    folder.mkdir(parents=True, exist_ok=True)
    spent = cpu = 0.0
    with SqliteCatalog(folder / "catalogue.sqlite") as catalog:
        catalog.put(collections(), [])
        scenes, done = make_scenes(number), 0
        while some := list(islice(scenes, AT_ONCE)):
            batches = [some[n : n + BATCH] for n in range(0, len(some), BATCH)]
            start, used = time.perf_counter(), time.process_time()
            for _ in Threads(workers=2).map(partial(catalog.put, []), batches):
                pass
            spent += time.perf_counter() - start
            cpu += time.process_time() - used
            done += len(some)
            print(f"ours {done} {done / spent:.0f}/s", flush=True)
    return {"items": number, "seconds": round(spent, 1), "cpu": round(cpu, 1)}


async def fill_pgstac(address: str, number: int) -> dict[str, float]:
    import asyncpg

    db = await asyncpg.connect(address)
    if not await db.fetchval("SELECT to_regnamespace('pgstac') IS NOT NULL"):
        await db.execute(pgstac_sql())
        await db.execute("RESET ROLE")
    await db.execute("SET search_path TO pgstac, public")
    for each in collections():
        await db.execute(
            "SELECT pgstac.upsert_collection($1::jsonb)", public_collection(bare_body(each))
        )
    await db.execute("UPDATE pgstac.collections SET partition_trunc = 'year'")
    backend = await db.fetchval("SELECT pg_backend_pid()")
    spent, cpu, scenes, done = 0.0, 0.0, make_scenes(number), 0
    while batch := list(islice(scenes, BATCH)):
        parts: dict[str, list[Row]] = {}
        start, used = time.perf_counter(), time.process_time() + processor_s(backend)
        for row in scene_rows(batch):
            parts.setdefault(row.collection, []).append(row)
        async with db.transaction():
            for name, rows in parts.items():
                await publish(db, name, rows, "/data")
        spent += time.perf_counter() - start
        cpu += time.process_time() + processor_s(backend) - used
        done += len(batch)
        if done % 20_000 == 0:
            print(f"pgstac {done} {done / spent:.0f}/s", flush=True)
    start = time.perf_counter()
    await db.execute("ANALYZE")
    print(f"analyze {time.perf_counter() - start:.1f} s")
    await db.close()
    return {"items": number, "seconds": round(spent, 1), "cpu": round(cpu, 1)}


def processor_s(process: int) -> float:
    """Processor seconds that another process has used (the server runs on this machine)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    kind, where, number = sys.argv[1:4]
    if kind == "ours":
        told = fill_ours(Path(where), int(number))
    else:
        told = asyncio.run(fill_pgstac(where, int(number)))
    print(orjson.dumps(told).decode())
