"""Sends what waits for one destination (an agency, by one of its channels): in order, and writes what came of it.

At least once: what was sent and not yet written when a process or the database died is sent again, under the same id.
"""

import contextlib
import datetime as dt
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from django.db import Error, connection, transaction
from django.db.models import F, QuerySet

from detainer.exchange import deferring, deliveries, retrying
from detainer.exchange.channels.kinds import WAYS
from detainer.exchange.channels.message import Message, Outcome
from detainer.exchange.models import Channel, Delivery
from detainer.exchange.read_again import read_again
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.work import Work, of_row

QUEUE: Final = "sending"
AT_ONCE: Final = 100  # deliveries that are read, and whose outcome is written, together
SECONDS: Final = 0.5  # after which what was sent so far is written
ONE_TURN: Final = 60.0  # seconds after which a destination lets others have its place
BESIDE: Final = ("inbox", "paper")  # the inbox is carried by a job of each delivery, a paper by a person

Send = Callable[[Message], Outcome]
Done = tuple[Delivery, Outcome]


def now_utc() -> dt.datetime:
    """Return the instant it is."""
    return dt.datetime.now(dt.UTC)


def wake(agency: UUID, channel: str) -> None:
    """Have what waits for a destination sent soon: by one job, however often it is woken. Not inside a transaction."""
    name = f"{agency} {channel}"
    deferring.defer("send", queue=QUEUE, lock=name, once=name, agency=str(agency), channel=channel)


def due(now: dt.datetime) -> list[tuple[UUID, str]]:
    """Return the destinations for which something may be sent now, those that are no more among them."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [now, now + retrying.LONGEST, now, now + retrying.LONGEST])
        return [(agency, kind) for agency, kind in cursor.fetchall()]


# Each destination is looked up once in the index of what waits (a step from one to the next), not read from all that waits.
_DUE: Final = """
    WITH RECURSIVE destination AS (
        (SELECT to_agency_id, channel FROM delivery WHERE delivered_at IS NULL AND NOT needs_person
          ORDER BY to_agency_id, channel LIMIT 1)
        UNION ALL
        SELECT next.to_agency_id, next.channel FROM destination, LATERAL (
            SELECT to_agency_id, channel FROM delivery
             WHERE delivered_at IS NULL AND NOT needs_person
               AND (to_agency_id, channel) > (destination.to_agency_id, destination.channel)
             ORDER BY to_agency_id, channel LIMIT 1) AS next)
    SELECT d.to_agency_id, d.channel FROM destination d LEFT JOIN channel c ON c.agency_id = d.to_agency_id AND c.kind = d.channel
     WHERE d.channel NOT IN ('inbox', 'paper')
       AND (c.next_try_at IS NULL OR c.next_try_at <= %s OR c.next_try_at > %s)
       AND EXISTS (SELECT FROM delivery w
                    WHERE w.to_agency_id = d.to_agency_id AND w.channel = d.channel
                      AND w.delivered_at IS NULL AND NOT w.needs_person
                      AND (w.attempts = 0 OR w.next_try_at IS NULL OR w.next_try_at <= %s OR w.next_try_at > %s))
