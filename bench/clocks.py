"""How late a clock fires with 100,000 live clocks, and after a worker was killed: `python bench/clocks.py`.

The worker runs as `detainer serve` runs it. Requests are lodged, urgent, so that their answers fall due one after another
while it is measured; the other clocks are rows beside them whose time is far off. Lateness is from the moment at which an
answer was due to that at which its firing is recorded. `--quick` shows in a moment that it works. What it prints stands in
docs/performance.md.
"""

import argparse
import datetime as dt
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import serving
from delivery import _actor, _as
from serving import Exchange

from exchange import LODGED

CLOCKS, RATE, SECONDS, AWAY = 100_000, 10, 30, 3
QUICK = (200, 4, 3, 1)
SAME = "stream_id, agency_id, kind, label, starts_at, governs, open, arithmetic, cite, source"  # columns
TEN_MINUTES = dt.timedelta(minutes=10)


def lodged(first: dt.datetime, count: int, rate: int) -> list[UUID]:
    """Lodge urgent requests and carry them, so that their answers fall due at a rate from `first` on."""
    from detainer.exchange import jobs  # noqa: PLC0415  (after Django's set-up)
    from detainer.exchange.commands import named, perform  # noqa: PLC0415
    from detainer.exchange.models import Delivery  # noqa: PLC0415

    made = []
    for number in range(count):
        at = first - TEN_MINUTES + dt.timedelta(seconds=number / rate)
        with _as("detainer_service"):
            told = {**LODGED, "priority": "urgent"}
            made.append(perform(_actor("ero", "officer"), named("request", "lodge"), told, now=at).stream)
        with _as("detainer_worker"):
            jobs.deliver(Delivery.objects.get(stream=made[-1], kind="lodged").pk, at)
    return made


def beside(count: int) -> None:
    """Put more live clocks beside those of the requests, due one after another from tomorrow on."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO deadline ({SAME}, rule, due_at, next_fire_at, fired)"
            f" SELECT {SAME}, rule || '/' || n, at, at, 0"
            " FROM (SELECT * FROM deadline WHERE kind = 'answer_due' ORDER BY id LIMIT 1) d,"
            " LATERAL (SELECT n, now() + n * interval '1 second' + interval '1 day' AS at FROM generate_series(1, %s) n) m",
            [count],
        )
        cursor.execute("ANALYZE deadline")


def lateness(requests: Sequence[UUID], after: dt.datetime, until: dt.datetime) -> tuple[list[float], int]:
    """Return how late each reminder came whose moment lies in a time, in milliseconds and in order; and how many came twice."""
    from detainer.exchange.models import Event  # noqa: PLC0415

    with _as("detainer_worker"):
        fired = list(
            Event.objects.filter(stream__in=requests, kind="clock_fired", data__number=1).values_list(
                "stream", "data", "recorded_at"
            )
        )
    late = [
        (recorded - due).total_seconds() * 1e3
        for _, data, recorded in fired
        if after <= (due := dt.datetime.fromisoformat(data["due_at"])) < until
    ]
    return sorted(late), len(fired) - len({stream for stream, _, _ in fired})


def worker(exchange: Exchange) -> Any:
    env = {**os.environ, "DETAINER_DATABASE": exchange.addresses.worker, "DJANGO_SETTINGS_MODULE": "detainer.exchange.settings"}
    return subprocess.Popen([sys.executable, "-m", "detainer.exchange.working"], env=env, start_new_session=True)


def told(what: str, late: Sequence[float], expected: int, twice: int) -> None:
    p50, p95, p99 = (late[int(len(late) * part)] for part in (0.5, 0.95, 0.99))
    times = f"p50 {p50:.0f} ms, p95 {p95:.0f}, p99 {p99:.0f}, most {late[-1]:.0f}"
    print(f"{what}: {times}; fired {len(late)} of {expected}, twice {twice}")


def measured(exchange: Exchange, clocks: int, rate: int, seconds: int, away: int) -> None:
    """Measure twice as many seconds as said: in the second half the worker is killed once, and started again after `away`."""
    from django.db import connection  # noqa: PLC0415

    start = time.perf_counter()
    lodged(dt.datetime.now(dt.UTC) + dt.timedelta(days=1), 20, rate)  # warm
    pace = (time.perf_counter() - start) / 20
    count = rate * seconds * 2
    first = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=count * pace * 1.5 + 15)
    requests = lodged(first, count, rate)
    beside(clocks - count)
    print(f"{clocks} live clocks, {rate} of them due in each second")
    process = worker(exchange)
    middle = first + dt.timedelta(seconds=seconds)
    _sleep_until(middle)
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed = dt.datetime.now(dt.UTC)
    time.sleep(away)
    process = worker(exchange)
    _sleep_until(first + dt.timedelta(seconds=2 * seconds + 5))
    process.terminate()
    process.wait(20)
    connection.close()
    dues = [first + dt.timedelta(seconds=number / rate) for number in range(count)]
    for what, after, until in (
        ("a clock's lateness", first, middle - dt.timedelta(seconds=1)),
        (
            f"of those due from the kill of the worker, which starts again {away} s later",
            killed,
            dues[-1] + dt.timedelta(seconds=1),
        ),
    ):
        late, twice = lateness(requests, after, until)
        told(what, late, sum(after <= due < until for due in dues), twice)


def _sleep_until(at: dt.datetime) -> None:
    time.sleep(max(0.0, (at - dt.datetime.now(dt.UTC)).total_seconds()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    sizes = QUICK if parser.parse_args().quick else (CLOCKS, RATE, SECONDS, AWAY)
    with tempfile.TemporaryDirectory() as folder, serving.running(Path(folder) / "data") as exchange:
        measured(exchange, *sizes)


if __name__ == "__main__":
    main()
