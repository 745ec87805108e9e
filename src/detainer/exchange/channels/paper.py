"""Paper: what a fax carries, and the packet to hand over in an outage, whose code enters the answers that were written on it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from pydantic import Field

from detainer import documents
from detainer.exchange import papers, receipt_codes, refusals
from detainer.exchange.channels.message import Message
from detainer.exchange.models import Delivery
from detainer.exchange.refusals import FieldError, Refused
from detainer.exchange.roles import SPEAKING, Actor
from detainer.exchange.session import acting
from detainer.record import when
from detainer.record.said import JsonObject, Line, Occurred, Payload

WITH_REQUEST: Final = frozenset({"lodged", "relayed"})  # what goes with the whole request; of the rest the cover says enough


class Answer(Payload):
    """One answer as it was written on a paper: a command of the request, and when it was given."""

    command: Line
    occurred: Occurred
    data: JsonObject = Field(default_factory=dict)


class EnterPaper(receipt_codes.GiveReceipt):
    """A paper whose answers are entered afterwards: its reference and code, when it came, and what was answered, in order."""

    occurred: Occurred = Field(description="When it was received.")
    answers: tuple[Answer, ...] = Field((), max_length=20)


@dataclass(frozen=True)
class Packet:
    """A packet as it was made: its delivery, the PDF, and what is printed on it to acknowledge it by."""

    delivery: UUID
    reference: str
    code: str
    pdf: bytes


def pdf_of(message: Message, now: dt.datetime | None = None) -> bytes:
    """Return the pages about an event: the cover sheet, and the request where the event is one."""
    delivery = Delivery.objects.get(pk=message.delivery)
    reference, code = receipt_codes.make(delivery, now or dt.datetime.now(dt.UTC))
    seen = papers.seen(message.event.stream, message.from_agency)  # names the person as the sender does
    cover = papers.cover_sheet(
        seen,
        message.event,
        sender=message.from_agency,
        receiver=message.to_agency,
        reference=receipt_codes.shown(reference),
        code=receipt_codes.shown(code),
        address=f"{settings.EXCHANGE_URL}/receipt",
    )
    if message.event.kind in WITH_REQUEST:
        return documents.made("print_packet", papers.print_packet(seen, cover))
    return documents.made("cover_sheet", cover)


def hand_out(actor: Actor, event: UUID, now: dt.datetime) -> Packet:
    """Make the packet of an event that the actor's agency sent, to hand over on paper; the same again is the same packet.

    Its delivery arrives when somebody says that it was handed over. Raises Refused `not-found`.
    """
    from detainer.exchange.work import of_row  # noqa: PLC0415

    _check_who(actor)
    with acting(actor.agency, actor.user):
        sent = Delivery.objects.select_related("event").filter(event=event, from_agency=actor.agency, channel="inbox").first()
        if sent is None:
            raise Refused("not-found", f"this agency has sent no event [{event}]")
        same = {"event_id": event, "to_agency_id": sent.to_agency_id, "channel": "paper"}
        made = Delivery(**same, stream_id=sent.stream_id, kind=sent.kind, from_agency_id=actor.agency, created_at=now)
        Delivery.objects.bulk_create([made], ignore_conflicts=True)
        delivery = Delivery.objects.get(**same)
        reference, code = receipt_codes.make(delivery, now)
        message = Message(delivery.pk, actor.agency, sent.to_agency_id, of_row(sent.event))
        return Packet(delivery.pk, reference, code, pdf_of(message, now))


def handed_over(actor: Actor, delivery: UUID, now: dt.datetime, occurred: str | None = None) -> None:
    """Record that a packet was handed over, at `occurred` (EDTF), now unless said; said again it stays as it was.

    Raises Refused: `not-found`, and what the record refuses.
    """
    from detainer.exchange.commands.run import in_turn  # noqa: PLC0415  (commands stand on deliveries)
    from detainer.exchange.deliveries import RECORDED  # noqa: PLC0415
    from detainer.exchange.work import Work  # noqa: PLC0415

    _check_who(actor)

    def once() -> None:
        with acting(actor.agency, actor.user):
            row = Delivery.objects.filter(pk=delivery, from_agency=actor.agency, channel="paper").first()
            if row is None:
                raise Refused("not-found", f"this agency has handed out no packet [{delivery}]")
            if row.delivered_at is not None:
                return
            if row.kind in RECORDED:
                work = Work(actor, now)
                work.read("request", row.stream_id)
                said = {"delivery": str(row.pk), "channel": "paper", "to": str(row.to_agency_id)}
                work.append(row.stream_id, "delivered", said, occurred=occurred)
                work.commit()
            at = (when.parse(occurred).from_ if occurred else None) or now
            with connection.cursor() as cursor:
                cursor.execute("SELECT handed_over(%s, %s)", [row.pk, at])

    in_turn(once)


def enter(actor: Actor, said: EnterPaper, now: dt.datetime) -> UUID:
    """Enter what came back on a paper, and return the request: the receipt, then each answer as the command that it is.

    Every one of them occurred when the paper says and is recorded now, so the record tells that it was entered late. Entered
    again, nothing is done twice. Raises Refused with the number of the answer that is refused; those before it stand.
    """
    from detainer.exchange.commands import named, perform_once  # noqa: PLC0415  (commands stand on deliveries)

    _check_who(actor)
    found = receipt_codes.opened(said.reference, said.code, now)
    if found.agency != actor.agency or found.channel != "paper":
        raise refusals.one_field("code", "this is no code of a packet for this agency")
    receipt_codes.record(found, actor, said.who, now, how="paper", occurred=said.occurred)
    for number, answer in enumerate(said.answers):
        data = {**answer.data, "occurred": answer.occurred}
        key = f"paper-{receipt_codes.spelt(said.reference)}-{number}"
        try:
            perform_once(actor, named("request", answer.command), data, now=now, stream=found.stream, key=key)
        except KeyError as error:
            raise refusals.one_field(f"answers.{number}.command", f"there is no command [{answer.command}]") from error
        except Refused as refused:
            raise _located(refused, f"answers.{number}") from refused
    return found.stream


def _located(refused: Refused, place: str) -> Refused:
    errors = [FieldError(f"{place}.{error.field}", error.message) for error in refused.errors]
    more: dict[str, Any] = refused.more
    return Refused(refused.kind, f"{place}: {refused.detail}", errors=errors or [FieldError(place, refused.detail)], **more)


def _check_who(actor: Actor) -> None:
    if not actor.roles & SPEAKING:
        raise Refused("not-allowed", f"papers are handed out and entered by a {', '.join(sorted(SPEAKING))}")
