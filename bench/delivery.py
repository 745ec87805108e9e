"""What docs/performance.md reports of deliveries: how soon a webhook leaves, and how fast a backlog drains beside a bare loop."""

import argparse
import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import raw
import receiver
import serving
from receiver import Receiver
from serving import Exchange

from exchange import LODGED


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    seconds: float = 20.0  # of each rate
    requests: int = 100  # that the events are of
    backlog: int = 100_000
    bare: int = 4_000  # bodies of the bare loop, a tenth of them in each turn


QUICK = Size(seconds=1.0, requests=4, backlog=60, bare=60)
RATES = (50, 75, 100, 150, 200)  # events a second; the first is what is aimed at
LATE = 1.0  # second, for 95 of 100


@dataclass(frozen=True)
class Figure:
    """One line of the report: what was measured, and its numbers by name (times in milliseconds, rates per second)."""

    what: str
    numbers: dict[str, float]


def _actor(key: str, role: str) -> Any:
    from detainer.exchange.models import Agency  # noqa: PLC0415  (after Django's set-up)
    from detainer.exchange.roles import Actor  # noqa: PLC0415

    agency = Agency.objects.get(key=key)
    return Actor(agency=agency.pk, user=None, roles=frozenset({role}), kinds=frozenset(agency.kinds))


def _do(actor: Any, name: str, data: dict[str, Any], on: UUID | None = None) -> Any:
    from detainer.exchange.commands import named, perform_once  # noqa: PLC0415

    return perform_once(actor, named("request", name), data, now=dt.datetime.now(dt.UTC), stream=on, key=None)


@contextlib.contextmanager
def _as(role: str) -> Iterator[None]:
    """Run a block in this process as a role of the database: it is logged in as the owner."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


def _channel(to: Receiver) -> None:
    """Let the custodian's webhook lead to the receiver."""
    from detainer.exchange.channels import own  # noqa: PLC0415

    with _as("detainer_worker"):
        own.save(_actor("sheriff", "clerk").agency, own.SaveChannel(kind="webhook", address=to.url), dt.datetime.now(dt.UTC))


# --- how soon -----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _worker(exchange: Exchange) -> Iterator[None]:
    """Run the worker as `detainer serve` runs it."""
    env = {**os.environ, "DETAINER_DATABASE": exchange.addresses.worker, "DJANGO_SETTINGS_MODULE": "detainer.exchange.settings"}
    process = subprocess.Popen([sys.executable, "-m", "detainer.exchange.working"], env=env)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def leaving(exchange: Exchange, to: Receiver, size: Size) -> Iterable[Figure]:
    """Measure from an event's commit to its webhook at the receiver, at one rate after another until one is not held."""
    officer = _actor("ero", "officer")
    with _as("detainer_service"):
        requests = [_do(officer, "lodge", LODGED).stream for _ in range(size.requests)]
    with _worker(exchange):
        _came(to, set(_at_rate(officer, requests, 10, 2.0)[0]))  # the worker is up and warm, and all that waited is gone
        held = 0.0
        for rate in RATES:
            committed, took = _at_rate(officer, requests, rate, size.seconds)
            came = _came(to, set(committed))
            late = sorted(came[event] - at for event, at in committed.items())
            p50, p95, p99 = (late[int(len(late) * part)] for part in (0.5, 0.95, 0.99))
            offered = len(committed) / took
            numbers = {"p50": p50 * 1e3, "p95": p95 * 1e3, "p99": p99 * 1e3, "most": late[-1] * 1e3, "per second": offered}
            yield Figure(f"an event committed to its webhook at the receiver, {rate} events a second", numbers)
            if p95 > LATE:
                break
            held = max(held, offered)
            if offered < rate * 0.9:  # who makes the events does not keep up: more cannot be asked
                break
    yield Figure(f"the highest rate held (95 of 100 within {LATE:g} s)", {"per second": held})


