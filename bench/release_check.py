"""The release check with 200 live requests against one facility's 2,000 people: asked over HTTP, as a jail's own system asks it.

Two shapes: the requests are spread over as many people and each one's check is asked; and the worst one, all of them wait on one
stay. `--quick` shows in a moment that it works. What it prints stands in docs/performance.md.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import serving
from serving import Caller

from exchange import LODGED, roster

PEOPLE, REQUESTS, TIMES = 2_000, 200, 200
QUICK = (20, 4, 4)


def lodged(officer: Caller, clerk: Caller, stays: Sequence[str], count: int) -> None:
    """Lodge `count` requests and link them to stays, one after another, beginning again where there are fewer stays."""
    for number in range(count):
        body = {**LODGED, "reference": f"BENCH-{number}"}
        if number % 10 == 0:
            body["basis"] = {"warrant": "judicial_criminal"}
        request = officer.post("/api/v1/requests", json.dumps(body).encode())["id"]
        told = {"stay": stays[number % len(stays)]}
        clerk.post(f"/api/v1/requests/{request}/acknowledge", json.dumps(told).encode())


def timed(act: Callable[[int], object], times: int) -> list[float]:
    """Return the milliseconds of each of many calls, in rising order; the first tenth warms up and is left out."""
    found = []
    for number in range(times + times // 10):
        start = time.perf_counter()
        act(number)
        found.append((time.perf_counter() - start) * 1e3)
    return sorted(found[times // 10 :])


def line(what: str, found: Sequence[float]) -> str:
    """Return a line of the report: least, median, 95th percentile, most, in milliseconds."""
    at = {"least": 0, "p50": len(found) // 2, "p95": int(len(found) * 0.95), "most": -1}
    return f"| {what} | " + " | ".join(f"{found[place]:.0f} ms" for place in at.values()) + " |"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tiny run that shows that it works")
    people, requests, times = QUICK if parser.parse_args().quick else (PEOPLE, REQUESTS, TIMES)
    with tempfile.TemporaryDirectory(prefix="detainer-bench-") as folder, serving.running(Path(folder)) as exchange:
        officer, clerk = (Caller(exchange, token) for token in (exchange.requester, exchange.custodian))
        stays = clerk.post("/api/v1/stays:batch", roster(people), "application/x-ndjson")["ids"]
        lodged(officer, clerk, stays[1 : requests + 1], requests)
        print("| what | least | p50 | p95 | most |\n| --- | --- | --- | --- | --- |")
        spread = timed(lambda number: clerk.get(f"/api/v1/stays/{stays[1 + number % requests]}/release-check"), times)
        print(line(f"{requests} live requests on {requests} of {people:,} people: one person's check", spread))
        lodged(officer, clerk, stays[:1], requests)
        worst = timed(lambda _: clerk.get(f"/api/v1/stays/{stays[0]}/release-check"), times // 4)
        print(line(f"{requests} live requests that all wait on one stay: its check", worst))


if __name__ == "__main__":
    main()
