"""Reads a mail that could not be delivered and came back (RFC 3464): the delivery that it carried then needs a person."""

import datetime as dt
import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Mail
from typing import Final
from uuid import UUID

from detainer.exchange.channels import mail
from detainer.exchange.models import Delivery
from detainer.exchange.models import Event as EventRow
from detainer.exchange.read_again import read_again
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.work import Work

LONGEST: Final = 10_000_000  # bytes of a bounce: it may carry the whole of what came back
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True)
class Bounce:
    """What a returned mail says: of which delivery, whether it failed for good, and the status (RFC 3463)."""

    delivery: UUID
    is_final: bool
    status: str


def read(text: bytes) -> Bounce:
    """Return what a returned mail says. Raises Refused `invalid` for one that is no bounce, or none of this exchange's mail."""
    if len(text) > LONGEST:
        raise Refused("invalid", f"a bounce has {LONGEST} bytes at most")
    letter = email.message_from_bytes(text, policy=email.policy.compat32)
    reports = [part for part in letter.walk() if part.get_content_type() == "message/delivery-status"]
    if letter.get_content_type() != "multipart/report" or not reports:
        raise Refused("invalid", "this is no report of a delivery (RFC 3464)")
    delivery = next(filter(None, map(mail.marked, _places(letter))), None)
    if delivery is None:
        raise Refused("invalid", "this report is of no mail that this exchange sent")
    fields = [block for part in reports for block in _blocks(part) if block.get("Action")]
    failed = [block for block in fields if str(block["Action"]).strip().lower() == "failed"]
    found = _STATUS.search(str((failed or fields or [Mail()])[0].get("Status", "")))
    return Bounce(delivery, bool(failed), found[0] if found else "")


def _blocks(part: Mail) -> Iterator[Mail]:
    told = part.get_payload()
    yield from (block for block in told if isinstance(block, Mail)) if isinstance(told, list) else ()


def _places(letter: Mail) -> Iterator[str]:
    """Yield where the mark of the delivery may stand: to whom the bounce goes, and in the mail that it carries."""
    yield from (str(value) for value in letter.get_all("To", []))
    for part in letter.walk():
        if part.get_content_type() == "message/rfc822":
            yield from (str(inner.get("Message-ID", "")) for inner in _blocks(part))
        elif part.get_content_type() == "text/rfc822-headers":
            yield str(email.message_from_string(str(part.get_payload())).get("Message-ID", ""))


def take(bounce: Bounce, now: dt.datetime) -> bool:
    """Write that a delivery came back, and return whether that is news: it needs a person, and its arrival is withdrawn.

    Run as the worker. A report of a delay is no bounce: the mail server goes on.
    """
    if not bounce.is_final:
        return False
    return read_again(lambda: _take(bounce, now))


def _take(bounce: Bounce, now: dt.datetime) -> bool:
    row = Delivery.objects.filter(pk=bounce.delivery, channel__in=["email", "second_email", "fax"]).first()
    if row is None or (row.needs_person and row.delivered_at is None):
        return False
    # The request is read before anything is written: a transaction's place in the feed follows what it has read.
    arrived = (
        EventRow.objects.filter(stream=row.stream_id, kind="delivered", data__delivery=str(row.pk)).order_by("version").last()
    )
    said = f"the mail came back{f': {bounce.status}' if bounce.status else ''}"
    if arrived:
        work = Work(Actor(agency=row.to_agency_id, user=None, roles=frozenset()), now)
        work.read("request", row.stream_id)
        work.append(row.stream_id, "corrected", {"corrects": str(arrived.pk), "reason": said, "void": True})
        work.commit()
    Delivery.objects.filter(pk=row.pk).update(delivered_at=None, needs_person=True, next_try_at=None, failure=said)
    return True