def _at_rate(actor: Any, requests: Sequence[UUID], rate: float, seconds: float) -> tuple[dict[str, float], float]:
    """Add statements to requests at a rate; return when each was committed, and how long all of it took."""
    committed: dict[str, float] = {}
    start = time.perf_counter()
    count = int(rate * seconds)
    lock, numbers = threading.Lock(), iter(range(count))

    def act() -> None:
        from django.db import connection  # noqa: PLC0415

        with _as("detainer_service"):
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    break
                time.sleep(max(0.0, start + number / rate - time.perf_counter()))
                done = _do(actor, "state", {"text": "measured"}, requests[number % len(requests)])
                committed[str(done.events[-1])] = time.time()
        connection.close()

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return committed, time.perf_counter() - start


def _came(to: Receiver, events: set[str]) -> dict[str, float]:
    came: dict[str, float] = {}
    until = time.monotonic() + 120
    while not events <= came.keys():
        if time.monotonic() > until:
            raise RuntimeError(f"{len(events - came.keys())} events did not come within two minutes")
        time.sleep(0.2)
        came = {**to.seen(), **came}
    return came


# --- a backlog ----------------------------------------------------------------------------------------------------------


def backlog(exchange: Exchange, to: Receiver, size: Size) -> Iterable[Figure]:
    """Measure a backlog drained against a bare loop of the same client that posts the same bodies to the same receiver.

    Of each request five deliveries wait: the request itself, whose arrival is an event of its record, and four statements.
    """
    connection = raw.connected(exchange.addresses.owner)
    _waiting(connection, size)
    count = connection.execute("SELECT count(*) FROM delivery WHERE channel = 'webhook' AND delivered_at IS NULL").fetchone()[0]
    bodies = _bodies(size.bare)
    ours, bare = _in_turns(to, bodies, count)
    left = connection.execute("SELECT count(*) FROM delivery WHERE channel = 'webhook' AND delivered_at IS NULL").fetchone()[0]
    if left:
        raise RuntimeError(f"{left} of {count} deliveries were left")
    for what, one in (
        (f"a backlog of {count:,} deliveries drained", ours),
        ("a bare loop of the same client, the same bodies", bare),
    ):
        numbers = {"deliveries": one.count, "per second": one.count / one.wall, "cpu ms each": one.cpu / one.count * 1e3}
        yield Figure(what, numbers)
    yield Figure("the rate of the one to the other (aim: 0.5)", {"ratio": (ours.count / ours.wall) / (bare.count / bare.wall)})


@dataclass
class Spent:
    """How many were sent, in how many seconds of the wall and of the processor."""

    count: int = 0
    wall: float = 0.0
    cpu: float = 0.0

    def add(self, count: int, wall: float, cpu: float) -> None:
        """Add a turn."""
        self.count, self.wall, self.cpu = self.count + count, self.wall + wall, self.cpu + cpu


