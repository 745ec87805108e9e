"""The payloads of a request's events: a detainer, the one thing that two agencies share."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from detainer.record.kinds.noted import Noted
from detainer.record.said import (
    AnswerSaid,
    Ask,
    Basis,
    ChannelKind,
    Choice,
    FacilityCode,
    Form,
    JsonObject,
    Line,
    Occurred,
    Payload,
    PersonId,
    Text,
    WithdrawalReason,
)


def _each_once(asks: tuple[Ask, ...]) -> tuple[Ask, ...]:
    twice = next((ask for ask in asks if asks.count(ask) > 1), None)
    if twice:
        raise ValueError(f"asks for [{twice}] twice: name each ask once")
    return asks


class Lodged(Noted):
    """A request as it was sent."""

    person: PersonId
    custodian: UUID
    facility: FacilityCode
    form: Form
    form_edition: Line | None = Field(None, description="The edition that the form prints, such as 02/17.")
    asks: Annotated[tuple[Ask, ...], AfterValidator(_each_once)] = Field(min_length=1)
    basis: Basis
    prepared_on: Occurred | None = None
    reference: Line | None = Field(None, description="The requester's own number of the request, not of the person.")
    issuing_office: Line | None = Field(
        None, description="The office that issued it: some orders of courts bind some offices only."
    )
    contact: Line | None = Field(None, description="The office and telephone number that answers.")
    relay_requested: bool | None = Field(None, description="I-247A: pass it on to any agency to which the person goes.")
    notify_events_requested: bool | None = Field(None, description="I-247A: tell of death, hospitalisation or transfer.")
    upon_conviction: bool | None = Field(None, description="I-247 before 2015: has effect only once the person is convicted.")
    cancels_prepared_on: Occurred | None = Field(
        None,
        description="The date of the earlier detainer that this form cancels: a weak link, when it is not known which.",
    )
    requester_unit: Literal["civil_enforcement", "criminal_investigation"] = "civil_enforcement"
    replaces: UUID | None = Field(None, description="The request that this one supersedes.")
    priority: Literal["urgent", "routine"] | None = Field(
        None, description="Urgent: an answer within 10 minutes unless another time was agreed; otherwise within 1 hour."
    )


class Delivered(Noted):
    """A request, or what came after it, arrived at an agency (`to`): its channel accepted it."""

    delivery: UUID
    channel: ChannelKind
    to: UUID


class Opened(Payload):
    """Somebody at the agency (`to`) opened or fetched what was delivered."""

    delivery: UUID
    channel: ChannelKind
    to: UUID


class Received(Noted):
    """A named person acknowledges an event (`of`): the user who says so, or who gave the code of the paper or the call."""

    of: UUID
    how: Literal["exchange", "code", "telephone", "paper", "webhook"] = "exchange"
    who: Line | None = Field(None, description="Badge or office of who gave the code, not a name.")


class WillAnswer(Noted):
    """The custodian says until when it will answer: an answer in time until that moment passes."""

    by: Occurred


class ClockFired(Payload):
    """A clock warned, ran out, or fired again because nobody acted. `to` is who was told; `missed` steps were skipped over."""

    clock: Line
    rule: Line
    step: Literal["warning", "due", "reminder", "second_contact", "escalation", "repeat"]
    number: int = Field(ge=1, description="The how manieth firing of this clock it is.")
    due_at: Occurred
    to: UUID
    missed: int = Field(0, ge=0)


class ClockAnswered(Noted):
    """A named person saw to a clock that fired: it does not fire again for what it fired for."""

    clock: Line
    rule: Line


class Consented(Noted):
    """The person was asked in writing and agreed, or did not (an interview; Cal. Gov. Code 7283.1)."""

    ask: Ask = "interview"
    given: bool
    in_writing: bool = True
    language: Line | None = None
    until: Occurred | None = Field(None, description="When the consent ends, where it was given for a time.")


class DocumentMade(Payload):
    """A notice, a letter or a sheet was made from the record; whoever has it can compare its hash."""

    document: UUID
    what: Line
    language: Line
    sha256: Line
    of_version: int = Field(ge=1, description="The version of the stream that it was made from.")


class Acknowledged(Noted):
    """The custodian has the request and, when `stay` is given, the person. Said again, it links another stay.

    The rest is what the part of the I-247A that the holding agency returns asks for.
    """

    stay: UUID | None = None
    booking_number: Line | None = None
    estimated_release: Occurred | None = None
    latest_charge: Line | None = Field(None, description="The latest charge or conviction.")
    latest_charge_on: Occurred | None = None
    matched_on: (
        tuple[Literal["fingerprints", "file_number", "fbi_number", "state_number", "birth", "names", "photograph"], ...] | None
    ) = Field(None, description="Which identifiers of the request agreed with the custodian's; never their values.")


class NotHere(Noted):
    """The person is not in this custodian's custody."""

    reason: Literal["never_here", "released_before", "transferred", "another_person", "not_found"]
    where: Line | None = None


