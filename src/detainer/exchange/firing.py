"""Fires the clocks that are due: in the worker's role, in the name of whose clock it is, each step once.

What has fired is told by the request's own events, so that a firing is decided and recorded in one transaction: two workers,
one that is killed, and a machine whose clock jumps all find the same number taken. `deadline.next_fire_at` says where to look.
"""

import contextlib
import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from detainer import clock
from detainer.exchange import clocks, projection
from detainer.exchange.models import Deadline, Request, Stay, Stream
from detainer.exchange.read_again import read_again
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.work import Work
from detainer.record import kinds, views, when

LOOKS: Final = 0.25  # seconds between two looks at what is due
BATCH: Final = 200  # clocks that are read at a time
LOOKS_BACK: Final = 60.0  # seconds between two looks for what a wrong clock of the machine put off
AT_A_TIME: Final = 4  # requests whose clocks fire at a time, each on a connection of its own
PAUSE: Final = 1.0  # seconds before the database is asked again

log = logging.getLogger(__name__)
Each = Callable[[Callable[[UUID], int], Iterable[UUID]], Iterable[int]]  # how a function is done for each: `map`, or by threads


def fire_due(now: dt.datetime, batch: int = BATCH) -> int:
    """Fire every clock that is due and has not fired for it; return how many did. The most overdue first."""
    return _fire_due(lambda: now, batch=batch)


def _fire_due(now: Callable[[], dt.datetime], each: Each = map, batch: int = BATCH) -> int:
    """Fire what is due: each is recorded at the moment of its own, however many there are before it."""
    return _fire_all(lambda: Q(next_fire_at__lte=now()), now, each, batch)


def fire_put_off(now: dt.datetime) -> int:
    """Fire what is due although a clock of the machine that was ahead has put it off; return how many did."""
    periods = [
        Q(kind=name, next_fire_at__gt=now + clock.WRONG_BY + kind.every)
        if kind.every
        else Q(kind=name, next_fire_at__gt=now + clock.WRONG_BY + (F("due_at") - F("starts_at")))
        for name, kind in clock.KINDS.items()
    ]
    wrong = periods[0]
    for period in periods[1:]:
        wrong |= period
    return _fire_all(lambda: Q(due_at__lte=now, fired__gt=0) & wrong, lambda: now)


def _fire_all(which: Callable[[], Q], now: Callable[[], dt.datetime], each: Each = map, batch: int = BATCH) -> int:
    """Fire the clocks that are meant, a batch at a time until none is left; return how many fired.

    Each request is tried once: those whose clocks cannot be fired, or that another worker is about, keep no other waiting.
    """
    total, tried = 0, set[UUID]()
    while found := _requests(which() & ~Q(stream__in=tried), batch):
        tried |= set(found)
        total += sum(each(partial(_fire_one, now=now), found))
    return total


def _requests(which: Q, batch: int) -> list[UUID]:
    """Return the requests of the open clocks that are meant, each once, the most overdue first, of so many clocks at the most."""
    rows = Deadline.objects.filter(which, open=True, next_fire_at__isnull=False)
    return list(dict.fromkeys(rows.order_by("next_fire_at").values_list("stream", flat=True)[:batch]))


def _fire_one(request: UUID, now: Callable[[], dt.datetime]) -> int:
    try:
        return fire(request, now())
    except (Refused, ValueError) as error:  # one request whose clocks cannot be fired keeps no other's waiting
        log.warning("the clocks of request %s did not fire: %s", request, error)
        return 0


def fire(request: UUID, now: dt.datetime) -> int:
    """Fire the clocks of one request that are due; return how many did. None where another worker is about it.

    Raises Refused where it changes again and again at the same moment.
    """
    return read_again(lambda: _fire(request, now))


