"""What each document shows: frozen models of plain data, in no language."""

from typing import Final

from pydantic import BaseModel, ConfigDict

from detainer.documents.moments import Moment


class Frozen(BaseModel):
    """Frozen: the same content makes the same bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Head(Frozen):
    """What every page says: the reference, whose paper it is, who adopted its rules, how the record stood.

    `mark` is drawn from a key that only the exchange has: without the paper nobody can make its bytes to test a guess
    (of a name that was destroyed) against the hash that the record keeps.
    """

    reference: str
    mark: str = ""
    agency: str
    rules_adopted_by: str = ""
    as_of: Moment | None = None


class Party(Frozen):
    """An agency, and the office that answers for it."""

    name: str
    contact: str = ""


class Place(Frozen):
    """A facility: its name, its code, the county and state."""

    name: str
    code: str
    where: str = ""


class Number(Frozen):
    """A number that an agency knows a person by."""

    kind: str
    value: str


class Person(Frozen):
    """A person, as the agency whose paper it is knows them. An empty name: it is not held (any more)."""

    name: str = ""
    born: Moment | None = None
    sex: str = ""
    citizenship: str = ""
    numbers: tuple[Number, ...] = ()


class About(Frozen):
    """What tells one request from another: the person, the two sides, the facility, the form."""

    person: Person
    requester: Party
    custodian: Party
    facility: Place
    form: str
    lodged: Moment
    their_reference: str = ""
    booking_number: str = ""


class Basis(Frozen):
    """The papers of a request; None is not said."""

    warrant: str | None = None
    warrant_form: str | None = None
    signed_by: str = ""
    dated: Moment | None = None
    probable_cause: tuple[str, ...] | None = None
    dhs_transferred_custody: bool = False


class Returned(Frozen):
    """What the custodian returned (I-247A, the part for the holding agency)."""

    booking_number: str = ""
    release: Moment | None = None
    charge: str = ""
    charged: Moment | None = None
    served: Moment | None = None


class RequestSheet(Frozen):
    """The fields of a request (process.md section 3) in our own plain form."""

    head: Head
    about: About
    asks: tuple[str, ...]
    basis: Basis
    unit: str
    priority: str = "routine"
    form_edition: str = ""
    prepared: Moment | None = None
    office: str = ""
    relay: bool | None = None
    events: bool | None = None
    upon_conviction: bool | None = None
    cancels: Moment | None = None
    replaces: str = ""
    note: str = ""
    returned: Returned = Returned()


class Rule(Frozen):
    """A rule that an answer rests on, as it was cited."""

    cite: str
    sentence: str = ""
    source: str = ""


class AskRow(Frozen):
    """One part of a request: the law's answer and its rules, the decision and its reason."""

    ask: str
    answer: str | None = None
    rules: tuple[Rule, ...] = ()
    missing: tuple[str, ...] = ()
    choice: str | None = None
    decided: Moment | None = None
    reason: str = ""
    against_answer: bool = False
    proposal_waits: bool = False


class AnswerLetter(Frozen):
    """The custodian's answer, a row per ask."""

    head: Head
    about: About
    place: str
    law_day: Moment | None
    rows: tuple[AskRow, ...]
    served: Moment | None = None


class ReleaseNotice(Frozen):
    """The notice of a release, a transfer, a stay in hospital or a death; `of` None: none was given."""

    head: Head
    about: About
    of: str | None = None
    at: Moment | None = None
    place: str = ""
    given: Moment | None = None
    how: str | None = None
    reached: str = ""
    note: str = ""
    replied: Moment | None = None
    will_come: bool | None = None
    comes_at: Moment | None = None


class Call(Frozen):
    """Whom to call: `who` names a sentence of the language (here, there, ice)."""

    who: str
    name: str = ""
    number: str = ""


