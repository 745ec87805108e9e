"""What is on its way: an event that concerns another agency becomes a delivery, carried by a job until it is received."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import OperationalError
from procrastinate.exceptions import ConnectorException

from detainer.exchange import writing
from detainer.exchange.models import Delivery
from detainer.exchange.roles import Actor
from detainer.record.event import Event

if TYPE_CHECKING:
    from detainer.exchange.work import Held

# kind of event -> who must hear of it. What is not here concerns nobody else.
CONCERNS: Final[dict[str, str]] = {
    "lodged": "custodian",
    "relayed": "both",
    "cancelled": "custodian",
    "contested": "both",
    "contest_answered": "both",
    "notice_received": "custodian",
    "cancel_received": "requester",
    "acknowledged": "requester",
    "not_here": "requester",
    "served": "requester",
    "decided": "requester",
    "notice_given": "requester",
    "hold_started": "requester",
    "hold_ended": "requester",
    "handed_over": "both",
    "closed": "both",
    "stated": "both",
    "corrected": "both",
}
# Whose arrival is itself an event of the record (process.md section 7: receipts).
RECORDED: Final = frozenset({"lodged", "relayed", "cancelled", "notice_given", "contested"})


def enqueue(added: Sequence[tuple["Held", Event]], actor: Actor, now: dt.datetime) -> None:
    """Write a delivery, and defer the job that carries it, for each new event that concerns another agency."""
    waiting = rows(added, actor, now)
    if not waiting:
        return
    from detainer.exchange.jobs import carry  # noqa: PLC0415  (jobs carry what is enqueued here: a circle of two)

    writing.insert(Delivery, [writing.columns(row) for row in waiting])
    for row in waiting:
        try:
            carry.configure(lock=str(row.stream_id)).defer(delivery=str(row.id))
        except ConnectorException as error:  # the queue's own name for a database that is gone
            raise OperationalError("the database was lost while a job was deferred") from error.__cause__


def rows(added: Sequence[tuple["Held", Event]], actor: Actor, now: dt.datetime) -> list[Delivery]:
    """Return a delivery, not yet written, for each new event and each other agency that it concerns."""
    return [
        Delivery(
            event_id=event.id,
            stream_id=held.id,
            kind=event.kind,
            from_agency_id=actor.agency,
            to_agency_id=agency,
            created_at=now,
            next_try_at=now,
        )
        for held, event in added
        if held.kind == "request" and event.kind in CONCERNS
        for agency in _who(held, event)
        if agency != actor.agency
    ]


def _who(held: "Held", event: Event) -> tuple[UUID, ...]:
    view = held.view
    sides = {"custodian": (view.custodian,), "requester": (view.requester,), "both": (view.requester, view.custodian)}
    return sides[CONCERNS[event.kind]]


def open_inbox(delivery: Delivery, user: UUID | None, now: dt.datetime) -> None:
    """Mark a delivery as opened by a user: the first who saw it stays."""
    Delivery.objects.filter(pk=delivery.pk, opened_at=None).update(opened_at=now, opened_by=user)
