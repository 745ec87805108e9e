"""An agency's own channels: saved, changed, given a new secret, tried, removed. Others only see which kinds there are."""

import datetime as dt
import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pydantic import Field

from detainer.exchange.channels import keys
from detainer.exchange.channels.kinds import WAYS, Kind
from detainer.exchange.channels.message import Message, Outcome
from detainer.exchange.models import Channel, new_id
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.record import event as record_event
from detainer.record import when
from detainer.record.event import GENESIS
from detainer.record.said import Line, Payload

SETTING: Final = frozenset({"admin", "supervisor"})


class SaveChannel(Payload):
    """A channel as an agency sets it: the kind and where it leads. The same kind again leads there from now on."""

    kind: Kind
    address: Line = Field(max_length=500, description="An https address, an e-mail address, or a fax number with its country.")


class ChangeChannel(Payload):
    """What is changed of a channel; what is not said stays."""

    address: Line | None = None
    active: bool | None = Field(None, description="Whether anything is sent there.")


class RotateSecret(Payload):
    """A new secret: the one before stays live beside it, until the next; or ends at once, when it may be known."""

    end_others: bool = False


@dataclass(frozen=True)
class Saved:
    """A channel as it is now, and the secret that was made for it, which is told this once."""

    channel: Channel
    secret: str | None = None


@dataclass(frozen=True)
class Tried:
    """What came of a test: how long it took in seconds, and what the receiver said."""

    outcome: Outcome
    seconds: float


def check_who(actor: Actor) -> None:
    """Raises Refused `not-allowed` for who may not set an agency's channels."""
    if not actor.roles & SETTING:
        raise Refused("not-allowed", f"an agency's channels are set by its {' or '.join(sorted(SETTING))}")


def of_agency(agency: UUID) -> list[Channel]:
    """Return an agency's channels by kind."""
    return list(Channel.objects.filter(agency=agency).order_by("kind"))


def one(agency: UUID, kind: str) -> Channel:
    """Return an agency's channel of a kind. Raises Refused `not-found`."""
    found = Channel.objects.filter(agency=agency, kind=kind).first()
    if found is None:
        raise Refused("not-found", f"this agency has no channel [{kind}]")
    return found


def save(agency: UUID, said: SaveChannel, now: dt.datetime) -> Saved:
    """Set where a kind of channel leads; one that is new and signed gets a secret. Raises Refused for a wrong address."""
    address = WAYS[said.kind].check(said.address)
    channel = Channel.objects.filter(agency=agency, kind=said.kind).first()
    if channel:
        return Saved(_changed(channel, now, address=address, active=True))
    secret, kept = keys.made([], now) if WAYS[said.kind].is_signed else (None, [])
    fields = {"address": address, "secrets": kept, "created_at": now, "updated_at": now}
    return Saved(Channel.objects.create(agency_id=agency, kind=said.kind, **fields), secret)


def change(agency: UUID, kind: str, said: ChangeChannel, now: dt.datetime) -> Channel:
    """Change where a channel leads, or whether anything goes there. Raises Refused `not-found`, and for a wrong address."""
    channel = one(agency, kind)
    address = WAYS[kind].check(said.address) if said.address is not None else channel.address
    return _changed(channel, now, address=address, active=channel.active if said.active is None else said.active)


def _changed(channel: Channel, now: dt.datetime, *, address: str, active: bool) -> Channel:
    """Write a channel anew; what it failed at is forgotten, so that it is tried at once."""
    channel.address, channel.active, channel.updated_at = address, active, now
    channel.failing_since, channel.next_try_at, channel.failure = None, None, ""
    channel.save(update_fields=["address", "active", "updated_at", "failing_since", "next_try_at", "failure"])
    return channel


def rotate(agency: UUID, kind: str, said: RotateSecret, now: dt.datetime) -> Saved:
    """Make a new secret of a channel. Raises Refused: `not-found`, `state` for a kind that is not signed."""
    channel = one(agency, kind)
    if not WAYS[kind].is_signed:
        raise Refused("state", f"a channel of the kind [{kind}] has no secret")
    secret, channel.secrets = keys.made([] if said.end_others else channel.secrets, now)
    channel.updated_at = now
    channel.save(update_fields=["secrets", "updated_at"])
    return Saved(channel, secret)


def remove(agency: UUID, kind: str) -> None:
    """Remove a channel; what still waits for it is shown to who sent it. Raises Refused `not-found`."""
    one(agency, kind).delete()


def test(channel: Channel, now: dt.datetime) -> Tried:
    """Send a signed event of a test by a channel at once, and return what came of it. Nothing is recorded.

    Not inside a transaction: it waits for the receiver.
    """
    agency, stream = channel.agency_id, new_id()
    event = record_event.Event.model_construct(
        id=new_id(),
        stream=stream,
        stream_kind="request",
        version=1,
        kind="test",
        occurred=when.instant(now),
        recorded_at=now,
        by_agency=agency,
        by_user=None,
        says=agency,
        data={},
        prev=GENESIS,
        hash=GENESIS,
    )
    start = time.monotonic()
    with WAYS[channel.kind].sender(channel) as send:
        outcome = send(Message(new_id(), agency, agency, event, is_test=True))
    return Tried(outcome, time.monotonic() - start)
