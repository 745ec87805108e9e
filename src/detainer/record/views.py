"""What the events of a stream add up to: a request, a stay, a file."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from detainer.record import lifecycle
from detainer.record.account import denied, unconfirmed
from detainer.record.chasing import Chase, chase
from detainer.record.event import Event
from detainer.record.outcome import Disposition, Outcome, disposition_in_leg, of_standing
from detainer.record.said import AnswerSaid, Ask, Basis, Choice, Form
from detainer.record.standing import first, is_of_release, last, standing


class View(BaseModel):
    """Frozen, like the events that it is made from."""

    model_config = ConfigDict(frozen=True)


class Proposal(View):
    """A decision against the law's answer that waits for a second person."""

    event: UUID
    choice: Choice
    reason: str
    by_user: UUID | None


class AskView(View):
    """One part of a request: the law's answer, the decision, and what became of it."""

    ask: Ask
    answer: AnswerSaid | None = None
    choice: Choice | None = None
    reason: str | None = None
    decided: str | None = None
    against_answer: bool = False
    decided_by: UUID | None = None
    second_person: UUID | None = None
    proposal: Proposal | None = None
    disposition: Disposition = "open"


class RequestView(View):
    """A request as its events tell it. Times are EDTF texts as said; ids name rows elsewhere."""

    id: UUID
    version: int
    state: str
    outcome: Outcome
    person: UUID
    requester: UUID
    custodian: UUID
    facility: str
    form: Form
    basis: Basis
    requester_unit: str
    reference: str | None
    contact: str | None
    replaces: UUID | None
    form_edition: str | None = None
    prepared_on: str | None = None
    issuing_office: str | None = None
    relay_requested: bool | None = None
    notify_events_requested: bool | None = None
    upon_conviction: bool | None = None
    cancels_prepared_on: str | None = None
    lodged: str
    asks: tuple[AskView, ...]
    facts: dict[str, Any]
    answered_on: str | None = None
    delivered: str | None = None
    acknowledged: str | None = None
    acknowledged_by: UUID | None = None
    stay: UUID | None = None
    booking_number: str | None = None
    estimated_release: str | None = None
    latest_charge: str | None = None
    latest_charge_on: str | None = None
    served: str | None = None
    notices: tuple[UUID, ...] = ()
    notices_received: tuple[UUID, ...] = ()
    release_notice: UUID | None = None
    will_come: bool | None = None
    hold_started: str | None = None
    hold_ended: str | None = None
    cancelled: UUID | None = None
    cancel_received: bool = False
    contests_open: tuple[UUID, ...] = ()
    grounds_open: tuple[str, ...] = ()
    contests_upheld: tuple[UUID, ...] = ()
    legs: tuple[UUID, ...] = ()
    chase: Chase = Chase()
    unconfirmed: tuple[UUID, ...] = ()
    denied: tuple[UUID, ...] = ()

    @property
    def is_live(self) -> bool:
        """True while something may still be done about it."""
        return self.state in lifecycle.LIVE

    @property
    def is_holding(self) -> bool:
        """True while the person is held past the moment of release: even after a cancellation, until the hold is ended."""
        return self.hold_started is not None and self.hold_ended is None and self.state in (*lifecycle.LIVE, "cancelled")

    @property
    def undecided(self) -> tuple[Ask, ...]:
        """The asks that nobody has decided."""
        return tuple(ask.ask for ask in self.asks if ask.choice is None)


class StayView(View):
    """A custody episode as its events tell it."""

    id: UUID
    version: int
    state: str
    person: UUID | None = None
    facility: str | None = None
    booking_number: str | None = None
    began: str
    charges: tuple[dict[str, Any], ...] = ()
    release_planned: str | None = None
    release_due: str | None = None
    release_cause: str | None = None
    away: Literal["hospital", "court"] | None = None
    ended: str | None = None
    unconfirmed: tuple[UUID, ...] = ()
    denied: tuple[UUID, ...] = ()

    @property
    def in_custody(self) -> bool:
        """True while the custodian has the person."""
        return self.state in lifecycle.IN_CUSTODY


