"""What is on its way: an event that concerns another agency becomes a delivery by each of its channels, until received."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import connection, transaction

from detainer import clock
from detainer.exchange import deferring, writing
from detainer.exchange.models import Delivery
from detainer.exchange.refusals import Refused
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
    "received": "both",
    "will_answer": "requester",
    "acknowledged": "requester",
    "not_here": "requester",
    "served": "requester",
    "decided": "requester",
    "consented": "requester",
    "notice_given": "requester",
    "hold_started": "requester",
    "hold_ended": "requester",
    "handed_over": "both",
    "closed": "both",
    "stated": "both",
    "corrected": "both",
    "clock_fired": "named",
}
# Whose arrival is itself an event of the record (process.md section 7: receipts).
RECORDED: Final = frozenset({"lodged", "relayed", "cancelled", "notice_given", "contested"})


def enqueue(added: Sequence[tuple["Held", Event]], actor: Actor, now: dt.datetime) -> None:
    """Write the deliveries of each new event that concerns another agency, and defer the jobs that carry them.

    One to the agency's inbox, always, and one for each channel that the agency has.
    """
    inbox = rows(added, actor, now)
    if not inbox:
        return
    second = {event.id for _, event in added if event.kind == "clock_fired" and _is_for_second(event)}
    channels = channels_of({row.to_agency_id for row in inbox})
    beside = {row.id: _beside(channels[row.to_agency_id], is_for_second=row.event_id in second) for row in inbox}
    also = [_by(channel, row) for row in inbox for channel in beside[row.id]]
    writing.insert(Delivery, [writing.columns(row) for row in (*inbox, *also)])
    for row in inbox:
        more = {"channels": beside[row.id]} if beside[row.id] else {}
        deferring.defer("carry", lock=str(row.stream_id), delivery=str(row.id), **more)


def rows(added: Sequence[tuple["Held", Event]], actor: Actor, now: dt.datetime) -> list[Delivery]:
    """Return a delivery to the inbox, not yet written, for each new event and each other agency that it concerns."""
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
        if agency != actor.agency or CONCERNS[event.kind] == "named"
    ]


def _who(held: "Held", event: Event) -> tuple[UUID, ...]:
    view = held.view
    sides = {"custodian": (view.custodian,), "requester": (view.requester,), "both": (view.requester, view.custodian)}
    concerned = CONCERNS[event.kind]
    return (UUID(str(event.data["to"])),) if concerned == "named" else sides[concerned]


def channels_of(agencies: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Return which channels agencies have beside their inboxes; where these lead is their own."""
    found: dict[UUID, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute("SELECT agency_id, kind FROM channels_of(%s) ORDER BY kind", [list(agencies)])
        for agency, kind in cursor.fetchall():
            found[agency].append(kind)
    return found


def _is_for_second(fired: Event) -> bool:
    """Return whether a clock that fired also goes to the agency's second contact: the table of the kinds of clock says so."""
    return any(name == fired.data["clock"] and fired.data["step"] in kind.second_contact for name, kind in clock.KINDS.items())


def failing(agencies: Iterable[UUID]) -> dict[tuple[UUID, str], dt.datetime]:
    """Return since when nothing arrives at agencies by which of their channels; those that work are not among them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT agency_id, kind, failing_since FROM failing_channels(%s)", [list(agencies)])
        return {(agency, kind): since for agency, kind, since in cursor.fetchall()}


def _beside(channels: Iterable[str], *, is_for_second: bool) -> list[str]:
    return [channel for channel in channels if channel != "second_email" or is_for_second]


def _by(channel: str, inbox: Delivery) -> Delivery:
    same = ("event_id", "stream_id", "kind", "from_agency_id", "to_agency_id", "created_at", "next_try_at")
    return Delivery(channel=channel, **{name: getattr(inbox, name) for name in same})


def open_inbox(delivery: Delivery, user: UUID | None, now: dt.datetime) -> bool:
    """Mark a delivery in the inbox as opened by a user, and record it where its kind asks for a receipt: the first stays.

    False, and nothing is written, when somebody acted on the request at the same moment: whoever looks next opens it.
    """
    if delivery.channel != "inbox" or not Delivery.objects.filter(pk=delivery.pk, opened_at=None).exists():
        return True
    try:
        with transaction.atomic():
            _open(delivery, user, now)
    except Refused as refused:
        if refused.kind != "changed":
            raise
        return False
    return True


def _open(delivery: Delivery, user: UUID | None, now: dt.datetime) -> None:
    from detainer.exchange.work import Work  # noqa: PLC0415  (work delivers what it adds: a circle of two)

    work = Work(Actor(agency=delivery.to_agency_id, user=user, roles=frozenset()), now)
    if delivery.kind in RECORDED:  # read before anything is written: a transaction's place in the feed follows what it has read
        work.read("request", delivery.stream_id)
    if not Delivery.objects.filter(pk=delivery.pk, opened_at=None).update(opened_at=now, opened_by=user):
        raise Refused("changed", "the delivery was opened by another at the same moment, or is not the session's to open")
    if delivery.kind in RECORDED:
        said = {"delivery": str(delivery.pk), "channel": delivery.channel, "to": str(delivery.to_agency_id)}
        work.append(delivery.stream_id, "opened", said)
        work.commit()


def needing_person(agency: UUID) -> list[Delivery]:
    """Return what an agency sent and nothing tries any more, the latest first: somebody must see to it."""
    return list(Delivery.objects.filter(from_agency=agency, needs_person=True).order_by("-created_at", "-pk"))


def try_again(delivery: UUID, now: dt.datetime) -> bool:
    """Have a delivery that needs a person tried again, at the next sweep; False where it needs none or is not the session's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT try_again(%s, %s)", [delivery, now])
        return bool(cursor.fetchone()[0])
