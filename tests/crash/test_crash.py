"""`kill -9` under load: what was acknowledged is there, once; the chain is whole, the read tables equal, everything delivered."""

import collections
import json
import os
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from crash_making import Client, kill_one

from detainer.exchange import postgres
from serving_making import Served, serving, started, wait_for
from template_making import copied, with_demo

pytestmark = pytest.mark.crash

KILLS = int(os.environ.get("DETAINER_KILLS", "6"))
SEED = int(os.environ.get("DETAINER_SEED", "0")) or random.randrange(1, 1 << 32)
CLIENTS = 4


def told(data: Path, *arguments: str) -> Any:
    """Return what `detainer ... --json` says of a data directory."""
    process = started(*arguments, "--data", str(data), "--json", stdout=subprocess.PIPE)
    said, _ = process.communicate(timeout=120)
    return json.loads(said)


@pytest.fixture
def exchange(folder: Path) -> Iterator[Served]:
    copied("demo", with_demo, folder / "data")
    with serving(folder / "data") as running:
        yield running


def rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    """Read as the database's superuser, who sees every row."""
    with psycopg.connect(postgres.address(data).replace("@/postgres?", "@/detainer?")) as connection:
        return connection.execute(sql).fetchall()


def kill_again_and_again(exchange: Served, clients: list[Client], chance: random.Random) -> collections.Counter[str]:
    """Kill KILLS processes at random moments; between two of them something must be acknowledged, so that there is load."""
    killed: collections.Counter[str] = collections.Counter()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 1.5))
        before = sum(len(client.acknowledged) for client in clients)
        killed[kill_one(chance, exchange.process.pid, exchange.data)] += 1
        wait_for(
            lambda seen=before: (
                any(client.wrong for client in clients)  # type: ignore[misc]
                or sum(len(client.acknowledged) for client in clients) > seen + CLIENTS
            ),
            seconds=60,
            process=exchange.process,
        )
    return killed


def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(exchange: Served) -> None:
    print(f"DETAINER_SEED={SEED} DETAINER_KILLS={KILLS}")  # pytest shows it when the test fails
    officer = told(exchange.data, "token", "add", "crash", "--agency", "ero_boston", "--scope", "request")["token"]
    clerk = told(exchange.data, "token", "add", "crash", "--agency", "essex_sheriff", "--scope", "custody")["token"]
    stop = threading.Event()
    clients = [Client(exchange.url, officer, clerk, number, stop) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        killed = kill_again_and_again(exchange, clients, random.Random(SEED))
    finally:
        stop.set()
        for client in clients:
            client.join(60)
    assert [wrong for client in clients for wrong in client.wrong] == []
    assert sum(killed.values()) == KILLS

    undelivered = "SELECT count(*) FROM delivery WHERE delivered_at IS NULL"
    wait_for(lambda: rows(exchange.data, undelivered) == [(0,)], seconds=60, process=exchange.process)

    acknowledged = [event for client in clients for reply in client.acknowledged for event in reply["events"]]
    there = {str(event) for (event,) in rows(exchange.data, "SELECT id FROM event")}
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) - there == set()

    def times(sql: str) -> dict[Any, int]:
        return dict(rows(exchange.data, sql))

    lodged = times(
        "SELECT data->>'reference', count(*) FROM event WHERE kind = 'lodged' AND data->>'reference' LIKE 'crash-%' GROUP BY 1"
    )
    booked = times("SELECT data->>'booking_number', count(*) FROM event WHERE kind = 'booked' GROUP BY 1")
    decided = times("SELECT stream_id::text || (data->>'ask'), count(*) FROM event WHERE kind = 'decided' GROUP BY 1")
    arrived = times("SELECT data->>'delivery', count(*) FROM event WHERE kind = 'delivered' GROUP BY 1")
    for counted in (lodged, booked, arrived):
        assert {name: count for name, count in counted.items() if count != 1} == {}
    own = {str(stream) for (stream,) in rows(exchange.data, "SELECT stream_id FROM request WHERE reference LIKE 'crash-%'")}
    assert {name: count for name, count in decided.items() if name[:36] in own and count != 1} == {}
    assert lodged.keys() <= {name for client in clients for name in client.asked}
    receipts = "SELECT id::text FROM delivery WHERE kind IN ('lodged', 'relayed', 'cancelled', 'notice_given', 'contested')"
    assert {delivery for (delivery,) in rows(exchange.data, receipts)} == arrived.keys()

    proof = told(exchange.data, "verify")
    assert (proof["broken"], proof["read_tables_differ"]) == ([], [])