class FileView(View):
    """A requester's history of a person as its events tell it."""

    id: UUID
    version: int
    state: str
    person: UUID | None = None
    last_kind: str
    last_occurred: str
    unconfirmed: tuple[UUID, ...] = ()
    denied: tuple[UUID, ...] = ()


def request(events: Sequence[Event]) -> RequestView:
    """Return the request that these events (in order of version) add up to. Raises ValueError when they are not one's."""
    state, told, leg = standing("request", events)
    if not told:
        raise ValueError("a request begins with [lodged]")
    outcome = of_standing(told)
    return RequestView(
        id=told[0].stream,
        version=events[-1].version,
        state=state,
        outcome=outcome,
        **_lodged(told[0]),
        **_custody(leg),
        asks=tuple(_ask(ask, leg, outcome, is_live=state in lifecycle.LIVE) for ask in told[0].data["asks"]),
        **_messages(told, leg),
        **_contests(told),
        chase=chase(told, leg),
        legs=tuple(event.data["custodian"] for event in told if event.kind in ("lodged", "relayed")),
        unconfirmed=unconfirmed(told),
        denied=denied(told),
    )


# What a view takes over from the payload as it was said; what was not said is left to the view.
_AS_LODGED: Final = (
    *("person", "form", "form_edition", "basis", "requester_unit", "prepared_on", "reference", "issuing_office", "contact"),
    *("relay_requested", "notify_events_requested", "upon_conviction", "replaces", "cancels_prepared_on"),
)


def _lodged(lodged: Event) -> dict[str, Any]:
    said = {"requester_unit": "civil_enforcement", "reference": None, "contact": None, "replaces": None}
    said.update({key: lodged.data[key] for key in _AS_LODGED if key in lodged.data})
    return {**said, "requester": lodged.by_agency, "lodged": lodged.occurred}


def _custody(leg: Sequence[Event]) -> dict[str, Any]:
    """Return what the custodian who has the request now knows of it and of the person's custody."""
    custodian = leg[0].data["custodian"]
    delivered = (event.occurred for event in leg if event.kind == "delivered" and str(event.data["to"]) == str(custodian))
    acknowledged = first(leg, "acknowledged")
    answered = last(leg, "answered")
    acknowledgements = [event for event in leg if event.kind == "acknowledged"]
    returned = ("stay", "booking_number", "estimated_release", "latest_charge", "latest_charge_on")
    return {
        "custodian": custodian,
        "facility": leg[0].data["facility"],
        "delivered": next(delivered, None),
        "acknowledged": acknowledged.occurred if acknowledged else None,
        "acknowledged_by": acknowledged.by_user if acknowledged else None,
        "facts": answered.data["facts"] if answered else {},
        "answered_on": answered.data["on"] if answered else None,
        "hold_started": _occurred(leg, "hold_started"),
        "hold_ended": _occurred(leg, "hold_ended"),
        **{key: _last_said(acknowledgements, key) for key in returned},
    }


def _messages(told: Sequence[Event], leg: Sequence[Event]) -> dict[str, Any]:
    """Return what went to and fro. The copy that was served stays served when the request goes on to another custodian."""
    cancelled = last(told, "cancelled")
    received = [event.data["cancel"] for event in told if event.kind == "cancel_received"]
    release_notices = [event.id for event in leg if event.kind == "notice_given" and is_of_release(event)]
    replies = [event for event in leg if event.kind == "notice_received"]
    return {
        "served": _occurred(told, "served"),
        "notices": tuple(event.id for event in told if event.kind == "notice_given"),
        "notices_received": tuple(event.data["notice"] for event in told if event.kind == "notice_received"),
        "release_notice": release_notices[-1] if release_notices else None,
        "will_come": _last_said(replies, "will_come"),
        "cancelled": cancelled.id if cancelled else None,
        "cancel_received": cancelled is not None and str(cancelled.id) in map(str, received),
    }


def _contests(told: Sequence[Event]) -> dict[str, Any]:
    """Return the claims that wait for an answer, and those that were upheld."""
    results = {str(event.data["contest"]): event.data["result"] for event in told if event.kind == "contest_answered"}
    contests = [(event, results.get(str(event.id), "still_checking")) for event in told if event.kind == "contested"]
    return {
        "contests_open": tuple(contest.id for contest, result in contests if result == "still_checking"),
        "grounds_open": tuple(contest.data["ground"] for contest, result in contests if result == "still_checking"),
        "contests_upheld": tuple(contest.id for contest, result in contests if result == "upheld"),
    }


