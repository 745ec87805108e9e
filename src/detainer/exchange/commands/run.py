"""Carries a command out: checks who gives it, loads, acts, commits; at most once for an idempotency key."""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

import rfc8785
from django.db import IntegrityError, OperationalError
from pydantic import ValidationError

from detainer.exchange import refusals, writing
from detainer.exchange.commands.registry import BEGINNERS, Command
from detainer.exchange.models import IdempotencyKey
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting
from detainer.exchange.work import Overtaken, Work
from detainer.record.canonical import canonical
from detainer.record.said import Payload

T = TypeVar("T")
TRIES: Final = 3
_ENVELOPE: Final = ("occurred", "version")


@dataclass(frozen=True)
class Done:
    """What a command did: the stream, its version now, and the events that were added."""

    stream: UUID
    version: int
    events: tuple[UUID, ...]
    replayed: bool = False

    def reply(self) -> dict[str, Any]:
        """Return it as JSON, as the API replies and as an idempotency key keeps it."""
        return {"id": str(self.stream), "version": self.version, "events": [str(event) for event in self.events]}


def perform(
    actor: Actor,
    command: Command,
    data: Mapping[str, Any],
    *,
    now: dt.datetime,
    stream: UUID | None = None,
) -> Done:
    """Carry out a command in a transaction of its own, with `data` as the door got it (payload, `occurred`, `version`).

    Raises Refused, and has then written nothing.
    """
    return perform_once(actor, command, data, now=now, stream=stream, key=None)


def perform_once(
    actor: Actor,
    command: Command,
    data: Mapping[str, Any],
    *,
    now: dt.datetime,
    stream: UUID | None = None,
    key: str | None,
) -> Done:
    """Carry out a command at most once for `key`: the same key with the same body gives the first reply again.

    Raises Refused: `key-reused` when the key was used for another body, and whatever the command refuses.
    """

    def once() -> Done:
        with acting(actor.agency, actor.user):
            return _perform(actor, command, data, now, stream, key)

    return in_turn(once)


def in_turn(once: Callable[[], T]) -> T:
    """Do a transaction, again where another got there first in a way that the next try sees or does not meet."""
    for attempt in range(TRIES):
        try:
            return once()
        except Overtaken:
            if attempt == TRIES - 1:
                raise
        except IntegrityError as error:
            if attempt == TRIES - 1 or not _a_race(error):
                raise
        except OperationalError as error:
            if attempt == TRIES - 1 or getattr(error.__cause__, "sqlstate", None) != "40P01":
                raise
    raise AssertionError("the last try returns or raises")


def _a_race(error: IntegrityError) -> bool:
    """Return whether another transaction got there first with the same key or booking number: then the next try sees it."""
    return any(name in str(error) for name in ("idempotency_key_once", "stay_booking_number_once", "event_once_per_version"))


def _perform(
    actor: Actor, command: Command, data: Mapping[str, Any], now: dt.datetime, stream: UUID | None, key: str | None
) -> Done:
    body_hash = _hash(command, stream, data) if key else ""
    if key:
        before = IdempotencyKey.objects.filter(agency=actor.agency, key=key).first()
        if before:
            return _replayed(before, body_hash)
    work = Work(actor, now)
    done = carry_out(work, command, data, stream)
    work.commit()
    if key:
        kept = {"body_hash": body_hash, "status": 200, "reply": done.reply(), "created_at": now}
        writing.insert(IdempotencyKey, [{"agency_id": actor.agency, "key": key, **kept}])
    return done


def _replayed(before: IdempotencyKey, body_hash: str) -> Done:
    if before.body_hash != body_hash:
        raise Refused(
            "key-reused", "this Idempotency-Key was used for a command with another body: use a new key for a new command"
        )
    reply = before.reply
    return Done(UUID(reply["id"]), reply["version"], tuple(UUID(event) for event in reply["events"]), replayed=True)


def _hash(command: Command, stream: UUID | None, data: Mapping[str, Any]) -> str:
    said = {"command": f"{command.stream}.{command.name}", "stream": str(stream), "data": dict(data)}
    try:
        return hashlib.sha256(canonical(said)).hexdigest()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise Refused("invalid", f"the body is not JSON that can be kept: {error}") from error


def carry_out(work: Work, command: Command, data: Mapping[str, Any], stream: UUID | None) -> Done:
    """Check who gives a command and what it says, and let it act on the unit of work; the caller commits."""
    actor = work.actor
    occurred, version, said = _opened(command, data)
    if not actor.roles & command.roles:
        needed = ", ".join(sorted(command.roles))
        raise Refused("not-allowed", f"[{command.name}] takes the role {needed}")
    if command.begins:
        if not actor.kinds & BEGINNERS[command.stream]:
            needed = " or ".join(sorted(BEGINNERS[command.stream]))
            raise Refused("not-allowed", f"only a {needed} can begin a {command.stream}")
        stream = command.act(work, said, occurred)
    else:
        if stream is None:
            raise Refused("not-found", f"[{command.name}] acts on a {command.stream}: name it")
        view = getattr(work, command.stream)(stream, version)
        _check_side(work, command, view)
        command.act(work, view, said, occurred)
    held = work.held[stream]
    return Done(stream, held.read_version + len(held.added), tuple(event.id for event in held.added))


def _opened(command: Command, data: Mapping[str, Any]) -> tuple[str | None, int | None, Payload]:
    """Return when it occurred, the version it was made on, and the payload. Raises Refused `invalid`."""
    occurred, version = data.get("occurred"), data.get("version")
    own = set(command.takes.model_fields)
    if occurred is not None and not isinstance(occurred, str):
        raise refusals.one_field("occurred", "a text such as 2024-01-29T09:30-05:00")
    if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
        raise refusals.one_field("version", "the whole number of the version that the command was made on")
    rest = {name: value for name, value in data.items() if name in own or name not in _ENVELOPE}
    try:
        said = command.takes.model_validate(rest)
    except ValidationError as error:
        raise refusals.invalid(error) from error
    return (None if "occurred" in own else occurred), version, said


def _check_side(work: Work, command: Command, view: Any) -> None:
    """Refuse who reads a stream but takes no part in it (oversight), and who is not on the command's side of it."""
    agency, parties = work.actor.agency, work.held[view.id].parties
    if agency not in parties:
        raise Refused("not-allowed", f"this agency may read the {command.stream}, not write to it")
    if command.side == "party":
        return
    side = parties[0] if command.side == "owner" else getattr(view, command.side)
    if side != agency:
        raise Refused("not-allowed", f"[{command.name}] is the {command.side}'s to say")