class Served(Noted):
    """A copy was served on the person."""

    how: Literal["in_person", "inmate_mail", "other"]
    language: Line | None = None
    interpreter: bool | None = None
    served_by: Line | None = Field(None, description="Badge or office, not a name.")


class Answered(Payload):
    """What the law says to each ask on the facts known then, with the versions to derive it again."""

    on: Occurred
    place: Line
    facts: JsonObject
    answers: dict[Ask, AnswerSaid]
    versions: dict[Line, Line]


class DecisionProposed(Noted):
    """One person's decision against the law's answer: without effect until a second person confirms it."""

    ask: Ask
    choice: Choice
    answer: AnswerSaid
    reason: Text


class Decided(Noted):
    """The custodian's decision on one ask, with the answer it was made on."""

    ask: Ask
    choice: Choice
    answer: AnswerSaid
    against_answer: bool = False
    reason: Text | None = None
    proposal: UUID | None = Field(None, description="The proposal that a second person confirmed.")
    second_person: UUID | None = None


class NoticeGiven(Noted):
    """The requester was told: of a release, a transfer, a hospitalisation or a death."""

    of: Literal["release", "transfer", "hospital", "death"] = "release"
    at: Occurred | None = Field(None, description="When it will happen.")
    place: Line | None = None
    how: Literal["exchange", "telephone", "email", "fax", "in_person"] = "exchange"
    reached: Line | None = Field(None, description="Who took the call or the message: badge or office, not a name.")


class NoticeReceived(Noted):
    """The requester has the notice."""

    notice: UUID
    will_come: bool | None = None
    comes_at: Occurred | None = Field(None, description="When somebody will be there to take custody.")


class DeadlineSaid(Payload):
    """A deadline as it was computed."""

    kind: Line
    rule: Line
    due_at: Occurred
    governs: bool
    arithmetic: Text


class HoldStarted(Noted):
    """Held past the moment of release."""

    release_due: Occurred
    deadlines: tuple[DeadlineSaid, ...]


class HoldEnded(Noted):
    """The hold is over."""

    reason: Literal["handed_over", "deadline", "court_order", "withdrawn", "citizen", "wrong_person", "transferred", "other"]


class HandedOver(Noted):
    """The requester took custody."""

    place: Line | None = None
    to_officer: Line | None = Field(None, description="Badge or office, not a name.")
    papers: tuple[Literal["I-200", "I-205", "I-203", "I-216", "judicial_warrant", "other"], ...] = ()
    held: bool = Field(False, description="Whether the person was kept past the moment of release for it.")
    against_duty: Text | None = Field(None, description="Why it went on over another's warrant of a judge, or an open claim.")
    over_warrants: tuple[UUID, ...] | None = Field(
        None, description="The requests whose judge-signed warrants the reason is about."
    )


class Relayed(Noted):
    """Passed on to the custodian to whom the person went: the same request, a new leg."""

    custodian: UUID
    facility: FacilityCode
    reason: Literal["person_transferred", "misdirected"] = "person_transferred"


class Cancelled(Noted):
    """The requester withdraws the request."""

    reason: WithdrawalReason


class CancelReceived(Noted):
    """The custodian has the cancellation."""

    cancel: UUID


class Contested(Noted):
    """A claim against the request: it opens a duty to check, on both sides."""

    ground: Literal["citizenship", "identity", "minority", "victim", "other"]
    claimed_by: Literal["person", "counsel", "custodian", "other"]


class ContestAnswered(Noted):
    """The answer to a claim."""

    contest: UUID
    result: Literal["upheld", "rejected", "still_checking"]


class Stated(Payload):
    """An account or a comment by somebody; a statement is not a finding."""

    claim: Literal["honoured", "not_honoured", "no_comment", "other"] = "other"
    about: UUID | None = Field(None, description="The event that the statement is about.")
    confirms: bool | None = Field(None, description="Whether it confirms (or denies) that event.")
    text: Text | None = None


class Corrected(Payload):
    """A mistake mended: names the event, and gives what stands instead (or that nothing does).

    What it does not give stands as it was; `data` is the whole payload. Without any of them it withdraws a void.
    """

    corrects: UUID
    reason: Text
    void: bool = False
    occurred: Occurred | None = None
    data: JsonObject | None = None


class Closed(Noted):
    """No more is to come."""

    cause: Literal[
        "released",
        "died",
        "passed_on",
        "superseded",
        "duplicate",
        "cancelled",
        "handed_over",
        "not_in_custody",
        "other",
    ]
    stay: UUID | None = None
    notice_given: bool | None = None
