"""A case: who it is about, requests with their clocks and deliveries, stays, files."""

import datetime as dt
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from detainer import law
from detainer.api.shapes.replies import Done
from detainer.record.event import Event
from detainer.record.release_check import Check
from detainer.record.views import FileView, RequestView, StayView


class IdentityShown(BaseModel):
    """Who a person is, as the caller's own agency knows it; empty once it was destroyed."""

    person: UUID
    name: str
    date_of_birth: dt.date | None
    sex: str
    citizenship: str
    numbers: dict[str, str]
    shared_by: UUID
    destroyed_at: dt.datetime | None
    destroyed_under: str


class DeadlineShown(BaseModel):
    """A clock that runs; of several for one thing the one that governs is said."""

    kind: str
    rule: str
    label: str
    starts_at: dt.datetime
    due_at: dt.datetime
    governs: bool
    open: bool
    arithmetic: str
    cite: str
    source: str
    agency: UUID = Field(description="Whose clock it is: who must act before it runs out.")
    fired: int = Field(description="How often it has fired for this moment: warned, run out, repeated.")
    next_fire_at: dt.datetime | None = Field(description="When it fires next; null: it does not, or somebody has seen to it.")


class DeliveryShown(BaseModel):
    """An event on its way: the moments at which it was made, arrived, was opened by a person, and was answered for."""

    id: UUID
    event: UUID
    request: UUID
    kind: str
    from_agency: UUID
    to_agency: UUID
    channel: str
    created_at: dt.datetime
    delivered_at: dt.datetime | None
    opened_at: dt.datetime | None
    opened_by: UUID | None
    needs_person: bool


class DeliverySent(DeliveryShown):
    """A delivery as its sender sees it: how often it was tried, when it is tried next, why the last try failed."""

    attempts: int
    next_try_at: dt.datetime | None
    failing_since: dt.datetime | None = Field(description="Since when nothing arrives at its receiver by this channel.")
    failure: str
    reply_head: str = Field(description="The beginning of what the receiver last replied.")


class Sent(BaseModel):
    """A page of what was sent, the latest first."""

    deliveries: list[DeliverySent]
    next: str | None


class ReceiptShown(BaseModel):
    """A receipt that is recorded: for which event of which request, and since when; `is_new` when this call gave it."""

    request: UUID
    event: UUID
    recorded_at: dt.datetime
    is_new: bool


class DeliveryLadder(DeliveryShown):
    """A delivery with the event that answered for it: an acknowledgement, the receipt of a notice or of a cancellation."""

    acknowledged_at: dt.datetime | None


class DeliveryWithEvent(DeliveryShown):
    """A delivery with what it carries."""

    carries: Event


class Inbox(BaseModel):
    """A page of what arrived, the latest first."""

    deliveries: list[DeliveryShown]
    next: str | None


class RequestRow(BaseModel):
    """A request in a list."""

    id: UUID
    version: int
    state: str
    outcome: str
    person: UUID
    requester: UUID
    custodian: UUID
    facility: str
    stay: UUID | None
    form: str
    reference: str
    asks: list[dict[str, Any]] = Field(description="Per ask: the law's answer, the decision, what became of it.")
    live: bool
    undecided: int
    lodged: str
    lodged_at: dt.datetime


class Requests(BaseModel):
    """A page of requests, the latest first."""

    requests: list[RequestRow]
    next: str | None


class RequestShown(BaseModel):
    """A request as it stands."""

    request: RequestView
    identity: IdentityShown | None
    deadlines: list[DeadlineShown]
    deliveries: list[DeliveryLadder]


class AnswersShown(BaseModel):
    """The law's whole answer to each ask, today at the facility, on the facts that the record holds."""

    request: UUID
    on: dt.date
    answers: list[law.Answer]


class StayRow(BaseModel):
    """A stay in a list."""

    id: UUID
    version: int
    state: str
    custodian: UUID
    facility: str | None
    person: UUID | None
    booking_number: str
    in_custody: bool
    began_at: dt.datetime | None
    release_planned: str
    release_due_at: dt.datetime | None
    ended: str


class Stays(BaseModel):
    """A page of stays, the latest first."""

    stays: list[StayRow]
    next: str | None


class StayShown(BaseModel):
    """A stay as it stands, and the requests that are linked to it."""

    stay: StayView
    identity: IdentityShown | None
    requests: list[UUID]


class ReleaseCheckShown(Check):
    """What a release would leave undone: duties take a reason to go on against, a judge's warrant one that names it."""

    owed: bool = Field(description="Whether going on takes a reason.")


class ReleaseChecked(Done):
    """A check that was recorded on the stay, and what it found; null when the person has left since, for a reply given again."""

    check: ReleaseCheckShown | None


class FileRow(BaseModel):
    """A file in a list."""

    id: UUID
    version: int
    state: str
    requester: UUID
    person: UUID | None


class Files(BaseModel):
    """A page of files, the latest first."""

    files: list[FileRow]
    next: str | None


class FileShown(BaseModel):
    """A file as it stands."""

    file: FileView
    identity: IdentityShown | None