def _fire(request: UUID, now: dt.datetime) -> int:
    if not _alone(request):
        return 0
    fired = 0
    clocks_of = Deadline.objects.filter(stream=request, open=True).order_by("agency")
    for owner in list(clocks_of.values_list("agency", flat=True).distinct()):
        work = Work(Actor(agency=owner, user=None, roles=frozenset()), now)
        running = _clocks(work, request, owner)
        due = [(each, firing) for each in running if (firing := clocks.fires_now(each.deadline, work.request(request), now))]
        for each, firing in due:
            work.append(request, "clock_fired", _said(each, firing))
        if due:
            work.commit()
            clocks.mark_fired(work.request(request), [each for each, _ in due])
        fired += len(due)
    return fired or _set_right(request)


def _alone(request: UUID) -> bool:
    """Return whether no other worker is about this request's clocks.

    It is no row's lock: that would take the transaction's place in the feed before the request is read.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"clocks {request}"])
        return bool(cursor.fetchone()[0])


def _clocks(work: Work, request: UUID, owner: UUID) -> list[clocks.Running]:
    """Return an agency's clocks that run on a request: as its events tell, not as its rows do."""
    view = work.request(request)
    stay = Stay.objects.filter(pk=view.stay).first() if view.stay else None
    running = clocks.all_of(view, stay.view if stay else {}, projection.place_of(view.facility), clocks.terms_of(view))
    return [each for each in running if each.agency == owner]


def _set_right(request: UUID) -> int:
    """Write the rows of a request's clocks anew where they spoke of something due that is not; return 0."""
    Stream.objects.select_for_update().get(pk=request)
    view = views.RequestView.model_validate(Request.objects.values_list("view", flat=True).get(pk=request))
    projection.write_deadlines(view, sees_stay=True)
    return 0


def _said(running: clocks.Running, firing: clock.Firing) -> kinds.ClockFired:
    return kinds.ClockFired(
        clock=running.deadline.kind,
        rule=running.deadline.rule,
        step=firing.step,
        number=firing.number,
        due_at=when.instant(running.deadline.due_at),
        to=running.agency,
        missed=firing.missed,
    )


def compare_holds(now: dt.datetime) -> int:
    """Compare the custodians' live holds with the requesters' live requests; return how many holds had neither one nor an alarm.

    A hold whose request has ended starts its alarm with the end of the request; here its rows are made again where they are gone.
    """
    alarmed = Deadline.objects.filter(stream=OuterRef("pk"), kind="hold_without_request", open=True)
    held = Request.objects.filter(~Exists(alarmed), holding=True, live=False).order_by("pk")
    found = list(held.values_list("pk", flat=True))
    for request in found:
        with transaction.atomic():
            _set_right(request)
    fire_due(now)
    return len(found)


# --- the loop ----------------------------------------------------------------------------------------------------------


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def keep_firing(stopped: threading.Event, now: Callable[[], dt.datetime] = _now) -> None:
    """Fire what is due, four times a second, until it is told to stop. What goes wrong with the database is tried again."""
    looked_back = 0.0
    at_a_time = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="clocks")  # while one waits for its commit others go on
    while not stopped.wait(LOOKS):
        try:
            _fire_due(now, lambda act, requests: at_a_time.map(partial(_in_a_thread, act), requests))
            if time.monotonic() - looked_back > LOOKS_BACK:
                fire_put_off(now())
                looked_back = time.monotonic()
        except (OperationalError, InterfaceError) as error:
            log.warning("the clocks wait for the database: %s", error)
            _begin_again(stopped)
        except Exception:  # whatever it is, the clocks go on: nobody else keeps them
            log.exception("the clocks were stopped by a fault")
            _begin_again(stopped)
    at_a_time.shutdown(cancel_futures=True)
    connection.close()


def _in_a_thread(act: Callable[[UUID], int], request: UUID) -> int:
    try:
        return act(request)
    finally:
        connection.close()  # back to the pool


def _begin_again(stopped: threading.Event) -> None:
    connection.close()
    stopped.wait(PAUSE)


@contextlib.contextmanager
def firing() -> Iterator[None]:
    """Keep firing in a thread beside a block."""
    stopped = threading.Event()
    thread = threading.Thread(target=keep_firing, args=(stopped,), name="clocks", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(5)
