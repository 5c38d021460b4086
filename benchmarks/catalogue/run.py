"""The contest: `run.py FOLDER NUMBER [ROUNDS]` fills both catalogues, then asks them.

Both servers run at once and are asked in turn; before the clock runs, each pair of answers is
compared item by item. Result: `FOLDER/result-NUMBER.json`, for `table.py`.
"""

from __future__ import annotations

import json
import shutil
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import queries
from contest import Client, agree, environment, memory_mb, ours, theirs
from load import write_items

from landzicht.testing.postgres import serve_postgres

HERE = Path(__file__).parent
CLIENTS = 8
SECONDS = 10.0
MORE = 5
"""Ours answers so many times more questions: a p99 of few is the worst of them."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fill(kind: str, where: str, items: Path, number: int) -> dict[str, float]:
    """Fill a store with a process of its own; return how many items and how long it took."""
    command = [sys.executable, str(HERE / "load.py"), kind, where, str(items)]
    done = subprocess.run(command, env=environment(), check=True, stdout=subprocess.PIPE, text=True)
    print(kind, done.stdout, flush=True)
    return {"items": number, **json.loads(done.stdout.strip().splitlines()[-1])}


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def contest(folder: Path, address: str, number: int, rounds: int) -> dict[str, object]:
    kinds = queries.questions(rounds * MORE, number)
    one, other = free_port(), free_port()
    result: dict[str, object] = {"items": number, "rounds": rounds, "kinds": {}}
    with ours(folder / "ours", one) as us, theirs(address, other, folder) as them:
        mine, peer = Client(one), Client(other)
        for name, addresses in kinds.items():
            told = ask_both(mine, peer, addresses, rounds, is_page=name != "get item")
            result["kinds"][name] = told
            print(number, name, json.dumps(told), flush=True)
        result["throughput"] = {
            "landzicht": throughput(one, "/stac", kinds),
            "pgstac": throughput(other, "", kinds),
        }
        result["memory_mb"] = {
            "landzicht": memory_mb(us.pid),
            "pgstac (web only)": memory_mb(them.pid),
        }
    return result


def ask_both(
    mine: Client, peer: Client, addresses: list[str], rounds: int, *, is_page: bool
) -> dict[str, object]:
    """Compare and time one kind of question; ours is asked `MORE` times as often, for its p99."""
    hits = []
    for path in addresses[:10]:  # also warms both up
        pair = mine.timed("/stac" + path)[1], peer.timed(path)[1]
        if is_page:
            hits.append(agree(*pair, queries.LIMIT))
        else:
            assert json.loads(pair[0])["id"] == json.loads(pair[1])["id"]
    times: dict[str, list[float]] = {"landzicht": [], "pgstac": []}
    for path in addresses[:rounds]:
        times["landzicht"].append(mine.timed("/stac" + path)[0])
        times["pgstac"].append(peer.timed(path)[0])
    told: dict[str, object] = {
        "landzicht": {"p50": statistics.median(times["landzicht"])},
        "pgstac": {"p50": statistics.median(times["pgstac"])},
    }
    times["landzicht"] += [mine.timed("/stac" + path)[0] for path in addresses[rounds:]]
    for who, each in times.items():
        told[who] |= {"p99": percentile(each, 0.99), "asked": len(each)}
    told["hits"] = statistics.mean(hits) if hits else 1
    if is_page:
        alone = [mine.timed("/stac" + queries.for_one(path))[0] for path in addresses]
        told["first hit p50"] = statistics.median(alone)
    return told


def throughput(port: int, root: str, kinds: dict[str, list[str]]) -> float:
    """Answers a second with eight clients that ask all kinds of questions in turn."""
    paths = [root + path for group in zip(*kinds.values(), strict=True) for path in group]
    end = time.monotonic() + SECONDS

    def ask(start: int) -> int:
        client, done = Client(port), 0
        while time.monotonic() < end:
            client.timed(paths[(start + done) % len(paths)])
            done += 1
        return done

    with ThreadPoolExecutor(CLIENTS) as threads:
        return sum(threads.map(ask, range(0, CLIENTS * 13, 13))) / SECONDS


def main() -> None:
    folder, number = Path(sys.argv[1]), int(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    folder.mkdir(parents=True, exist_ok=True)
    items = folder / f"items-{number}.ndjson"
    if not items.exists():
        write_items(items, number)
    shutil.rmtree(folder / "ours", ignore_errors=True)
    options = {"shared_buffers": "1GB", "work_mem": "32MB", "max_wal_size": "4GB"}
    with serve_postgres(durable=True, options=options) as server:
        address = server.make_database("bench")
        loads = {
            "landzicht": fill("ours", str(folder / "ours"), items, number),
            "pgstac": fill("pgstac", address, items, number),
        }
        result = contest(folder, address, number, rounds) | {"load": loads}
    (folder / f"result-{number}.json").write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
