"""What replies look like: the models that the OpenAPI document shows. shaping.py puts the rows of the tables into them."""

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from detainer import law
from detainer.law.reading import LayerShown
from detainer.law.voided import Voided
from detainer.record.event import Event
from detainer.record.reconciling import Change, Entry, Sums
from detainer.record.release_check import Check
from detainer.record.views import FileView, RequestView, StayView


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


class AgencyShown(BaseModel):
    """An agency of the directory."""

    id: UUID
    key: str
    name: str
    kinds: list[str]
    jurisdiction: str
    ori: str
    enrolled: bool
    contact: str
    rules_adopted_by: str


class Agencies(BaseModel):
    """A page of agencies, by key."""

    agencies: list[AgencyShown]
    next: str | None


class Me(BaseModel):
    """Who the token acts for, and as what."""

    agency: AgencyShown
    user: UUID | None
    roles: list[str]


class AgreementShown(BaseModel):
    """What two agencies proposed or agreed on: how soon what is due. In force from the moment the other side agreed to it."""

    id: UUID
    custodian: UUID
    requester: UUID
    by_agency: UUID
    agrees_to: UUID | None = Field(description="The proposal that this agrees to; null: it is a proposal.")
    agreed: bool = Field(description="Whether it is an agreement, or a proposal to which the other side has agreed.")
    urgent_minutes: int
    routine_minutes: int
    receipt_minutes: int
    contest_hours: int
    purposes: str
    recorded_at: dt.datetime


class Agreements(BaseModel):
    """Everything that an agency proposed, was proposed, or agreed to, the latest first."""

    agreements: list[AgreementShown]


class LawLayerShown(BaseModel):
    """An entry of an agency's own law: a layer that it adopted for a place, or (`withdrawn`) that it has none from a day on."""

    id: UUID
    place: str
    from_day: dt.date
    withdrawn: bool
    in_force: bool = Field(description="Whether answers of the day `on` rest on it.")
    hash: str = Field(description="SHA-256 of the text: what the `versions.layers` of an answer name it by.")
    text: str
    adopted_by: str = Field(description="Who adopted or withdrew it.")
    note: str
    recorded_at: dt.datetime


class LawLayers(BaseModel):
    """Everything that an agency ever entered of its own law, the latest first."""

    agency: UUID
    on: dt.date
    layers: list[LawLayerShown]


class LawLayerLooked(BaseModel):
    """A layer as it would stand: its rules as sentences, and which of them are without effect under the law above."""

    place: str
    text: str
    layer: LayerShown
    voided: list[Voided]


class FacilityBrief(BaseModel):
    """What tells a facility from others."""

    code: str
    name: str
    kind: str
    city: str
    county: str
    state: str
    enrolled: bool


class FacilityFound(FacilityBrief):
    """A facility that was found; `same_named` are others of its name, so that the right one is chosen."""

    same_named: list[FacilityBrief]


class Facilities(BaseModel):
    """The first facilities that a search finds; `warning` tells that some of them share a name."""

    facilities: list[FacilityFound]
    warning: str | None


class FacilityShown(FacilityFound):
    """A facility; `same_named` are also those that serve a county of the same name in another state."""

    agency: UUID | None
    jurisdiction: str
    zone: str
    source: str


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


class ChannelShown(BaseModel):
    """A channel of the agency: where it leads, whether it is on, since when nothing arrives there."""

    kind: str
    address: str
    active: bool
    secrets: list[dt.datetime] = Field(description="When each live secret was made, the newest first.")
    failing_since: dt.datetime | None
    next_try_at: dt.datetime | None
    failure: str
    updated_at: dt.datetime


class Channels(BaseModel):
    """The agency's channels by kind."""

    channels: list[ChannelShown]


class ChannelSaved(ChannelShown):
    """A channel as it is now; a secret that was made is told this once."""

    secret: str | None


class ChannelTried(BaseModel):
    """What came of a test: accepted, or why not, and what the receiver replied."""

    accepted: bool
    failure: str | None
    said: str
    reply: str
    seconds: float


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


class EntryShown(Entry):
    """A request, or a leg of it, with why the two sides' books differ on it; empty when they agree."""

    why: str


class ReconciliationSigned(BaseModel):
    """One side's signature under a reconciliation."""

    id: UUID
    custodian: UUID
    requester: UUID
    from_day: dt.date
    until_day: dt.date = Field(description="The first day after the period.")
    sha256: str
    agency: UUID
    signed_at: dt.datetime


class SignatureShown(BaseModel):
    """A signature, whether it is of what stands now, and what changed since when it is not."""

    id: UUID
    agency: UUID
    signed_at: dt.datetime
    sha256: str
    stands: bool
    changes: list[Change]


class HoldAgainstRequest(BaseModel):
    """A live request and a hold under it as they are now; a hold without a live request is an `alarm`."""

    request: UUID
    reference: str
    facility: str
    live: bool
    holding: bool
    held_since: str | None
    must_end_by: dt.datetime | None
    alarm: bool


class ReconciliationShown(BaseModel):
    """What a requester sent a custodian in a period against what the other received; `sha256` is what a signature names."""

    custodian: UUID
    requester: UUID
    from_day: dt.date
    until_day: dt.date = Field(description="The first day after the period.")
    sha256: str
    sums: Sums
    entries: list[EntryShown]
    signatures: list[SignatureShown]
    holds: list[HoldAgainstRequest]


class Reconciliations(BaseModel):
    """The reconciliation that was asked for, and the signatures that the agency may see, the latest first."""

    reconciliation: ReconciliationShown | None
    signed: list[ReconciliationSigned]


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
