"""The small words that payloads are built from: bounded texts, the closed lists of the field, the papers of a request."""

import datetime as dt
from typing import Annotated, Any, Final, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from detainer.record import when
from detainer.record.plain import line_ends, one_line, printable, same_everywhere


def _edtf(text: str) -> str:
    when.parse(text)
    return text


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(printable),
    AfterValidator(one_line),
]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(line_ends),
    AfterValidator(printable),
]
Occurred = Annotated[str, StringConstraints(min_length=4, max_length=64), AfterValidator(_edtf)]
FacilityCode = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z0-9]{3,12}$")]

Stream = Literal["stay", "file", "request"]
Ask = Literal["notify", "hold", "transfer", "share", "interview"]
ASKS: Final[tuple[Ask, ...]] = get_args(Ask)

Form = Literal["I-247A", "I-247G", "I-247D", "I-247N", "I-247X", "I-247", "other"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)
# They neither ask for nor authorise a hold (process.md section 2).
NOTIFY_ONLY: Final[frozenset[Form]] = frozenset({"I-247G", "I-247N"})

ChannelKind = Literal["inbox", "webhook", "email", "second_email", "fax", "paper"]
Warrant = Literal["none", "administrative", "judicial_civil", "judicial_criminal"]
ProbableCause = Literal["final_order", "pending_proceedings", "biometric", "statements"]
Choice = Literal["honour", "decline"]
AnswerValue = Literal["must", "may", "must_not", "needs_facts", "conflict", "ask_counsel"]
ReleaseCause = Literal["bail_posted", "charges_dropped", "sentence_served", "court_order", "other"]
WithdrawalReason = Literal[
    "citizen",
    "not_removable",
    "discretion",
    "case_closed",
    "could_not_come",
    "superseded",
    "duplicate",
    "sent_in_error",
]


class Payload(BaseModel):
    """What every payload shares: frozen, and a key that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Basis(Payload):
    """The papers of a request (I-247A parts 1 and 2; process.md section 3). What is not said is unknown."""

    warrant: Warrant | None = Field(
        None, description="The warrant that came with the request; administrative is an I-200 or I-205."
    )
    warrant_form: Literal["I-200", "I-205"] | None = None
    warrant_signed_by: Line | None = None
    warrant_dated: dt.date | None = None
    probable_cause: tuple[ProbableCause, ...] | None = Field(None, description="Boxes of part 1; an empty list: none is ticked.")
    dhs_transferred_custody: bool = Field(
        False, description="Part 2: DHS handed the person over for a proceeding and means to take them back."
    )


class Charge(Payload):
    """A charge as the custodian booked it. An allegation, not a finding."""

    offence: Line
    statute: Line | None = None
    level: Literal["felony", "misdemeanor", "infraction"] | None = None
    probable_cause_found: bool | None = None


class RuleSaid(Payload):
    """A rule that governed an answer, as it was cited at the time."""

    id: Line
    cite: Text
    source: Text | None = None
    confidence: Line | None = None
    sentence: Text | None = None


class LimitSaid(Payload):
    """A limit of time, or a duty with one, as the law gave it with an answer: what a clock is made from.

    Minutes, hours or days from `starts_at`, or `until` a moment of that day; `backward` counts to it, not from it.
    """

    id: Line
    what: Line = Field(description="limit, outer_bound, lead_time, or the kind of a duty such as serve_copy.")
    actor: Line
    text: Text
    starts_at: Line
    minutes: int | None = None
    hours: int | None = None
    days: int | None = None
    until: Line | None = None
    direction: Literal["forward", "backward"] = "forward"
    excludes: tuple[Line, ...] = ()
    cite: Text | None = None
    source: Text | None = None


class AnswerSaid(Payload):
    """The law's answer to one ask as it was given: kept so that it can be derived again."""

    value: AnswerValue
    rules: tuple[RuleSaid, ...] = ()
    missing: tuple[Line, ...] = ()
    notes: tuple[Text, ...] = ()
    limits: tuple[LimitSaid, ...] = ()


JsonObject = Annotated[dict[str, Any], AfterValidator(same_everywhere)]
PersonId = Annotated[UUID, Field(description="Who the person is stands in each agency's own identity row, never here.")]
