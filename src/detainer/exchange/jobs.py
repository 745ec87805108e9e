"""The jobs of the worker process. Each may run twice or be killed anywhere: what it does, it does once."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from detainer.exchange import checkpoints, deliveries
from detainer.exchange.models import Delivery
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.work import Work


@app.task(name="carry", retry=RetryStrategy(max_attempts=20, exponential_wait=2))
def carry(delivery: str) -> None:
    """Carry one delivery to its agency's inbox, and record its arrival. Done before: nothing is done."""
    deliver(UUID(delivery), dt.datetime.now(dt.UTC))


def deliver(delivery: UUID, now: dt.datetime) -> None:
    """Put a delivery into its agency's inbox: the row and the `delivered` event in one transaction."""
    for attempt in range(5):
        try:
            with transaction.atomic():
                _deliver(delivery, now)
        except Refused as refused:
            if refused.kind != "changed" or attempt == 4:  # a clerk acted at the same moment: read again
                raise
        else:
            return


def _deliver(delivery: UUID, now: dt.datetime) -> None:
    row = Delivery.objects.select_for_update(of=("self",)).filter(pk=delivery).first()
    if row is None or row.delivered_at is not None:
        return
    record_arrival(row, now)
    row.attempts += 1
    row.delivered_at, row.next_try_at = now, None
    row.save(update_fields=["attempts", "delivered_at", "next_try_at"])


def record_arrival(row: Delivery, now: dt.datetime, occurred: str | None = None) -> None:
    """Record on the request that a delivery arrived, where its kind asks for a receipt; at `occurred`, now unless said."""
    if row.kind in deliveries.RECORDED:
        work = Work(Actor(agency=row.to_agency_id, user=None, roles=frozenset()), now)
        work.read("request", row.stream_id)
        said = {"delivery": str(row.id), "channel": row.channel, "to": str(row.to_agency_id)}
        work.append(row.stream_id, "delivered", said, occurred=occurred)
        work.commit()


@app.periodic(cron="*/1 * * * *")
@app.task(name="sweep", queueing_lock="sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Carry what waits although its job is gone, and free jobs that a killed worker left half-done."""
    now = dt.datetime.fromtimestamp(timestamp, dt.UTC)
    waiting = Delivery.objects.filter(delivered_at=None, created_at__lt=now - dt.timedelta(minutes=1)).order_by("created_at")
    for row in waiting[:1000]:
        deliver(row.id, now)


@app.periodic(cron="5 0 * * *")
@app.task(name="checkpoint", queueing_lock="checkpoint")
def checkpoint(timestamp: int) -> None:
    """Sign the heads of all streams as they stood at the end of the day before."""
    now = dt.datetime.fromtimestamp(timestamp, dt.UTC)
    checkpoints.make((now - dt.timedelta(days=1)).date(), now)
