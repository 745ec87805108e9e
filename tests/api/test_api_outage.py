"""The database stops in the middle of a call: 503, nothing half-written, and the same key sent again is done once it is back."""

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import psycopg
import pytest

from serving_making import free_port, wait_for
from template_making import copied, migrated

from .scene import LODGE


@dataclass
class Exchange:
    """A web server on a database of its own, which a test may stop and start."""

    folder: Path
    address: str
    client: httpx.Client
    facility: str

    def database(self) -> psutil.Process:
        """The first process of the database."""
        return psutil.Process(int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0]))

    def signal_database(self, number: int) -> None:
        """Send a signal to every process of the database."""
        first = self.database()
        for process in (first, *first.children(recursive=True)):
            process.send_signal(number)

    def stop_database(self) -> None:
        """Stop it at once, as when its machine fails."""
        first = self.database()
        first.send_signal(signal.SIGQUIT)
        first.wait(10)

    def start_database(self) -> None:
        """Start it again; it recovers from its log."""
        from detainer.exchange import postgres

        postgres.ensure_running(self.folder)

    def count(self, table: str) -> int:
        """Rows of a table, whosever they are."""
        with psycopg.connect(self.address) as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # type: ignore[index]

    def lodge(self, key: str) -> httpx.Response:
        """Lodge a request under a key."""
        return self.client.post("/api/v1/requests", json={**LODGE, "facility": self.facility}, headers={"Idempotency-Key": key})


@pytest.fixture
def exchange(folder: Path) -> Iterator[Exchange]:
    """A web server as `detainer serve` runs it, but nobody who starts the database again: the test does."""
    from detainer.exchange import database, processes

    data = folder / "data"
    copied("migrated", migrated, data)
    with database.running(data) as addresses:
        env = {**processes.environment(data), "DETAINER_DATABASE": addresses.service}
        secret, facility = _entered(data, addresses.owner)
        port = free_port()
        web = processes.Kept(processes.web_command("127.0.0.1", port), env)
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", timeout=30, headers={"Authorization": f"Bearer {secret}"}
            ) as client:
                wait_for(lambda: _is_ready(client), seconds=30, process=web.process)
                yield Exchange(data, addresses.owner, client, facility)
        finally:
            web.ask_to_end()
            web.end()


def _is_ready(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return client.get("/readyz").status_code == 200
    return False


def _entered(data: Path, owner: str) -> tuple[str, str]:
    """Enter a requester, a custodian with a facility, and a token; return its secret and the facility's code."""
    requester, custodian = uuid4(), uuid4()
    with psycopg.connect(owner) as connection:
        for agency, kind in ((requester, "requester"), (custodian, "custodian")):
            connection.execute(
                "INSERT INTO agency (id, key, name, kinds, jurisdiction, ori, enrolled, contact, second_contact,"
                " rules_adopted_by)"
                " VALUES (%s, %s, %s, %s, 'us/ma/essex', '', true, '', '', '')",
                [agency, kind, kind, [kind]],
            )
        connection.execute(
            "INSERT INTO facility (code, agency_id, name, kind, city, county, state, jurisdiction, zone, source)"
            " VALUES ('ESSEXMA', %s, 'Essex County Jail', 'jail', '', 'Essex', 'MA', 'us/ma/essex', 'America/New_York', '')",
            [custodian],
        )
    command = ["detainer", "token", "add", "machine", "--agency", "requester", "--scope", "request", "--data", str(data)]
    found = subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]], check=True, capture_output=True, text=True
    )
    return found.stdout.strip(), "ESSEXMA"


def test_a_database_that_stops_in_the_middle_leaves_nothing_half_written_and_the_same_key_works_again(exchange: Exchange) -> None:
    key = str(uuid4())
    replies: list[httpx.Response] = []
    barrier = psycopg.connect(exchange.address)
    barrier.execute("LOCK TABLE delivery IN ACCESS EXCLUSIVE MODE")  # a lodging writes its deliveries last
    call = threading.Thread(target=lambda: replies.append(exchange.lodge(key)))
    call.start()
    _wait_until_it_writes(exchange)
    exchange.stop_database()
    call.join(30)
    barrier.close()
    [reply] = replies
    assert (reply.status_code, reply.headers["Content-Type"]) == (503, "application/problem+json")
    assert reply.json()["type"] == "/problems/unavailable"
    assert int(reply.headers["Retry-After"]) >= 1

    down = exchange.lodge(key)  # still down: the same, and in time
    assert (down.status_code, down.json()["type"]) == (503, "/problems/unavailable")
    assert exchange.client.get("/livez").status_code == 200
    probe = exchange.client.get("/readyz")
    assert (probe.status_code, probe.json()["database"]) == (503, "unreachable")

    exchange.start_database()
    assert [exchange.count(table) for table in ("event", "request", "identity", "feed", "delivery", "idempotency_key")] == [0] * 6
    wait_for(lambda: exchange.lodge(key).status_code == 201, seconds=30)
    again = exchange.lodge(key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert exchange.count("request") == 1
    assert exchange.client.get("/readyz").status_code == 200

    # A database that hangs is worse than one that is down: the probes answer all the same.
    exchange.signal_database(signal.SIGSTOP)
    try:
        assert exchange.client.get("/livez", timeout=5).status_code == 200
        for _ in range(2):
            hung = exchange.client.get("/readyz", timeout=5)
            assert (hung.status_code, hung.json()["status"]) == (503, "not_ready")
    finally:
        exchange.signal_database(signal.SIGCONT)
    wait_for(lambda: _is_ready(exchange.client), seconds=30)


def _wait_until_it_writes(exchange: Exchange) -> None:
    def waits() -> bool:
        with psycopg.connect(exchange.address) as looks:
            found = looks.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchone()
            return bool(found and found[0])

    wait_for(waits, seconds=10)
