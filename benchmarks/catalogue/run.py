"""The contest: `run.py FOLDER NUMBER [ROUNDS]`; makes what is missing in FOLDER, then measures.

Both servers run at once and are asked in turn; before the clock runs, each pair of answers is
compared item by item. Result: `FOLDER/result-NUMBER.json`, for `table.py`.
"""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import queries
from contest import Client, agree, environment, memory_mb, ours, theirs

from landzicht.testing.postgres import serve_postgres

HERE = Path(__file__).parent
CLIENTS = 8
SECONDS = 10.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fill(kind: str, where: str, number: int, told: Path) -> dict[str, float]:
    """Fill a store in a process of its own, or tell how long it took the last time."""
    if told.exists():
        return json.loads(told.read_text())
    command = [sys.executable, str(HERE / "load.py"), kind, where, str(number)]
    done = subprocess.run(command, env=environment(), check=True, stdout=subprocess.PIPE, text=True)
    print(done.stdout, flush=True)
    line = done.stdout.strip().splitlines()[-1]
    told.write_text(line)
    return json.loads(line)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def contest(folder: Path, address: str, number: int, rounds: int) -> dict[str, object]:
    queries.MOST_COMMON = number
    kinds = queries.questions(rounds)
    one, other = free_port(), free_port()
    result: dict[str, object] = {"items": number, "rounds": rounds, "kinds": {}}
    with ours(folder / "ours", one) as us, theirs(address, other, folder) as them:
        mine, peer = Client(one), Client(other)
        for name, addresses in kinds.items():
            hits = []
            for path in addresses[:10]:  # also warms both up
                pair = mine.timed("/stac" + path)[1], peer.timed(path)[1]
                if name == "get item":
                    assert json.loads(pair[0])["id"] == json.loads(pair[1])["id"]
                else:
                    hits.append(agree(*pair, queries.LIMIT))
            times: dict[str, list[float]] = {"landzicht": [], "pgstac": []}
            for path in addresses:
                times["landzicht"].append(mine.timed("/stac" + path)[0])
                times["pgstac"].append(peer.timed(path)[0])
            told = {
                who: {"p50": statistics.median(each), "p99": percentile(each, 0.99)}
                for who, each in times.items()
            }
            told["hits"] = statistics.mean(hits) if hits else 1
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
    result: dict[str, object] = {}
    if len(sys.argv) > 4:  # a server that has the items already
        address = sys.argv[4]
        result = contest(folder, address, number, rounds)
    else:
        options = {"shared_buffers": "1GB", "work_mem": "32MB", "max_wal_size": "4GB"}
        with serve_postgres(durable=True, options=options) as server:
            address = server.make_database("bench")
            loads = {"landzicht": fill("ours", str(folder / "ours"), number, folder / "ours.json")}
            loads["pgstac"] = fill("pgstac", address, number, folder / "never-kept.json")
            (folder / "never-kept.json").unlink()
            result = contest(folder, address, number, rounds) | {"load": loads}
    (folder / f"result-{number}.json").write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