class NoticeToPerson(Frozen):
    """What was asked about a person, what the law here says, what was decided, how to contest it, whom to call."""

    head: Head
    about: About
    warrant: str | None
    rows: tuple[AskRow, ...]
    calls: tuple[Call, ...]


class PaperServed(Frozen):
    """A paper that was given to the person, and its hash."""

    what: str
    language: str
    sha256: str


class ProofOfService(Frozen):
    """What was served on the person, when, how, by whom; `served` None: it is yet to be."""

    head: Head
    about: About
    papers: tuple[PaperServed, ...] = ()
    served: Moment | None = None
    how: str | None = None
    language: str = ""
    interpreter: bool | None = None
    served_by: str = ""


class Consent(Frozen):
    """What a person answered to the question of an interview."""

    given: bool
    at: Moment
    until: Moment | None = None


class ConsentForm(Frozen):
    """The question whether a person agrees to an interview, to be answered in writing (as Cal. Gov. Code 7283.1 asks)."""

    head: Head
    about: About
    consent: Consent | None = None


class Clock(Frozen):
    """A clock with its arithmetic, as the record keeps it."""

    kind: str
    rule: str
    due: Moment
    governs: bool
    arithmetic: str


class Entry(Frozen):
    """A line of a log: `what` is a kind of event, `filled` the codes that its words name."""

    at: Moment
    what: str
    who: str
    filled: dict[str, str] = {}
    note: str = ""


class HoldLog(Frozen):
    """A hold from the moment of release to its end, with its clocks."""

    head: Head
    about: About
    release_due: Moment | None = None
    started: Moment | None = None
    served: Moment | None = None
    ended: Moment | None = None
    reason: str | None = None
    clocks: tuple[Clock, ...] = ()
    entries: tuple[Entry, ...] = ()


class HandOverRecord(Frozen):
    """Who handed whom over to whom, where, on what papers; `at` None: a form to fill in."""

    head: Head
    about: About
    at: Moment | None = None
    place: str = ""
    officer: str = ""
    papers: tuple[str, ...] = ()
    held: bool | None = None
    release_due: Moment | None = None
    hold_started: Moment | None = None
    notice: Moment | None = None
    note: str = ""


class ReconciliationRow(Frozen):
    """A request as both sides have it; `difference` is a code of the languages' `differences`, `why` says more of it."""

    reference: str
    lodged: Moment
    received: Moment | None = None
    opened: Moment | None = None
    answered: Moment | None = None
    outcome: str = "open"
    difference: str | None = None
    why: str = ""


class Signature(Frozen):
    """A side that signed a reconciliation."""

    who: str
    at: Moment


class ReconciliationSheet(Frozen):
    """What one agency sent another in a period against what the other received; `last` is the last day of the period."""

    head: Head
    requester: Party
    custodian: Party
    first: Moment
    last: Moment
    rows: tuple[ReconciliationRow, ...]
    sha256: str
    signatures: tuple[Signature, ...] = ()


class CoverSheet(Frozen):
    """The first page of a fax or a packet: what it is and how to acknowledge it. It names no person."""

    head: Head
    sender: Party
    receiver: Party
    facility: Place
    subject: str
    recorded: Moment
    reference: str
    code: str
    address: str = ""
    telephone: str = ""


class PrintPacket(Frozen):
    """A request to hand over on paper: the cover, the request, and a form to answer by hand."""

    cover: CoverSheet
    request: RequestSheet


KINDS: Final[dict[str, type[BaseModel]]] = {
    "request_sheet": RequestSheet,
    "answer_letter": AnswerLetter,
    "release_notice": ReleaseNotice,
    "notice_to_person": NoticeToPerson,
    "proof_of_service": ProofOfService,
    "consent_form": ConsentForm,
    "hold_log": HoldLog,
    "hand_over_record": HandOverRecord,
    "reconciliation_sheet": ReconciliationSheet,
    "print_packet": PrintPacket,
    "cover_sheet": CoverSheet,
}