def _in_turns(to: Receiver, bodies: Sequence[tuple[bytes, dict[str, str]]], count: int) -> tuple[Spent, Spent]:
    """Drain and post in turns of some seconds, so that a noisy neighbour bears on both alike."""
    from detainer.exchange import sending  # noqa: PLC0415

    sending.ONE_TURN = 3.0
    ours, bare = Spent(count), Spent()
    more, turn = True, max(20, len(bodies) // 10)
    while more:
        more, wall, cpu = _drained()
        ours.add(0, wall, cpu)
        slice_ = [bodies[(bare.count + number) % len(bodies)] for number in range(turn)]
        bare.add(turn, *_bare(to, slice_))
    return ours, bare


def _waiting(connection: Any, size: Size) -> None:
    """Let as many deliveries wait as are asked for: some requests are lodged, and their rows written again under new ids."""
    from detainer.exchange import jobs  # noqa: PLC0415

    officer = _actor("ero", "officer")
    some = max(1, min(20, size.backlog // 5))
    with _as("detainer_service"):
        streams = [_do(officer, "lodge", LODGED).stream for _ in range(some)]
        for stream in streams:
            for _ in range(4):
                _do(officer, "state", {"text": "measured"}, stream)
    with _as("detainer_worker"):
        jobs.carry_what_waits(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1))
    connection.execute("UPDATE delivery SET delivered_at = created_at WHERE NOT stream_id = ANY (%s)", [streams])
    connection.execute("DELETE FROM procrastinate_jobs")
    told, kept = raw.rows_of(connection, streams), raw.agencies(connection)
    for _ in range(size.backlog // (some * 5) - 1):
        raw.copy(connection, raw.renewed(told, kept))
    connection.execute("VACUUM ANALYZE")


def _bodies(count: int) -> list[tuple[bytes, dict[str, str]]]:
    """Return the bodies and headers of waiting deliveries, as they will be sent."""
    from standardwebhooks import Webhook  # noqa: PLC0415

    from detainer.exchange.channels import webhook  # noqa: PLC0415
    from detainer.exchange.channels.message import Message  # noqa: PLC0415
    from detainer.exchange.models import Delivery  # noqa: PLC0415
    from detainer.exchange.work import of_row  # noqa: PLC0415

    now, signers = dt.datetime.now(dt.UTC), [Webhook(b"a" * 32)]
    with _as("detainer_worker"):
        rows = Delivery.objects.filter(channel="webhook", delivered_at=None).select_related("event").order_by("pk")[:count]
        told = [Message(row.pk, row.from_agency_id, row.to_agency_id, of_row(row.event)) for row in rows]
    bodies = [webhook.body_of(message) for message in told]
    return [(body, webhook.headers_of(one, body, signers, now)) for one, body in zip(told, bodies, strict=True)]


def _bare(to: Receiver, bodies: Sequence[tuple[bytes, dict[str, str]]]) -> tuple[float, float]:
    """Post bodies one after another as nothing but httpx does; return the seconds of the wall and of the processor."""
    import httpx  # noqa: PLC0415

    with httpx.Client(trust_env=False, timeout=15) as client:
        client.post(to.url, content=b"", headers={})
        start, cpu = time.perf_counter(), time.process_time()
        for body, headers in bodies:
            client.post(to.url, content=body, headers=headers).raise_for_status()
        return time.perf_counter() - start, time.process_time() - cpu


def _drained() -> tuple[bool, float, float]:
    """Drain the custodian's webhook for a turn as the worker's jobs do; return whether more waits, and the seconds it took."""
    from detainer.exchange import sending  # noqa: PLC0415

    agency = _actor("sheriff", "clerk").agency
    with _as("detainer_worker"):
        start, cpu = time.perf_counter(), time.process_time()
        more = sending.drain(agency, "webhook")
        return more, time.perf_counter() - start, time.process_time() - cpu


# --- the report ---------------------------------------------------------------------------------------------------------

# Others add theirs here: each gets the exchange, the receiver and the size, and yields figures.
PARTS: dict[str, Callable[[Exchange, Receiver, Size], Iterable[Figure]]] = {
    "leaving": leaving,
    "backlog": backlog,
}


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a table in Markdown."""
    lines = ["| what | figures |", "| --- | --- |"]
    lines += [f"| {one.what} | {', '.join(f'{name} {number:,.4g}' for name, number in one.numbers.items())} |" for one in figures]
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table; with `--json FILE` write the figures there too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=[*PARTS], help=f"which of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a tiny run that shows that every part works")
    parser.add_argument("--backlog", type=int, help="how many deliveries wait")
    parser.add_argument("--json", type=Path, help="where the figures go as JSON")
    asked = parser.parse_args()
    size = QUICK if asked.quick else Size()
    if asked.backlog:
        size = Size(**{**asdict(size), "backlog": asked.backlog})
    os.environ |= {"DETAINER_NETWORKS": "127.0.0.0/8"}
    figures: list[Figure] = []
    with (
        tempfile.TemporaryDirectory(prefix="detainer-bench-") as folder,
        serving.running(Path(folder)) as exchange,
        receiver.running() as to,
    ):
        _channel(to)
        for name in asked.parts:
            for figure in PARTS[name](exchange, to, size):
                figures.append(figure)
                print(f"{figure.what}: {figure.numbers}", file=sys.stderr)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(each) for each in figures], indent=1))
    print(table(figures))


if __name__ == "__main__":
    main()
