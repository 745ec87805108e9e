"""What docs/performance.md reports: the exchange against plain SQL for the same rows, on the same PostgreSQL, in the same run."""

import argparse
import datetime as dt
import json
import re
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import raw
import serving
from serving import Caller, Exchange


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    lodged: int = 400  # requests that one client lodges
    rounds: int = 6  # turns of many clients
    clients: int = 16
    lodged_by_each: int = 15  # requests that each of many clients lodges in a turn
    lines: int = 10_000
    batches: int = 3
    board: int = 5_000
    readings: int = 40
    events: int = 100_000


QUICK = Size(lodged=5, rounds=1, clients=2, lodged_by_each=2, lines=50, batches=1, board=60, readings=2, events=300)


@dataclass(frozen=True)
class Figure:
    """One line of the report. Times in milliseconds (p50 and 95th percentile), rates per second; `ratio` is to the peer."""

    what: str
    unit: str
    ours: float
    ours_p95: float
    ours_rate: float
    peer: str
    theirs: float
    theirs_p95: float
    theirs_rate: float
    ratio: float
    aim: str


def _p95(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] if len(times) > 1 else times[0]


def _slower(what: str, peer: str, aim: str, ours: "Timed", theirs: "Timed") -> Figure:
    """Return a figure whose ratio says how many times as long ours takes."""
    return _figure(what, "ms", peer, aim, ours, theirs, ours.p50 / theirs.p50)


def _faster(what: str, peer: str, aim: str, ours: "Timed", theirs: "Timed") -> Figure:
    """Return a figure whose ratio says which part of the peer's rate ours is."""
    return _figure(what, "ms", peer, aim, ours, theirs, ours.rate / theirs.rate)


def _figure(what: str, unit: str, peer: str, aim: str, ours: "Timed", theirs: "Timed", ratio: float) -> Figure:
    told = (ours.p50 * 1e3, ours.p95 * 1e3, ours.rate), (theirs.p50 * 1e3, theirs.p95 * 1e3, theirs.rate)
    return Figure(what, unit, *told[0], peer, *told[1], ratio, aim)


@dataclass(frozen=True)
class Timed:
    """Some times in seconds, and how many things were done per second of the clock on the wall."""

    times: Sequence[float]
    rate: float

    @property
    def p50(self) -> float:
        """The median."""
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        """The 95th percentile."""
        return _p95(self.times)


