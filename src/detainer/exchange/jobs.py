"""The jobs of the worker process. Each may run twice or be killed anywhere: what it does, it does once."""

import datetime as dt
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db.models import F
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from detainer.exchange import checkpoints, deliveries, firing, sending
from detainer.exchange.models import Delivery
from detainer.exchange.read_again import read_again
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.work import Work

STALLED: Final = 10  # seconds without a heartbeat after which a worker is dead (settings: it beats every two)
LATE: Final = dt.timedelta(seconds=15)  # a job carries a delivery within one


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@app.task(name="carry", retry=RetryStrategy(max_attempts=20, exponential_wait=2))
def carry(delivery: str, channels: Sequence[str] = ()) -> None:
    """Carry one delivery to its agency's inbox, and record its arrival: once. Then wake the agency's other channels.

    They are woken here and not with the command: only now is it sure that whoever sends sees what is to be sent.
    """
    try:
        deliver(UUID(delivery), _now())
    finally:
        to = Delivery.objects.filter(pk=delivery).values_list("to_agency", flat=True).first() if channels else None
        for channel in channels if to else ():
            sending.wake(to, channel)


def deliver(delivery: UUID, now: dt.datetime) -> None:
    """Put a delivery into its agency's inbox: the row and the `delivered` event in one transaction."""
    read_again(lambda: _deliver(delivery, now))


def _deliver(delivery: UUID, now: dt.datetime) -> None:
    waiting = Delivery.objects.filter(pk=delivery, channel="inbox", delivered_at=None)
    row = waiting.first()
    if row is None:
        return
    # The delivery is not locked before the request is read: a transaction's place in the feed follows what it has read.
    record_arrival(row, now)
    if not waiting.update(attempts=F("attempts") + 1, delivered_at=now, next_try_at=None):
        raise Refused("changed", "the delivery was carried by another worker at the same moment")


def record_arrival(row: Delivery, now: dt.datetime, occurred: str | None = None) -> None:
    """Record on the request that a delivery arrived, where its kind asks for a receipt; at `occurred`, now unless said."""
    if row.kind in deliveries.RECORDED:
        work = Work(Actor(agency=row.to_agency_id, user=None, roles=frozenset()), now)
        work.read("request", row.stream_id)
        said = {"delivery": str(row.id), "channel": row.channel, "to": str(row.to_agency_id)}
        work.append(row.stream_id, "delivered", said, occurred=occurred)
        work.commit()


@app.task(name="send", queue=sending.QUEUE)
def send(agency: str, channel: str) -> None:
    """Send what waits for an agency by a channel. What goes wrong with the database is tried again by the sweep."""
    if sending.drain(UUID(agency), channel):
        sending.wake(UUID(agency), channel)


@app.periodic(cron="* * * * * */5")  # the sixth field is seconds
@app.task(name="sweep", queueing_lock="sweep")
async def sweep(timestamp: int) -> None:
    """Free the jobs that a killed worker left half-done, carry what waits although its job is gone, try again what is due."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
        await app.job_manager.retry_job(job)
    await sync_to_async(sweep_deliveries)(dt.datetime.fromtimestamp(timestamp, dt.UTC))


def sweep_deliveries(now: dt.datetime) -> None:
    """Carry to inboxes what should have arrived by now, and wake the channels for which something is due."""
    for agency, channel in sending.due(now):
        sending.wake(agency, channel)
    carry_what_waits(now)


def carry_what_waits(now: dt.datetime) -> int:
    """Carry every delivery that should be in its inbox by now, oldest first; return how many were tried."""
    waiting = Delivery.objects.filter(channel="inbox", delivered_at=None, created_at__lt=now - LATE)
    tried = list(waiting.order_by("id").values_list("pk", flat=True)[:1000])
    for delivery in tried:
        deliver(delivery, now)
    return len(tried)


@app.periodic(cron="5 0 * * *")
@app.task(name="checkpoint", queueing_lock="checkpoint")
def checkpoint(timestamp: int) -> None:
    """Sign the heads of all streams as they stood at the end of the day before."""
    now = dt.datetime.fromtimestamp(timestamp, dt.UTC)
    checkpoints.make((now - dt.timedelta(days=1)).date(), now)


@app.periodic(cron="35 0 * * *")
@app.task(name="compare_holds", queueing_lock="compare_holds")
def compare_holds(timestamp: int) -> None:
    """Compare the live holds with the live requests: a hold without one has its alarm."""
    firing.compare_holds(dt.datetime.fromtimestamp(timestamp, dt.UTC))
