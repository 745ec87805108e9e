"""One event of the record, its canonical form, and the hash chain that a stream of them makes."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import rfc8785
from pydantic import BaseModel, ConfigDict, ValidationError

from detainer.record.kinds import KINDS
from detainer.record.said import Occurred, Payload, Stream

ALGORITHM: Final = "sha256-rfc8785-1"  # named in every hash, so that another can follow it
GENESIS: Final = "0" * 64


class Event(BaseModel):
    """Something that happened: what, when it occurred, when it was recorded, who says so.

    `by_agency` did it (as `says` tells it), `by_user` recorded it, `says` is the agency whose statement it is.
    `data` is the payload of its kind as JSON; it names nobody.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    stream: UUID
    stream_kind: Stream
    version: int
    kind: str
    occurred: Occurred
    recorded_at: dt.datetime
    by_agency: UUID
    by_user: UUID | None
    says: UUID
    data: dict[str, Any]
    prev: str
    hash: str

    @property
    def is_confirmed(self) -> bool:
        """True when the agency that did it says so itself."""
        return self.says == self.by_agency

    def payload(self) -> Payload:
        """Return the payload as the model of its kind."""
        return KINDS[self.stream_kind][self.kind].model_validate(self.data)


def payload_of(stream_kind: Stream, kind: str, data: Mapping[str, Any]) -> Payload:
    """Return the payload that `data` makes for an event kind.

    Raises ValueError for a kind that the stream does not have (with those it has), and pydantic's ValidationError for
    data that the kind does not take.
    """
    kinds = KINDS[stream_kind]
    if kind not in kinds:
        raise ValueError(f"[{kind}] is no event of a {stream_kind}: it has {', '.join(kinds)}")
    return kinds[kind].model_validate(dict(data))


def hash_of(event: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, over the canonical JSON (RFC 8785) of everything an event says, `prev` included."""
    said = {key: _plain(value) for key, value in event.items() if key != "hash"}
    return hashlib.sha256(rfc8785.dumps({"algorithm": ALGORITHM, **said})).hexdigest()


def sealed(**said: Any) -> Event:
    """Return the event with its hash. Takes every field of Event but `hash`."""
    return Event(**said, hash=hash_of(said))


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return value


class Broken(BaseModel):
    """Where a chain does not hold, and why."""

    model_config = ConfigDict(frozen=True)

    event: UUID
    stream: UUID
    version: int
    why: str


def broken(events: Iterable[Event]) -> Broken | None:
    """Return the first event of one stream (in order of version) that does not fit the chain, or None when it is whole.

    A change of any field, a missing event, and an event that was put in are all found.
    """
    prev, version = GENESIS, 1
    for event in events:
        said = event.model_dump()
        why: str | None
        if event.version != version:
            why = f"version {version} is missing: found {event.version}"
        elif event.prev != prev:
            why = "does not name the hash of the event before it"
        elif hash_of(said) != event.hash:
            why = "was changed after it was recorded: its hash is not that of what it says"
        else:
            why = _not_of_its_kind(event)
        if why:
            return Broken(event=event.id, stream=event.stream, version=event.version, why=why)
        prev, version = event.hash, version + 1
    return None


def _not_of_its_kind(event: Event) -> str | None:
    try:
        payload_of(event.stream_kind, event.kind, event.data)
    except (ValidationError, ValueError) as error:
        return f"does not carry what a [{event.kind}] carries: {error}"
    return None


def known_at(events: Iterable[Event], at: dt.datetime) -> tuple[Event, ...]:
    """Return the events that were recorded by the instant `at`: what was known then."""
    return tuple(event for event in events if event.recorded_at <= at)


def effective(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return the events as corrected: voided ones left out, changed ones with what stands instead.

    Each correction names one event; the last one recorded rules. The corrections themselves are left out.
    """
    told = tuple(events)
    corrections = {UUID(str(event.data["corrects"])): event.data for event in told if event.kind == "corrected"}
    kept = []
    for event in told:
        mend = corrections.get(event.id)
        if event.kind == "corrected" or (mend and mend.get("void")):
            continue
        if mend:
            instead = {key: mend[key] for key in ("occurred", "data") if mend.get(key) is not None}
            event = event.model_copy(update=instead)
        kept.append(event)
    return tuple(kept)
