"""The short codes on faxes and packets: who has the paper types the reference and the code, or reads both out."""

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from django.db import connection
from pydantic import StringConstraints

from detainer.exchange import refusals
from detainer.exchange.channels import keys
from detainer.exchange.models import Delivery, ReceiptCode
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting
from detainer.record.said import Line, Payload

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
LENGTH: Final = 10  # characters of a reference: 50 bits
CODE: Final = 8  # characters of a code: 40 bits, against ten tries
_HEARD: Final = str.maketrans("ILO", "110", " -")  # what is misread or misheard for what is meant

Typed = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class GiveReceipt(Payload):
    """The receipt of a paper, by who has it."""

    reference: Typed
    code: Typed
    who: Line | None = None


@dataclass(frozen=True)
class Opened:
    """The delivery that a reference and a code open, and whether the code was used before."""

    delivery: UUID
    stream: UUID
    event: UUID
    agency: UUID
    channel: str
    is_first: bool


@dataclass(frozen=True)
class Receipt:
    """A receipt that is recorded: for which event of which request, whose it is, and since when."""

    stream: UUID
    event: UUID
    agency: UUID
    at: dt.datetime
    is_new: bool


def spelt(text: str) -> str:
    """Return a reference or a code as it is kept, however it was typed: `3f7q-tr5wl` is 3F7QTR5W1."""
    return text.strip().upper().translate(_HEARD)


def shown(text: str) -> str:
    """Return a reference or a code as it is printed: in groups that can be read out."""
    half = len(text) // 2
    return f"{text[:half]}-{text[half:]}"


def make(delivery: Delivery, now: dt.datetime) -> tuple[str, str]:
    """Return the reference and the code of a delivery's paper, the same at every try. Only a hash of the code is kept.

    The code is drawn from the exchange's key and the delivery: whoever has the table alone has no code.
    """
    code = _code(delivery.pk)
    for _ in range(5):
        kept = ReceiptCode.objects.filter(delivery=delivery).first()
        if kept:
            return kept.reference, code
        reference = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        row = ReceiptCode(delivery=delivery, reference=reference, code_hash=hashed(reference, code), created_at=now)
        ReceiptCode.objects.bulk_create([row], ignore_conflicts=True)  # another has it, or made one at the same moment
    raise Refused("state", "no reference could be made for this paper: try again")


def _code(delivery: UUID) -> str:
    drawn = hmac.new(keys.key_for("receipt codes"), delivery.bytes, hashlib.sha256).digest()
    return "".join(ALPHABET[byte % 32] for byte in drawn[:CODE])


def hashed(reference: str, code: str) -> str:
    """Return what is kept of a code."""
    return hmac.new(keys.key_for("hashes of receipt codes"), f"{reference} {code}".encode(), hashlib.sha256).hexdigest()


def opened(reference: str, code: str, now: dt.datetime) -> Opened:
    """Return what a reference and a code open; a wrong code is counted.

    Raises Refused: `invalid` for a code that opens nothing (in the same words whether the reference or the code is wrong), and
    `not-allowed` once ten wrong ones locked it.
    """
    reference, code = spelt(reference), spelt(code)
    with acting(None), connection.cursor() as cursor:  # committed, whatever comes after: what was wrong stays counted
        cursor.execute("SELECT * FROM use_receipt_code(%s, %s, %s)", [reference, hashed(reference, code), now])
        state, *found = cursor.fetchone()
    if state == "locked":
        raise Refused("not-allowed", "this code was typed wrong ten times and is locked: call the sender, or sign in")
    if state in ("unknown", "wrong"):
        raise refusals.one_field("code", "this reference and this code open nothing: compare them with the paper")
    delivery, stream, event, agency, channel = found
    return Opened(delivery, stream, event, agency, channel, is_first=state == "opened")


def use(reference: str, code: str, who: str | None, now: dt.datetime) -> Receipt:
    """Acknowledge what a paper told, in the name of the agency that has it, and return the receipt; once given it stays.

    Raises Refused as `opened` does.
    """
    found = opened(reference, code, now)
    return record(found, Actor(agency=found.agency, user=None, roles=frozenset()), who, now, how="code")


def record(found: Opened, actor: Actor, who: str | None, now: dt.datetime, *, how: str, occurred: str | None = None) -> Receipt:
    """Record the receipt of a paper that its code opened, unless it is recorded already."""
    from detainer.exchange.commands.run import in_turn  # noqa: PLC0415  (commands stand on deliveries)
    from detainer.exchange.work import Work  # noqa: PLC0415

    def once() -> Receipt:
        with acting(actor.agency, actor.user):
            work = Work(actor, now)
            held = work.read("request", found.stream)
            before = next((item for item in held.events if _is_receipt(item, found)), None)
            if before:
                return Receipt(found.stream, found.event, found.agency, before.recorded_at, is_new=False)
            said = {"of": str(found.event), "how": how, "who": who}
            work.append(found.stream, "received", {key: value for key, value in said.items() if value}, occurred=occurred)
            work.commit()
            return Receipt(found.stream, found.event, found.agency, now, is_new=True)

    return in_turn(once)


def _is_receipt(event: object, found: Opened) -> bool:
    kind, says, data = (getattr(event, name) for name in ("kind", "says", "data"))
    return kind == "received" and says == found.agency and str(data["of"]) == str(found.event)
