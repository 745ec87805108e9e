"""What a command, a feed and a probe reply."""

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from detainer.record.event import Event


class Done(BaseModel):
    """What a command did: the stream it began or acted on, its version now, the events that were added."""

    id: UUID
    version: int
    events: list[UUID]


class Batch(BaseModel):
    """What a batch did: how many stays were booked, how many were known, the ids of the new ones in order of the lines."""

    booked: int
    known: int
    ids: list[UUID]


class Expunged(BaseModel):
    """An identity that is destroyed: what happened stays recorded, whose it was does not."""

    person: UUID
    destroyed_at: dt.datetime
    destroyed_under: str


class Told(BaseModel):
    """The events of a stream, and what they added up to: all of them, or those that were recorded by the instant `as_of`."""

    as_of: dt.datetime | None
    events: list[Event]
    view: dict[str, Any] | None = Field(description="What they add up to; null when nothing was recorded yet.")


class Feed(BaseModel):
    """A page of the feed. `next` is always a cursor: the same one again when there is nothing new."""

    events: list[Event]
    next: str


class Ready(BaseModel):
    """Whether the exchange can serve."""

    status: Literal["ready", "not_ready"]
    version: str
    database: Literal["reachable", "unreachable"]
    migrations: Literal["at_head", "behind", "unknown"]
    oldest_undelivered_seconds: float | None