def clocked(act: Callable[[], Any]) -> float:
    """Return the seconds that something takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def in_turns(*acts: Callable[[], Any], times: int) -> list[Timed]:
    """Do several things in turns, each `times` times, so that a noisy neighbour bears on all of them alike."""
    found: list[list[float]] = [[] for _ in acts]
    for _ in range(times):
        for mine, act in zip(found, acts, strict=True):
            mine.append(clocked(act))
    return [Timed(mine, len(mine) / sum(mine)) for mine in found]


# --- lodging ------------------------------------------------------------------------------------------------------------

LODGED = {
    "facility": serving.FACILITY,
    "person": {"name": "Aguilar, Example", "date_of_birth": "1990-05-17", "numbers": {"a_number": "A000000000"}},
    "form": "I-247A",
    "asks": ["notify", "hold", "transfer"],
    "basis": {"warrant": "administrative", "warrant_form": "I-200", "probable_cause": ["final_order"]},
    "reference": "BOS-2026-000001",
}
BODY = json.dumps(LODGED).encode()


def lodge(caller: Caller) -> UUID:
    """Lodge a request by the API, once for a key of its own."""
    return UUID(caller.post("/api/v1/requests", BODY, **{"Idempotency-Key": str(uuid.uuid4())})["id"])


def lodging(exchange: Exchange, size: Size) -> Iterable[Figure]:
    """Measure lodging by one client and by many against the durable commit of the same rows."""
    connection = raw.connected(exchange.addresses.owner)
    caller = Caller(exchange, exchange.requester)
    for _ in range(10):  # both processes of the server, and the statements of both sides, are warm
        told = raw.rows_of(connection, [lodge(caller)])
    kept = raw.agencies(connection)
    copies = iter([raw.renewed(told, kept) for _ in range(size.lodged + 10)])
    for _ in range(10):
        raw.insert(connection, next(copies))
    ours, theirs = in_turns(lambda: lodge(caller), lambda: raw.insert(connection, next(copies)), times=size.lodged)
    count = sum(len(table.rows) for table in told)
    peer = f"commit of the same {count} rows in {len(told)} tables, one prepared INSERT each"
    yield _slower("lodge by API, 1 client", peer, "<= 6", ours, theirs)
    yield _slower(f"lodge by API, {size.clients} clients", peer, "", *_many(exchange, size, told, kept))


def _many(exchange: Exchange, size: Size, told: list[raw.Rows], kept: frozenset[str]) -> tuple[Timed, Timed]:
    callers = [Caller(exchange, exchange.requester) for _ in range(size.clients)]
    connections = [raw.connected(exchange.addresses.owner) for _ in range(size.clients)]
    times: tuple[list[float], list[float]] = ([], [])
    walls = [0.0, 0.0]
    with ThreadPoolExecutor(size.clients) as pool:
        for turn in range(size.rounds + 1):  # the first is not counted
            copies = [[raw.renewed(told, kept) for _ in range(size.lodged_by_each)] for _ in connections]
            acts = (
                lambda client: [clocked(lambda: lodge(callers[client])) for _ in range(size.lodged_by_each)],
                lambda client, copies=copies: [
                    clocked(lambda rows=rows: raw.insert(connections[client], rows)) for rows in copies[client]
                ],
            )
            for side, act in enumerate(acts):
                start = time.perf_counter()
                found = [each for mine in pool.map(act, range(size.clients)) for each in mine]
                if turn:
                    walls[side] += time.perf_counter() - start
                    times[side].extend(found)
    return Timed(times[0], len(times[0]) / walls[0]), Timed(times[1], len(times[1]) / walls[1])


# --- a roster -----------------------------------------------------------------------------------------------------------


def roster(lines: int) -> bytes:
    """Return NDJSON of bookings that nobody has booked yet."""
    told = (
        {
            "facility": serving.FACILITY,
            "booking_number": str(uuid.uuid4()),
            "person": {"name": f"Example {number}", "date_of_birth": f"19{60 + number % 40}-01-{1 + number % 28:02}"},
            "occurred": f"2026-01-{1 + number % 28:02}T{number % 24:02}:30-05:00",
        }
        for number in range(lines)
    )
    return "\n".join(map(json.dumps, told)).encode()


def batches(exchange: Exchange, size: Size) -> Iterable[Figure]:
    """Measure a roster sent in one call against the same rows written in one commit."""
    connection = raw.connected(exchange.addresses.owner)
    caller, kept = Caller(exchange, exchange.custodian), raw.agencies(connection)
    caller.post("/api/v1/stays:batch", roster(10), "application/x-ndjson")
    times: dict[str, list[float]] = {"ours": [], "insert": [], "copy": []}
    count = 0
    for _ in range(size.batches):
        body, start = roster(size.lines), time.perf_counter()
        stays = caller.post("/api/v1/stays:batch", body, "application/x-ndjson")["ids"]
        times["ours"].append(time.perf_counter() - start)
        told = raw.rows_of(connection, [UUID(stay) for stay in stays])
        count = sum(len(table.rows) for table in told)
        for name, write in (("insert", raw.insert), ("copy", raw.copy)):
            rows = raw.renewed(told, kept)
            times[name].append(clocked(lambda write=write, rows=rows: write(connection, rows)))
    ours, insert, copy = (Timed(mine, count * len(mine) / sum(mine)) for mine in times.values())
    what = f"roster of {size.lines:,} lines by API, {count:,} rows"
    yield _faster(what, f"the same rows by INSERTs of {raw.ROWS_AT_ONCE} in one commit", ">= 0.5", ours, insert)
    yield _faster(what, "the same rows by COPY in one commit", "", ours, copy)


# --- reading ------------------------------------------------------------------------------------------------------------


def grown(exchange: Exchange, streams: list[UUID], times: int) -> None:
    """Write the rows of streams again under new ids, many times over."""
    with raw.connected(exchange.addresses.owner) as connection:
        told, kept = raw.rows_of(connection, streams), raw.agencies(connection)
        for _ in range(times):
            raw.copy(connection, raw.renewed(told, kept))
        connection.execute("VACUUM ANALYZE")


_ROW_OF_LIST = (
    "stream_id, version, state, outcome, person, requester_id, custodian_id, facility_id, stay, form, reference, asks, live, "
    "holding, undecided, lodged_at, lodged"
)


def board(exchange: Exchange, size: Size) -> Iterable[Figure]:
    """Measure a clerk's board over many open requests against the page's own queries, run by psycopg."""
    connection = raw.connected(exchange.addresses.owner)
    caller, machine = Caller(exchange), Caller(exchange, exchange.custodian)
    officer = Caller(exchange, exchange.requester)
    before = connection.execute("SELECT count(*) FROM request WHERE live").fetchone()[0]
    some = [lodge(officer) for _ in range(20)]
    grown(exchange, some, max(0, (size.board - before) // len(some)))
    count = connection.execute("SELECT count(*) FROM request WHERE live").fetchone()[0]
    statements = _statements_of_board()

    def bare() -> None:
        for query, parameters in statements:
            connection.execute(query, parameters).fetchall()

    caller.get("/"), bare()
    page, queries = in_turns(lambda: caller.get("/"), bare, times=size.readings)
    yield _slower(
        f"board of {count:,} open requests, the page", f"its {len(statements)} queries by psycopg", "< 5", page, queries
    )
    rows = f"SELECT {_ROW_OF_LIST} FROM request WHERE live ORDER BY lodged_at DESC, stream_id DESC"
    pages, query = in_turns(
        lambda: _to_the_end(machine, "/api/v1/requests?side=custodian&live=true&limit=200&after=", "requests"),
        lambda: connection.execute(rows).fetchall(),
        times=max(1, size.readings // 10),
    )
    yield _slower(f"all {count:,} open requests by API, pages of 200", "one query of the same rows", "", pages, query)


def _statements_of_board() -> list[tuple[str, Any]]:
    """Return what the page asks of the database once it knows whose it is."""
    from django.db import connection  # noqa: PLC0415  (after Django's set-up)
    from django.test import Client  # noqa: PLC0415

    from detainer.exchange.models import User  # noqa: PLC0415

    found: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], query: str, parameters: Any, many: bool, context: Any) -> Any:
        found.append((query, parameters))
        return execute(query, parameters, many, context)

    browser = Client(headers={"host": serving.HOST})
    browser.force_login(User.objects.get(username="clerk"))
    with connection.execute_wrapper(note):
        browser.get("/")
    last = max(place for place, (query, _) in enumerate(found) if "begin_session" in query)
    return [(query, parameters) for query, parameters in found[last + 1 :] if query.startswith("SELECT")]


def _to_the_end(caller: Caller, path: str, of: str) -> int:
    """Read a list page by page to its end; return how many there are."""
    count, after = 0, ""
    while True:
        told = json.loads(caller.get(path + after if after else path.rpartition("&")[0]))
        count += len(told[of])
        after = told["next"]
        if not told[of] or not after:
            return count


def feed(exchange: Exchange, size: Size) -> Iterable[Figure]:
    """Measure the feed of many events read to its end against one query of the same rows."""
    connection = raw.connected(exchange.addresses.owner)
    caller = Caller(exchange, exchange.custodian)
    custodian = connection.execute("SELECT id FROM agency WHERE key = 'sheriff'").fetchone()[0]
    there = "SELECT count(*) FROM feed WHERE agency_id = %s"
    some = [UUID(stay) for stay in caller.post("/api/v1/stays:batch", roster(size.lines // 10), "application/x-ndjson")["ids"]]
    grown(exchange, some, max(0, size.events - connection.execute(there, [custodian]).fetchone()[0]) // len(some))
    query = (
        "SELECT event.* FROM feed JOIN event ON event.id = feed.event_id WHERE feed.agency_id = %s"
        " ORDER BY feed.txid, feed.position"
    )
    count = connection.execute(there, [custodian]).fetchone()[0]
    read: list[int] = []
    pages, bare = in_turns(
        lambda: read.append(_to_the_end(caller, "/api/v1/events?limit=1000&after=", "events")),
        lambda: connection.execute(query, [custodian]).fetchall(),
        times=max(1, size.readings // 10),
    )
    if set(read) != {count}:
        raise RuntimeError(f"the feed has {count} events, but {read} were read")
    pages, bare = (Timed(timed.times, timed.rate * count) for timed in (pages, bare))
    yield _slower(f"feed of {count:,} events by API, pages of 1,000", "one query of the same rows", "", pages, bare)


# --- where the time of one lodging goes ---------------------------------------------------------------------------------


def steps(exchange: Exchange, size: Size) -> list[tuple[str, float]]:
    """Return the parts of lodging one request with their medians in seconds: in this process, then by the API."""
    from django.db import connection  # noqa: PLC0415  (after Django's set-up)

    from detainer.exchange.commands import named, perform_once  # noqa: PLC0415
    from detainer.exchange.models import Agency  # noqa: PLC0415
    from detainer.exchange.roles import Actor  # noqa: PLC0415

    requester = Agency.objects.get(key="ero").pk
    actor = Actor(agency=requester, user=None, roles=frozenset({"officer"}), kinds=frozenset({"requester"}))
    command = named("request", "lodge")
    parts: dict[str, list[float]] = {}

    def note(execute: Callable[..., Any], query: str, parameters: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        found = execute(query, parameters, many, context)
        parts.setdefault(_named(query), []).append(time.perf_counter() - start)
        return found

    def in_process() -> None:
        perform_once(actor, command, LODGED, now=dt.datetime.now(dt.UTC), key=str(uuid.uuid4()))

    with connection.cursor() as cursor:
        cursor.execute("SET ROLE detainer_service")
    direct, caller = raw.connected(exchange.addresses.owner), Caller(exchange, exchange.requester)

    def durable() -> None:
        direct.execute("SELECT pg_logical_emit_message(true, 'bench', '')")

    for act in (in_process, durable, lambda: lodge(caller)):
        in_turns(act, times=10)
    with connection.execute_wrapper(note):
        whole, commit, nothing, by_api = (
            timed.p50
            for timed in in_turns(
                in_process, durable, lambda: caller.get("/livez"), lambda: lodge(caller), times=max(3, size.lodged // 4)
            )
        )
    statements = [(name, statistics.median(times)) for name, times in parts.items()]
    python = whole - commit - sum(seconds for _, seconds in statements)
    return [
        *statements,
        ("one durable commit of nothing else", commit),
        ("validation, law, hashing, JSON, the rest", python),
        ("**the command in process**", whole),
        ("an HTTP call that does nothing", nothing),
        ("token, reading the body, the reply", by_api - whole - nothing),
        ("**by API**", by_api),
    ]


def _named(query: str) -> str:
    """Return a statement's first word and its table, or the function that it calls."""
    table = re.search(r'(?:INTO|FROM) "?(\w+)', query) or re.search(r"(\w+)\(\s*%", query)
    return f"{query.split(maxsplit=1)[0]} {table[1] if table else ''}"


