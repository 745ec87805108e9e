"""One event of the record, its canonical form, and the hash chain that a stream of them makes."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any, Final
from uuid import UUID

import rfc8785
from pydantic import AwareDatetime, BaseModel, ConfigDict

from detainer.record.canonical import canonical
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
    recorded_at: AwareDatetime
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
    return hashlib.sha256(canonical({"algorithm": ALGORITHM, **said})).hexdigest()


def sealed(**said: Any) -> Event:
    """Return the event with its hash. Takes every field of Event but `hash`.

    Raises ValueError for a field that is wrong, or for data that JSON cannot say.
    """
    event = Event(**said, hash="")
    return event.model_copy(update={"hash": hash_of(dict(event))})


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, dt.datetime):
        # PostgreSQL keeps microseconds, and gives an instant back in the session's time zone.
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

    A change of any field, a missing event, and an event that was put in are all found; that events at the end are
    missing is seen only against the stream's head. The events may come from storage unchecked (`model_construct`).
    """
    prev, version, stream = GENESIS, 1, None
    for event in events:
        why = _why_broken(event, prev, version, stream or event.stream)
        if why:
            return Broken(event=event.id, stream=event.stream, version=event.version, why=why)
        prev, version, stream = event.hash, version + 1, event.stream
    return None


def _why_broken(event: Event, prev: str, version: int, stream: UUID) -> str | None:
    if event.version != version:
        return f"version {version} is missing: found {event.version}"
    if event.stream != stream:
        return f"belongs to another stream than those before it, [{stream}]"
    if event.prev != prev:
        return "does not name the hash of the event before it"
    if not _is_as_recorded(event):
        return "was changed after it was recorded: its hash is not that of what it says"
    try:
        payload_of(event.stream_kind, event.kind, event.data)
    except ValueError as error:
        return f"does not carry what a [{event.kind}] carries: {error}"
    return None


def _is_as_recorded(event: Event) -> bool:
    try:
        return hash_of(dict(event)) == event.hash
    except (rfc8785.CanonicalizationError, RecursionError, TypeError, ValueError):
        return False  # what has no canonical form was never hashed


def known_at(events: Iterable[Event], at: dt.datetime) -> tuple[Event, ...]:
    """Return the events of one stream (in order of version) that were recorded by the instant `at`: what was known then.

    Always a beginning of the stream, even where a clock stepped back: an event names the one before it, so it was not
    known earlier.
    """
    return tuple(takewhile(lambda event: event.recorded_at <= at, events))


def effective(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return the events as corrected: voided ones left out, changed ones with what stands instead.

    Each correction names one event. What a later one says stands over an earlier one, what it does not say stays as
    the earlier one left it; one without `void` brings a voided event back. The corrections themselves are left out.
    The event that begins a stream is never left out: without it there is no stream to speak of.
    """
    told = tuple(events)
    corrections = [event for event in told if event.kind == "corrected"]
    if not corrections:
        return told
    mends = _mends(corrections)
    return tuple(
        _mended(event, mends.get(event.id, {}))
        for event in told
        if event.kind != "corrected" and (event.version == 1 or not mends.get(event.id, {}).get("void"))
    )


def _mends(corrections: Iterable[Event]) -> dict[UUID, dict[str, Any]]:
    """Return what the corrections of each event say together."""
    mends: dict[UUID, dict[str, Any]] = {}
    for correction in corrections:
        mend = mends.setdefault(UUID(str(correction.data["corrects"])), {})
        mend.update({key: correction.data[key] for key in ("occurred", "data") if correction.data.get(key) is not None})
        mend["void"] = bool(correction.data.get("void"))
    return mends


def _mended(event: Event, mend: Mapping[str, Any]) -> Event:
    instead = {key: mend[key] for key in ("occurred", "data") if key in mend}
    return event.model_copy(update=instead) if instead else event