"""


def drain(agency: UUID, kind: str, clock: Callable[[], dt.datetime] = now_utc) -> bool:
    """Send what waits for a destination until nothing more can be sent now; return whether more waits for another turn.

    Only one process at a time sends to a destination, whatever the queue thinks of the others.
    """
    with _alone(f"{agency} {kind}") as is_alone:
        if not is_alone:
            return False
        channel = Channel.objects.filter(agency=agency, kind=kind, active=True).first()
        if channel is None:
            waiting(agency, kind).update(needs_person=True, next_try_at=None, failure="the agency has no such channel any more")
            return False
        if not retrying.is_due(channel.next_try_at, clock()):
            return False
        with WAYS[kind].sender(channel) as send:
            return _drain(channel, send, clock, time.monotonic() + ONE_TURN)


def _drain(channel: Channel, send: Send, clock: Callable[[], dt.datetime], until: float) -> bool:
    held, rest = _held_back(channel, clock()), list[Delivery]()
    while batch := rest or _next(channel, held):
        done, rest = _sent(batch, send, held)
        goes_on = _write(channel, done, clock())
        current = Channel.objects.filter(pk=channel.pk).values_list("updated_at", "active").first()
        if not goes_on or current is None:
            return False
        if current != (channel.updated_at, channel.active) or time.monotonic() > until:
            return True  # what it is was changed, or others wait
    return False


def waiting(agency: UUID, kind: str) -> QuerySet[Delivery]:
    """Return what waits to be sent to a destination."""
    return Delivery.objects.filter(to_agency=agency, channel=kind, delivered_at=None, needs_person=False)


def _held_back(channel: Channel, now: dt.datetime) -> set[UUID]:
    """Return the streams whose earlier delivery failed and is not to be tried yet: what came after waits with it."""
    failed = waiting(channel.agency_id, channel.kind).filter(attempts__gt=0).values_list("stream_id", "next_try_at")
    return {stream for stream, at in failed if not retrying.is_due(at, now)}


def _next(channel: Channel, held: set[UUID]) -> list[Delivery]:
    """Return the next deliveries: the oldest first, those of one stream by the version of their events.

    An id follows the clock of the machine, and a clock can be set back; a version cannot.
    """
    all_that_waits = waiting(channel.agency_id, channel.kind)
    oldest = all_that_waits.exclude(stream__in=held).order_by("pk").values_list("stream_id", flat=True)[:AT_ONCE]
    told = all_that_waits.filter(stream__in=set(oldest)).values_list("pk", "stream_id", "event__version")
    in_order = by_version(sorted(told))[:AT_ONCE]
    rows = Delivery.objects.select_related("event").in_bulk(in_order)
    return [rows[pk] for pk in in_order]


def by_version(told: Sequence[tuple[UUID, UUID, int]]) -> list[UUID]:
    """Return ids (with stream and version, in order of the ids) so that the places of each stream are taken by its versions."""
    of_stream: dict[UUID, list[tuple[int, UUID]]] = defaultdict(list)
    for pk, stream, version in told:
        of_stream[stream].append((version, pk))
    turns = {stream: iter(sorted(found)) for stream, found in of_stream.items()}
    return [next(turns[stream])[1] for _, stream, _ in told]


def _sent(batch: Sequence[Delivery], send: Send, held: set[UUID]) -> tuple[list[Done], list[Delivery]]:
    """Send deliveries one after another; return what came of each, and the rest.

    A rest is left when it is time to write what was sent, and when one says that the destination is down.
    """
    done: list[Done] = []
    until = time.monotonic() + SECONDS
    for place, row in enumerate(batch, start=1):
        if row.stream_id in held:
            continue
        outcome = send(Message(row.pk, row.from_agency_id, row.to_agency_id, of_row(row.event)))
        done.append((row, outcome))
        if outcome.failure:
            held.add(row.stream_id)
        if (outcome.failure and retrying.SCHEDULES[outcome.failure].of_all) or time.monotonic() > until:
            return done, list(batch[place:])
    return done, []


# --- what came of it ----------------------------------------------------------------------------------------------------


def _write(channel: Channel, done: Sequence[Done], now: dt.datetime) -> bool:
    """Write the outcomes of one batch; return whether the destination still takes anything."""
    taken = [(row, outcome) for row, outcome in done if outcome.is_accepted]
    if taken:
        _arrived(taken, now)
    failed = [(row, outcome) for row, outcome in done if not outcome.is_accepted]
    for row, outcome in failed:
        _failed(row, outcome, now)
    last = done[-1][1] if done else None
    if last and last.failure and retrying.SCHEDULES[last.failure].of_all:
        _down(channel, done[-1][0], last, now)
        return False
    if taken and channel.failing_since:
        channel.failing_since = None
        Channel.objects.filter(pk=channel.pk).update(failing_since=None, next_try_at=None, failure="")
    return True


def _arrived(taken: Sequence[Done], now: dt.datetime) -> None:
    """Write that deliveries arrived: all in one transaction, or one by one where somebody acted on a request meanwhile."""
    try:
        with transaction.atomic():
            _arrive(taken, now)
    except Refused:
        for one in taken:
            read_again(partial(_arrive, [one], now))


def _arrive(taken: Sequence[Done], now: dt.datetime) -> None:
    recorded = [row for row, _ in taken if row.kind in deliveries.RECORDED]
    if recorded:
        work = Work(Actor(agency=recorded[0].to_agency_id, user=None, roles=frozenset()), now)
        # All is read before anything is written: a place in the feed follows what was read.
        work.read_all("request", {row.stream_id for row in recorded})
        for row in recorded:
            said = {"delivery": str(row.pk), "channel": row.channel, "to": str(row.to_agency_id)}
            work.append(row.stream_id, "delivered", said)
        work.commit()
    for reply in {outcome.reply for _, outcome in taken}:
        rows = Delivery.objects.filter(pk__in=[row.pk for row, outcome in taken if outcome.reply == reply])
        rows.update(attempts=F("attempts") + 1, delivered_at=now, next_try_at=None, failure="", reply_head=reply)


def _failed(row: Delivery, outcome: Outcome, now: dt.datetime) -> None:
    tries = row.attempts + 1
    pause = _pause(row, outcome, tries, now)
    Delivery.objects.filter(pk=row.pk, delivered_at=None).update(
        attempts=tries,
        next_try_at=now + pause if pause is not None else None,
        needs_person=pause is None,
        failure=outcome.said[:300],
        reply_head=outcome.reply[:500],
    )


def _pause(row: Delivery, outcome: Outcome, tries: int, now: dt.datetime) -> dt.timedelta | None:
    assert outcome.failure is not None  # noqa: S101  (asked only of what failed)
    return retrying.pause(outcome.failure, tries, now - row.created_at, random.random(), outcome.retry_after)  # noqa: S311


def _down(channel: Channel, row: Delivery, outcome: Outcome, now: dt.datetime) -> None:
    """Write that a destination is down: nothing is tried before the next time; what has waited too long needs a person.

    One that wants no more (410) is switched off until its agency sets it anew.
    """
    pause = _pause(row, outcome, row.attempts + 1, now)
    is_gone = outcome.failure == "gone"
    if pause is None:
        rest = waiting(channel.agency_id, channel.kind)
        too_old = rest if is_gone else rest.filter(created_at__lte=now - retrying.TRIED_FOR)
        too_old.update(needs_person=True, next_try_at=None, failure=outcome.said[:300])
    Channel.objects.filter(pk=channel.pk, updated_at=channel.updated_at).update(
        failing_since=channel.failing_since or now,
        next_try_at=now + (pause or retrying.LATER),
        failure=outcome.said[:300],
        active=not is_gone,
    )


@contextlib.contextmanager
def _alone(name: str) -> Iterator[bool]:
    """Keep a destination to this process while the block runs; yield False when another has it.

    The lock is the database's and ends with the connection: a process that was stopped and goes on still has it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 5))", [name])
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone:
            with contextlib.suppress(Error), connection.cursor() as cursor:  # a connection that is gone has let go of it
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 5))", [name])