# --- the report ---------------------------------------------------------------------------------------------------------

PARTS: dict[str, Callable[[Exchange, Size], Iterable[Figure]]] = {
    "lodging": lodging,
    "batches": batches,
    "board": board,
    "feed": feed,
}


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a table in Markdown."""
    head = ("what", "p50", "p95", "per second", "peer", "p50", "p95", "per second", "ratio", "aim")
    lines = [head, ("---",) * len(head)]
    for each in figures:
        numbers = (each.ours, each.ours_p95, each.ours_rate), (each.theirs, each.theirs_p95, each.theirs_rate)
        ours, theirs = ((f"{p50:,.2f} ms", f"{p95:,.2f} ms", f"{rate:,.0f}") for p50, p95, rate in numbers)
        lines.append((each.what, *ours, each.peer, *theirs, f"**{each.ratio:.2f}**", each.aim))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def table_of_steps(found: Iterable[tuple[str, float]]) -> str:
    """Return the parts of one lodging as a table in Markdown."""
    return "\n".join(["| part | p50 |", "| --- | --- |", *(f"| {name} | {seconds * 1e3:.2f} ms |" for name, seconds in found)])


def main() -> None:
    """Measure, and print the table; with `--json FILE` write the figures there too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=[*PARTS], help=f"which of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a tiny run that shows that every part works")
    parser.add_argument("--json", type=Path, help="where the figures go as JSON")
    parser.add_argument("--steps", action="store_true", help="where the time of one lodging goes, too")
    asked = parser.parse_args()
    size = QUICK if asked.quick else Size()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="detainer-bench-") as folder, serving.running(Path(folder)) as exchange:
        for name in asked.parts:
            figures += PARTS[name](exchange, size)
            print(f"{name} is measured", file=sys.stderr)
        found = steps(exchange, size) if asked.steps else []
    if asked.json:
        asked.json.write_text(json.dumps([asdict(each) for each in figures], indent=1))
    print(table(figures))
    if found:
        print(f"\n{table_of_steps(found)}")


if __name__ == "__main__":
    main()