def _ask(ask: Ask, leg: Sequence[Event], outcome: Outcome, *, is_live: bool) -> AskView:
    """Return one ask: its last answer and decision by the custodian who now has the request, and its proposal if one waits."""
    answered = _last_about(leg, "answered", lambda data: ask in data["answers"])
    decided = _last_about(leg, "decided", lambda data: data["ask"] == ask)
    proposed = _last_about(leg, "decision_proposed", lambda data: data["ask"] == ask)
    waits = proposed is not None and is_live and (decided is None or decided.version < proposed.version)
    decision = decided.data if decided else {}
    return AskView(
        ask=ask,
        answer=answered.data["answers"][ask] if answered else None,
        choice=decision.get("choice"),
        reason=decision.get("reason"),
        decided=decided.occurred if decided else None,
        against_answer=decision.get("against_answer", False),
        decided_by=decided.by_user if decided else None,
        second_person=decision.get("second_person"),
        proposal=_proposal(proposed) if proposed and waits else None,
        disposition=disposition_in_leg(ask, leg, outcome),
    )


def _proposal(proposed: Event) -> Proposal:
    return Proposal(event=proposed.id, choice=proposed.data["choice"], reason=proposed.data["reason"], by_user=proposed.by_user)


_STAY_ENDS = ("released", "transferred", "died", "escaped")


def stay(events: Sequence[Event]) -> StayView:
    """Return the stay that these events (in order of version) add up to. Raises ValueError for none."""
    state, told, _ = standing("stay", events)
    if not told:
        raise ValueError("a stay begins with [arrested] or [booked]")
    planned, due = last(told, "release_planned"), last(told, "release_due")
    moved = last(told, "moved")
    ended = next((event for event in reversed(told) if event.kind in _STAY_ENDS), None)
    is_away = moved is not None and moved.data["to"] in ("hospital", "court") and state in lifecycle.IN_CUSTODY
    return StayView(
        id=told[0].stream,
        version=events[-1].version,
        state=state,
        person=_last_said(told, "person"),
        facility=_last_said(told, "facility"),
        booking_number=_last_said(told, "booking_number"),
        began=told[0].occurred,
        charges=_charges(told),
        release_planned=planned.data["at"] if planned else None,
        release_due=due.occurred if due else None,
        release_cause=due.data["cause"] if due else None,
        away=moved.data["to"] if moved and is_away else None,
        ended=ended.occurred if ended and state not in lifecycle.IN_CUSTODY else None,
        unconfirmed=unconfirmed(told),
        denied=denied(told),
    )


def _charges(told: Sequence[Event]) -> tuple[dict[str, Any], ...]:
    """Return the charges as last booked; before that, the offences that the arrest named."""
    charged, arrested = last(told, "charged"), last(told, "arrested")
    if charged:
        return tuple(charged.data["charges"])
    return tuple({"offence": offence} for offence in arrested.data.get("charges", ())) if arrested else ()


def file(events: Sequence[Event]) -> FileView:
    """Return the file that these events (in order of version) add up to. Raises ValueError for none."""
    state, told, _ = standing("file", events)
    if not told:
        raise ValueError("a file begins with an event")
    return FileView(
        id=told[0].stream,
        version=events[-1].version,
        state=state,
        person=_last_said(told, "person"),
        last_kind=told[-1].kind,
        last_occurred=told[-1].occurred,
        unconfirmed=unconfirmed(told),
        denied=denied(told),
    )


def _occurred(events: Sequence[Event], kind: str) -> str | None:
    event = last(events, kind)
    return event.occurred if event else None


def _last_about(events: Sequence[Event], kind: str, is_about: Callable[[dict[str, Any]], bool]) -> Event | None:
    return next((event for event in reversed(events) if event.kind == kind and is_about(event.data)), None)


def _last_said(events: Sequence[Event], key: str) -> Any:
    return next((event.data[key] for event in reversed(events) if event.data.get(key) is not None), None)
